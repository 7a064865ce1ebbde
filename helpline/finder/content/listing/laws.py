"""Law of a country for readers of the active language: under the name of the country, and never of a service.

The listing takes precedence.
If it does not state when the service passes things on, the law of each of its countries is shown.
A statement of the listing is never replaced.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.languages import names
from core.languages.bidi import left_to_right
from helpline.records.laws import CountryLaw
from helpline.records.programmes import Programme
from helpline.vocabulary.codes import NOT_STATED, Confidence, YesNo
from helpline.vocabulary.wording import host


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLaw:
    """The law of one country, or of a part of one, in the active language."""

    country: str
    country_name: str
    place: str
    line: str  # the place, and the law in one or two sentences
    rule: str
    to_whom: tuple[str, ...]
    words: str  # a plain text in this language; may be empty
    reviewed: bool  # whether two people have approved these words
    cited: str
    url: str
    host: str
    doubts: tuple[str, ...]
    checked: str
    source: str
    as_of: dt.date | None  # the day of its newest change or check

    @property
    def line_and_law(self) -> str:
        return f"{self.line} ({left_to_right(self.cited)})" if self.cited else self.line


# The laws to be shown, by the code of the country.
# Those of one country are in alphabetical order.
type Laws = Mapping[str, tuple[ShownLaw, ...]]


def shown_law(law: CountryLaw) -> ShownLaw:
    """Return a law with its text in one language (prefetched) in the active one."""
    text = next(iter(law.texts.all()), None)
    return ShownLaw(
        country=law.country,
        country_name=names.country_name(law.country),
        place=law.place,
        line=law.rule_of_place,
        rule=law.rule,
        to_whom=tuple(law.recipients),
        words=text.words if text else "",
        reviewed=bool(text and text.live),
        cited=law.cited,
        url=law.law_url,
        host=host(law.law_url),
        doubts=tuple(doubts(law)),
        checked=checked(law),
        source=host(law.checked_source) or law.checked_source or host(law.source_url),
        as_of=law.newest_day(text),
    )


def doubts(law: CountryLaw) -> list[str]:
    """Return the doubts about the law that a reader must know, as sentences."""
    said = []
    if law.may_have_changed == YesNo.YES:
        said.append(_("This law may have changed since: ask the service."))
    if law.confidence == Confidence.LOW and not law.live:
        said.append(_("We found this in one unconfirmed source only."))
    return said


def checked(law: CountryLaw) -> str:
    if law.checked_on is None:
        return _("No person who knows this law has reviewed it yet.")
    day = date_format(law.checked_on, "DATE_FORMAT")
    return _("Reviewed on %(day)s by %(reviewer)s.") % {"day": day, "reviewer": law.reviewer}


def by_country(laws: Iterable[CountryLaw]) -> dict[str, tuple[ShownLaw, ...]]:
    """Return the laws by country, sorted by their places in the active language."""
    found: dict[str, list[ShownLaw]] = {}
    for law in sorted(
        map(shown_law, laws),
        key=lambda law: (
            names.sort_key(law.country_name),
            law.place != law.country_name,
            names.sort_key(law.place),
        ),
    ):
        found.setdefault(law.country, []).append(law)
    return {country: tuple(some) for country, some in found.items()}


def answering(programme: Programme, laws: Laws) -> tuple[ShownLaw, ...]:
    """Return the laws that answer what a listing does not state.

    Countries without a known law, and `ANYWHERE`, have none.
    """
    if programme.reporting_trigger not in NOT_STATED:
        return ()
    there = sorted(programme.countries, key=lambda code: names.sort_key(names.country_name(code)))
    return tuple(law for code in there for law in laws.get(code, ()))
