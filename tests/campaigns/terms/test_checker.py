"""Words to avoid block publication until they are replaced or kept for a reason."""

import pytest
from django.core.exceptions import ValidationError

from campaigns.models import AllowedException, Material, Term
from campaigns.terms import checker
from campaigns.terms.passages import passages
from helpline.approval.rule import NotApprovedError
from tests.campaigns.terms.conftest import BAD, GOOD, newest, translate
from tests.factories.campaigns import MaterialFactory, PictureFactory, ThemeFactory, ToolkitPageFactory
from tests.factories.helpline import FinderPageFactory, GuidePageFactory
from tests.support.queries import queries
from users.models import User

HILL = {"decorative": False, "alt_text": f"A picture of {BAD}."}
# Fields and blocks of a page with words, and their labels in the form.
PLACES = {
    "title": "Title",
    "seo_title": "Title tag",
    "search_description": "Meta description",
    "introduction": "Introduction",
    "content_note": "Content note",
    "picture_alt": "Text alternative of the picture",
    "terms": "Terms of use",
}


def publish(page, **changes):
    """Save a version of a page with changes, try to publish it, and return the reloaded page."""
    draft = newest(page).get_latest_revision_as_object()
    for name, value in changes.items():
        setattr(draft, name, value)
    draft.save_revision().publish()
    return newest(page)


def said(page):
    return [each.found for each in checker.findings(checker.newest(newest(page)))]


class TestPublication:
    @pytest.mark.parametrize("name", PLACES)
    def test_waits_for_every_field(self, story, name):
        after = publish(story, **{name: f"About {BAD}."})

        assert BAD not in str(getattr(after, name))
        assert after.has_unpublished_changes
        (reason,) = [each for each in checker.newest(newest(story)).publication_blockers() if BAD in each]
        assert f"({PLACES[name]})" in reason
        assert GOOD in reason

    @pytest.mark.parametrize(
        "block",
        [
            ("heading", f"On {BAD}"),
            ("text", "<p>On <b>child</b> <i>pornography</i></p>"),
            ("callout", {"title": "Note", "html": f"<p>{BAD}</p>"}),
            ("steps", {"items": [{"type": "item", "id": "1", "value": {"title": BAD, "html": ""}}]}),
            ("facts", {"items": [{"type": "item", "id": "1", "value": {"term": "A", "description": BAD}}]}),
        ],
    )
    def test_waits_for_every_block(self, story, block):
        kind, value = block

        after = publish(story, body=[{"type": kind, "value": value, "id": "b"}])

        assert [*after.body.raw_data] == [*story.body.raw_data]

    def test_waits_for_captions_and_credits(self, story):
        picture = PictureFactory(credit="Collection of child porn")

        publish(story, body=[{"type": "picture", "value": {**HILL, "image": picture.pk}, "id": "p"}])

        labels = {each.passage.label for each in checker.findings(checker.newest(newest(story)))}
        assert labels == {"Text › Picture › Alt text", f"Picture “{picture.title}” › Credit"}

    def test_does_not_wait_for_quotations_and_cautions(self, story):
        after = publish(story, introduction=f"She said: “{BAD}”. A predator is an animal, too.")

        assert "predator" in after.introduction
        assert said(story) == ["predator"]

    def test_does_not_wait_for_a_guide_to_words(self, story):
        advice = {"rather": GOOD, "instead_of": BAD, "why": f"“{BAD}” sounds harmless, and {BAD} is not."}
        guide = {
            "type": "word_guide",
            "value": {"items": [{"type": "item", "id": "1", "value": advice}]},
            "id": "w",
        }
        toolkit = ToolkitPageFactory(parent=story)

        after = publish(toolkit, body=[guide])

        assert BAD in str([*after.body.raw_data])

    def test_waits_for_a_help_page_too(self, home, terms):
        finder = FinderPageFactory(parent=home)
        guide = GuidePageFactory(parent=finder, introduction=f"About {BAD}.")
        revision = guide.save_revision()

        with pytest.raises(NotApprovedError, match=GOOD):
            revision.publish(user=User.objects.create_superuser("second@example.org"))

    def test_does_not_wait_for_what_is_public_already(self, story):
        Term.objects.create(language="en", level="avoid", word="path", forms="path", concept="a way")

        after = publish(story, introduction="The number is 116 123.")

        assert after.introduction == "The number is 116 123."
        assert [each.is_public for each in checker.findings(after)] == [True, True]

    def test_never_keeps_a_page_on_the_site(self, story):
        publish(story, introduction=BAD)

        newest(story).unpublish()

        assert not newest(story).live

    def test_waits_for_a_schedule_and_a_workflow(self, story):
        draft = story.get_latest_revision_as_object()
        draft.introduction = BAD
        revision = draft.save_revision()
        revision.approved_go_live_at = revision.created_at
        revision.save()

        revision.publish()

        assert BAD not in newest(story).introduction


