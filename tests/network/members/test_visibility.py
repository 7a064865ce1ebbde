"""Promise M1: the public finds only the details that a member shows, at every address and with every query."""

from typing import Any

import pytest

from network.members import services as members
from network.members.models import TEXTS
from network.models import Member
from network.review import services as review
from network.vocabulary.details import Detail
from tests.factories.network import CategoryFactory, MemberFactory, PublicationFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.usefixtures("search_index")
URL = "/en/network/"
State = Member.State

# For each detail, a unique word and a query that would find it.
CANARIES = {
    Detail.NAME: ("Canaryname", {"q": "canaryname"}),
    Detail.AFFILIATION: ("Canaryplace", {"q": "canaryplace"}),
    Detail.ABOUT: ("Canaryabout", {"q": "canaryabout"}),
    Detail.OFFERS: ("Canaryoffers", {"q": "canaryoffers"}),
    Detail.NEEDS: ("Canaryneeds", {"q": "canaryneeds"}),
    Detail.ORCID: ("0000-0002-1825-0097", {"q": "0000"}),
    Detail.PUBLICATIONS: ("Canarywork", {"q": "canarywork"}),
    Detail.COUNTRY: ("Iceland", {"country": "is"}),
    Detail.LANGUAGES: ("Welsh", {"language": "cy"}),
    Detail.EXPERTISE: ("Canaryfield", {"field": "canaryfield"}),
    Detail.ROLES: ("Policy maker", {"q": "policy maker"}),
    Detail.WORK_SETTINGS: ("Prison or probation", {"q": "probation"}),
    Detail.METHODS: ("Controlled trials", {"q": "trials"}),
    Detail.POPULATIONS: ("Families and partners", {"q": "families"}),
}

# The same words in a language that the reader does not read, but that is searched.
TRANSLATED = {detail: f"{CANARIES[detail][0]}german" for detail in TEXTS}


# The same as fields of a member.
FIELDS: dict[str, dict[str, Any]] = {
    Detail.NAME: {"name": "Canaryname"},
    Detail.AFFILIATION: {"affiliation": "Canaryplace", "ror": "https://ror.org/05gq02987"},
    Detail.ABOUT: {"about": "Canaryabout"},
    Detail.OFFERS: {"offers": "Canaryoffers"},
    Detail.NEEDS: {"needs": "Canaryneeds"},
    Detail.ORCID: {"orcid": "0000-0002-1825-0097"},
    Detail.PUBLICATIONS: {},
    Detail.COUNTRY: {"country": "is"},
    Detail.LANGUAGES: {"languages": ["cy"]},
    Detail.EXPERTISE: {"expertise": ["canaryfield"]},
    Detail.ROLES: {"roles": ["policy"]},
    Detail.WORK_SETTINGS: {"work_settings": ["justice"]},
    Detail.METHODS: {"methods": ["trials"]},
    Detail.POPULATIONS: {"populations": ["families"]},
}


def canary_in(*details: str, **changes: Any) -> Member:
    """Return a listed member with a unique word in each of these details."""
    member = MemberFactory(
        listed=True,
        email=f"canarymail-{Member.objects.count()}@example.org",
        translations={"de": {detail: TRANSLATED[detail] for detail in details if detail in TRANSLATED}},
        **{name: value for detail in details for name, value in FIELDS[detail].items()},
    )
    if Detail.PUBLICATIONS in details:
        PublicationFactory(member=member, title="Canarywork", is_key=True)
        PublicationFactory(member=member, title="Canarywork, continued")
    for name, value in changes.items():
        setattr(member, name, value)
    member.save()
    return member


@pytest.fixture
def field(directory) -> None:
    CategoryFactory(code="canaryfield", name="Canaryfield")


@pytest.fixture
def canary(field) -> Member:
    """Return a listed member with a unique word in every detail."""
    return canary_in(*Detail)


def without_choices(page: str) -> str:
    """Return the page without the filter, which has countries and fields of all members."""
    before, _, rest = page.partition("<form class=")
    return before + rest.partition("</form>")[2]


def pages(public, *members):
    """Yield all responses of the public site that could name one of the members."""
    queries = [
        "",
        "?q=canary",
        *(f"?{key}={value}" for _word, ask in CANARIES.values() for key, value in ask.items()),
    ]
    for query in queries:
        yield f"{URL}{query}", without_choices(public.get(f"{URL}{query}").text)
    for address in (
        *(f"{URL}{member.uuid}/{query}" for member in members for query in ("", "?x=1")),
        "/sitemaps/1.xml",
        "/en/search/?q=canaryname",
        "/en/feeds/practices.atom",
        *(f"/api/{code}/{kind}" for code in ("en", "de") for kind in ("members", "practices")),
        *(f"/api/en/members?id={member.uuid}" for member in members),
    ):
        yield address, public.get(address).text
    for member in members:
        # Long lines of a card are folded.
        card = f"/api/en/members/card?id={member.uuid}"
        yield card, public.get(card).content.replace(b"\r\n ", b"").decode()


