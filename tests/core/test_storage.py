import re
import shutil

import brotli
import pytest
from django.conf import settings
from django.core.management import call_command

from core.assets.storage import JoinError, StaticStorage, join_script, join_styles


def joined(files, name="css/site.css"):
    return join_styles(name, files.__getitem__)


class TestJoinStyles:
    def test_puts_each_import_in_its_layer_in_the_order_of_the_list(self):
        text, parts = joined(
            {
                "css/site.css": (
                    '@layer a, b;\n@import url("one.css") layer(b);\n@import url("two/three.css") layer(a);\n'
                    '@import url("four.css") layer(a);\n@import url("five.css") layer(b);\n'
                    ".end { color: red; }\n"
                ),
                "css/one.css": ".one {\n  margin: 0;\n}\n",
                "css/two/three.css": ".three {}",
                "css/four.css": ".four {}",
                "css/five.css": ".five {}",
            }
        )

        assert text == "@layer a,b;@layer b{.one{margin:0}}@layer a{.three{}.four{}}@layer b{.five{}}.end{color:red}"
        assert parts == ["css/one.css", "css/two/three.css", "css/four.css", "css/five.css"]

    def test_leaves_comments_out_and_strings_alone(self):
        text, _ = joined({"css/site.css": '/* a "comment" */ p::before { content: "/* no\\" comment */"; } /* end */'})

        assert text == 'p::before{content:"/* no\\" comment */"}'

    @pytest.mark.parametrize(
        "css",
        [
            "a :hover{b:c}",
            "a:not(.b) :is(c,d)>e{f:g}",
            "@media (min-width:1rem) and (x){a{b:calc(1px + (2px - 3px))}}",
            "a{b:-1px -2px}",
        ],
    )
    def test_keeps_the_white_space_that_means_something(self, css):
        assert joined({"css/site.css": css})[0] == css

    def test_leaves_addresses_alone_that_lead_to_the_same_file_from_anywhere(self):
        text, _ = joined(
            {
                "css/site.css": '@import url("parts/one.css") layer(a);',
                "css/parts/one.css": "a { background: url(/static/a.png); mask: url('#m'); src: url(data:x); }",
            }
        )

        assert text == "@layer a{a{background:url(/static/a.png);mask:url('#m');src:url(data:x)}}"

    @pytest.mark.parametrize(
        ("files", "message"),
        [
            (
                {"css/site.css": '@import url("gone.css") layer(a);'},
                "css/site.css imports css/gone.css, which does not exist",
            ),
            (
                {"css/site.css": '@import url("site.css") layer(a);'},
                "css/site.css: only css/site.css may import",
            ),
            (
                {
                    "css/site.css": '@import url("a.css") layer(a);',
                    "css/a.css": '@import url("b.css") layer(b);',
                },
                "css/a.css: only css/site.css may import",
            ),
            (
                {"css/site.css": '@import url("b/a.css") layer(a);', "css/b/a.css": "a{b:url(c.png)}"},
                "css/b/a.css: .* a URL in a part must begin with a slash",
            ),
            (
                {"css/site.css": 'p {} @import url("a.css") layer(a);', "css/a.css": ""},
                "has an @import that is not first",
            ),
            ({"css/site.css": '@import "a.css";', "css/a.css": ""}, "has an @import that is not first"),
            (
                {"css/site.css": '@import url("a.css") print;', "css/a.css": ""},
                "has an @import that is not first",
            ),
        ],
    )
    def test_refuses_what_it_would_change_the_meaning_of(self, files, message):
        with pytest.raises(JoinError, match=message.replace("(", r"\(")):
            joined(files)


