"""Verifications of affiliation: person, statement and date, shown to reviewers and to the member only."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.conf import settings
from django.test import Client
from django.utils import timezone

from core.models import OutgoingMail
from network.members import services as members
from network.models import Member, Verification
from network.row_locks import InvalidStateError
from network.verification import page_links
from network.verification import services as verifications
from network.verification.models import VerificationState, states
from tests.factories.network import MemberFactory, VerificationFactory, with_account
from tests.factories.users import UserFactory
from tests.network.members.test_services import traces
from tests.support.mail import delivered, opened
from tests.support.scheduler import run
from tests.support.websites import page, redirect

PROFILE = "/en/members/profile/"
ADD = f"{PROFILE}verifications/"
PAGE = "https://service.example/about"
Kind = Verification.Kind
State = Member.State


@pytest.fixture
def member(db) -> Member:
    return MemberFactory(
        awaiting_review=True, name="Ana Lima", email="ana@example.org", affiliation="Institute of Prevention"
    )


@pytest.fixture
def known(db) -> list[Member]:
    """Two listed members."""
    return MemberFactory.create_batch(2, listed=True)


@pytest.fixture
def visited(websites, monkeypatch):
    monkeypatch.setattr(page_links, "Internet", websites.internet)
    return websites


def browser() -> Client:
    return Client(headers={"host": settings.PRIVATE_HOST})


def path_of(body: str) -> str:
    """Return the link in an email about a verification, without the host."""
    line = next(line for line in body.splitlines() if "/address/" in line or "/nominate/" in line)
    return urlsplit(line.strip()).path


def state(member: Member, kind: Verification.Kind) -> VerificationState:
    return next(each for each in states(member) if each.kind == kind)


class TestAddress:
    def test_is_confirmed_with_a_mailed_link_and_only_its_domain_is_kept(self, inside, member):
        inside.post(f"{ADD}address/", {"address-address": "Ana.Lima@Institute.example"})
        [message] = delivered()
        assert message.to == ["ana.lima@institute.example"]
        assert "Ana Lima" not in message.body

        here = opened(inside, path_of(message.body))
        assert "institute.example" in inside.get(here).text
        assert not state(member, Kind.ADDRESS).confirmed
        inside.post(here)

        [verification] = state(member, Kind.ADDRESS).confirmed
        assert verification.what == "institute.example"
        assert traces(["ana.lima"]) == []
        assert inside.post(here).status_code == 410

    def test_needs_an_open_profile_to_be_confirmed(self, inside, member, known):
        inside.post(f"{ADD}address/", {"address-address": "ana@institute.example"})
        url, other = path_of(delivered()[-1].body), browser()

        assert other.get(opened(other, url)).headers["Location"] == "/en/members/link/"
        with_account(known[0])
        other.force_login(known[0].user)
        other.post(opened(other, url))

        assert not state(member, Kind.ADDRESS).confirmed

    def test_that_we_know_needs_no_mail(self, inside, member):
        inside.post(f"{ADD}address/", {"address-address": "ANA@example.org"})

        assert not OutgoingMail.objects.exists()
        assert not state(member, Kind.ADDRESS).missing

    @pytest.mark.parametrize("address", ["", "x", "a@b\nBcc: c@d", "x" * 300 + "@example.org"])
    def test_has_to_be_one(self, inside, address):
        page = inside.post(f"{ADD}address/", {"address-address": address}, follow=True)

        assert page.status_code == 200
        assert not Verification.objects.exists()

    def test_stays_in_the_form_beside_what_is_wrong_with_it(self, inside):
        page = BeautifulSoup(inside.post(f"{ADD}address/", {"address-address": "ana@"}).content, "html.parser")

        [form] = page.select('details[open] form[action$="/verifications/address/"]')
        field = form.select_one("input[name=address-address]")
        assert field["value"] == "ana@"
        assert field["aria-invalid"] == "true"
        assert form.select_one(f".errors a[href='#{field['id']}']")
        assert not page.select('details:not([open]) [aria-invalid="true"]')

    def test_is_mailed_a_few_times_an_hour(self, inside):
        for _ in range(5):
            page = inside.post(f"{ADD}address/", {"address-address": "ana@institute.example"})

        assert OutgoingMail.objects.count() == 3
        [form] = BeautifulSoup(page.content, "html.parser").select('form[action$="/verifications/address/"]')
        assert form.select_one("input[name=address-address]")["value"] == "ana@institute.example"
        assert form.select_one(".errors li")


class TestLink:
    def of(self, member: Member) -> str:
        return f"{settings.PUBLIC_URL}/de/network/{member.uuid}/"

    @pytest.mark.parametrize(
        ("html", "problem"),
        [
            ('<a href="{url}" rel="noopener ME">x</a>', ""),
            ('<link rel=me href="{url}">', ""),
            ('<a href="{url}">x</a>', "no_link"),
            ('<a rel="me" href="https://evil.example/en/network/{uuid}/">x</a>', "no_link"),
            ('<a rel="me" href="http://[">x</a><a rel="me">', "no_link"),
            ("<!-- <a rel=me href={url}> -->", "no_link"),
        ],
    )
    def test_is_a_link_to_the_profile_that_says_me(self, visited, member, html, problem):
        visited.answers[PAGE] = page(html.format(url=self.of(member), uuid=member.uuid))

        assert page_links.read_page(VerificationFactory(member=member, kind=Kind.LINK, what=PAGE)) == problem

    def test_may_lead_to_the_id_that_orcid_has_confirmed(self, visited, member):
        visited.answers[PAGE] = page('<a rel="me" href="https://orcid.org/0000-0002-1825-0097">x</a>')
        verification = VerificationFactory(member=member, kind=Kind.LINK, what=PAGE)
        member.orcid = "0000-0002-1825-0097"
        assert page_links.read_page(verification) == "no_link"

        verification.member = members.confirm_orcid(member=member, orcid=member.orcid, name="")

        assert page_links.read_page(verification) == ""

    @pytest.mark.parametrize(
        ("answer", "problem"),
        [
            (redirect("https://other.example/"), "redirects"),
            (redirect("https://127.0.0.1/"), "address"),
            (page(status=404), "gone"),
            (page("{}", Content_Type="application/json"), "not_html"),
        ],
    )
    def test_is_not_read_elsewhere(self, visited, member, answer, problem):
        visited.answers[PAGE] = answer

        assert page_links.read_page(VerificationFactory(member=member, kind=Kind.LINK, what=PAGE)) == problem
        assert not any("other.example" in asked for asked in visited.asked)

    def test_is_read_below_another_address_of_the_same_host(self, visited, member):
        visited.answers[PAGE] = redirect("https://www.service.example/me")
        visited.answers["https://www.service.example/me"] = page(f'<a rel="me" href="{self.of(member)}">x</a>')

        assert page_links.read_page(VerificationFactory(member=member, kind=Kind.LINK, what=PAGE)) == ""

    def test_is_not_trusted_without_a_valid_certificate(self, visited, member):
        visited.certify("elsewhere.example")

        assert page_links.read_page(VerificationFactory(member=member, kind=Kind.LINK, what=PAGE)) == "broken"

    def test_is_read_by_the_scheduler_until_it_is_there(self, visited, inside, member, settings):
        settings.SCAN_LISTED_SITES = True
        inside.post(f"{ADD}link/", {"link-url": PAGE})
        assert visited.asked == []

        run("network-read-pages")

        assert "does not exist" in inside.get(PROFILE).text
        visited.answers[PAGE] = page(f'<a rel="me" href="{self.of(member)}">x</a>')
        run("network-read-pages")
        assert state(member, Kind.LINK).missing
        with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
            run("network-read-pages")
        assert not state(member, Kind.LINK).missing

    def test_is_not_offered_where_no_website_is_visited(self, visited, inside, member, settings):
        settings.SCAN_LISTED_SITES = False
        VerificationFactory(member=member, kind=Kind.LINK, what=PAGE)

        run("network-read-pages")

        assert visited.asked == []
        assert "link-url" not in inside.get(PROFILE).text

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "x",
            "http://localhost/",
            "https://127.0.0.1/",
            "ftp://a.example/",
            "https://a.example/" + "é" * 400,
        ],
    )
    def test_has_to_be_an_address_that_can_be_visited(self, inside, url):
        page = inside.post(f"{ADD}link/", {"link-url": url}, follow=True)

        assert page.status_code == 200
        assert page.context["verifications"][1][1]["url"].value() == url
        assert not Verification.objects.exists()


class TestNomination:
    def ask(self, client: Client, address: str):
        return client.post(f"{ADD}nomination/", {"nomination-address": address})

    def test_comes_from_two_listed_members_by_mailed_links(self, inside, member, known):
        for each in known:
            self.ask(inside, each.email)
        letters = delivered()
        assert [message.to for message in letters] == [[each.email] for each in known]
        assert not any("Ana" in message.body for message in letters)
        for message in letters:
            other = browser()
            here = opened(other, path_of(message.body))
            assert "Institute of Prevention" in other.get(here).text
            other.post(here, {"answer": "yes"})
            assert other.get(here).status_code == 410

        found = state(member, Kind.NOMINATION)
        assert [verification.nominator for verification in found.confirmed] == known
        assert not found.missing
        assert Verification.objects.filter(what="").count() == 2
        members.pause(member=known[0])
        assert state(member, Kind.NOMINATION).missing == 1

    def test_can_be_given_on_ones_own_signed_in_page(self, private, inside, member, known):
        self.ask(inside, known[0].email)
        with_account(known[0])
        other = browser()
        other.force_login(known[0].user)
        assert "Ana Lima" in other.get(PROFILE).text

        other.post(f"{PROFILE}nominations/{Verification.objects.get().uuid}/", {"answer": "yes"})

        assert len(state(member, Kind.NOMINATION).confirmed) == 1
        assert "Ana Lima" not in other.get(PROFILE).text

    def test_can_be_refused_without_a_notification(self, inside, known):
        self.ask(inside, known[0].email)
        other = browser()

        other.post(opened(other, path_of(delivered()[-1].body)), {"answer": "no"})

        assert not Verification.objects.exists()

    def test_does_not_disclose_known_addresses(self, inside, member, known):
        answers = []
        for address in (known[0].email, "somebody@example.org"):
            response = self.ask(inside, address)
            text = inside.get(PROFILE).text.replace(address, "")
            answers.append(
                (
                    response.status_code,
                    response.headers["Location"],
                    text.count(">no<"),
                    len(text.split("nomination")),
                )
            )
            Verification.objects.all().delete()

        assert answers[0] == answers[1]
        delivered()
        assert not OutgoingMail.objects.exists()

    @pytest.mark.parametrize("who", ["themselves", "paused", "unknown"])
    def test_comes_from_listed_members_only(self, inside, member, who):
        other = MemberFactory(paused=True)
        self.ask(inside, {"themselves": member.email, "paused": other.email, "unknown": "x@example.org"}[who])

        assert delivered() == []
        with pytest.raises(InvalidStateError):
            verifications.nominate(verification=Verification.objects.get(), by=member if who == "themselves" else other)

    def test_comes_once_from_each(self, inside, member, known):
        for _ in range(2):
            self.ask(inside, known[0].email)
        assert Verification.objects.count() == 1
        verifications.nominate(verification=Verification.objects.get(), by=known[0])
        self.ask(inside, known[0].email)

        with pytest.raises(InvalidStateError):
            verifications.nominate(verification=Verification.objects.open().get(), by=known[0])

    def test_cannot_be_confirmed_as_if_it_were_an_address(self, inside, member, known):
        """With the emailed link, forwarded to the member who asked."""
        self.ask(inside, known[0].email)
        token = path_of(delivered()[-1].body).replace("nominate", "address")

        inside.post(opened(inside, token))

        assert not Verification.objects.exclude(confirmed_at=None).exists()

    def test_is_closed_to_members_who_are_no_longer_listed(self, inside, known):
        self.ask(inside, known[0].email)
        url = path_of(delivered()[-1].body)
        members.pause(member=known[0])
        other = browser()

        assert other.get(opened(other, url)).status_code == 410
        assert other.get("/en/members/nominate/opened/x/").status_code == 410


class TestReview:
    def test_shows_who_says_what_and_since_when(self, private, member, known):
        VerificationFactory(member=member, confirmed_at=timezone.now())
        VerificationFactory(
            member=member, kind=Kind.NOMINATION, what="", nominator=known[0], confirmed_at=timezone.now()
        )
        VerificationFactory(member=member, kind=Kind.LINK, what=PAGE)
        members.confirm_orcid(member=member, orcid="0000-0002-1825-0097", name="Anna Lima")
        private.force_login(UserFactory(is_superuser=True))

        page = private.get(f"/admin/network/{member.pk}/").text

        for words in (
            "institute.example",
            known[0].name,
            "Anna Lima",
            "1 more is missing",
            "confirmed by ORCID on",
        ):
            assert words in page, words
        assert PAGE not in page

    def test_says_what_was_only_given(self, private, member):
        member.orcid = "0000-0002-1825-0097"
        member.save()
        private.force_login(UserFactory(is_superuser=True))

        assert "as given: ORCID has not confirmed it" in private.get(f"/admin/network/{member.pk}/").text


class TestEnd:
    def test_is_a_button_on_ones_own_page(self, inside, member):
        inside.post(f"{ADD}address/", {"address-address": "ana@institute.example"})
        verification = Verification.objects.get()

        inside.post(f"{ADD}{verification.uuid}/take-back/")

        assert not Verification.objects.exists()
        assert not OutgoingMail.objects.exists()
        with pytest.raises(InvalidStateError):
            verifications.take_back_verification(member=member, verification=verification)

    def test_of_another_members_is_refused(self, inside):
        other = VerificationFactory()

        for path in (
            f"verifications/{other.uuid}/take-back/",
            f"nominations/{other.uuid}/",
            "verifications/canary/",
        ):
            assert inside.post(f"{PROFILE}{path}").status_code == 404

    def test_comes_after_a_week_without_confirmation(self, member):
        VerificationFactory(member=member, confirmed_at=timezone.now())
        VerificationFactory(member=member)

        with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
            run("network-forget-verifications")

        assert [verification.confirmed_at is not None for verification in Verification.objects.all()] == [True]

    def test_of_a_member_leaves_nothing_of_what_they_said_or_were_asked(self, member, known):
        leaving = known[0]
        verifications.ask_for_nomination(member=member, address=leaving.email)
        VerificationFactory(
            member=known[1], kind=Kind.NOMINATION, what="", nominator=leaving, confirmed_at=timezone.now()
        )
        VerificationFactory(member=leaving)

        members.leave(member=leaving)

        assert not Verification.objects.exists()
        assert traces([leaving.email]) == []
        assert traces([str(leaving.uuid)]) == ["network_erasure"]

    def test_of_an_address_moves_what_is_asked_of_its_owner(self, member, known):
        with_account(known[0])
        verifications.ask_for_nomination(member=member, address=known[0].email)

        members.move_address(user=known[0].user, address="new@example.org")

        assert Verification.objects.get().what == "new@example.org"
        members.move_address(user=UserFactory(), address="other@example.org")

    def test_does_not_undo_what_was_taken_back_while_a_page_was_read(self, member):
        verification = VerificationFactory(member=member, kind=Kind.LINK, what=PAGE)
        verifications.take_back_verification(member=member, verification=Verification.objects.get())

        verifications.keep_reading(verification=verification, problem="")

        assert not Verification.objects.exists()
