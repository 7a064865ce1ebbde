"""Emergency numbers, crisis lines and other support lines, country by country."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.languages import names
from core.languages.bidi import left_to_right
from helpline.records.support_lines import SupportLine, in_countries
from helpline.vocabulary import hours
from helpline.vocabulary.codes import LineKind, LineTopic, language_names
from helpline.vocabulary.wording import host

# Shown at the top of a help page; the others come after the list.
URGENT = (LineKind.EMERGENCY, LineKind.SUICIDE_CRISIS)
OTHER = (LineKind.CHILD_HELPLINE, LineKind.VICTIM_SUPPORT, LineKind.REPORT_CSAM)
ALL = URGENT + OTHER
# For people who were harmed: on the page of their country, and never in the list of programmes.
FOR_HARMED = (LineKind.VICTIM_SUPPORT, LineKind.CHILD_HELPLINE)
# The European number for missing children: a helpline, but not the one for a child who wants to talk.
MISSING_CHILDREN = "116000"
# The European number that answers the questions of children.
FOR_CHILDREN = "116111"
# Lines to turn to where no service is there for the reader.
INSTEAD = (LineKind.CHILD_HELPLINE, LineKind.VICTIM_SUPPORT)
# Kinds of which a country may have one line in each official language.
BY_LANGUAGE = frozenset({LineKind.SUICIDE_CRISIS, LineKind.CHILD_HELPLINE})
SHARED_BY = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLine:
    """A support line as it is shown. `name` is empty if the kind is enough (the emergency number)."""

    code: LineKind
    about: str
    kind: str  # in words, or what it is about
    name: str
    number: str
    uri: str
    url: str
    host: str
    hours: str
    always: bool  # whether it answers day and night
    languages: str
    spoken: tuple[str, ...]  # the codes of these
    verified: bool
    discloses: bool  # whether the website, if it is shown instead of a number, discloses its visitors to others


@dataclass(frozen=True, slots=True)
class CountryLines:
    """The lines of one country."""

    country: str
    name: str
    lines: tuple[ShownLine, ...]

    @property
    def first(self) -> tuple[ShownLine, ...]:
        """Return the numbers that people can call before reading on.

        These are the first of each kind; of emergency numbers, one for each service; and of crisis lines and lines for
        children, one in each official language, unless the first answers in the reader's.
        """
        found: list[ShownLine] = []
        for line in self.lines:
            if line.uri and not any(self._is_enough(first, line) for first in found):
                found.append(line)
        return tuple(found)

    def _is_enough(self, first: ShownLine, other: ShownLine) -> bool:
        """Return whether readers who have the first line do not need the other before reading on."""
        if first.code != other.code:
            return False
        if first.code == LineKind.EMERGENCY:
            # The fire brigade is not whom people on a help page need first.
            return first.kind == other.kind or other.about == LineTopic.FIRE
        if first.code not in BY_LANGUAGE or get_language() in first.spoken:
            return True
        official = names.languages_of_country(self.country)
        return not set(other.spoken) & set(official) - set(first.spoken)

    @property
    def instead(self) -> list[tuple[ShownLine, bool]]:
        """Return who is there where no service is, each with whether it is for adults alone.

        Adults who are worried about a child are first shown the line for that, which is not where a child asks
        questions.
        Where no line has a number, websites take their place.
        """
        first = self.first
        concern = [line for line in self.lines if line.uri and line.about == LineTopic.CHILD_AT_RISK]
        for_adults = [line for line in concern[:1] if line not in first]
        sites = {line.code: line for line in reversed(self.lines) if not line.about}
        return [(line, line in for_adults) for line in (*for_adults, *(first or reversed(tuple(sites.values()))))]

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the replacement for each urgent line that cannot be called, as sentences in the active language.

        Only for groups of the kinds in `URGENT`.
        """
        found = {line.code: line for line in reversed(self.first)}
        emergency = found.get(LineKind.EMERGENCY)
        if emergency is None:
            text = _(
                "At the moment, we cannot name the emergency number of %(country)s. On a mobile phone, 112 reaches "
                "it in many countries."
            )
            return (text % {"country": self.name},)
        if LineKind.SUICIDE_CRISIS in found:
            return ()
        text = _("We do not currently list a crisis line for %(country)s. If you are in danger, call %(number)s.")
        return (text % {"country": self.name, "number": left_to_right(emergency.number)},)


@dataclass(frozen=True, slots=True)
class Shared:
    """A number that works in several countries, for people who have not said where they are. `countries` are names."""

    kind: str
    number: str
    uri: str
    countries: str


def shown_line(support: SupportLine, today: dt.date, disclosing: Collection[str] = ()) -> ShownLine | None:
    """Return a support line as it is shown on a day, or None without a number to call or a website to open.

    A stale number is hidden, and the website takes its place.
    """
    phone = support.phone if support.can_be_called(today) else None
    if phone is None and not support.website:
        return None
    return ShownLine(
        code=LineKind(support.kind),
        about=support.about,
        kind=shown_kind(support),
        name=shown_name(support),
        number=(support.number_written or phone.national()) if phone else "",
        uri=phone.uri if phone else "",
        url=support.website,
        host=host(support.website),
        hours=_("closed at the moment") if support.is_closed else hours.in_words(support.opening_hours),
        always=support.kind == LineKind.EMERGENCY or hours.is_always_open(support.opening_hours),
        languages=language_names(support.languages),
        spoken=tuple(support.languages),
        verified=support.live,
        discloses=phone is None and support.website in disclosing,
    )


