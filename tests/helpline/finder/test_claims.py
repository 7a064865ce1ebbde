"""What the line of each card says, beside the quotation that it rests on: `references/claims.csv`, reviewed row by row.

After a change of the starter data or of the sentences, write the table again and review the rows whose review is gone:
WAYMARK_WRITE_REFERENCES=1 pytest tests/helpline/finder/test_claims.py
"""

import csv
import os
from pathlib import Path

import pytest
from django.utils import translation

from helpline.exchange.csv.columns import PROGRAMMES
from helpline.exchange.csv.tables import parse
from helpline.exchange.imports.kinds import DATA
from helpline.finder.content.listing.confidentiality import ConfidentialityCard
from helpline.finder.content.listing.reading import FinderReading
from helpline.models import ContactPoint, Programme
from helpline.vocabulary.codes import Confidentiality, Trigger
from tests.helpline.unsaved import TODAY

TABLE = Path(__file__).parent / "references" / "claims.csv"
# At 360 px, two lines of a card hold about this many letters.
TWO_LINES = 90


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def starter_programmes():
    for line in parse(
        (DATA / "programmes.csv").read_bytes(), PROGRAMMES.columns, PROGRAMMES.optional + PROGRAMMES.staff
    ):
        found = PROGRAMMES.parse(line)
        assert not line.problems
        yield found.reference, Programme(**found.fields), [ContactPoint(**point) for point in found.contacts]


def coded(programme):
    """Return the facts that its line states.

    That no exception is published rests on the quotation of the rule.
    """
    rule, exception = programme.confidentiality, programme.reporting_trigger
    return [
        *(["confidentiality"] if rule != Confidentiality.UNKNOWN else []),
        *(["reporting_trigger"] if exception not in {Trigger.UNKNOWN, Trigger.NONE} else []),
    ]


def claims():
    """Return the line of each card that states something, with its quotations and their sources."""
    sources = {(row["id"], row["field"]): row for row in read(DATA / "field_sources.csv")}
    for reference, programme, points in starter_programmes():
        if facts := coded(programme):
            found = [sources.get((reference, fact), {"quote": "", "source": ""}) for fact in facts]
            yield {
                "id": reference,
                "line": ConfidentialityCard(programme, points, FinderReading(today=TODAY)).tells,
                "quotation": " … ".join(dict.fromkeys(row["quote"] for row in found)),
                "source": " ".join(dict.fromkeys(row["source"] for row in found)),
                "without": [fact for fact, row in zip(facts, found, strict=True) if not row["quote"]],
            }


def test_a_coded_fact_has_its_quotation():
    assert {claim["id"]: claim["without"] for claim in claims() if claim["without"]} == {}


def test_no_exception_is_coded_without_a_rule():
    """That a service publishes no exception says nothing if its rule is not known."""
    wrong = [
        reference
        for reference, programme, _points in starter_programmes()
        if programme.reporting_trigger == Trigger.NONE and "confidentiality" not in coded(programme)
    ]

    assert wrong == []


def test_each_line_was_reviewed_beside_its_quotation():
    columns = ["id", "line", "quotation", "source"]
    made = [{name: claim[name] for name in columns} for claim in claims()]
    reviewed = {tuple(row[name] for name in columns): row["review"] for row in read(TABLE)} if TABLE.exists() else {}
    if os.environ.get("WAYMARK_WRITE_REFERENCES"):
        with TABLE.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [*columns, "review"], lineterminator="\n")
            writer.writeheader()
            writer.writerows({**claim, "review": reviewed.get(tuple(claim.values()), "")} for claim in made)

    assert read(TABLE) == [{**claim, "review": reviewed.get(tuple(claim.values()), "")} for claim in made]
    assert [claim["id"] for claim in made if not reviewed.get(tuple(claim.values()))] == []


@pytest.mark.parametrize("language", ["en", "de", "fr", "ar"])
def test_the_lines_have_room_on_a_phone(language):
    with translation.override(language):
        too_long = {claim["line"] for claim in claims() if len(claim["line"]) > TWO_LINES}

    assert too_long == set()
