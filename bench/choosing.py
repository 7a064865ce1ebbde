"""Measure how long an old phone takes for a choice in the finder, from the choice until it is painted.

    python bench/choosing.py [--site http://localhost:8000] [--listings 300] [--rounds 7] [--before FOLDER]

Takes the finder of the running demonstration, repeats its listings until there are `--listings`, and opens it in
Chromium with a processor slowed six times.
Makes many choices, and prints the median of what Chromium spends on each choice: styles, layout and paint, as processor
time of the page's main thread.
`--before` names a folder in which `--save FOLDER` has kept the page of another version with its style sheets: the two
are then measured in turn, in one browser, because the speed of a machine varies over time.
Without it, the other side is the same page with the listings of the demonstration alone.
Run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import tempfile
import urllib.request
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urljoin, urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import sync_playwright  # noqa: E402

from bench.table import Row, machine, table  # noqa: E402
from tests.support.browser import launch_chromium  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page, Route

GOAL = 100
SLOWER = 6
PATH = "/en/help/"
WORK = {"UpdateLayoutTree", "Layout", "PrePaint", "Paint", "Layerize"}
# Each group is left as it was found.
CHOICES = (
    ("country", "de"),
    ("country", "any"),
    ("audience", "self_thoughts"),
    ("country", "de"),
    ("audience", "any"),
    ("country", "any"),
    ("language", "de"),
    ("language", "any"),
    ("channel", "chat"),
    ("channel", "any"),
)
REPEAT = """(count) => {
    const results = document.querySelector(".finder-results");
    const listings = [...results.children].filter((each) => each.querySelector("article"));
    for (let number = listings.length; number < count; number++)
        results.append(listings[number % listings.length].cloneNode(true));
}"""
CHOOSE = """([facet, code]) => new Promise((resolve) => {
    const group = document.querySelector(`[data-facet=${facet}]`);
    if (group.tagName === "SELECT")
        group.selectedIndex = [...group.options].findIndex((option) => option.dataset.code === code);
    else group.querySelector(`[data-code=${code}]`).click();
    requestAnimationFrame(() => setTimeout(resolve, 50));
})"""


class Opened(NamedTuple):
    """A page, and Chromium's events about it."""

    page: Page
    session: CDPSession
    events: list[dict[str, Any]]
    ended: list[object]


def fetched(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:
        body: bytes = answer.read()
    return body


def save(site: str, folder: Path) -> None:
    """Save the finder and the files that it loads."""
    html = fetched(urljoin(site, PATH)).decode()
    for path in {PATH, *re.findall(r'(?:href|src)="(/static/[^"]+)"', html)}:
        file = folder / path.strip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.with_name(file.name + ".kept").write_bytes(fetched(urljoin(site, path)))


def opened(browser: Browser, folder: Path, count: int) -> Opened:
    kinds = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        kept = folder / (path.strip("/") + ".kept")
        if kept.exists():
            kind = kinds.get(Path(path).suffix, "text/html; charset=utf-8")
            route.fulfill(body=kept.read_bytes(), content_type=kind)
        else:
            route.fulfill(status=404)

    context = browser.new_context(viewport={"width": 360, "height": 740}, device_scale_factor=2)
    page = context.new_page()
    page.route("**/*", answer)
    page.goto(f"http://localhost{PATH}")
    page.evaluate(REPEAT, count)
    side = Opened(page, context.new_cdp_session(page), [], [])
    side.session.on("Tracing.dataCollected", lambda some: side.events.extend(some["value"]))
    side.session.on("Tracing.tracingComplete", lambda told: side.ended.append(told))
    return side


def cost(side: Opened, choice: tuple[str, str]) -> float:
    """Make a choice, and return the milliseconds that Chromium worked for it."""
    side.events.clear()
    side.ended.clear()
    side.session.send("Tracing.start", {"traceConfig": {"includedCategories": ["devtools.timeline"]}})
    side.page.evaluate(CHOOSE, list(choice))
    side.session.send("Tracing.end")
    while not side.ended:
        side.page.wait_for_timeout(5)
    done = [each for each in side.events if each.get("ph") == "X" and each["name"] in WORK]
    return float(sum(each.get("tdur", each["dur"]) for each in done)) / 1000


def measure(browser: Browser, before: tuple[Path, int], after: tuple[Path, int], rounds: int) -> list[Row]:
    """Make every choice on both pages in turn; the first round of each is not counted."""
    found: dict[tuple[int, int], list[float]] = defaultdict(list)
    sides = [opened(browser, *each) for each in (before, after)]
    for turn in range(rounds + 1):
        for number, side in enumerate(sides):
            side.page.bring_to_front()
            side.session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            for at, choice in enumerate(CHOICES):
                spent = cost(side, choice)
                if turn:
                    found[at, number].append(spent)
            side.session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    for side in sides:
        side.page.context.close()
    middle = {at: statistics.median(each) for at, each in found.items()}
    return [
        Row(f"{facet}: {code}", middle[at, 0], middle[at, 1], "ms", f"{GOAL} ms")
        for at, (facet, code) in enumerate(CHOICES)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--site", default="http://localhost:8000")
    parser.add_argument("--listings", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--before", type=Path)
    parser.add_argument("--save", type=Path)
    asked = parser.parse_args()
    if asked.save:
        save(asked.site, asked.save)
        return
    with tempfile.TemporaryDirectory(prefix="waymark-bench-") as folder:
        save(asked.site, Path(folder))
        before = (asked.before, asked.listings) if asked.before else (Path(folder), 0)
        with sync_playwright() as playwright, launch_chromium(playwright) as browser:
            rows = measure(browser, before, (Path(folder), asked.listings), asked.rounds)
    first = "before" if asked.before else "demonstration"
    print(table(rows, first=first, second=f"{asked.listings} listings"))
    print(machine())


if __name__ == "__main__":
    main()
