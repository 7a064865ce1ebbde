"""The import screen reads a file, previews the changes and asks for confirmation.

It only makes drafts, for users who may add listings.
"""

import datetime as dt
import json
import uuid
from types import SimpleNamespace
from unittest import mock

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.db.models.fields.files import FieldFile
from django.urls import reverse
from django.utils import timezone
from wagtail.models import UploadedFile
from wagtail.users.models import UserProfile

from core.uploads.unavailable import StorageUnavailableError
from helpline.admin import imports as importing
from helpline.exchange.csv.columns import LAWS, PROGRAMMES
from helpline.exchange.imports import background
from helpline.exchange.imports.texts import PROGRAMME_TEXTS
from helpline.exchange.open_data import exports
from helpline.models import CountryLaw, LawText, ListingImport, Programme, ProgrammeText, SupportLine
from tests.factories.helpline import ProgrammeFactory, StaffFactory
from tests.helpline.admin.test_listings import answers, edit, review, said
from tests.helpline.exchange.test_exports import plain_row
from tests.helpline.exchange.test_hsds_import import FOREIGN
from tests.helpline.exchange.test_imports import LINE, table
from tests.helpline.rows import is_public
from tests.support import html
from tests.support.workbooks import workbook

URL = "/admin/listings/import/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def drafter(sign_in):
    kinds = ("programme", "programmetext", "supportline", "countrylaw", "lawtext")
    return sign_in("change_programme", *(f"{may}_{kind}" for kind in kinds for may in ("add", "view")))


def bring(client, kind, data):
    """Upload a file, which the worker reads immediately in tests, and return the page with the result."""
    file = ContentFile(data if isinstance(data, bytes) else data.encode(), name="file")
    return client.post(URL, {"kind": kind, "file": file}, follow=True)


def words_of(*references):
    rows = "".join(f"{each},en,People who listen.,,\n" for each in references)
    return f"{','.join(PROGRAMME_TEXTS.columns)}\n{rows}"


def csv_of(*rows):
    return exports.to_csv(PROGRAMMES, rows)


def confirm(client, answer):
    return client.post(answer.request["PATH_INFO"], {"confirm": "yes"}, follow=True)


