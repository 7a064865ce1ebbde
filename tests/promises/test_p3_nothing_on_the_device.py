"""P3: choices in the finder send and store nothing; a visit leaves one neutral entry in the history.

Every control of the finder is operated by mouse, keyboard and Enter, in two browsers, with scripts and without.
Then the browser is closed and its profile is read from disk: cookies, storage, cache, history, session files.
Two careless pages are open in the same browser, and traces of both must be found: this proves that the files were
written, and that the search finds what is in them.
"""

import re
import time
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page

from tests.promises.conftest import through
from tests.promises.mutants import Mutant, of
from tests.support.browser import SAFEST, persistent_chromium, persistent_firefox, requests_of, tap
from tests.support.outside import outside
from tests.support.profile import files, found, rows
from tests.support.server import Answer

pytestmark = [
    pytest.mark.installation,
    pytest.mark.browser,
    pytest.mark.demonstration,
]

HELP = "/en/help/"
# Every control on the page, of any name.
CONTROLS = "main :is(input, select, button, textarea)"
STATE = "[history.length, location.href, document.title, document.cookie, localStorage.length + sessionStorage.length]"
NAMES = ("entries in the history", "the address", "the title", "cookies", "what is stored")
BROWSERS = {
    "Chromium": (persistent_chromium, {}),
    "Chromium without scripts": (persistent_chromium, {"java_script_enabled": False}),
    "Firefox": (persistent_firefox, {}),
    "Firefox without scripts": (persistent_firefox, {"firefox_user_prefs": SAFEST}),
}
# The folders in which browsers keep what pages store.
STORAGES = (
    "Local Storage",
    "Session Storage",
    "IndexedDB",
    "Service Worker",
    "File System",
    "storage/default",
)


def work(page: Page, wanted: str = CONTROLS) -> int:
    """Choose entries of each list by keyboard and each button by its label, with Enter; return how many were visible.

    Raises Error as soon as a control is no longer there: it waits for none.
    """
    for _closed in page.locator("main form details").all():
        tap(page, "main form details:not([open]) > summary")
    controls = page.locator(wanted)
    kinds = controls.evaluate_all("(all) => all.map((control) => control.type)")
    worked = 0
    for number, kind in enumerate(kinds):
        if not controls.nth(number).evaluate_all("([control]) => control.checkVisibility()"):
            continue  # of a listing that an earlier choice has hidden
        worked += 1
        controls.nth(number).evaluate_all("([control]) => control.focus()")
        if kind == "select-one":
            for key in ("End", "ArrowUp", "ArrowUp", "Home", "ArrowDown"):
                page.keyboard.press(key)
        else:
            page.keyboard.press("ArrowDown")
            tap(page, f"{wanted} >> nth={number}")  # so that the final choice is not the initial one
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
    return worked


def changes(page: Page) -> list[str]:
    """Operate the controls and return each forbidden effect: a request, a history entry, a new title, storage."""
    page.evaluate("scrollTo(0, 0)")
    before = page.evaluate(STATE)
    asked = requests_of(page)
    try:
        assert work(page) > 10
        after = page.evaluate(STATE)
    except Error:
        return ["leads away from the page"]
    changed = zip(NAMES, before, after, strict=True)
    return [f"asks for {url}" for url in asked] + [f"{name}: {a}, then {b}" for name, a, b in changed if a != b]


def words(html: str) -> set[str]:
    """Return the strings to search for: names of programmes and countries, sentences and control ids of the page."""
    text = [
        re.sub(r"<[^>]+>|\s+", " ", part).strip()
        for part in re.findall(r"<(?:p|dd|li|h3|q)\b[^>]*>(.*?)</(?:p|dd|li|h3|q)>", html, re.DOTALL)
    ]
    return {
        *(unescape(part) for part in text if 40 < len(part) < 300),
        *(unescape(name) for name in re.findall(r"<h3><bdi>([^<]{10,})</bdi>", html)),
        # (Long names only: the browser's own files mention Germany, but few mention all of these.)
        *(unescape(name) for name in re.findall(r"<option[^>]*>([^<]{18,})</option>", html)),
        *re.findall(r'id="([a-z]\d+-\d+)"', html),
        'data-code="',
    }


