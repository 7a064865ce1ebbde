"""The table of states says what each page says of itself."""

import random
from typing import Any

import pytest
from django.core.management import call_command
from wagtail.models import Locale, Page
from wagtail_localize.models import StringTranslation, Translation, TranslationSource

from core.languages.submission import as_translated
from core.publishing import safety
from tests.support.publishing import publish_page
from tests.translating.conftest import FIRST, cell, change, enter, translated
from translating import states
from translating.models import Cell, CellState, NotWanted, StaleSubject, Subject

pytestmark = pytest.mark.django_db


def check_against_safety(**of: Any) -> int:
    """Compare each cell, or those `of` a page, with `core.publishing.safety`.

    Return how many there were.
    """
    found = Cell.objects.filter(subject__kind="pages", **of).select_related("subject", "locale")
    for each in found:
        versions = Page.objects.filter(translation_key=each.subject.key, locale=each.locale, alias_of=None)
        page = versions.first()
        assert (page.pk if page else None) == each.page_pk
        if page is None:
            assert each.state in (CellState.MISSING, CellState.NOT_WANTED)
            continue
        page = page.specific
        assert each.is_public == (page.live and not page.untranslated()), each
        translation = Translation.objects.filter(source__object_id=each.subject.key, target_locale=each.locale).first()
        if translation is None:
            continue
        state = safety.translation_state(as_translated(translation))
        assert (each.left, each.machine) == (state.untranslated, state.machine_translated), each
    return len(found)


class TestCell:
    def test_of_a_page_that_was_not_sent_is_missing(self, site):
        found = cell(site["guide"], "fr")

        assert found.state == CellState.MISSING
        assert found.words_left == found.subject.words > 10

    def test_of_a_published_translation_is_public(self, site):
        assert cell(site["guide"], "de").state == CellState.PUBLIC
        assert check_against_safety() == 15

    def test_is_stale_once_a_sentence_of_the_source_has_changed_and_not_when_it_is_published_again(self, site):
        publish_page(site["guide"])
        TranslationSource.objects.get(object_id=site["guide"].translation_key).update_from_db()
        assert cell(site["guide"], "de").state == CellState.PUBLIC

        change(site["guide"], FIRST.replace("then", "and then"))

        found = cell(site["guide"], "de")
        assert (found.state, found.left, found.changed, found.words_left) == (CellState.STALE, 1, 1, 6)
        assert found.stale_since is not None
        assert found.is_public
        check_against_safety()

    def test_stays_stale_since_the_first_change(self, site):
        change(site["guide"], FIRST.replace("then", "and then"))
        since = cell(site["guide"], "de").stale_since

        change(site["guide"], FIRST.replace("then", "and then slowly"))

        assert cell(site["guide"], "de").stale_since == since

    def test_is_whole_until_what_was_translated_again_is_published(self, site):
        change(site["guide"], FIRST.replace("then", "and then"))
        translation = Translation.objects.get(source__object_id=site["guide"].translation_key)

        enter(translation)
        assert cell(site["guide"], "de").state == CellState.WHOLE
        german = site["guide"].get_translation(translation.target_locale)
        as_translated(translation).save_revision()
        publish_page(as_translated(translation))

        assert cell(german, "de").state == CellState.PUBLIC
        check_against_safety()

    def test_counts_what_is_done_while_it_is_in_work(self, site, languages):
        translation = translated(site["campaign"], languages["fr"], publish=False)
        one = StringTranslation.objects.filter(locale=languages["fr"]).order_by("pk").first()
        one.delete()

        found = cell(site["campaign"], "fr")

        assert found.state == CellState.IN_WORK
        assert (found.done, found.left) == (found.total - 1, 1)
        assert found.translation_pk == translation.pk
        check_against_safety()

    @pytest.mark.parametrize(("which", "state"), [("guide", CellState.MACHINE), ("campaign", CellState.WHOLE)])
    def test_by_a_machine_is_not_whole_where_people_look_for_help(self, site, languages, which, state):
        translation = translated(site[which], languages["fr"], publish=False)
        StringTranslation.objects.filter(locale=languages["fr"]).update(translation_type="machine")
        states.note("pages", translation.source.object_id)

        found = cell(site[which], "fr")

        assert found.state == state
        assert found.machine == found.total
        check_against_safety()

    def test_that_is_not_wanted_says_so(self, site, languages):
        NotWanted.objects.create(
            kind="pages", key=site["campaign"].translation_key, locale=languages["fr"], reason="German only"
        )
        states.note("pages", site["campaign"].translation_key)

        assert cell(site["campaign"], "fr").state == CellState.NOT_WANTED

    def test_goes_with_its_page(self, site):
        key = str(site["campaign"].translation_key)
        Page.objects.get(pk=site["campaign"].pk).delete()
        states.write_noted()

        assert not Subject.objects.filter(key=key).exists()


