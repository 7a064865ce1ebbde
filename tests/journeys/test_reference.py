"""Thirteen pages of the demonstration look as they did: at three widths, in light, in dark and in Arabic.

Each page in `references/pages.toml` has a sheet of nine pictures beside it, each a sixteenth as wide and as high as
the first screens: small enough to keep, and blind to what no person would notice.
They are compared block by block.
Letters come from the font packages of the project, so that every machine sets the same lines.
Edges and colours still differ between builds of the browser: the references are compared only with the build that
made them (`references/browser.txt`), and skipped elsewhere.
The proofs of the comparison draw both sides themselves.

After a change of the look, look at the pages, then write the references again and commit them:

    WAYMARK_WRITE_REFERENCES=1 pytest -p no:xdist tests/journeys/test_reference.py

A difference is shown in `var/references/`: as it was, as it is, and what differs.
"""

import io
import os
import tomllib
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import fontpkg_ibm_plex_sans
import fontpkg_ibm_plex_sans_arabic
import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Page

from config.settings.base import VAR
from tests.support.browser import build

pytestmark = [pytest.mark.browser, pytest.mark.demonstration]

FOLDER = Path(__file__).with_name("references")
BUILD = FOLDER / "browser.txt"
PAGES = tomllib.loads((FOLDER / "pages.toml").read_text())["page"]
WRITES = os.environ.get("WAYMARK_WRITE_REFERENCES") == "1"
SHOWN = VAR / "references"
WIDTHS, HEIGHT = (390, 1280, 1600), 1600
MODES = {"light": ("en", "light"), "dark": ("en", "dark"), "arabic": ("ar", "light")}
BLOCK = 16  # pixels
STEP = 8  # of 256: fewer colours are fewer bytes
# A block differs if one of its colours differs by more than this, of 256.
# A picture differs if more than so many blocks do: a button has twenty.
TOLERANCE, MOST = 20, 8

FONTS = {
    "Sans": Path(fontpkg_ibm_plex_sans.__file__).parent / "files" / "IBMPlexSans[wdth,wght].ttf",
    "Arabic": Path(fontpkg_ibm_plex_sans_arabic.__file__).parent / "files" / "IBMPlexSansArabic-Regular.ttf",
}
# Only the fonts of the packages; nothing moves, no caret blinks, and dates, which change daily, are left out.
STYLE = "".join(
    f'@font-face {{ font-family: "Reference {name}"; src: url("/reference/{name}.ttf"); font-weight: 100 900; }}'
    for name in FONTS
) + (
    ':root, :lang(ar) { --font: "Reference Sans", "Reference Arabic"; --display: var(--font); }'
    ".home-news { display: none; } time { display: none; }"
    "*, ::before, ::after { transition: none !important; animation: none !important; caret-color: transparent "
    "!important; }"
)  # fmt: skip
# Letters and the pictures on the first screens are there.
READY = """() => Promise.all([document.fonts.ready, ...[...document.images]
    .filter((each) => each.getBoundingClientRect().top < innerHeight)
    .map((each) => each.complete || new Promise((done) => { each.onload = each.onerror = done; }))])"""


