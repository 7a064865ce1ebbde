"""The yearly letter to the operator of a listing, and the processing of the answer."""

import datetime as dt
import re

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone
from wagtail.models import ModelLogEntry

from core.http.limits import Limit
from core.mail import outbox
from core.models import OutgoingMail
from helpline.approval.rule import NotApprovedError, authors_since_approval
from helpline.governance import reconfirmation
from helpline.models import OperatorContact, Programme, Report
from helpline.vocabulary.codes import OperatorAnswer, Status
from tests.factories.helpline import (
    ProgrammeFactory,
    StaffFactory,
    SupportLineFactory,
    past_every_rule,
    second_person,
)
from tests.helpline.rows import same_queries
from tests.support.cached_fixtures import cached_fixture
from tests.support.mail import MailServer, delivered, nothing_listens, opened, serving
from tests.support.publishing import store_setting

pytestmark = pytest.mark.django_db


BROKEN = {
    "cut off": lambda token: token[:-1],
    "too long": lambda token: token + "x",
    "backwards": lambda token: token[::-1],
    "very long": lambda token: "x" * 5000,
    "null": lambda token: "%00",
    "not ASCII": lambda token: "é",
    "three parts": lambda token: "a.b.c",
    "of another purpose": lambda token: signing.TimestampSigner(sep=".", salt="network.profile").sign(
        token.split(".")[0]
    ),
    "too short": lambda token: reconfirmation.LINK.signer.sign("AAAA"),
}


@pytest.fixture(autouse=True)
def _named(home, corrections):
    store_setting("core.SiteSettings.name", "The List")


@pytest.fixture
@cached_fixture
def programme():
    return ProgrammeFactory(name="A service", operator="An operator", approved=True)


def contact_of(listing, **fields):
    return OperatorContact.objects.create(
        **{"listing": listing, "email": "office@service.example", "ask_on": timezone.localdate()} | fields
    )


def run():
    """Run the scheduled jobs, and return all messages that have left the site."""
    for pk in reconfirmation.due():
        reconfirmation.send(pk)
    return delivered()


def refused():
    """Run the scheduled jobs, while the mail server rejects all messages."""
    with serving(MailServer(recipient="550 5.1.1 No such user")):
        run()
    return OperatorContact.objects.get()


def move(contact):
    """Enter another address for the operator."""
    contact.email = "new@service.example"
    reconfirmation.set_operator(contact=contact, by=StaffFactory())


def token():
    """Return the token of the link in the last mail."""
    found = re.search(r"/reconfirmation/([^/\s]+)/", delivered()[-1].body)
    assert found
    return found[1]


def link():
    return f"/en/reconfirmation/{token()}/"


@pytest.fixture
def asked(programme):
    """The programme, after a letter to its operator."""
    contact_of(programme, language="en")
    run()
    return programme


def form(client, url):
    """Return the initial values of the form."""
    shown = client.get(url).context["form"]
    return {field.html_name: field.value() or "" for field in shown}


def answered(client, url, **changes):
    url = opened(client, url)
    data = form(client, url) | {f"answer-{name}": value for name, value in changes.items()}
    return client.post(url, data)


