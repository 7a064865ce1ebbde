"""Needs and offers: visibility, actions of owners, scheduled jobs, the admin, and emails."""

import datetime as dt
from functools import partial

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from core.models import OutgoingMail
from network.mail import Letter
from network.members import services as members
from network.models import DigestEmailSubscription, Match, MemberBlock, Opportunity, RecordedOutcome
from network.opportunities import services as opportunities
from network.personal_data.export import everything_about
from network.vocabulary.details import Detail
from tests.factories.network import (
    DigestEmailSubscriptionFactory,
    MatchFactory,
    MemberFactory,
    OpportunityFactory,
    with_account,
)
from tests.factories.users import UserFactory
from tests.network.conftest import same_queries
from tests.support.mail import delivered, opened
from tests.support.scheduler import run

pytestmark = pytest.mark.django_db

AREA = "/en/members/opportunities/"


@pytest.fixture
def member():
    return with_account(MemberFactory(listed=True))


def filled(**changes):
    """Return the data of the form of an opportunity."""
    data = {
        "kind": "need",
        "subject": "evaluation",
        "title": "Who evaluates our groups?",
        "text": "We have run groups for two years.",
        "language": "en",
        "languages": ["en"],
        "populations": ["adults"],
        "until": (timezone.localdate() + dt.timedelta(days=60)).isoformat(),
        "audience": "members",
    } | changes
    return {f"opportunity-{name}": value for name, value in data.items()}


def facts(opportunity, **changes):
    names = opportunities.OpportunityFacts.__annotations__
    return {name: getattr(opportunity, name) for name in names} | changes


def page(client, address=AREA):
    return client.get(address).text


def public_page(public, opportunity):
    return public.get(f"/en/network/opportunities/{opportunity.uuid}/")


class TestWhoSees:
    def test_members_immediately_and_everybody_after_a_review(self, signed_in, public, directory, member):
        signed_in.post(f"{AREA}new/", filled(audience="everybody"))
        opportunity = Opportunity.objects.get()

        assert "Who evaluates our groups?" in page(signed_in)
        assert public_page(public, opportunity).status_code == 404
        assert "Who evaluates" not in page(public, "/en/network/opportunities/")

        opportunities.release_opportunity(opportunity=opportunity, seen=opportunity.words_key, by=UserFactory())

        assert "We have run groups for two years." in public_page(public, opportunity).text
        assert "Who evaluates our groups?" in page(public, "/en/network/opportunities/")

    def test_no_visitor_if_it_is_for_members(self, public, directory):
        opportunity = OpportunityFactory(read_at=timezone.now())

        assert public_page(public, opportunity).status_code == 404

    @pytest.mark.parametrize(
        "change",
        [
            {"until": timezone.localdate() - dt.timedelta(days=1)},
            {"closed_at": timezone.now()},
            {"owner__state": "paused"},
            {"owner__shown": []},
        ],
        ids=["over", "closed", "owner paused", "owner shows nothing"],
    )
    def test_no_reader_once_it_is_over_or_its_owner_is_hidden(self, signed_in, public, directory, change):
        opportunity = OpportunityFactory(public=True, **change)

        assert opportunity.title not in page(signed_in)
        assert signed_in.get(f"{AREA}{opportunity.uuid}/").status_code == 404
        assert public_page(public, opportunity).status_code == 404

    def test_neither_of_two_with_a_block_between_them(self, signed_in, member):
        opportunity = OpportunityFactory()
        MemberBlock.objects.create(blocker=opportunity.owner, blocked=member)

        assert opportunity.title not in page(signed_in)
        assert signed_in.get(f"{AREA}{opportunity.uuid}/").status_code == 404
        assert signed_in.post(f"{AREA}{opportunity.uuid}/write/").status_code == 302
        assert not Match.objects.exists()

    def test_a_hidden_name_is_on_no_page_of_it(self, signed_in, public, directory):
        opportunity = OpportunityFactory(public=True, owner__name="Canarius", owner__shown=[Detail.COUNTRY])

        for answer in (
            public_page(public, opportunity),
            signed_in.get(f"{AREA}{opportunity.uuid}/"),
            signed_in.get(AREA),
        ):
            said = answer.text
            assert "A member who does not show a name" in said
            assert "Canarius" not in said

    def test_the_list_costs_the_same_for_two_and_for_ten(self, signed_in):
        OpportunityFactory.create_batch(2)
        more = partial(OpportunityFactory.create_batch, 8, country="fr", languages=["fr", "de"])

        same_queries(lambda: page(signed_in), more)
        assert 'data-s="' in page(signed_in)


