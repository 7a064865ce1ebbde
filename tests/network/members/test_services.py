"""The states of a member and the transitions between them."""

from datetime import timedelta
from hashlib import sha256

import pytest
import time_machine
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.template.loader import render_to_string
from django.utils import timezone
from wagtail.models import ModelLogEntry

from core.models import OutgoingMail
from network.joining import services as joining
from network.members import services as members
from network.models import Category, Member
from network.review import services as review
from network.row_locks import InvalidStateError
from network.vocabulary.models import named
from tests.factories.network import CategoryFactory, LetterFactory, MemberFactory
from tests.support.languages import fill, submit
from tests.support.scheduler import run
from users.models import User

State = Member.State


@pytest.fixture
def manager(db):
    return User.objects.create_superuser("manager@example.org", "a password for tests")


def member_in(state, **kwargs):
    return MemberFactory(state=state, confirmed_at=timezone.now(), **kwargs)


# Each service: its arguments besides the member, its initial states, and its final state.
VERBS = {
    joining.confirm: ({}, {State.UNCONFIRMED}, State.IN_REVIEW),
    review.approve: ({"by"}, {State.IN_REVIEW}, State.LISTED),
    review.ask_back: ({"by", "question"}, {State.IN_REVIEW, State.LISTED, State.PAUSED}, None),
    review.note: ({"by", "text"}, {State.IN_REVIEW, State.LISTED, State.PAUSED, State.DECLINED}, None),
    review.ask_for_opinion: ({"by", "text"}, {State.IN_REVIEW, State.LISTED, State.PAUSED}, None),
    review.answer: ({"text"}, {State.DECLINED}, State.IN_REVIEW),
    review.decline: ({"by", "reason"}, {State.IN_REVIEW}, State.DECLINED),
    review.hide: ({"by"}, {State.LISTED, State.PAUSED}, State.PAUSED),
    members.pause: ({}, {State.LISTED}, State.PAUSED),
    members.resume: ({}, {State.PAUSED}, State.LISTED),
    members.update_profile: ({}, {State.IN_REVIEW, State.LISTED, State.PAUSED}, None),
    members.open_profile: ({}, {State.IN_REVIEW, State.LISTED, State.PAUSED, State.DECLINED}, None),
}


class TestStates:
    @pytest.mark.parametrize("state", list(State))
    @pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.__name__)
    def test_lead_only_where_they_may(self, manager, verb, state):
        takes, allowed, end = VERBS[verb]
        member = member_in(state)
        details = {name: manager if name == "by" else "Words" for name in takes}

        if state in allowed:
            verb(member=member, **details)
        else:
            with pytest.raises(InvalidStateError):
                verb(member=member, **details)

        member.refresh_from_db()
        assert member.state == (end or state if state in allowed else state)

    def test_cannot_be_changed_with_an_old_copy(self, manager):
        member = member_in(State.IN_REVIEW)
        review.decline(member=Member.objects.get(pk=member.pk), by=manager, reason="No.")

        with pytest.raises(InvalidStateError):
            review.approve(member=member, by=manager)

    def test_stay_as_they_are_when_the_team_has_hidden_a_member(self, manager):
        member = review.hide(member=member_in(State.LISTED), by=manager)

        with pytest.raises(InvalidStateError):
            members.resume(member=member)

        review.release(member=member, by=manager)
        assert members.resume(member=member).state == State.LISTED


class TestConfirming:
    def test_makes_an_address_known_once(self, db):
        member_in(State.LISTED, email="ana@example.org")
        again = MemberFactory(email="ana@example.org")

        with pytest.raises(InvalidStateError):
            joining.confirm(member=again)

    def test_forgets_the_other_requests_with_this_address(self, db):
        first, second = MemberFactory.create_batch(2, email="ana@example.org")
        MemberFactory(declined=True, email="ana@example.org")
        other = MemberFactory()

        joining.confirm(member=second)

        assert set(Member.objects.all()) == {second, other}
        assert first not in Member.objects.all()


class TestReviewing:
    def test_is_written_into_the_log_without_the_name(self, manager):
        member = member_in(State.IN_REVIEW, name="Ana Lima")

        review.ask_back(member=member, by=manager, question="Where do you work?")
        review.approve(member=member, by=manager)

        entries = ModelLogEntry.objects.for_instance(member).order_by("pk")
        assert [(entry.action, entry.user) for entry in entries] == [
            ("network.ask_back", manager),
            ("network.approve", manager),
        ]
        assert "Ana" not in "".join(f"{entry.label}{entry.data}" for entry in entries)


class TestProfile:
    def test_notes_when_what_is_shown_was_changed(self, db):
        member = member_in(State.LISTED)
        before = member.shown_changed_at

        members.update_profile(member=member, shown=["country"])
        member.refresh_from_db()
        shown_at = member.shown_changed_at
        members.update_profile(member=member, country="fr")
        member.refresh_from_db()

        assert before < shown_at == member.shown_changed_at
        assert member.country == "fr"


