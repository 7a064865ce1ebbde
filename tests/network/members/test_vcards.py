"""Profiles as vCards: all own data for the member, and visible details for others."""

import re

import pytest
from django.conf import settings

from network import tokens
from network.models import Member
from network.vocabulary.details import Detail
from tests.factories.network import CategoryFactory, MemberFactory, with_account
from tests.support.mail import opened

pytestmark = pytest.mark.django_db
AWKWARD = "Semicolon; comma, backslash \\ and\na line, ünïcode: " + "Ж" * 60


@pytest.fixture
def member() -> Member:
    CategoryFactory(code="schools", name="Schools; and, more")
    return MemberFactory(
        listed=True, name="Ana; Lima", email="ana@example.org", language="en", about=AWKWARD, offers="Canaryoffer",
        affiliation="Institute, North", ror="https://ror.org/05gq02987", orcid="0000-0002-1825-0097", country="pt",
        languages=["pt", "en"], expertise=["schools"], translations={"de": {"name": "Anna", "about": "Über mich"}},
        shown=[detail for detail in Detail.values if detail != Detail.OFFERS],
    )  # fmt: skip


def unfolded(card: bytes) -> list[str]:
    """Unfold a card by RFC 6350, 3.2: CRLF, at most 75 octets a line, continuation lines begin with a space."""
    assert card.endswith(b"END:VCARD\r\n")
    assert all(len(line) <= 75 for line in card.split(b"\r\n"))
    assert b"\n" not in card.replace(b"\r\n", b"")
    return card.replace(b"\r\n ", b"").decode().removesuffix("\r\n").split("\r\n")


def values(card: bytes, name: str) -> list[str]:
    found = (re.fullmatch(rf"{name}(?:;[^:]*)?:(.*)", line) for line in unfolded(card))
    return [re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], line[1]) for line in found if line]


@pytest.fixture
def own(private, member) -> bytes:
    private.post(opened(private, f"/en/members/link/{tokens.make(member, tokens.PROFILE)}/"))
    answer = private.get("/en/members/profile/download/card/")
    assert answer.headers["Content-Type"] == "text/vcard; charset=utf-8"
    assert answer.headers["Content-Disposition"].endswith('.vcf"')
    return answer.content


class TestOwn:
    def test_holds_everything_that_a_member_says_of_themselves(self, own, member):
        assert unfolded(own)[:3] == ["BEGIN:VCARD", "VERSION:4.0", "KIND:individual"]
        assert values(own, "FN") == ["Ana; Lima", "Anna"]
        assert values(own, "EMAIL") == ["ana@example.org"]
        assert values(own, "UID") == [f"urn:uuid:{member.uuid}"]
        assert values(own, "ORG") == ["Institute, North"]
        assert values(own, "ROLE") == ["Researcher"]
        assert values(own, "LANG") == ["pt", "en"]
        assert values(own, "NOTE") == [AWKWARD, "Canaryoffer", "Über mich"]
        assert values(own, "URL") == ["https://orcid.org/0000-0002-1825-0097", "https://ror.org/05gq02987"]
        assert "ADR:;;;;;;Portugal" in unfolded(own)
        assert r"CATEGORIES:Schools\; and\, more" in unfolded(own)
        assert "NOTE;LANGUAGE=de:Über mich" in unfolded(own)

    def test_is_not_accessible_to_others(self, private, member):
        answer = private.get("/en/members/profile/download/card/")

        assert answer.headers["Location"] == "/en/members/link/"


class TestOfOthers:
    def test_holds_what_members_see_and_no_address(self, private, member):
        member.shown, member.shown_to_members = ["name"], ["country"]
        member.save()
        private.force_login(with_account(MemberFactory(listed=True)).user)
        page = f"/en/members/{member.uuid}/"
        assert f"{page}card/" in private.get(page).text

        card = private.get(f"{page}card/").content

        assert (values(card, "FN"), values(card, "ADR")) == (["Ana; Lima"], [";;;;;;Portugal"])
        assert values(card, "EMAIL") == values(card, "NOTE") == values(card, "ORG") == []
        Member.objects.filter(pk=member.pk).update(state=Member.State.PAUSED)
        assert private.get(f"{page}card/").status_code == 404

    def test_of_an_organisation_says_so(self, public, directory):
        house = MemberFactory(listed=True, kind="organisation", name="House", about="")

        card = public.get(f"/api/en/members/card?id={house.uuid}").content

        assert "KIND:org" in unfolded(card)
        assert values(card, "SOURCE") == [f"{settings.PUBLIC_URL}/en/network/{house.uuid}/"]
        assert values(card, "NOTE") == []