class TestTwoSteps:
    def test_writes_nothing_before_it_is_confirmed_and_drafts_then(self, drafter):
        answer = bring(drafter, "programmes", csv_of(plain_row(status="verified")))
        assert "1 new draft" in answer.content.decode()
        assert not Programme.objects.exists()

        done = confirm(drafter, answer)

        made = Programme.objects.get()
        assert "Imported" in done.content.decode()
        assert (made.live, made.status) == (False, "draft")
        assert not UploadedFile.objects.exists()

    def test_imports_support_lines_and_hsds_too(self, drafter):
        confirm(drafter, bring(drafter, "support-lines", table(LINE)))
        confirm(drafter, bring(drafter, "hsds", json.dumps([FOREIGN])))

        assert (SupportLine.objects.count(), Programme.objects.get().name) == (1, "Somebody else's service")

    def test_imports_laws_and_then_their_words(self, drafter):
        law = "law-be,be,,none_general,offence,may_speak,prosecutor,Code pénal,art. 352,,low"
        laws = bring(drafter, "laws", f"{','.join(LAWS.columns)}\n{law}\n")
        shown = html.parse(laws.content.decode()).text
        assert "Code pénal" in shown
        assert "Belgium" in shown
        confirm(drafter, laws)
        words = bring(drafter, "law-texts", "id,language,words\nlaw-be,en,They may speak.\n")
        assert "They may speak." in words.content.decode()
        assert not LawText.objects.exists()

        confirm(drafter, words)

        (made, text) = (CountryLaw.objects.get(), LawText.objects.get())
        assert (text.law, text.words) == (made, "They may speak.")
        assert (made.live, made.status, text.live) == (False, "draft", False)

    def test_imports_words_of_programmes(self, drafter):
        programme = ProgrammeFactory()

        confirm(drafter, bring(drafter, "programme-texts", words_of(programme.uuid)))

        assert programme.texts.get().summary == "People who listen."

    def test_does_not_take_words_without_their_listing(self, drafter):
        answer = bring(drafter, "law-texts", "id,language,words\nlaw-be,en,They may speak.\n")

        assert "There is no law with this id" in answer.content.decode()

    def test_shows_what_a_new_draft_would_say_in_words(self, drafter):
        row = plain_row(
            channels="face_to_face",
            phone="",
            email="",
            languages="fr",
            country="FR",
            audience="professional",
            opening_hours="",
        )

        page = html.parse(bring(drafter, "programmes", csv_of(row)).content.decode())

        (found,) = page.all("table", class_="listing")
        cells = [cell.text for cell in found.all("td")]
        shown = dict(zip(cells[1::3], cells[3::3], strict=False))
        assert shown["Countries"] == "France"
        assert shown["Contact points"] == "In person · in French"

    def test_shows_conflicts_field_by_field_and_leaves_them(self, drafter):
        programme = ProgrammeFactory(approved=True, operator="<b>Ours</b>")
        text = exports.public_csv("programmes").replace("<b>Ours</b>", "Theirs")

        answer = bring(drafter, "programmes", text)

        (found,) = html.parse(answer.content.decode()).all("table", class_="listing")
        cells = [cell.text for cell in found.all("td")]
        assert cells[:4] == [
            "Left unchanged: a person has edited or checked it",
            "Operator",
            "<b>Ours</b>",
            "Theirs",
        ]
        assert "The file would change nothing." in answer.content.decode()
        programme.refresh_from_db()
        assert programme.operator == "<b>Ours</b>"

    def test_says_that_an_export_of_ours_would_change_nothing(self, drafter):
        ProgrammeFactory(approved=True)

        answer = bring(drafter, "programmes", exports.public_csv("programmes"))

        assert "1 unchanged" in answer.content.decode()
        assert 'name="confirm"' not in answer.content.decode()

    def test_explains_what_is_wrong_with_a_file(self, drafter):
        answer = bring(drafter, "programmes", csv_of(plain_row(country="QQ", cost="cheap")))

        text = html.parse(answer.content.decode()).text
        assert "Line 2, column country: “QQ” is not a known code." in text
        assert "Line 2, column cost: “cheap” is not a known code." in text
        assert not UploadedFile.objects.exists()

    @pytest.mark.parametrize("data", [b"\xff\xfe\0", b"PK\x03\x04", b"x" * 100, b"[[[["])
    def test_explains_a_file_of_another_kind(self, drafter, data):
        for kind in importing.KINDS:
            answer = bring(drafter, kind, data)
            assert answer.status_code == 200
            assert "Nothing was imported" in answer.content.decode()
            assert not UploadedFile.objects.exists()

    def test_many_rows_are_counted_and_not_all_shown(self, drafter, monkeypatch):
        monkeypatch.setattr(background, "ROWS_SHOWN", 2)

        answer = bring(drafter, "programmes", csv_of(*(plain_row(id=f"de-{n}") for n in range(5))))

        assert "3 more are not shown." in answer.content.decode()

    def test_explains_it_in_the_language_of_the_uploader(self):
        """The worker reads the file, without a language of the request."""
        profile = UserProfile.get_for_user(StaffFactory(permissions=[]))
        profile.preferred_language = "de"
        profile.save()
        file = csv_of(plain_row(country="QQ")).encode()

        background.read(background.start(kind="programmes", data=file, by=profile.user))

        [problem] = ListingImport.objects.get().problems
        assert problem.startswith("Zeile 2, Spalte country: ")


