"""Every prerendered address of the demonstration, requested as a visitor would.

The prohibitions for all of them are in tests/promises.
"""

import io
import re
from html import unescape
from urllib.parse import urljoin, urlsplit

import brotli
import pytest
from pypdf import PdfReader

from helpline.exchange.imports.parsed import identifier
from helpline.exchange.open_data import exports
from helpline.finder.sharing import addresses
from helpline.vocabulary.wording import revealing_words

pytestmark = [pytest.mark.browser, pytest.mark.demonstration]

LANGUAGES = ("en", "de", "fr", "ar")
LOADED = re.compile(
    r"<(?:img|script|iframe|source|audio|video|embed|object|track|input)\b[^>]*?\ssrcs?e?t?=\"([^\"]+)\""
)
LINKED = re.compile(r"<link\b[^>]*>")
HREF = re.compile(r"\shref=\"([^\"#]+)")
TITLE = re.compile(r"<title>([^<]*)</title>")
DESCRIPTION = re.compile(r'<meta name="description" content="([^"]*)"')
COLLECTED = re.compile(r"^/static/.+\.[0-9a-f]{12}\.\w+$")
ANCHOR = re.compile(r"<a\b[^>]*?\shref=\"([^\"#]+)")
# Compressed bytes: the page and its styles, which a reader waits for; these and everything else that loads with
# them, but the styles of another kind of page, which come when all is there (docs/decisions/0024-…); the same for
# pages with all listings of a country or the lines of all countries; and the finder, which holds every listing
# (docs/decisions/0019-page-weight-budget-for-the-first-screen.md).
FIRST_VIEW = 14_000
EVERYTHING = 16_650
# More than that: what goes with a country, what is kept about whom, a campaign with its partners, activities, kits
# and outputs, the directory with its choices, the registry, which holds every practice, and the needs and offers.
HEAVIER = {
    r"/[a-z]+/(help|embed)/(be|de|gb|coverage)/": 7_900,
    r"/[a-z]+/(help|embed)/[^/]+/": 5_300,
    r"/[a-z]+/privacy/": 320,
    r"/[a-z]+/campaigns/[^/]+/(?:[^/]+/)?": 2_000,
    r"/[a-z]+/network/": 1_900,
    r"/[a-z]+/network/practices/": 2_500,
    # Forty deadlines, counted from today, and the port of the test take 30 bytes more on one day than on another.
    r"/[a-z]+/network/opportunities/": 2_150,
}
FINDER = 53_500
# Of the document alone, which arrives first.
FIRST_LISTING = 10_500


def loaded(html: str) -> list[str]:
    """Return the files that a browser fetches to show the page: sources, and linked files such as styles and icons."""
    fetched = LOADED.findall(html)
    for tag in LINKED.findall(html):
        if 'media="not all"' in tag:
            continue  # it does not block rendering
        if re.search(r"rel=\"(stylesheet|icon|preload|modulepreload|manifest)", tag):
            fetched += HREF.findall(tag)
    return fetched


def first_screen(finder: bytes) -> int:
    """Return the compressed bytes of the finder up to the emergency number, the country and the kinds of readers."""
    return len(brotli.compress(finder[: finder.index(b'class="finder-urgent crisis"')]))


def first_listing(finder: bytes) -> int:
    """Return the compressed bytes of the finder up to the end of its first listing.

    Browsers request the styles once these bytes begin to arrive.
    """
    return len(brotli.compress(finder[: finder.index(b"</article>")]))


def title_of(html: str) -> str:
    return unescape(TITLE.search(html)[1])


def described(html: str) -> str:
    found = DESCRIPTION.search(html)
    return unescape(found[1]) if found else ""


@pytest.fixture(scope="module")
def pages(_demonstration) -> dict[str, str]:
    """Return every page, by its path, as a visitor gets it.

    There are two thousand, and six tests look at all of them: each is requested once.
    """
    with _demonstration.shared():
        return {path: _demonstration.get(path).text for path in _demonstration.pages()}


