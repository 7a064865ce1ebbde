"""Conventions of templates and style sheets.

Each detector must also detect a bad specimen.
"""

import re
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import engines

from core.assets.storage import STYLES

APPS = ("campaigns", "helpline", "network", "site")
TOKENS = {"tokens.css", "hues.css", "admin.css"}
# Sheets that keep their own lengths: the scheme of Wagtail's admin, fonts, and what is written by a program.
MEASURED = {*TOKENS, "fonts.css"}
# These show the page itself, so they use the layout's context; all other components use only their arguments.
OPEN = {"header.html", "private_header.html", "footer.html"}
# Mail programs do not load the site's style sheets.
MAIL = re.compile(r"/(mail|email)/")


def sources(pattern: str) -> list[Path]:
    found = chain.from_iterable((settings.ROOT / app).rglob(pattern) for app in APPS)
    return sorted(path for path in found if not MAIL.search(path.as_posix()))


def faults(detector: Callable[[str], Iterable[str]], paths: Iterable[Path]) -> list[str]:
    return [f"{path.relative_to(settings.ROOT)}: {fault}" for path in paths for fault in detector(path.read_text())]


# --- Detectors: from a text to what is wrong with it -----------------------------------------------------------------

COMMENT = re.compile(r"\{%\s*comment.*?%\}.*?\{%\s*endcomment\s*%\}|\{#.*?#\}", re.DOTALL)
SCRIPT = re.compile(r"<script\b(?P<attributes>(?:\{[{%].*?[}%]\}|[^>])*)>", re.DOTALL | re.IGNORECASE)
INLINE = re.compile(r"""<style\b|\sstyle\s*=\s*["'{]|\son[a-z]+\s*=\s*["'{]|["']\s*javascript:""", re.IGNORECASE)


def inline_code(text: str) -> list[str]:
    """Return inline styles and scripts, which the content security policies of both sites block."""
    text = COMMENT.sub("", text)
    scripts = [
        match[0]
        for match in SCRIPT.finditer(text)
        if "src=" not in match["attributes"] and "application/json" not in match["attributes"]
    ]
    return scripts + [match[0].strip() for match in INLINE.finditer(text)]


def unnamed_endblocks(text: str) -> list[str]:
    """Return the blocks that end without their name.

    Blocks on one line are left out, because djade removes the name there.
    """
    faults, opened = [], []
    for number, line in enumerate(COMMENT.sub(lambda match: "\n" * match[0].count("\n"), text).splitlines(), 1):
        for tag in re.finditer(r"\{%\s*(?P<tag>block|endblock)\b\s*(?P<name>\w*)\s*%\}", line):
            if tag["tag"] == "block":
                opened.append((tag["name"], number))
            else:
                name, began = opened.pop()
                if began != number and tag["name"] != name:
                    faults.append(f"line {number}: {name}")
    return faults


def open_includes(text: str) -> list[str]:
    """Return the components that are included with the whole context of the page."""
    found = re.finditer(r"""\{%\s*include\s+["']components/(?P<name>[\w.]+)[^%]*%\}""", COMMENT.sub("", text))
    return [match[0] for match in found if match["name"] not in OPEN and not re.search(r"\bonly\s*%\}$", match[0])]


BUTTON = re.compile(
    r"""<(?P<tag>a|button)\b[^>]*\sclass\s*=\s*["'](?P<classes>[^"']*)["'][^>]*>(?P<inside>.*?)</(?P=tag)>""", re.DOTALL
)
ICON = re.compile(r"\{%\s*icon\b[^%]*%\}")


def icons_of_no_size(text: str) -> list[str]:
    """Return the buttons of the admin that show a giant icon, or nothing but an icon.

    Wagtail gives icons a size only in those of the class `button--icon`.
    """
    faults = []
    for match in BUTTON.finditer(COMMENT.sub("", text)):
        classes, inside = match["classes"].split(), match["inside"]
        if "button" not in classes or not ICON.search(inside):
            continue
        if "button--icon" not in classes or not re.sub(r"<[^>]*>", "", ICON.sub("", inside)).strip():
            faults.append(match[0])
    return faults


def missing_static(text: str) -> list[str]:
    names = re.findall(r"""\{%\s*static\s+["']([^"']+)["']""", COMMENT.sub("", text))
    return [name for name in names if finders.find(name) is None]


# Words for screen readers only, and whole messages, whose translators set the colon.
SET_APART = re.compile(
    r"\{%\s*blocktranslate\b.*?\{%\s*endblocktranslate\s*%\}|<span class=\"(?:visually-hidden|w-sr-only)\">.*?</span>",
    re.DOTALL,
)


def fixed_colons(text: str) -> list[str]:
    """Return the colons that a template puts after a word of its own: `{% labelled %}` puts that of the language."""
    return re.findall(r"(?:\}\}|%\}|</\w+>)\s*:(?=\s|<|$)", SET_APART.sub("", COMMENT.sub("", text)))


