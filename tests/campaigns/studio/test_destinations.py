"""The pages that outputs lead to, read from the drawn QR codes, and the warnings before a design is drawn."""

import datetime as dt
import io

import pytest
import zxingcpp
from django.urls import reverse
from PIL import Image

from campaigns.models import Design
from campaigns.studio import drawing, variants
from campaigns.studio.destinations import Destinations
from tests.factories.campaigns import CampaignPageFactory, DesignFactory, MaterialFactory
from tests.factories.helpline import FinderPageFactory, GuidePageFactory
from tests.support.languages import in_language
from tests.support.publishing import publish_page


def made_for(*audiences: str, languages: tuple[str, ...] = ("en",), **fields) -> Design:
    material = MaterialFactory(languages=(), audiences=[*audiences])
    return DesignFactory(material=material, languages=languages, formats=("card-square",), **fields)


def scanned(design: Design) -> list[str]:
    """Return the paths in the codes of the drawn outputs."""
    made = drawing.draw(variants.to_draw(design), day=dt.date(2026, 12, 1))
    codes = [zxingcpp.read_barcode(Image.open(io.BytesIO(each.content))).text for each in made]
    return sorted(code.partition("//")[2].partition("/")[2] for code in codes)


def warnings(design: Design) -> list[str]:
    return [*Destinations(design).warnings()]


@pytest.fixture
def german(home, languages):
    return in_language(home, languages["de"])


@pytest.fixture
def help_pages(home, german):
    """The finder with guides for families and for professionals; the finder and the first guide also in German."""
    finder = FinderPageFactory(parent=home)
    family = GuidePageFactory(parent=finder, title="Family", slug="family")
    professional = GuidePageFactory(parent=finder, title="Professionals", slug="professionals")
    routes = {"family_or_friend": family, "professional": professional}
    finder.routes = [
        ("route", {"audience": audience, "label": "Me", "text": "Words.", "steps": ["Read."], "guide": guide})
        for audience, guide in routes.items()
    ]
    publish_page(finder)
    same = {"locale": german.locale, "translation_key": finder.translation_key}
    translated = FinderPageFactory(parent=german, **same)
    GuidePageFactory(parent=translated, slug="familie", **same | {"translation_key": family.translation_key})
    return finder


@pytest.fixture
def campaign(campaigns, german):
    """A campaign in English and German."""
    in_language(campaigns, german.locale)
    page = CampaignPageFactory(parent=campaigns, title="Tell me", slug="tell-me")
    in_language(page, german.locale, slug="sag-es-mir")
    return page


class TestCode:
    def test_leads_to_the_chosen_page_in_each_language(self, campaign):
        design = made_for("parents", languages=("en", "de"), leads_to=campaign)

        assert scanned(design) == ["de/campaigns/sag-es-mir/", "en/campaigns/tell-me/"]

    @pytest.mark.parametrize(
        ("audiences", "path"),
        [
            (["parents"], "en/help/family/"),
            (["parents", "teachers"], "en/help/family/"),
            (["health", "employers"], "en/help/professionals/"),
            (["worried", "health"], "en/help/"),
            (["everybody", "parents"], "en/help/"),
            (["journalists"], "en/help/"),
            ([], "en/help/"),
        ],
        ids=lambda value: "-".join(value) if isinstance(value, list) else None,
    )
    def test_leads_to_the_page_for_the_audience_if_none_is_chosen(self, help_pages, audiences, path):
        (output,) = variants.to_draw(made_for(*audiences))

        assert output.data["address"].endswith(f"/{path}")

    def test_leads_to_the_finder_in_a_language_without_the_page(self, help_pages, campaign):
        design = made_for("teachers", languages=("de",))

        assert scanned(design) == ["de/help/"]


class TestWarnings:
    def test_say_in_which_languages_a_design_for_parents_leads_to_the_finder(self, help_pages, editor):
        design = made_for("parents", languages=("en", "de", "ar"))

        (said,) = warnings(design)

        assert "parents and carers" in said
        assert "Arabic" in said
        assert "German" not in said  # it has the guide
        shown = editor.get(reverse("studio", args=[design.pk])).content.decode()
        assert said.partition("“")[0] in shown
        assert "/de/help/familie/" in shown

    def test_say_where_the_chosen_page_is_not_public(self, help_pages, campaign):
        campaign.get_translations().get().unpublish()
        design = made_for("teachers", languages=("en", "de", "fr"), leads_to=campaign)

        (said,) = warnings(design)

        assert "“Tell me”" in said
        assert "German and French" in said

    @pytest.mark.parametrize("audience", ["parents", "worried", "everybody"])
    def test_are_none_for_a_design_that_leads_where_it_should(self, help_pages, audience):
        assert warnings(made_for(audience, languages=("en", "de"))) == []
