"""Coverage of help for every country, language and hour of a week, without dead ends.

The hours of a week are the bits of one integer, so that a query over 168 hours is one operation.
All combinations of 250 countries, 50 languages and 168 hours take a fraction of a second.
Countries that no listing names are all alike: they share what works anywhere, and differ only in their crisis lines.

Only what the finder shows and people can use now counts.
A listing that is closed, in doubt, takes no new people or has its numbers hidden does not count.
Unknown hours are never "open", and a number that cannot be dialled from a country is no answer there.
A chat with unknown hours is no answer either, as it may be closed.
Emails and text messages can be written at any hour.

Unknown hours are not closed ones either.
`Coverage.uncertain` returns the hours in which a service may answer, as far as is known.
It only serves as an overview, and the finder does not send people there.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import partial
from uuid import UUID

from helpline.records import alerts
from helpline.records.programmes import ContactPoint, Programme
from helpline.records.support_lines import SupportLine, in_countries
from helpline.records.visibility import LEADS, hides_contact
from helpline.vocabulary import hours
from helpline.vocabulary.codes import ANYWHERE, WORRIED, Audience, Channel, LineKind
from helpline.vocabulary.hours import ALL_HOURS


class AnswerLevel(IntEnum):
    """Quality of an answer, best first."""

    OPEN = 1  # someone answers now, in this language
    WRITE = 2  # a message can be written now, in this language, and is answered later
    SELF_HELP = 3  # self-help on a screen, in this language
    ANYWHERE = 4  # one of these, in another language, from a service that works everywhere
    CRISIS = 5  # a crisis line or the emergency number of the country
    EMERGENCY = 6  # no number is on record for the country: the emergency number that people know there


# Channels with a live answer.
# A text message can still be written if the hours are not known.
ANSWERED = frozenset({Channel.PHONE, Channel.CHAT, Channel.SMS})
WRITTEN = frozenset({Channel.EMAIL, Channel.SMS})
ON_A_SCREEN = frozenset({Channel.ONLINE_SELF_HELP, Channel.APP})
# Audiences for which coverage is counted apart. The first are those who look for help for themselves.
GROUPS: dict[str, frozenset[Audience]] = {
    "worried": WORRIED,
    **{
        audience.value: frozenset({audience})
        for audience in (Audience.YOUNG_PERSON, Audience.FAMILY_OR_FRIEND, Audience.PROFESSIONAL)
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Way to get an answer: its countries, its languages, its quality, and its hours of the week (as bits).

    `anywhere`: the listing works anywhere, so it counts for every language.
    Its number may still be reachable from one country only.
    Not `certain`: it exists, but it is not known whether it answers in these hours.
    """

    countries: frozenset[str]
    languages: frozenset[str]
    level: AnswerLevel
    hours: int
    anywhere: bool
    certain: bool = True


def week_of(day: dt.date) -> dt.datetime:
    """Return the start of the week of a day: Monday at midnight in UTC, regardless of the local time."""
    return dt.datetime.combine(day - dt.timedelta(days=day.weekday()), dt.time(), dt.UTC)


def ways(programmes: Iterable[Programme], *, start: dt.datetime) -> Iterator[Way]:
    """Yield the ways to get an answer from these listings in the week from `start` (UTC, on the hour)."""
    for programme in programmes:
        for point in programme.contact_points.all():
            yield from ways_by(point, programme, start)


def reliable(programme: Programme, today: dt.date) -> bool:
    """Return whether people who need an answer can rely on a listing today."""
    return alerts.reliable(programme) and not hides_contact(programme, today)


def ways_by(point: ContactPoint, programme: Programme, start: dt.datetime) -> Iterator[Way]:
    """Yield the ways of one contact point: for text messages, an answer in its hours, and writing at any hour."""
    if not alerts.usable(programme, point):
        return
    countries = reached_from(point, programme)
    way = partial(
        Way,
        countries=countries,
        languages=frozenset(point.languages),
        anywhere=ANYWHERE in programme.countries,
    )
    if bits := uncertain_hours(point, programme, start):
        where = countries or frozenset(programme.countries)
        yield way(countries=where, level=AnswerLevel.OPEN, hours=bits, certain=False)
    if not countries:
        return
    if point.channel in ANSWERED and (bits := answered_hours(point, programme, start)):
        yield way(level=AnswerLevel.OPEN, hours=bits)
    if point.channel in WRITTEN:
        yield way(level=AnswerLevel.WRITE, hours=ALL_HOURS)
    if point.channel in ON_A_SCREEN:
        yield way(level=AnswerLevel.SELF_HELP, hours=ALL_HOURS)


def answered_hours(point: ContactPoint, programme: Programme, start: dt.datetime) -> int:
    """Return the hours in which someone answers there, as bits, as far as they are known.

    Returns 0 while an alert says they are shorter.
    """
    if not alerts.keeps_hours(programme, point):
        return 0
    return hours.open_hours(point.opening_hours, time_zone_of(point, programme.countries), start) or 0


def uncertain_hours(point: ContactPoint, programme: Programme, start: dt.datetime) -> int:
    """Return the hours in which someone may answer, as far as is known.

    These are hours that are not recorded or that are shorter at the moment.
    They also include everything that takes an appointment, a stamp or a look at the website.
    """
    if not any(getattr(point, name) for name in LEADS) and not programme.website:
        return 0
    if point.channel in WRITTEN | ON_A_SCREEN and point.channel not in ANSWERED:
        return 0
    if point.channel not in ANSWERED or not reached_from(point, programme):
        return ALL_HOURS
    said = hours.open_hours(point.opening_hours, time_zone_of(point, programme.countries), start)
    if said is None:
        return ALL_HOURS
    return 0 if alerts.keeps_hours(programme, point) else said


