"""Matching: results, order and reasons from a table of cases, and details that must not influence it."""

import datetime as dt
import tomllib
from pathlib import Path
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone

from network.directory.member_index import KEEPERS
from network.members import services as members
from network.models import Inbox, Match, MemberBlock, Opportunity, PracticeMember
from network.opportunities import matches, matching
from network.opportunities import services as opportunities
from network.opportunities.models import CATEGORIES
from network.vocabulary import services as vocabulary
from network.vocabulary.details import CategoryGroup, Detail, DetailAudience
from tests.factories.network import (
    CategoryFactory,
    MatchFactory,
    MemberFactory,
    OpportunityFactory,
    PracticeFactory,
    PublicationFactory,
    with_account,
)
from tests.network.conftest import same_queries

pytestmark = pytest.mark.django_db

TABLE = tomllib.loads(Path(__file__).with_name("matching_cases.toml").read_text(encoding="utf-8"))["cases"]
GROUPS = dict.fromkeys(case["group"] for case in TABLE)
COLUMNS = {group.value: column for column, group in CATEGORIES.items()}
NAMES = {
    CategoryGroup.POPULATION: ("teens", "carers"),
    CategoryGroup.METHOD: ("audits", "diaries"),
    CategoryGroup.FIELD: ("sport",),
    CategoryGroup.SETTING: ("camps",),
}


@pytest.fixture
def _names():
    for group, codes in NAMES.items():
        for code in codes:
            CategoryFactory(group=group, code=code, name=code)


class Case:
    """One case of the table as rows of the database."""

    def __init__(self, case):
        self.case = case
        self.members = {}
        owner = case["members"].get("owner", "en")
        self.owner = self.member("owner", owner)
        languages, *parts = case["opportunity"].split("; ")
        self.opportunity = OpportunityFactory(
            uuid=UUID(int=0),  # starts at the beginning of the list
            owner=self.owner,
            kind=case["kind"],
            languages=languages.split(),
            **{"populations": []} | {COLUMNS[group]: codes for group, *codes in map(str.split, parts)},
        )
        for name, says in case["members"].items():
            if name != "owner":
                self.member(name, says)
                for part in says.split("; "):
                    self.happened(self.members[name], *part.split())

    def member(self, name, says):
        languages, *parts = (part.split() for part in says.split("; "))
        hidden = {part[1] for part in parts if part[0] == "hidden"}
        self.members[name] = MemberFactory(
            listed=True,
            name=name,
            languages=languages,
            country=next((part[1] for part in parts if part[0] == "country"), "de"),
            kind="organisation" if ["organisation"] in parts else "person",
            state="paused" if ["paused"] in parts else "listed",
            shown=[detail for detail in Detail.values if detail not in hidden],
            **{COLUMNS[group]: codes for group, *codes in parts if group in COLUMNS},
        )
        return self.members[name]

    def happened(self, member, what, *words):
        """Apply a part of a member's line that is not in the profile, such as a block or a match."""
        now = timezone.now()
        match what:
            case "done":
                practice = PracticeFactory(**{"populations": []} | {COLUMNS[words[0]]: list(words[1:])})
                PracticeMember.objects.create(practice=practice, member=member, part="runs")
            case "last":
                MatchFactory(member=member, matched_at=now - dt.timedelta(days=int(words[0])))
            case "times":
                for _each in range(int(words[0])):
                    MatchFactory(member=member)
            case "known":
                MatchFactory(opportunity=self.opportunity, member=member)
            case "blocks":
                MemberBlock.objects.create(blocker=member, blocked=self.owner)
            case "blocked":
                MemberBlock.objects.create(blocker=self.owner, blocked=member)
            case "overloaded":
                Inbox.objects.update_or_create(member=member, defaults={"takes_messages": False})
            case "offer" | "need":
                subject, language, group, code, *closed = words
                OpportunityFactory(
                    owner=member,
                    kind=what,
                    subject=subject,
                    languages=[language],
                    closed_at=now if closed else None,
                    **{"populations": []} | {COLUMNS[group]: [code]},
                )

    def lines(self):
        known = {member.uuid: name for name, member in self.members.items()}
        for match in matches.matches_for(self.opportunity):
            what = f" {match.opportunity.kind}s" if match.opportunity else ""
            missing = f" / {'. '.join(match.missing)}." if match.missing else ""
            yield f"{known[match.profile.uuid]}{what}: {'. '.join(match.reasons)}.{missing}"