class TestEveryAddress:
    def test_links_to_addresses_that_answer(self, demonstration, pages):
        dead, seen = [], {}
        for path, html in pages.items():
            for address in ANCHOR.findall(html):
                target = urlsplit(urljoin(demonstration.public_url + path, address.replace("&amp;", "&")))
                if target.netloc == f"localhost:{demonstration.port}":
                    if target.path not in seen:
                        seen[target.path] = demonstration.get(target.path).status
                    if seen[target.path] != 200:
                        dead.append((path, target.path, seen[target.path]))

        assert dead == []

    def test_loads_styles_and_scripts_as_they_were_collected(self, pages):
        plain = {
            (path, address)
            for path, html in pages.items()
            for address in loaded(html)
            if address.endswith((".css", ".js")) and not COLLECTED.search(address)
        }

        assert plain == set()

    def test_is_light(self, demonstration, pages):
        heavy, weights = [], {}

        def weight(address):
            return len(demonstration.get(address, headers={"Accept-Encoding": "br"}).body)

        for path, html in pages.items():
            if re.search(r"/network/[0-9a-f-]{36}/", path):
                continue  # two hundred of a kind
            styles = others = 0
            for address in dict.fromkeys(loaded(html)):
                if address.startswith(("/pictures/", "/static/illustrations/", "/documents/")):
                    # pictures come after the first view, limited by what the page shows, and films when they are
                    # started
                    continue
                if address not in weights:
                    weights[address] = weight(address)
                if address.endswith(".css"):
                    styles += weights[address]
                else:
                    others += weights[address]
            finder = re.fullmatch(r"/[a-z]+/help/", path)
            most = FINDER - styles - others if finder else min(FIRST_VIEW, EVERYTHING - others) - styles
            most += next((more for pattern, more in HEAVIER.items() if re.fullmatch(pattern, path)), 0)
            # The demonstration compresses fast, a real site as tightly as possible. Padding comes after the content, so
            # it is not counted (tests/helpline/finder/test_sizes.py limits it).
            if weight(path) > most and (size := len(brotli.compress(html.encode()))) > most:
                heavy.append((path, size, most))

        assert heavy == []

    def test_of_a_finder_begins_with_the_content_of_its_first_screen(self, demonstration):
        sizes = {}
        for code in LANGUAGES:
            html = demonstration.get(f"/{code}/help/").body
            styles = [address for address in loaded(html.decode()) if address.endswith(".css")]
            answers = [demonstration.get(each, headers={"Accept-Encoding": "br"}).body for each in styles]
            sizes[code] = first_screen(html) + sum(map(len, answers))

        assert {code: size for code, size in sizes.items() if size > FIRST_VIEW} == {}

    def test_of_a_finder_has_the_first_listing_near_its_beginning(self, demonstration):
        sizes = {code: first_listing(demonstration.get(f"/{code}/help/").body) for code in LANGUAGES}

        assert {code: size for code, size in sizes.items() if size > FIRST_LISTING} == {}


class TestEveryPageOnAList:
    """Titles and descriptions that search engines, tabs and bookmarks show of a page."""

    def test_has_a_title_of_its_own(self, pages):
        titles = {
            path: title_of(html)
            for path, html in pages.items()
            # One neutral title for all of them: a browser's history must not tell which service was read about.
            if not re.match(r"/[a-z]+/help/listing/", path)
        }
        languages = {(path.split("/")[1], title) for path, title in titles.items()}
        # A home page has the name of the site as its title; every other page has more.
        homes = {"/", *(f"/{code}/" for code in LANGUAGES)}

        assert len(titles) > 100
        assert [path for path, title in titles.items() if not title.partition(" · ")[0].strip()] == []
        assert [path for path, title in titles.items() if title == "Waymark" and path not in homes] == []
        assert len(languages) == len(titles)  # no two pages of a language share one

    def test_has_a_unique_description(self, pages):
        said, silent, long = {}, [], {}
        for path, html in pages.items():
            if path == "/" or '<meta name="robots" content="noindex">' in html:
                continue
            description = described(html)
            if not description:
                silent.append(path)
            elif len(description) > 160:
                long[path] = description
            said.setdefault((path.split("/")[1], description), []).append(path)

        assert silent == []
        assert long == {}
        assert [paths for paths in said.values() if len(paths) > 1] == []

    def test_about_help_gives_nothing_away(self, pages):
        # Some browsers keep the description and the picture of a page in their history, and show both on the page
        # of a new tab.
        telling = {}
        for path, html in pages.items():
            if re.match(r"/[a-z]+/(help|embed/[a-z])", path):
                if words := revealing_words(f"{title_of(html)} {described(html)} {path}"):
                    telling[path] = words
                assert "og:" not in html, path
                assert 'rel="manifest"' not in html, path

        assert telling == {}


