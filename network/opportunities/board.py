"""Needs and offers as readers see them: the list with what can be chosen, and one of them."""

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
    """One opportunity for a reader: with what they see of its owner. `categories`: heading → names."""

    opportunity: Opportunity
    owner: profiles.Profile
    categories: list[tuple[str, list[str]]]

    @property
    def description(self) -> str:
        return shortened(self.opportunity.text)

    @property
    def facts(self) -> list[tuple[str, list[str]]]:
        """Everything that is chosen: heading → names."""
        found = self.opportunity
        spoken = sorted(map(names.language_name, found.languages), key=names.sort_key)
        where = [(_("Country"), [names.country_name(found.country)])] if found.country else []
        return [*self.categories, (_("Languages"), spoken), *where]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityCard:
    """An opportunity in the list. `codes`: letter of a question → codes of the answers, for the style sheet."""

    reading: OpportunityReading
    codes: list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """All open opportunities that an audience sees, newest first."""

    cards: list[OpportunityCard]
    facets: list[ListFilter]


def board(audience: DetailAudience, reader: Member | None = None) -> Board:
    """Return the list in the active language; for a reader, without what those between whom and them there is a block have posted. The number of queries does not depend on how many opportunities there are."""
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
        ListFilter(
            code=letter, question=question, choices=[(number, name) for number, name, _code in numbered]
        )
        for letter, question, numbered in choices
    ]
    return Board(cards=cards, facets=facets)


def find(uuid: UUID, audience: DetailAudience, reader: Member | None = None) -> OpportunityReading | None:
    """Return an open opportunity that the audience sees, in the active language; None if there is none."""
    opportunity = _seen_by(audience, reader).for_showing().filter(uuid=uuid).first()
    return reading(opportunity, audience) if opportunity is not None else None


def reading(opportunity: Opportunity, audience: DetailAudience) -> OpportunityReading:
    """Return an opportunity as an audience reads it, open or not. One query."""
    return readings([opportunity], audience)[0]


def readings(found: Iterable[Opportunity], audience: DetailAudience) -> list[OpportunityReading]:
    """Return opportunities as an audience reads them, in the active language. One query."""
    known = vocabulary(translation.get_language())
    return [_reading(opportunity, known, audience) for opportunity in found]


def _seen_by(audience: DetailAudience, reader: Member | None) -> OpportunityQuerySet:
    found = (
        Opportunity.objects.public() if audience == DetailAudience.EVERYBODY else Opportunity.objects.open()
    )
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


# --- What can be chosen ----------------------------------------------------------------------------------------------------


def _codes(opportunity: Opportunity, letter: str) -> list[str]:
    """Return the codes of an opportunity that answer the question with this letter."""
    return {
        "k": [opportunity.kind],
        "w": [opportunity.subject],
        "f": opportunity.expertise,
        "p": opportunity.populations,
        "s": opportunity.languages,
        "c": [opportunity.country],
    }[letter]


def _choices(
    found: list[Opportunity], known: Vocabulary
) -> Iterator[tuple[str, str, list[tuple[str, str, str]]]]:
    """Yield (letter, question, [(code in the style sheet, name, code)]): only answers that some opportunity gives, and only questions with several."""
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
