"""Taking a page off the site asks about every language in which the public sees it."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from wagtail.models import Page

from tests.factories.core import StandardPageFactory
from tests.factories.users import UserFactory
from tests.support.publishing import publish_page
from tests.support.scenes import scene

pytestmark = pytest.mark.django_db


@pytest.fixture
@scene
def about(home, languages) -> Page:
    """A plain page, public in English and German."""
    page = StandardPageFactory(parent=home, slug="about", title="About")
    publish_page(page.copy_for_translation(languages["de"], copy_parents=True))
    return page


@pytest.fixture
def admin(desk) -> Any:
    desk.force_login(UserFactory(is_superuser=True))
    return desk


def public(page: Page) -> set[str]:
    found = page.get_translations(inclusive=True).live()
    return set(found.values_list("locale__language_code", flat=True))


@pytest.mark.parametrize("then", ["unpublish", "delete"])
class TestTakingOff:
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
    def test_in_one_language_is_taken_off_as_ever(self, admin, home):
        page = StandardPageFactory(parent=home)

        admin.post(reverse("wagtailadmin_pages:unpublish", args=[page.pk]))

        assert public(page) == set()

    def test_of_many_names_the_languages_that_are_left(self, admin, about):
        address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "unpublish"])

        answer = admin.post(f"{address}?id={about.pk}&next=/admin/", follow=True)

        assert "Still public in other languages: German: About" in answer.content.decode()
