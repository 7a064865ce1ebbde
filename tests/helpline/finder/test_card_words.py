"""Cards in German, French and Arabic have no English words but names.

An English word is one of the English texts (of the starter data and of the interface) that the catalogue of the other
language does not have, and that is not in several of its texts.
Names are those of the data, and a short list.
"""

import re
from collections import Counter

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import strip_tags

from core.languages import names
from helpline.checks import starter_rows
from helpline.exchange.csv import tables
from helpline.exchange.csv.columns import PROGRAMMES
from helpline.exchange.imports.kinds import DATA
from helpline.exchange.imports.texts import PROGRAMME_TEXTS
from helpline.finder.content import crisis
from helpline.finder.content.listing.reading import FinderReading
from helpline.finder.content.listing.rows import row as row_of
from helpline.models import ContactPoint, Programme, ProgrammeText
from helpline.records.visibility import is_reachable
from helpline.vocabulary import regions
from helpline.vocabulary.codes import Status
from tests.helpline.unsaved import TODAY
from tests.support.reading import catalogue

LANGUAGES = ("de", "fr", "ar")
WORD = re.compile(r"[^\W\d_]{3,}")
# Columns of the data that hold names, which are the same in every language.
NAMED = {
    "programmes.csv": ("name", "operator", "legal_basis", "website", "email", "source_url"),
    "support_lines.csv": ("name", "website"),
}
# Other names, as the texts have them.
ALSO = "Barcelona Barnahús Garda Hopkins Johns département eigen risico"
# Words that are the same in English.
SAME = {
    "de": "April November extra half plan",
    "fr": "canton identifier imminent parent patients questionnaire questionnaires signature",
}
# In so many texts of a language, a word is one of the language.
SEVERAL = 3


def words(text: str) -> set[str]:
    return {word.casefold() for word in WORD.findall(text)}


def texts(language: str) -> dict[str, dict[str, str]]:
    """Return the texts of the starter data in a language, by field, by the id of the programme."""
    return {
        row["id"]: {field: row[column] for column, field in PROGRAMME_TEXTS.words.items()}
        for row in starter_rows("programme_texts.csv")
        if row["language"] == language
    }


def vocabulary(language: str) -> set[str]:
    """Return the words of a language: of its catalogue, its names of places, and several different texts."""
    said = [message.string for message in catalogue(language)]
    found = {word for each in said for text in ([each] if isinstance(each, str) else each) for word in words(text)}
    places = [*(regions.name(code, language) for code in regions.table()), *dict(names.countries(language)).values()]
    different = {text for row in texts(language).values() for text in row.values()}
    several = Counter(word for text in different for word in words(text))
    return found.union(
        words(SAME.get(language, "")), *map(words, places), (w for w in several if several[w] >= SEVERAL)
    )


def named() -> set[str]:
    rows = [(row, columns) for file, columns in NAMED.items() for row in starter_rows(file)]
    return words(ALSO).union(*(words(row[column]) for row, columns in rows for column in columns))


def english() -> set[str]:
    said = [message.id for message in catalogue("de")]
    found = {word for each in said for text in ([each] if isinstance(each, str) else each) for word in words(text)}
    return found.union(
        *(words(text) for row in texts("en").values() for name, text in row.items() if name != "operator")
    )


@pytest.fixture(scope="module")
def foreign():
    """Return a function from HTML and a language to the English words in it."""
    known = english() - named()
    in_language = {language: known - vocabulary(language) for language in LANGUAGES}
    return lambda html, language: words(strip_tags(html)) & in_language[language]


def shown() -> dict[str, Programme]:
    """Return the programmes of the starter data that readers see, as an import makes them, by id."""
    found = {}
    optional = PROGRAMMES.optional + PROGRAMMES.staff
    for each in tables.parse((DATA / "programmes.csv").read_bytes(), PROGRAMMES.columns, optional):
        parsed = PROGRAMMES.parse(each)
        made = Programme(**parsed.fields, **parsed.state, pk=each.number)
        made.contact_points = [ContactPoint(**point) for point in parsed.contacts or []]
        if is_reachable(made) and made.status != Status.DELISTED:
            found[parsed.reference] = made
    return found


class Prefetched(list):
    all = list.copy


def card(programme: Programme, text: dict[str, str]) -> str:
    """Return the rendered row of a programme in the active language, with an unreviewed text."""
    programme._prefetched_objects_cache = {"texts": Prefetched([ProgrammeText(**text, live=False)])}
    return render_to_string("helpline/finder_row.html", {"row": row_of(programme, FinderReading(today=TODAY))})


@pytest.mark.parametrize("language", LANGUAGES)
class TestEnglishWords:
    def test_are_on_no_card_of_a_programme(self, language, foreign):
        said = texts(language)
        with translation.override(language):
            cards = {reference: card(each, said[reference]) for reference, each in shown().items()}

        assert {reference: found for reference, html in cards.items() if (found := foreign(html, language))} == {}
        assert len(cards) > 80

    def test_are_on_no_support_line(self, language, foreign, starter_lines):
        with translation.override(language):
            groups = {
                lines.name: render_to_string("helpline/finder_lines.html", {"lines": lines, "title": lines.name})
                for lines in crisis.by_country(starter_lines, crisis.ALL, TODAY)
            }

        assert {name: found for name, html in groups.items() if (found := foreign(html, language))} == {}

    def test_of_each_note_are_found(self, language, foreign):
        """One note in English, or the name of one region, would fail the tests above."""
        notes = texts("en")
        with translation.override(language):
            silent = [
                reference
                for reference, text in texts(language).items()
                if text["note"] and not foreign(notes[reference]["note"], language)
            ]

        assert silent in ([], ["nz-safe-network"])  # each of its words is in a name as well
        assert {"vienna", "speaking"} <= foreign("Vienna, German-speaking", language)
