"""Confirmation of ORCID iDs: only the iD and the name are stored, and failures at ORCID change nothing."""

from urllib.parse import parse_qs, urlsplit

import pytest

from core.outgoing.fetch import Limits
from network.members import profiles
from network.members import services as members
from network.models import Member
from network.review import services as review
from network.verification import orcid, views
from network.vocabulary.details import Detail
from network.vocabulary.models import vocabulary
from tests.factories.network import MemberFactory, ProposedTextsFactory, with_account
from tests.factories.users import UserFactory
from tests.network.members.test_services import traces
from tests.support.orcid import ID, NAME

PROFILE, THERE, BACK = "/en/members/profile/", "/en/members/profile/orcid/", "/members/orcid/"
OTHER = "0000-0001-5109-3700"


@pytest.fixture
def member(db) -> Member:
    return MemberFactory(listed=True, orcid=OTHER, email="ana@example.org")


@pytest.fixture
def inside(private, member, orcid_stub):
    with_account(member)
    private.force_login(member.user)
    return private


def go_and_come_back(client, **query):
    """Go to ORCID and return with a code or the given query; return the final address."""
    sent = parse_qs(urlsplit(client.get(THERE).headers["Location"]).query)
    return client.get(BACK, {"state": sent["state"][0], "code": "abc123", **query}).headers["Location"]


class TestThere:
    def test_asks_for_nothing_but_the_id(self, inside):
        answer = inside.get(THERE)

        url = urlsplit(answer.headers["Location"])
        query = parse_qs(url.query)
        assert (url.netloc, url.path) == ("orcid.example", "/oauth/authorize")
        assert query["scope"] == ["/authenticate"]
        assert query["redirect_uri"][0].endswith("/members/orcid/")
        assert "canarysecret" not in answer.headers["Location"]

    def test_is_offered_only_where_the_operator_has_set_it_up(self, inside, settings):
        assert THERE in inside.get(PROFILE).text
        settings.ORCID = {**settings.ORCID, "client_secret": ""}

        assert THERE not in inside.get(PROFILE).text
        assert inside.get(THERE).status_code == 404

    def test_takes_a_profile_that_is_open(self, private, db, orcid_stub):
        assert private.get(THERE).headers["Location"] == "/en/members/link/"