class TestTheTable:
    @pytest.mark.usefixtures("_names")
    @pytest.mark.parametrize("group", GROUPS)
    def test_is_true(self, group):
        wrong = []
        for case in (case for case in TABLE if case["group"] == group):
            with transaction.atomic():
                lines = [*Case(case).lines()]
                transaction.set_rollback(True)
            if lines != case["expected"]:
                wrong.append(f"{case['say']}: {lines}")

        assert wrong == []


# For each detail, values that would make a member match if they were used.
PRIVATE = {
    Detail.LANGUAGES: {"languages": ["en"]},
    Detail.EXPERTISE: {"expertise": ["sport"]},
    Detail.WORK_SETTINGS: {"work_settings": ["camps"]},
    Detail.METHODS: {"methods": ["audits"]},
    Detail.POPULATIONS: {"populations": ["teens"]},
    Detail.NAME: {"name": "Canarius"},
    Detail.AFFILIATION: {"affiliation": "Canarius"},
    Detail.COUNTRY: {"country": "at"},
    Detail.ROLES: {"roles": ["policy"]},
    Detail.ABOUT: {"about": "Canarius teens audits"},
    Detail.OFFERS: {"offers": "Canarius teens audits"},
    Detail.NEEDS: {"needs": "Canarius teens audits"},
    Detail.ORCID: {"orcid": "0000-0002-1825-0097"},
    Detail.PUBLICATIONS: {},  # in a separate table: see below
}


@pytest.mark.usefixtures("_names")
class TestPrivateDetails:
    def test_are_all_tried(self):
        assert set(PRIVATE) == set(Detail)

    @pytest.mark.parametrize("detail", PRIVATE)
    def test_change_no_result_and_no_reason(self, detail):
        """The result is the same for members who hide a detail and for members without it."""
        other = {
            "languages": ["fr"] if detail == Detail.LANGUAGES else ["en"],
            "methods": [] if detail == Detail.METHODS else ["audits"],
        }
        said = []
        for has in ({}, PRIVATE[detail]):
            with transaction.atomic():
                shown = [each for each in Detail.values if each != detail]
                member = MemberFactory(listed=True, shown=shown, **{"name": "Ana"} | other | has)
                if detail == Detail.PUBLICATIONS and said:
                    PublicationFactory(member=member, title="Canarius teens audits")
                practice = PracticeFactory(populations=["teens"])
                PracticeMember.objects.create(practice=practice, member=member, part="runs")
                opportunity = OpportunityFactory(
                    expertise=["sport"], work_settings=["camps"], methods=["audits"], populations=["teens"]
                )
                found = matches.matches_for(opportunity)
                said.append([(each.reasons, each.missing, each.profile.name) for each in found])
                transaction.set_rollback(True)

        assert "Canarius" not in str(said)
        assert said[0] == said[1]
        assert bool(said[0]) == (detail != Detail.LANGUAGES)


class TestFairness:
    def test_the_same_match_does_not_count_twice(self):
        member = MemberFactory(listed=True, languages=["en"], populations=["adults"])
        opportunity = OpportunityFactory()

        for _each in range(7):
            assert [each.record.member for each in matches.matches_for(opportunity)] == [member]

        assert Match.objects.count() == 1

    def test_no_member_is_matched_a_sixth_time_in_a_week(self):
        MemberFactory(listed=True, languages=["en"], populations=["adults"])
        opportunities = OpportunityFactory.create_batch(6, owner=MemberFactory(listed=True, populations=["children"]))

        found = [len(matches.matches_for(opportunity)) for opportunity in opportunities]

        assert found == [1, 1, 1, 1, 1, 0]
        Match.objects.update(matched_at=timezone.now() - dt.timedelta(days=7))
        assert len(matches.matches_for(opportunities[5])) == 1

    def test_simultaneous_requests_do_not_exceed_the_limit(self):
        """The count before the lock is repeated while holding it."""
        member = MemberFactory(listed=True)
        for _each in range(5):
            MatchFactory(member=member)

        assert opportunities.keep_matches(opportunity=OpportunityFactory(), members=[member.pk], most=10) == {}

    def test_a_contact_that_was_not_matched_is_none_of_the_five(self):
        member = MemberFactory(listed=True)
        for _each in range(5):
            opportunities.take_up(opportunity=(opportunity := OpportunityFactory()), by=member, other=opportunity.owner)

        assert Match.objects.at_limit(OpportunityFactory()) == set()

    def test_different_opportunities_begin_with_different_members(self):
        pool = matching.CandidatePool(
            owners=range(10), shown={"language": {"en": 1023}, "population": {"adults": 1023}}
        )
        asked = matching.Asked(owner=99, languages=frozenset({"en"}), codes={"population": frozenset({"adults"})})

        orders = [
            [each.place for each in matching.rank(asked, pool, matching.MemberStanding(), start=n)] for n in (0, 17)
        ]

        assert orders == [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [7, 8, 9, 0, 1, 2, 3, 4, 5, 6]]