class TestAuthor:
    """The user who imports a file has written what it says, as if by hand."""

    def test_does_not_approve_what_they_imported_although_another_has_edited_it(self, sign_in, anna, ben):
        rights = ("add_programme", "change_programme", "view_programme", "publish_programme")
        client = sign_in(*rights, person=anna)
        confirm(client, bring(client, "programmes", csv_of(plain_row(audience="self_thoughts", cost="free"))))
        listing = Programme.objects.get()
        checked = {"checked_on": "2026-01-02", "next_check_due": "2099-01-01", "checked_source": "https://example.org/"}
        edit(sign_in(*rights, person=ben), listing, operator="Another operator", status="verified", **checked)

        client = sign_in(*rights, person=anna)
        refused = client.post(review(listing), answers(client, listing), follow=True)

        assert "You have changed this since it was last approved" in html.parse(refused.content.decode()).text
        assert not is_public(listing)
        assert said(listing)[-1][:2] == (str(anna), "Imported from a file")

    def test_of_a_draft_may_import_a_newer_file(self, drafter):
        """An import is no edit by hand, which the next import would leave alone."""
        confirm(drafter, bring(drafter, "programmes", csv_of(plain_row())))
        answer = bring(drafter, "programmes", csv_of(plain_row(operator="Another operator")))
        confirm(drafter, answer)

        assert "1 draft changed" in answer.content.decode()
        assert Programme.objects.get().operator == "Another operator"


class TestWhoMay:
    def test_only_those_who_may_add_listings(self, sign_in):
        assert sign_in("view_programme").get(URL).status_code == 302
        assert sign_in("add_programme").get(URL).status_code == 200

    def test_each_kind_for_those_who_may_add_it(self, sign_in):
        client = sign_in("add_programme")

        bring(client, "support-lines", table(LINE))

        assert not ListingImport.objects.exists()

    def test_hides_and_refuses_uploads_of_other_users(self, drafter, sign_in):
        answer = bring(drafter, "programmes", csv_of(plain_row()))
        other = sign_in("add_programme", "view_programme")

        assert other.get(answer.request["PATH_INFO"], follow=True).status_code == 404
        assert confirm(other, answer).status_code == 404
        assert not Programme.objects.exists()

    def test_refuses_a_user_who_has_lost_the_permission_to_add(self, drafter):
        answer = bring(drafter, "programmes", csv_of(plain_row()))
        Permission.objects.get(codename="add_programme").user_set.clear()

        confirm(drafter, answer)

        assert not Programme.objects.exists()

    def test_the_way_to_it_is_on_the_list(self, drafter):
        for listed in (Programme, ProgrammeText, SupportLine, CountryLaw, LawText):
            url = reverse(listed.snippet_viewset.get_url_name("list"))
            assert URL in drafter.get(url).content.decode(), url