class TestLetter:
    def test_says_what_we_publish_and_asks_whether_it_is_right(self, asked, settings):
        [message] = delivered()
        assert message.to == ["office@service.example"]
        assert message.reply_to == ["corrections@example.org"]
        assert message.subject == "Is this still correct? Your entry “A service”"
        assert "The List" in message.body
        assert "030 23125000" in message.body
        assert f"{settings.PRIVATE_URL}/en/reconfirmation/" in message.body

    def test_keeps_the_digits_in_order_among_arabic_words(self, programme):
        contact_of(programme, language="ar")
        run()

        assert "\u2066030 23125000\u2069 · " in delivered()[0].body

    def test_is_sent_once_a_year(self, asked, time_machine):
        run()
        assert len(delivered()) == 1

        time_machine.move_to(timezone.now() + dt.timedelta(days=364))
        run()
        assert len(delivered()) == 1

        time_machine.move_to(timezone.now() + dt.timedelta(days=1))
        run()
        assert len(delivered()) == 2

    def test_is_written_once_even_if_the_scheduler_asks_twice(self, programme):
        contact = contact_of(programme)
        reconfirmation.send(contact.pk)
        reconfirmation.send(contact.pk)

        assert len(delivered()) == 1
        assert reconfirmation.read_token(token()) == contact

    def test_goes_when_the_listing_is_back_if_it_was_hidden_meanwhile(self, programme):
        contact = contact_of(programme)
        reconfirmation.send(contact.pk)
        past_every_rule(programme, live=False)
        assert delivered() == []

        past_every_rule(programme, live=True)
        run()

        assert [message.to for message in delivered()] == [["office@service.example"]]

    def test_is_only_sent_for_what_the_public_sees_and_is_not_closed_for_good(self, programme):
        contact_of(programme)
        for fields in ({"status": Status.CLOSED}, {"status": Status.DELISTED}, {"live": False}):
            past_every_rule(programme, **fields)

            run()

        assert delivered() == []

    def test_waits_a_day_after_the_address_was_entered(self, programme):
        OperatorContact.objects.create(listing=programme, email="office@service.example")

        run()

        assert delivered() == []

    @pytest.mark.parametrize(
        ("chosen", "spoken", "subject"),
        [
            ("fr", ["de"], "Est-ce toujours exact"),
            ("", ["pl", "fr", "de"], "Est-ce toujours exact"),
            ("", ["pl"], "Is this still correct?"),
        ],
    )
    def test_is_written_in_the_operators_language(self, chosen, spoken, subject):
        points = [{"channel": "phone", "number": "+493023125000", "languages": spoken}]
        contact_of(ProgrammeFactory(contacts=points, approved=True), language=chosen)

        run()

        assert delivered()[0].subject.startswith(subject)

    def test_is_sent_for_support_lines_too(self):
        contact_of(SupportLineFactory(name="A line", languages=["ar"], approved=True))

        run()

        assert "/ar/reconfirmation/" in delivered()[0].body

    def test_keeps_no_line_end_of_a_name_in_its_subject(self):
        contact_of(ProgrammeFactory(name="A\r\nBcc: b@example.org", approved=True))

        run()

        assert "\n" not in delivered()[0].subject

    def test_is_noted_in_the_history_without_the_address(self, asked):
        entry = ModelLogEntry.objects.get(action="helpline.letter")

        assert "office@service.example" not in str(entry.data)

    def test_is_due_in_a_fixed_number_of_queries(self, programme):
        contact_of(programme)
        with same_queries(reconfirmation.due):
            for _ in range(5):
                contact_of(ProgrammeFactory(approved=True))
        assert len(reconfirmation.due()) == 6


class TestRefusedMail:
    def test_waits_in_the_outbox(self, programme):
        contact = contact_of(programme)
        with nothing_listens():
            run()

        contact.refresh_from_db()
        assert (contact.sent_at, contact.failed_at) == (None, None)
        assert OutgoingMail.objects.waiting().get().about == contact

    def test_is_in_the_review_queue_until_it_goes_after_all(self, programme):
        contact_of(programme)
        contact = refused()
        assert (contact.failed_at is not None, contact.sent_at) == (True, None)
        assert reconfirmation.due() == []

        outbox.try_again(OutgoingMail.objects.all())
        run()

        contact.refresh_from_db()
        assert contact.failed_at is None

    def test_stops_no_other_letter(self, programme):
        contact_of(programme, email="bad@service.example")
        contact_of(ProgrammeFactory(approved=True), email="good@service.example")

        with serving(MailServer(refuse="bad@")) as server:
            run()

        assert server.recipients == ["good@service.example"]

    @pytest.mark.parametrize("fails", [True, False], ids=["refused", "waiting"])
    def test_goes_to_another_address_alone(self, programme, time_machine, fails):
        contact = contact_of(programme)
        if fails:
            contact = refused()
        else:
            reconfirmation.send(contact.pk)
            contact.refresh_from_db()
        move(contact)
        assert delivered() == []

        time_machine.move_to(timezone.now() + dt.timedelta(days=1))
        run()

        assert [message.to for message in delivered()] == [["new@service.example"]]

    def test_is_deleted_together_with_the_address(self, programme):
        contact = contact_of(programme)
        reconfirmation.send(contact.pk)

        reconfirmation.delete_operator(contact=contact, by=StaffFactory())

        assert not OutgoingMail.objects.exists()


