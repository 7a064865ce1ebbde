"""The area behind the link of a partner: no account, no tracking, and reviews of submitted reports."""

import io
import re
from datetime import timedelta
from uuid import uuid4

import pikepdf
import pypdfium2
import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Site

from campaigns.models import CampaignSettings, Partner, PartnerLink, UsageReport
from campaigns.partners import certificates, services, views
from campaigns.partners.models import digest_of
from core import typesetting
from core.http import limits
from core.http.limits import Limit
from tests.factories.campaigns import (
    ActivityFactory,
    CampaignPageFactory,
    MaterialFactory,
    PartnerFactory,
    PictureFactory,
    UsageReportFactory,
    chosen,
)
from tests.support.cached_fixtures import cached_fixture
from tests.support.proof import solved


@pytest.fixture(autouse=True)
def _clear_rate_limits(monkeypatch):
    monkeypatch.setattr(limits, "TRIES", range(1, 3))
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
@cached_fixture
def campaign(campaigns):
    partner = PartnerFactory(name="Lantern", logo=PictureFactory())
    return CampaignPageFactory(
        parent=campaigns,
        slug="path",
        title="Choose your path",
        partners=chosen(partner),
        period_start="2026-10-01",
    )


@pytest.fixture
def lantern(campaign):
    return Partner.objects.get(name="Lantern")


@pytest.fixture
def token(lantern):
    return services.make_partner_link(partner=lantern, days=14, by=None)


@pytest.fixture
def here(private, token):
    """The address of the page behind the link, opened in this browser."""
    response = private.get(f"/en/partners/{token}/")
    assert response.status_code == 302
    return response["Location"]


@pytest.fixture
def told(campaign):
    """The data that the form submits."""
    filled = {
        "key": str(uuid4()), "campaign_key": str(campaign.translation_key), "country": "de", "used_on": "2026-11-20",
        "copies": "40", "people": "600", "text": "We put up the posters.",
    }  # fmt: skip

    def data(step: str, **changes: str) -> dict[str, str]:
        sent = {f"used-{name}": value for name, value in (filled | changes).items()}
        return {**sent, "step": step, "proof": solved(limits.proof_challenge()) if step == "send" else ""}

    return data


class TestLink:
    def test_leaves_the_address_at_the_first_request(self, here, token):
        assert token not in here

    def test_shows_what_is_on_no_page(self, private, here, lantern, campaign):
        ActivityFactory(partner=lantern, campaign=campaign, title="Meeting of the partners", is_public=False)
        ActivityFactory(title="Of another partner")

        page = private.get(here).content.decode()

        assert "Meeting of the partners" in page
        assert "On no public page" in page
        assert "Of another partner" not in page

    def test_is_nowhere_in_the_database(self, token):
        [link] = PartnerLink.objects.all()
        key = PartnerLink.purpose.read(token)

        assert link.digest not in token
        assert link.digest == digest_of(key) != key.hex()

    def test_leaves_no_trace_of_who_opens_it(self, private, here, caplog):
        before = PartnerLink.objects.values().get()

        with caplog.at_level("INFO"):
            private.get(here)

        assert PartnerLink.objects.values().get() == before
        assert not Session.objects.exists()
        assert "partners" not in caplog.text

    def test_is_for_this_browser_only(self, here):
        other = Client(headers={"host": settings.PRIVATE_HOST})

        assert other.get(here).status_code == 410

    @pytest.mark.parametrize(("spoil", "status"), [("cut", 404), ("longer", 404), ("revoked", 410), ("forgotten", 410)])
    def test_that_does_not_work_says_so_in_words(self, private, token, lantern, spoil, status):
        if spoil == "revoked":
            services.revoke_partner_link(link=PartnerLink.objects.get(), by=None)
        elif spoil == "forgotten":
            lantern.delete()
        spoiled = {"cut": token[:-1], "longer": "x" * 5000}.get(spoil, token)

        for below in ("", "used/"):
            opened = private.get(f"/en/partners/{spoiled}/")["Location"]
            answer = private.get(f"{opened}{below}")

            assert answer.status_code == status
            assert re.search(r"This link (is not complete|no longer works)", answer.content.decode())

    def test_ends(self, private, here):
        with time_machine.travel(timezone.now() + timedelta(hours=1)):
            assert private.get(here).status_code == 200
        PartnerLink.objects.update(expires_at=timezone.now())

        assert private.get(here).status_code == 410

    def test_lasts_for_one_of_the_terms_that_are_offered(self, lantern):
        with pytest.raises(ValueError, match="14, 90, 365"):
            services.make_partner_link(partner=lantern, days=3650, by=None)

    def test_of_one_partner_gives_no_certificate_of_another(self, private, here, campaigns):
        other = CampaignPageFactory(parent=campaigns, slug="other", partners=chosen(PartnerFactory()))

        assert private.get(f"{here}certificate/{other.translation_key}/").status_code == 404


