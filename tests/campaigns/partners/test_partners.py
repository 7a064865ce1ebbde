"""Records of partners: their logos, their activities as a list, a table and a map, and hidden data."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation
from wagtail.models import Locale

from campaigns.models import Activity, ActivityText, Partner, UsageReport
from campaigns.wordings import ACTIVITIES, PARTNERS
from core.languages.wordings import WordingState
from prerender.invalidation import paths_by_routes
from prerender.services import render_paths
from tests.factories.campaigns import (
    ActivityFactory,
    CampaignPageFactory,
    PartnerFactory,
    PictureFactory,
    TermFactory,
    UsageReportFactory,
    chosen,
)
from tests.support.cached_fixtures import cached_fixture
from tests.support.publishing import render_only
from tests.support.queries import queries

INDEX = "/en/campaigns/"
PAGE = "/en/campaigns/path/"
OF_CAMPAIGN = "/en/campaigns/activities/path/"


@pytest.fixture
@cached_fixture
def lantern(campaigns):
    """A partner with a logo, and a campaign that lists it."""
    partner = PartnerFactory(
        name="Lantern", website="https://lantern.example/", logo=PictureFactory(), languages=("en", "de")
    )
    CampaignPageFactory(
        parent=campaigns,
        slug="path",
        title="Choose your path",
        partners=chosen(partner),
        period_start="2026-10-01",
    )
    return partner


@pytest.fixture
def campaign(lantern, campaigns):
    return campaigns.get_children().get(slug="path").specific


def days(number: int):
    return timezone.localdate() + timedelta(days=number)


class TestCampaign:
    def test_shows_the_logo_with_the_name_as_its_text_alternative(self, campaign, read):
        item = read(PAGE).select_one(".partner-logos > li")

        assert item.a["href"] == "https://lantern.example/"
        assert item.img["alt"] == "Lantern"

    def test_calls_a_partner_by_its_name_in_the_language_of_the_page(self, campaign, lantern):
        lantern.texts.filter(language="de").update(name="Laterne")

        shown = Partner.objects.for_showing().get(pk=lantern.pk)

        assert (shown.name_in("de"), shown.name_in("en"), shown.name_in("fr")) == (
            "Laterne",
            "Lantern",
            "Lantern",
        )

    def test_does_not_show_a_partner_that_is_not_public(self, campaign, lantern, read):
        Partner.objects.update(is_public=False)

        assert "Lantern" not in str(read(PAGE))

    def test_is_rendered_again_when_its_partner_has_changed(self, campaign, lantern):
        for changed in (
            lantern,
            lantern.texts.get(language="de"),
            ActivityFactory(partner=lantern, campaign=campaign),
        ):
            assert {PAGE, OF_CAMPAIGN, f"{INDEX}partners/", f"{INDEX}activities/"} <= paths_by_routes(changed)


class TestPageOfPartners:
    def test_says_who_they_are_where_and_what_they_support(self, campaign, read):
        card = read(f"{INDEX}partners/").select_one(".partner-list > li")

        text = " ".join(card.get_text(" ").split())
        assert "Charity or association · Germany" in text
        assert "About Lantern (en)." in text
        assert card.find("a", string="Choose your path")["href"] == PAGE

    def test_never_says_whom_editors_write_to(self, campaign, lantern, public):
        Partner.objects.update(contact_name="Robin Reed", contact_email="robin@lantern.example")
        ActivityFactory(partner=lantern, campaign=campaign)

        for path in (PAGE, f"{INDEX}partners/", OF_CAMPAIGN):
            page = public.get(path).content.decode()
            assert "Robin" not in page
            assert "robin@" not in page


class TestActivities:
    def test_are_grouped_by_time(self, campaign, lantern, read):
        for title, starts, ends in (
            ("Over", -9, -8),
            ("Soon", 3, None),
            ("Later", 9, None),
            ("Now", -1, 1),
            ("Today", 0, None),
        ):
            ActivityFactory(
                partner=lantern,
                campaign=campaign,
                title=title,
                starts=days(starts),
                ends=None if ends is None else days(ends),
            )

        page = read(OF_CAMPAIGN)

        groups = {
            section.h2.string: [each.string for each in section.select("h3")]
            for section in page.select(".activities > section")
        }
        assert groups == {
            "Running now": ["Now", "Today"],
            "Still to come": ["Soon", "Later"],
            "Past": ["Over"],
        }

    def test_of_a_campaign_are_those_of_no_other(self, campaign, campaigns, lantern, read):
        other = CampaignPageFactory(parent=campaigns, slug="other")
        ActivityFactory(partner=lantern, campaign=campaign, title="Mine")
        ActivityFactory(partner=lantern, campaign=other, title="Theirs")

        assert "Theirs" not in read(OF_CAMPAIGN).get_text()
        assert {"Mine", "Theirs"} <= {each.string for each in read(f"{INDEX}activities/").select(".activity h3")}

    def test_are_counted_by_country_in_a_table_and_drawn_on_a_map(self, campaign, lantern, read):
        for country in ("de", "de", "mt", "jp"):
            ActivityFactory(partner=lantern, campaign=campaign, country=country)

        page = read(OF_CAMPAIGN)

        rows = [[cell.get_text() for cell in row(["th", "td"])] for row in page.select("tbody tr")]
        assert rows == [
            ["Germany DE", "0", "2", "0"],
            ["Japan JP", "0", "1", "0"],
            ["Malta MT", "0", "1", "0"],
        ]
        drawn = page.select_one("svg.map")
        assert (len(drawn.select(".map-filled path")), len(drawn.select(".map-filled circle"))) == (1, 1)
        assert {each.string for each in drawn.select("text")} == {"Germany", "MT"}
        assert drawn["role"] == "img"
        assert drawn.title.string

    def test_can_be_filtered_by_country(self, campaign, lantern, read):
        for country in ("de", "fr", "fr"):
            ActivityFactory(partner=lantern, campaign=campaign, country=country)

        page = read(OF_CAMPAIGN)

        options = {each["data-code"]: each.get_text() for each in page.select("select option")[1:]}
        assert options == {"c-1": "France (2)", "c-2": "Germany (1)"}
        assert sorted(each["data-c"] for each in page.select(".activity")) == ["1", "1", "2"]

    @pytest.mark.parametrize("hidden", [Activity, Partner])
    def test_that_are_not_public_have_no_page(self, campaign, lantern, public, hidden):
        ActivityFactory(partner=lantern, campaign=campaign)
        hidden.objects.update(is_public=False)

        assert public.get(OF_CAMPAIGN).status_code == 404
        assert "Evening talk" not in public.get(f"{INDEX}activities/").content.decode()

    def test_of_a_campaign_under_embargo_are_on_no_page(self, campaign, lantern, public):
        ActivityFactory(partner=lantern, campaign=campaign)
        campaign.embargo = timezone.now() + timedelta(days=1)
        campaign.save()

        assert public.get(OF_CAMPAIGN).status_code == 404
        assert "Evening talk" not in public.get(f"{INDEX}activities/").content.decode()

    def test_are_rendered_with_the_list_of_campaigns(self, campaign, campaigns, lantern):
        assert OF_CAMPAIGN.removeprefix(INDEX) not in campaigns.prerendered_paths()
        ActivityFactory(partner=lantern, campaign=campaign)

        assert {"partners/", "activities/", "activities/path/"} <= set(campaigns.prerendered_paths())

    def test_take_the_same_queries_for_few_and_many(self, campaign, lantern):
        def more(count: int) -> None:
            for number in range(count):
                ActivityFactory(
                    partner=PartnerFactory(logo=PictureFactory()),
                    campaign=campaign,
                    country=("de", "fr")[number % 2],
                )
                UsageReportFactory(campaign_key=campaign.translation_key, state="shown")

        def cost() -> list[int]:
            paths = (OF_CAMPAIGN, f"{INDEX}partners/")
            render_only(*paths)
            return [queries(lambda path=path: render_paths([path])) for path in paths]

        more(2)
        few = cost()
        more(3)

        assert cost() == few

    def test_are_called_by_their_title_in_the_language_of_the_admin(self, lantern):
        activity = ActivityFactory(partner=lantern, title="Posters at the station")
        ActivityText.objects.create(activity=activity, language="ar", title="ملصقات في المحطة")

        assert str(activity) == "Posters at the station"
        with translation.override("ar"):
            assert str(activity) == "ملصقات في المحطة"

    def test_end_after_they_begin(self, lantern):
        activity = ActivityFactory.build(partner=lantern)
        activity.ends = activity.starts - timedelta(days=1)

        with pytest.raises(ValidationError, match="must not be before"):
            activity.full_clean()


class TestWords:
    def test_wait_for_translators_and_go_stale_when_their_source_changes(self, lantern, languages):
        german = Locale.objects.get(language_code="de")
        source = PARTNERS.source(lantern.texts.get(language="en").pk)
        PARTNERS.save(
            source=source,
            locale=german,
            words={"name": "Laterne", "about": "Über uns."},
            by=None,
            submit=True,
        )
        assert PARTNERS.row(source, german).state == WordingState.DONE
        assert PARTNERS.row(source, Locale.objects.get(language_code="fr")).state == WordingState.MISSING

        lantern.texts.filter(language="en").update(about="Changed.")

        assert PARTNERS.row(PARTNERS.source(source.pk), german).state == WordingState.CHANGED

    def test_of_an_activity_belong_to_its_campaign(self, campaign, lantern):
        activity = ActivityFactory(partner=lantern, campaign=campaign)

        [source] = ACTIVITIES.all_sources()

        assert ACTIVITIES.page_key(source) == campaign.translation_key == activity.campaign_key

    def test_that_are_to_be_avoided_are_not_saved(self, lantern):
        TermFactory(word="monster", forms="monster")
        text = lantern.texts.get(language="en")
        text.about = "Against every monster."

        with pytest.raises(ValidationError, match="monster"):
            text.full_clean()


class TestReportsOfUse:
    def test_are_public_once_an_editor_has_let_them_through(self, campaign, lantern, public):
        report = UsageReportFactory(
            partner=lantern, campaign_key=campaign.translation_key, text="Forty schools took part."
        )
        assert public.get(OF_CAMPAIGN).status_code == 404

        UsageReport.objects.filter(pk=report.pk).update(state=UsageReport.State.KEPT)
        assert public.get(OF_CAMPAIGN).status_code == 404

        UsageReport.objects.filter(pk=report.pk).update(state=UsageReport.State.SHOWN)
        assert "Forty schools took part." in public.get(OF_CAMPAIGN).content.decode()

    def test_are_not_let_through_with_a_word_to_avoid(self, campaign, lantern):
        TermFactory(word="monster", forms="monster")
        report = UsageReportFactory(partner=lantern, text="Against every monster.")
        report.full_clean()
        report.state = UsageReport.State.SHOWN

        with pytest.raises(ValidationError, match="monster"):
            report.full_clean()