class TestRebuilding:
    def test_gives_the_same_table(self, site):
        change(site["guide"], FIRST.replace("then", "and then"))
        states.write_noted()
        fields = [*states.OF_CELL, "subject__key", "locale_id"]
        before = sorted(map(str, Cell.objects.values_list(*fields)))
        Cell.objects.update(state=CellState.MISSING, left=0)

        call_command("translations", verbosity=0)

        assert sorted(map(str, Cell.objects.values_list(*fields))) == before


class TestANoteAboutEverything:
    def test_is_replaced_by_the_cells_and_stays_where_it_comes_while_they_are_written(self, site, monkeypatch):
        Cell.objects.all().delete()
        states.note_all()
        replace = states.expand_all

        def replace_and_note_again() -> None:
            replace()
            states.note_all()

        monkeypatch.setattr(states, "expand_all", replace_and_note_again)
        states.write_noted()

        assert Cell.objects.exists()
        assert [note.kind for note in StaleSubject.objects.all()] == [states.EVERYTHING]


class Edits:
    """The actions of users on one page and its translations, in any order."""

    def __init__(self, page: Any, locales: list[Locale], choose: random.Random) -> None:
        self.page, self.locales, self.choose = page, locales, choose

    def translation(self) -> Translation | None:
        found = Translation.objects.filter(
            source__object_id=self.page.translation_key, target_locale=self.choose.choice(self.locales)
        )
        return found.first()

    def change_the_source(self) -> None:
        words = ["Speak up.", "Speak up early.", "It is never too late.", "Speak up (de)"]
        self.page.introduction = self.choose.choice(words)
        self.page.audience = self.choose.choice(["", "Parents.", *words])
        self.page.key_messages = [("message", each) for each in self.choose.sample(words, self.choose.randint(0, 3))]
        publish_page(self.page)

    def send(self) -> None:
        translated(self.page, self.choose.choice(self.locales), publish=False)

    def enter_the_rest(self) -> None:
        if (translation := self.translation()) is not None:
            kind = self.choose.choice(["manual", "machine"])
            enter(translation, translation_type=kind)

    def take_back_a_text(self) -> None:
        found = StringTranslation.objects.filter(context__object_id=self.page.translation_key)
        if found:
            self.choose.choice(list(found)).delete()

    def spoil_a_text(self) -> None:
        found = StringTranslation.objects.filter(context__object_id=self.page.translation_key)
        if found:
            text = self.choose.choice(list(found))
            text.data = "<script>"
            text.save()

    def publish(self) -> None:
        if (translation := self.translation()) is not None:
            as_translated(translation).save_revision().publish()

    def unpublish(self) -> None:
        if (translation := self.translation()) is not None:
            translation.get_target_instance().unpublish()

    def stop(self) -> None:
        if (translation := self.translation()) is not None:
            translation.enabled = not translation.enabled
            translation.save()

    def one(self) -> None:
        self.choose.choice(
            [self.change_the_source, self.send, self.enter_the_rest, self.take_back_a_text, self.spoil_a_text,
             self.publish,
             self.publish, self.unpublish, self.stop]
        )()  # fmt: skip


class TestAnyOrder:
    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_of_edits_leaves_the_table_equal_to_safety(self, site, languages, seed):
        edits = Edits(site["campaign"], [languages["de"], languages["fr"]], random.Random(seed))

        for _step in range(12):
            edits.one()
            states.write_noted()
            assert check_against_safety(subject__key=site["campaign"].translation_key)
        check_against_safety()
