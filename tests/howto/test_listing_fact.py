"""CONTRIBUTING.md, "A new fact of a listing", performed on a copy: four files, two of them written by commands."""

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


def add_field(project_copy):
    project_copy.insert(MODEL, before="    scan_grade = models.CharField(", text=FIELD)


def add_row(project_copy):
    project_copy.insert(FACTS, before='    ListingFact(\n        name="evidence"', text=ROW)


class TestNewFact:
    def test_takes_four_files_and_is_then_in_files_forms_checklist_and_on_the_card(self, project_copy):
        add_field(project_copy)
        add_row(project_copy)

        no_migration, no_manual, *done = project_copy.manage_all(
            "makemigrations --check --dry-run",
            "fact_docs --check",
            "makemigrations helpline --name waiting",
            "fact_docs",
            "check",
            "makemigrations --check --dry-run",
        )

        assert no_migration
        assert "run manage.py fact_docs" in no_manual
        assert done == [""] * 4
        (migration,) = (path for path in project_copy.changed() if "/migrations/" in path)
        assert project_copy.changed() == {MODEL, FACTS, MANUAL, migration}
        assert project_copy.python(FOLLOWS).splitlines() == [
            "column yes",
            "told True",
            "form True",
            "card [('Has a waiting list', 'yes')] []",
            "asked True",
        ]

    def test_without_its_row_makes_a_check_fail(self, project_copy):
        add_field(project_copy)

        found = project_copy.manage("check").stderr

        assert "helpline.E001" in found
        assert "Programme.waiting" in found