class TestOwners:
    def test_are_told_what_is_wrong_and_keep_what_they_wrote(self, signed_in):
        wrong = filled(until="2020-01-01", populations=[], title="Kept")

        said = signed_in.post(f"{AREA}new/", wrong).text

        assert "Please choose a day within a year from now." in said
        assert "others are found by these" in said
        assert 'value="Kept"' in said
        assert not Opportunity.objects.exists()

    def test_have_a_year_at_most(self, signed_in):
        day = timezone.localdate() + dt.timedelta(days=366)

        assert "within a year" in signed_in.post(f"{AREA}new/", filled(until=day.isoformat())).text

    def test_have_a_limited_number_open(self, signed_in, member):
        OpportunityFactory.create_batch(10, owner=member)

        said = signed_in.post(f"{AREA}new/", filled()).text

        assert "as many open needs and offers as one may have" in said
        assert member.opportunities.count() == 10

    def test_show_something_to_members_first(self, signed_in, member):
        member.shown = []
        member.save()

        assert "let members see something of you" in signed_in.post(f"{AREA}new/", filled()).text

    def test_change_it_and_other_words_are_read_again(self, signed_in, member):
        opportunity = OpportunityFactory(public=True, owner=member, title="Old")
        before = opportunity.words_key

        same = filled(title="Old", text=opportunity.text, audience="everybody", country="fr")
        signed_in.post(f"{AREA}{opportunity.uuid}/change/", same)
        opportunity.refresh_from_db()
        assert (opportunity.country, opportunity.words_key, opportunity.waits_for_reader) == (
            "fr",
            before,
            False,
        )

        answer = signed_in.post(
            f"{AREA}{opportunity.uuid}/change/", filled(title="New", audience="everybody"), follow=True
        )
        opportunity.refresh_from_db()
        assert opportunity.waits_for_reader
        assert opportunity.words_key != before
        assert "once a person has read it" in answer.text

    def test_change_nothing_that_is_closed_or_of_others(self, signed_in, member):
        closed = OpportunityFactory(owner=member, closed_at=timezone.now())
        other = OpportunityFactory()

        assert "open it again first" in signed_in.post(f"{AREA}{closed.uuid}/change/", filled()).text
        for last in ("change", "close", "renew", "matches"):
            method = signed_in.post if last in {"close", "renew"} else signed_in.get
            assert method(f"{AREA}{other.uuid}/{last}/").status_code == 404

    def test_close_it_with_what_came_of_it(self, signed_in, member):
        opportunity = OpportunityFactory(owner=member)
        open_contact = MatchFactory(opportunity=opportunity, taken_up_by=member, taken_up_at=timezone.now())

        asked = signed_in.post(f"{AREA}{opportunity.uuid}/close/", {}).text
        assert "Please choose one of the answers." in asked
        signed_in.post(f"{AREA}{opportunity.uuid}/close/", {f"close-{opportunity.uuid}-outcome": "collaboration"})

        opportunity.refresh_from_db()
        open_contact.refresh_from_db()
        assert (opportunity.is_open, opportunity.outcome) == (False, "collaboration")
        assert open_contact.answered_at is not None
        assert [each.outcome for each in RecordedOutcome.objects.all()] == ["collaboration"]
        again = signed_in.post(
            f"{AREA}{opportunity.uuid}/close/", {f"close-{opportunity.uuid}-outcome": "none"}, follow=True
        )
        assert "not possible at the moment" in again.text
        assert RecordedOutcome.objects.count() == 1

    def test_do_not_count_a_match_twice(self, member):
        opportunity = OpportunityFactory(owner=member)
        MatchFactory(opportunity=opportunity, answered_at=timezone.now())

        opportunities.close_opportunity(opportunity=opportunity, outcome="result")

        assert not RecordedOutcome.objects.exists()

    def test_open_it_again(self, signed_in, member):
        opportunity = OpportunityFactory(
            owner=member, closed_at=timezone.now(), outcome="none", reminded_at=timezone.now()
        )
        field = f"renew-{opportunity.uuid}-until"

        assert "Please write the day like" in signed_in.post(f"{AREA}{opportunity.uuid}/renew/", {field: "soon"}).text
        day = timezone.localdate() + dt.timedelta(days=30)
        signed_in.post(f"{AREA}{opportunity.uuid}/renew/", {field: day.isoformat()})

        opportunity.refresh_from_db()
        assert (opportunity.is_open, opportunity.until, opportunity.reminded_at) == (True, day, None)
        OpportunityFactory.create_batch(9, owner=member)
        closed = OpportunityFactory(owner=member, closed_at=timezone.now())
        answer = signed_in.post(f"{AREA}{closed.uuid}/renew/", {f"renew-{closed.uuid}-until": day}, follow=True)
        assert "as many open" in answer.text

    def test_get_all_of_it_with_their_data(self, member):
        OpportunityFactory(owner=member, title="Mine")
        MatchFactory(member=member)
        MatchFactory(taken_up_by=member, taken_up_at=timezone.now())
        DigestEmailSubscriptionFactory(member=member)

        data = everything_about(member)

        assert data["opportunities"][0]["title"] == "Mine"
        assert [len(data[name]) for name in ("matches", "contacts", "digest_email")] == [
            1,
            1,
            1,
        ]

    def test_leave_and_it_is_gone_but_for_the_number(self, member):
        opportunity = OpportunityFactory(owner=member)
        opportunities.close_opportunity(opportunity=opportunity, outcome="result")

        members.leave(member=member)

        assert not Opportunity.objects.exists()
        assert RecordedOutcome.objects.by_month() == [(timezone.localdate().replace(day=1), "result", 1)]


