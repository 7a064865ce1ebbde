"""Published weekly counts: small numbers cannot be derived, and the rest is as complete as possible."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.disclosure import suppressed, table, with_totals
from core.publishing.counted import ALL, OTHER


def possible(whole, hidden):
    """Return every value of each hidden number that is consistent with knowledge of all others, by brute force."""
    inner = sorted(cell for cell in hidden if ALL not in cell)
    lines = [
        ({cell for cell in whole if ALL not in cell and {*cell} >= {*total} - {ALL}}, total)
        for total in whole
        if ALL in total and total not in hidden
    ]
    found = {cell: set() for cell in inner}
    for guess in product(range(16), repeat=len(inner)):
        values = {**whole, **dict(zip(inner, guess, strict=True))}
        if all(sum(values[cell] for cell in cells) == whole[total] for cells, total in lines):
            for cell, n in zip(inner, guess, strict=True):
                found[cell].add(n)
    return found


CELLS = [("de", "finder"), ("de", "lu"), ("en", "finder"), ("en", "lu")]


class TestTable:
    @settings(max_examples=30)
    @given(st.lists(st.integers(0, 14), min_size=1, max_size=4))
    def test_leaves_no_small_number_to_be_worked_out(self, numbers):
        """In a table of two languages and two pages, and in one with a single row."""
        whole = with_totals(dict(zip(CELLS, numbers, strict=False)))
        hidden = suppressed(whole)

        assert {cell for cell, n in whole.items() if 0 < n < 10} <= hidden
        assert all(len(values) > 1 for values in possible(whole, hidden).values())

    @pytest.mark.parametrize(
        ("n", "shown"), [(-3, 0), (0, 0), (1, None), (9, None), (10, 10), (12, 10), (13, 15), (98, 100)]
    )
    def test_rounds_to_five_and_leaves_out_one_to_nine(self, n, shown):
        found = table(dict(zip(CELLS, (n, 40, 70, 60), strict=True)), named={"finder", "lu"})

        assert found.numbers["de", "finder"] == shown

    @pytest.mark.parametrize(("shown_in_all", "pages"), [(19, [OTHER]), (20, ["lu"])])
    def test_names_a_page_that_is_shown_twenty_times(self, shown_in_all, pages):
        assert table({("de", "lu"): 10, ("en", "lu"): shown_in_all - 10}).pages == pages

    def test_of_one_language_hides_a_second_page(self):
        whole = with_totals({("de", "finder"): 4, ("de", "lu"): 80, ("de", "pt"): 60})
        hidden = suppressed(whole)

        assert {("de", "finder"), (ALL, "finder"), ("de", "pt"), (ALL, "pt")} == hidden

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

    def test_counts_rare_pages_together_but_never_the_finder(self):
        numbers = {"finder": 12, "lu": 9, "li": 11, "at": 80, "mt": -2}

        found = table({("de", page): n for page, n in numbers.items()}, named={"finder"})

        assert found.pages == ["at", "finder", OTHER]
        assert found.numbers["de", OTHER] == 20
        assert found.numbers[ALL, ALL] == 110
