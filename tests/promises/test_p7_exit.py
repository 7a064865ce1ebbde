"""P7: one action leaves a help page: in every state of it, in every size and direction, with and without script.

The result of Back was measured: with script the page can no longer be reached; without script a browser may show it
again, and the pages say so.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Page
from playwright.sync_api import TimeoutError as TooLate

from core.http.headers import is_sensitive
from tests.promises.conftest import Change, one_of_each_kind, through
from tests.promises.mutants import Mutant, Swap, of
from tests.support.browser import tap
from tests.support.exit import WAYS, press_button, shift_three_times
from tests.support.html import parse

pytestmark = [
    pytest.mark.installation,
    pytest.mark.browser,
    pytest.mark.demonstration,
]

# A small phone; 1280 by 1024 px at 400 %; a desktop.
SIZES = {"320 px": (320, 568), "400 %": (320, 256), "desktop": (1280, 800)}
HELP = "/en/help/"
BEFORE = "/robots.txt"
FIELD = Swap("</main>", '<input aria-label="A field"></main>')
# Reports as soon as there is a cover: whether it covers the whole page, whether it says anything, and whether it
# came with the event itself, before the browser did anything else.
# (A stopwatch would measure how busy the machine is.)
COVERED = """
    let later;
    for (const kind of ["click", "keyup"])
        addEventListener(kind, () => { later = false; setTimeout(() => later = true); }, true);
    addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
        const cover = document.querySelector("[role=alert]");
        const ends = [[10, 10], [innerWidth / 2, innerHeight / 2], [innerWidth - 20, innerHeight - 10]];
        if (cover) tell({
            covered: ends.every(([x, y]) => document.elementFromPoint(x, y) === cover),
            says: cover.textContent !== "",
            atOnce: later === false,
        });
    }).observe(document.body, {childList: true}));