class TestJoinScript:
    def test_puts_each_module_in_a_separate_block(self):
        text, parts = join_script(
            "js/site.js",
            {
                "js/site.js": '// why\nimport "./a.js";\nimport "./b/c.js"; // d\n',
                "js/a.js": "// why\nconst x = `a // b`;\n",
                "js/b/c.js": "const x = 2;",
            }.__getitem__,
        )  # fmt: skip

        assert text == "{const x=`a // b`;}\n{const x=2;}\n"
        assert parts == ["js/a.js", "js/b/c.js"]

    @pytest.mark.parametrize("code", ['import { a } from "./b.js";', "export const a = 1;", 'import "./b.js";'])
    def test_refuses_a_module_that_needs_another(self, code):
        with pytest.raises(JoinError, match=r"js/a\.js"):
            join_script("js/site.js", {"js/site.js": 'import "./a.js";', "js/a.js": code}.__getitem__)

    def test_refuses_a_module_that_is_not_there(self):
        with pytest.raises(JoinError, match=r"js/site\.js imports js/gone\.js, which does not exist"):
            join_script("js/site.js", {"js/site.js": 'import "./gone.js";'}.__getitem__)


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """Return the project's static files after `collectstatic`, without those of other packages."""
    from django.test import override_settings

    folder = tmp_path_factory.mktemp("static")
    with override_settings(
        STATIC_ROOT=folder,
        STATICFILES_FINDERS=[
            "django.contrib.staticfiles.finders.FileSystemFinder",
            "core.assets.generated_files.FontFinder",
        ],
        STORAGES={**settings.STORAGES, "staticfiles": {"BACKEND": "core.assets.storage.StaticStorage"}},
    ):
        call_command("collectstatic", interactive=False, verbosity=0)
        yield folder


class TestStaticStorage:
    def test_makes_one_style_sheet_and_one_script_of_all(self, collected):
        hashed = [
            path.name for path in collected.rglob("*") if path.name.count(".") == 2 and path.suffix in {".css", ".js"}
        ]

        assert sorted(name.split(".")[0] for name in hashed if name.startswith("site.")) == ["site", "site"]
        assert not any(name.startswith(("tokens.", "exit.", "base.")) for name in hashed)

    def test_joins_what_only_the_admin_needs_into_another(self, collected):
        [sheet] = collected.glob("css/private.*[0-9a-f].css")

        assert sheet.read_text().startswith("@layer components{.area-menu{")

    def test_keeps_the_order_of_the_layers(self, collected):
        [sheet] = collected.glob("css/site.*[0-9a-f].css")
        text = sheet.read_text()

        assert text.startswith("@layer reset,tokens,base,layout,components,utilities;@layer reset{")
        assert "@import" not in text

    def test_compresses_both_ways_what_every_reader_loads(self, collected):
        for pattern in ("css/site.*[0-9a-f].css", "js/site.*[0-9a-f].js"):
            [file] = collected.glob(pattern)

            assert brotli.decompress(file.with_suffix(file.suffix + ".br").read_bytes()) == file.read_bytes()
            assert file.with_suffix(file.suffix + ".gz").exists()

    def test_stays_within_what_a_first_view_may_take(self, collected):
        # A first view may take 14 kB: the rest after these files is for the text.
        # The finder's rules, per country and language, count separately, with those of two situations and the choice
        # of all countries. The number of services in words took 40 bytes.
        def sheet(name):
            [file] = collected.glob(f"css/{name}.*[0-9a-f].css")
            return len(brotli.compress(file.read_bytes()))

        [script] = collected.glob("js/site.*[0-9a-f].js.br")
        icon = collected / "icons" / "favicon.svg"
        parts = settings.ROOT / "site" / "static" / "css"
        generated = parts / "components" / "finder-choices.css"
        choices = "".join(line for line in generated.read_text().splitlines() if line.startswith(".finder-"))
        rules = len(brotli.compress(choices.encode()))

        assert rules <= 1900
        assert sheet("site") + sheet("help") - rules <= 6990
        assert sheet("site") + sheet("pages") <= 7800
        assert sheet("site") + sheet("pages") + sheet("home") <= 9000
        # With the services whose hours are not known, below those that are open, and numbers in words (80 bytes).
        assert script.stat().st_size <= 2180
        assert icon.stat().st_size <= 600

    def test_shows_a_page_without_a_file_rather_than_no_page(self, collected):
        assert StaticStorage(location=collected).stored_name("icons/gone.png") == "icons/gone.png"

    def test_takes_up_what_another_process_has_collected(self, collected, tmp_path):
        storage = StaticStorage(location=tmp_path / "static")
        shutil.copytree(collected, storage.location)
        storage.read_again()

        assert re.fullmatch(r"css/site\.[0-9a-f]{12}\.css", storage.stored_name("css/site.css"))
