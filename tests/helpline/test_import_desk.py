"""The import screen reads a file, shows what would change and asks for confirmation; it makes drafts only, for those who may add listings."""

import datetime as dt
import json

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.utils import timezone
from wagtail.models import UploadedFile

from helpline.desk import importing
from helpline.exchange import exports
from helpline.exchange.csv.columns import PROGRAMMES
from helpline.models import Programme, SupportLine
from tests.factories.helpline import ProgrammeFactory, StaffFactory
from tests.helpline.test_exports import plain_row
from tests.helpline.test_hsds_import import FOREIGN
from tests.helpline.test_imports import LINE, table
from tests.support import html

URL = "/admin/listings/import/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(desk, settings):
    """A function that signs in a user with the permissions given."""
    settings.SECOND_FACTOR_REQUIRED = False

    def sign_in(*codenames):
        person = StaffFactory(permissions=list(codenames))
        person.user_permissions.add(Permission.objects.get(codename="access_admin"))
        desk.force_login(person)
        return desk

    return sign_in


@pytest.fixture
def drafter(signed_in):
    return signed_in(
        "add_programme", "change_programme", "view_programme", "add_supportline", "view_supportline"
    )


def bring(client, kind, data):
    file = ContentFile(data if isinstance(data, bytes) else data.encode(), name="file")
    return client.post(URL, {"kind": kind, "file": file})


def csv_of(*rows):
    return exports.to_csv(PROGRAMMES, rows)


def confirm(client, answer):
    page = html.parse(answer.content.decode())
    given = {
        field["name"]: field["value"]
        for field in page.all("input", type="hidden")
        if field["name"] in {"kind", "upload"}
    }
    return client.post(URL, given)


class TestTwoSteps:
    def test_writes_nothing_before_it_is_confirmed_and_drafts_then(self, drafter):
        answer = bring(drafter, "programmes", csv_of(plain_row(status="verified")))
        assert "1 new draft" in answer.content.decode()
        assert not Programme.objects.exists()

        done = confirm(drafter, answer)

        made = Programme.objects.get()
        assert (done.status_code, made.live, made.status) == (302, False, "draft")
        assert not UploadedFile.objects.exists()

    def test_takes_in_support_lines_and_hsds_too(self, drafter):
        confirm(drafter, bring(drafter, "support-lines", table(LINE)))
        confirm(drafter, bring(drafter, "hsds", json.dumps([FOREIGN])))

        assert (SupportLine.objects.count(), Programme.objects.get().name) == (1, "Somebody else's service")

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
            "Left unchanged: somebody has edited or checked it",
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
        assert not UploadedFile.objects.exists()

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

    def test_many_rows_are_counted_and_not_all_shown(self, drafter, monkeypatch):
        monkeypatch.setattr(importing, "ROWS_SHOWN", 2)

        answer = bring(drafter, "programmes", csv_of(*(plain_row(id=f"de-{n}") for n in range(5))))

        assert "3 more are not shown." in answer.content.decode()


class TestWhoMay:
    def test_only_those_who_may_add_listings(self, signed_in):
        assert signed_in("view_programme").get(URL).status_code == 302
        assert signed_in("add_programme").get(URL).status_code == 200

    def test_each_kind_for_those_who_may_add_it(self, signed_in):
        client = signed_in("add_programme")

        bring(client, "support-lines", table(LINE))
        refused = client.post(URL, {"kind": "support-lines", "upload": "1"})

        assert refused.status_code == 302
        assert not SupportLine.objects.exists()

    def test_nobody_takes_in_what_another_person_brought(self, drafter, signed_in):
        answer = bring(drafter, "programmes", csv_of(plain_row()))
        other = signed_in("add_programme", "view_programme")

        confirm(other, answer)

        assert not Programme.objects.exists()

    @pytest.mark.parametrize("key", ["0", "x", "9" * 30, ""])
    def test_a_file_that_is_not_there_is_explained(self, drafter, key):
        answer = drafter.post(URL, {"kind": "programmes", "upload": key}, follow=True)

        assert "no longer available" in answer.content.decode()

    def test_the_way_to_it_is_on_the_list(self, drafter):
        assert URL in drafter.get("/admin/programmes/").content.decode()


class TestWhatIsLeft:
    def test_a_second_file_replaces_the_first(self, drafter):
        for n in range(2):
            bring(drafter, "programmes", csv_of(plain_row(id=f"de-{n}")))

        assert UploadedFile.objects.count() == 1

    def test_goes_after_a_day(self, drafter, time_machine):
        bring(drafter, "programmes", csv_of(plain_row()))
        assert not list(importing.expired_uploads())

        time_machine.move_to(timezone.now() + dt.timedelta(days=2))
        for upload in importing.expired_uploads():
            importing.delete_upload(upload)

        assert not UploadedFile.objects.exists()
