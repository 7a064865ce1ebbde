"""Browsers for the journeys: the system's Chromium, and Firefox ESR where a promise needs two.

    @pytest.mark.browser
    @pytest.mark.django_db(transaction=True)
    class TestReading:
        def test_reads_a_page(self, site_server, open_page, home):
            page = open_page(f"{site_server.public_url}/en/", width=320)

            assert axe(page) == []

- `open_page(url, …)` opens an address in a fresh context (no cookies, no cache) of Chromium;
  `open_page.firefox(url, …)` in Firefox.
- `any_browser` runs a test in both: `def test_…(self, any_browser): page = any_browser(url, scripts=False)`.
- Both take `width`, `height`, `scripts`, `scheme` ("light", "dark"), `contrast` ("more"), `forced_colors` (True),
  `locale`.
- `scriptless_firefox` opens an address in a Firefox without scripts, SVG or web fonts, which resists
  fingerprinting, as Tor Browser does at its safest setting.
  Its pages can be queried, but nothing waits for an element: `tap(page, selector)` presses what is there.
- Where Chromium's headless shell is installed, `open_page` takes it; `persistent_chromium` needs the whole browser,
  for its profile.
- Where a browser is missing, the test is skipped with the reason. `CHROMIUM` and `FIREFOX` may name one.
- The back/forward cache is on, as in daily use: Playwright switches it off, and then Back does something else.
- `requests_of(page)` collects what a page requests from then on.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

# Playwright runs an event loop in the thread of the test, and Django would refuse to reach the database there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

# Chromium without a window or a profile: the same pages for a quarter of the processor time.
# Debian packages it separately.
HEADLESS = ("chromium-headless-shell", "chrome-headless-shell")
CHROMIUM = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# Tor Browser at its safest setting, as far as Firefox can be set that way.
SAFEST = {
    "javascript.enabled": False,
    "privacy.resistFingerprinting": True,
    "svg.disabled": True,
    "gfx.downloadable_fonts.enabled": False,
}
FIREFOX = ("firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox")
# Milliseconds.
# A page that comes late, on a machine with other work, is not a wrong page.
PATIENCE = 60_000
SMALL = 320  # pixels, the width of the smallest phone
# No requests but the page's own.
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
# WCAG 2.2 AA, and axe's best practices.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def build(page: Page) -> str:
    """Return the name and version of the Chromium that shows a page: another build draws other pixels."""
    path = installed("CHROMIUM", (*HEADLESS, *CHROMIUM))
    assert page.context.browser
    return f"{Path(path).name if path else 'playwright'} {page.context.browser.version}"


def installed(variable: str, names: tuple[str, ...]) -> str | None:
    """Return the path of a browser: the one that an environment variable names, or the first of `names` on the path."""
    if named := os.environ.get(variable):
        return shutil.which(named)
    return next((path for name in names if (path := shutil.which(name))), None)


def launch_chromium(playwright: Playwright, **options: Any) -> Browser:
    """Start Chromium; skips the test where there is none."""
    launch = playwright.chromium.launch
    browser: Browser = _chromium_options(playwright, launch, names=(*HEADLESS, *CHROMIUM), **options)
    return browser


def _chromium_options(
    playwright: Playwright,
    launch: Callable[..., Any],
    *place: Path,
    names: tuple[str, ...] = CHROMIUM,
    **options: Any,
) -> Any:
    path = installed("CHROMIUM", names)
    if path is None and not shutil.which(playwright.chromium.executable_path):
        pytest.skip("chromium is not installed")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return launch(
        *place,
        executable_path=path,
        args=[*QUIET, *(["--no-sandbox"] if root else []), *options.pop("args", [])],
        ignore_default_args=["--disable-back-forward-cache"],
        **options,
    )


def launch_firefox(playwright: Playwright, **options: Any) -> Browser:
    """Start the system's own Firefox, over WebDriver BiDi; skips the test where there is none."""
    path = installed("FIREFOX", FIREFOX)
    if path is None:
        pytest.skip("firefox-esr is not installed")
    return playwright.firefox.launch(channel="moz-firefox", executable_path=path, **options)


def persistent_chromium(playwright: Playwright, folder: Path, **options: Any) -> BrowserContext:
    """Chromium with a profile that stays in `folder` when it is closed."""
    return _chromium_options(playwright, playwright.chromium.launch_persistent_context, folder, **options)


def persistent_firefox(playwright: Playwright, folder: Path, **options: Any) -> BrowserContext:
    """Open Firefox with a profile that stays in `folder`.

    It saves its session, as in daily use, but sooner.
    """
    path = installed("FIREFOX", FIREFOX)
    if path is None:
        pytest.skip("firefox-esr is not installed")
    preferences = {"browser.sessionstore.resume_from_crash": True, "browser.sessionstore.interval": 500}
    preferences["browser.sessionstore.interval.idle"] = 500
    preferences |= options.pop("firefox_user_prefs", {})
    return playwright.firefox.launch_persistent_context(
        folder, channel="moz-firefox", executable_path=path, firefox_user_prefs=preferences, **options
    )


def height_for(width: int) -> int:
    return 568 if width < 500 else 800


