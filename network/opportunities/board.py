"""Needs and offers as visitors see them: the list with its filters, and single ones."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from core.languages import names
from core.publishing.sharing import shortened
from network.filter_styles import MOST_COUNTRIES, MOST_FIELDS, MOST_LANGUAGES, MOST_POPULATIONS
from network.members import profiles
from network.members.models import Member
from network.messages.models import MemberBlock
from network.opportunities.models import (
    CATEGORIES,
    Opportunity,
    OpportunityKind,
    OpportunityQuerySet,
    OpportunitySubject,
)
from network.practices.registry import ListFilter
from network.vocabulary.details import CategoryGroup, DetailAudience
from network.vocabulary.models import Vocabulary, vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityReading:
    """One opportunity for an audience, with the visible profile of its owner.

    `categories`: heading → names.
    """

    opportunity: Opportunity
    owner: profiles.Profile
    categories: list[tuple[str, list[str]]]

    @property
    def description(self) -> str:
        return shortened(self.opportunity.text)

    @property
    def facts(self) -> list[tuple[str, list[str]]]:
        """Return all chosen values: heading → names."""
        found = self.opportunity
        spoken = sorted(map(names.language_name, found.languages), key=names.sort_key)
        where = [(_("Country"), [names.country_name(found.country)])] if found.country else []
        return [*self.categories, (_("Languages"), spoken), *where]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityCard:
    """An opportunity in the list.

    `codes`: letter of a filter → codes of the choices, for the style sheet.
    """

    reading: OpportunityReading
    codes: list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """All open opportunities that an audience sees, newest first."""

    cards: list[OpportunityCard]
    facets: list[ListFilter]


def board(audience: DetailAudience, reader: Member | None = None) -> Board:
    """Return the list in the active language.

    For a member, opportunities of members with a block in either direction are left out.

    The number of queries does not depend on the number of opportunities.
    """
    found = [*_seen_by(audience, reader).for_showing()]
    known = vocabulary(translation.get_language())
    choices = [*_choices(found, known)]
    cards = [
        OpportunityCard(
            reading=_reading(opportunity, known, audience),
            codes=[
                (letter, " ".join(number for number, _name, code in numbered if code in own))
                for letter, _question, numbered in choices
                for own in [_codes(opportunity, letter)]
            ],
        )
        for opportunity in found
    ]
    facets = [
        ListFilter(code=letter, question=question, choices=[(number, name) for number, name, _code in numbered])
        for letter, question, numbered in choices
    ]
    return Board(cards=cards, facets=facets)


def find(uuid: UUID, audience: DetailAudience, reader: Member | None = None) -> OpportunityReading | None:
    """Return an open opportunity that the audience sees, in the active language, or None."""
    opportunity = _seen_by(audience, reader).for_showing().filter(uuid=uuid).first()
    return reading(opportunity, audience) if opportunity is not None else None


def reading(opportunity: Opportunity, audience: DetailAudience) -> OpportunityReading:
    """Return an opportunity as an audience sees it, open or not.

    One query.
    """
    return readings([opportunity], audience)[0]


def readings(found: Iterable[Opportunity], audience: DetailAudience) -> list[OpportunityReading]:
    """Return opportunities as an audience sees them, in the active language.

    One query.
    """
    known = vocabulary(translation.get_language())
    return [_reading(opportunity, known, audience) for opportunity in found]


def _seen_by(audience: DetailAudience, reader: Member | None) -> OpportunityQuerySet:
    found = Opportunity.objects.public() if audience == DetailAudience.EVERYBODY else Opportunity.objects.open()
    return found.not_of(MemberBlock.objects.others_of(reader)) if reader is not None else found


def _reading(opportunity: Opportunity, known: Vocabulary, audience: DetailAudience) -> OpportunityReading:
    return OpportunityReading(
        opportunity=opportunity,
        owner=profiles.BY_AUDIENCE[audience](opportunity.owner, known),
        categories=[*_categories(opportunity, known)],
    )


def _categories(opportunity: Opportunity, known: Vocabulary) -> Iterator[tuple[str, list[str]]]:
    for column, group in CATEGORIES.items():
        if found := known.labels(group, getattr(opportunity, column)):
            yield str(CategoryGroup(group).label), [*found]


# --- Filters ------------------------------------------------------------------------------------------------


def _codes(opportunity: Opportunity, letter: str) -> list[str]:
    """Return the codes of an opportunity for the filter with this letter."""
    return {
        "k": [opportunity.kind],
        "w": [opportunity.subject],
        "f": opportunity.expertise,
        "p": opportunity.populations,
        "s": opportunity.languages,
        "c": [opportunity.country],
    }[letter]


def _choices(found: list[Opportunity], known: Vocabulary) -> Iterator[tuple[str, str, list[tuple[str, str, str]]]]:
    """Yield (letter, question, [(code in the style sheet, name, code)]) of the filters.

    Only choices that some opportunity has, and only filters with several choices.
    """
    countries = {opportunity.country for opportunity in found if opportunity.country}
    spoken = {code for opportunity in found for code in opportunity.languages}
    offered = (
        ("k", _("Need or offer"), dict(OpportunityKind.choices), 0),
        ("w", _("About"), dict(OpportunitySubject.choices), 0),
        ("f", _("Field of work"), known.names[CategoryGroup.FIELD], MOST_FIELDS),
        ("p", _("Audience"), known.names[CategoryGroup.POPULATION], MOST_POPULATIONS),
        ("s", _("Language"), _sorted({code: names.language_name(code) for code in spoken}), MOST_LANGUAGES),
        ("c", _("Country"), _sorted({code: names.country_name(code) for code in countries}), MOST_COUNTRIES),
    )
    for letter, question, named, most in offered:
        used = {code for opportunity in found for code in _codes(opportunity, letter)}
        answers = [(code, str(name)) for code, name in named.items() if code in used]
        if most:  # categories, countries and languages are numbered
            numbered = [(str(number), name, code) for number, (code, name) in enumerate(answers[:most], 1)]
        else:
            numbered = [(code, name, code) for code, name in answers]
        if len(numbered) > 1:
            yield letter, question, numbered


def _sorted(named: dict[str, str]) -> dict[str, str]:
    return dict(sorted(named.items(), key=lambda item: names.sort_key(item[1])))