CSS_COMMENT = re.compile(r"/\*.*?\*/|\"[^\"\n]*\"|'[^'\n]*'", re.DOTALL)
SIDES = "(?:top|right|bottom|left)"
PHYSICAL = re.compile(
    rf"(?<![\w-])(?:(?:margin|padding|scroll-margin|scroll-padding)-{SIDES}|border-{SIDES}(?:-\w+)?"
    rf"|border-(?:top|bottom)-(?:left|right)-radius|{SIDES}|(?:min-|max-)?(?:width|height))\s*:(?![^{{;]*\))"
    r"|(?<![\w-])(?:text-align|float|clear|caption-side)\s*:\s*(?:left|right)\b"
)
NAMES = (
    "aqua|beige|black|blue|brown|coral|crimson|cyan|fuchsia|gold|gr[ae]y|green|indigo|ivory|khaki|lavender|lime"
    "|magenta|maroon"
    "|navy|olive|orange|orchid|pink|plum|purple|red|salmon|sienna|silver|tan|teal|tomato|turquoise|violet|white|yellow"
    "|(?:dark|light|medium|deep|pale)[a-z]+"
)
COLOUR = re.compile(
    rf"#[0-9a-fA-F]{{3,8}}\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color)\(|(?<![\w-])(?:{NAMES})(?![\w(-])"
)
DECLARATION = re.compile(r"(?P<name>(?<![\w-])-{0,2}[a-zA-Z][\w-]*)\s*:\s*(?P<value>[^;{}]+)(?=[;}])")


def physical_properties(text: str) -> list[str]:
    """Return physical sides, which do not follow the direction of reading."""
    return [match[0].strip() for match in PHYSICAL.finditer(CSS_COMMENT.sub("", text))]


def colours(text: str) -> list[str]:
    """Return the colours that dark mode, high contrast and print cannot change."""
    return [match[0] for match in DECLARATION.finditer(CSS_COMMENT.sub("", text)) if COLOUR.search(match["value"])]


def loose_colours(text: str) -> list[str]:
    """Return the colours outside custom properties."""
    return [found for found in colours(text) if not found.startswith("--")]


CONDITION = re.compile(r"@(?:media|supports|container)[^{]*")
# Lines, and what goes with the letters, are no distances: they stay where they are.
LENGTH = re.compile(r"(?<![\w.-])-?(?!(?:[0-3]|0?\.5|1\.5)px)(?:\d+\.?\d*|\.\d+)(?:px|r?em|pt|pc|in|cm|mm|q)\b")
WITH_LETTERS = {"letter-spacing", "text-underline-offset"}


def raw_lengths(text: str) -> list[str]:
    """Return the lengths that are no token, so that no two of them are nearly the same."""
    found = DECLARATION.finditer(CONDITION.sub("", CSS_COMMENT.sub("", text)))
    return [match[0] for match in found if match["name"] not in WITH_LETTERS and LENGTH.search(match["value"])]


# --- The rules ------------------------------------------------------------------------------------------------------


class TestTemplates:
    def test_there_are_templates_to_look_at(self):
        assert len(sources("templates/**/*.html")) > 60

    @pytest.mark.parametrize(
        "detector", [inline_code, unnamed_endblocks, open_includes, icons_of_no_size, missing_static, fixed_colons]
    )
    def test_have_nothing_that_a_detector_finds(self, detector):
        assert faults(detector, sources("templates/**/*.html")) == []

    @pytest.mark.parametrize("path", sources("templates/components/*.html"), ids=lambda path: path.name)
    def test_components_say_what_they_take(self, path):
        [comment] = re.findall(
            r'\{% comment "text/markdown" %\}\n(.+?)\{% endcomment %\}', path.read_text(), re.DOTALL
        ) or [""]
        takes = "takes" in comment.lower()
        uses = re.search(r"\{\{|\{% (?:if|for|with)\b", COMMENT.sub("", path.read_text()))

        assert comment.strip()
        assert takes or not uses

    @pytest.mark.parametrize("path", sources("templates/**/*.html"), ids=str)
    def test_can_be_read(self, path):
        engines["django"].from_string(path.read_text())


class TestStyleSheets:
    def test_turn_with_the_direction_of_reading(self):
        assert faults(physical_properties, sources("static/**/*.css")) == []

    def test_take_their_colours_from_the_tokens(self):
        others = [path for path in sources("static/**/*.css") if path.name not in TOKENS]

        assert faults(colours, others) == []

    def test_of_tokens_have_colours_in_custom_properties_only(self):
        assert faults(loose_colours, [path for path in sources("static/**/*.css") if path.name in TOKENS]) == []

    def test_take_their_lengths_from_the_tokens(self):
        sheets = [path for path in sources("static/css/**/*.css") if path.name not in MEASURED]

        assert faults(raw_lengths, sheets) == []

    def test_are_all_part_of_the_one_sheet_or_of_what_the_private_site_adds(self):
        root = settings.ROOT / "site" / "static"
        named = {
            f"css/{part}" for sheet in STYLES for part in re.findall(r'url\("([^"]+)"\)', (root / sheet).read_text())
        }
        there = {path.relative_to(root).as_posix() for path in root.rglob("css/**/*.css")}

        assert there - named == {*STYLES, "css/admin.css"}