def small(png: bytes) -> Image.Image:
    """Return the picture of a page with one pixel for each block, in few colours."""
    whole = Image.open(io.BytesIO(png)).convert("RGB")
    return posterised(whole.resize((whole.width // BLOCK, whole.height // BLOCK), Image.Resampling.BOX))


def posterised(picture: Image.Image) -> Image.Image:
    return picture.point(lambda value: min(255, (value + STEP // 2) // STEP * STEP))


def differs(old: Image.Image, new: Image.Image) -> bool:
    return sum(marked(old, new).histogram()[1:]) > MOST


def marked(old: Image.Image, new: Image.Image) -> Image.Image:
    """Return the blocks that differ, in white."""
    red, green, blue = ImageChops.difference(old, new).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return most.point(lambda value: 255 if value > TOLERANCE else 0)


class Sheet:
    """The nine pictures of a page, a row for each mode and a column for each width."""

    PLACES = tuple(product(MODES, WIDTHS))
    SIZE = (sum(WIDTHS) // BLOCK + len(WIDTHS), HEIGHT // BLOCK * len(MODES))

    def __init__(self, picture: Image.Image | None = None) -> None:
        self.picture = picture or Image.new("RGB", self.SIZE)

    def box(self, mode: str, width: int) -> tuple[int, int, int, int]:
        left = sum(each // BLOCK for each in WIDTHS[: WIDTHS.index(width)])
        top = list(MODES).index(mode) * (HEIGHT // BLOCK)
        return left, top, left + width // BLOCK, top + HEIGHT // BLOCK

    def get(self, mode: str, width: int) -> Image.Image:
        return self.picture.crop(self.box(mode, width))

    def put(self, mode: str, width: int, picture: Image.Image) -> None:
        self.picture.paste(picture, self.box(mode, width))


def pictures(
    page: Page, address: str, path: str | None, modes: dict[str, Any] = MODES, more: str = ""
) -> Iterator[Any]:
    """Yield mode, width and small picture of each look of a page; without a path, of the language choice."""
    page.route("**/reference/*.ttf", lambda route: route.fulfill(path=FONTS[Path(route.request.url).stem]))
    page.route("**/*.js", lambda route: route.abort())  # who is open now changes by the hour
    shown = ""
    for mode, (code, scheme) in modes.items():
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        if shown != code:
            page.goto(f"{address}/" if path is None else f"{address}/{code}/{path}")
            page.add_style_tag(content=STYLE + more)
            shown = code
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            page.evaluate(READY)
            yield mode, width, small(page.screenshot(type="jpeg", quality=95))


def show(name: str, old: Image.Image, new: Image.Image) -> Path:
    """Keep a picture for people: as it was, as it is, and what differs."""
    three = [old, new, marked(old, new).convert("RGB")]
    beside = Image.new("RGB", (sum(each.width + 1 for each in three), old.height), "magenta")
    for number, each in enumerate(three):
        beside.paste(each, (number * (old.width + 1), 0))
    SHOWN.mkdir(parents=True, exist_ok=True)
    file = SHOWN / f"{name}.png"
    beside.resize((beside.width * 4, beside.height * 4), Image.Resampling.NEAREST).save(file)
    return file


class TestEveryPage:
    @pytest.mark.parametrize("place", PAGES, ids=lambda place: place["name"])
    def test_looks_as_it_did(self, demonstration, open_page, place):
        file = FOLDER / f"{place['name']}.webp"
        page = open_page(bypass_csp=True)
        made_with = BUILD.read_text(encoding="utf-8").strip()
        if not WRITES and build(page) != made_with:
            pytest.skip(f"{made_with}, which made the references, is not installed")
        made = Sheet()
        for mode, width, picture in pictures(page, demonstration.public_url, place.get("path")):
            made.put(mode, width, picture)
        if WRITES:
            made.picture.save(file, lossless=True, quality=100, method=6)
            BUILD.write_text(f"{build(page)}\n", encoding="utf-8")
            return
        kept = Sheet(Image.open(file).convert("RGB"))
        differences = {
            (mode, width): str(show(f"{place['name']}-{mode}-{width}", old, new))
            for mode, width in Sheet.PLACES
            if differs(old := kept.get(mode, width), new := made.get(mode, width))
        }

        assert differences == {}


class TestTheComparison:
    # Changes of a page, and whether a person would see them.
    FAULTS = {
        "": False,
        ":root { --action: #6f181e; }": True,  # one button
        ":root { --paper: #fff1e0; }": True,
        ".page-head { margin-block-start: 24px; }": True,
        "main p { padding-inline-start: 24px; }": True,
        "h1 { color: #17292b; }": False,
    }

    def test_finds_the_changes_that_a_person_would(self, demonstration, open_page):
        page = open_page(bypass_csp=True)

        def drawn(more: str = "") -> list[Image.Image]:
            modes = {"light": MODES["light"]}
            return [picture for *_look, picture in pictures(page, demonstration.public_url, "about/", modes, more)]

        before = drawn()
        seen = {fault: [differs(*pair) for pair in zip(before, drawn(fault), strict=True)] for fault in self.FAULTS}

        assert seen == {fault: [is_seen] * len(WIDTHS) for fault, is_seen in self.FAULTS.items()}

    def test_keeps_little(self):
        sizes = {file.name: file.stat().st_size for file in FOLDER.glob("*.webp")}

        assert sum(sizes.values()) <= 300_000
        assert set(sizes) == {f"{place['name']}.webp" for place in PAGES}
