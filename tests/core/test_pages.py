from __future__ import annotations

import pytest
from django.core.checks import Error
from django.urls import reverse
from django.utils import translation
from wagtail.models import Page, PageViewRestriction
from wagtail.signals import page_published
from wagtail_localize.models import Translation
from wagtail_localize.operations import translate_object

from core import checks
from core.models import BasePage, LanguageState
from core.publishing.safety import SafetyClass
from home.models import HomePage, StandardPage
from tests.factories.core import StandardPageFactory
from tests.support import languages as translating
from tests.support.cached_fixtures import cached_fixture
from tests.support.languages import fill, in_language, submit
from tests.support.queries import queries

pytestmark = pytest.mark.usefixtures("nothing_is_rendered")
TEXT = [("text", "<p>Talk to <a href='https://example.org/'>somebody</a> who <b>knows</b>.</p><p>It helps.</p>")]


@pytest.fixture
@cached_fixture
def german(home, languages):
    return in_language(home, languages["de"], title="Start")


@pytest.fixture
@cached_fixture
def about(home, german):
    return StandardPageFactory(
        parent=home, slug="about", title="About", introduction="Who we are.", body=[("heading", "Why"), *TEXT]
    )


@pytest.fixture
@cached_fixture
def submitted(about, languages):
    """Return the page, submitted for translation into German."""
    return submit(about, languages["de"])


def auf_deutsch(text):
    return f"{text} auf Deutsch"


def translated(translation):
    """Return the German page, read from the database."""
    return translation.get_target_instance()


def publish(translation, run_on_commit):
    with run_on_commit(execute=True):
        translation.save_target(publish=True)
    return translated(translation)


@pytest.fixture
def editor(private, django_user_model):
    private.force_login(django_user_model.objects.create_superuser("editor@example.org", "x"))
    private.defaults["wsgi.url_scheme"] = "https"
    return private


@pytest.fixture
def run_on_commit(django_capture_on_commit_callbacks):
    return django_capture_on_commit_callbacks


class TestPublishing:
    def test_leaves_nothing_half_done_where_something_fails_after_the_page_was_written(self, about):
        def fails(**kwargs: object) -> None:
            raise RuntimeError

        about.title = "Another title"
        revision = about.save_revision()
        page_published.connect(fails)
        try:
            with pytest.raises(RuntimeError):
                revision.publish()
        finally:
            page_published.disconnect(fails)

        assert StandardPage.objects.get(pk=about.pk).title == "About"


class TestTranslation:
    def test_of_a_live_page_makes_nothing_new_public(self, about, submitted):
        assert not translated(submitted).live

    def test_of_a_deep_page_makes_none_of_the_pages_above_public(self, about, languages):
        below = StandardPageFactory(parent=about, slug="team")

        translate_object(below, [languages["de"]])

        assert not Page.objects.filter(locale=languages["de"], depth__gt=2, live=True).exists()

    def test_keeps_the_address(self, about, submitted):
        assert translated(submitted).slug == "about"

    def test_takes_over_a_changed_address(self, about, submitted, run_on_commit):
        about.slug = "who-we-are"
        about.save_revision().publish()
        translating.update_source(about)
        fill(submitted, auf_deutsch)

        assert publish(submitted, run_on_commit).slug == "who-we-are"

    def test_offers_every_text_of_a_page_to_the_translator(self, submitted):
        paths = {
            path.split(".")[0] for path in submitted.source.stringsegment_set.values_list("context__path", flat=True)
        }

        assert paths == {"title", "introduction", "body"}

    def test_goes_out_when_every_text_is_there(self, submitted, run_on_commit):
        fill(submitted, auf_deutsch)

        german = publish(submitted, run_on_commit)

        assert german.live
        assert german.title == "About auf Deutsch"
        assert german.render_blockers() == []

    def test_does_not_go_out_with_source_text(self, submitted, run_on_commit):
        fill(submitted, auf_deutsch)
        submitted.target_locale.string_translations.filter(context__path="introduction").delete()

        assert not publish(submitted, run_on_commit).live

    def test_may_equal_the_source_if_a_translator_has_entered_it(self, submitted, run_on_commit):
        fill(submitted, lambda text: text)

        assert publish(submitted, run_on_commit).live

    def test_leaves_what_was_public_when_the_source_has_changed(self, about, submitted, run_on_commit):
        fill(submitted, auf_deutsch)
        publish(submitted, run_on_commit)
        about.introduction = "Who we are now."
        about.save_revision().publish()
        translating.update_source(about)

        german = publish(submitted, run_on_commit)

        assert german.live
        assert german.introduction == "Who we are. auf Deutsch"
        assert german.render_blockers() == []
        assert german.has_unpublished_changes

    def test_goes_out_again_when_the_change_is_translated(self, about, submitted, run_on_commit):
        fill(submitted, auf_deutsch)
        publish(submitted, run_on_commit)
        about.introduction = "Who we are now."
        about.save_revision().publish()
        translating.update_source(about)
        publish(submitted, run_on_commit)

        fill(submitted, auf_deutsch)

        assert publish(submitted, run_on_commit).introduction == "Who we are now. auf Deutsch"

    def test_passes_a_schedule_and_a_bulk_action_by_the_same_rule(self, submitted):
        german = translated(submitted)

        german.get_latest_revision().publish()

        german.refresh_from_db()
        assert not german.live


