"""A facet of the finder is one row of a table.

`manage.py check` reports rows that the style sheet cannot distinguish.
"""

from dataclasses import replace

import pytest

from helpline.checks import facet_table_errors
from helpline.finder.content.filters.facets import FACETS


class TestTable:
    def test_is_unambiguous(self):
        assert list(facet_table_errors(FACETS)) == []

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"number": 1}, "helpline.E010"),
            ({"values": lambda: [("yes", "Only free")]}, "helpline.E011"),
            ({"of_point": None}, "helpline.E012"),
        ],
        ids=["a number used twice", "a code used twice", "codes of nothing"],
    )
    def test_reports_a_wrong_row(self, change, error):
        rows = [replace(facet, **change) if facet.code == "cost" else facet for facet in FACETS]

        assert error in {message.id for message in facet_table_errors(rows)}