class TestBack:
    def test_keeps_the_id_and_the_name(self, inside, member, orcid_stub):
        assert go_and_come_back(inside) == PROFILE

        member.refresh_from_db()
        assert (member.orcid, member.orcid_name) == (ID, NAME)
        assert member.orcid_confirmed_at
        [form] = orcid_stub.websites.forms
        assert (form["code"], form["grant_type"]) == ("abc123", "authorization_code")
        assert "Josiah Carberry" in inside.get(PROFILE).text

    def test_keeps_no_address_and_no_token(self, inside, orcid_stub):
        orcid_stub.answer(email="canary@orcid.example", emails=["canary@orcid.example"])

        go_and_come_back(inside)

        assert traces(["canary@orcid.example", "canarytoken", "abc123"]) == []

    @pytest.mark.parametrize(
        ("name", "kept"),
        [(None, ""), ("", ""), (7, ""), (["x"], ""), ("A\x00na\n " * 100, ("Ana " * 100)[:120])],
    )
    def test_takes_any_name_or_none(self, inside, member, orcid_stub, name, kept):
        orcid_stub.answer(name=name)

        assert go_and_come_back(inside) == PROFILE

        member.refresh_from_db()
        assert (member.orcid, member.orcid_name) == (ID, kept)

    @pytest.mark.parametrize(
        ("sent", "outcome"),
        [
            ({"code": "", "error": "access_denied"}, "refused"),
            ({"state": "another"}, "unclear"),
            ({"state": "é"}, "unclear"),
        ],
    )
    def test_without_a_yes_changes_nothing(self, inside, member, sent, outcome):
        address = go_and_come_back(inside, **sent)

        assert address == f"{THERE}{outcome}/"
        assert "Nothing was changed" in inside.get(address).text
        member.refresh_from_db()
        assert (member.orcid, member.orcid_confirmed_at) == (OTHER, None)

    @pytest.mark.parametrize(
        "answer",
        [{"status": 400}, {"status": 500}, {"body": "<html>"}, {"body": "[]"}, {"body": "null"}, {"orcid": None},
         {"orcid": 7}, {"orcid": "0000-0002-1825-0098"}],
    )  # fmt: skip
    def test_with_an_answer_that_says_nothing_changes_nothing(self, inside, member, orcid_stub, answer):
        orcid_stub.answer(**answer)

        assert go_and_come_back(inside) == f"{THERE}unclear/"

        member.refresh_from_db()
        assert (member.orcid, member.orcid_confirmed_at) == (OTHER, None)

    def test_with_a_false_certificate_changes_nothing(self, inside, orcid_stub):
        orcid_stub.websites.certify("elsewhere.example")

        assert go_and_come_back(inside) == f"{THERE}unclear/"

    def test_waits_for_less_than_ten_seconds(self, inside, member, orcid_stub, monkeypatch):
        assert orcid.LIMITS.request_seconds < 10
        monkeypatch.setattr(orcid, "LIMITS", Limits(request_seconds=0.3))
        orcid_stub.time_out()

        address = go_and_come_back(inside)

        page = inside.get(address).text
        assert "ORCID does not answer" in page
        assert "we keep what you gave us yourself" in page
        member.refresh_from_db()
        assert member.orcid == OTHER

    def test_works_once(self, inside, orcid_stub):
        go_and_come_back(inside)
        before = len(orcid_stub.websites.forms)

        inside.get(BACK, {"state": "", "code": "abc123"})

        assert len(orcid_stub.websites.forms) == before

    def test_is_limited(self, inside, monkeypatch, orcid_stub):
        monkeypatch.setattr(views, "ASKED", views.ASKED.__class__(name="orcid", times=1, seconds=60))
        go_and_come_back(inside)

        assert go_and_come_back(inside) == f"{THERE}often/"

    def test_confirms_an_id_for_one_member_alone(self, inside, member):
        other = MemberFactory(listed=True)
        members.confirm_orcid(member=other, orcid=ID, name=NAME)

        assert go_and_come_back(inside) == f"{THERE}taken/"

        member.refresh_from_db()
        assert member.orcid == OTHER

    def test_speaks_the_language_in_which_it_began(self, inside):
        state = parse_qs(urlsplit(inside.get(THERE.replace("/en/", "/de/")).headers["Location"]).query)["state"][0]

        assert inside.get(BACK, {"state": state}).headers["Location"].startswith("/de/")

    def test_knows_no_other_outcome(self, private, db):
        assert private.get(f"{THERE}canary/").status_code == 404

    def test_does_not_sign_in(self, private, db, orcid_stub):
        """Not even the owner of the iD: it is a verification, not a sign-in."""
        members.confirm_orcid(member=MemberFactory(listed=True), orcid=ID, name=NAME)

        assert private.get(BACK, {"state": "x", "code": "abc"}).status_code == 302
        assert "_auth_user_id" not in private.session


class TestConfirmed:
    def test_is_told_apart_from_what_was_given(self, member):
        def seen(by) -> tuple[str, bool]:
            profile = by(member, vocabulary("en"))
            return next(row.text for row in profile.rows if row.detail == Detail.ORCID), profile.orcid_is_confirmed

        for audience in (profiles.public, profiles.for_members, profiles.for_team):
            assert seen(audience) == (f"{OTHER} (as given)", False)
        member = members.confirm_orcid(member=member, orcid=ID, name=NAME)
        for audience in (profiles.public, profiles.for_members, profiles.for_team):
            assert seen(audience) == (f"{ID} (confirmed by ORCID)", True)

    def test_ends_with_another_id(self, member):
        member = members.confirm_orcid(member=member, orcid=ID, name=NAME)

        members.propose_texts(member=member, language="en", texts={"name": member.name, "about": member.about})

        member.refresh_from_db()
        assert (member.orcid, member.orcid_name, member.orcid_confirmed_at) == ("", "", None)

    def test_survives_texts_that_were_written_before(self, member):
        proposal = ProposedTextsFactory(member=member, texts={"name": "Ana", "about": "New", "orcid": OTHER})
        members.confirm_orcid(member=member, orcid=ID, name=NAME)

        review.accept_texts(proposal=proposal, by=UserFactory())

        member.refresh_from_db()
        assert (member.name, member.orcid, member.orcid_name) == ("Ana", ID, NAME)