def asked(demonstration, code: str) -> str:
    """Return what Python prints when it runs this code in the demonstration's environment."""
    return demonstration.manage("shell", "--no-imports", "-c", code).stdout.strip()


class TestThePageTree:
    def test_is_whole(self, demonstration):
        found = asked(demonstration, "from wagtail.models import Page; print(Page.find_problems())")

        assert found == "([], [], [], [], [])"


class TestTheFirstScreenOfAPhone:
    """The reason for a visit is visible without scrolling."""

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_has_the_first_sentence_of_every_guide_near_its_top_and_the_choice_of_country(
        self, demonstration, pages, open_page, language
    ):
        # Countries have two letters: their pages begin with the services there.
        guides = [path for path in pages if re.fullmatch(rf"/{language}/help/(?!coverage)[a-z-]{{3,}}/", path)]
        page = open_page(f"{demonstration.public_url}/{language}/help/", width=360, height=740, scripts=False)
        low = {}
        for guide in guides:
            page.goto(f"{demonstration.public_url}{guide}")
            banner = page.locator(".demo-banner").bounding_box()["height"]  # a real site has none
            sentence, choice = (page.locator(each).first.bounding_box() for each in (".lead", ".at-once select"))
            if sentence["y"] - banner > 360 or choice["y"] + choice["height"] - banner > 740:
                low[guide] = (sentence["y"], choice["y"], banner)

        assert len(guides) > 12
        assert low == {}

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_has_the_way_to_the_materials_of_a_campaign(self, demonstration, open_page, language):
        address = f"{demonstration.public_url}/{language}/campaigns/choose-what-happens-next/"
        page = open_page(address, width=360, height=740, scripts=False)

        to_materials = page.locator("a[href='#materials']").first.bounding_box()
        banner = page.locator(".demo-banner").bounding_box()  # a real site has none

        assert to_materials["y"] + to_materials["height"] - banner["height"] <= 740


class TestTheFinder:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_holds_the_programmes_of_the_starter_data_that_can_be_reached_and_those_that_are_invented(
        self, demonstration, language
    ):
        html = demonstration.get(f"/{language}/help/").text

        assert len(set(re.findall(r'<article[^>]*class="programme"[^>]*data-programme="([^"]+)"', html))) == 72


class TestTheInventedProgrammes:
    @pytest.mark.parametrize(
        ("country", "language", "name"),
        [
            ("gb", "en", "Example helpline"),
            ("de", "de", "Beispiel-Hilfetelefon"),
            ("fr", "fr", "exemple (invented"),
        ],
    )
    def test_are_in_all_open_data(self, demonstration, country, language, name):
        paths = (
            exports.file_path("programmes"), "/hsds/ar/services",
            addresses.embed_path("ar", country), addresses.country_path("ar", country),
        )  # fmt: skip
        pages = {path: unescape(demonstration.get(path).text) for path in paths}
        handout = demonstration.get(addresses.handout_path(language, identifier(f"example-{country}"))).body

        assert [path for path, text in pages.items() if name not in text] == []
        assert name in " ".join(PdfReader(io.BytesIO(handout)).pages[0].extract_text().split())