class TestAdmin:
    @pytest.fixture
    def waiting(self):
        return OpportunityFactory(is_for_everybody=True, title="To read")

    @pytest.fixture
    def reader(self, private, home, manager):
        return private

    def send(self, reader, waiting, **changes):
        data = {"decision": "release", "seen": str(waiting.words_key)} | changes
        return reader.post(reverse("opportunity-to-read", args=[waiting.uuid]), data, follow=True).text

    def test_reads_it_as_everybody_would_and_releases_it(self, reader, waiting, public, directory):
        assert "Needs and offers of members to read" in reader.get(reverse("wagtailadmin_home")).text
        assert "To read" in reader.get(reverse("opportunities-to-read")).text
        address = reverse("opportunity-to-read", args=[waiting.uuid])
        assert "Somebody to evaluate what we do." in reader.get(address).text

        assert "Decided." in self.send(reader, waiting)

        assert public_page(public, waiting).status_code == 200
        assert "Nothing waits to be read." in reader.get(reverse("opportunities-to-read")).text
        assert "Nothing was done" in self.send(reader, waiting, decision="unpublish", reason="Too late.")
        assert "Nothing was done" in reader.get(address, follow=True).text

    @pytest.mark.parametrize(("decision", "is_open"), [("keep", True), ("unpublish", False)])
    def test_says_why_not_everybody_sees_it(self, reader, waiting, decision, is_open):
        assert "Please say why" in self.send(reader, waiting, decision=decision)

        self.send(reader, waiting, decision=decision, reason="It names a child. Canarius.")

        waiting.refresh_from_db()
        assert (waiting.is_open, waiting.is_for_everybody) == (is_open, False)
        assert waiting.owner.review.get().text == "It names a child. Canarius."
        (letter,) = delivered()
        assert letter.to == [waiting.owner.email]
        assert "Canarius" not in letter.message().as_string()

    def test_releases_no_unread_texts(self, reader, waiting):
        seen = waiting.words_key
        opportunities.change_opportunity(opportunity=waiting, **facts(waiting, text="Other words."))

        said = self.send(reader, waiting, seen=str(seen))

        assert "Nothing was done" in said
        waiting.refresh_from_db()
        assert waiting.read_at is None


