"""Practices as visitors see them: the list with its filters, and single practices."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.http import public_url
from core.languages import names
from core.publishing.sharing import shortened
from helpline import directory
from network.filter_styles import MOST_COUNTRIES, MOST_POPULATIONS
from network.members.models import Member
from network.practices.codes import GROUPS, EvidenceRating, PracticeOutcome, all_named
from network.practices.evidence import EvidenceCriterion, EvidenceReview
from network.practices.models import Practice, PracticeMember, PracticeText
from network.vocabulary.details import Detail


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFinding:
    """Evidence for one outcome of a practice: the rating, and its basis."""

    review: EvidenceReview
    criteria: list[EvidenceCriterion]
    is_expired: bool

    @property
    def rating(self) -> EvidenceRating:
        return EvidenceRating(self.review.rating)

    @property
    def outcome(self) -> str:
        return str(PracticeOutcome(self.review.outcome).label)

    @property
    def code(self) -> str:
        """Return the code for filtering the list.

        An expired rating counts as none.
        """
        return "expired" if self.is_expired else str(self.review.rating)

    @property
    def weighed(self) -> str:
        """Return a sentence about how the rating was decided."""
        if self.review.is_by_third:
            return _("Two reviewers disagreed, and a third decided.")
        return _("Two reviewers agreed.")

    @property
    def references(self) -> list[str]:
        return self.review.references.splitlines()


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeCard:
    """A practice in the list.

    `text` is in the visitor's language or in the nearest one.
    """

    practice: Practice
    text: PracticeText
    findings: list[EvidenceFinding]
    # Names of the groups of people that it is for.
    populations: str
    # Positions of these groups, and of its countries, among the choices of the filters above the list.
    population_numbers: list[int]
    country_numbers: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFilter:
    """A filter above the list: its letter in the style sheet, its question, and (code, name) of the choices."""

    code: str
    question: str
    choices: list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """All practices in one language, current ones first."""

    cards: list[PracticeCard]
    facets: list[ListFilter]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedMember:
    """A member who shows their name to the public.

    `path` is empty without a page.
    """

    name: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeReading:
    """One practice, for visitors with one language."""

    practice: Practice
    text: PracticeText
    findings: list[EvidenceFinding]
    listings: list[directory.ListedPage]
    runs: list[NamedMember]
    studies: list[NamedMember]
    # Names of the groups of people that it is for.
    populations: list[str]
    # Heading → names of the practice's codes.
    facts: list[tuple[str, list[str]]]

    @property
    def description(self) -> str:
        return shortened(self.text.summary)

    @property
    def cost(self) -> str:
        """Return the cost for each person, formatted for the active language."""
        cost = self.practice.cost
        return "" if cost is None else number_format(cost, force_grouping=True)

    @property
    def words(self) -> list[str]:
        """Return all texts except title and summary."""
        return [said for name, said in self.text.words().items() if said and name not in ("title", "summary")]

    @property
    def linked_data(self) -> dict[str, Any]:
        """Describe it in the vocabulary of schema.org.

        Expired ratings are left out.
        """
        practice = self.practice
        return {
            "@context": "https://schema.org",
            "@type": "Service",
            "@id": f"urn:uuid:{practice.uuid}",
            "name": self.text.title,
            "description": self.text.summary,
            "inLanguage": self.text.language,
            "availableLanguage": practice.languages,
            "areaServed": [{"@type": "Country", "identifier": code.upper()} for code in practice.countries],
            "audience": [{"@type": "Audience", "audienceType": name} for name in self.populations],
            "provider": [
                {"@type": "Organization", "name": each.name, "url": public_url(each.path)} for each in self.listings
            ],
            "review": [
                {
                    "@type": "Review",
                    "reviewAspect": finding.outcome,
                    "reviewBody": f"{finding.rating.label}. {finding.rating.meaning}",
                    "datePublished": finding.review.decided_on,
                }
                for finding in self.findings
                if not finding.is_expired
            ],
        }


def registry(language: str) -> Registry:
    """Return the list.

    The number of queries does not depend on the number of practices.
    """
    practices = [*Practice.objects.public().for_showing()]
    criteria = EvidenceCriterion.objects.named(language)
    today = timezone.localdate()
    countries = sorted(
        {code for practice in practices for code in practice.countries},
        key=lambda code: names.sort_key(names.country_name(code, language)),
    )[:MOST_COUNTRIES]
    named = all_named(language)
    used = {code for practice in practices for code in practice.populations}
    populations = [code for code in named["populations"] if code in used][:MOST_POPULATIONS]
    country_numbers, population_numbers = (
        {code: number for number, code in enumerate(codes, start=1)} for codes in (countries, populations)
    )
    cards = [
        PracticeCard(
            practice=practice,
            text=text,
            findings=findings_of(practice, criteria, today),
            populations=" · ".join(_names_of(practice.populations, named["populations"])),
            population_numbers=[
                population_numbers[code] for code in practice.populations if code in population_numbers
            ],
            country_numbers=[country_numbers[code] for code in practice.countries if code in country_numbers],
        )
        for practice in practices
        if (text := practice.text_in(language)) is not None
    ]
    cards.sort(key=lambda card: (card.practice.archived_at is not None, names.sort_key(card.text.title)))
    return Registry(cards=cards, facets=[*_facets(cards, language, countries, populations, named)])


def _facets(
    cards: list[PracticeCard],
    language: str,
    countries: list[str],
    populations: list[str],
    named: Mapping[str, Mapping[str, str]],
) -> Iterator[ListFilter]:
    """Yield the filters: only choices that some practice has, and only filters with more than one."""
    found = [finding for card in cards for finding in card.findings]
    codes = {finding.code for finding in found}
    ratings = [(rating.value, str(rating.label)) for rating in EvidenceRating if rating in codes]
    if "expired" in codes:
        ratings.append(("expired", pgettext("evidence", "Expired")))
    outcomes = {finding.review.outcome for finding in found}
    offered = [
        (
            "p",
            _("Audience"),
            [(str(n), named["populations"][code]) for n, code in enumerate(populations, 1)],
        ),
        ("l", pgettext("question", "When"), _used("levels", cards, named)),
        ("m", pgettext("question: how a practice reaches people", "How"), _used("modes", cards, named)),
        (
            "c",
            _("Country"),
            [(str(n), names.country_name(code, language)) for n, code in enumerate(countries, 1)],
        ),
        ("o", _("What for"), [(each.value, str(each.label)) for each in PracticeOutcome if each in outcomes]),
        ("e", _("Evidence"), ratings),
    ]
    for code, question, choices in offered:
        if len(choices) > 1:
            yield ListFilter(code=code, question=question, choices=choices)


def _used(group: str, cards: list[PracticeCard], named: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str]]:
    used = {code for card in cards for code in getattr(card.practice, group)}
    return [(code, name) for code, name in named[group].items() if code in used]


def find(uuid: UUID, language: str) -> PracticeReading | None:
    """Return a public practice in a language, or None if there is none or it has no text."""
    practice = Practice.objects.public().for_showing().filter(uuid=uuid).first()
    text = practice.text_in(language) if practice is not None else None
    return view_of(practice, text, language) if practice is not None and text is not None else None


def view_of(practice: Practice, text: PracticeText, language: str) -> PracticeReading:
    pages = directory.listed_pages(practice.listings, language) if practice.listings else []
    return _reading(practice, text, language, EvidenceCriterion.objects.named(language), all_named(language), pages)


def readings(practices: Iterable[Practice], language: str) -> list[PracticeReading]:
    """Return practices in a language, without those that have no text.

    The number of queries does not depend on their number.
    """
    practices = list(practices)
    criteria, named = EvidenceCriterion.objects.named(language), all_named(language)
    wanted = {uuid for practice in practices for uuid in practice.listings}
    pages = directory.listed_pages(wanted, language) if wanted else []
    return [
        _reading(practice, text, language, criteria, named, pages)
        for practice in practices
        if (text := practice.text_in(language)) is not None
    ]


def _reading(
    practice: Practice,
    text: PracticeText,
    language: str,
    criteria: Mapping[str, EvidenceCriterion],
    named: Mapping[str, Mapping[str, str]],
    pages: Iterable[directory.ListedPage],
) -> PracticeReading:
    people = [(each.part, each.member) for each in practice.people.all() if is_named(each.member)]
    return PracticeReading(
        practice=practice,
        text=text,
        findings=findings_of(practice, criteria, timezone.localdate()),
        listings=[page for page in pages if page.uuid in practice.listings],
        runs=[_member(member, language) for part, member in people if part == PracticeMember.Part.RUNS],
        studies=[_member(member, language) for part, member in people if part == PracticeMember.Part.STUDIES],
        populations=_names_of(practice.populations, named["populations"]),
        facts=[*_facts(practice, language, named)],
    )


def findings_of(practice: Practice, criteria: Mapping[str, EvidenceCriterion], today: dt.date) -> list[EvidenceFinding]:
    """Return the newest rating of each outcome, in the order of the outcomes.

    Uses the prefetched reviews.
    """
    newest: dict[str, EvidenceReview] = {}
    for review in sorted(practice.reviews.all(), key=lambda each: each.pk, reverse=True):
        if not review.is_open:
            newest.setdefault(review.outcome, review)
    return [
        EvidenceFinding(
            review=newest[outcome],
            criteria=[criteria[code] for code in newest[outcome].criteria if code in criteria],
            is_expired=newest[outcome].is_expired(today),
        )
        for outcome in PracticeOutcome.values
        if outcome in newest
    ]


def is_named(member: Member) -> bool:
    """Return whether a member currently shows their name to the public."""
    return member.state == member.State.LISTED and member.shows(Detail.NAME)


def _member(member: Member, language: str) -> NamedMember:
    path = f"/{language}/network/{member.uuid}/" if member.has_public_page else ""
    return NamedMember(name=member.name, path=path)


def _facts(
    practice: Practice, language: str, named: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, list[str]]]:
    for group in GROUPS:
        if codes := getattr(practice, group):
            heading = str(Practice._meta.get_field(group).verbose_name)
            yield heading, _names_of(codes, named[group])
    if practice.languages:
        spoken = [code for code in practice.languages if code in settings.LANGUAGE_TABLE]
        yield _("Languages"), [names.language_name(code, language) for code in spoken]
    if practice.countries:
        where = [names.country_name(code, language) for code in practice.countries]
        yield _("Countries"), sorted(where, key=names.sort_key)


def _names_of(chosen: Collection[str], names_of_codes: Mapping[str, str]) -> list[str]:
    """Return the names of codes in the order of the vocabulary, without unknown codes."""
    return [name for code, name in names_of_codes.items() if code in chosen]