class TestTheDetectors:
    @pytest.mark.parametrize(
        ("detector", "bad"),
        [
            (inline_code, '<p style="color: red">'),
            (inline_code, "<style>p {}</style>"),
            (inline_code, '<a href="#" onclick="go()">'),
            (inline_code, "<script>go()</script>"),
            (inline_code, '<script type="module">go()</script>'),
            (inline_code, '<a href="javascript:go()">'),
            (unnamed_endblocks, "{% block a %}\n{% endblock %}"),
            (unnamed_endblocks, "{% block a %}\n{% block b %}{% endblock %}\n{% endblock b %}"),
            (open_includes, '{% include "components/card.html" with title=title %}'),
            (open_includes, '{% include "components/card.html" %}'),
            (icons_of_no_size, '<a class="button button-small" href="/">{% icon name="download" %} Download</a>'),
            (icons_of_no_size, '<button class="button button--icon" name="do">{% icon name="download" %}</button>'),
            (missing_static, "{% static 'css/gone.css' %}"),
            (fixed_colons, "<p>{{ name }}: {{ value }}</p>"),
            (fixed_colons, '{% translate "Cost" %}: free'),
            (fixed_colons, "<b>{{ name }}</b>:\n  {{ value }}"),
            (physical_properties, "p { margin-left: 1px; }"),
            (physical_properties, "p { padding-top:1px }"),
            (physical_properties, "p { left: 0; }"),
            (physical_properties, "p { max-width: 3rem; }"),
            (physical_properties, "p { border-right-color: inherit; }"),
            (physical_properties, "p { border-top-left-radius: 1px; }"),
            (physical_properties, "p { text-align: left; }"),
            (physical_properties, "p { float: right; }"),
            (colours, "p { color: #fff; }"),
            (colours, "p { color: rgb(1 2 3); }"),
            (colours, "p { border: 1px solid black; }"),
            (colours, "p { background: linear-gradient(white, transparent); }"),
            (colours, "p { color: DarkBlue }".lower()),
            (loose_colours, "p { fill: #abc; }"),
            (raw_lengths, "p { padding: 0 0.625rem; }"),
            (raw_lengths, "p { margin-block-start: calc(var(--space-2) + 1em); }"),
            (raw_lengths, "@media print { p { max-block-size: 7cm; } }"),
            (raw_lengths, "p { grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)) }"),
            (raw_lengths, "p { border-inline-start: 4px solid; }"),
        ],
    )
    def test_see_what_is_wrong(self, detector, bad):
        assert detector(bad)

    @pytest.mark.parametrize(
        ("detector", "good"),
        [
            (inline_code, '<script type="module" src="{% static \'js/site.js\' %}"></script>'),
            (inline_code, '<script type="application/json">{}</script>'),
            (inline_code, '<link rel="stylesheet" href="a.css">{# style="" #}'),
            (unnamed_endblocks, "{% block a %}\n{% block b %}{% endblock %}\n{% endblock a %}"),
            (open_includes, '{% include "components/card.html" with title=title only %}'),
            (open_includes, '{% include "components/header.html" with name=name %}'),
            (icons_of_no_size, '<a class="button button--icon">{% icon name="download" %} {{ text }}</a>'),
            (icons_of_no_size, '<a class="button" href="/">{% symbol "download" %} {{ text }}</a>'),
            (missing_static, "{% static 'css/site.css' %}"),
            (fixed_colons, "{% labelled name %}{{ value }}{% endlabelled %} {% if a %}at 10:30{% endif %}"),
            (
                fixed_colons,
                '{% blocktranslate %}<b>{{ name }}</b>: gone{% endblocktranslate %} {% translate "Cost:" %}',
            ),
            (
                physical_properties,
                "@media (min-width: 40rem) { p { inset-inline-start: 0; max-inline-size: 3rem; } }",
            ),
            (physical_properties, "p { text-align: start; block-size: 1px; } /* left: 0; */"),
            (
                colours,
                "p { color: var(--ink); background: transparent; border: 1px solid currentColor; fill: CanvasText; }",
            ),
            (colours, 'p::before { content: "red"; } .tan:hover { margin: 0; }'),
            (loose_colours, ":root { --paper: light-dark(#fff, #000); }"),
            (
                raw_lengths,
                "@media (width < 40rem) { p { border: 3px solid; gap: 0 var(--space-2); inset: -1.5px } }",
            ),
            (raw_lengths, "p { letter-spacing: 0.1em; block-size: 2lh; inline-size: min(60ch, 100vw - 50%); }"),
        ],
    )
    def test_leave_alone_what_is_right(self, detector, good):
        assert list(detector(good)) == []
