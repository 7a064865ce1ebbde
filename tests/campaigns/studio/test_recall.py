"""Outputs with the phone number of a programme, after that has changed."""

import io
import re
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from campaigns.launches.services import make_preview_link
from campaigns.models import Design, MaterialFile, MaterialIndexPage, RetiredOutput
from campaigns.studio import batches, recall
from core.models import LanguageState, Picture, UploadedDocument
from helpline.governance import services
from prerender.mirrors.copying import Mirror
from prerender.models import PendingChange
from prerender.rendering.pictures import paths_of
from prerender.services import render_all, render_due
from tests.factories.campaigns import (
    CampaignIndexPageFactory,
    CampaignPageFactory,
    DesignFactory,
    MaterialFactory,
    MaterialIndexPageFactory,
)
from tests.factories.helpline import ProgrammeFactory, StaffFactory, approve_as_checked
from tests.support.cached_fixtures import cached_fixture
from tests.support.mail import opened
from tests.support.publishing import render_only

pytestmark = pytest.mark.usefixtures("nothing_is_rendered")
OLD, NEW = "030 23125000", "030 23125999"


@pytest.fixture
@cached_fixture
def programme(db):
    return ProgrammeFactory(approved=True)


@pytest.fixture
@cached_fixture
def campaign(home):
    return CampaignPageFactory(parent=CampaignIndexPageFactory(parent=home))


@pytest.fixture
@cached_fixture
def design(campaign, programme) -> Design:
    """A poster with and without the number, drawn, in a campaign."""
    made = DesignFactory(
        material=MaterialFactory(languages=(), campaign=campaign),
        languages=("de",),
        numbers={"de": programme.uuid},
        formats=("poster-a4",),
    )
    made.material.save_revision().publish()
    for _step in batches.redraw(made):
        pass
    return made


def renumber(programme, **facts) -> None:
    """Give the programme another number, with two-person approval."""
    programme = programme.get_latest_revision_as_object()
    point = programme.contact_points.first()
    point.number = facts.pop("number", "+493023125999")
    programme.contact_points = [point]
    for name, value in facts.items():
        setattr(programme, name, value)
    approve_as_checked(programme)


def take_away(programme, how: str) -> None:
    """Withdraw a number as one person may: hide or close its listing, say that it is wrong, or delete the listing."""
    if how == "delete":
        programme.delete()
        return
    which = {"number": "+493023125000"} if how == "withdraw_number" else {}
    getattr(services, how)(listing=programme, by=StaffFactory(), reason="A stranger answers.", **which)


