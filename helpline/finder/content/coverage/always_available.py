"""Services that can be used at any hour.

They are shown at the end of the finder, for people who found nothing that fits in the list.
The content does not depend on the time, so it is correct at any time, without a script.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from django.utils.translation import gettext as _

from core.languages import names
from helpline.finder.content.coverage.answers import (
    ANSWERED,
    ON_A_SCREEN,
    WRITTEN,
    AnswerLevel,
    reached_from,
    reliable,
)
from helpline.finder.content.listing.confidentiality import ConfidentialityCard
from helpline.finder.content.listing.contacts import Contact, contact
from helpline.finder.content.listing.reading import FinderReading
from helpline.finder.content.listing.rows import turned_away
from helpline.records import alerts
from helpline.records.programmes import ContactPoint, Programme
from helpline.vocabulary import hours
from helpline.vocabulary.codes import ANYWHERE

# The limit for one audience, country and language.
# The list above has all services.
MAX_PER_PLACE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class AlwaysAvailable:
    """A way to get an answer at any hour, in the active language."""

    countries: tuple[str, ...]
    languages: tuple[str, ...]
    audiences: tuple[str, ...]
    level: AnswerLevel
    how: str
    name: str
    essence: str
    not_for: str
    contact: Contact
    discloses: bool  # whether the website it links to discloses its visitors to others

    @property
    def anywhere(self) -> bool:
        """Return whether it works everywhere.

        If so, it is shown for every chosen language, as better than nothing.
        """
        return ANYWHERE in self.countries

    @property
    def target(self) -> tuple[str, str, str]:
        """Return its target: URI, email, URL.

        Listings of one network may have the same target.
        """
        return self.contact.uri, self.contact.email, self.contact.url


def answers(programmes: Iterable[Programme], reading: FinderReading) -> list[AlwaysAvailable]:
    """Return services for a country before those that work anywhere, best first.

    At most `MAX_PER_PLACE` are returned for one country, language and audience.
    Web addresses that disclose their visitors to others come after those that do not.
    """
    found = [
        answer
        for programme in programmes
        if reliable(programme, reading.today)
        for answer in ways_from(programme, reading)
    ]
    found.sort(key=lambda answer: (answer.anywhere, answer.level, answer.discloses, names.sort_key(answer.name)))
    kept = []
    targets: dict[tuple[str, str, str], set[tuple[str, str, str]]] = defaultdict(set)
    for answer in found:
        # A place is a country, a language and an audience.
        # An answer is kept if a place has too few answers, and none with its target.
        places = [
            targets[place]
            for place in product(answer.countries, answer.languages, answer.audiences)
            if len(targets[place]) < MAX_PER_PLACE and answer.target not in targets[place]
        ]
        if places:
            kept.append(answer)
        for known in places:
            known.add(answer.target)
    return kept


def ways_from(programme: Programme, reading: FinderReading) -> Iterator[AlwaysAvailable]:
    for point in programme.contact_points.all():
        countries, level = reached_from(point, programme), level_at_any_hour(point, programme)
        if countries and point.languages and level is not None and alerts.usable(programme, point):
            way = contact(programme, point, hidden=False)
            yield AlwaysAvailable(
                countries=tuple(sorted(countries)),
                languages=tuple(point.languages),
                audiences=tuple(programme.audiences),
                level=level,
                how=in_words(level),
                name=programme.name,
                essence=ConfidentialityCard(programme, programme.contact_points.all(), reading).essence,
                not_for=names.joined(turned_away(programme)),
                contact=way,
                discloses=way.url in reading.disclosing,
            )


def level_at_any_hour(point: ContactPoint, programme: Programme) -> AnswerLevel | None:
    """Return the quality of its answer at any hour of any day, or None if there are hours without an answer."""
    if point.channel in ANSWERED and alerts.keeps_hours(programme, point) and hours.is_always_open(point.opening_hours):
        return AnswerLevel.OPEN
    if point.channel in WRITTEN:
        return AnswerLevel.WRITE
    return AnswerLevel.SELF_HELP if point.channel in ON_A_SCREEN else None


def in_words(level: AnswerLevel) -> str:
    return {
        AnswerLevel.OPEN: _("Someone answers, day and night."),
        AnswerLevel.WRITE: _("Write now, and get an answer later."),
        AnswerLevel.SELF_HELP: _("Self-help, on a screen."),
    }[level]
