"""The review queue at the desk."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from core.models import OutgoingMail
from network.mail import Letter
from network.models import Member
from tests.factories.core import OutgoingMailFactory
from tests.factories.network import LetterFactory, MemberFactory
from tests.support.mail import delivered
from users.models import User

QUEUE = "/admin/network/"
State = Member.State


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    """Ask for no second factor: signing in is tested elsewhere."""
    settings.SECOND_FACTOR_REQUIRED = False


def somebody(*codenames):
    user = User.objects.create_user("staff@example.org", "a password for tests", is_staff=True)
    group = Group.objects.create(name="Tests")
    group.permissions.set(Permission.objects.filter(codename__in=["access_admin", *codenames]))
    user.groups.add(group)
    return user


@pytest.fixture
def manager(db):
    return somebody("review_member")


@pytest.fixture
def at_desk(desk, manager):
    desk.force_login(manager)
    return desk


class TestPermission:
    @pytest.mark.parametrize("path", ["", "results/", "1/", "1/erase/", "letters/"])
    def test_is_asked_for(self, desk, db, path):
        desk.force_login(somebody())
        MemberFactory(pk=1, awaiting_review=True)

        assert desk.get(QUEUE + path).status_code in {302, 403}

    def test_is_asked_for_by_the_buttons(self, desk, db):
        desk.force_login(somebody("view_member", "change_member"))
        member = MemberFactory(awaiting_review=True)

        desk.post(f"{QUEUE}{member.pk}/", {"action": "approve"})

        member.refresh_from_db()
        assert member.state == State.IN_REVIEW

    def test_shows_the_menu(self, at_desk):
        assert "/admin/network/" in at_desk.get("/admin/").content.decode()

    def test_is_asked_for_at_the_public_door_by_a_404(self, public, db):
        assert public.get(QUEUE).status_code == 404


class TestQueue:
    def test_begins_with_those_who_have_waited_longest(self, at_desk):
        MemberFactory(listed=True, name="Listed", confirmed_at=timezone.now())
        late = MemberFactory(awaiting_review=True, name="Late")
        early = MemberFactory(
            awaiting_review=True, name="Early", confirmed_at=timezone.now() - timedelta(days=3)
        )

        listed = [member.name for member in at_desk.get(QUEUE).context["object_list"]]

        assert listed == [early.name, late.name, "Listed"]

    def test_shows_nobody_whose_address_is_not_confirmed(self, at_desk):
        member = MemberFactory(name="Unconfirmed")

        assert "Unconfirmed" not in at_desk.get(QUEUE).content.decode()
        assert at_desk.get(f"{QUEUE}{member.pk}/", follow=True).status_code == 404

    def test_is_filtered_and_searched(self, at_desk):
        MemberFactory(awaiting_review=True, name="Ana Lima")
        MemberFactory(listed=True, name="Rui Costa", confirmed_at=timezone.now())

        assert [m.name for m in at_desk.get(QUEUE, {"state": "listed"}).context["object_list"]] == [
            "Rui Costa"
        ]
        assert [m.name for m in at_desk.get(QUEUE, {"q": "lima"}).context["object_list"]] == ["Ana Lima"]
        assert at_desk.get(QUEUE, {"state": "nonsense", "p": "x", "ordering": "password"}).status_code == 200

    def test_waits_on_the_start_page(self, at_desk):
        MemberFactory.create_batch(2, awaiting_review=True)
        LetterFactory(failed_at=timezone.now())

        page = at_desk.get("/admin/").content.decode()

        assert "Requests to join the network" in page
        assert "Mail to members that could not be delivered" in page


class TestDeciding:
    @pytest.mark.parametrize(
        ("action", "state", "kind"),
        [
            ("approve", State.LISTED, Letter.WELCOME),
            ("ask_back", State.IN_REVIEW, Letter.QUESTION),
            ("decline", State.DECLINED, Letter.DECLINED),
        ],
    )
    def test_changes_the_state_and_writes_a_letter(self, at_desk, action, state, kind):
        member = MemberFactory(awaiting_review=True)

        at_desk.post(f"{QUEUE}{member.pk}/", {"action": action, f"{action}-text": "Words."})

        member.refresh_from_db()
        assert member.state == state
        assert [letter.kind for letter in OutgoingMail.objects.all()] == [kind]

    @pytest.mark.parametrize("action", ["ask_back", "decline"])
    @pytest.mark.parametrize("text", ["", "   ", "\x00", "x" * 2001])
    def test_takes_words_where_words_are_sent(self, at_desk, action, text):
        member = MemberFactory(awaiting_review=True)

        response = at_desk.post(f"{QUEUE}{member.pk}/", {"action": action, f"{action}-text": text})

        member.refresh_from_db()
        assert response.status_code == 200
        assert member.state == State.IN_REVIEW
        assert not OutgoingMail.objects.exists()

    @pytest.mark.parametrize(
        "data", [{}, {"action": "nonsense"}, {"action": "approve\x00"}, {"action": "release"}]
    )
    def test_does_nothing_that_cannot_be_done(self, at_desk, data):
        member = MemberFactory(awaiting_review=True)

        assert at_desk.post(f"{QUEUE}{member.pk}/", data).status_code == 302
        member.refresh_from_db()
        assert member.state == State.IN_REVIEW

    def test_says_so_when_somebody_was_faster(self, at_desk):
        member = MemberFactory(listed=True, confirmed_at=timezone.now())

        response = at_desk.post(f"{QUEUE}{member.pk}/", {"action": "approve"}, follow=True)

        assert "Somebody else changed this first" in response.content.decode()

    def test_hides_releases_and_deletes(self, at_desk):
        member = MemberFactory(listed=True, confirmed_at=timezone.now())

        at_desk.post(f"{QUEUE}{member.pk}/", {"action": "hide"})
        member.refresh_from_db()
        assert member.held_at is not None
        at_desk.post(f"{QUEUE}{member.pk}/", {"action": "release"})
        member.refresh_from_db()
        assert member.held_at is None
        assert "Delete everything" in at_desk.get(f"{QUEUE}{member.pk}/erase/").content.decode()
        at_desk.post(f"{QUEUE}{member.pk}/erase/", {"action": "erase"})
        assert not Member.objects.exists()

    def test_shows_what_will_be_public(self, at_desk):
        member = MemberFactory(awaiting_review=True, shown=["name"], offers="<b>Offer</b>")

        page = at_desk.get(f"{QUEUE}{member.pk}/").content.decode()

        assert "&lt;b&gt;Offer&lt;/b&gt;" in page
        assert member.email in page


class TestLetters:
    LETTERS = f"{QUEUE}letters/"

    def test_are_tried_again_or_dropped(self, at_desk):
        lost, other = LetterFactory.create_batch(2, failed_at=timezone.now(), error="SMTPDataError", code=554)
        assert "refused this email permanently" in at_desk.get(self.LETTERS).content.decode()

        at_desk.post(self.LETTERS, {"mail": lost.pk, "action": "again"})
        at_desk.post(self.LETTERS, {"mail": other.pk, "action": "drop"})

        assert [message.to for message in delivered()] == [[lost.about.email]]
        assert not OutgoingMail.objects.exists()

    def test_show_no_address_that_is_not_confirmed(self, at_desk):
        LetterFactory(about=MemberFactory(email="new@example.org"), kind=Letter.CONFIRM)
        LetterFactory(about=None, kind=Letter.PROFILE_LINK, recipient="typed@example.org")
        LetterFactory(about=MemberFactory(listed=True, email="known@example.org"))

        page = at_desk.get(self.LETTERS).content.decode()

        assert "known@example.org" in page
        assert "new@example.org" not in page
        assert "typed@example.org" not in page

    def test_are_the_only_mail_that_reviewers_see(self, at_desk):
        other = OutgoingMailFactory(recipient="colleague@example.org")

        assert "colleague@example.org" not in at_desk.get(self.LETTERS).content.decode()
        at_desk.post(self.LETTERS, {"mail": other.pk, "action": "drop"})
        assert OutgoingMail.objects.get() == other