class TestMirror:
    """Wagtail's alias of a page in another language is never public, because it would show the wrong language."""

    @pytest.fixture
    def mirror(self, about, languages):
        return about.copy_for_translation(languages["de"], alias=True)

    def test_is_never_live(self, mirror):
        assert not mirror.live

    def test_stays_hidden_when_the_source_is_published_again(self, about, mirror):
        about.save_revision().publish()

        mirror.refresh_from_db()
        assert not mirror.live

    def test_has_a_reason_not_to_be_rendered(self, mirror):
        Page.objects.filter(pk=mirror.pk).update(live=True)

        assert "It has not been translated yet" in StandardPage.objects.get(pk=mirror.pk).render_blockers()[0]

    def test_of_a_page_in_the_same_language_is_live(self, about, home):
        assert about.create_alias(parent=home, update_slug="about-too").live


class TestRenderBlockers:
    def forced(self, submitted):
        """Return the translation, made live without any publication check."""
        page = submitted.source.get_ephemeral_translated_instance(submitted.target_locale, fallback=True)
        page.live = True
        page.save()
        return type(page).objects.get(pk=page.pk)

    def test_count_the_texts_that_are_still_in_the_source_language(self, submitted):
        fill(submitted, auf_deutsch)
        submitted.target_locale.string_translations.filter(context__path__startswith="body").delete()

        assert self.forced(submitted).render_blockers() == ["3 texts are still in the language of the source page."]

    def test_find_a_machine_in_running_text(self, submitted):
        fill(submitted, auf_deutsch, machine=True)

        assert self.forced(submitted).render_blockers() == [
            "5 texts were translated by a machine, and have not been reviewed."
        ]

    def test_are_gone_when_a_person_has_confirmed_the_words_of_the_machine(self, submitted):
        fill(submitted, auf_deutsch, machine=True)
        fill(submitted, auf_deutsch)

        assert self.forced(submitted).render_blockers() == []

    def test_ignore_a_translation_that_could_not_be_used(self, submitted):
        fill(submitted, auf_deutsch)
        submitted.target_locale.string_translations.filter(context__path="title").update(has_error=True)

        assert self.forced(submitted).render_blockers() == ["1 text is still in the language of the source page."]

    def test_are_none_for_the_source(self, about, submitted):
        assert about.render_blockers() == []

    def test_are_none_for_a_page_that_was_written_in_its_language(self, about, languages):
        assert in_language(about, languages["de"], title="Über uns").render_blockers() == []

    def test_remain_when_a_translation_is_stopped_half_way(self, submitted):
        fill(submitted, auf_deutsch, only="title")
        page = self.forced(submitted)

        Translation.objects.update(enabled=False)

        assert page.render_blockers()

    def test_let_a_machine_translate_campaigns(self, submitted, monkeypatch):
        fill(submitted, auf_deutsch, machine=True)
        page = self.forced(submitted)

        monkeypatch.setattr(StandardPage, "safety_class", SafetyClass.MACHINE_TRANSLATABLE)

        assert page.render_blockers() == []

    def test_include_machine_translation_of_help_pages_of_any_class(self, submitted, monkeypatch):
        fill(submitted, auf_deutsch, machine=True)
        page = self.forced(submitted)

        monkeypatch.setattr(StandardPage, "safety_class", SafetyClass.MACHINE_TRANSLATABLE)
        monkeypatch.setattr(StandardPage, "is_sensitive", True)

        assert page.render_blockers()

    def test_take_three_queries_for_pages_of_any_length(self, home, german, languages):
        for slug, length in (("short", 2), ("long", 20)):
            page = StandardPageFactory(parent=home, slug=slug, body=[("heading", f"{slug} {n}") for n in range(length)])
            fill(submit(page, languages["de"]), auf_deutsch)
        short, long = StandardPage.objects.filter(locale=languages["de"], slug__in=["short", "long"]).order_by("path")

        assert queries(short.render_blockers) == queries(long.render_blockers) == 3


