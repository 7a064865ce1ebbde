from wagtail.models import ReferenceIndex, Site

from core.models import SiteSettings
from core.publishing.references import TranslationLinks
from tests.factories.core import StandardPageFactory
from tests.support.languages import in_language


def touched(page):
    return list(TranslationLinks().invalidated_by(page))


class TestTranslationLinks:
    def test_touch_a_page_that_links_to_them_by_the_source(self, home, languages):
        in_language(home, languages["de"])
        about = StandardPageFactory(parent=home, slug="about")
        link = f'<p><a linktype="page" id="{about.pk}">About</a></p>'
        contact = StandardPageFactory(parent=home, slug="contact", body=[("text", link)])
        german = in_language(about, languages["de"])
        in_language(contact, languages["de"])
        for page in (contact, contact.get_translation(languages["de"])):
            ReferenceIndex.create_or_update_for_object(page.specific)

        assert touched(german) == ["/de/contact/"]

    def test_touch_nothing_without_links_to_them(self, home, languages):
        in_language(home, languages["de"])

        assert touched(in_language(StandardPageFactory(parent=home), languages["de"])) == []

    def test_touch_every_page_whose_footer_shows_them_and_that_of_languages_without_them(self, home, languages):
        in_language(home, languages["de"])
        privacy = StandardPageFactory(parent=home, slug="privacy")
        SiteSettings.objects.update_or_create(
            site=Site.objects.get(is_default_site=True), defaults={"privacy": privacy}
        )

        assert touched(in_language(privacy, languages["de"])) == ["/de/*"]
        assert {"/en/*", "/de/*", "/ca/*"} <= set(touched(privacy))
