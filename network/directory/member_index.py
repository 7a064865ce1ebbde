"""Bitmap index of listed members, in the memory of the process, for facet counts and filters.

Each facet has a bitmap, an `int`, in which bit n stands for the n-th member of the list.
A thousand choices are counted in a few milliseconds among 100,000 members; PostgreSQL would read all their rows again
for each.
Everything that a page shows of a member comes from the member's row.
The index is checked against the table of changes before each response, so no process counts with an outdated one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from threading import Lock
from typing import NamedTuple
from uuid import UUID

from core.search.spelling import Lexicon
from network.members.models import ListingChange, Member
from network.members.querysets import KEYS_IN_PART, MemberQuerySet
from network.vocabulary.details import DetailAudience

# Up to this many changed members are updated one by one; with more, the index is rebuilt.
MOST_CHANGES = 500
# Number of bits that are skipped together when seeking a page of the list.
STRIDE = 1024


class ListPlace(NamedTuple):
    """Position of a member in the list, and their primary key."""

    order_key: str
    uuid: bytes
    key: int


KEY = itemgetter(ListPlace._fields.index("key"))
WHOLE_PART = (1 << KEYS_IN_PART) - 1


class KeySlots(NamedTuple):
    """Blocks of the primary keys, in order, and their mapping to the order of a member index.

    `in_order` takes the digits of all bits of the blocks, and a final 0, and returns them in the order of the index.
    """

    parts: list[int]
    in_order: Callable[[bytes], tuple[int, ...]]


class Version(NamedTuple):
    """The last change that a member index includes."""

    key: int
    stamp: UUID | None


@dataclass(frozen=True)
class MemberIndex:
    """The listed members in their order, and the bitmap of members for each group and code of a facet."""

    places: list[ListPlace]
    groups: dict[str, dict[str, int]]

    @classmethod
    def of(cls, members: Iterable[tuple[ListPlace, Collection[str]]]) -> MemberIndex:
        """Build the member index from the (place, facets) of each member, in any order."""
        ordered = sorted(members)
        positions: dict[str, list[int]] = defaultdict(list)
        for position, (_place, facets) in enumerate(ordered):
            for each in facets:
                positions[each].append(position)
        groups: dict[str, dict[str, int]] = {}
        for each, some in positions.items():
            group, _colon, code = each.partition(":")
            groups.setdefault(group, {})[code] = bits_at(some, len(ordered))
        return cls([place for place, _facets in ordered], groups)

    @property
    def everybody(self) -> int:
        return (1 << len(self.places)) - 1

    def showing(self, chosen: Mapping[str, str]) -> int:
        """Return the members who show every chosen code; `chosen` is group → code."""
        found = self.everybody
        for group, code in chosen.items():
            found &= self.groups.get(group, {}).get(code, 0)
        return found

    def with_keys(self, parts: Mapping[int, int]) -> int:
        """Return the members with these primary keys, in the form that `keys_saying()` returns."""
        if not parts:
            return 0
        none = "0" * KEYS_IN_PART
        digits = "".join(
            f"{parts[part] & WHOLE_PART:0{KEYS_IN_PART}b}"[::-1] if part in parts else none for part in self.slots.parts
        )
        return bits_of(bytes(self.slots.in_order(f"{digits}0".encode())))

    @cached_property
    def slots(self) -> KeySlots:
        """Return the position of each member's key among the bits of all blocks that are not empty.

        Computed for the first search by words.
        """
        keys = [*map(KEY, self.places)]
        parts = sorted({key // KEYS_IN_PART for key in keys})
        starts = {part: number * KEYS_IN_PART for number, part in enumerate(parts)}
        # The final 0 is added twice: it sets no bit, and itemgetter() with a single item would not return a tuple.
        empty_slot = len(parts) * KEYS_IN_PART
        slots = (starts[key // KEYS_IN_PART] + key % KEYS_IN_PART for key in keys)
        return KeySlots(parts, itemgetter(*slots, empty_slot, empty_slot))

    def with_any(self, facets: Iterable[tuple[str, str]]) -> int:
        """Return the members who show any of these (group, code)."""
        found = 0
        for group, code in facets:
            found |= self.groups.get(group, {}).get(code, 0)
        return found

    def counts(self, found: int, group: str) -> dict[str, int]:
        """Return how many of the members found show each code of a group.

        Codes with a count of 0 are left out.
        """
        counted = ((code, (bits & found).bit_count()) for code, bits in self.groups.get(group, {}).items())
        return {code: count for code, count in counted if count}

    def keys(self, found: int, start: int, stop: int) -> list[int]:
        """Return the primary keys of the members found, in their order, from index `start` to before `stop`."""
        return [self.places[position].key for position in positions_in(found, start, stop)]

    def after(self, left: Collection[int], joined: Iterable[tuple[ListPlace, Collection[str]]]) -> MemberIndex:
        """Return the member index without the members with keys in `left`, and with those in `joined`.

        A changed member is in both.
        """
        gone = set(left)
        places = list(self.places)
        groups = {group: dict(codes) for group, codes in self.groups.items()}
        for position in reversed([n for n, (_order, _uuid, key) in enumerate(places) if key in gone]):
            del places[position]
            for codes in groups.values():
                codes |= {code: without_bit(bits, position) for code, bits in codes.items()}
        for place, facets in joined:
            position = bisect_left(places, place)
            places.insert(position, place)
            for codes in groups.values():
                codes |= {code: with_bit(bits, position) for code, bits in codes.items()}
            for each in facets:
                group, _colon, code = each.partition(":")
                codes = groups.setdefault(group, {})
                codes[code] = codes.get(code, 0) | 1 << position
        return MemberIndex(places, groups)


def bits_at(positions: Iterable[int], length: int) -> int:
    """Return a bitmap with these bits set, all of them below `length`."""
    found = bytearray(length // 8 + 1)
    for position in positions:
        found[position >> 3] |= 1 << (position & 7)
    return int.from_bytes(found, "little")


def bits_of(digits: bytes) -> int:
    """Return the bitmap for a string of the digits 0 and 1.

    The first digit is the lowest bit.
    """
    return int(digits[::-1], 2) if digits else 0


def without_bit(bits: int, position: int) -> int:
    """Remove a bit; the bits above it move down."""
    return bits >> position + 1 << position | bits & (1 << position) - 1


def with_bit(bits: int, position: int) -> int:
    """Insert a bit that is not set; the bits at its place and above it move up."""
    return bits >> position << position + 1 | bits & (1 << position) - 1


def positions_in(bits: int, start: int, stop: int) -> Iterator[int]:
    """Yield the positions of the set bits, from the `start`-th to before the `stop`-th."""
    counted = 0
    data = bits.to_bytes(bits.bit_length() // 8 + 1, "little")
    for first in range(0, len(data), STRIDE // 8):
        part = int.from_bytes(data[first : first + STRIDE // 8], "little")
        there = part.bit_count()
        if counted + there > start:
            for offset in range(part.bit_length()):
                if part >> offset & 1:
                    if start <= counted < stop:
                        yield first * 8 + offset
                    counted += 1
        else:
            counted += there
        if counted >= stop:
            return


class MemberIndexKeeper:
    """Holder of one audience's member index in a process, which it updates on access.

    An index is immutable once returned.
    """

    def __init__(self, audience: DetailAudience = DetailAudience.EVERYBODY) -> None:
        self.audience = audience
        self.lock = Lock()
        self.version: Version | None = None
        self.index = MemberIndex([], {})
        self.words: Lexicon | None = None

    def current(self) -> MemberIndex:
        """Return the member index for the current state of the database.

        One query if nothing has changed, and one more if little has.
        """
        with self.lock:
            self.refresh()
            return self.index

    def known_words(self) -> Lexicon:
        """Return, folded, all words that members show, and some that were withdrawn since.

        Check a word with `saying()` before showing it to a visitor.
        The words are read for the first mistyped query.
        """
        with self.lock:
            self.refresh()
            if self.words is None:
                self.words = Lexicon(Member.objects.listed(self.audience).shown_words(self.audience))
            return self.words

    def forget_words(self, gone: Iterable[str]) -> None:
        """Remove words that no member shows any more."""
        with self.lock:
            if self.words is not None:
                self.words = Lexicon(self.words.words.difference(gone))

    def refresh(self) -> None:
        changes = ListingChange.objects.since(self.version.key if self.version else 0)
        seen = Version(*changes[0][:2]) if changes else NOTHING_YET
        changed = {member for _key, _stamp, member in changes[1:]}
        if seen != self.version or len(changed) > MOST_CHANGES:
            self.read()
        elif changed:
            self.follow(changed)
            self.version = Version(*changes[-1][:2])

    def read(self) -> None:
        # The version is read first: members changed during the reading are read again with the next refresh.
        self.version = Version(*(ListingChange.objects.newest() or NOTHING_YET))
        self.index = MemberIndex.of(placed(Member.objects.listed(self.audience), self.audience))
        self.words = None

    def follow(self, changed: Collection[int]) -> None:
        now = Member.objects.listed(self.audience).filter(pk__in=changed)
        self.index = self.index.after(changed, placed(now, self.audience))
        if self.words is not None:
            self.words = Lexicon(self.words.words | now.shown_words(self.audience))


def placed(members: MemberQuerySet, to: DetailAudience) -> Iterator[tuple[ListPlace, list[str]]]:
    for order_key, uuid, key, facets in members.places(to):
        yield ListPlace(order_key, uuid.bytes, key), facets


NOTHING_YET = Version(0, None)
# One for each audience that has a directory.
KEEPERS = {audience: MemberIndexKeeper(audience) for audience in (DetailAudience.EVERYBODY, DetailAudience.MEMBERS)}