def shown_kind(support: SupportLine) -> str:
    """Return what a line is about or for whom, or else its kind.

    Children who want to talk must not mistake the number for missing children for theirs.
    All crisis lines have one name, as people call them about any crisis.
    """
    about = LineTopic.MISSING_CHILDREN if support.number == MISSING_CHILDREN else LineTopic(support.about)
    return str(LineKind(support.kind).label) if about in {LineTopic.ALL, LineTopic.SUICIDE} else str(about.label)


def shown_name(support: SupportLine) -> str:
    """Return the name of a line.

    A number that works in several countries has none, as its kind is enough, nor has one that is named after itself.
    """
    if support.kind == LineKind.EMERGENCY or (support.number and len(support.countries) > 1):
        return ""
    if support.name.replace(" ", "") == support.number:
        return ""
    return support.name


def by_country(
    lines: Iterable[SupportLine],
    kinds: tuple[LineKind, ...],
    today: dt.date,
    disclosing: Collection[str] = (),
    *,
    within: Collection[str] | None = None,
) -> list[CountryLines]:
    """Group the lines of these kinds by country, sorted by the country's name in the active language.

    `within`: the countries wanted; all of them if it is None.
    """

    def order(place: tuple[str, SupportLine]) -> tuple[object, ...]:
        country, support = place
        is_official = get_language() in names.languages_of_country(country)
        return (
            names.sort_key(names.country_name(country)),
            country,
            kinds.index(LineKind(support.kind)),
            not support.number,
            support.number == MISSING_CHILDREN,
            # Children get the line that answers their questions, not one about one concern.
            support.kind == LineKind.CHILD_HELPLINE and bool(support.about),
            support.kind == LineKind.CHILD_HELPLINE and support.number != FOR_CHILDREN,
            # What works in one country precedes what works in part of it.
            support.kind == LineKind.EMERGENCY and len(support.countries) > 1,
            list(LineTopic).index(LineTopic(support.about)) if support.kind == LineKind.EMERGENCY else 0,
            support.kind in URGENT and is_official and get_language() not in support.languages,
            not hours.is_always_open(support.opening_hours),
            get_language() not in support.languages,
            support.about != LineTopic.SUICIDE,
            names.sort_key(support.name),
        )

    of_kinds = (support for support in lines if support.kind in kinds)
    chosen = [place for place in in_countries(of_kinds, today) if within is None or place[0] in within]
    groups = []
    for country, places in groupby(sorted(chosen, key=order), key=itemgetter(0)):
        shown = tuple(found for _country, each in places if (found := shown_line(each, today, disclosing)))
        if shown:
            groups.append(told_apart(CountryLines(country, names.country_name(country), shown)))
    return groups


def told_apart(group: CountryLines) -> CountryLines:
    """Return the lines of a country, with the languages of those of its first lines that only these distinguish."""
    several = {kind for kind in BY_LANGUAGE if sum(line.code == kind for line in group.first) > 1}
    alike = [line for line in group.first if line.code in several]
    lines = tuple(
        replace(line, kind=_("%(line)s (%(languages)s)") % {"line": line.kind, "languages": line.languages})
        if line in alike
        else line
        for line in group.lines
    )
    return CountryLines(group.country, group.name, lines)


def for_harmed(lines: Iterable[SupportLine], today: dt.date, disclosing: Collection[str] = ()) -> list[CountryLines]:
    """Return the lines for people who were harmed, by country, those for children among them."""
    return by_country(without_missing_children(lines), FOR_HARMED, today, disclosing)


def without_missing_children(lines: Iterable[SupportLine]) -> list[SupportLine]:
    return [line for line in lines if line.number != MISSING_CHILDREN]


def without_first(groups: Iterable[CountryLines], urgent: Iterable[CountryLines]) -> list[CountryLines]:
    """Return the lines of all kinds, by country, without those that are shown first there."""
    shown = {group.country: group.first for group in urgent}
    return [
        CountryLines(group.country, group.name, rest)
        for group in groups
        if (rest := tuple(line for line in group.lines if line not in shown.get(group.country, ())))
    ]


def callable_lines(
    lines: Iterable[SupportLine], today: dt.date, *, kinds: tuple[LineKind, ...] = ALL
) -> list[CountryLines]:
    """Return the lines that can be called, of all or of some kinds, by country."""
    groups = by_country(lines, kinds, today)
    return [
        CountryLines(group.country, group.name, called)
        for group in groups
        if (called := tuple(line for line in group.lines if line.uri))
    ]


def shared(lines: Iterable[SupportLine], today: dt.date) -> list[Shared]:
    """Return the numbers that are the same in at least `SHARED_BY` countries, apart from those for emergencies."""
    found: dict[tuple[LineKind, str, str, str], set[str]] = defaultdict(set)
    for country, support in in_countries(lines, today):
        if support.kind != LineKind.EMERGENCY and support.can_be_called(today) and (phone := support.phone):
            found[LineKind(support.kind), phone.uri, phone.national(), shown_kind(support)].add(country)
    return [
        Shared(
            kind=kind,
            number=number,
            uri=uri,
            countries=names.joined(sorted(map(names.country_name, where), key=names.sort_key)),
        )
        for (_kind, uri, number, kind), where in sorted(
            found.items(), key=lambda item: (ALL.index(item[0][0]), item[0][1])
        )
        if len(where) >= SHARED_BY
    ]


def countries_without(groups: Iterable[CountryLines]) -> frozenset[str]:
    """Return the codes of the countries without a group."""
    return names.country_codes() - {group.country for group in groups}
