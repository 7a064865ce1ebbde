"""P10: each leak is reintroduced once, and the promise's own checks must detect it.

The leaks are in `mutants.py`, and each promise's file runs its checks on its own.
This file tests what holds for all of them.
"""

import re
from pathlib import Path

import pytest

from tests.promises.mutants import MUTANTS, of

FILES = {
    match[1].upper(): path
    for path in sorted(Path(__file__).parent.glob("test_p*.py"))
    if (match := re.match(r"test_(p\d+)_", path.name))
}
PROMISES = [name for name in FILES if name != "P10"]
# Leaks that have been seen elsewhere, or that we have measured: none may be missing from the table.
KNOWN = {
    "P1": [
        "access log of the web server",
        "error log",
        "limit for each address",
        "mails",
        "filter",
        "on the private site",
        "token",
        "query",
    ],
    "P2": ["flush on arrival", "time", "serial", "no noise", "predicted", "headers"],
    "P3": ["loaded when it is seen", "submit button"],
    "P4": ["font", "Gravatar"],
    "P5": ["a cookie"],
    "P7": ["location.href", "referrer policy"],
    "P8": ["ETag", "no referrer policy"],
}


class TestEveryPromise:
    @pytest.mark.parametrize("promise", PROMISES)
    def test_has_leaks_that_are_shown_to_its_checks(self, promise):
        assert of(promise)
        assert f'of("{promise}")' in FILES[promise].read_text()

    @pytest.mark.parametrize("promise", KNOWN)
    def test_has_those_that_are_known_to_happen(self, promise):
        leaks = [mutant.leak for mutant in MUTANTS if mutant.promise == promise]

        assert [word for word in KNOWN[promise] if not any(word in leak for leak in leaks)] == []

    def test_has_no_leak_without_a_promise_and_none_twice(self):
        assert {mutant.promise for mutant in MUTANTS} <= set(PROMISES)
        assert len({(mutant.promise, mutant.leak) for mutant in MUTANTS}) == len(MUTANTS)