class TestChange:
    def test_draws_what_carries_the_number_again_and_nothing_else(
        self, design, programme, django_capture_on_commit_callbacks
    ):
        before = {output.country: (output.code, output.number) for output in design.outputs.all()}

        with django_capture_on_commit_callbacks(execute=True):
            renumber(programme)

        after = {output.country: (output.code, output.number) for output in design.outputs.all()}
        assert before["de"][1] == OLD
        assert after["de"][1] == NEW
        assert after["de"][0] != before["de"][0]
        assert after[""] == before[""]

    def test_leaves_words_alone_that_an_editor_has_not_drawn_yet(
        self, design, programme, django_capture_on_commit_callbacks
    ):
        design.texts.update(headline="Noch nicht fertig")
        code = design.outputs.get(country="").code

        with django_capture_on_commit_callbacks(execute=True):
            renumber(programme)

        assert design.outputs.get(country="").code == code

    def test_is_found_by_the_scheduler_when_the_notice_is_lost(self, design, programme):
        assert recall.designs_to_recall() == []

        renumber(programme)

        assert recall.designs_to_recall() == [design]

    def test_that_time_makes_is_withdrawn_by_the_scheduler_even_while_other_outputs_are_drawn(self, design, programme):
        poster = design.outputs.get(country="de").document
        batches.start(design)

        with time_machine.travel(timezone.now() + timedelta(days=1000)):
            for found in recall.designs_to_recall():
                recall.recall_outdated(found)

            assert not UploadedDocument.objects.filter(pk=poster.pk).exists()
            assert recall.designs_to_recall() == []

    def test_of_a_programme_that_closes_leaves_an_output_without_a_number(
        self, design, programme, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            renumber(programme, status="closed")

        assert {output.number for output in design.outputs.all()} == {""}
        assert [output.why for output in RetiredOutput.objects.all()] == ["closed"]

    @pytest.mark.parametrize("withdraw", ["hide", "close", "delete", "withdraw_number"])
    def test_withdraws_the_file_with_the_number_in_the_transaction_of_the_change(self, design, programme, withdraw):
        """The worker may be busy for minutes before it draws another."""
        poster, plain = (design.outputs.get(country=country).document for country in ("de", ""))
        address = poster.url

        take_away(programme, withdraw)

        assert not UploadedDocument.objects.filter(pk=poster.pk).exists()
        assert UploadedDocument.objects.filter(pk=plain.pk).exists()
        assert recall.replaced(address) is not None
        assert recall.designs_to_recall() == [design]

    def test_withdraws_a_number_whose_country_was_removed_and_that_is_no_longer_followed(self, design):
        design.countries.all().delete()

        for found in recall.designs_to_recall():
            recall.recall_outdated(found)

        assert not MaterialFile.objects.filter(country="de").exists()
        assert recall.designs_to_recall() == []

    def test_made_while_an_output_is_drawn_is_not_published_with_it(self, design, programme, monkeypatch, declare):
        design.texts.update(headline="Andere Worte")
        hand_over = batches.hand_over

        def late(*args) -> None:
            services.hide(listing=programme, by=StaffFactory(), reason="A stranger answers.")
            hand_over(*args)

        monkeypatch.setattr(batches, "hand_over", late)
        declare(programme_changed=[])
        for _step in batches.redraw(design):
            pass

        assert not MaterialFile.objects.filter(country="de").exists()
        assert MaterialFile.objects.filter(country="").exists()

    def test_of_a_programme_that_closes_is_reported_on_the_page_of_the_campaign(
        self, design, programme, campaign, public, django_capture_on_commit_callbacks
    ):
        code = design.outputs.get(country="de").code

        with django_capture_on_commit_callbacks(execute=True):
            renumber(programme, status="closed")

        shown = public.get(campaign.path_at_public).content.decode()
        assert code in shown
        assert "The number is no longer confirmed." in shown


class TestAddresses:
    """Addresses of a poster and a card with a number, as files: public, on a mirror, by a partner's link."""

    @pytest.fixture
    def mirror(self, home, settings, tmp_path, campaign) -> Path:
        """The site in one language, rendered and mirrored."""
        settings.RENDER_ON_REQUEST, settings.INTERFACE_LANGUAGES = False, ["en"]
        LanguageState.objects.exclude(locale__language_code="en").update(state=LanguageState.State.RETIRED)
        MaterialIndexPageFactory(parent=home)
        render_all()
        (root := tmp_path / "mirror").mkdir()
        Mirror(str(root)).bring_up_to_date(begin=True)
        return root

    @pytest.fixture
    def design(self, campaign, programme) -> Design:
        design = DesignFactory(
            material=MaterialFactory(languages=(), campaign=campaign),
            numbers={"de": programme.uuid},
            formats=("poster-a4", "card-square"),
        )
        design.material.save_revision().publish()
        for _step in batches.redraw(design):
            pass
        # Pages show the picture of the first file that has one.
        Picture.objects.filter(first_page_of__output__country="").delete()
        return design

    @pytest.fixture
    def on_commit(self, django_capture_on_commit_callbacks):
        return django_capture_on_commit_callbacks

    @pytest.fixture
    def link(self, campaign, private) -> str:
        token = make_preview_link(
            campaign_key=campaign.translation_key,
            name="Lantern",
            languages=["en"],
            until=timezone.now() + timedelta(days=1),
            by=None,
        )
        return opened(private, f"/previews/{token}/")

    @pytest.mark.parametrize("withdraw", ["withdraw_number", "close"])
    def test_are_gone_before_anything_is_rendered_or_drawn(
        self, design, programme, campaign, mirror, link, public, private, withdraw, monkeypatch, on_commit
    ):
        kit, by_link = f"{campaign.path_at_public}kits/all.zip", f"{link}kits/{campaign.pk}/all.zip"
        in_library = f"{MaterialIndexPage.objects.get().path_at_public}{design.material.pk}/"
        documents, plain = ([row.document for row in design.outputs.filter(country=code)] for code in ("de", ""))
        files = [each.url for each in documents]
        pictures = [path for each in documents for path in paths_of(each.first_page) if (mirror / path[1:]).exists()]
        partners = [f"{link}files/{each.pk}/{each.filename}" for each in documents]
        partners += re.findall(rf"{link}pictures/[\w:.-]+", private.get(f"{link}pages/{campaign.pk}/").text)
        assert statuses(public, [*files, *(each.url for each in plain), *pictures, kit]) == {200}
        assert statuses(private, partners) == {200}
        assert pictures
        assert len(partners) > len(files)
        assert files_in(private.get(by_link)) == {each.filename for each in (*documents, *plain)}
        monkeypatch.setattr(recall, "redraw", lambda design: None)

        with on_commit(execute=True):
            take_away(programme, withdraw)

        assert statuses(public, files) == {410}
        assert statuses(public, [*pictures, kit]) == {404}
        assert statuses(public, [each.url for each in plain]) == {200}
        assert statuses(private, [*partners, *files]) <= {404, 410}
        assert files_in(private.get(by_link)) == {each.filename for each in plain}
        assert [each for each in documents if Path(each.file.path).exists()] == []
        assert PendingChange.objects.filter(pattern=in_library, is_withdrawal=True).exists()
        Mirror(str(mirror)).bring_up_to_date(begin=False)
        assert [path for path in (*files, *pictures, kit) if (mirror / path[1:]).exists()] == []
        render_due()
        assert files_in(public.get(kit)) == {each.filename for each in plain}


class TestOldOutput:
    @pytest.fixture
    @cached_fixture
    def old(self, design, programme, django_capture_on_commit_callbacks):
        old = design.outputs.get(country="de")
        url, code = old.document.url, old.code
        with django_capture_on_commit_callbacks(execute=True):
            renumber(programme)
        return url, code

    def test_says_410_and_leads_to_the_new_one_once_that_is_rendered(self, old, design, public, settings):
        settings.RENDER_ON_REQUEST = False
        new = design.outputs.get(country="de").document.url

        early = public.get(old[0])
        render_only(new)
        late = public.get(old[0])

        assert early.status_code == late.status_code == 410
        assert new not in early.content.decode()
        assert "Die neueste Fassung wird gerade erstellt." in early.content.decode()
        assert new in late.content.decode()
        assert "style-src 'self'" in late["Content-Security-Policy"]

    def test_leads_to_no_file_of_a_material_that_is_hidden(self, old, design, public, settings):
        settings.RENDER_ON_REQUEST = False
        new = design.outputs.get(country="de").document.url
        render_only(new)
        before = public.get(old[0]).text

        design.material.unpublish()
        answer = public.get(old[0])

        assert new in before
        assert answer.status_code == 410
        assert old[1] in answer.text
        assert new not in answer.text

    def test_that_is_unknown_is_a_404_as_before(self, old, public, settings):
        settings.RENDER_ON_REQUEST = False

        assert public.get("/documents/999999/poster.pdf").status_code == 404

    def test_is_named_on_the_page_of_the_campaign_with_its_code_and_why(self, old, campaign, public):
        shown = public.get(campaign.path_at_public).content.decode()

        assert old[1] in shown
        assert "The number has changed." in shown

    def test_is_not_among_the_files_any_more(self, old, design):
        urls = {file.document.url for file in MaterialFile.objects.filter(material=design.material)}

        assert old[0] not in urls
        assert len(urls) == 2


def files_in(answer) -> set[str]:
    """Return the names of the files in a kit, without its read-me file."""
    names = zipfile.ZipFile(io.BytesIO(answer.getvalue())).namelist()
    return {name.rpartition("/")[2] for name in names if "/" in name}


def statuses(client, paths) -> set[int]:
    found = set()
    for path in paths:
        answer = client.get(path)
        answer.getvalue()  # which also closes the file
        found.add(answer.status_code)
    return found