class TestTheScheduler:
    def test_asks_before_the_end_and_closes_at_the_end(self, public, directory):
        opportunity = OpportunityFactory(
            public=True, title="Canarius", until=timezone.localdate() + dt.timedelta(days=20)
        )

        run("network-remind-of-opportunities")
        assert delivered() == []
        with time_machine.travel(timezone.now() + dt.timedelta(days=7)):
            run("network-remind-of-opportunities")
            run("network-remind-of-opportunities")
            (letter,) = delivered()
        assert "Canarius" not in letter.message().as_string()
        assert "/en/members/opportunities/own/" in letter.body
        run("network-end-opportunities")
        opportunity.refresh_from_db()
        assert opportunity.closed_at is None
        with time_machine.travel(timezone.now() + dt.timedelta(days=21)):
            run("network-end-opportunities")
        opportunity.refresh_from_db()
        assert (opportunity.closed_at is not None, opportunity.outcome) == (True, "")

    def test_forgets_what_was_closed_a_year_ago(self):
        opportunity = OpportunityFactory(closed_at=timezone.now() - dt.timedelta(days=364))

        run("network-forget-opportunities")
        assert Opportunity.objects.exists()
        with time_machine.travel(timezone.now() + dt.timedelta(days=2)):
            run("network-forget-opportunities")
        assert not Opportunity.objects.filter(pk=opportunity.pk).exists()

    def test_asks_once_after_thirty_days_what_came_of_it(self, signed_in, member):
        month = timezone.localdate().replace(day=1)
        contact = MatchFactory(
            opportunity__title="Canarius",
            taken_up_by=member,
            taken_up_at=timezone.now() - dt.timedelta(days=29),
        )
        run("network-ask-for-outcomes")
        assert delivered() == []
        Match.objects.update(taken_up_at=timezone.now() - dt.timedelta(days=30))
        run("network-ask-for-outcomes")
        run("network-ask-for-outcomes")
        (letter,) = delivered()
        assert letter.to == [member.email]
        assert "Canarius" not in letter.message().as_string()

        assert "Canarius" in page(signed_in, f"{AREA}own/")
        answer_url = f"{AREA}contacts/{contact.uuid}/"
        assert "choose one of the answers" in signed_in.post(answer_url, {}).text
        signed_in.post(answer_url, {f"contact-{contact.uuid}-outcome": "contact"})

        assert RecordedOutcome.objects.by_month() == [(month, "contact", 1)]
        assert "Canarius" not in page(signed_in, f"{AREA}own/")
        assert signed_in.post(answer_url, {f"contact-{contact.uuid}-outcome": "result"}).status_code == 404

    def test_does_not_accept_answers_for_others(self, signed_in):
        contact = MatchFactory(taken_up_by=MemberFactory(listed=True), taken_up_at=timezone.now())

        sent = {f"contact-{contact.uuid}-outcome": "result"}
        assert signed_in.post(f"{AREA}contacts/{contact.uuid}/", sent).status_code == 404


class TestContact:
    def test_of_a_reader_leads_to_the_owner(self, signed_in, member):
        opportunity = OpportunityFactory()

        answer = signed_in.post(f"{AREA}{opportunity.uuid}/write/")

        assert answer.headers["Location"] == f"/en/members/messages/to/{opportunity.owner.uuid}/"
        match = Match.objects.get()
        assert (match.member, match.taken_up_by, match.matched_at) == (member, member, None)
        assert match.other == opportunity.owner
        assert "you said that you would write" in page(signed_in, f"{AREA}{opportunity.uuid}/")
        signed_in.post(f"{AREA}{opportunity.uuid}/write/")
        assert Match.objects.get().taken_up_at == match.taken_up_at

    def test_of_the_owner_is_with_a_match(self, signed_in, member):
        match = MatchFactory(opportunity__owner=member)
        elsewhere = MatchFactory()
        address = f"{AREA}{match.opportunity.uuid}/write/"

        for wrong in ({}, {"match": "x"}, {"match": str(elsewhere.uuid)}):
            assert signed_in.post(address, wrong).headers["Location"] == f"{AREA}own/"
        answer = signed_in.post(address, {"match": str(match.uuid)})

        assert answer.headers["Location"] == f"/en/members/messages/to/{match.member.uuid}/"
        match.refresh_from_db()
        assert (match.taken_up_by, match.other) == (member, match.member)