class TestLink:
    def test_shows_what_we_publish_and_answers_nothing_by_being_opened(self, asked, private):
        for _ in range(2):
            page = private.get(link(), follow=True)

        assert "030 23125000" in page.content.decode()
        assert not Report.objects.exists()

    def test_works_once(self, asked, private):
        url = link()
        answered(private, url, answer=OperatorAnswer.RIGHT)

        page = private.get(url, follow=True)

        assert page.status_code == 410
        assert "This letter has already been answered" in page.content.decode()
        assert "corrections@example.org" in page.content.decode()

    def test_answers_once_though_two_had_opened_it(self, asked, private):
        url = opened(private, link())
        data = form(private, url) | {"answer-answer": OperatorAnswer.RIGHT}
        private.post(url, data)

        assert private.post(url, data).status_code == 410
        assert Report.objects.count() == 1

    def test_works_for_ninety_days(self, asked, private, time_machine):
        url = link()
        time_machine.move_to(timezone.now() + dt.timedelta(days=91))

        page = private.get(url, follow=True)

        assert page.status_code == 410
        assert "This link is too old" in page.content.decode()

    def test_that_was_cut_off_or_made_up_opens_nothing(self, asked, private):
        for how, broken in BROKEN.items():
            page = private.get(f"/en/reconfirmation/{broken(token())}/", follow=True)

            assert page.status_code == 404, how
            assert "This link is not complete" in page.content.decode(), how

    @pytest.mark.parametrize(
        "end",
        [
            lambda contact: reconfirmation.delete_operator(contact=contact, by=StaffFactory()),
            move,
            lambda contact: past_every_rule(contact.listing, live=False),
        ],
        ids=["deleted", "another", "hidden"],
    )
    def test_ends_with_the_address_and_with_the_listing(self, asked, private, end):
        url = link()

        end(OperatorContact.objects.get())

        assert private.get(url, follow=True).status_code == 410

    def test_is_in_the_admin_only(self, asked, public):
        assert public.get(link()).status_code == 404

    def test_is_in_the_languages_of_the_site(self, asked, private):
        for language in ("de", "fr", "ar"):
            page = private.get(link().replace("/en/", f"/{language}/"), follow=True).content.decode()

            assert f'lang="{language}"' in page
            assert "Is this still correct?" not in page


