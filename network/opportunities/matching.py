"""Matching by rules: what must be, and what is weighed. It knows no database, no request and no letter.

An opportunity asks for codes: groups of people, methods, fields, settings. Candidates are members, or opportunities of the other kind; of both only
what members see. `MUSTS` leave candidates out, `WEIGHTS` put the others in an order, and `explain` says why and what is missing. Who asks
is in `network.opportunities.matches`, who was matched before in `network.opportunities.services`.

Candidates are counted as bits, as in `network.directory.member_index`: bit n of an `int` stands for the n-th candidate. For each weight the candidates
with the same number of points are divided into those who show all codes that are asked for, some of them, or none. So the cost of a
opportunity depends on how many codes it has, and hardly on how many candidates there are.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type Bits = int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an opportunity asks for: its owner, the languages of which one is enough, and group → codes."""

    owner: int
    languages: frozenset[str]
    codes: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidatePool:
    """The candidates. `owners`: whom each is of, by primary key. `shown` and `done`: group → code → bits of those who show it, or have done it."""

    owners: Sequence[int]
    shown: Mapping[str, Mapping[str, Bits]]
    done: Mapping[str, Mapping[str, Bits]] = field(default_factory=dict)

    @property
    def everybody(self) -> Bits:
        return (1 << len(self.owners)) - 1

    def of(self, members: Collection[int]) -> Bits:
        """Return the candidates that are of these members."""
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
    """What is true of members at this moment, by primary key. `last`: when somebody was last matched, for those who ever were."""

    blocked: frozenset[int] = frozenset()  # by the owner of the opportunity, or blocking them
    overloaded: frozenset[int] = frozenset()
    at_limit: frozenset[int] = frozenset()
    last: Mapping[int, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Must:
    """Something without which nobody is matched, however well they fit."""

    name: str
    allows: Callable[[Asked, CandidatePool, MemberStanding], Bits]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """Something that is weighed: twice the points for all codes that are asked for, once for some. In words why, and what is missing."""

    name: str
    group: str
    points: int
    why: Promise
    missing: Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Experience:
    """Points for who has done it: runs or studies a practice with one of the codes that are asked for."""

    name: str
    groups: tuple[str, ...]
    points: int
    why: Promise
    missing: Promise


# --- The rules -------------------------------------------------------------------------------------------------------------

MUSTS = (
    Must(
        name="language in common",
        allows=lambda asked, pool, standing: _any(pool.shown.get("language", {}), asked.languages),
    ),
    Must(name="somebody else", allows=lambda asked, pool, standing: pool.all_but({asked.owner})),
    Must(name="not blocked", allows=lambda asked, pool, standing: pool.all_but(standing.blocked)),
    Must(name="not overloaded", allows=lambda asked, pool, standing: pool.all_but(standing.overloaded)),
    Must(name="not matched too often", allows=lambda asked, pool, standing: pool.all_but(standing.at_limit)),
)
# In the order in which readers are told. `%(names)s` are the names of the codes in question.
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


# --- Putting candidates in order ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate: its place in the pool, and the points."""

    place: int
    points: int


def rank(asked: Asked, pool: CandidatePool, standing: MemberStanding, *, start: int = 0) -> Iterator[Ranked]:
    """Yield the candidates that may be matched and have something in common with what is asked, best first.

    Of those with the same points, whoever was matched least recently comes first, and before them those who never were, in the order of the
    pool. `start` is where in it to begin, so that not the same few are the first of all opportunities.
    """
    allowed = pool.everybody
    for must in MUSTS:
        allowed &= must.allows(asked, pool, standing)
    by_points = {0: allowed}
    for weight in WEIGHTS:
        if wanted := asked.codes.get(weight.group):
            codes = pool.shown.get(weight.group, {})
            by_points = _divided(by_points, _all(codes, wanted), _any(codes, wanted), weight.points)
    # Twice the points for everybody who has: there is no half of it.
    experienced = experience(asked, pool)
    by_points = _divided(by_points, experienced, experienced, EXPERIENCE.points)
    known = pool.of(standing.last.keys())
    for points in sorted(by_points, reverse=True):
        if points:
            for place in _in_turn(by_points[points], known, pool, standing, start):
                yield Ranked(place, points)


def experience(asked: Asked, pool: CandidatePool) -> Bits:
    """Return the candidates who have done it."""
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


def _in_turn(
    bits: Bits, known: Bits, pool: CandidatePool, standing: MemberStanding, start: int
) -> Iterator[int]:
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


# --- Saying why ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One sentence: the template, and the group and codes whose names stand in it."""

    template: Promise
    group: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a candidate fits, and what is missing, in the order of the rules."""

    reasons: tuple[Said, ...]
    missing: tuple[Said, ...]


def explain(asked: Asked, pool: CandidatePool, place: int) -> Explanation:
    """Say why the candidate at a place of the pool was matched, from the same bits that were counted."""
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