class TestUsed:
    def test_is_seen_before_it_is_sent(self, private, here, told):
        page = private.post(f"{here}used/", told("preview")).content.decode()

        assert "This is what you will send" in page
        assert "We put up the posters." in page
        assert not UsageReport.objects.exists()

    def test_is_asked_in_the_language_of_the_page_down_to_the_empty_choices(self, private, here):
        page = private.get(here.replace("/en/", "/ar/") + "used/").content.decode()

        assert re.findall(r'<option value=""[^>]*>([^<]*)', page) == [
            "نرجو الاختيار", "---------", "---------", "نرجو الاختيار",
        ]  # fmt: skip

    def test_waits_for_an_editor(self, private, here, told, lantern, campaign):
        answer = private.post(f"{here}used/", told("send"))

        assert (answer.status_code, answer["Location"]) == (302, "/en/partners/thanks/")
        report = UsageReport.objects.get()
        assert (report.state, report.partner) == ("waiting", lantern)
        assert report.campaign_key == campaign.translation_key
        assert (report.copies, report.people, report.text) == (40, 600, "We put up the posters.")

    def test_is_there_once_however_often_it_is_sent(self, private, here, told):
        for _ in range(2):
            assert private.post(f"{here}used/", told("send")).status_code == 302

        assert UsageReport.objects.count() == 1

    def test_can_be_changed_after_the_preview(self, private, here, told):
        page = private.post(f"{here}used/", told("change")).content.decode()

        assert "We put up the posters.</textarea>" in page

    @pytest.mark.parametrize(
        "wrong",
        [
            {"used_on": "2999-01-01"},
            {"used_on": "yesterday"},
            {"copies": "-1"},
            {"people": "9" * 20},
            {"campaign_key": "nonsense"},
            {"campaign_key": str(uuid4())},
            {"country": "zz"},
            {"material": "1 or 1=1"},
            {"text": "x" * 1501},
            {"text": "\x00"},
            {"key": "nonsense"},
        ],
    )
    def test_says_what_is_wrong_and_keeps_nothing(self, private, here, told, wrong):
        answer = private.post(f"{here}used/", told("send", **wrong))

        assert answer.status_code == 200
        assert "There is a problem" in answer.content.decode()
        assert not UsageReport.objects.exists()

    def test_names_a_material_of_its_campaign_only(self, private, here, told, campaigns):
        other = CampaignPageFactory(parent=campaigns, slug="other")
        material = MaterialFactory(campaign=other)

        page = private.post(f"{here}used/", told("send", material=str(material.pk))).content.decode()

        assert "This material belongs to another campaign." in page

    def test_is_refused_without_proof_of_work(self, private, here, told):
        assert private.post(f"{here}used/", told("send") | {"proof": ""}).status_code == 400
        assert not UsageReport.objects.exists()

    def test_is_limited(self, private, here, told, monkeypatch):
        monkeypatch.setattr(views, "BY_LINK", Limit(name="usage-by", times=1, seconds=3600))
        private.post(f"{here}used/", told("send"))

        answer = private.post(f"{here}used/", told("send", key=str(uuid4())))

        assert answer.status_code == 429
        assert "We put up the posters." in answer.content.decode()
        assert UsageReport.objects.count() == 1

    def test_waits_in_a_limited_number(self, private, here, told, lantern, monkeypatch):
        monkeypatch.setattr(services, "MOST_WAITING", 1)
        report = UsageReportFactory(partner=lantern)

        assert private.post(f"{here}used/", told("send")).status_code == 503

        UsageReport.objects.filter(pk=report.pk).update(state="kept")
        assert private.post(f"{here}used/", told("send")).status_code == 302


