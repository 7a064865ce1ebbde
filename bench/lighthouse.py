"""Measure pages of the running demonstration as Lighthouse does: a middling phone on a slow line.

    python bench/lighthouse.py [--site http://localhost:8000] [--lighthouse PATH] [PATH …]

Needs Lighthouse (`npm install --global lighthouse`) and Chrome or Chromium (CHROME_PATH names it); both stay out of the
project.
The goals are 100 of 100 in each of its four groups, a largest contentful paint of at most 1.2 seconds, and a page that
never shifts.
The paint is that of one connection (HTTP/2, as docs/operators/nginx.conf sends it); the demonstration opens one for
each file, and is 0.3 seconds later.
Exits with 1 where one is missed, and names what costs points.
Run it on a quiet machine: the simulated line starts from what is measured on this one.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.table import machine  # noqa: E402

PAGES = ("/en/", "/en/campaigns/trusted-adults/", "/en/news/", "/en/network/", "/en/help/first-steps/")
GROUPS = {
    "performance": "performance",
    "accessibility": "accessibility",
    "best-practices": "practices",
    "seo": "search",
}
LCP, CLS = "largest-contentful-paint", "cumulative-layout-shift"
MOST = {LCP: 1200, CLS: 0}
FLAGS = "--headless=new --no-sandbox --disable-dev-shm-usage --ignore-certificate-errors"
# Lighthouse requests robots.txt from within the page, whose policy forbids all requests (`default-src 'none'`).
SKIPPED = "robots-txt"


@dataclass(frozen=True)
class Result:
    """Lighthouse's results for one page.

    Points of 100 by group, milliseconds and shift by audit, and the audits that lose points.
    """

    points: dict[str, int]
    values: dict[str, float]
    costs: list[str]

    @property
    def is_reached(self) -> bool:
        return min(self.points.values()) == 100 and all(self.values[name] <= most for name, most in MOST.items())


def read(report: dict[str, Any]) -> Result:
    """Return what matters of a report."""
    audits, groups = report["audits"], report["categories"]
    counted = {each["id"] for name in GROUPS for each in groups[name]["auditRefs"] if each["weight"]}
    return Result(
        points={name: round((groups[name]["score"] or 0) * 100) for name in GROUPS},
        values={name: audits[name]["numericValue"] for name in MOST},
        costs=[
            f"{name}: {audits[name]['title']}"
            for name in sorted(counted)
            if audits[name]["score"] is not None and audits[name]["score"] < 0.9
        ],
    )


def measure(lighthouse: str, url: str) -> Result:
    command = [lighthouse, url, "--output=json", "--output-path=stdout", "--quiet"]
    command += [f"--skip-audits={SKIPPED}", f"--chrome-flags={FLAGS}"]
    chrome = os.environ.get("CHROME_PATH") or shutil.which("chromium") or shutil.which("google-chrome") or ""
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "CHROME_PATH": chrome}
    )
    return read(json.loads(done.stdout))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--site", default="http://localhost:8000")
    parser.add_argument("--lighthouse", default=shutil.which("lighthouse"))
    parser.add_argument("pages", nargs="*", default=PAGES)
    given = parser.parse_args(arguments)
    if not given.lighthouse:
        parser.error("Lighthouse is not installed: npm install --global lighthouse")
    print(machine())
    print(f"{'':40}", *(f"{title:>13}" for title in GROUPS.values()), f"{'paint':>9}", f"{'shift':>7}")
    missed = False
    for page in given.pages:
        result = measure(given.lighthouse, given.site + page)
        points = (f"{result.points[name]:13}" for name in GROUPS)
        print(f"{page:40}", *points, f"{result.values[LCP]:6.0f} ms", f"{result.values[CLS]:7.3f}", flush=True)
        for cost in result.costs:
            print(f"    {cost}")
        missed = missed or not result.is_reached
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
