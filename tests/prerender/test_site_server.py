"""The journeys' server works as its docstring describes."""

import pytest
from wagtail.models import Locale, Page, Site

from home.models import StandardPage
from tests.factories.core import StandardPageFactory

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]


class TestSiteServer:
    def test_sees_the_rows_of_the_test(self, site_server, home):
        StandardPageFactory(parent=home, slug="about", title="About us")

        answer = site_server.get("/en/about/")

        assert answer.status == 200
        assert "About us" in answer.text

    @pytest.mark.parametrize("turn", [1, 2])
    def test_starts_each_test_with_the_rows_of_the_migrations(self, site_server, turn):
        assert not StandardPage.objects.exists()
        assert Page.objects.filter(depth=1).count() == 1
        assert Site.objects.count() == 1
        assert Locale.objects.get().language_code == "en"

    def test_answers_on_the_private_site(self, site_server):
        assert site_server.get("/admin/", host="private").status == 302

    def test_serves_static_files_under_hashed_names(self, site_server):
        from django.templatetags.static import static

        for name, kind in (
            ("css/site.css", 'text/css; charset="utf-8"'),
            ("fonts/latin.woff2", "font/woff2"),
        ):
            answer = site_server.get(static(name))

            assert answer.status == 200
            assert answer.header("Content-Type") == kind
            assert "immutable" in answer.header("Cache-Control")

    def test_does_not_name_its_software(self, site_server, home):
        for path in ("/en/", "/en/nowhere/", "/static/nowhere.css"):
            assert not site_server.get(path).header("Server")
        assert not site_server.get("/account/login/", host="private").header("Server")

    def test_has_a_worker_on_request(self, working_site, home):
        StandardPageFactory(parent=home, slug="about", title="About us")

        working_site.wait_for("/en/about/", contains="About us")
