"""CONTRIBUTING.md, "A new fact of a listing", performed on a copy: four files, two of them written by commands."""

import pytest

MODEL = "helpline/records/programmes.py"
FACTS = "helpline/records/facts.py"
MANUAL = "docs/editors/listing-facts.md"
FIELD = """\
    waiting = models.CharField(
        _("has a waiting list"), max_length=10, choices=YesNo, default=YesNo.UNKNOWN
    )
"""
ROW = """\
    ListingFact(
        name="waiting", model=Programme, vocabulary=codes.YesNo, points=("hours",), column="waiting", section="terms",
        card=OnCard.LINE,
    ),
"""
FOLLOWS = """
from helpline.admin.panels import panels
from helpline.exchange.csv.columns import PROGRAMMES
from helpline.exchange.csv.tables import CsvRow
from helpline.exchange.hsds.taxonomies import BY_KEY
from helpline.finder.content.listing.rows import more
from helpline.governance.review import policy
from helpline.governance.review import policy
from helpline.records import facts
from helpline.records.programmes import Programme

fields = {panel.field_name for panel in panels(Programme, tab=facts.MAIN) if hasattr(panel, "field_name")}
row = CsvRow(2, dict.fromkeys(PROGRAMMES.names, "") | {"id": "a-1", "name": "A", "country": "de", "waiting": "yes"})
print("column", "waiting" in PROGRAMMES.names and PROGRAMMES.parse(row).fields["waiting"])
print("told", PROGRAMMES.columns and "waiting" in BY_KEY)
print("form", "waiting" in fields)
print("card", list(more(Programme(waiting="yes"))), list(more(Programme())))
print("asked", "hours" in {point.code for point in policy.points(policy.PROGRAMME, {"waiting"})})
"""


def add_field(house):
    house.insert(MODEL, before="    scan_grade = models.CharField(", text=FIELD)


def add_row(house):
    house.insert(FACTS, before='    ListingFact(\n        name="evidence"', text=ROW)


def migrate(house) -> str:
    done = house.manage("makemigrations", "helpline", "--name", "waiting")
    assert done.returncode == 0, done.stderr
    (made,) = (path for path in house.changed() if "/migrations/" in path)
    return made


class TestNewFact:
    def test_takes_four_files(self, house):
        add_field(house)
        add_row(house)
        migration = migrate(house)
        assert house.manage("fact_docs").returncode == 0

        assert house.changed() == {MODEL, FACTS, MANUAL, migration}
        assert house.manage("check").returncode == 0
        assert house.manage("makemigrations", "--check", "--dry-run").returncode == 0

    def test_is_in_files_forms_checklist_and_on_the_card(self, house):
        add_field(house)
        add_row(house)

        assert house.python(FOLLOWS).splitlines() == [
            "column yes",
            "told True",
            "form True",
            "card [('Has a waiting list', 'yes')] []",
            "asked True",
        ]


class TestForgotten:
    """Whatever is forgotten makes a check fail that says what is missing."""

    @pytest.fixture(autouse=True)
    def _field(self, house):
        add_field(house)

    def test_row(self, house):
        found = house.manage("check").stderr

        assert "helpline.E001" in found
        assert "Programme.waiting" in found

    def test_migration(self, house):
        add_row(house)

        assert house.manage("makemigrations", "--check", "--dry-run").returncode == 1

    def test_manual(self, house):
        add_row(house)

        assert "run manage.py fact_docs" in house.manage("fact_docs", "--check").stderr