class TestWaysOut:
    @pytest.fixture
    def person(self, db):
        return User.objects.create_superuser("person@example.org")

    @pytest.fixture
    def draft(self, story):
        publish(
            story,
            introduction=f"Child pornography, and {BAD} &c.",
            body=[{"type": "text", "value": "<p>On <b>child</b> porn &amp; more.</p><p>Fine.</p>", "id": "b"}],
        )
        return newest(story)

    def test_replaces_in_fields_and_rich_text(self, draft, person):
        chosen = {each.key: GOOD for each in checker.findings(checker.newest(draft))}

        assert checker.replace(thing=draft, chosen=chosen, by=person) == 3

        after = newest(draft).get_latest_revision_as_object()
        assert after.introduction == f"Child sexual abuse material, and {GOOD} &c."
        assert after.body.raw_data[0]["value"] == f"<p>On <b>{GOOD}</b> &amp; more.</p><p>Fine.</p>"
        assert newest(draft).latest_revision.user == person
        assert publish(draft).introduction == after.introduction

    def test_replaces_nothing_in_a_text_that_has_changed(self, draft, person):
        with pytest.raises(checker.ReplacementError):
            checker.replace(thing=draft, chosen={"another": GOOD}, by=person)

    def test_keeps_a_word_for_a_reason_until_the_text_changes(self, draft, person):
        keys = [each.key for each in checker.findings(checker.newest(draft))]

        assert checker.keep(thing=draft, keys=keys, reason="The name of the film.", by=person) == 2
        assert checker.keep(thing=draft, keys=keys, reason="Again.", by=person) == 0

        assert BAD in publish(draft).introduction
        kept = AllowedException.objects.latest("pk")
        said = (kept.reason, kept.by, kept.language, kept.title)
        assert said == ("The name of the film.", person, "en", "Path")
        assert "Anew" not in publish(draft, introduction="Anew: child porn.").introduction
        assert [each.asks for each in checker.findings(checker.newest(newest(draft)))].count(True) == 1

    @pytest.mark.usefixtures("nothing_is_rendered")
    def test_work_in_what_translators_have_written(
        self, story, languages, in_language, campaigns, person, django_capture_on_commit_callbacks
    ):
        in_language(campaigns, "de")
        translation = translate(story, languages["de"], "Über Kinderpornografie &amp; mehr")
        with django_capture_on_commit_callbacks(execute=True):
            translation.save_target(publish=True)
        german = story.get_translation(languages["de"])
        assert not german.live
        (found,) = checker.findings(checker.newest(german))

        checker.replace(thing=german, chosen={found.key: "Missbrauchsdarstellungen"}, by=person)
        with django_capture_on_commit_callbacks(execute=True):
            translation.save_target(publish=True)

        german = newest(german)
        assert german.live
        assert german.introduction == "Über Missbrauchsdarstellungen & mehr"


class TestRecords:
    def test_publishes_no_words_of_a_material(self, terms):
        material = MaterialFactory(languages=("en", "de"))
        draft = material.get_latest_revision_as_object()
        text = next(each for each in draft.texts.all() if each.language == "de")
        text.description = "Gegen Kinderpornografie"
        draft.texts = [*[each for each in draft.texts.all() if each.language != "de"], text]
        revision = draft.save_revision()

        with pytest.raises(ValidationError, match="Missbrauchsdarstellungen"):
            revision.publish()

        assert Material.objects.get(pk=material.pk).texts.get(language="de").description == ""

    def test_reads_each_text_of_a_material_in_its_language(self, terms):
        material = MaterialFactory(languages=("de",))
        material.name = BAD  # only staff read it

        assert {(each.path, each.language) for each in passages(material)} == {
            ("texts.0.title", "de"),
            ("files.0.alt_text", "de"),
        }

    def test_takes_no_theme_with_such_a_name(self, terms):
        theme = ThemeFactory()
        theme.name = BAD

        with pytest.raises(ValidationError):
            theme.full_clean()


class TestGlossary:
    def test_pairs_the_terms_of_two_languages(self, db):
        for language, word in (("en", "victim; survivor"), ("de", "Opfer; Betroffene"), ("fr", "")):
            Term.objects.create(language=language, level="use", word=word, concept="victim")

        assert checker.glossary("en", "de") == [("victim", "Opfer"), ("survivor", "Opfer")]
        assert checker.glossary("en", "fr") == []


class TestSpeed:
    def test_takes_the_same_queries_for_few_and_many(self, story):
        def look(number):
            story.body = [{"type": "text", "value": f"<p>{BAD} {n}</p>", "id": str(n)} for n in range(number)]
            return queries(lambda: checker.findings(story))

        look(3)

        assert look(30) == look(3)
