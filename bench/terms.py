"""Measure how long it takes to look for all terms of a language in a long text, compared with a short one.

    python bench/terms.py [--words 5000]

The terms are those that a new site starts with.
The text is prose of the demonstration, with words to avoid in it.
The time should grow with the text and no faster: the ratio of both sides is that of their lengths.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import defaultdict
from itertools import cycle, islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.table import Row, machine, table  # noqa: E402

GOAL = "50 ms"
ROUNDS = 5
AVOIDED = {
    "en": "child pornography",
    "de": "Kinderpornografie",
    "fr": "pédopornographie",
    "ar": "إباحية الأطفال",
}


def measure(words: int = 5_000) -> str:
    """Return the table: milliseconds for a tenth of the text, and for all of it, in each language."""
    from campaigns.models import Term
    from campaigns.terms import checker, exchange

    terms: defaultdict[str, dict[int, Term]] = defaultdict(dict)
    for number, term in enumerate(exchange.starter_terms()):
        if term.level != Term.Level.USE:
            terms[term.language][number] = term
    rows = []
    for language, avoided in AVOIDED.items():
        matcher = checker.matcher(terms[language])
        short, long = (prose(language, number, avoided) for number in (words // 10, words))
        rows.append(
            Row(
                f"{language}, {sum(len(term.all_forms) for term in terms[language].values())} forms",
                took(matcher, short),
                took(matcher, long),
                "ms",
                GOAL,
            )
        )
    return table(rows, first=f"{words // 10:,} words", second=f"{words:,} words")


def prose(language: str, number: int, avoided: str) -> str:
    """Return so many words of the demonstration's guides, with one to avoid after every fifty."""
    folder = ROOT / "site" / "demo" / "content" / language
    words = (
        " ".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.toml"))).replace('"', "").split()
    )
    taken = list(islice(cycle(words), number))
    return " ".join(f"{word} {avoided}" if not place % 50 else word for place, word in enumerate(taken, start=1))


def took(matcher: object, text: str) -> float:
    """Return the milliseconds that the fastest of several rounds takes, in processor time."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        matcher.find(text)  # type: ignore[attr-defined]
        best = min(best, time.process_time() - started)
    return best * 1000


def prepare() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    import django

    django.setup()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--words", type=int, default=5_000)
    options = parser.parse_args()
    prepare()
    print(measure(options.words))
    print(machine())