class Opener:
    """Opens pages in one browser, each in a separate context, and closes them after the test."""

    def __init__(self, browser: Callable[[], Browser], firefox: Opener | None = None) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._firefox = firefox

    @property
    def firefox(self) -> Opener:
        assert self._firefox is not None
        return self._firefox

    def __call__(
        self,
        url: str = "",
        *,
        width: int = 1280,
        height: int | None = None,
        scripts: bool = True,
        scheme: Literal["light", "dark"] = "light",
        contrast: Literal["more", "no-preference"] = "no-preference",
        forced_colors: bool = False,
        locale: str = "en-GB",
        **options: Any,
    ) -> Page:
        context = self._browser().new_context(
            viewport={"width": width, "height": height or height_for(width)},
            java_script_enabled=scripts,
            color_scheme=scheme,
            contrast=contrast,
            forced_colors="active" if forced_colors else "none",
            locale=locale,
            **options,
        )
        context.set_default_timeout(PATIENCE)
        self._contexts.append(context)
        page = context.new_page()
        if url:
            page.goto(url)
        return page

    def close(self) -> None:
        for context in self._contexts:
            with suppress(Exception):  # a browser that has crashed has closed them
                context.close()
        self._contexts.clear()


@pytest.fixture(scope="session", autouse=True)
def _playwright_before_the_database(request: pytest.FixtureRequest) -> None:
    """Start Playwright first where a journey will be run.

    Django keeps its connections per event loop.
    If Playwright brought its loop in the middle of a run, the tests would have two connections: one in whose
    transaction the fixtures wrote, and another that does not see it.
    """
    if any(item.get_closest_marker("browser") for item in request.session.items):
        request.getfixturevalue("playwright")
        expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def _chromium(playwright: Playwright) -> Iterator[Callable[[], Browser]]:
    yield from _once(playwright, launch_chromium)


@pytest.fixture(scope="session")
def _firefox(playwright: Playwright) -> Iterator[Callable[[], Browser]]:
    yield from _once(playwright, launch_firefox)


@pytest.fixture(scope="session")
def _scriptless_firefox(playwright: Playwright) -> Iterator[Callable[[], Browser]]:
    yield from _once(playwright, partial(launch_firefox, firefox_user_prefs=SAFEST))


def _once(playwright: Playwright, launch: Callable[[Playwright], Browser]) -> Iterator[Callable[[], Browser]]:
    started: list[Browser] = []

    def browser() -> Browser:
        if not started or not started[0].is_connected():
            started[:] = [launch(playwright)]
        return started[0]

    yield browser
    for each in started:
        each.close()


@pytest.fixture
def open_page(_chromium: Callable[[], Browser], _firefox: Callable[[], Browser]) -> Iterator[Opener]:
    """Return a function that opens an address in Chromium.

    See the docstring of this module.
    """
    firefox = Opener(_firefox)
    opener = Opener(_chromium, firefox)
    yield opener
    opener.close()
    firefox.close()


@pytest.fixture
def scriptless_firefox(_scriptless_firefox: Callable[[], Browser]) -> Iterator[Opener]:
    """Return a function that opens an address in a Firefox without scripts.

    See the docstring of this module.
    """
    opener = Opener(_scriptless_firefox)
    yield opener
    opener.close()


@pytest.fixture(params=["chromium", "firefox"])
def any_browser(request: pytest.FixtureRequest, open_page: Opener) -> Opener:
    """Opens an address in each browser in turn."""
    return open_page if request.param == "chromium" else open_page.firefox


def wait_for_document(page: Page) -> None:
    """Wait until the page can be measured: a click that leads to another one may return before that has a document."""
    page.wait_for_load_state()


def axe(page: Page, *, within: str = "", without: tuple[str, ...] = ()) -> list[str]:
    """Return what axe finds on the page (or inside one element, or without some rules), a line for each element.

    Needs scripts in the page's context.
    It requests nothing: axe may not fetch the style sheets again.
    """
    wait_for_document(page)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate(
        """([rules, within, without]) => axe.run(within ? {include: [within]} : document, {
            preload: false, resultTypes: ["violations"], runOnly: rules,
            rules: Object.fromEntries(without.map((rule) => [rule, {enabled: false}])),
        }).then((result) => result.violations.flatMap((rule) => rule.nodes.map(
            (node) => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary.replace(/\\s+/g, " ")}`)))""",
        [RULES, within, list(without)],
    )
    return list(found)


def widths(page: Page) -> Iterator[int]:
    """Show the page as wide as a small phone, then as wide as a desktop, without loading it twice.

    Yield the widths.
    """
    for width in (SMALL, 1280):
        page.set_viewport_size({"width": width, "height": height_for(width)})
        yield width


