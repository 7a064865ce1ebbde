"""Unpublishing a page covers every language in which it is public."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from core.admin.unpublishing.views import EXPIRE, ask_after_publishing, unpublish_url
from core.models import SiteSettings
from core.scheduler import scheduled_publishing
from core.scheduler.scheduled_publishing import RequiredPageError
from tests.factories.core import StandardPageFactory
from tests.factories.users import UserFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.publishing import publish_page

pytestmark = pytest.mark.django_db


@pytest.fixture
@cached_fixture
def about(home, languages) -> Page:
    """Return a plain page, public in English and German."""
    page = StandardPageFactory(parent=home, slug="about", title="About")
    publish_page(page.copy_for_translation(languages["de"], copy_parents=True))
    return page


@pytest.fixture
def admin(private) -> Any:
    private.force_login(UserFactory(is_superuser=True))
    return private


def public(page: Page) -> set[str]:
    found = page.get_translations(inclusive=True).live()
    return set(found.values_list("locale__language_code", flat=True))


@pytest.mark.parametrize("then", ["unpublish", "delete"])
class TestUnpublishing:
    def test_begins_with_every_language_ticked(self, admin, about, then):
        answer = admin.post(reverse(f"wagtailadmin_pages:{then}", args=[about.pk]), follow=True)

        ticked = answer.context["form"].fields["languages"].initial
        assert len(ticked) == 2
        assert public(about) == {"en", "de"}

        admin.post(answer.redirect_chain[-1][0], {"languages": ticked})
        assert public(about) == set()

    def test_leaves_what_is_not_ticked(self, admin, about, then):
        asked = admin.post(reverse(f"wagtailadmin_pages:{then}", args=[about.pk]))["Location"]

        admin.post(asked, {"languages": [str(about.pk)]})

        assert public(about) == {"de"}


class TestDeleting:
    def test_goes_on_when_the_page_is_off_the_site(self, admin, about):
        address = reverse("wagtailadmin_pages:delete", args=[about.pk])
        asked = admin.post(address)["Location"]

        assert admin.post(asked, {"languages": [str(about.pk)]})["Location"] == address
        admin.post(address)

        assert not Page.objects.filter(pk=about.pk).exists()


class TestOnePage:
    def test_in_one_language_is_unpublished_as_ever(self, admin, home):
        page = StandardPageFactory(parent=home)

        admin.post(reverse("wagtailadmin_pages:unpublish", args=[page.pk]))

        assert public(page) == set()

    def test_of_many_names_the_languages_that_are_left(self, admin, about):
        address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "unpublish"])

        answer = admin.post(f"{address}?id={about.pk}&next=/admin/", follow=True)

        assert "Still public in other languages: German: About" in answer.content.decode()


class TestExpiring:
    """Expiry of a page is set for all of its languages."""

    def expires(self, page: Page) -> set[str]:
        found = page.get_translations(inclusive=True).exclude(expire_at=None)
        return set(found.values_list("locale__language_code", flat=True))

    @pytest.fixture
    def asked(self, admin, about) -> str:
        about.expire_at = timezone.now() + timedelta(days=1)
        publish_page(about)
        about.refresh_from_db()
        answer = ask_after_publishing(None, about)
        assert answer is not None
        return str(answer["Location"])

    def test_begins_with_every_language_ticked(self, admin, about, asked):
        page = admin.get(asked)
        ticked = page.context["form"].fields["languages"].initial

        admin.post(asked, {"languages": ticked})

        assert self.expires(about) == {"en", "de"}
        assert public(about) == {"en", "de"}
        german = about.get_translations().get()
        assert german.expire_at == german.get_latest_revision_as_object().expire_at

    def test_leaves_what_is_not_ticked(self, admin, about, asked):
        admin.post(asked, {"languages": [str(about.pk)]})

        assert self.expires(about) == {"en"}

    def test_does_not_lead_to_the_form_twice(self, admin, about, asked):
        admin.post(asked, {"languages": admin.get(asked).context["form"].fields["languages"].initial})
        about.refresh_from_db()

        assert ask_after_publishing(None, about) is None


class TestRestricting:
    def restricted(self) -> set[str]:
        return set(PageViewRestriction.objects.values_list("page__locale__language_code", flat=True))

    def test_begins_with_every_language_ticked_and_takes_it_back_in_all(self, admin, about):
        address = reverse("wagtailadmin_pages:set_privacy", args=[about.pk])
        german = about.get_translations().get()

        assert f'value=\\"{german.pk}\\"' in admin.get(address).content.decode()
        admin.post(address, {"restriction_type": "login", "languages": [str(german.pk)]})
        assert self.restricted() == {"en", "de"}

        admin.post(address, {"restriction_type": "none", "languages": [str(german.pk)]})
        assert self.restricted() == set()

    def test_leaves_what_is_not_ticked(self, admin, about):
        address = reverse("wagtailadmin_pages:set_privacy", args=[about.pk])

        admin.post(address, {"restriction_type": "login"})

        assert self.restricted() == {"en"}


class TestRequiredPages:
    """Pages that every page links to are unpublished only after a confirmation."""

    @pytest.fixture
    def privacy(self, home) -> Page:
        page = StandardPageFactory(parent=home, slug="privacy", title="Privacy")
        site_settings = SiteSettings.objects.get()
        site_settings.privacy = page
        site_settings.save()
        return page

    def test_goes_with_a_reason_only(self, admin, privacy):
        asked = admin.post(reverse("wagtailadmin_pages:unpublish", args=[privacy.pk]))["Location"]

        assert "privacy notice" in admin.get(asked).content.decode()
        admin.post(asked, {"languages": [str(privacy.pk)], "reason": ""})
        assert public(privacy) == {"en"}

        admin.post(asked, {"languages": [str(privacy.pk)], "reason": "Another page replaces it."})
        assert public(privacy) == set()

    def test_does_not_go_with_the_page_above_it_or_with_many(self, admin, home, privacy):
        above = StandardPageFactory(parent=home, slug="about")
        privacy.move(above, pos="last-child")

        admin.post(reverse("wagtailadmin_pages:delete", args=[above.pk]))
        address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
        admin.post(f"{address}?id={privacy.pk}&next=/admin/")

        assert Page.objects.filter(pk=privacy.pk).exists()

    def test_is_not_made_private(self, admin, privacy):
        address = reverse("wagtailadmin_pages:set_privacy", args=[privacy.pk])

        answer = admin.post(address, {"restriction_type": "login"})

        assert "Every page links to it." in answer.content.decode()
        assert not PageViewRestriction.objects.exists()

    def test_does_not_expire_without_a_reason(self, admin, privacy):
        Page.objects.filter(pk=privacy.pk).update(expire_at=timezone.now() - timedelta(minutes=1))
        [item] = scheduled_publishing.due()

        with pytest.raises(RequiredPageError, match="privacy notice"):
            scheduled_publishing.carry_out(item)
        assert public(privacy) == {"en"}

        asked = unpublish_url(privacy, EXPIRE)
        admin.post(asked, {"languages": [str(privacy.pk)], "reason": "Another page replaces it."})
        scheduled_publishing.carry_out(item)

        assert public(privacy) == set()
