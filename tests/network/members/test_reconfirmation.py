"""Yearly reconfirmation of profiles; members who do not respond are paused, and erased a year later."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from core.models import OutgoingMail
from network import tokens
from network.mail import Letter
from network.members import services as members
from network.members.querysets import LAPSED_KEPT, RECONFIRM_AFTER, RECONFIRM_REMINDER_AFTER
from network.models import Erasure, Member
from network.review import services as review
from tests.factories.network import LetterFactory, MemberFactory
from tests.factories.users import UserFactory
from tests.support.mail import delivered, opened
from tests.support.scheduler import run

pytestmark = pytest.mark.django_db
State = Member.State
DAY = timedelta(days=1)
PROFILE = "/en/members/profile/"


@pytest.fixture
def member() -> Member:
    return MemberFactory(listed=True, name="Canarius", email="ana@example.org", shown=["name"], offers="Canaryoffer")


def pass_time(traveller, by: timedelta) -> list[str]:
    """Let time pass, run the scheduler, and return the subjects of the emails sent."""
    traveller.shift(by)
    before = len(delivered())
    run("network-reconfirmation")
    run("network-erase-lapsed")
    return [message.subject for message in delivered()[before:]]


ASKED, PAUSED = "Is your profile still correct?", "Your profile is paused"


class TestAsking:
    def test_goes_from_a_question_to_erasing_in_small_steps(self, member):
        with time_machine.travel(timezone.now(), tick=False) as traveller:
            assert pass_time(traveller, RECONFIRM_AFTER - DAY) == []
            assert pass_time(traveller, DAY) == [ASKED]
            for _reminder in range(2):
                assert pass_time(traveller, RECONFIRM_REMINDER_AFTER - DAY) == []
                assert pass_time(traveller, DAY) == [ASKED]
            assert Member.objects.get().state == State.LISTED
            assert pass_time(traveller, RECONFIRM_REMINDER_AFTER) == [PAUSED]
            assert Member.objects.get().state == State.PAUSED
            assert pass_time(traveller, LAPSED_KEPT - DAY) == []
            assert Member.objects.exists()
            assert pass_time(traveller, DAY) == []

        assert not Member.objects.exists()
        assert Erasure.objects.get().member == member.uuid

    @pytest.mark.parametrize("state", [State.UNCONFIRMED, State.IN_REVIEW, State.DECLINED])
    def test_spares_who_has_not_been_let_in(self, state):
        MemberFactory(state=state, reconfirmed_at=timezone.now() - RECONFIRM_AFTER)

        run("network-reconfirmation")

        assert not OutgoingMail.objects.exists()

    def test_waits_for_the_mail_server(self, member):
        """Members are not paused if the emails could not be delivered."""
        late = timezone.now() - RECONFIRM_REMINDER_AFTER
        Member.objects.update(reconfirmation_letters=3, reconfirmation_asked_at=late)
        letter = LetterFactory(kind=Letter.RECONFIRMATION, about=member)

        run("network-reconfirmation")
        assert Member.objects.get().state == State.LISTED

        OutgoingMail.objects.filter(pk=letter.pk).update(failed_at=timezone.now())
        run("network-reconfirmation")
        assert Member.objects.get().state == State.PAUSED

    def test_is_void_once_they_have_answered(self, member):
        Member.objects.update(reconfirmed_at=timezone.now() - RECONFIRM_AFTER)
        seen_by_the_scheduler = Member.objects.due_for_reconfirmation().get()
        members.reconfirm(member=member)

        members.request_reconfirmation(member=seen_by_the_scheduler)

        assert not OutgoingMail.objects.exists()

    def test_does_not_erase_members_who_have_come_back(self):
        member = MemberFactory(paused=True, lapsed_at=timezone.now() - LAPSED_KEPT)
        seen_by_the_scheduler = Member.objects.lapsed().get()
        members.resume(member=member)

        members.erase_lapsed(member=seen_by_the_scheduler)

        assert Member.objects.get().lapsed_at is None

    def test_sends_nothing_that_was_answered_while_it_waited(self, member):
        LetterFactory(kind=Letter.RECONFIRMATION, about=member)
        LetterFactory(kind=Letter.LAPSED, about=member)

        assert delivered() == []

    def test_sends_no_word_of_the_profile(self, member):
        Member.objects.update(reconfirmation_letters=1)
        LetterFactory(kind=Letter.RECONFIRMATION, about=member)
        LetterFactory(kind=Letter.LAPSED, about=member)

        for message in delivered():
            assert "canar" not in message.message().as_string().lower()
            assert "/en/members/link/" in message.body

    def test_says_when_everything_will_be_erased(self):
        member = MemberFactory(paused=True, lapsed_at=timezone.now(), reconfirmation_letters=3)
        LetterFactory(kind=Letter.LAPSED, about=member)

        day = timezone.localdate() + LAPSED_KEPT
        assert f"deleted on {day.day} {day:%B %Y}" in delivered()[0].body


ACTIONS = {
    "said so": lambda member: members.reconfirm(member=member),
    "changed what they choose": lambda member: members.update_profile(member=member, country="fr"),
    "written something": lambda member: members.propose_texts(member=member, language="en", texts={"name": "Ana"}),
    "come back": lambda member: members.resume(member=members.pause(member=member)),
}


class TestAnswering:
    @pytest.mark.parametrize("what", ACTIONS)
    def test_is_done_for_a_year_by_each_action(self, member, what):
        Member.objects.update(
            reconfirmed_at=timezone.now() - RECONFIRM_AFTER, reconfirmation_letters=2,
            reconfirmation_asked_at=timezone.now()
        )  # fmt: skip

        ACTIONS[what](member)

        now = Member.objects.get()
        assert timezone.now() - now.reconfirmed_at < DAY
        assert (now.reconfirmation_letters, now.reconfirmation_asked_at, now.lapsed_at) == (0, None, None)

    def test_begins_when_a_member_is_let_in(self):
        request = MemberFactory(awaiting_review=True, reconfirmed_at=timezone.now() - RECONFIRM_AFTER)

        review.approve(member=request, by=UserFactory())

        assert not Member.objects.due_for_reconfirmation().exists()

    def test_takes_one_link_and_one_button(self, private, member):
        earlier = timezone.now() - RECONFIRM_AFTER
        Member.objects.update(reconfirmed_at=earlier)
        run("network-reconfirmation")
        (message,) = delivered()
        url = next(line for line in message.body.splitlines() if "/reconfirmation/" in line)

        page = opened(private, url)
        text = private.get(page).text
        assert Member.objects.get().reconfirmed_at == earlier
        assert "Everything is right" in text
        assert "Canarius" in text
        assert "Canaryoffer" not in text
        assert "ana@example.org" not in text
        assert "Thank you" in private.post(page).text

        assert Member.objects.get().reconfirmed_at > earlier
        assert private.post(page).status_code == 410
        assert private.get(PROFILE).headers["Location"] == "/en/members/link/"

    def test_leaves_a_paused_profile_paused(self, private):
        member = MemberFactory(paused=True, lapsed_at=timezone.now(), name="Canarius")
        page = opened(private, f"/en/members/reconfirmation/{tokens.make_for_answer(member)}/")

        assert "Canarius" not in private.get(page).text
        assert "stays paused" in private.post(page).text

        now = Member.objects.get()
        assert (now.state, now.lapsed_at) == (State.PAUSED, None)

    @pytest.mark.parametrize("what", ["broken", "of another purpose", "closed", "of a deleted member"])
    def test_says_why_a_link_does_not_work(self, private, member, what):
        token = tokens.make_for_answer(member)
        if what == "of a deleted member":
            members.leave(member=member)
        token = {
            "broken": "nonsense", "of another purpose": tokens.make(member, tokens.PROFILE)
        }.get(what, token)  # fmt: skip
        page = (
            "/en/members/reconfirmation/opened/none/"
            if what == "closed"
            else opened(private, f"/en/members/reconfirmation/{token}/")
        )

        answer = private.get(page)

        assert answer.status_code == (410 if what in {"closed", "of a deleted member"} else 400)

    def test_is_possible_on_ones_own_page(self, private, member):
        private.post(opened(private, f"/en/members/link/{tokens.make(member, tokens.PROFILE)}/"))
        assert "Everything is right" not in private.get(PROFILE).text
        Member.objects.update(reconfirmation_letters=1)
        assert "Everything is right" in private.get(PROFILE).text

        private.post(f"{PROFILE}reconfirmation/")

        assert Member.objects.get().reconfirmation_letters == 0
        assert "We ask you again in a year" in private.get(PROFILE).text

    def test_is_told_when_it_has_not_come(self, private):
        member = MemberFactory(paused=True, lapsed_at=timezone.now(), reconfirmation_letters=3)
        private.post(opened(private, f"/en/members/link/{tokens.make(member, tokens.PROFILE)}/"))

        page = private.get(PROFILE).text

        day = timezone.localdate() + LAPSED_KEPT
        assert f"everything about you is deleted on {day.day} {day:%B %Y}" in page
        assert "List me again" in page
