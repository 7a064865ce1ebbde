"""The starter data describe each programme in four languages, and pages with these texts mark them as unreviewed."""

import csv
import re

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from wagtail.models import Locale, Revision

from helpline.exchange.imports.drafts import ImportOutcome
from helpline.exchange.imports.kinds import DATA
from helpline.exchange.imports.parsed import identifier
from helpline.exchange.imports.texts import PROGRAMME_TEXTS, import_texts
from helpline.finder import queries
from helpline.finder.content.listing.reading import FinderReading
from helpline.finder.content.listing.rows import row as row_of
from helpline.governance import services
from helpline.models import ProgrammeText
from helpline.vocabulary.wording import first_sentence
from tests.factories.helpline import ProgrammeFactory, ProgrammeTextFactory, StaffFactory
from tests.helpline.unsaved import TODAY
from tests.support.queries import queries as count_queries

LANGUAGES = ("en", "de", "fr", "ar")


def table(*rows):
    lines = [",".join(PROGRAMME_TEXTS.columns), *(",".join(f'"{cell}"' for cell in row) for row in rows)]
    return "\n".join(lines).encode()


def text_rows():
    with (DATA / "programme_texts.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


class TestStarterTexts:
    def test_say_the_same_in_every_language(self):
        said = {}
        for row in text_rows():
            # An operator may have an official name in one language alone.
            cells = [row[name] for name in PROGRAMME_TEXTS.words if name != "operator"]
            shape = [(bool(cell), sorted(re.findall(r"\d+", cell))) for cell in cells]
            said.setdefault(row["id"], {})[row["language"]] = shape

        uneven = [
            name for name, each in said.items()
            if set(each) != set(LANGUAGES) or any(shape != each["en"] for shape in each.values())
        ]  # fmt: skip
        assert uneven == []

    def test_have_one_line_of_what_it_is(self):
        assert [row["id"] for row in text_rows() if len(first_sentence(row["what_it_is"])) > 200] == []


@pytest.mark.django_db
class TestRealProgrammes:
    def test_every_one_says_what_it_is_in_four_languages(self, languages, settings):
        settings.DEMO = True
        call_command("import_listings", "programmes", verbosity=0)
        call_command("import_listings", "programme-texts", verbosity=0)

        silent, unmarked, shown = [], [], 0
        for language in LANGUAGES:
            with translation.override(language):
                rows = [row_of(each, FinderReading(today=TODAY)) for each in queries.programmes(language=language)]
                silent += [(language, row.programme.name) for row in rows if not row.lead]
                unmarked += [(language, row.programme.name) for row in rows if not row.unreviewed]
                shown += len(rows)

        assert silent == []
        assert unmarked == []
        assert shown >= 4 * 70


@pytest.mark.django_db
class TestImport:
    ROW = ("de-example", "en", "People who listen.", "Advisers.", "They ask you.")

    @pytest.fixture
    def programme(self, db):
        return ProgrammeFactory(reference="de-example", uuid=identifier("de-example"))

    def test_makes_drafts_that_are_translations_of_each_other(self, programme, languages):
        import_texts(PROGRAMME_TEXTS, table(self.ROW, ("de-example", "de", "Menschen, die zuhören.", "", "")))

        english, german = ProgrammeText.objects.order_by("-locale__language_code")
        assert english.get_translation(german.locale) == german
        assert not english.live
        assert english.latest_revision.user is None

    def test_again_changes_only_texts_without_an_author(self, programme):
        (first,) = import_texts(PROGRAMME_TEXTS, table(self.ROW))
        (same,) = import_texts(PROGRAMME_TEXTS, table(self.ROW))
        (changed,) = import_texts(PROGRAMME_TEXTS, table((*self.ROW[:2], "Other people.", "", "")))
        text = ProgrammeText.objects.get()
        text.save_revision(user=StaffFactory())
        (conflict,) = import_texts(PROGRAMME_TEXTS, table(self.ROW))

        outcomes = [each.outcome.name for each in (first, same, changed, conflict)]
        assert outcomes == ["NEW", "SAME", "CHANGED", "CONFLICT"]
        assert ProgrammeText.objects.get().summary == "Other people."

    def test_leaves_what_two_people_approved(self, programme):
        ProgrammeTextFactory(programme=programme, summary="Approved.", approved=True)

        (plan,) = import_texts(PROGRAMME_TEXTS, table(self.ROW))

        assert plan.outcome is ImportOutcome.CONFLICT
        assert ProgrammeText.objects.get().summary == "Approved."

    def test_leaves_what_was_once_public_by_any_author(self, programme):
        text = ProgrammeTextFactory(programme=programme, summary="Approved.", approved=True)
        services.hide(listing=text, by=None, reason="In doubt.")
        Revision.objects.for_instance(text).update(user=None)  # their accounts are gone

        (plan,) = import_texts(PROGRAMME_TEXTS, table(self.ROW))

        assert plan.outcome is ImportOutcome.CONFLICT
        assert ProgrammeText.objects.get().summary == "Approved."

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            (("de-missing", "en", "Words.", "", ""), "no programme with this id"),
            (("de-example", "tlh", "Words.", "", ""), "not a known code"),
            (("de-example", "en", "", "", ""), "This cell is empty"),
            (("de-example", "en", "a" * 601, "", ""), "longer than 600 characters"),
        ],
    )
    def test_says_what_is_wrong_and_writes_nothing(self, programme, tmp_path, capsys, row, words):
        path = tmp_path / "texts.csv"
        path.write_bytes(table(row))

        with pytest.raises(CommandError):
            call_command("import_listings", "programme-texts", path)

        assert words in capsys.readouterr().err
        assert not ProgrammeText.objects.exists()

    def test_leaves_out_languages_that_the_site_does_not_have(self, programme):
        assert not Locale.objects.filter(language_code="fr").exists()

        assert import_texts(PROGRAMME_TEXTS, table(("de-example", "fr", "Des gens.", "", ""))) == []

    def test_takes_the_same_queries_for_few_and_many(self):
        def load(*names):
            for name in names:
                ProgrammeFactory(reference=name, uuid=identifier(name))
            data = table(*((name, *self.ROW[1:]) for name in names))
            return count_queries(lambda: import_texts(PROGRAMME_TEXTS, data))

        load("de-warm")
        assert load("de-one") == load(*(f"de-{n}" for n in range(10)))