def overflow(page: Page) -> list[str]:
    """Return the elements that stick out of the page sideways; empty if it does not scroll that way."""
    wait_for_document(page)
    found = page.evaluate(
        """() => {
            const root = document.documentElement;
            if (root.scrollWidth <= root.clientWidth) return [];
            const scrolls = (each) => each.parentElement?.closest("[tabindex='0'], .languages-list");
            const out = (box) => box.width > 0 && (box.left < -1 || box.right > root.clientWidth + 1);
            return [...document.body.querySelectorAll("*")]
                .filter((each) => !scrolls(each) && each.checkVisibility({contentVisibilityAuto: true}))
                .filter((each) => out(each.getBoundingClientRect()))
                .map((each) => each.tagName.toLowerCase() + (each.className ? "." + each.className : ""))
                .concat(`scrollWidth ${root.scrollWidth} of ${root.clientWidth}`);
        }"""
    )
    return list(found)


def faults(page: Page) -> list[str]:
    """Return what axe finds on the page, and what overflows it on a small phone and on a desktop.

    For axe, which takes longest, a page that reads from the right is on the phone, and any other on the desktop: a
    journey through both languages shows it everything.
    """
    right_to_left = page.evaluate("document.documentElement.dir === 'rtl'")
    found = []
    for width in widths(page):
        if (width == SMALL) == right_to_left:
            found += axe(page)
        found += [f"{width} px: {each}" for each in overflow(page)]
    return found


def cut_off(page: Page) -> list[str]:
    """Return fields and tables of a private page that are wider than the screen, without a scrolling ancestor."""
    wait_for_document(page)
    found = page.evaluate(
        """() => [...document.querySelectorAll("main :is(input, select, textarea, table, button)")].filter((each) => {
            const {left, right} = each.getBoundingClientRect(), width = document.documentElement.clientWidth;
            if (!each.checkVisibility() || each.closest(".w-minimap, .form-side")) return false;
            if (left > -1 && right < width + 1) return false;
            for (let around = each.parentElement; around; around = around.parentElement)
                if (["auto", "scroll"].includes(getComputedStyle(around).overflowX)) return false;
            return true;
        }).map((each) => `${each.tagName.toLowerCase()} ${each.name ?? each.className}`)"""
    )
    return list(found)


def turned_numbers(page: Page) -> list[str]:
    """Return phone numbers, in text or fields, whose digits do not run from left to right.

    That happens on an Arabic page without markup.
    """
    wait_for_document(page)
    found = page.evaluate(
        """() => {
            // A hyphen between digits turns nothing. Nor is it the year of a date, and the hour after it.
            const number = /(?:\\+\\d|\\d+[ \\u00a0])[\\d \\u00a0]*\\d(?![\\d:])/g, turned = [];
            const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (words.nextNode()) {
                const text = words.currentNode;
                if (!text.parentElement.checkVisibility()) continue;
                for (const {0: digits, index} of text.data.matchAll(number)) {
                    const [first, last] = [index, index + digits.length - 1].map((at) => {
                        const range = document.createRange();
                        range.setStart(text, at);
                        range.setEnd(text, at + 1);
                        return range.getBoundingClientRect();
                    });
                    if (Math.abs(first.top - last.top) < 2 && first.left > last.left) turned.push(digits);
                }
            }
            const texts = "input:not([type=hidden], [type=radio], [type=checkbox]), textarea";
            for (const field of document.querySelectorAll(texts))
                if (field.value.match(number) && getComputedStyle(field).direction === "rtl")
                    turned.push(`${field.name}: ${field.value}`);
            return turned;
        }"""
    )
    return list(found)


def focused(page: Page) -> dict[str, Any]:
    """Return the element with the keyboard's focus: its text and address, and whether nothing covers its middle."""
    wait_for_document(page)
    found: dict[str, Any] = page.evaluate(
        """() => {
            const element = document.activeElement, box = element.getBoundingClientRect();
            const top = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 20));
            return {
                text: element.textContent.trim().replace(/\\s+/g, " "),
                href: element.getAttribute("href"),
                name: element.getAttribute("name"),
                tag: element.tagName.toLowerCase(),
                visible: box.width > 0 && (element.contains(top) || (top !== null && top.contains(element))),
            };
        }"""
    )
    return found


MOST_SCROLLS = 20
INTO_VIEW = """([element]) => {
    element.scrollIntoView({block: "center"});
    const {x, y, width, height} = element.getBoundingClientRect();
    return {x: x + width / 2, y: y + height / 2};
}"""


def tap(page: Page, selector: str) -> None:
    """Press the middle of the first such element, after scrolling it into view as a person would, without script.

    Raises Error if there is none: it does not wait for one.
    """

    def place() -> dict[str, float]:
        found: dict[str, float] = page.locator(selector).evaluate_all(INTO_VIEW)
        return found

    before, box = None, place()
    # A browser may compute the height of an element only when it comes near, which moves the scroll target.
    for _scroll in range(MOST_SCROLLS):
        if box == before:
            break
        before, box = box, place()
    page.mouse.click(box["x"], box["y"])


def requests_of(page: Page) -> list[str]:
    """Return a list that fills with the addresses that the page requests from now on.

    The icon of the open page does not count: it is part of loading the page, and Chromium may fetch it a moment
    after reporting the page as loaded.
    """
    icons = page.eval_on_selector_all("link[rel=icon]", "links => links.map((each) => each.href)")
    seen: list[str] = []
    page.on("request", lambda request: request.url in icons or seen.append(request.url))
    return seen