def time_zone_of(dialled: ContactPoint | SupportLine, countries: list[str]) -> str:
    """Return the time zone of the opening hours, or that of its only country.

    Returns an empty string if neither is known.
    """
    return dialled.timezone or (hours.zone_of(countries[0]) if len(countries) == 1 else "")


def reached_from(point: ContactPoint, programme: Programme) -> frozenset[str]:
    """Return the countries in which a contact point can be used, or none if it has nothing that could be used."""
    countries = frozenset(programme.countries)
    if point.channel not in {Channel.PHONE, Channel.SMS}:
        return countries if point.email or point.url or programme.website else frozenset()
    phone = point.phone
    if phone is None:
        return frozenset()
    if point.works_from_abroad:
        return countries
    only = phone.region()  # empty for a number without a country
    return frozenset({only}) if only and (only in countries or ANYWHERE in countries) else frozenset()


def crisis_hours(lines: Iterable[SupportLine], *, start: dt.datetime, today: dt.date) -> dict[str, int]:
    """Return for each country the hours in which its emergency number or a crisis line answers.

    An emergency number always does.
    """
    found: dict[str, int] = defaultdict(int)
    for country, line in in_countries(lines, today):
        if not line.can_be_called(today):
            continue
        if line.kind == LineKind.EMERGENCY:
            found[country] |= ALL_HOURS
        elif line.kind == LineKind.SUICIDE_CRISIS:
            bits = hours.open_hours(line.opening_hours, time_zone_of(line, [country]), start)
            found[country] |= bits or 0
    return dict(found)


@dataclass(frozen=True, slots=True)
class Answers:
    """Best answer for each hour of a week.

    `hours[level - 1]` are bits, and every hour is in exactly one of them.
    """

    hours: tuple[int, int, int, int, int, int]

    @classmethod
    def best_of(cls, found: Iterable[int]) -> Answers:
        """Build from the hours of each level but the last, best first.

        An hour belongs to the best level that has it.
        """
        left, best = ALL_HOURS, []
        for bits in found:
            best.append(bits & left)
            left &= ~bits
        return cls((*best, left))  # type: ignore[arg-type]  # as many as there are levels

    def at(self, hour: int) -> AnswerLevel:
        """Return the best answer in an hour of the week, 0 to 167."""
        return next(level for level in AnswerLevel if self.hours[level - 1] >> hour & 1)

    def count(self, level: AnswerLevel) -> int:
        """Return for how many hours of the week this is the best answer."""
        return self.hours[level - 1].bit_count()


class Coverage:
    """Reachable help for every country and language."""

    def __init__(self, ways: Iterable[Way], crisis: dict[str, int]) -> None:
        self.crisis = crisis
        # The services that can be relied on, by identifier, with the countries that they name and whether they have
        # been checked.
        self.services: dict[UUID, tuple[frozenset[str], bool]] = {}
        # Language → country → hours in which someone may answer.
        self.unsure: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.anywhere: dict[str, int] = defaultdict(int)
        # Language → country that a listing names → hours of the first three levels.
        self.spoken: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0]))
        for way in ways:
            if not way.certain:
                for language in way.languages:
                    for country in way.countries:
                        self.unsure[language][country] |= way.hours
                continue
            for country in way.countries if way.anywhere else ():
                self.anywhere[country] |= way.hours
            for language in way.languages:
                for country in way.countries:
                    self.spoken[language][country][way.level - 1] |= way.hours

    @classmethod
    def of(
        cls,
        *,
        programmes: Iterable[Programme],
        lines: Iterable[SupportLine],
        start: dt.datetime,
        today: dt.date,
        audiences: frozenset[Audience] = WORRIED,
    ) -> Coverage:
        """Build the coverage of the week from `start` (UTC, on the hour) for people who are one of `audiences`."""
        usable = [
            programme
            for programme in programmes
            if reliable(programme, today) and not audiences.isdisjoint(programme.audiences)
        ]
        made = cls(ways(usable, start=start), crisis_hours(lines, start=start, today=today))
        made.services = {
            programme.uuid: (frozenset(programme.countries), programme.checked_on is not None) for programme in usable
        }
        return made

    def uncertain(self, country: str, language: str) -> int:
        """Return the hours in which a service in a language may answer in a country, as far as is known."""
        here = self.unsure.get(language, {})
        return here.get(country, 0) | here.get(ANYWHERE, 0)

    def countries(self) -> set[str]:
        """Return the countries with services beyond those that work anywhere."""
        named = {country for countries in self.spoken.values() for country in countries}
        named |= {country for countries in self.unsure.values() for country in countries}
        return (named | set(self.anywhere)) - {ANYWHERE} | set(self.crisis)

    def answers(self, country: str, language: str) -> Answers:
        """Return the best answers for someone in a country who speaks a language.

        Every hour has one.
        """
        spoken = self.spoken.get(language, {})
        here, anywhere = spoken.get(country, (0, 0, 0)), spoken.get(ANYWHERE, (0, 0, 0))
        own = (a | b for a, b in zip(here, anywhere, strict=True))
        elsewhere = self.anywhere.get(country, 0) | self.anywhere.get(ANYWHERE, 0)
        return Answers.best_of([*own, elsewhere, self.crisis.get(country, 0)])