class TestVisibility:
    def test_shows_nothing_until_the_member_chooses(self, public, field):
        """For a member who shows nothing, and for one who shows everything to members only."""
        hidden = [
            canary_in(*Detail, shown=[], shown_to_members=to_members, has_page=has_page)
            for to_members, has_page in (([], False), (Detail.values, True))
        ]

        for address, page in pages(public, *hidden):
            for word, _ask in CANARIES.values():
                assert word not in page, address
        assert public.get(URL).context["directory"].page_obj.paginator.count == 0

    def test_responds_alike_for_hidden_paused_deleted_and_unknown_members(self, public, canary):
        def answer(uuid):
            response = public.get(f"{URL}{uuid}/?x=1")
            return (
                response.status_code,
                dict(response.headers),
                response.content.replace(str(uuid).encode(), b""),
            )

        not_found = answer("00000000-0000-4000-8000-000000000000")
        for state in State:
            if state != State.LISTED:
                Member.objects.filter(pk=canary.pk).update(state=state)
                assert answer(canary.uuid) == not_found, state
        Member.objects.filter(pk=canary.pk).update(state=State.LISTED)
        review.hide(member=canary, by=UserFactory())
        assert answer(canary.uuid) == not_found
        members.leave(member=canary)
        assert answer(canary.uuid) == not_found

    def test_keeps_one_private_detail_out_of_every_page_and_answer(self, public, field):
        """Each of these members hides one detail, which has a unique word. Addresses are never shown."""
        hiding = [canary_in(detail, shown=[other for other in Detail.values if other != detail]) for detail in Detail]

        for address, page in pages(public, *hiding):
            for word, _ask in CANARIES.values():
                assert word not in page, address
            assert "canarymail" not in page, address
        for word, ask in CANARIES.values():
            assert public.get(URL, ask).context["directory"].profiles == [], word

    @pytest.mark.parametrize("detail", [detail for detail in Detail if detail != Detail.ORCID])
    def test_finds_by_a_detail_that_is_shown(self, public, canary, detail):
        canary.shown = [detail]
        canary.save()

        found = public.get(URL, CANARIES[detail][1]).context["directory"].profiles

        assert [profile.uuid for profile in found] == [canary.uuid]

    def test_shows_the_institution_only_with_the_place_of_work(self, public, canary):
        canary.shown = [Detail.NAME]
        canary.save()

        assert "ror.org" not in public.get(f"{URL}{canary.uuid}/?x=1").text

    def test_offers_no_choice_that_only_a_private_detail_would_make(self, public, canary):
        canary.shown = [Detail.NAME]
        canary.save()

        page = public.get(URL).text

        assert "Iceland" not in page
        assert "Canaryfield" not in page

    def test_lists_no_members_in_other_states(self, public, field):
        others = [canary_in(*Detail, state=state) for state in State if state != State.LISTED]

        for address, page in pages(public, *others):
            assert "Canaryname" not in page, address
        for member in others:
            assert public.get(f"{URL}{member.uuid}/?x=1").status_code == 404

    def test_follows_a_change_immediately(self, public, canary):
        assert "Canaryabout" in public.get(URL).text

        canary.shown = [Detail.NAME]
        canary.save()

        assert "Canaryabout" not in public.get(URL).text
        assert public.get(URL, {"q": "canaryabout"}).context["directory"].profiles == []

    def test_keeps_what_can_be_found_right_when_only_some_columns_are_saved(self, canary):
        canary.shown = []
        canary.save(update_fields=["shown"])

        canary.refresh_from_db()
        assert canary.facets == []
        assert canary.words in {"", None}


class TestOwnPage:
    def test_is_there_for_those_who_want_one(self, public, canary):
        page = public.get(f"{URL}{canary.uuid}/").text

        for word, _ask in CANARIES.values():
            assert word in page

    @pytest.mark.parametrize(
        "change",
        [{"shown": [detail for detail in Detail.values if detail != Detail.NAME]}, {"has_page": False}],
        ids=["without the name", "unwanted"],
    )
    def test_is_not_there(self, public, canary, change):
        Member.objects.filter(pk=canary.pk).update(**change)

        assert public.get(f"{URL}{canary.uuid}/?x=1").status_code == 404
        assert f"{canary.uuid}" not in public.get(URL).text

    @pytest.mark.parametrize(
        "path", ["00000000-0000-0000-0000-000000000000/", "nonsense/", "1/", "%F0%9F%98%80/", "a/b/c/"]
    )
    def test_of_an_unknown_member_is_a_plain_404(self, public, directory, path):
        assert public.get(URL + path).status_code == 404

    def test_marks_the_language_of_the_profile_texts(self, public, canary):
        canary.language = "ar"
        canary.save()

        assert '<p lang="ar" dir="auto">Canaryabout</p>' in public.get(f"{URL}{canary.uuid}/").text
