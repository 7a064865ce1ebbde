"""The interface is complete in every language that claims to be.

`makemessages` in `make check` finds the other fault, drift.
"""

import ast
import gettext

import pytest

from config.languages import BY_CODE, INTERFACE
from config.settings.base import ROOT
from core.languages import catalogues

HEADER = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
)
WHOLE = (
    HEADER + 'msgid "Search"\nmsgstr "Suche"\n\nmsgid "%(n)d page"\nmsgid_plural "%(n)d pages"\n'
    'msgstr[0] "%(n)d Seite"\nmsgstr[1] "%(n)d Seiten"\n'
)


@pytest.fixture
def specimen(tmp_path):
    def write(text, code="de"):
        file = catalogues.catalogue_path(code, tmp_path)
        file.parent.mkdir(parents=True)
        file.write_text(text, encoding="utf-8")
        return tmp_path

    return write


complete = pytest.mark.parametrize("code", INTERFACE[1:])


class TestCatalogues:
    @complete
    def test_are_whole(self, code):
        gaps = catalogues.gaps(code)

        assert not gaps, (code, gaps)

    def test_that_are_whole_are_used(self):
        """A language with a complete catalogue that is missing from `INTERFACE` would be kept from everyone."""
        assert {code for code in BY_CODE if not catalogues.gaps(code)} == set(INTERFACE)

    @complete
    def test_are_compiled_for_gettext(self, code):
        with catalogues.catalogue_path(code).with_suffix(".mo").open("rb") as file:
            assert gettext.GNUTranslations(file).gettext("Search") != "Search"


class TestDetector:
    """The detector finds each fault that a catalogue can have, and passes a good one."""

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            (WHOLE, {}),
            (WHOLE + '\n#~ msgid "Old"\n#~ msgstr ""\n', {}),
            (HEADER, {"absent": True}),
            (HEADER + 'msgid "Search"\nmsgstr ""\n', {"missing": ("Search",)}),
            (WHOLE.replace('"%(n)d Seiten"', '""'), {"missing": ("%(n)d page",)}),
            (WHOLE.replace('msgid "Search"', '#, fuzzy\nmsgid "Search"'), {"fuzzy": ("Search",)}),
            ("#, fuzzy\n" + WHOLE, {"fuzzy_header": True}),
            ("<html>\n", {"unreadable": True}),
        ],
        ids=["whole", "obsolete", "empty", "text", "plural", "fuzzy", "header", "unreadable"],
    )
    def test_finds_the_faults_and_nothing_else(self, specimen, text, found):
        assert catalogues.gaps("de", specimen(text)) == catalogues.Gaps(**found)

    def test_misses_a_catalogue_but_that_of_the_source(self, tmp_path):
        assert catalogues.gaps("de", tmp_path).absent
        assert not catalogues.gaps("en", tmp_path)

    def test_finds_a_catalogue_in_another_encoding(self, tmp_path):
        file = catalogues.catalogue_path("de", tmp_path)
        file.parent.mkdir(parents=True)
        file.write_bytes(WHOLE.replace("Suche", "Gesprächè").encode("latin-1"))

        assert catalogues.gaps("de", tmp_path)

    def test_looks_where_gettext_keeps_a_regional_language(self, tmp_path):
        assert catalogues.catalogue_path("pt-br", tmp_path) == tmp_path / "pt_BR" / "LC_MESSAGES" / "django.po"


ROOTS = ("site", "campaigns", "network", "helpline")


def filled_in_when_loaded(code: str) -> list[int]:
    """Return the lines that translate a lazy text when their module is loaded: in English, for every user."""
    tree = ast.parse(code)
    lazy = {
        name.asname or name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for name in node.names
        if name.name.endswith("_lazy")
    }
    found: list[int] = []

    def look(node: ast.AST) -> None:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            return
        waits = node.left if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) else None
        if isinstance(waits, ast.Call) and isinstance(waits.func, ast.Name) and waits.func.id in lazy:
            found.append(node.lineno)
        for child in ast.iter_child_nodes(node):
            look(child)

    look(tree)
    return found


class TestLazyTexts:
    def test_are_filled_in_when_they_are_read(self):
        files = [file for root in ROOTS for file in (ROOT / root).rglob("*.py")]

        found = {str(file.relative_to(ROOT)): filled_in_when_loaded(file.read_text()) for file in files}

        assert len(found) > 500
        assert {name: lines for name, lines in found.items() if lines} == {}

    def test_would_be_found(self):
        begins = "from django.utils.translation import gettext_lazy as _\n"

        assert filled_in_when_loaded(begins + 'LABEL = _("%(n)d pages") % {"n": 3}\n') == [2]
        assert filled_in_when_loaded(begins + 'def label():\n    return _("%(n)d pages") % {"n": 3}\n') == []
