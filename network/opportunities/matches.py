"""Matches of an opportunity, and opportunities that match a member.

The rules (`network.opportunities.matching`) are applied to what members see of each other.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.utils import translation

from core.languages import names
from network.directory.member_index import KEEPERS
from network.members import profiles
from network.models import Match, Member, MemberBlock, Opportunity, PracticeMember
from network.opportunities import matching, services
from network.opportunities.models import CATEGORIES, OpportunityKind
from network.vocabulary.details import Detail, DetailAudience
from network.vocabulary.models import Vocabulary, vocabulary

# Maximum number of matches shown for one opportunity, of each kind.
MOST_MATCHES = 10
OTHER = {OpportunityKind.NEED: OpportunityKind.OFFER, OpportunityKind.OFFER: OpportunityKind.NEED}


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchReading:
    """A matching member, or an opportunity of theirs, with the reasons and what is missing, in the user's language."""

    profile: profiles.Profile
    opportunity: Opportunity | None
    record: Match
    reasons: list[str]
    missing: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """An opportunity that fits a member, and why."""

    opportunity: Opportunity
    reasons: list[str]
    missing: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A position in a pool, and its opportunity, if it is one."""

    pool: matching.CandidatePool
    place: int
    opportunity: Opportunity | None = None

    @property
    def owner(self) -> int:
        return self.pool.owners[self.place]


# --- For an opportunity -------------------------------------------------------------------------------------


def matches_for(opportunity: Opportunity) -> list[MatchReading]:
    """Return the matches of an open opportunity, best first, and save them.

    They are opportunities of the other kind, and for a need also members.
    """
    asked = asked_by(opportunity)
    found = [*_candidates(opportunity, asked, standing_for(opportunity))]
    kept = services.keep_matches(opportunity=opportunity, members=[each.owner for each in found], most=len(found))
    # Read the members again: one may have left or withdrawn something since the index was read.
    owners = Member.objects.listed(DetailAudience.MEMBERS).in_bulk([*kept])
    known = vocabulary(translation.get_language())
    matches = []
    for each in found:
        if (owner := owners.get(each.owner)) is not None:
            reasons, missing = _said(matching.explain(asked, each.pool, each.place), known)
            matches.append(
                MatchReading(
                    profile=profiles.for_members(owner, known),
                    opportunity=each.opportunity,
                    record=kept[owner.pk],
                    reasons=reasons,
                    missing=missing,
                )
            )
    return matches


def _candidates(
    opportunity: Opportunity, asked: matching.Asked, standing: matching.MemberStanding
) -> Iterator[Candidate]:
    """Yield opportunities first, then members who have none among these."""
    others = [
        *Opportunity.objects.open().filter(kind=OTHER[OpportunityKind(opportunity.kind)], subject=opportunity.subject)
    ]
    pool = pool_of_opportunities(others)
    owners = set()
    for each in islice(matching.rank(asked, pool, standing), MOST_MATCHES):
        owners.add(pool.owners[each.place])
        yield Candidate(pool=pool, place=each.place, opportunity=others[each.place])
    if opportunity.kind == OpportunityKind.NEED:
        pool = pool_of_members()
        ranked = matching.rank(asked, pool, standing, start=opportunity.uuid.int)
        rest = (each for each in ranked if pool.owners[each.place] not in owners)
        for each in islice(rest, MOST_MATCHES):
            yield Candidate(pool=pool, place=each.place)


def asked_by(opportunity: Opportunity) -> matching.Asked:
    return matching.Asked(
        owner=opportunity.owner_id,
        languages=frozenset(opportunity.languages),
        codes={
            group.value: frozenset(found)
            for column, group in CATEGORIES.items()
            if (found := getattr(opportunity, column))
        },
    )


def standing_for(opportunity: Opportunity) -> matching.MemberStanding:
    """Return the current state of members that matching for an opportunity depends on.

    Four queries.
    """
    return matching.MemberStanding(
        blocked=frozenset(MemberBlock.objects.others_of(opportunity.owner)),
        overloaded=frozenset(overloaded()),
        at_limit=frozenset(Match.objects.at_limit(opportunity)),
        last=Match.objects.last_times(opportunity),
    )


def overloaded() -> set[int]:
    """Return the members who take no messages at the moment."""
    return set(Member.objects.filter(inbox__takes_messages=False).values_list("pk", flat=True))


def pool_of_members() -> matching.CandidatePool:
    """Return a pool of the listed members with what they show to members.

    Two queries, unless many have changed.
    """
    index = KEEPERS[DetailAudience.MEMBERS].current()
    owners = [place.key for place in index.places]
    return matching.CandidatePool(owners=owners, shown=index.groups, done=_done_by(owners))


def pool_of_opportunities(opportunities: Sequence[Opportunity]) -> matching.CandidatePool:
    """Return a pool of opportunities with their codes.

    One query.
    """
    owners = [opportunity.owner_id for opportunity in opportunities]
    shown: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for place, opportunity in enumerate(opportunities):
        for code in opportunity.languages:
            shown["language"][code] |= 1 << place
        for column, group in CATEGORIES.items():
            for code in getattr(opportunity, column):
                shown[group.value][code] |= 1 << place
    return matching.CandidatePool(owners=owners, shown=shown, done=_done_by(owners))


def _done_by(owners: Sequence[int]) -> dict[str, dict[str, int]]:
    """Return group → code → bits of the members who run or study a public practice with that code, and are named there.

    One query.
    """
    places: dict[int, int] = defaultdict(int)
    for place, owner in enumerate(owners):
        places[owner] |= 1 << place
    done: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    columns = {column: group for column, group in CATEGORIES.items() if column != "expertise"}
    # The page of a practice names only members who show their name to the public.
    named = PracticeMember.objects.filter(
        practice__live=True, member__state=Member.State.LISTED, member__shown__contains=[Detail.NAME]
    )
    for owner, *found in named.values_list("member", *(f"practice__{column}" for column in columns)):
        for group, codes in zip(columns.values(), found, strict=True):
            for code in codes:
                done[group.value][code] |= places.get(owner, 0)
    return done


# --- For a member -------------------------------------------------------------------------------------------


def fitting(member: Member, since: datetime | None = None) -> list[Fitting]:
    """Return the open opportunities of others that fit a listed member, best first.

    They are needs that fit the member's profile, and opportunities that fit their own.
    """
    opportunities = Opportunity.objects.open().not_of(hidden_from(member)).for_showing()
    found = [*(opportunities.new_since(since) if since else opportunities)]
    own = [*member.opportunities.open()]
    pools = [(pool_of_member(member), OpportunityKind.NEED, "")]
    pools += [(pool_of_opportunities([each]), OTHER[OpportunityKind(each.kind)], each.subject) for each in own]
    known = vocabulary(translation.get_language())
    ranked = []
    for opportunity in found:
        asked = asked_by(opportunity)
        best = max(
            (
                (each.points, number)
                for number, (pool, kind, subject) in enumerate(pools)
                if kind == opportunity.kind and subject in {"", opportunity.subject}
                for each in matching.rank(asked, pool, matching.MemberStanding())
            ),
            default=None,
        )
        if best is not None:
            points, number = best
            reasons, missing = _said(matching.explain(asked, pools[number][0], 0), known)
            ranked.append((points, Fitting(opportunity=opportunity, reasons=reasons, missing=missing)))
    ranked.sort(key=lambda each: -each[0])
    return [each for _points, each in ranked]


def hidden_from(member: Member) -> set[int]:
    """Return the members whose opportunities are not matched with a member.

    Two queries.

    These are the member, members with a block in either direction, and members who take no messages.
    """
    return {member.pk} | MemberBlock.objects.others_of(member) | overloaded()


def pool_of_member(member: Member) -> matching.CandidatePool:
    """Return a pool of one member with what they show to members.

    One query.
    """
    shown: dict[str, dict[str, int]] = defaultdict(dict)
    for each in member.facets_for_members:
        group, _colon, code = each.partition(":")
        shown[group][code] = 1
    return matching.CandidatePool(owners=[member.pk], shown=shown, done=_done_by([member.pk]))


# --- As text ------------------------------------------------------------------------------------------------


def _said(explanation: matching.Explanation, known: Vocabulary) -> tuple[list[str], list[str]]:
    return _sentences(explanation.reasons, known), _sentences(explanation.missing, known)


def _sentences(said: Iterable[matching.Said], known: Vocabulary) -> list[str]:
    return [str(each.template) % {"names": names.joined(_names(each, known))} for each in said]


def _names(said: matching.Said, known: Vocabulary) -> Iterable[str]:
    if said.group == "language":
        return sorted(map(names.language_name, said.codes), key=names.sort_key)
    return known.labels(said.group, said.codes) if said.group else ()