class TestDigestEmail:
    LATER = dt.timedelta(days=8)

    @pytest.fixture
    def subscription(self, member):
        member.populations = ["adults"]
        member.save()
        return opportunities.subscribe(member=member)

    @pytest.fixture
    def letter(self, subscription):
        OpportunityFactory(title="Canarius", text="Canarius.", populations=["adults"])
        with time_machine.travel(timezone.now() + self.LATER):
            run("network-digest-email")
            (letter,) = delivered()
        return letter

    def test_comes_only_to_who_asked_for_it(self, signed_in, member):
        assert not DigestEmailSubscription.objects.exists()
        signed_in.post("/en/members/digest-email/")
        assert DigestEmailSubscription.objects.get().member == member
        assert "End the weekly digest email" in page(signed_in, f"{AREA}for-you/")
        signed_in.post("/en/members/digest-email/", {"end": "1"})
        assert not DigestEmailSubscription.objects.exists()

    def test_says_how_many_and_not_what(self, letter, member):
        assert letter.to == [member.email]
        assert "1 need or offer was posted that fits you" in letter.body
        assert "/en/members/opportunities/for-you/" in letter.body
        assert "Canarius" not in letter.message().as_string()

    def test_is_not_written_without_anything_new_nor_twice_a_week(self, subscription):
        OpportunityFactory(populations=["children"])
        run("network-digest-email")
        with time_machine.travel(timezone.now() + self.LATER):
            run("network-digest-email")
        OpportunityFactory(populations=["adults"], created_at=timezone.now() + self.LATER)
        with time_machine.travel(timezone.now() + self.LATER + dt.timedelta(days=6)):
            run("network-digest-email")

        assert not OutgoingMail.objects.filter(kind=Letter.DIGEST_EMAIL).exists()

    def test_ends_with_one_post_of_a_mail_program(self, letter, private):
        """RFC 8058: no cookie, no CSRF token, no redirect."""
        assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        address = "/" + letter.extra_headers["List-Unsubscribe"].strip("<>").split("/", 3)[3]
        private.handler.enforce_csrf_checks = True

        answer = private.post(address, {"List-Unsubscribe": "One-Click"})

        assert answer.status_code == 200
        assert not DigestEmailSubscription.objects.exists()
        assert private.post(address).status_code == 200  # unsubscribing again has no effect

    def test_goes_on_if_a_scanner_opens_the_link(self, letter, private):
        address = "/" + letter.extra_headers["List-Unsubscribe"].strip("<>").split("/", 3)[3]

        here = opened(private, address)
        private.head(address)
        assert "Nothing has changed until you press the button." in page(private, here)
        assert DigestEmailSubscription.objects.exists()

        assert "You get no weekly digest email any more" in private.post(here).text
        assert not DigestEmailSubscription.objects.exists()

    def test_other_letters_offer_nothing_of_the_kind(self, member):
        opportunities.post(
            member=member,
            kind="need",
            **facts(OpportunityFactory.build(), until=timezone.localdate() + dt.timedelta(days=3)),
        )
        run("network-remind-of-opportunities")

        assert not any(name.startswith("List-") for name in delivered()[0].extra_headers)

    @pytest.mark.parametrize("token", ["x", "A" * 30])
    def test_a_broken_link_ends_nothing(self, private, subscription, token):
        assert private.post(f"/en/members/digest-email/stop/{token}/").status_code == 400
        here = opened(private, f"/en/members/digest-email/stop/{token}/")
        assert private.get(here).status_code == 400
        assert private.get("/en/members/digest-email/stop/opened/0123456789abcdef/").status_code == 410
        assert DigestEmailSubscription.objects.exists()