"""
# Scrolls to one end of the page and lists what is wrong: a button outside the window, covered, or too small for a
# finger.
IN_SIGHT = """(end) => {
    scrollTo(0, end ? document.body.scrollHeight : 0);
    const button = document.querySelector("[data-exit][role=button]"), box = button.getBoundingClientRect();
    const inside = box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth;
    const corners = [[box.left + 4, box.top + 4], [box.right - 4, box.bottom - 4]];
    const onTop = corners.every(([x, y]) => button.contains(document.elementFromPoint(x, y)));
    return [inside || "outside", onTop || "covered", box.height >= 44 || "too small"].filter((each) => each !== true);
}"""


def markup(html: str) -> list[str]:
    """Return what is wrong with the ways out of a page, as far as its markup shows."""
    page = parse(html)
    links = page.all("a")
    ways = [link for link in links if link.get("data-exit") is not None]
    buttons = [way for way in ways if way.get("role") == "button"]
    if len(ways) < 2 or links[0] is not ways[0]:
        return ["the first link of the page is not a way out"]
    found = (
        [] if buttons and buttons[0].all("span", class_="visually-hidden") else ["no button that says what it is for"]
    )
    for way in ways:
        if not (way.get("href") or "").startswith("https://"):
            found.append(f"leads to {way.get('href')}")
        if not {"noreferrer", "nofollow"} <= set((way.get("rel") or "").split()):
            found.append("says where the reader comes from")
        if way.get("target") is not None:
            found.append("opens another tab and leaves this one open")
        if way.get("draggable") != "false":
            found.append("can be dragged by mistake")
    return found


def in_sight(page: Page) -> Iterator[str]:
    """Return what hinders pressing the exit, at the beginning of the page and at its end."""
    for place in ("beginning", "end"):
        for fault in page.evaluate(IN_SIGHT, place == "end"):
            yield f"{fault} at the {place} of the page"


class Leaving:
    """A help page in a browser, and the site that its exit leads to, for which the test answers or lets it time out."""

    def __init__(self, proven, page: Page, change: Change | None, *, answers: bool = True) -> None:
        self.page, self.proven, self.changed = page, proven, change is not None
        self.sent: list[dict[str, str]] = []
        self.target = parse(proven.get(HELP).text).all("a", role="button")[0]["href"]
        if change:
            through(proven, page, change)

        def answer(route):
            self.sent.append(route.request.headers)
            if answers:
                route.fulfill(body="<title>Elsewhere</title>", content_type="text/html")

        page.context.route(f"{self.target}**", answer)

    def open(self, path: str = HELP) -> Page:
        self.page.goto(self.proven.public_url + BEFORE)
        self.page.goto(self.proven.public_url + path)
        return self.page

    def arrived(self) -> None:
        # Do not wait long for a mutant that never leaves.
        self.page.wait_for_url(f"{self.target}**", wait_until="commit", timeout=5_000 if self.changed else None)

    def back(self) -> str:
        """Return the path that the Back button shows.

        A page from the browser's cache loads nothing, and Firefox reports no navigation.
        """
        at, gone = self.target, False
        for _ in range(150):
            try:
                if not gone:
                    self.page.go_back(wait_until="commit", timeout=1_000)
                gone = True
            except TooLate:
                gone = True
            except Error:  # the page that it went back to is not quite ready
                self.page.wait_for_timeout(100)
                continue
            with suppress(Error):
                at = self.page.evaluate("location.href")
            if not at.startswith(self.target):
                break
            self.page.wait_for_timeout(100)
        return at.removeprefix(self.proven.public_url)


@pytest.fixture
def leave(proven, open_page) -> Callable[..., Leaving]:
    def leave(*, opener=open_page, change=None, answers=True, page=None, **options):
        return Leaving(proven, page or opener(**options), change, answers=answers)

    return leave


def cover(
    leave, way: Callable[[Page], None], change: Change | None = None, *, path: str = HELP, **options
) -> Iterator[str]:
    """Yield what is still visible if the other page does not load."""
    leaving = leave(change=change, answers=False, **options)
    seen: list[dict[str, bool]] = []
    # A page that is being left cannot be queried, so it reports what it shows by itself.
    leaving.page.expose_function("tell", lambda what: seen.append(what))
    leaving.page.add_init_script(COVERED)
    page = leaving.open(path)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    way(page)
    for _ in range(100):
        if seen or leaving.sent:  # once the other page is requested, everything has been reported
            page.wait_for_timeout(50)
            break
        page.wait_for_timeout(50)
    if not seen:
        yield "the page is not covered"
    for name, holds in (seen[0] if seen else {}).items():
        if not holds:
            yield f"not {name}"


def trace(leave, way: Callable[[Page], None], change: Change | None = None, **options) -> Iterator[str]:
    """Yield what remains of the page after a reader has left it with script."""
    leaving = leave(change=change, **options)
    way(leaving.open())
    try:
        leaving.arrived()
    except TooLate:
        yield "the exit does not leave the page"
        return
    if leaving.sent[0].get("referer"):
        yield f"the other site learns of {leaving.sent[0]['referer']}"
    if (found := leaving.back()) != BEFORE:
        yield f"Back shows {found}"


def faults(leave, change: Change) -> Iterator[str]:
    """Yield the findings of all of the above in Chromium, check by check.

    Asking for the first fault runs no more checks than needed.
    """
    yield from markup(change(leave().proven.get(HELP)).text)
    small = leave(change=change, width=320)
    yield from in_sight(small.open())
    yield from cover(leave, press_button, change)
    for way in (press_button, shift_three_times):
        yield from trace(leave, way, change)


class TestEveryHelpPage:
    def test_has_its_ways_out_in_every_language(self, proven):
        found = {path: markup(proven.get(path).text) for path in proven.pages() if is_sensitive(path)}

        assert {path: wrong for path, wrong in found.items() if wrong} == {}
        assert len(found) >= 8

    def test_has_them_where_nothing_is(self, proven):
        assert markup(proven.get("/en/help/nowhere/").text) == []

    def test_keeps_them_in_sight_in_every_size_and_direction(self, proven, open_page):
        page = open_page()
        found = {}
        for path in one_of_each_kind(proven, lambda path: is_sensitive(path) and path[1:3] in {"en", "ar"}):
            page.goto(proven.public_url + path)
            for size, (width, height) in SIZES.items():
                page.set_viewport_size({"width": width, "height": height})
                found[path, size] = list(in_sight(page))

        assert {each: wrong for each, wrong in found.items() if wrong} == {}

    def test_keeps_them_in_sight_for_every_choice(self, proven, open_page):
        page = open_page(proven.public_url + HELP, width=320)
        for group in page.locator("[data-facet]").all():
            group.locator("[data-code]").last.evaluate(
                "(e) => e.selected === undefined ? e.click() : e.selected = true"
            )
        for part in page.locator("details").all():
            part.evaluate("(each) => each.open = true")

        assert list(in_sight(page)) == []


class TestWithScript:
    @pytest.mark.parametrize("way", WAYS)
    def test_covers_the_page_immediately_on_a_slow_or_dead_line(self, leave, way):
        assert list(cover(leave, way)) == []

    def test_covers_a_small_page_that_reads_from_the_right(self, leave):
        assert list(cover(leave, press_button, path="/ar/help/", width=320, height=256)) == []

    @pytest.mark.parametrize("way", [press_button, shift_three_times])
    def test_leaves_no_history_and_no_referrer(self, leave, any_browser, way):
        assert list(trace(leave, way, opener=any_browser)) == []

    def test_counts_the_shifts_aloud(self, leave):
        leaving = leave()
        page = leaving.open()
        said = []
        for _ in range(2):
            page.keyboard.press("Shift")
            said.append(page.locator(".exit [role=status]").inner_text())

        assert said == ["Press Shift 2 more times to leave.", "Press Shift 1 more time to leave."]

    @pytest.mark.parametrize(
        "keys",
        [["Shift", "Shift", "a", "Shift"], ["Shift+A", "Shift+B", "Shift+C", "Shift+D"], ["Insert+Shift+A"] * 3,
            ["Control+Shift"] * 3],
        ids=["another key between", "capital letters", "a screen reader's", "another layout"],
    )  # fmt: skip
    def test_mistakes_neither_writing_nor_a_screen_reader_for_it(self, leave, keys):
        page = leave(change=FIELD).open()
        page.get_by_label("A field").focus()
        for key in keys:
            page.keyboard.press(key)

        assert page.locator("[role=alert]").count() == 0

    def test_forgets_a_shift_after_five_seconds(self, leave, open_page):
        page = open_page()
        page.clock.install()
        leave(page=page).open()
        page.keyboard.press("Shift")
        page.keyboard.press("Shift")
        page.clock.run_for(5100)
        said = page.locator(".exit [role=status]").inner_text()
        page.keyboard.press("Shift")

        assert said == "You did not leave. Press Shift 3 times to leave."
        assert page.locator("[role=alert]").count() == 0


class TestWithoutScript:
    """The exit is a link.

    Back may show the page again, in Chromium even with the choices made: a limit that every help page states.
    """

    @pytest.mark.parametrize("which", ["chromium", "firefox"])
    def test_is_a_link_without_referrer(self, leave, open_page, scriptless_firefox, which):
        page = open_page(scripts=False) if which == "chromium" else scriptless_firefox()
        leaving = leave(page=page)
        tap(leaving.open(), "[data-exit][role=button]")
        leaving.arrived()

        assert "referer" not in leaving.sent[0]
        assert leaving.back() == HELP


class TestMutants:
    @pytest.mark.parametrize("mutant", of("P7"))
    def test_are_noticed(self, leave, mutant: Mutant):
        assert next(faults(leave, mutant.change), None) is not None
