"""Facts in notes are also in codes, and names are no descriptions in English.

`manage.py check` reads the notes.
"""

import re

import pytest
from django.core.management import call_command
from django.utils import translation

from helpline.checks import note_errors, starter_rows
from helpline.finder.content.listing.confidentiality import ConfidentialityCard
from helpline.finder.content.listing.reading import FinderReading
from helpline.finder.content.listing.rows import listing_rows
from helpline.models import Programme
from helpline.vocabulary.codes import Confidentiality, Trigger
from helpline.vocabulary.wording import first_sentence
from tests.helpline.unsaved import TODAY

NOTHING_SAID = "We do not know who they may inform: ask before you say who you are."


def errors(note, **columns):
    row = {
        "id": "de-example", "confidentiality": "unknown", "reporting_trigger": "", "not_for": "", "from_age": "",
        "to_age": "", **columns,
    }  # fmt: skip
    return [error.id for error in note_errors([row], [{"id": "de-example", "language": "en", "note": note}])]


class TestNotes:
    def test_say_nothing_that_the_codes_do_not(self):
        assert list(note_errors(starter_rows("programmes.csv"), starter_rows("programme_texts.csv"))) == []

    @pytest.mark.parametrize(
        ("note", "columns"),
        [
            ("Past offences are reported.", {"reporting_trigger": "offence"}),
            ("They notify child protection.", {"confidentiality": "not_confidential"}),
            ("Everything goes to the Garda.", {"reporting_trigger": "always"}),
            ("Adults only.", {"not_for": "under_18"}),
            ("For ages 13 to 18.", {"from_age": "13"}),
        ],
    )
    def test_that_say_more_are_errors(self, note, columns):
        assert errors(note) == ["helpline.E013"]
        assert errors(note, **columns) == []


class TestDescriptions:
    """The first sentence stands alone on the card: two or three lines of a phone."""

    @pytest.mark.parametrize(("language", "longest"), [("en", 90), ("de", 100), ("fr", 100), ("ar", 100)])
    def test_begin_with_a_short_sentence(self, language, longest):
        texts = [row for row in starter_rows("programme_texts.csv") if row["language"] == language]
        first = {row["id"]: first_sentence(row["what_it_is"]) for row in texts}

        assert len(first) >= 90
        assert {number: words for number, words in first.items() if len(words) > longest} == {}


class TestNames:
    GLOSS = re.compile(
        r"(?i)\b(adults|advice|callers|children|course|line for|network|people"
        r"|study|talks|therapy|treatment|version|work|young)\b"
    )

    def test_are_names_and_no_descriptions_in_english(self):
        found = [row["name"] for row in starter_rows("programmes.csv") if self.GLOSS.search(row["name"])]

        assert found == ["Inform Young People", "Safe Network"]  # these are their names

    def test_a_description_would_be_found(self):
        assert self.GLOSS.search("Kein Täter werden (prevention network)")


@pytest.mark.django_db
class TestVisibleLine:
    """The line before each number never omits a known fact."""

    @pytest.mark.parametrize("language", ["en", "de", "fr", "ar"])
    def test_is_not_known_only_where_nothing_is_known(self, language):
        call_command("import_listings", "programmes", verbosity=0)
        programmes = {str(each.uuid): each for each in Programme.objects.prefetch_related("contact_points")}

        with translation.override(language):
            nothing = translation.gettext(NOTHING_SAID)
            wrong = [
                row.programme.name
                for row in listing_rows(programmes.values(), FinderReading(today=TODAY))
                if (nothing in row.confidentiality.essence) is not self.is_unknown(row.programme)
            ]

        known = [each for each in programmes.values() if not self.is_unknown(each)]
        assert wrong == []
        assert len(known) >= 35

    def is_unknown(self, programme):
        return (
            programme.confidentiality == Confidentiality.UNKNOWN
            and programme.reporting_trigger == Trigger.UNKNOWN
            and not ConfidentialityCard(
                programme, programme.contact_points.all(), FinderReading(today=TODAY)
            ).is_used_alone
        )

    def test_says_that_one_in_four_reports_everybody(self):
        call_command("import_listings", "programmes", verbosity=0)
        found = Programme.objects.get(reference="ie-one-in-four-prevention")

        (shown,) = listing_rows([found], FinderReading(today=TODAY))

        assert "It is not confidential. They tell the authorities about everyone" in shown.confidentiality.essence
