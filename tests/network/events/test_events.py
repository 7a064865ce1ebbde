"""Events: their times, calendars and registrations, on both sites and in the admin."""

import datetime as dt
import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pikepdf
import pytest
import time_machine
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from icalendar import Calendar

from core.http import limits
from core.models import OutgoingMail
from home.models import HomePage
from network import row_locks, tokens
from network.events import facts as times
from network.events import services as events
from network.events.facts import EventState
from network.members import services as members
from network.models import Event, EventPage, Registration
from prerender import services as prerender
from prerender.store.files import FileStore
from tests.factories.network import (
    EventFactory,
    EventIndexPageFactory,
    EventPageFactory,
    MemberFactory,
    RegistrationFactory,
    in_days,
    with_account,
)
from tests.factories.users import UserFactory
from tests.network.conftest import same_queries
from tests.support.cached_fixtures import cached_fixture
from tests.support.languages import in_language
from tests.support.mail import delivered, opened
from tests.support.proof import solved
from tests.support.scheduler import run

State = Registration.State
FEED = "/en/feeds/events.ics"


@pytest.fixture
@cached_fixture
def index(home, _on_request):
    return EventIndexPageFactory(parent=home)


@pytest.fixture
def page(index) -> EventPage:
    return EventPageFactory(parent=index, title="Summer school", slug="school")


@pytest.fixture
def event(page) -> Event:
    return Event.objects.get()


@pytest.fixture
def member(db):
    return with_account(MemberFactory(listed=True, name="Ana Lima", email="ana@example.org"))


def publish(page: EventPage, **facts: object) -> Event:
    """Change facts of an event and publish them, as an editor does."""
    page = EventPage.objects.get(pk=page.pk)
    for name, value in facts.items():
        setattr(page, name, value)
    page.save_revision().publish()
    return Event.objects.get(uuid=page.translation_key)


def entries(content: bytes):
    return list(Calendar.from_ical(content).walk("VEVENT"))


def places(event: Event) -> list[tuple[str, str]]:
    return list(event.registrations.order_by("number").values_list("name", "state"))


class TestTimes:
    """Berlin has summer time until 25 October 2026, Phoenix never."""

    @pytest.mark.parametrize(
        ("zone", "day", "said"),
        [
            ("Europe/Berlin", 24, "24 October 2026, 14:00\u201315:00 (Central European Summer Time)"),
            ("Europe/Berlin", 25, "25 October 2026, 13:00\u201314:00 (Central European Standard Time)"),
            ("America/Phoenix", 24, "24 October 2026, 05:00\u201306:00 (Mountain Standard Time)"),
            ("Pacific/Auckland", 24, "25 October 2026, 01:00\u201302:00 (New Zealand Daylight Time)"),
        ],
    )
    def test_are_those_of_the_event_with_the_season_and_of_utc(self, zone, day, said):
        starts = dt.datetime(2026, 10, day, 12, tzinfo=dt.UTC)
        event = Event(starts_at=starts, ends_at=starts + timedelta(hours=1), time_zone=zone)

        there, at_utc = times.lines(event)

        assert there == said
        assert at_utc.endswith("12:00\u201313:00 (UTC)")
        # The date is repeated where it differs.
        assert ("October" in at_utc) == (zone == "Pacific/Auckland")

    def test_say_each_day_of_an_event_that_lasts_several_and_utc_once(self):
        starts = dt.datetime(2026, 10, 24, 12, tzinfo=dt.UTC)
        event = Event(starts_at=starts, ends_at=starts + timedelta(days=1), time_zone="UTC")

        assert times.lines(event) == ["24 October 2026, 12:00\u201325 October 2026, 12:00 (Coordinated Universal Time)"]

    def test_are_entered_as_the_clock_shows_them_where_the_event_is(self, page, admin_client):
        form = EventPage.get_edit_handler().get_form_class()
        sent = {
            "title": "T", "slug": "t", "introduction": "I", "place": "Auckland", "time_zone": "Pacific/Auckland",
            "starts_at": "2026-12-01 09:00", "ends_at": "2026-12-01 10:00", "register_until": "2026-11-30 18:00",
            "audience": "everybody", "state": "planned", "hours": "1", "programme-count": "0", "body-count": "0",
            "comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0",
        }  # fmt: skip

        filled = form(sent, instance=EventPage.objects.get(), for_user=UserFactory())
        assert filled.is_valid(), filled.errors
        shown = form(instance=filled.save(commit=False), for_user=UserFactory())

        assert filled.instance.starts_at == dt.datetime(2026, 11, 30, 20, tzinfo=dt.UTC)
        assert "2026-12-01 09:00" in str(shown["starts_at"])

    @pytest.mark.parametrize(
        ("field", "value"),
        [("time_zone", "Mars/Base"), ("ends_at", "2026-11-01 10:00"), ("register_until", "2027-01-01 10:00"),
         ("starts_at", "2026-10-25 02:30")],
    )  # fmt: skip
    def test_that_cannot_be_are_refused(self, page, field, value):
        """In the night of 25 October, 2:30 comes twice in Berlin."""
        form = EventPage.get_edit_handler().get_form_class()
        sent = {
            "title": "T", "slug": "t", "introduction": "I", "place": "P", "time_zone": "Europe/Berlin",
            "starts_at": "2026-12-01 09:00", "ends_at": "2026-12-01 10:00", "register_until": "",
            "audience": "everybody", "state": "planned", "hours": "1", "programme-count": "0", "body-count": "0",
            "comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0",
        }  # fmt: skip

        filled = form({**sent, field: value}, instance=EventPage.objects.get(), for_user=UserFactory())

        assert field in filled.errors


