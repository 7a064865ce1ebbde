"""The buttons of the admin approve nothing without a second person."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from wagtail_localize.operations import translate_object

from helpline.models import ProgrammeText
from tests.factories.helpline import (
    ProgrammeFactory,
    ProgrammeTextFactory,
    StaffFactory,
    days_ago,
)
from tests.helpline.admin.test_listings import edit, review
from tests.helpline.rows import is_public

pytestmark = pytest.mark.django_db


class TestAdmin:
    """The buttons of the admin."""

    def test_does_not_publish_from_the_form_what_another_wrote_but_leads_to_the_checklist(self, sign_in, draft, ben):
        client = sign_in("change_programme", "publish_programme", person=ben)

        answer = edit(client, draft, why="looks good", **{"action-publish": "yes"})

        assert not is_public(draft)
        assert answer.url == review(draft)
        assert "checklist" in client.get(answer.url).content.decode()

    def test_keeps_the_authors_words_as_a_draft_and_says_why(self, sign_in, draft, anna):
        client = sign_in("change_programme", "publish_programme", person=anna)

        answer = edit(client, draft, name="New name", why="their new name", **{"action-publish": "yes"})

        page = client.get(answer.url)
        assert not is_public(draft)
        assert "second person" in page.content.decode()
        draft.refresh_from_db()
        assert draft.get_latest_revision_as_object().name == "New name"

    def test_says_who_checked(self, sign_in, draft, ben):
        client = sign_in("change_programme", person=ben)

        edit(client, draft, checked_on="2026-01-02")

        draft.refresh_from_db()
        assert draft.get_latest_revision_as_object().checked_by == ben

    def test_hides_immediately(self, sign_in, shown, ben):
        client = sign_in("change_programme", person=ben)

        client.post(
            reverse("wagtailsnippets_helpline_programme:now", args=[shown.pk]),
            {"action": "hide", "reason": "It has moved."},
        )

        assert not is_public(shown)

    def test_needs_the_permission(self, sign_in, shown, ben):
        client = sign_in("view_programme", person=ben)

        client.post(reverse("wagtailsnippets_helpline_programme:now", args=[shown.pk]), {"action": "hide"})

        assert is_public(shown)

    def test_lists_what_is_due(self, sign_in, ben):
        ProgrammeFactory(name="Fresh one", approved=True)
        ProgrammeFactory(name="Late one", approved=True, checked_on=days_ago(300), next_check_due=days_ago(100))
        client = sign_in("change_programme", person=ben)

        page = client.get(reverse("wagtailsnippets_helpline_programme:list"), {"due": "hidden"}).content.decode()

        assert "Late one" in page
        assert "Fresh one" not in page

    @pytest.mark.parametrize("query", [{"country": "zz"}, {"status": "x"}, {"due": "'"}, {"live": "perhaps"}])
    def test_nonsense_in_a_filter_is_no_error(self, sign_in, ben, query):
        client = sign_in("change_programme", person=ben)

        assert client.get(reverse("wagtailsnippets_helpline_programme:list"), query).status_code == 200

    def test_a_translator_who_publishes_saves_a_draft_and_reads_why(
        self, transactional_db, nothing_is_rendered, private, languages
    ):
        ben = StaffFactory()
        ben.user_permissions.add(Permission.objects.get(codename="access_admin"))
        text = ProgrammeTextFactory(approved=True)
        translate_object(text, [languages["de"]])
        german = ProgrammeText.objects.get(locale=languages["de"])
        private.force_login(ben)

        answer = private.post(
            reverse("wagtailsnippets_helpline_programmetext:edit", args=[german.pk]), {"action": "publish"}
        )

        german.refresh_from_db()
        assert not german.live
        assert german.latest_revision.user == ben
        assert "second person" in private.get(answer.url).content.decode()