class TestAnswer:
    def test_that_all_is_right_is_a_task_and_changes_nothing(self, asked, private):
        before = Programme.objects.filter(pk=asked.pk).values().get()

        response = answered(private, link(), answer=OperatorAnswer.RIGHT)

        assert response["Location"] == "/en/reconfirmation/thanks/"
        assert private.get(response["Location"]).status_code == 200
        report = Report.objects.get()
        assert (report.listing, report.what, report.reply_to) == (asked, OperatorAnswer.RIGHT, "")
        assert Programme.objects.filter(pk=asked.pk).values().get() == before

    @pytest.mark.parametrize("answer", [OperatorAnswer.GONE, OperatorAnswer.DELIST])
    def test_that_it_is_no_more_is_a_task_and_hides_nothing(self, asked, private, answer):
        answered(private, link(), answer=answer, note="We closed in May.")

        report = Report.objects.get()
        assert (report.what, report.text) == (answer, "We closed in May.")
        assert Programme.objects.public().filter(pk=asked.pk).exists()

    def correct(self, private, listing, number="+49 30 23125 999"):
        point = listing.contact_points.get()
        return answered(
            private,
            link(),
            **{
                "answer": OperatorAnswer.CHANGED,
                f"{point.uuid}-number": number,
                "website": "https://new.example/",
            },
        )

    def test_that_something_has_changed_is_a_draft(self, asked, private):
        self.correct(private, asked)

        row = Programme.objects.get(pk=asked.pk)
        draft = row.get_latest_revision_as_object()
        assert (row.website, row.contact_points.get().number) == (
            "https://programme.example/",
            "+493023125000",
        )
        assert (draft.website, draft.contact_points.get().number) == (
            "https://new.example/",
            "+493023125999",
        )
        assert "+493023125999 (before: +493023125000)" in Report.objects.get().text

    def test_of_one_of_two_numbers_leaves_the_other_as_the_service_writes_it(self, private):
        points = [
            {"channel": "phone", "number": f"+4930231250{n:02}", "number_written": f"030 / {n}"} for n in range(2)
        ]
        listing = ProgrammeFactory(approved=True, contacts=points)
        contact_of(listing, language="en")
        run()
        _first, second = listing.contact_points.order_by("sort_order")

        answered(private, link(), **{"answer": OperatorAnswer.CHANGED, f"{second.uuid}-number": "+49 30 23125 999"})

        draft = Programme.objects.get(pk=listing.pk).get_latest_revision_as_object()
        assert [(point.number, point.number_written) for point in draft.contact_points.all()] == [
            ("+493023125000", "030 / 0"),
            ("+493023125999", ""),
        ]

    def test_that_a_number_is_short_asks_for_words(self, asked, private):
        page = self.correct(private, asked, number="143").content.decode()

        assert "If it is a short number such as 116 123, tell us in the text field below." in page
        assert not Report.objects.exists()

    def test_does_not_count_as_checked(self, asked, private):
        self.correct(private, asked)
        asked.refresh_from_db()

        with pytest.raises(NotApprovedError, match="No other person has checked"):
            second_person(asked, asked.latest_revision, StaffFactory())

        assert authors_since_approval(asked) == {None}

    def test_is_shown_when_one_has_checked_it_and_another_approves(self, asked, private):
        anna, ben = StaffFactory(), StaffFactory()
        self.correct(private, asked)
        asked.refresh_from_db()
        draft = asked.get_latest_revision_as_object()
        draft.checked_on, draft.checked_source = timezone.localdate(), "call with the operator"
        revision = draft.save_revision(user=anna)
        with pytest.raises(NotApprovedError):
            second_person(asked, revision, anna)

        second_person(asked, revision, ben)

        assert Programme.objects.get(pk=asked.pk).contact_points.get().number == "+493023125999"

    def test_does_not_change_a_draft_in_progress(self, asked, private):
        anna = StaffFactory()
        asked.refresh_from_db()
        asked.operator = "Anna drafts"
        mine = asked.save_revision(user=anna)

        self.correct(private, asked)

        asked.refresh_from_db()
        assert asked.latest_revision == mine
        assert "https://new.example/" in Report.objects.get().text

    def test_corrects_a_line(self, private):
        line = SupportLineFactory(name="A line", approved=True)
        contact_of(line)
        run()

        answered(private, link().replace("/de/", "/en/"), answer=OperatorAnswer.CHANGED, number="116 124")

        line.refresh_from_db()
        assert (line.number, line.get_latest_revision_as_object().number) == ("116123", "116124")

    def test_says_what_must_be_put_right(self, asked, private):
        number = f"{asked.contact_points.get().uuid}-number"
        cases = [
            ({"answer": ""}, "This field is required."),
            ({"answer": "perhaps"}, "Select a valid choice."),
            ({"answer": OperatorAnswer.RIGHT, "note": "The hours"}, "Please choose that answer."),
            (
                {"answer": OperatorAnswer.RIGHT, "website": "https://new.example/"},
                "Please choose that answer.",
            ),
            ({"answer": OperatorAnswer.CHANGED}, "Please say what has changed"),
            ({"answer": OperatorAnswer.CHANGED, "website": "new"}, "Enter a valid URL."),
            ({"answer": OperatorAnswer.CHANGED, "website": "ftp://new.example/"}, "Enter a valid URL."),
            ({"answer": OperatorAnswer.CHANGED, "name": ""}, "This field is required."),
            ({"answer": OperatorAnswer.CHANGED, "name": "x" * 201}, "at most 200 characters"),
            ({"answer": OperatorAnswer.CHANGED, "note": "x" * 2001}, "at most 2000 characters"),
            (
                {"answer": OperatorAnswer.CHANGED, number: "12345678901234567890"},
                "Write +, country code and number",
            ),
            ({"answer": OperatorAnswer.CHANGED, number: "call us"}, "Write +, country code and number"),
        ]

        for changes, message in cases:
            page = answered(private, link(), **changes)
            assert page.status_code == 200, changes
            assert message in page.content.decode(), changes

        assert not Report.objects.exists()

    def test_stores_nothing_about_the_sender_of_the_answer(self, asked, private):
        url = opened(private, link())
        private.post(
            url,
            form(private, url) | {"answer-answer": OperatorAnswer.RIGHT},
            headers={"user-agent": "Canary"},
        )

        kept = f"{Report.objects.values().get()}{OperatorContact.objects.values().get()}"
        assert "Canary" not in kept
        assert "127.0.0.1" not in kept

    def test_is_limited(self, asked, private, monkeypatch):
        monkeypatch.setattr(reconfirmation, "FROM_ADDRESS", Limit(name="test", times=0, seconds=60))

        page = answered(private, link(), answer=OperatorAnswer.RIGHT)

        assert page.status_code == 429
        assert not Report.objects.exists()

    def test_is_protected_against_other_sites(self, asked, settings):
        private = Client(enforce_csrf_checks=True, headers={"host": settings.PRIVATE_HOST})

        assert private.post(opened(private, link()), {"answer-answer": OperatorAnswer.RIGHT}).status_code == 403