class TestPage:
    def test_says_when_and_where_and_not_how_to_take_part(self, page, public):
        shown = public.get("/en/events/school/").text

        assert all(line in shown for line in times.lines(page))
        assert "Welcome" in shown
        assert "Online" in shown
        assert "meet.example.org" not in shown
        assert reverse("network:event", args=[page.translation_key]) in shown

    def test_is_listed_among_those_ahead_and_then_among_those_over(self, page, public):
        before = public.get("/en/events/").text
        with time_machine.travel(page.ends_at + timedelta(days=2), tick=False):
            after = public.get("/en/events/").text

        assert "No event is planned" not in before
        assert before.index("Coming up") < before.index("Summer school")
        assert after.index("Past") < after.index("Summer school")
        assert f'href="{FEED}"' in before

    def test_of_a_translation_shows_the_current_time_without_an_update(self, page, languages, public):
        in_language(HomePage.objects.get(), languages["de"])
        in_language(page.get_parent(), languages["de"])
        german = in_language(page, languages["de"], title="Sommerschule")

        event = publish(page, starts_at=in_days(40), ends_at=in_days(41), state=EventState.MOVED)
        in_german = public.get(german.path_at_public).text

        with translation.override("de"):
            assert times.lines(event)[0] in in_german
        assert "verschoben" in in_german
        # Publishing the translation, which still has the old time, changes nothing.
        publish(german)
        assert Event.objects.get().starts_at == event.starts_at

    def test_offers_no_place_once_registration_has_ended_and_does_again_if_that_is_moved(
        self, page, event, declare, django_capture_on_commit_callbacks
    ):
        declare(routes=[])
        offer = f'{reverse("network:event", args=[page.translation_key])}"'
        with django_capture_on_commit_callbacks(execute=True):
            publish(page)
        assert not EventPage.objects.out_of_date().exists()

        def prerendered() -> str:
            with django_capture_on_commit_callbacks(execute=True):
                run("network-close-events")
            return FileStore().file(page.path_at_public).read_text()

        assert offer in prerendered()
        with time_machine.travel(event.closes_at + timedelta(minutes=1), tick=False):
            assert offer not in prerendered()
            assert "Registration has ended." in prerendered()
            later = {"starts_at": in_days(60), "ends_at": in_days(61), "register_until": None}
            with django_capture_on_commit_callbacks(execute=True):
                publish(page, **later)
            assert offer in prerendered()
        assert not EventPage.objects.out_of_date().exists()

    def test_is_rendered_with_its_calendar_and_both_go_with_it(self, page, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            publish(page)
        there = [FileStore().file(path).exists() for path in (page.path_at_public, page.calendar_path, FEED)]
        with django_capture_on_commit_callbacks(execute=True):
            EventPage.objects.get().unpublish()

        assert there == [True, True, True]
        assert not FileStore().file(page.calendar_path).exists()
        assert b"school" not in FileStore().file(FEED).read_bytes()
        assert prerender.render_paths([FEED])


class TestCalendar:
    def test_has_the_time_in_utc_and_says_nothing_of_anybody(self, page, public, settings):
        content = public.get(FEED).content
        (entry,) = entries(content)

        assert entry.decoded("dtstart") == page.starts_at
        assert entry.decoded("dtend") == page.ends_at
        assert entry["dtstart"].to_ical().endswith(b"Z")
        assert entry["status"] == "CONFIRMED"
        assert entry["url"] == f"{settings.PUBLIC_URL}/en/events/school/"
        assert not any(word in content for word in (b"ATTENDEE", b"ORGANIZER", b"VALARM", b"meet.example"))
        assert max(len(line) for line in content.split(b"\r\n")) <= 75
        assert content == public.get(FEED).content

    def test_of_a_moved_event_keeps_its_identity_and_raises_its_sequence(self, page, languages, public):
        (before,) = entries(public.get(page.calendar_path).content)
        page.refresh_from_db()
        publish(page, starts_at=in_days(30), ends_at=in_days(31), state=EventState.MOVED, slug="elsewhere")
        moved = EventPage.objects.get()
        (after,) = entries(public.get(moved.calendar_path).content)
        publish(moved, state=EventState.CALLED_OFF)
        (off,) = entries(public.get(moved.calendar_path).content)
        in_language(HomePage.objects.get(), languages["de"])
        in_language(moved.get_parent(), languages["de"])
        german = in_language(moved, languages["de"])
        (same,) = entries(public.get(german.calendar_path).content)

        assert {each["uid"] for each in (before, after, off, same)} == {f"urn:uuid:{page.translation_key}"}
        assert [each["sequence"] for each in (before, after, off)] == [0, 1, 2]
        assert before.decoded("dtstart") != after.decoded("dtstart") == moved.starts_at
        assert (after["status"], off["status"]) == ("CONFIRMED", "CANCELLED")

    @pytest.mark.usefixtures("home", "_on_request")
    def test_is_not_there_without_a_list_of_events_or_for_a_page_that_is_none(self, public):
        assert public.get(FEED).status_code == 404
        assert public.get("/en/events/none.ics").status_code == 404


@pytest.mark.django_db(transaction=True)
class TestCrowd:
    def test_of_60_simultaneous_for_20_places_admits_20_and_queues_40_in_order(self):
        event = EventFactory(capacity=20)
        asked = Registration.objects.bulk_create(
            RegistrationFactory.build_batch(60, event=event, state=State.UNCONFIRMED, number=None)
        )

        def confirm(registration: Registration) -> tuple[int | None, str]:
            try:
                kept = events.confirm_request(registration=registration)
                return kept.number, kept.state
            finally:
                connection.close()

        with ThreadPoolExecutor(12) as crowd:
            answers = sorted(crowd.map(confirm, asked))

        assert [number for number, _state in answers] == list(range(1, 61))
        assert [state for _number, state in answers] == [State.PLACE] * 20 + [State.WAITING] * 40


class TestRegistration:
    @pytest.fixture
    def ask(self, private, event, nothing_is_rendered, monkeypatch, django_capture_on_commit_callbacks):
        """Submit the form as a guest and deliver the mail."""
        monkeypatch.setattr(limits, "TRIES", range(1, 3))

        def send(email="guest@example.org", proved=True):
            data = {"guest-name": "Gus Guest", "guest-email": email}
            data["proof"] = solved(limits.proof_challenge()) if proved else ""
            with django_capture_on_commit_callbacks(execute=True):
                return private.post(reverse("network:event", args=[event.uuid]), data)

        return send

    def own_page(self, private: Client, registration: Registration) -> str:
        return opened(private, reverse("network:event-place", args=[tokens.make(registration, tokens.REGISTRATION)]))

    def test_of_a_guest_counts_once_the_mailed_link_is_confirmed(self, ask, private, event):
        answer = ask("Guest@Example.org")
        (letter,) = delivered()
        registration = Registration.objects.get()
        before = registration.state
        address = self.own_page(private, registration)
        button = private.get(address).text
        shown = private.post(address, {"action": "confirm"}, follow=True).text

        registration.refresh_from_db()
        assert answer.headers["Location"] == reverse("network:event-sent")
        assert (letter.to, before, registration.state) == (
            ["guest@example.org"],
            State.UNCONFIRMED,
            State.PLACE,
        )
        assert "Confirm my registration" in button
        assert "meet.example.org" not in button + letter.body
        assert "https://meet.example.org/room" in shown

    def test_answers_the_same_whether_or_not_an_address_is_known_and_mails_the_one_that_is_there(self, ask, event):
        known = RegistrationFactory(event=event, email="known@example.org")

        answers = [ask(email) for email in ("new@example.org", "known@example.org")]
        first, second = delivered()

        assert len({(answer.status_code, answer.headers["Location"]) for answer in answers}) == 1
        assert "press the button" in first.body
        assert "You have a place" in second.body
        token = second.body.partition("/events/place/")[2].partition("/")[0]
        assert tokens.read_registration(token) == known

    def test_needs_the_proof_and_is_limited(self, ask):
        refused = ask(proved=False)
        answers = [ask().status_code for _time in range(6)]

        assert refused.status_code == 400
        assert "Gus Guest" in refused.text
        assert answers == [302] * 5 + [429]

    def test_twice_with_one_address_is_one_place(self, ask, private, event):
        ask()
        ask()
        first, second = Registration.objects.order_by("pk")

        events.confirm_request(registration=first)
        said = private.post(self.own_page(private, second), {"action": "confirm"}).text

        assert "You are registered already" in said
        assert places(event) == [("Gus Guest", State.PLACE)]

    def test_of_a_member_takes_one_click_and_shows_the_link_to_them_alone(self, signed_in, event, member):
        before = signed_in.get(reverse("network:event", args=[event.uuid])).text
        shown = signed_in.post(reverse("network:event-register", args=[event.uuid]), follow=True).text
        signed_in.post(reverse("network:event-register", args=[event.uuid]))

        assert "You register as Ana Lima." in before
        assert "https://meet.example.org/room" in shown
        assert places(event) == [("Ana Lima", State.PLACE)]
        assert delivered()[0].to == ["ana@example.org"]

    def test_of_an_event_for_members_is_closed_to_others(self, page, private, signed_in, member):
        event = publish(page, audience="members")
        stranger = Client(headers={"host": django_settings.PRIVATE_HOST})
        address = reverse("network:event", args=[event.uuid])
        paused = with_account(MemberFactory(listed=True))
        members.pause(member=paused)

        assert "/account/login/" in stranger.get(address).headers["Location"]
        assert signed_in.get(address).status_code == 200
        stranger.force_login(paused.user)
        assert stranger.get(address).status_code == 403
        assert stranger.post(address, {"guest-name": "A", "guest-email": "a@example.org"}).status_code == 403

    @pytest.mark.parametrize(
        "facts", [{"state": "called_off"}, {"register_until": in_days(-1)}], ids=["called off", "too late"]
    )
    def test_is_refused_once_it_is_closed(self, page, ask, signed_in, member, facts):
        event = publish(page, **facts)

        shown = signed_in.get(reverse("network:event", args=[event.uuid])).text
        answer = signed_in.post(reverse("network:event-register", args=[event.uuid]), follow=True).text

        assert "One cannot register for this event any more." in shown
        assert "One cannot register for this event any more." in answer
        assert ask().status_code == 302
        asked = RegistrationFactory(event=event, state=State.UNCONFIRMED, number=None)
        with pytest.raises(events.RegistrationClosedError):
            events.confirm_request(registration=asked)
        assert Registration.objects.count() == 1

    def test_of_a_guest_is_not_kept_for_an_event_that_is_not_public(self, page, event, ask):
        EventPage.objects.get().unpublish()

        assert ask().status_code == 404
        assert not Registration.objects.exists()

    def test_of_an_event_that_is_not_public_is_not_there(self, page, event, signed_in):
        EventPage.objects.get().unpublish()

        assert signed_in.get(reverse("network:event", args=[event.uuid])).status_code == 404
        assert signed_in.post(reverse("network:event-register", args=[event.uuid])).status_code == 404
        unknown = reverse("network:event-register", args=["00000000-0000-7000-8000-000000000000"])
        assert signed_in.post(unknown).status_code == 404


class TestOwnEvents:
    """The page with all events for which a member has asked for a place."""

    PAGE = "/en/members/events/"

    def test_says_of_each_where_the_member_stands_in_the_order_of_time(self, index, signed_in, member):
        def registered(title: str, *, days: int, waiting: int = 0, **kwargs: object) -> Registration:
            page = EventPageFactory(parent=index, title=title, starts_at=in_days(days))
            event = Event.objects.get(uuid=page.translation_key)
            for number in range(waiting):
                RegistrationFactory(event=event, state="waiting", number=number + 1)
            return RegistrationFactory(event=event, member=member, email="", number=waiting + 1, **kwargs)

        registered("Later", days=9)
        registered("Full", days=5, waiting=2, state="waiting")
        kept = registered("Freed", days=3, state="offered", offered_until=timezone.now() + timedelta(days=1))
        been = registered("Been there", days=-2, attended=True)
        registered("Missed", days=-3)
        registered("Never came in", days=-4, state="waiting")
        EventPageFactory(parent=index, title="Of others")

        shown = signed_in.get(self.PAGE).text

        assert re.findall(r"<h3[^>]*><a[^>]*>([^<]+)</a>", shown) == [
            "Freed", "Full", "Later", "Been there", "Missed",
        ]  # fmt: skip
        freed, full, later, been_there, missed = shown.split("<section")[1:6]
        assert "It is kept for you until" in freed
        assert f"{self.PAGE}{kept.event.uuid}/place/" in freed
        assert "2 people are before you" in full
        assert "You have a place." in later
        assert f"{self.PAGE}{been.event.uuid}/place/certificate/" in been_there
        assert "certificate/" not in missed
        assert f"{django_settings.PUBLIC_URL}/en/events/" in shown

    def test_says_what_was_called_off_and_leaves_out_what_is_not_public(self, page, event, signed_in, member):
        events.register_member(event=event, member=member, language="en")
        publish(page, state="called_off")
        shown = signed_in.get(self.PAGE).text
        assert "This event was called off." in shown
        assert "You have a place." not in shown

        page.unpublish()

        assert "You are registered for no event at the moment." in signed_in.get(self.PAGE).text

    def test_takes_the_same_queries_for_few_and_many(self, index, signed_in, member):
        def more(number: int = 3) -> None:
            for _ in range(number):
                made = EventPageFactory(parent=index)
                event = Event.objects.get(uuid=made.translation_key)
                RegistrationFactory(event=event, member=member, email="", state="waiting")

        more(1)
        same_queries(lambda: signed_in.get(self.PAGE), more)


class TestWaitingList:
    @pytest.fixture
    def full(self, page) -> Event:
        """An event with one place, which is taken, and two registrations on the waiting list."""
        event = publish(page, capacity=1)
        for name in ("First", "Second", "Third"):
            asked = RegistrationFactory(event=event, name=name, state=State.UNCONFIRMED, number=None)
            events.confirm_request(registration=asked)
        return event

    def named(self, name: str) -> Registration:
        return Registration.objects.get(name=name)

    def test_offers_a_place_that_is_left_to_the_next_who_has_to_accept_it(self, full, private):
        events.give_up_place(registration=self.named("First"))
        offered = self.named("Second")
        address = opened(private, reverse("network:event-place", args=[tokens.make(offered, tokens.REGISTRATION)]))
        said = private.get(address).text
        newcomer = RegistrationFactory(event=full, name="Late", state=State.UNCONFIRMED, number=None)
        events.confirm_request(registration=newcomer)
        accepted = private.post(address, {"action": "accept"}, follow=True).text

        assert "A place has become free." in said
        assert "meet.example.org" not in said
        assert "You have a place." in accepted
        assert places(full) == [("Second", State.PLACE), ("Third", State.WAITING), ("Late", State.WAITING)]

    def test_passes_on_places_not_accepted_in_time(self, full):
        events.give_up_place(registration=self.named("First"))
        late = self.named("Second")
        with time_machine.travel(late.offered_until + timedelta(minutes=1), tick=False):
            with pytest.raises(row_locks.InvalidStateError):
                events.accept_place(registration=late)
            run("network-pass-places-on")

        assert places(full) == [("Third", State.OFFERED)]
        assert self.named("Third").offered_until > timezone.now()

    def test_keeps_a_place_for_less_long_if_the_event_is_near(self, page, full):
        publish(page, starts_at=timezone.now() + timedelta(hours=8))
        events.give_up_place(registration=self.named("First"))

        left = self.named("Second").offered_until - timezone.now()

        assert timedelta(hours=3, minutes=55) < left <= timedelta(hours=4)

    def test_can_be_left_and_says_how_many_are_before(self, full, private):
        third = self.named("Third")
        address = opened(private, reverse("network:event-place", args=[tokens.make(third, tokens.REGISTRATION)]))

        said = private.get(address).text
        left = private.post(address, {"action": "leave"}, follow=True).text
        again = private.get(address)

        assert "1 person is before you" in said
        assert "Your registration is deleted." in left
        assert "All places are taken; 1 person is on the waiting list." in left
        assert again.status_code == 410
        assert "welcome to register again" in again.text

    def test_moves_up_when_the_editor_makes_room_and_not_when_it_is_called_off(self, page, full):
        publish(page, capacity=2)
        after_room = places(full)
        publish(page, capacity=None, state=EventState.CALLED_OFF)

        assert after_room == [("First", State.PLACE), ("Second", State.OFFERED), ("Third", State.WAITING)]
        assert places(full) == after_room

    def test_moves_up_when_a_member_leaves_the_network(self, page, member):
        event = publish(page, capacity=1)
        events.register_member(event=event, member=member, language="en")
        RegistrationFactory(event=event, name="Next", state=State.WAITING, number=2)

        members.leave(member=member)

        assert places(event) == [("Next", State.OFFERED)]

    def test_refuses_what_is_not_possible_any_more(self, full, private):
        first = self.named("First")
        address = opened(private, reverse("network:event-place", args=[tokens.make(first, tokens.REGISTRATION)]))

        assert "not possible any more" in private.post(address, {"action": "accept"}, follow=True).text
        assert private.post(address, {"action": "nonsense"}).status_code == 302
        first.delete()
        with pytest.raises(row_locks.InvalidStateError):
            events.confirm_request(registration=first)
        Event.objects.all().delete()
        with pytest.raises(row_locks.InvalidStateError):
            events.give_up_place(registration=first)


class TestLetters:
    def test_tell_everybody_who_is_registered_of_a_new_time_and_of_the_end_and_of_nothing_else(
        self, page, event, member
    ):
        publish(page, capacity=1)
        events.register_member(event=event, member=member, language="en")
        RegistrationFactory(event=event, state=State.WAITING, number=9, email="w@example.org")
        RegistrationFactory(event=event, state=State.UNCONFIRMED, number=None, email="never@example.org")
        OutgoingMail.objects.all().delete()

        publish(page, title="Another title", capacity=1)
        silent = OutgoingMail.objects.count()
        moved = publish(page, starts_at=in_days(20), ends_at=in_days(21), capacity=1)
        publish(page, state=EventState.CALLED_OFF)
        letters = delivered()

        assert silent == 0
        assert sorted(letter.to[0] for letter in letters) == ["ana@example.org"] * 2 + ["w@example.org"] * 2
        # Each email has the facts at the time of sending.
        assert all("was called off" in letter.body for letter in letters)
        assert moved.sequence == 3

    def test_say_the_time_in_the_language_of_the_person_and_not_how_to_take_part(self, page, event):
        registration = RegistrationFactory(event=event, language="de")
        publish(page, starts_at=in_days(20), ends_at=in_days(21))
        (letter,) = delivered()

        with translation.override("de"):
            assert times.lines(Event.objects.get())[0] in letter.body
        assert "/de/members/events/place/" in letter.body
        assert "meet.example.org" not in letter.body
        assert registration.name not in letter.body

    def test_remind_once_on_the_day_before(self, event):
        RegistrationFactory(event=event, email="a@example.org")
        RegistrationFactory(event=event, email="w@example.org", state=State.WAITING)
        run("network-remind-of-events")
        too_early = OutgoingMail.objects.count()
        with time_machine.travel(event.starts_at - timedelta(hours=23), tick=False):
            run("network-remind-of-events")
            run("network-remind-of-events")
            letters = delivered()

        assert too_early == 0
        assert [letter.to for letter in letters] == [["a@example.org"]]

    def test_remind_everybody_again_of_a_new_day(self, event, page):
        RegistrationFactory.create_batch(2, event=event)
        with time_machine.travel(event.starts_at - timedelta(hours=23), tick=False):
            run("network-remind-of-events")
            moved = publish(page, starts_at=in_days(20), ends_at=in_days(21))
        OutgoingMail.objects.all().delete()

        with time_machine.travel(moved.starts_at - timedelta(hours=23), tick=False):
            run("network-remind-of-events")

        assert OutgoingMail.objects.filter(kind="network.event_reminder").count() == 2

    def test_are_not_sent_about_what_is_gone(self, event, page):
        registration = RegistrationFactory(event=event)
        for kind in ("network.event_place", "network.event_confirm"):
            OutgoingMail.objects.create(kind=kind, about=registration)
        EventPage.objects.get().unpublish()

        assert delivered() == []


class TestForgetting:
    def test_takes_guests_after_30_days_and_members_who_were_there_after_a_year(self, db):
        ended = timezone.now()
        event = EventFactory(starts_at=ended - timedelta(hours=2), ends_at=ended)
        RegistrationFactory(event=event, name="guest", attended=True)
        RegistrationFactory(event=event, name="there", member=MemberFactory(), email="", attended=True)
        RegistrationFactory(event=event, name="absent", member=MemberFactory(), email="")
        RegistrationFactory(event=event, name="never", state=State.UNCONFIRMED, number=None)

        left = {}
        for days in (0, 8, 31, 364, 366):
            with time_machine.travel(ended + timedelta(days=days), tick=False):
                run("network-forget-registrations")
            left[days] = {name for name, _state in places(event)}

        assert left == {
            0: {"guest", "there", "absent", "never"},
            8: {"guest", "there", "absent"},
            31: {"there"},
            364: {"there"},
            366: set(),
        }


class TestAttendance:
    @pytest.fixture
    def over(self, page) -> Event:
        return publish(page, starts_at=timezone.now() - timedelta(hours=3), ends_at=timezone.now() - timedelta(hours=1))

    def test_that_was_ticked_by_mistake_is_taken_back(self, over, team):
        there, mistaken = RegistrationFactory.create_batch(2, event=over)
        address = reverse("attendance", args=[over.uuid])
        team.post(address, {"attended": [str(there.uuid), str(mistaken.uuid)]})

        team.post(address, {"attended": [str(there.uuid)]})

        assert set(Registration.objects.filter(attended=True)) == {there}

    def test_is_ticked_in_the_admin_and_gives_a_certificate(self, over, team, languages):
        there = RegistrationFactory(event=over, name="Zoë Ångström", email="z@example.org")
        away = RegistrationFactory(event=over, name="=cmd()", email="away@example.org")
        address = reverse("attendance", args=[over.uuid])

        answer = team.post(address, {"attended": [str(there.uuid), "nonsense"]}, follow=True)
        table = team.get(reverse("attendance-table", args=[over.uuid])).text

        assert "Of those with a place, 1 were there" in answer.text
        assert set(Registration.objects.filter(attended=True)) == {there}
        assert "Zoë Ångström" in table
        assert "'=cmd()" in table
        assert "example.org" not in table + answer.text
        visitor = Client(headers={"host": django_settings.PRIVATE_HOST})
        own = opened(visitor, reverse("network:event-place", args=[tokens.make(there, tokens.REGISTRATION)]))
        assert "Certificate (PDF)" in visitor.get(own).text
        with pikepdf.open(io.BytesIO(visitor.get(f"{own}certificate/").content)) as pdf:
            assert pdf.open_metadata()["pdfuaid:part"] == "1"
            assert str(pdf.Root.Lang) == "en"
        none = opened(visitor, reverse("network:event-place", args=[tokens.make(away, tokens.REGISTRATION)]))
        assert visitor.get(f"{none}certificate/").status_code == 404

    def test_cannot_be_noted_before_the_event(self, event, team):
        registration = RegistrationFactory(event=event)
        answer = team.post(
            reverse("attendance", args=[event.uuid]), {"attended": [str(registration.uuid)]}, follow=True
        )

        assert "has not begun yet" in answer.text
        assert not Registration.objects.filter(attended=True).exists()

    def test_says_so_if_no_font_has_a_letter_of_the_name(self, over, private):
        named = RegistrationFactory(event=over, name="李", attended=True)
        own = opened(private, reverse("network:event-place", args=[tokens.make(named, tokens.REGISTRATION)]))

        assert "make it by hand" in private.get(f"{own}certificate/").text

    def test_lists_events_with_their_numbers_and_one_that_has_no_page(self, over, team):
        RegistrationFactory.create_batch(2, event=over, attended=True)
        EventPage.objects.get().unpublish()

        shown = team.get(reverse("event-list")).text

        assert "(not public)" in shown
        assert team.get(reverse("attendance", args=[over.uuid])).status_code == 200

    def test_of_a_member_is_theirs_with_calendar_and_certificate(self, page, event, signed_in, member):
        events.register_member(event=event, member=member, language="en")
        calendar = signed_in.get(reverse("network:own-event-calendar", args=[event.uuid]))
        publish(page, starts_at=in_days(-2), ends_at=in_days(-1))
        Registration.objects.update(attended=True)
        certificate = signed_in.get(reverse("network:own-event-certificate", args=[event.uuid]))

        (entry,) = entries(calendar.content)
        assert "https://meet.example.org/room" in entry["description"]
        assert entry["class"] == "PRIVATE"
        assert certificate.content.startswith(b"%PDF")
        Registration.objects.all().delete()
        assert signed_in.get(reverse("network:own-event-place", args=[event.uuid])).status_code == 302

    def test_calendar_is_only_for_who_has_a_place(self, event, private):
        waiting = RegistrationFactory(event=event, state=State.WAITING)
        own = opened(private, reverse("network:event-place", args=[tokens.make(waiting, tokens.REGISTRATION)]))

        assert private.get(f"{own}calendar/").status_code == 404


class TestLinks:
    def test_that_are_broken_or_not_open_say_what_to_do(self, event, private):
        token = tokens.make(RegistrationFactory(event=event), tokens.REGISTRATION)
        other = Client(headers={"host": django_settings.PRIVATE_HOST})

        broken = private.get(opened(private, reverse("network:event-place", args=[token[:-1]])))
        closed = other.get(opened(private, reverse("network:event-place", args=[token])))

        assert (broken.status_code, closed.status_code) == (400, 410)
        assert "cut off long links" in broken.text

    def test_do_not_work_with_another_key(self, event):
        registration = RegistrationFactory(event=event)
        token = tokens.make(registration, tokens.REGISTRATION)
        Registration.objects.update(link_key=event.uuid)

        with pytest.raises(tokens.ExpiredLinkError):
            tokens.read_registration(token)