class TestCampaignTranslatedByAMachine:
    def test_is_labelled(self, submitted, monkeypatch, rf, run_on_commit):
        monkeypatch.setattr(StandardPage, "safety_class", SafetyClass.MACHINE_TRANSLATABLE)
        fill(submitted, auf_deutsch, machine=True)

        german = publish(submitted, run_on_commit)

        assert german.live
        assert german.get_context(rf.get("/"))["machine_translated"]


class TestEditScreen:
    def edit(self, page):
        return reverse("wagtailadmin_pages:edit", args=[page.pk])

    def test_refuses_to_publish_a_translation_that_is_not_one_yet(self, editor, submitted, run_on_commit):
        fill(submitted, auf_deutsch, only="title")

        with run_on_commit(execute=True):
            response = editor.post(self.edit(translated(submitted)), {"action": "publish"}, follow=True)

        assert "Not published" in response.content.decode()
        assert "4 texts are still in the language of the source page." in response.content.decode()
        assert not translated(submitted).live

    def test_publishes_a_whole_translation(self, editor, submitted, run_on_commit):
        fill(submitted, auf_deutsch)

        with run_on_commit(execute=True):
            editor.post(self.edit(translated(submitted)), {"action": "publish"}, follow=True)

        assert translated(submitted).live

    def test_explains_why_a_live_page_is_not_public(self, editor, submitted):
        page = TestRenderBlockers().forced(submitted)

        response = editor.get(self.edit(page))

        assert "The public does not see this page. 5 texts are still" in response.content.decode()

    def test_has_no_warning_for_a_public_page(self, editor, about):
        assert "The public does not see" not in editor.get(self.edit(about)).content.decode()


class TestUpdateOfTranslations:
    """An editor who has changed the source page updates its translations."""

    @pytest.fixture
    def update(self, editor, submitted, run_on_commit):
        def post():
            with run_on_commit(execute=True):
                address = reverse("wagtail_localize:update_translations", args=[submitted.source_id])
                return editor.post(address, {"publish_translations": "on"}, follow=True).content.decode()

        return post

    def test_publishes_what_is_whole(self, submitted, update):
        fill(submitted, auf_deutsch)

        assert "Not published" not in update()
        assert translated(submitted).live

    def test_keeps_the_public_version_and_lists_missing_texts(self, about, submitted, update):
        fill(submitted, auf_deutsch)
        update()
        about.introduction = "Who we are now."
        about.save_revision().publish()

        html = update()

        assert "Not published in Deutsch" in html
        assert "1 text is still in the language of the source page." in html
        assert translated(submitted).introduction == "Who we are. auf Deutsch"

    def test_announces_what_it_publishes(self, private, submitted, update):
        html = private.get(reverse("wagtail_localize:update_translations", args=[submitted.source_id])).content.decode()

        assert "Publishes the translations that are complete." in html
        assert "will use the original language" not in html


class TestSites:
    @pytest.fixture(autouse=True)
    def _on_request(self, settings):
        settings.RENDER_ON_REQUEST = True

    @pytest.fixture
    def restricted(self, about):
        PageViewRestriction.objects.create(page=about, restriction_type=PageViewRestriction.LOGIN)
        return about

    def test_public_shows_a_public_page(self, public, about):
        assert public.get("/en/about/").status_code == 200

    def test_public_shows_nothing_that_was_not_rendered(self, public, about, settings):
        settings.RENDER_ON_REQUEST = False

        assert public.get("/en/about/").status_code == 404

    def test_public_has_nothing_below_a_restricted_page(self, public, restricted):
        StandardPageFactory(parent=restricted, slug="team")

        assert public.get("/en/about/team/").status_code == 404

    def test_public_has_no_page_of_a_language_that_is_not_public(self, public, german, languages):
        LanguageState.objects.filter(locale=languages["de"]).update(state=LanguageState.State.RETIRED)

        assert public.get("/de/").status_code == 404

    def test_public_has_no_translation_that_may_not_go_out(self, public, submitted):
        TestRenderBlockers().forced(submitted)

        assert public.get("/de/about/").status_code == 404

    def test_public_has_no_form_to_sign_in(self, public, about):
        assert public.get("/en/_util/login/").status_code == 404

    def test_private_site_hides_a_language_in_preparation_from_others_than_staff(self, private, german, languages):
        LanguageState.objects.filter(locale=languages["de"]).update(state=LanguageState.State.PREPARATION)

        assert private.get("/de/").status_code == 404

    def test_private_site_shows_a_language_in_preparation_to_staff(self, editor, german, languages):
        LanguageState.objects.filter(locale=languages["de"]).update(state=LanguageState.State.PREPARATION)

        assert 'lang="de"' in editor.get("/de/").content.decode()