class TestCertificate:
    @pytest.fixture
    def made(self, campaign, lantern):
        CampaignSettings.objects.create(
            site=Site.objects.get(is_default_site=True), signatory="Ida Example", signatory_office="Director"
        )

        def make(language: str = "en") -> bytes:
            lantern.language = language
            [certificate] = certificates.of_partner(lantern, language=language)
            return certificates.pdf(certificate)

        return make

    def test_names_partner_campaign_year_and_who_signs(self, made):
        words = pypdfium2.PdfDocument(made())[0].get_textpage().get_text_bounded()

        for word in (
            "Certificate of partnership",
            "Lantern",
            "Choose your path",
            "2026",
            "Ida Example",
            "Director",
        ):
            assert word in words

    @pytest.mark.parametrize("language", ["de", "ar"])
    def test_is_accessible_in_every_direction_of_reading(self, made, language):
        content = made(language)

        with pikepdf.open(io.BytesIO(content)) as pdf:
            assert str(pdf.Root.Lang) == language
            assert b"pdfuaid:part" in pdf.Root.Metadata.read_bytes()
            assert "Lantern" in str(pdf.docinfo["/Title"])

    def test_has_the_same_bytes_for_the_same_facts(self, made):
        first = made()
        typesetting.compiler.cache_clear()

        assert made() == first

    def test_is_given_by_the_link(self, private, here, made, campaign):
        answer = private.get(f"{here}certificate/{campaign.translation_key}/")

        assert answer["Content-Type"] == "application/pdf"
        assert answer.content == made()

    def test_is_not_given_before_the_campaign_is_public(self, lantern, campaign):
        campaign.embargo = timezone.now() + timedelta(days=1)
        campaign.save()

        assert certificates.of_partner(lantern, language="en") == []


class TestAdmin:
    def test_makes_a_link_that_is_shown_once(self, editor, lantern):
        address = reverse("partner", args=[lantern.pk])

        page = editor.post(address, {"days": "90"}).content.decode()

        [token] = re.findall(r"/partners/([\w.-]{60,})/", page)
        assert PartnerLink.read(token).partner == lantern
        assert token not in editor.get(address).content.decode()

    def test_revokes_a_link_immediately(self, editor, lantern, token):
        link = PartnerLink.objects.get()

        editor.post(reverse("partner", args=[lantern.pk]), {"revoke": str(link.pk)})

        assert not PartnerLink.objects.open().exists()

    @pytest.mark.parametrize("sent", [{"days": "7000"}, {"days": ""}, {"revoke": "999"}, {"revoke": "x"}])
    def test_does_nothing_with_nonsense(self, editor, lantern, token, sent):
        answer = editor.post(reverse("partner", args=[lantern.pk]), sent)

        assert answer.status_code in {200, 302}
        assert PartnerLink.objects.open().count() == 1

    def test_says_that_a_report_waits(self, editor, lantern):
        UsageReportFactory(partner=lantern)

        assert "Partners told how they used materials" in editor.get("/admin/").content.decode()

    def test_has_the_certificate(self, editor, lantern, campaign):
        answer = editor.get(reverse("partner-certificate", args=[lantern.pk, campaign.translation_key]))

        assert answer.content.startswith(b"%PDF")

    def test_refuses_an_address_that_leads_nowhere(self, editor, db):
        answer = editor.post(
            reverse("wagtailsnippets_campaigns_partner:add"),
            {
                "name": "A", "kind": "charity", "language": "en", "website": "javascript:alert(1)",
                "texts-TOTAL_FORMS": "0", "texts-INITIAL_FORMS": "0",
            },
        )  # fmt: skip

        assert answer.status_code == 200
        assert not Partner.objects.exists()
