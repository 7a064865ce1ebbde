"""A fact of a listing is one row of a table.

`manage.py check` reports omissions.
"""

from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command

from helpline.checks import fact_table_errors
from helpline.exchange.csv import columns
from helpline.exchange.hsds import taxonomies
from helpline.governance.review import policy
from helpline.models import ContactPoint, Programme, SupportLine
from helpline.records import facts
from helpline.records.facts import Whose
from helpline.records.programmes import SAID_ONCE
from helpline.records.visibility import LEADS

TABLE = list(facts.for_model(Programme))
# Facts in which a location may differ from the programme of its row.
MAY_DIFFER = {
    "said for each location": {"name", "part_of", "regions", "region", "website", "status", "closed_until"},
    "compared as sets": {"not_for", "suitable_for", "countries", "audiences"},
    "about the organisation, which may be another": {"operator", "operator_type", "reach", "evidence"},
    "about the review": {"confidentiality_reviewer", "confidentiality_reviewed_on"},
    "about the check and its source": {
        "source_url", "source_seen", "confidence", "checked_on", "checked_source", "next_check_due",
    },
    "for staff": {"delisted_reason"},
}  # fmt: skip


def errors(rows) -> list[str]:
    return [message.id for message in fact_table_errors({Programme: rows})]


class TestTable:
    def test_is_whole(self):
        assert list(fact_table_errors(facts.TABLES)) == []

    @pytest.mark.parametrize("fact", TABLE, ids=lambda fact: fact.name)
    def test_misses_every_row_that_is_forgotten(self, fact):
        assert errors(row for row in TABLE if row is not fact) == ["helpline.E001"]

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"name": "shoe_size"}, "helpline.E003"),
            ({"section": "nowhere"}, "helpline.E004"),
            ({"points": ("no_such_point",)}, "helpline.E005"),
            ({"column": ""}, "helpline.E006"),
            ({"allowed_change": facts.freely, "vocabulary": None}, "helpline.E007"),
            ({"column": "operator"}, "helpline.E002"),
        ],
    )
    def test_reports_a_wrong_row(self, change, error):
        rows = [replace(fact, **change) if fact.name == "evidence" else fact for fact in TABLE]

        assert error in errors(rows)


class TestWhatFollowsFromIt:
    @pytest.mark.parametrize("model", [Programme, SupportLine])
    def test_every_fact_is_in_a_file_unless_it_is_for_staff(self, model):
        table = columns.PROGRAMMES if model is Programme else columns.SUPPORT_LINES
        expected = {fact.column for fact in facts.for_model(model) if fact.column}

        assert expected <= set(table.names)
        assert {fact.name for fact in facts.for_model(model) if not fact.column} <= {
            *facts.names(model, whose=Whose.STAFF), "reach", "regions", "region",
        }  # fmt: skip

    def test_a_fact_is_said_once_for_a_programme_and_its_locations_or_may_differ(self):
        """A fact of a programme is only shared by locations of which it is true."""
        listed = [*SAID_ONCE, *(name for names in MAY_DIFFER.values() for name in names)]

        assert sorted(listed) == sorted(fact.name for fact in TABLE)

    def test_what_leads_to_a_service_is_a_fact_of_its_contact_points(self):
        """These are all fields to dial, write to or open.

        A number from abroad and its spelling only go with a number.
        """
        ways = set(facts.names(ContactPoint, is_contact_detail=True)) | {"url", "address"}

        assert ways - set(LEADS) == {"number_country", "number_written", "number_from_abroad"}

    def test_a_taxonomy_of_hsds_has_the_codes_of_its_fact(self):
        for taxonomy in taxonomies.VOCABULARIES:
            fact = facts.by_name(taxonomies.MODELS[taxonomy.entity])[taxonomy.field]

            assert taxonomy.labels().keys() <= {code for code, _name in fact.choices}

    @pytest.mark.parametrize(
        ("changed", "asked"),
        [
            ({"cost"}, {"source", "cost"}),
            ({"contact_points.number"}, {"source", "contact"}),
            ({"contact_points.sees"}, {"source", "reporting"}),
            ({"operator"}, {"source", "organisation", "child_protection", "confidentiality", "no_forum"}),
            ({"evidence"}, {"source"}),
        ],
    )
    def test_a_changed_fact_asks_for_its_points_again(self, changed, asked):
        assert {point.code for point in policy.points(policy.PROGRAMME, changed)} == asked

    def test_only_what_can_be_dialled_or_written_to_is_hidden_with_the_contact_details(self):
        assert facts.names(ContactPoint, is_contact_detail=True) == (
            "number", "number_country", "number_written", "number_from_abroad", "email",
        )  # fmt: skip

    def test_the_manual_says_what_the_table_says(self):
        call_command("fact_docs", check=True)

    def test_an_old_manual_is_noticed(self, settings, tmp_path):
        settings.ROOT = tmp_path

        with pytest.raises(CommandError, match="fact_docs"):
            call_command("fact_docs", check=True)
