"""The facets of the finder, one row each: the choices, and the codes of a listing or a contact point that they match.

The controls, the style sheet, the attributes of the rows, and the tests' own implementation of matching follow from
this table.
To add a facet, add a row here and run `manage.py finder_css` (CONTRIBUTING.md, "A new facet of the finder").

The order is that of the controls and of the rules in the style sheet.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.languages import names
from core.languages.lazy import StrOrPromise
from helpline.finder.content.filters.regions import COUNTRY_CODES, REGION_CODES
from helpline.records.programmes import ContactPoint, Programme
from helpline.vocabulary import codes
from helpline.vocabulary.codes import NOW, Audience, Channel, Cost, Situation, SuitableFor, YesNo

# The choice that shows the listings of every country. "Any" shows those that work from anywhere.
ALL = "all"

type Named = Iterable[tuple[str, StrOrPromise]]


class Level(Enum):
    """Element that carries a facet's codes."""

    LISTING = "listing"
    POINT = "point"  # one and the same contact point must meet every facet of this level
    LOCATION = "location"  # a listing, or a location in its row; they depend on the rest of the page (`regions`)
    NONE = "none"  # it filters nothing


class FinderForm(Enum):
    """Form of the finder that contains a facet."""

    WHERE = "where"
    WHO = "who"
    MORE = "more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """Facet that people can choose by.

    Initially, "any" is selected.
    """

    code: str
    number: int  # the value that the browser may save, a number that reveals nothing
    level: Level
    question: StrOrPromise
    any: StrOrPromise  # the choice that leaves everything in the list
    values: Callable[[], Named]  # (code, name) of each other choice, in the active language
    # The codes in the order in which the style sheet compresses best; by default those of `values`.
    css_order: Callable[[], Sequence[str]] | None = None
    of_listing: Callable[[Any], Iterable[str]] | None = None
    of_point: Callable[[Any, Any], Iterable[str]] | None = None
    form: FinderForm = FinderForm.MORE
    is_long: bool = False  # a list to choose from, instead of a few buttons
    is_scripted: bool = False  # only a script can apply it: the control is hidden without one
    least: int = 0  # how many listings of a page must match a choice for it to be offered there
    # Selectors of other elements that follow the choice, and are hidden while "any" is chosen.
    hidden_by_any: tuple[str, ...] = field(default=())
    # Selectors of elements that are hidden until something is chosen, which may be `ALL`.
    until_chosen: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        return f"g{self.number}"

    def codes(self) -> list[str]:
        """Return the codes with a rule in the style sheet."""
        return list(self.css_order()) if self.css_order else [code for code, _name in self.values()]

    def codes_of(self, programme: Programme, point: ContactPoint | None = None) -> str:
        """Return the codes of a listing, or of one of its contact points, separated by spaces as in its attribute."""
        if self.of_listing is not None:
            return " ".join(self.of_listing(programme))
        if self.of_point is not None and point is not None:
            known = set(self.codes())
            return " ".join(code for code in self.of_point(programme, point) if code in known)
        return ""


# No people live there, so readers in distress need not read past them.
UNINHABITED = frozenset({"aq", "bv", "gs", "hm", "tf", "um"})


def inhabited(language: str | None = None) -> list[tuple[str, str]]:
    """Return (code, name) of every inhabited country, sorted by name."""
    return [(code, name) for code, name in names.countries(language) if code not in UNINHABITED]


def cost_of(programme: Programme, point: ContactPoint) -> str:
    """Return the cost of a contact, or that of the programme if only that is known."""
    return point.cost if point.cost != Cost.UNKNOWN else programme.cost


def understood(point: ContactPoint) -> list[str]:
    """Return the languages that a contact point answers in, itself or with an interpreter."""
    return [code for code in codes.LANGUAGES if code in point.languages or point.interprets(code)]


# Label of each audience in its own words.
# A finder page can override them.
OWN_WORDS = {
    Audience.SELF_THOUGHTS: _("I am worried about my thoughts"),
    Audience.SELF_BEHAVIOUR: _("I am worried about something I do or did"),
    Audience.YOUNG_PERSON: _("I am under 18"),
    Audience.FAMILY_OR_FRIEND: _("I am worried about someone close to me"),
    Audience.PROFESSIONAL: _("I work with people who need this"),
}


FACETS = (
    Facet(
        code="country",
        number=1,
        level=Level.LISTING,
        question=_("Country"),
        any=pgettext_lazy("a country", "Choose"),
        values=lambda: [(ALL, _("All countries")), *inhabited()],
        css_order=lambda: sorted(code for code, _name in inhabited("en")),
        of_listing=lambda programme: programme.countries,
        form=FinderForm.WHERE,
        is_long=True,
        hidden_by_any=(".finder-lines", ".finder-answer", ".finder-none", ".finder-region"),
        until_chosen=(".finder-in", ".finder-row"),
    ),
    Facet(
        code="audience",
        number=3,
        level=Level.LISTING,
        question=_("What is it about?"),
        any=_("Anything"),
        values=lambda: [
            *((audience, OWN_WORDS[audience]) for audience in Audience.in_finder()),
            *Situation.choices,
        ],
        of_listing=lambda programme: [*programme.audiences, *programme.situations()],
        form=FinderForm.WHO,
        is_long=True,
        hidden_by_any=(".finder-route", ".finder-none", ".finder-instead"),
    ),
    Facet(
        code="region",
        number=9,
        level=Level.LOCATION,
        question=_("Region"),
        any=_("The whole country"),
        values=lambda: [(code, "") for code in (*COUNTRY_CODES, *REGION_CODES)],
        is_long=True,
    ),
    Facet(
        code="language",
        number=2,
        level=Level.POINT,
        question=_("In my language, or with an interpreter"),
        any=_("Any language"),
        values=codes.languages,
        css_order=lambda: codes.LANGUAGES,
        of_point=lambda programme, point: understood(point),
        is_long=True,
    ),
    Facet(
        code="channel",
        number=4,
        level=Level.POINT,
        question=_("How do you want to make contact?"),
        any=_("Any"),
        values=lambda: Channel.choices,
        of_point=lambda programme, point: [point.channel],
    ),
    Facet(
        code="cost",
        number=5,
        level=Level.POINT,
        question=_("Cost"),
        any=_("Any"),
        values=lambda: [(Cost.FREE, _("Only what is free"))],
        of_point=lambda programme, point: [cost_of(programme, point)],
    ),
    Facet(
        code="anonymous",
        number=6,
        level=Level.LISTING,
        question=_("Do you want to stay anonymous?"),
        any=_("Any"),
        values=lambda: [(YesNo.YES, _("Only where I do not have to say who I am"))],
        of_listing=lambda programme: [programme.anonymous],
    ),
    Facet(
        code="suitable",
        number=10,
        level=Level.LISTING,
        question=_("Suitable for"),
        any=_("Any"),
        values=lambda: SuitableFor.choices,
        of_listing=lambda programme: programme.suitable_for,
        least=3,
    ),
    Facet(
        code="open",
        number=7,
        level=Level.POINT,
        question=_("When?"),
        any=_("At any time"),
        values=lambda: [(NOW, _("Only what is open now"))],
        is_scripted=True,
    ),
    Facet(
        code="order",
        number=8,
        level=Level.NONE,
        question=_("Order"),
        any=_("Recommended"),
        values=lambda: [
            ("open", _("Open now first")),
            ("checked", _("Most recently checked first")),
            ("name", _("By name")),
        ],
        is_long=True,
        is_scripted=True,
    ),
)
BY_CODE = {facet.code: facet for facet in FACETS}


def facets_at(level: Level, *, scripted: bool | None = None) -> tuple[Facet, ...]:
    """Return the facets of one level, in order.

    `scripted`: only those that need a script (True), or that need none (False).
    """
    return tuple(
        facet for facet in FACETS if facet.level is level and (scripted is None or facet.is_scripted is scripted)
    )