class TestAddress:
    @pytest.fixture
    def url(self, programme):
        return f"/admin/to-check/operator/programme/{programme.pk}/"

    @pytest.fixture
    def keeper(self, sign_in):
        return sign_in("change_programme")

    def tomorrow(self):
        return timezone.localdate() + dt.timedelta(days=1)

    def test_is_entered_by_one_person_and_is_in_no_version_of_the_listing(self, keeper, programme, url):
        keeper.post(url, {"email": "office@service.example", "language": "fr", "ask_on": self.tomorrow()})
        programme.save_revision(user=StaffFactory())

        contact = OperatorContact.objects.get()
        told = (contact.listing, contact.email, contact.language)
        assert told == (programme, "office@service.example", "fr")
        assert "office@service.example" in keeper.get(url).content.decode()
        assert "office@service.example" not in str(programme.latest_revision.content)
        assert "office@service.example" not in str(ModelLogEntry.objects.values("data"))

    def test_can_be_deleted(self, keeper, programme, url):
        contact_of(programme)

        keeper.post(url, {"action": "forget"})

        assert not OperatorContact.objects.exists()

    def test_goes_with_the_listing(self, programme):
        contact_of(programme)

        programme.delete()

        assert not OperatorContact.objects.exists()

    def test_is_deleted_when_the_service_is_taken_off_the_list(self, programme):
        contact_of(programme)
        kept = contact_of(SupportLineFactory(pk=programme.pk, approved=True))
        past_every_rule(programme, status=Status.DELISTED)

        reconfirmation.purge()

        assert list(OperatorContact.objects.all()) == [kept]

    def test_says_what_must_be_put_right(self, keeper, url):
        filled = {"email": "office@service.example", "language": "", "ask_on": self.tomorrow()}
        wrong = [
            {"email": "nobody"},
            {"email": "a@b.example\nBcc: c@d.example"},
            {"language": "tlh"},
            {"ask_on": "x"},
        ]

        assert [keeper.post(url, filled | one).status_code for one in wrong] == [200] * len(wrong)
        assert not OperatorContact.objects.exists()

    def test_is_not_written_to_on_the_same_day(self, keeper, url):
        filled = {"email": "office@service.example", "language": "", "ask_on": timezone.localdate()}

        page = keeper.post(url, filled)

        assert "tomorrow at the earliest" in page.content.decode()

    def test_needs_the_permission_for_this_kind(self, keeper):
        line = SupportLineFactory(approved=True)
        contact_of(line)

        page = keeper.get(f"/admin/to-check/operator/supportline/{line.pk}/", follow=True)

        assert "office@service.example" not in page.content.decode()