class TestRendering:
    def test_takes_eight_queries_at_any_depth(self, home, german, client, settings):
        """This includes finding the page, as the renderer does."""
        from django.core.handlers.base import BaseHandler
        from django.test import RequestFactory

        parent = home
        for slug in ("a", "b", "c", "d"):
            parent = StandardPageFactory(parent=parent, slug=slug, body=TEXT, show_in_menus=True)
        handler = BaseHandler()
        handler.load_middleware()

        def render(path):
            request = RequestFactory(headers={"host": settings.PUBLIC_HOST}).get(path)
            request.is_prerendering = True
            assert handler.get_response(request).status_code == 200

        render("/en/a/")
        assert queries(lambda: render("/en/a/")) <= 8
        assert queries(lambda: render("/en/a/b/c/d/")) <= 8

    def test_marks_its_language(self, home, languages, public, settings):
        settings.RENDER_ON_REQUEST = True
        in_language(home, languages["ar"], title="الرئيسية")

        assert '<html lang="ar" dir="rtl">' in public.get("/ar/").content.decode()

    @pytest.mark.parametrize("code", ["en", "ar"])
    @pytest.mark.parametrize("page_type", [HomePage, StandardPage])
    def test_can_be_previewed(self, home, languages, page_type, code):
        shown = home if page_type is HomePage else StandardPageFactory(parent=home, body=TEXT)
        if code != "en":
            above = in_language(home, languages[code])
            shown = above if page_type is HomePage else in_language(shown, languages[code])
        with translation.override("en"):
            response = shown.make_preview_request()

        assert f'<html lang="{code}"' in response.content.decode()
        assert response.content.decode().count("<h1>") == 1


class TestSystemChecks:
    def test_hold_for_every_page_type(self):
        assert list(checks.check_page_types(None)) == []

    def test_find_a_page_type_without_the_base_class(self):
        assert [found.id for found in checks.breaches([Page])] == ["core.E010", "core.E011"]

    def test_find_an_address_that_would_be_translated(self):
        class Specimen(BasePage):
            override_translatable_fields = []

            class Meta:
                abstract = True

        assert [found.id for found in checks.breaches([Specimen])] == ["core.E011"]

    def test_find_a_page_type_without_a_template_and_without_a_place(self):
        class Specimen(BasePage):
            parent_page_types = []

            class Meta:
                abstract = True

        assert [found.id for found in checks.missing_parts([Specimen])] == ["core.E014", "core.E015"]

    def test_find_models_that_django_does_not_know(self, tmp_path):
        for name in ("models/__init__.py", "models/events.py", "events/admin/models.py", "events/views.py"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()

        found = list(checks.unlisted("campaigns", tmp_path))

        assert list(checks.check_models_are_listed(None)) == []
        assert [error.id for error in found] == ["core.E016", "core.E016"]
        assert "campaigns.events.admin.models" in found[0].msg

    def test_find_a_machine_translator_and_what_publishes_by_itself(self, settings):
        settings.WAGTAILLOCALIZE_MACHINE_TRANSLATOR = {"CLASS": "anything"}
        settings.WAGTAILLOCALIZE_SYNC_LIVE_STATUS_ON_TRANSLATE = True

        assert [(found.id, type(found)) for found in checks.check_no_machine_translates(None)] == [
            ("core.E012", Error),
            ("core.E013", Error),
        ]

    def test_hold_for_the_settings(self):
        assert list(checks.check_no_machine_translates(None)) == []
