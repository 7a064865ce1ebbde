"""Matching by rules: requirements and weights.

It does no queries, and depends on no request and no mail.

An opportunity asks for codes: groups of people, methods, fields, settings.
Candidates are members, or opportunities of the other kind; only what members see of them is used.
`MUSTS` exclude candidates, `WEIGHTS` rank the others, and `explain` returns the reasons and what is missing.
`network.opportunities.matches` provides the input, and `network.opportunities.services` the earlier matches.

Candidates are counted as bits, as in `network.directory.member_index`: bit n of an `int` stands for the n-th candidate.
For each weight, the candidates with the same number of points are divided into those with all, some or none of the
codes asked for.
So the cost of an opportunity depends on the number of its codes, and hardly on the number of candidates.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type Bits = int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Criteria of an opportunity: its owner, the languages, of which one has to match, and group → codes."""

    owner: int
    languages: frozenset[str]
    codes: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidatePool:
    """The candidates.

    `owners`: primary key of each candidate's member.
    `shown` and `done`: group → code → bits of those who show it, or have done it.
    """

    owners: Sequence[int]
    shown: Mapping[str, Mapping[str, Bits]]
    done: Mapping[str, Mapping[str, Bits]] = field(default_factory=dict)

    @property
    def everybody(self) -> Bits:
        return (1 << len(self.owners)) - 1

    def of(self, members: Collection[int]) -> Bits:
        """Return the candidates that belong to these members."""
        found = bytearray(len(self.owners) // 8 + 1)
        if members:
            wanted = set(members)
            for place, owner in enumerate(self.owners):
                if owner in wanted:
                    found[place >> 3] |= 1 << (place & 7)
        return int.from_bytes(found, "little")

    def all_but(self, members: Collection[int]) -> Bits:
        return self.everybody & ~self.of(members)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberStanding:
    """Current state of members, by primary key.

    `last`: when a member was last matched, for those who ever were.
    """

    blocked: frozenset[int] = frozenset()  # by the owner of the opportunity, or having blocked the owner
    overloaded: frozenset[int] = frozenset()
    at_limit: frozenset[int] = frozenset()
    last: Mapping[int, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Must:
    """A requirement.

    Candidates that do not meet it are not matched, however well they fit.
    """

    name: str
    allows: Callable[[Asked, CandidatePool, MemberStanding], Bits]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """A weighted criterion: twice the points for all codes asked for, once for some.

    `why` and `missing` are its texts.
    """

    name: str
    group: str
    points: int
    why: Promise
    missing: Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Experience:
    """Points for experience: the member runs or studies a practice with one of the codes asked for."""

    name: str
    groups: tuple[str, ...]
    points: int
    why: Promise
    missing: Promise


# --- The rules ----------------------------------------------------------------------------------------------

MUSTS = (
    Must(
        name="language in common",
        allows=lambda asked, pool, standing: _any(pool.shown.get("language", {}), asked.languages),
    ),
    Must(name="another member", allows=lambda asked, pool, standing: pool.all_but({asked.owner})),
    Must(name="not blocked", allows=lambda asked, pool, standing: pool.all_but(standing.blocked)),
    Must(name="not overloaded", allows=lambda asked, pool, standing: pool.all_but(standing.overloaded)),
    Must(name="not matched too often", allows=lambda asked, pool, standing: pool.all_but(standing.at_limit)),
)
# In the order in which the reasons are shown.
# `%(names)s` are the names of the codes in question.
WEIGHTS = (
    Weight(
        name="population",
        group="population",
        points=4,
        why=_("Works with or studies: %(names)s"),
        missing=_("Shows no work with: %(names)s"),
    ),
    Weight(
        name="method",
        group="method",
        points=3,
        why=_("Uses: %(names)s"),
        missing=_("Does not show this method: %(names)s"),
    ),
    Weight(
        name="field",
        group="field",
        points=3,
        why=_("Works on: %(names)s"),
        missing=_("Does not show this field of work: %(names)s"),
    ),
    Weight(
        name="setting",
        group="setting",
        points=2,
        why=_("Works in: %(names)s"),
        missing=_("Does not show work in: %(names)s"),
    ),
)
EXPERIENCE = Experience(
    name="has done it",
    groups=("population", "method", "setting"),
    points=5,
    why=_("Has done it: runs or studies a practice of this kind in the registry"),
    missing=_("Is not named with a practice of this kind in the registry"),
)
LANGUAGE_WHY = _("You have a language in common: %(names)s")


# --- Ranking ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate: its place in the pool, and its points."""

    place: int
    points: int


def rank(asked: Asked, pool: CandidatePool, standing: MemberStanding, *, start: int = 0) -> Iterator[Ranked]:
    """Yield the candidates that meet the requirements and have something in common with the opportunity, best first.

    Among those with the same points, the least recently matched come first, and before them those who never were, in
    the order of the pool.
    `start` is an offset in that order, so that not the same few are the first of all opportunities.
    """
    allowed = pool.everybody
    for must in MUSTS:
        allowed &= must.allows(asked, pool, standing)
    by_points = {0: allowed}
    for weight in WEIGHTS:
        if wanted := asked.codes.get(weight.group):
            codes = pool.shown.get(weight.group, {})
            by_points = _divided(by_points, _all(codes, wanted), _any(codes, wanted), weight.points)
    # Always twice the points, since experience is never partial.
    experienced = experience(asked, pool)
    by_points = _divided(by_points, experienced, experienced, EXPERIENCE.points)
    known = pool.of(standing.last.keys())
    for points in sorted(by_points, reverse=True):
        if points:
            for place in _in_turn(by_points[points], known, pool, standing, start):
                yield Ranked(place, points)


def experience(asked: Asked, pool: CandidatePool) -> Bits:
    """Return the candidates with experience."""
    found = 0
    for group in EXPERIENCE.groups:
        found |= _any(pool.done.get(group, {}), asked.codes.get(group, ()))
    return found


def _divided(by_points: Mapping[int, Bits], full: Bits, some: Bits, points: int) -> dict[int, Bits]:
    divided: dict[int, Bits] = {}
    for before, bits in by_points.items():
        for more, part in ((2 * points, bits & full), (points, bits & some & ~full), (0, bits & ~some)):
            if part:
                divided[before + more] = divided.get(before + more, 0) | part
    return divided


def _in_turn(bits: Bits, known: Bits, pool: CandidatePool, standing: MemberStanding, start: int) -> Iterator[int]:
    never = bits & ~known
    first = start % (len(pool.owners) or 1)
    yield from _places(never >> first << first)
    yield from _places(never & (1 << first) - 1)
    yield from sorted(_places(bits & known), key=lambda place: (standing.last[pool.owners[place]], place))


def _places(bits: Bits) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _any(codes: Mapping[str, Bits], wanted: Collection[str]) -> Bits:
    found = 0
    for code in wanted:
        found |= codes.get(code, 0)
    return found


def _all(codes: Mapping[str, Bits], wanted: Collection[str]) -> Bits:
    found = -1
    for code in wanted:
        found &= codes.get(code, 0)
    return found


# --- Reasons ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One sentence: the template, and the group and codes whose names it contains."""

    template: Promise
    group: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Reasons for a match, and what is missing, in the order of the rules."""

    reasons: tuple[Said, ...]
    missing: tuple[Said, ...]


def explain(asked: Asked, pool: CandidatePool, place: int) -> Explanation:
    """Return the explanation for the candidate at a place of the pool, from the same bits that were counted."""
    reasons: list[Said] = []
    missing: list[Said] = []
    for weight in WEIGHTS:
        wanted = asked.codes.get(weight.group, frozenset())
        there = _shown_at(pool, place, weight.group, wanted)
        for found, said, template in (
            (there, reasons, weight.why),
            (tuple(sorted(wanted.difference(there))), missing, weight.missing),
        ):
            if found:
                said.append(Said(template=template, group=weight.group, codes=found))
    if experience(asked, pool) >> place & 1:
        reasons.insert(0, Said(template=EXPERIENCE.why, group="", codes=()))
    elif any(asked.codes.get(group) for group in EXPERIENCE.groups):
        missing.append(Said(template=EXPERIENCE.missing, group="", codes=()))
    common = _shown_at(pool, place, "language", asked.languages)
    reasons.append(Said(template=LANGUAGE_WHY, group="language", codes=common))
    return Explanation(reasons=tuple(reasons), missing=tuple(missing))


def _shown_at(pool: CandidatePool, place: int, group: str, wanted: Collection[str]) -> tuple[str, ...]:
    codes = pool.shown.get(group, {})
    return tuple(code for code in sorted(wanted) if codes.get(code, 0) >> place & 1)