class TestInTheWorker:
    """The request only stores the file; the worker reads and saves it, and a page shows the progress."""

    @pytest.fixture
    def later(self, monkeypatch):
        """Defer tasks until the test runs them."""
        waiting = []
        for name in ("read_import", "save_import"):
            enqueue = SimpleNamespace(enqueue=lambda key, name=name: waiting.append((name, key)))
            monkeypatch.setattr(background, name, enqueue)
        return waiting

    def job(self):
        return ListingImport.objects.get()

    def cancel_while_it_is_read(self, drafter, monkeypatch):
        content = background.content

        def cancelled_then(job):
            data = content(job)
            drafter.post(f"{URL}{job.pk}/", {"cancel": "yes"})
            return data

        monkeypatch.setattr(background, "OFTEN", 1)
        monkeypatch.setattr(background, "content", cancelled_then)

    def page(self, client):
        return client.get(f"{URL}{self.job().pk}/")

    def test_reads_nothing_in_the_request_and_lets_the_page_load_itself_again(self, drafter, later, monkeypatch):
        monkeypatch.setattr(background, "import_upload", None)

        answer = bring(drafter, "programmes", csv_of(plain_row()))

        assert later == [("read_import", self.job().pk)]
        assert answer["Refresh"] == "2"
        assert "Waiting to be read" in answer.content.decode()
        assert str(self.job().pk) in drafter.get(URL).content.decode()

    def test_shows_its_progress(self, drafter, later):
        bring(drafter, "programmes", csv_of(*(plain_row(id=f"de-{n}") for n in range(120))))
        seen = []

        stored = background.StoredProgress.parsed

        def parsed(progress, done, total):
            stored(progress, done, total)
            if done == 60:
                seen.append(html.parse(self.page(drafter).content.decode()))

        with mock.patch.object(background.StoredProgress, "parsed", parsed):
            background.read(self.job())

        (page,) = seen
        assert "50 of 120 rows" in page.text
        (bar,) = page.all("progress")
        assert (bar["value"], bar["max"]) == ("50", "120")

    @pytest.mark.parametrize("noticed", ["parsed", "compared"])
    @pytest.mark.parametrize("confirmed", [False, True])
    def test_is_cancelled_in_the_middle_and_leaves_nothing(self, drafter, later, noticed, confirmed, monkeypatch):
        bring(drafter, "programmes", csv_of(*(plain_row(id=f"de-{n}") for n in range(4))))
        if confirmed:
            background.read(self.job())
            drafter.post(f"{URL}{self.job().pk}/", {"confirm": "yes"})
        self.cancel_while_it_is_read(drafter, monkeypatch)
        if noticed == "compared":
            monkeypatch.setattr(background.StoredProgress, "parsed", lambda *given: None)
        (background.save if confirmed else background.read)(self.job())

        assert self.job().stage == "cancelled"
        assert not Programme.objects.exists()
        assert not UploadedFile.objects.exists()
        assert "Nothing was saved" in self.page(drafter).content.decode()

    def test_counts_and_cancels_words_as_it_does_listings(self, drafter, later, monkeypatch):
        bring(drafter, "programme-texts", words_of(*(ProgrammeFactory().uuid for _n in range(3))))
        background.read(self.job())
        assert (self.job().done, self.job().total, self.job().counts) == (3, 3, {"new": 3})
        drafter.post(f"{URL}{self.job().pk}/", {"confirm": "yes"})
        self.cancel_while_it_is_read(drafter, monkeypatch)
        background.save(self.job())

        assert self.job().stage == "cancelled"
        assert not ProgrammeText.objects.exists()

    def test_is_not_saved_if_it_was_cancelled_at_the_last_moment(self, drafter, later):
        bring(drafter, "programmes", csv_of(plain_row()))
        background.read(self.job())
        background.confirm(self.job())
        job = self.job()
        done = background.import_upload

        def cancelled_then(*args, **options):
            found = done(*args, **options)
            ListingImport.objects.update(stage="cancelled")
            return found

        with mock.patch.object(background, "import_upload", cancelled_then):
            background.save(job)

        assert not Programme.objects.exists()

    def test_says_that_it_was_too_late(self, drafter):
        answer = confirm(drafter, bring(drafter, "programmes", csv_of(plain_row())))

        late = drafter.post(answer.request["PATH_INFO"], {"cancel": "yes"}, follow=True)

        assert "too late" in late.content.decode()
        assert Programme.objects.exists()

    def test_is_saved_once_if_confirmed_several_times(self, drafter, later):
        bring(drafter, "programmes", csv_of(plain_row()))
        background.read(self.job())
        address = f"{URL}{self.job().pk}/"

        for _twice in range(2):
            again = drafter.post(address, {"confirm": "yes"}, follow=True)

        assert [name for name, _key in later] == ["read_import", "save_import"]
        assert "cannot be imported any more" in again.content.decode()

    def test_starts_again_after_a_worker_died(self, drafter, later):
        bring(drafter, "programmes", csv_of(plain_row()))
        ListingImport.objects.update(stage="reading")
        background.read(self.job())
        assert self.job().stage == "read"

        ListingImport.objects.update(stage="saving")
        background.save(self.job())

        assert self.job().stage == "done"
        assert Programme.objects.count() == 1

    def test_says_of_a_fault_of_ours_that_nothing_was_saved(self, drafter, later):
        bring(drafter, "programmes", csv_of(plain_row()))

        with (
            mock.patch.object(background, "import_upload", side_effect=MemoryError),
            pytest.raises(MemoryError),
        ):
            background.read(self.job())

        assert "not the fault of the file" in self.page(drafter).content.decode()

    def test_says_so_if_the_storage_of_the_file_does_not_answer(self, drafter, later):
        bring(drafter, "programmes", csv_of(plain_row()))

        with (
            mock.patch.object(FieldFile, "open", side_effect=StorageUnavailableError("It does not respond.")),
            pytest.raises(StorageUnavailableError),
        ):
            background.read(self.job())

        assert "not the fault of the file" in self.page(drafter).content.decode()

    def test_says_that_the_worker_may_have_stopped(self, drafter, later, time_machine):
        bring(drafter, "programmes", csv_of(plain_row()))
        assert "may have stopped" not in self.page(drafter).content.decode()

        ListingImport.objects.update(changed_at=timezone.now() - dt.timedelta(minutes=3))

        assert "may have stopped" in self.page(drafter).content.decode()


