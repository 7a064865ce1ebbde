"""The facts of a listing, one row each: the table that defines columns, taxonomies, panels, checklist and manual.

To add a fact, add its field on the model, a migration, and a row here (CONTRIBUTING.md, "A new fact of a listing").
`manage.py check` reports a field without a row, and a row without a field.

Order matters: files, forms and the open data list the facts in the order of this table.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

from django.db.models import Field, Model
from django.utils.translation import gettext_lazy as _

from core.languages.lazy import StrOrPromise
from core.languages.names import joined
from core.publishing.approval import AllowedChange, Content, freely
from helpline.records.laws import CountryLaw
from helpline.records.programmes import ContactPoint, Programme
from helpline.records.support_lines import SupportLine
from helpline.vocabulary import codes, regions

# --- What one person may change in a published record -----------------------------------------


def by_closing(before: Content, after: Content) -> bool:
    """Allow a value that belongs to a closed listing: opening it again takes two people."""
    return after["status"] in codes.CLOSED_STATUSES


def by_alerting(before: Content, after: Content) -> bool:
    """Allow another alert: removing it takes two people."""
    return after["alert"] != codes.Alert.NONE


def by_emptying_the_note(before: Content, after: Content) -> bool:
    """Allow no note, which another alert may contradict: writing one takes two people."""
    return not after["alert_note"] and by_alerting(before, after)


def by_leaving_countries(before: Content, after: Content) -> bool:
    """Allow fewer countries, but at least one."""
    return set() < set(json.loads(after["countries"])) < set(json.loads(before["countries"]))


class Whose(Enum):
    """Source of a fact, which decides where it may be used."""

    SERVICE = "service"  # the service itself: files may state it, and the open data include it
    STATE = "state"  # the present state of the listing: files may state it, people here decide it
    CHECK = "check"  # the check made here: published, never taken from a file
    STAFF = "staff"  # notes of the people who maintain the listings: never leave the admin in a file


class OnCard(Enum):
    """Appearance of a fact on the card of a listing."""

    NONE = "none"  # not at all
    OWN = "own"  # in its own place and wording (`helpline/finder/content/`)
    LINE = "line"  # as a line with its label and value, if it has one


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Group of fields on the form in the admin.

    Without a heading, the fields are not grouped.
    """

    name: str
    tab: StrOrPromise
    heading: StrOrPromise = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingFact:
    """Fact of one kind of record.

    Its label is that of the model field.
    """

    name: str  # the field
    model: type[Model]
    whose: Whose = Whose.SERVICE
    # For a coded fact: a class of choices, or a function that returns pairs of code and name.
    vocabulary: Any = None
    many: bool = False  # a list of codes
    points: tuple[str, ...] = ()  # the points of the listing policy to answer again when it changes
    column: str = ""  # in our CSV files; empty if it is part of another column, or of `contact_points`
    term: str = ""  # in HSDS: the key of its taxonomy, if that is not its own name
    hsds: bool = True  # whether HSDS needs it as an attribute: false if the standard has a field for it
    # Whether people can dial it or write to it: hidden with the contact details.
    is_contact_detail: bool = False
    section: str = ""  # the section of the form in the admin
    row: str = ""  # facts of one row are shown side by side
    latin: bool = False  # written from left to right, in every language of the admin
    card: OnCard = OnCard.NONE
    # How one person may change it in a published record: state in codes and dates, never words or a contact detail.
    # Without it, each change takes two people.
    allowed_change: AllowedChange | None = None

    @property
    def field(self) -> Field[Any, Any]:
        return self.model._meta.get_field(self.name)  # type: ignore[return-value]

    @property
    def label(self) -> str:
        return str(self.field.verbose_name)

    @property
    def key(self) -> str:
        """Return its key in HSDS."""
        return self.term or self.name

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Return pairs of code and name in the active language, or none if the fact is not coded."""
        if self.vocabulary is None:
            return []
        listed: Callable[[], list[tuple[str, str]]] | None = (
            None if hasattr(self.vocabulary, "choices") else self.vocabulary
        )
        return listed() if listed else [(code, str(label)) for code, label in self.vocabulary.choices]

    def in_words(self, value: object) -> str:
        """Return a value in words of the active language, or an empty string if it is not known."""
        if value in (None, "", [], codes.YesNo.UNKNOWN):
            return ""
        names = dict(self.choices)
        codes_said = map(str, value if isinstance(value, list) else [value])
        return joined(names.get(code, code) for code in codes_said)


MAIN, CONTACT, TOLD, CHECK = _("Facts"), _("Contact"), _("Who they may inform"), _("Check")
SECTIONS = {
    section.name: section
    for section in (
        Section(name="who", tab=MAIN, heading=_("Who")),
        Section(name="where", tab=MAIN, heading=_("Where")),
        Section(name="audience", tab=MAIN, heading=_("Audience")),
        Section(name="terms", tab=MAIN),
        Section(name="line", tab=MAIN),
        Section(name="place", tab=MAIN, heading=_("Where")),
        Section(name="duty", tab=MAIN, heading=_("What it says")),
        Section(name="cited", tab=MAIN, heading=_("The law itself")),
        Section(name="way", tab=CONTACT),
        Section(name="dialled", tab=CONTACT, heading=_("Phone or text message")),
        Section(name="answer", tab=CONTACT),
        Section(name="told", tab=TOLD),
        Section(name="state", tab=CHECK, heading=_("State")),
        Section(name="check", tab=CHECK, heading=_("Check")),
        Section(name="source", tab=CHECK, heading=_("Where it came from")),
        Section(name="note", tab=CHECK),
    )
}


def _shared(model: type[Model]) -> tuple[ListingFact, ...]:
    """Return the facts that all kinds of listing have in common, as far as this kind has them."""
    rows: tuple[dict[str, Any], ...] = (
        {"name": "source_url", "column": "source_url", "section": "source", "card": OnCard.OWN},
        {"name": "source_seen", "column": "source_seen", "section": "source"},
        {
            "name": "confidence", "column": "confidence", "vocabulary": codes.Confidence, "section": "source",
        },
        {
            "name": "status", "whose": Whose.STATE, "column": "status", "vocabulary": codes.Status, "hsds": False,
            "points": ("contact", "hours"), "section": "state", "card": OnCard.OWN, "allowed_change": by_closing,
        },
        {
            "name": "closed_until", "whose": Whose.STATE, "column": "closed_until", "section": "state",
            "card": OnCard.OWN, "allowed_change": by_closing,
        },
        {"name": "delisted_reason", "whose": Whose.STAFF, "section": "state", "allowed_change": freely},
        {
            "name": "alert", "whose": Whose.STATE, "column": "alert", "vocabulary": codes.Alert, "section": "state",
            "card": OnCard.OWN, "allowed_change": by_alerting,
        },
        {
            "name": "alert_note", "whose": Whose.STATE, "column": "alert_note", "section": "state", "card": OnCard.OWN,
            "allowed_change": by_emptying_the_note,
        },
        {
            "name": "checked_on", "whose": Whose.CHECK, "column": "checked_on", "hsds": False, "section": "check",
            "card": OnCard.OWN, "allowed_change": freely,
        },
        {"name": "checked_source", "whose": Whose.STAFF, "section": "check", "card": OnCard.OWN},
        {
            "name": "next_check_due", "whose": Whose.CHECK, "column": "next_check_due", "hsds": False,
            "section": "check", "allowed_change": freely,
        },
    )  # fmt: skip
    fields = {field.name for field in model._meta.concrete_fields}
    return tuple(ListingFact(model=model, **row) for row in rows if row["name"] in fields)


PROGRAMME = (
    ListingFact(
        name="name", model=Programme, points=("organisation", "no_forum"), column="name", hsds=False, section="who",
        card=OnCard.OWN,
    ),
    ListingFact(
        name="operator", model=Programme, points=("organisation", "child_protection", "confidentiality", "no_forum"),
        column="operator", hsds=False, section="who", card=OnCard.OWN,
    ),
    ListingFact(
        name="part_of", model=Programme, points=("organisation",), column="part_of", section="who", card=OnCard.OWN,
    ),
    ListingFact(
        name="operator_type", model=Programme, vocabulary=codes.OperatorType,
        points=("organisation", "child_protection", "confidentiality", "no_forum"), column="operator_type",
        section="who",
    ),
    ListingFact(
        name="audiences", model=Programme, vocabulary=codes.Audience, many=True, points=("not_for",), column="audience",
        term="audience", section="audience", card=OnCard.OWN,
    ),
    ListingFact(
        name="not_for", model=Programme, vocabulary=codes.NotFor, many=True, points=("not_for",), column="not_for",
        section="audience", card=OnCard.OWN,
    ),
    ListingFact(
        name="suitable_for", model=Programme, vocabulary=codes.SuitableFor, many=True, points=("not_for",),
        column="suitable_for", section="audience", card=OnCard.LINE,
    ),
    ListingFact(
        name="minimum_age", model=Programme, points=("not_for",), column="from_age", hsds=False, section="audience",
        row="ages", card=OnCard.OWN,
    ),
    ListingFact(
        name="maximum_age", model=Programme, points=("not_for",), column="to_age", hsds=False, section="audience",
        row="ages", card=OnCard.OWN,
    ),
    ListingFact(
        name="countries", model=Programme, vocabulary=codes.countries, many=True, points=("not_for",), column="country",
        hsds=False, section="where", card=OnCard.OWN,
    ),
    ListingFact(
        name="reach", model=Programme, vocabulary=codes.Reach, points=("not_for",), section="where", card=OnCard.OWN,
    ),
    ListingFact(
        name="regions", model=Programme, vocabulary=regions.choices, many=True, points=("not_for",), section="where",
        card=OnCard.OWN,
    ),
    ListingFact(name="region", model=Programme, points=("not_for",), section="where", card=OnCard.OWN),
    ListingFact(
        name="website", model=Programme, points=("organisation", "no_forum"), column="website", section="who",
        latin=True, card=OnCard.OWN,
    ),
    ListingFact(
        name="cost", model=Programme, vocabulary=codes.Cost, points=("cost",), column="cost", section="terms",
        row="terms", card=OnCard.OWN,
    ),
    ListingFact(
        name="anonymous", model=Programme, vocabulary=codes.YesNo, points=("confidentiality",), column="anonymous",
        section="told", row="who_asks", card=OnCard.OWN,
    ),
    ListingFact(
        name="asks", model=Programme, vocabulary=codes.Asks, points=("confidentiality",), column="asks", section="told",
        row="who_asks", card=OnCard.OWN,
    ),
    ListingFact(
        name="confidentiality", model=Programme, vocabulary=codes.Confidentiality,
        points=("confidentiality", "reporting"), column="confidentiality", section="told", card=OnCard.OWN,
    ),
    ListingFact(
        name="reporting_trigger", model=Programme, vocabulary=codes.Trigger, points=("reporting",),
        column="reporting_trigger", section="told", card=OnCard.OWN,
    ),
    ListingFact(
        name="legal_basis", model=Programme, points=("reporting",), column="legal_basis", section="told",
        card=OnCard.OWN,
    ),
    ListingFact(
        name="confidentiality_reviewer", model=Programme, points=("reporting",), column="confidentiality_reviewer",
        section="told", row="reviewed", card=OnCard.OWN,
    ),
    ListingFact(
        name="confidentiality_reviewed_on", model=Programme, points=("reporting",),
        column="confidentiality_reviewed_on", section="told", row="reviewed", card=OnCard.OWN,
    ),
    ListingFact(
        name="evidence", model=Programme, vocabulary=codes.Evidence, column="evidence", section="terms", row="terms",
        card=OnCard.LINE,
    ),
    *_shared(Programme),
)  # fmt: skip

CONTACT_POINT = (
    ListingFact(
        name="channel", model=ContactPoint, vocabulary=codes.Channel, points=("human", "contact"), section="way",
        card=OnCard.OWN,
    ),
    ListingFact(
        name="number", model=ContactPoint, points=("contact",), is_contact_detail=True, section="dialled", latin=True,
        card=OnCard.OWN,
    ),
    ListingFact(
        name="number_country", model=ContactPoint, vocabulary=codes.countries, points=("contact",),
        is_contact_detail=True, section="dialled", row="number",
    ),
    ListingFact(
        name="number_written", model=ContactPoint, points=("contact",), is_contact_detail=True, section="dialled",
        row="number", latin=True, card=OnCard.OWN,
    ),
    ListingFact(
        name="number_from_abroad", model=ContactPoint, points=("contact",), is_contact_detail=True, section="dialled",
        latin=True, card=OnCard.OWN,
    ),
    ListingFact(
        name="email", model=ContactPoint, points=("contact",), is_contact_detail=True, section="answer",
        card=OnCard.OWN,
    ),
    ListingFact(
        name="url", model=ContactPoint, points=("no_forum", "contact"), section="answer", latin=True, card=OnCard.OWN,
    ),
    ListingFact(name="address", model=ContactPoint, points=("contact",), section="answer", card=OnCard.OWN),
    ListingFact(
        name="languages", model=ContactPoint, vocabulary=codes.languages, many=True, points=("hours",), hsds=False,
        section="answer", card=OnCard.OWN,
    ),
    ListingFact(
        name="opening_hours", model=ContactPoint, points=("hours",), section="answer", latin=True, card=OnCard.OWN,
    ),
    ListingFact(
        name="timezone", model=ContactPoint, points=("hours",), section="answer", latin=True, card=OnCard.OWN,
    ),
    ListingFact(
        name="sees", model=ContactPoint, vocabulary=codes.Sees, many=True, points=("reporting",), section="answer",
        card=OnCard.OWN,
    ),
    ListingFact(
        name="cost", model=ContactPoint, vocabulary=codes.Cost, points=("cost",), term="contact_cost", section="answer",
        row="cost", card=OnCard.OWN,
    ),
    ListingFact(
        name="from_abroad", model=ContactPoint, vocabulary=codes.YesNo, section="answer", row="cost", card=OnCard.OWN,
    ),
    ListingFact(
        name="on_bill", model=ContactPoint, vocabulary=codes.YesNo, points=("cost",), section="answer", row="call",
        card=OnCard.OWN,
    ),
    ListingFact(
        name="answerphone", model=ContactPoint, vocabulary=codes.YesNo, points=("human",), section="answer", row="call",
        card=OnCard.OWN,
    ),
    ListingFact(
        name="interpreter", model=ContactPoint, vocabulary=codes.YesNo, points=("hours",), section="answer", row="call",
        card=OnCard.OWN,
    ),
    ListingFact(
        name="interpreter_languages", model=ContactPoint, vocabulary=codes.languages, many=True, points=("hours",),
        section="answer", card=OnCard.OWN,
    ),
    ListingFact(
        name="interpreter_count", model=ContactPoint, points=("hours",), section="answer", card=OnCard.OWN,
    ),
)  # fmt: skip

SUPPORT_LINE = (
    ListingFact(
        name="kind", model=SupportLine, vocabulary=codes.LineKind, points=("kind",), column="kind", section="line",
        card=OnCard.OWN,
    ),
    ListingFact(
        name="about", model=SupportLine, vocabulary=codes.LineTopic, points=("kind",), column="about", section="line",
        card=OnCard.OWN,
    ),
    ListingFact(
        name="name", model=SupportLine, points=("organisation", "no_forum"), column="name", section="line",
        card=OnCard.OWN,
    ),
    ListingFact(
        name="countries", model=SupportLine, vocabulary=codes.countries, many=True, points=("contact", "kind"),
        column="country", section="line", card=OnCard.OWN, allowed_change=by_leaving_countries,
    ),
    ListingFact(
        name="number", model=SupportLine, points=("contact",), column="phone", is_contact_detail=True, section="line",
        row="number", latin=True, card=OnCard.OWN,
    ),
    ListingFact(
        name="number_written", model=SupportLine, points=("contact",), column="phone_written", is_contact_detail=True,
        section="line", row="number", latin=True, card=OnCard.OWN,
    ),
    ListingFact(
        name="number_from_abroad", model=SupportLine, points=("contact",), column="phone_from_abroad",
        is_contact_detail=True, section="line", latin=True, card=OnCard.OWN,
    ),
    ListingFact(
        name="website", model=SupportLine, points=("organisation", "no_forum"), column="website", section="line",
        latin=True, card=OnCard.OWN,
    ),
    ListingFact(
        name="languages", model=SupportLine, vocabulary=codes.languages, many=True, points=("hours",),
        column="languages", section="line", card=OnCard.OWN,
    ),
    ListingFact(
        name="opening_hours", model=SupportLine, points=("hours",), column="hours", section="line", latin=True,
        card=OnCard.OWN,
    ),
    ListingFact(
        name="timezone", model=SupportLine, points=("hours",), column="timezone", section="line", latin=True,
        card=OnCard.OWN,
    ),
    *_shared(SupportLine),
)  # fmt: skip

COUNTRY_LAW = (
    ListingFact(
        name="country", model=CountryLaw, vocabulary=codes.countries, points=("in_force",), column="country",
        section="place", row="place", card=OnCard.OWN,
    ),
    ListingFact(
        name="part", model=CountryLaw, vocabulary=codes.LawPart, points=("in_force",), column="part", section="place",
        row="place", card=OnCard.OWN,
    ),
    ListingFact(
        name="who_must_report", model=CountryLaw, vocabulary=codes.ReportingDuty, points=("in_force", "may_and_must"),
        column="who_must_report", section="duty", card=OnCard.OWN,
    ),
    ListingFact(
        name="trigger", model=CountryLaw, vocabulary=codes.DutyTrigger, points=("in_force", "may_and_must"),
        column="trigger", section="duty", card=OnCard.OWN,
    ),
    ListingFact(
        name="secrecy", model=CountryLaw, vocabulary=codes.SecrecyRule, points=("in_force", "may_and_must"),
        column="secrecy", section="duty", card=OnCard.OWN,
    ),
    ListingFact(
        name="to_whom", model=CountryLaw, vocabulary=codes.Authority, many=True, points=("in_force",), column="to_whom",
        section="duty", card=OnCard.OWN,
    ),
    ListingFact(
        name="may_have_changed", model=CountryLaw, vocabulary=codes.YesNo, points=("in_force",),
        column="may_have_changed", section="duty", card=OnCard.OWN,
    ),
    ListingFact(name="law", model=CountryLaw, points=("in_force",), column="law", section="cited", card=OnCard.OWN),
    ListingFact(
        name="article", model=CountryLaw, points=("in_force",), column="article", section="cited", card=OnCard.OWN,
    ),
    ListingFact(name="law_url", model=CountryLaw, column="law_url", section="cited", latin=True, card=OnCard.OWN),
    ListingFact(
        name="reviewer", model=CountryLaw, points=("in_force",), column="reviewer", section="check", card=OnCard.OWN,
    ),
    ListingFact(name="staff_note", model=CountryLaw, whose=Whose.STAFF, section="note"),
    *_shared(CountryLaw),
)  # fmt: skip

TABLES: dict[type[Model], tuple[ListingFact, ...]] = {
    Programme: PROGRAMME,
    ContactPoint: CONTACT_POINT,
    SupportLine: SUPPORT_LINE,
    CountryLaw: COUNTRY_LAW,
}


def for_model(model: type[Model]) -> tuple[ListingFact, ...]:
    """Return the facts of a kind of record, in order, or none for a model without facts (the texts of a programme)."""
    return TABLES.get(model, ())


@cache
def by_name(model: type[Model]) -> dict[str, ListingFact]:
    return {fact.name: fact for fact in for_model(model)}


def one_person_changes(model: type[Model]) -> Mapping[str, AllowedChange]:
    """Return how one person may change the facts of a published record, by field (`core.publishing.approval`)."""
    return {fact.name: fact.allowed_change for fact in for_model(model) if fact.allowed_change is not None}


def names(model: type[Model], *, whose: Whose | None = None, is_contact_detail: bool | None = None) -> tuple[str, ...]:
    """Return the names of the facts of a kind of record.

    They can be filtered by their source and by whether they are contact details.
    """
    return tuple(
        fact.name
        for fact in for_model(model)
        if (whose is None or fact.whose is whose)
        and (is_contact_detail is None or fact.is_contact_detail is is_contact_detail)
    )
