import io

import pytest
from django.core.management import CommandError, call_command
from wagtail.models import Page, Site

from core.models import SiteSettings
from tests.factories.core import StandardPageFactory


def sync():
    out = io.StringIO()
    call_command("sync_site", stdout=out)
    return out.getvalue()


class TestSyncSite:
    def test_moves_the_addresses_of_all_pages(self, home, settings):
        about = StandardPageFactory(parent=home, slug="about")
        settings.PUBLIC_URL = "http://localhost:8123"

        said = sync()

        assert type(about).objects.get(pk=about.pk).full_url == "http://localhost:8123/en/about/"
        assert "8123" in said

    @pytest.mark.parametrize(
        ("url", "host", "port"),
        [("https://www.example.org", "www.example.org", 443), ("http://Example.org", "example.org", 80)],
    )
    def test_infers_the_default_port(self, home, settings, url, host, port):
        settings.PUBLIC_URL = url

        sync()

        site = Site.objects.get(is_default_site=True)
        assert (site.hostname, site.port) == (host, port)

    def test_changes_nothing_the_second_time(self, home, settings):
        settings.PUBLIC_URL = "http://localhost:8123"
        sync()

        assert sync() == "The site is already at http://localhost:8123.\n"

    def test_makes_the_settings_that_the_public_site_only_reads(self, home):
        SiteSettings.objects.all().delete()

        sync()

        assert SiteSettings.objects.count() == 1

    def test_names_what_lies_above_the_home_pages(self, home):
        sync()

        assert Page.objects.get(depth=1).get_admin_display_title() == "All languages"

    def test_explains_what_to_do_without_a_site(self, db):
        Site.objects.all().delete()

        with pytest.raises(CommandError, match="set_up"):
            sync()