class TestPages:
    @pytest.fixture
    def inside(self, private):
        self.member = with_account(MemberFactory(listed=True, languages=["en"], populations=["adults"]))
        private.force_login(self.member.user)
        return private

    def test_say_why_and_what_is_missing_in_the_readers_language(self, inside):
        opportunity = OpportunityFactory(owner=self.member, populations=["adults", "children"])
        MemberFactory(listed=True, name="Ana Lima", languages=["en"], populations=["adults"])
        OpportunityFactory(kind="offer", title="We evaluate", owner__name="Ben Roth")

        english = inside.get(f"/en/members/opportunities/{opportunity.uuid}/matches/").text
        german = inside.get(f"/de/members/opportunities/{opportunity.uuid}/matches/").text

        assert english.index("We evaluate") < english.index("Ana Lima")
        assert "Works with or studies: Adults who worry" in english
        assert "Shows no work with: Children who show" in english
        assert "Shows no work with" not in german
        assert "Arbeitet mit oder forscht zu:" in german

    def test_say_that_there_is_no_match(self, inside):
        lonely = OpportunityFactory(owner=self.member, methods=["audits"], populations=[])
        closed = OpportunityFactory(owner=self.member, closed_at=timezone.now())

        assert "There is no match" in inside.get(f"/en/members/opportunities/{lonely.uuid}/matches/").text
        assert "It is closed." in inside.get(f"/en/members/opportunities/{closed.uuid}/matches/").text

    def test_show_a_member_what_fits_them(self, inside):
        fits = OpportunityFactory(title="Fits well", populations=["adults"])
        OpportunityFactory(title="Fits not", populations=["children"])
        OpportunityFactory(title="An offer", kind="offer")
        blocking = OpportunityFactory(title="Of who has blocked", populations=["adults"])
        MemberBlock.objects.create(blocker=blocking.owner, blocked=self.member)
        OpportunityFactory(owner=self.member, title="Own", kind="need", subject="data", populations=["adults"])
        OpportunityFactory(title="Data for adults", kind="offer", subject="data", populations=["adults"])

        said = inside.get("/en/members/opportunities/for-you/").text

        assert fits.title in said
        assert "Data for adults" in said
        for not_fitting in ("Fits not", "An offer", "Of who has blocked", "Own"):
            assert f">{not_fitting}<" not in said

    def test_cost_the_same_for_two_and_for_ten(self, inside):
        opportunity = OpportunityFactory(owner=self.member)
        address = f"/en/members/opportunities/{opportunity.uuid}/matches/"

        def more(number=8):
            MemberFactory.create_batch(number, listed=True, languages=["en"], populations=["adults"])
            inside.get(address)

        more(2)
        same_queries(lambda: inside.get(address), more)


def test_everybody_who_shows_something_is_in_the_pool_of_the_index():
    member = MemberFactory(listed=True, shown=[], shown_to_members=["populations"], populations=["adults"])

    pool = matches.pool_of_members()

    assert pool.owners[pool.shown["population"]["adults"].bit_length() - 1] == member.pk
    assert len(pool.owners) == len(KEEPERS[DetailAudience.MEMBERS].current().places)


def test_a_merge_moves_the_codes_of_opportunities():
    old = CategoryFactory(group=CategoryGroup.METHOD, code="old")
    new = CategoryFactory(group=CategoryGroup.METHOD, code="new")
    opportunity = OpportunityFactory(methods=["old", "audits"])

    vocabulary.merge(category=old, into=new, by=None)

    assert Opportunity.objects.get(pk=opportunity.pk).methods == ["new", "audits"]


class TestLeaving:
    @pytest.mark.parametrize("change", [members.pause, members.leave])
    def test_during_the_matching_prevents_a_match(self, change, monkeypatch):
        """Of two matches, one disappears between selection and display."""
        gone, stays = MemberFactory.create_batch(2, listed=True, languages=["en"], populations=["adults"])
        opportunity = OpportunityFactory()
        chosen = opportunities.keep_matches

        def keep_matches(**given):
            matches = chosen(**given)
            assert {gone.pk, stays.pk} <= matches.keys()
            change(member=gone)
            return matches

        monkeypatch.setattr(opportunities, "keep_matches", keep_matches)

        shown = [match.profile.uuid for match in matches.matches_for(opportunity)]

        assert stays.uuid in shown
        assert gone.uuid not in shown
