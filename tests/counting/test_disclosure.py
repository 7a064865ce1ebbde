"""What is published of a week gives no small number away, and as much of the rest as can be."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.publishing.counted import ALL, OTHER
from counting import disclosure
from counting.disclosure import THRESHOLD, rounded, suppressed, table, with_totals


def possible(whole, hidden):
    """Return, for each hidden number, every value that it can have for somebody who knows all others exactly, by trying all there are."""
    inner = sorted(cell for cell in hidden if ALL not in cell)
    lines = [
        (
            {cell for cell in whole if ALL not in cell and fits(cell)},
            total,
        )
        for total, fits in [
            *(
                ((language, ALL), lambda cell, language=language: cell[0] == language)
                for language in {language for language, _page in whole} - {ALL}
            ),
            *(
                ((ALL, page), lambda cell, page=page: cell[1] == page)
                for page in {page for _language, page in whole} - {ALL}
            ),
            ((ALL, ALL), lambda cell: True),
        ]
        if total not in hidden
    ]
    found = {cell: set() for cell in inner}
    for guess in product(range(16), repeat=len(inner)):
        values = {**whole, **dict(zip(inner, guess, strict=True))}
        if all(sum(values[cell] for cell in cells) == whole[total] for cells, total in lines):
            for cell, n in zip(inner, guess, strict=True):
                found[cell].add(n)
    return found


class TestTable:
    @settings(max_examples=20)
    @given(st.lists(st.integers(0, 14), min_size=4, max_size=4))
    def test_leaves_no_small_number_to_be_worked_out(self, numbers):
        cells = [("de", "finder"), ("de", "lu"), ("en", "finder"), ("en", "lu")]
        whole = with_totals(dict(zip(cells, numbers, strict=True)))
        hidden = suppressed(whole)

        assert {cell for cell, n in whole.items() if 0 < n < THRESHOLD} <= hidden
        assert all(len(values) > 1 for values in possible(whole, hidden).values())

    def test_hides_a_second_and_third_number_where_one_would_follow_and_the_cheapest(self):
        numbers = {
            ("de", "finder"): 3, ("de", "lu"): 40, ("de", "pt"): 90,
            ("en", "finder"): 500, ("en", "lu"): 60, ("en", "pt"): 30,
        }  # fmt: skip

        hidden = suppressed(with_totals(numbers))

        assert ("de", "finder") in hidden
        assert len(hidden) == 4
        assert ("en", "finder") not in hidden or (ALL, "finder") not in hidden

    def test_hides_nothing_where_nothing_is_small(self):
        assert suppressed(with_totals({("de", "finder"): 10, ("de", "lu"): 0, ("en", "lu"): 70})) == set()

    @pytest.mark.parametrize(("n", "shown"), [(0, 0), (10, 10), (12, 10), (13, 15), (98, 100)])
    def test_rounds_to_five(self, n, shown):
        assert rounded(n) == shown

    def test_counts_rare_pages_together_but_never_the_finder(self):
        numbers = {
            ("de", "finder"): 12,
            ("de", "lu"): 9,
            ("de", "li"): 11,
            ("de", "at"): 80,
            ("de", "mt"): -2,
        }

        found = table(numbers, named={"finder"})

        assert found.pages == ["at", "finder", OTHER]
        assert found.numbers["de", OTHER] == 20
        assert found.numbers[ALL, ALL] == 110

    def test_publishes_nothing_of_what_is_too_small_to_hide_anything_in(self, monkeypatch):
        monkeypatch.setattr(disclosure, "_detour", lambda *_: None)

        assert set(table({("de", "finder"): 4}, named={"finder"}).numbers.values()) == {None}