class TestTooLarge:
    @pytest.mark.parametrize("kind", ["programmes", "support-lines", "hsds"])
    def test_is_kept_for_the_worker_without_a_look_at_it(self, drafter, kind, monkeypatch):
        parsed = mock.Mock(side_effect=AssertionError("It was parsed in the request."))
        monkeypatch.setattr("helpline.exchange.csv.tables.decode_text", parsed)
        monkeypatch.setattr("helpline.exchange.hsds.documents.decode_text", parsed)
        monkeypatch.setattr("helpline.admin.imports.background.read_import", mock.Mock())

        bring(drafter, kind, b"{}," * 100)

        assert ListingImport.objects.get().stage == background.Stage.QUEUED

    @pytest.mark.parametrize(
        ("kind", "data", "what"),
        [
            ("programmes", (b"x" + b"," * (len(PROGRAMMES.names) - 1) + b"\n") * 3_000, "2,000 rows"),
            ("hsds", b"[" + b"{}," * 1_000_001 + b"{}]", "2,000 services"),
        ],
    )
    def test_is_refused_in_words_before_it_is_parsed(self, drafter, kind, data, what, monkeypatch):
        monkeypatch.setattr("helpline.exchange.hsds.reading.nodes", None)
        beginning = csv_of(plain_row()).encode() if kind == "programmes" else b""

        answer = bring(drafter, kind, beginning + data)

        assert f"more than {what}" in answer.content.decode()

    @pytest.mark.parametrize(
        ("kind", "data"),
        [
            ("programmes", workbook(*(plain_row(id=f"de-{n}") for n in range(3)))),
            ("hsds", json.dumps([FOREIGN, {**FOREIGN, "id": str(uuid.UUID(int=1))}])),
        ],
    )
    def test_is_refused_by_the_worker_if_only_parsing_can_find_it(self, drafter, kind, data, monkeypatch):
        monkeypatch.setattr(background, "MOST_ROWS", 1)

        answer = bring(drafter, kind, data)

        assert "more than 1 " in answer.content.decode()
        assert not UploadedFile.objects.exists()


class TestWhatIsLeft:
    def test_a_second_file_replaces_the_first(self, drafter):
        for n in range(2):
            bring(drafter, "programmes", csv_of(plain_row(id=f"de-{n}")))

        assert UploadedFile.objects.count() == ListingImport.objects.count() == 1

    def test_goes_after_a_day(self, drafter, time_machine):
        bring(drafter, "programmes", csv_of(plain_row()))
        assert not list(background.expired())

        time_machine.move_to(timezone.now() + dt.timedelta(days=2))
        for job in background.expired():
            background.forget(job)

        assert not UploadedFile.objects.exists()
        assert not ListingImport.objects.exists()