class TestLeaving:
    def test_leaves_nothing_of_the_person_in_any_table(self, manager):
        member = member_in(
            State.IN_REVIEW,
            name="Canarius",
            email="canarius@example.org",
            about="Canarius",
            offers="Canarius",
            shown=["name"],
        )
        review.ask_back(member=member, by=manager, question="Canarius, where?")
        review.answer(member=member, text="At Canarius.")
        review.note(member=member, by=manager, text="Is it Canarius?")
        members.propose_texts(member=member, language="de", texts={"about": "Canarius."})
        review.approve(member=member, by=manager)
        review.accept_texts(proposal=member.proposals.get(), by=manager)
        members.propose_texts(member=member, language="fr", texts={"about": "Canarius !"})
        uuid, key = member.uuid, member.pk

        members.leave(member=member)

        assert traces(["canarius"]) == []
        assert traces([str(uuid)]) == ["network_erasure"]
        content_type = ContentType.objects.get_for_model(Member)
        assert not ModelLogEntry.objects.filter(content_type=content_type, object_id=str(key)).exists()

    def test_is_done_once_when_two_ask_for_it(self, manager):
        member = member_in(State.LISTED)
        seen_by_staff = Member.objects.get(pk=member.pk)

        members.leave(member=member)
        members.leave(member=seen_by_staff, by=manager)

        assert not Member.objects.exists()
        assert not ModelLogEntry.objects.filter(action="network.erase").exists()

    def test_logs_who_deleted_a_member_but_not_which(self, manager):
        members.leave(member=member_in(State.LISTED, name="Canarius"), by=manager)

        entry = ModelLogEntry.objects.get(action="network.erase")
        assert entry.user == manager
        assert traces(["canarius"]) == []


def traces(words):
    """Return the tables of the test database that have one of the words in a row."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(
                f'SELECT count(*) FROM "{table}" AS r WHERE lower(r::text) LIKE ANY (%s)',  # noqa: S608
                [[f"%{word}%" for word in words]],
            )
            if cursor.fetchone()[0]:
                found.append(table)
    return found


class TestForgetting:
    def test_deletes_requests_that_were_not_confirmed_within_a_week(self, db):
        with time_machine.travel(timezone.now() - timedelta(days=7, minutes=1), tick=False):
            old = MemberFactory()
        with time_machine.travel(timezone.now() - timedelta(days=6, hours=23), tick=False):
            young = MemberFactory()
        listed = MemberFactory(listed=True, created_at=timezone.now() - timedelta(days=700))

        run("network-forget")

        assert set(Member.objects.all()) == {young, listed}
        assert old not in Member.objects.all()

    def test_deletes_declined_requests_after_a_month(self, manager):
        member = review.decline(member=member_in(State.IN_REVIEW), by=manager, reason="No.")
        later = timezone.now() + timedelta(days=30, minutes=1)

        run("network-forget")
        assert Member.objects.filter(pk=member.pk).exists()
        with time_machine.travel(later, tick=False):
            run("network-forget")

        assert not Member.objects.filter(pk=member.pk).exists()
        assert not ModelLogEntry.objects.for_instance(member).exists()

    def test_spares_who_has_confirmed_meanwhile(self, db):
        member = MemberFactory(created_at=timezone.now() - timedelta(days=8))
        stale = Member.objects.get(pk=member.pk)
        joining.confirm(member=member)

        joining.purge(member=stale)

        assert Member.objects.filter(pk=member.pk).exists()


class TestField:
    def test_has_its_name_in_the_language_of_the_reader(self, languages):
        field = CategoryFactory(code="schools", name="Schools")
        german = field.copy_for_translation(languages["de"])
        german.name = "Schulen"
        german.save()

        assert named("field", "de") == {"schools": "Schulen"}
        assert named("field", "fr") == {"schools": "Schools"}

    def test_is_translated_in_the_admin_and_keeps_its_code(self, languages, django_user_model):
        field = CategoryFactory(code="schools", name="Schools")
        translation = submit(field, languages["de"])
        fill(translation, lambda word: f"{word} auf Deutsch")

        translation.save_target(publish=True)

        assert named("field", "de") == {"schools": "Schools auf Deutsch"}
        assert list(Category.objects.filter(group="field").values_list("code", flat=True)) == [
            "schools",
            "schools",
        ]

    def test_is_not_offered_before_it_is_published(self, languages):
        CategoryFactory(code="schools", live=False)

        assert named("field", "en") == {}

    def test_is_forgotten_by_members_with_its_last_language(self, languages):
        field = CategoryFactory(code="schools")
        german = field.copy_for_translation(languages["de"])
        german.save()
        member = MemberFactory(listed=True, expertise=[field])

        german.delete()
        member.refresh_from_db()
        assert member.expertise == ["schools"]
        field.delete()
        member.refresh_from_db()

        assert member.expertise == []
        assert "field:schools" not in member.facets


class TestConsent:
    def test_has_a_version_for_each_wording(self):
        """Raise `CONSENT_VERSION` and enter the new digest here when the text changes."""
        text = " ".join(render_to_string("network/joining/consent.html", {"contact": "x"}).split())

        assert (joining.CONSENT_VERSION, sha256(text.encode()).hexdigest()[:12]) == (
            "2026-11-27",
            "0c968fefd2a7",
        )


class TestLetters:
    def test_about_a_member_are_erased_with_them(self, db):
        member = MemberFactory(listed=True)
        members.send_link(address=member.email, language="en")
        LetterFactory(about=member, failed_at=timezone.now())
        other = LetterFactory()

        members.leave(member=member)

        assert list(OutgoingMail.objects.all()) == [other]

    def test_to_requests_whose_time_is_over_are_deleted_with_them(self, db):
        with time_machine.travel(timezone.now() - timedelta(days=8)):
            joining.request_to_join(email="ana@example.org", language="en")

        run("network-forget")

        assert not OutgoingMail.objects.exists()
