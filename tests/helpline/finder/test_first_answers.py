"""First listing for sixty readers, on the starter data, each with the reason (first_answers.csv).

After a change of the order or of the data, review the rows that change: an expert in the field must agree with the
first listing.
"""

import csv
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import translation

from helpline.finder.content.listing.rows import sort_key
from helpline.models import Programme
from helpline.records.visibility import is_reachable
from helpline.vocabulary.codes import ANYWHERE
from tests.helpline.unsaved import TODAY

TABLE = Path(__file__).with_name("first_answers.csv")


@pytest.mark.django_db
class TestSixtyReaders:
    def test_see_the_best_answer_first(self):
        call_command("import_listings", "programmes", verbosity=0)
        programmes = [p for p in Programme.objects.prefetch_related("contact_points") if is_reachable(p)]
        with TABLE.open(encoding="utf-8", newline="") as file:
            cases = list(csv.DictReader(file))

        wrong = []
        for case in cases:
            with translation.override(case["language"]):
                fitting = sorted(
                    (
                        each
                        for each in programmes
                        if {case["country"], ANYWHERE} & {*each.countries}
                        and (not case["person"] or case["person"] in each.audiences)
                    ),
                    key=lambda each: sort_key(each, TODAY),
                )
            if fitting[0].reference != case["first"]:
                wrong.append((case, fitting[0].reference))

        assert len(cases) == 60
        assert wrong == []