def history(profile: Path, scratch: Path) -> set[tuple[object, ...]]:
    """Return the address and title of every entry in the history."""
    return {
        *rows(profile, scratch, "Default/History", "SELECT url, title FROM urls"),
        *rows(profile, scratch, "places.sqlite", "SELECT url, title FROM moz_places WHERE visit_count > 0"),
    }


def cookies(profile: Path, scratch: Path) -> list[tuple[object, ...]]:
    return [
        *rows(profile, scratch, "Default/Cookies", "SELECT * FROM cookies"),
        *rows(profile, scratch, "Default/Network/Cookies", "SELECT * FROM cookies"),
        *rows(profile, scratch, "cookies.sqlite", "SELECT * FROM moz_cookies"),
    ]


def stored(profile: Path, origin: str) -> list[str]:
    """Return the files in which the browser has stored something about our address."""
    place = origin.partition("://")[2]
    names = (place, place.replace(":", "+"), place.replace(":", "_"))
    return [
        str(path)
        for path, data in files(profile)
        if any(storage in str(path) for storage in STORAGES)
        and (place.encode() in data or any(name in str(path) for name in names))
    ]


def wait_until_written(profile: Path, scratch: Path, mark: str) -> None:
    """Wait until the running browser has written this mark, and so everything that came before it."""
    until = time.monotonic() + 90
    while not found(profile, scratch, [mark]):
        assert time.monotonic() < until, f"“{mark}” was never written"
        time.sleep(0.5)


class TestTheDevice:
    @pytest.mark.parametrize("name", BROWSERS)
    def test_keeps_one_neutral_entry_and_nothing_else(self, proven, playwright, tmp_path, name):
        profile, scratch = tmp_path / "profile", tmp_path / "scratch"
        scratch.mkdir()
        launch, options = BROWSERS[name]
        html = proven.get(HELP).text
        title = re.search(r"<title>([^<]+)</title>", html)[1]  # type: ignore[index]
        context = launch(playwright, profile, **options)

        def bare(path: str) -> Answer:
            """Respond with a page from which our own address is removed, because the profile is searched for it."""
            answer = proven.get(path)
            return replace(answer, body=answer.body.replace(proven.public_url.encode(), b""))

        with outside(bare) as careless:
            context.route("https://**", lambda route: route.fulfill(body="<title>Elsewhere</title>"))
            page = context.new_page()
            page.goto(proven.public_url + HELP)
            assert changes(page) == []

            # A page of ours without its headers, and a finder whose form is saved: both must leave traces.
            cached = context.new_page()
            cached.goto(careless("bare:/en/", "").replace("127.0.0.1", "localhost"))
            self.fill_in_a_careless_finder(context, html)
            if name != "Firefox without scripts":  # which saves no form at all
                wait_until_written(profile, scratch, "leak4")
            tap(page, "[data-exit][role=button]")
            page.wait_for_url("https://**", wait_until="commit")
            context.close()

        finder, home = words(html), words(proven.get("/en/").text)
        assert found(profile, scratch, home - finder), "what is kept in a cache is not found"
        assert found(profile, scratch, ["leak4"]) or name == "Firefox without scripts"
        assert found(profile, scratch, finder - home) == {}
        ours = {url: named for url, named in history(profile, scratch) if str(url).startswith(proven.public_url)}
        assert ours in ({proven.public_url + HELP: unescape(title)}, {proven.public_url + HELP: "Elsewhere"})
        assert cookies(profile, scratch) == []
        assert stored(profile, proven.public_url) == []
        others = {proven.public_url + path for path in proven.addresses() if not HELP.startswith(path)}
        assert found(profile, scratch, others) == {}

    def fill_in_a_careless_finder(self, context, html: str) -> None:
        leak = re.sub(r' (autocomplete="off"|hidden)(?=[ >])', "", html).replace('"g', '"leak')
        context.route("**/careless/", lambda route: route.fulfill(body=leak, content_type="text/html"))
        page = context.new_page()
        page.goto("http://careless.example/careless/")
        assert work(page, f"{CONTROLS}[name^=leak4]") > 0

    @pytest.mark.parametrize("mutant", of("P3"))
    def test_mutants_are_detected(self, proven, open_page, mutant: Mutant):
        page = open_page()
        through(proven, page, mutant.change)
        page.goto(proven.public_url + HELP)

        assert changes(page) != []
