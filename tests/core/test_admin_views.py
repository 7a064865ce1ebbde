"""Base class of the project's admin views: access and breadcrumbs."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import RequestFactory
from django.views.generic import TemplateView

from core.admin.views import AdminView
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


class Screen(AdminView, TemplateView):
    page_title = "Screen"
    permission = "core.change_sitesettings"

    def get(self, request, *args, **kwargs):
        return HttpResponse("shown")

    def trail(self):
        yield "/admin/above/", "Above"


class Unguarded(Screen):
    permission = ""


def answer(view, user):
    request = RequestFactory().get("/admin/screen/")
    request.user = user
    return view.as_view()(request).content


class TestPermission:
    def test_grants_access_to_users_with_it(self):
        assert answer(Screen, UserFactory(is_superuser=True)) == b"shown"

    @pytest.mark.parametrize(("view", "is_superuser"), [(Screen, False), (Unguarded, True)])
    def test_denies_access_without_it_and_always_if_none_is_set(self, view, is_superuser):
        with pytest.raises(PermissionDenied):
            answer(view, UserFactory(is_superuser=is_superuser))


class TestBreadcrumbs:
    def trail_of(self, view):
        return [(str(item["label"]), item["url"]) for item in view.get_breadcrumbs_items()]

    def test_lead_from_the_start_page_through_what_is_above(self):
        assert self.trail_of(Screen()) == [("Home", "/admin/"), ("Above", "/admin/above/"), ("Screen", "")]

    def test_name_what_the_screen_is_about(self, monkeypatch):
        monkeypatch.setattr(Screen, "page_subtitle", "A service")

        assert Screen().get_breadcrumbs_items()[-1]["sublabel"] == "A service"
