"""Takes in programmes and support lines from CSV files, as unverified drafts.

A row is known by its id: the same id is the same record, however often the file is read. What a person has checked or changed since is
never overwritten; where the file says something else, it is reported as a conflict. All of a file is taken in, or nothing of it.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, models, transaction
from django.utils.translation import gettext as _
from wagtail.models import Revision

from helpline import codes, hours, phones
from helpline.codes import Audience, Channel, Confidence, Cost, Kind, Reach, Status, YesNo
from helpline.listings.tables import BadTable, Line, Problem, read
from helpline.models import ContactPoint, Programme, SupportLine
from helpline.models.listings import is_time_zone, is_web_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

# What identifiers are made from: https://waymark.example/listings/ never changes, whatever the site is called.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://waymark.example/listings/")
REFERENCE = re.compile(r"[a-z0-9][a-z0-9-]{1,99}")
DATES = (re.compile(r"\d{4}"), re.compile(r"\d{4}-\d{2}"), re.compile(r"\d{4}-\d{2}-\d{2}"))
LOCK = 8_021_404  # one import at a time
# Opening hours of a row are those of the channels on which somebody answers at once.
LIVE = (Channel.PHONE, Channel.CHAT, Channel.SMS, Channel.VIDEO)


def identifier(reference: str) -> uuid.UUID:
    """The identifier of a record that was imported under this id: the same on every machine."""
    return uuid.uuid5(NAMESPACE, reference)


class Outcome(Enum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    CONFLICT = "conflict"  # a person has changed or checked it since: left as it is


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of which the file says something else than the record."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one row."""

    reference: str
    outcome: Outcome
    differences: tuple[Difference, ...] = ()


@dataclass(slots=True)
class Facts:
    """What a row says, as fields of the record and of its contact points."""

    reference: str
    line: int
    fields: dict[str, Any]
    contacts: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Table:
    """One kind of file: the record it makes, its columns, and how a row is understood."""

    model: type[Programme] | type[SupportLine]
    columns: tuple[str, ...]
    understand: Callable[[Line], Facts]


def take_in(table: Table, path: Path, *, dry_run: bool = False) -> list[Change]:
    """Import a file; with `dry_run` only say what would change. Raises BadTable, and then nothing is written."""
    lines = read(path, table.columns)
    understood = [table.understand(line) for line in lines]
    problems = [problem for line in lines for problem in line.problems]
    if problems:
        raise BadTable(problems)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        records = _records(table, understood)
        touched = _touched(table.model)
        changes = []
        for facts in understood:
            record = records.get(identifier(facts.reference))
            changes.append(_take_in_one(table, facts, record, touched, dry_run=dry_run))
    return changes


def _records(table: Table, understood: Sequence[Facts]) -> dict[uuid.UUID, Any]:
    known = table.model.objects.filter(uuid__in=[identifier(facts.reference) for facts in understood])
    if table.model is Programme:
        known = known.prefetch_related("contact_points")
    return {record.uuid: record for record in known.select_related("latest_revision")}


def _touched(model: type[models.Model]) -> set[str]:
    """Primary keys of the records that a person has saved."""
    made_by_people = Revision.objects.filter(
        content_type__app_label="helpline", content_type__model=model._meta.model_name, user__isnull=False
    )
    return set(made_by_people.values_list("object_id", flat=True).distinct())


def _take_in_one(table: Table, facts: Facts, record: Any, touched: set[str], *, dry_run: bool) -> Change:
    if record is None:
        record = table.model(
            uuid=identifier(facts.reference), reference=facts.reference, status=Status.DRAFT, live=False
        )
        _write(record, facts, dry_run=dry_run)
        return Change(facts.reference, Outcome.NEW)
    by_people = str(record.pk) in touched or record.live or record.checked_on or record.first_published_at
    current = record.get_latest_revision_as_object() if by_people else record
    found = tuple(_differences(current, facts))
    if not found:
        return Change(facts.reference, Outcome.SAME)
    if by_people:
        return Change(facts.reference, Outcome.CONFLICT, found)
    _write(record, facts, dry_run=dry_run)
    return Change(facts.reference, Outcome.CHANGED, found)


def _write(record: Any, facts: Facts, *, dry_run: bool) -> None:
    for name, value in facts.fields.items():
        setattr(record, name, value)
    if isinstance(record, Programme):
        known = {point.uuid: point.pk for point in record.contact_points.all()} if record.pk else {}
        record.contact_points = [
            ContactPoint(pk=known.get(contact["uuid"]), sort_order=at, **contact)
            for at, contact in enumerate(facts.contacts)
        ]
    try:
        record.full_clean()
    except ValidationError as error:
        problems = [
            Problem(facts.line, name, " ".join(messages)) for name, messages in error.message_dict.items()
        ]
        raise BadTable(problems) from None
    if not dry_run:
        record.save()
        record.save_revision(clean=False)


def _differences(record: Any, facts: Facts) -> Iterator[Difference]:
    for name, value in facts.fields.items():
        before = getattr(record, name)
        if before != value:
            yield Difference(name, _shown(before), _shown(value))
    if isinstance(record, Programme):
        before = [
            {name: getattr(point, name) for name in facts.contacts[0]} if facts.contacts else {}
            for point in sorted(
                record.contact_points.all(), key=lambda point: (point.sort_order or 0, point.pk or 0)
            )
        ]
        if before != facts.contacts:
            yield Difference("contact_points", _told(before), _told(facts.contacts))


def _shown(value: Any) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def _told(contacts: list[dict[str, Any]]) -> str:
    """Contact points as one line of text."""
    return " | ".join(
        " ".join(
            _shown(value)
            for name, value in contact.items()
            if value and name not in {"uuid", "timezone", "cost"}
        )
        for contact in contacts
    )


# --- What both kinds of file have in common ----------------------------------------------------------------------------------


def _checked_by(validator: Callable[[str], None]) -> Callable[[str], str]:
    """A validator of Django's as something that reads a cell."""

    def how(text: str) -> str:
        try:
            validator(text)
        except ValidationError as error:
            raise ValueError(" ".join(error.messages)) from None
        return text

    return how


web_address = _checked_by(is_web_address)
email_address = _checked_by(validate_email)
time_zone = _checked_by(is_time_zone)


def opening_hours(text: str) -> str:
    hours.check(text)
    return text


def date_seen(text: str) -> str:
    """A day, a month or a year, as far as it is known: 2023-02-11, 2023-02, 2023."""
    if not any(form.fullmatch(text) for form in DATES):
        raise ValueError(_("This is no date: write 2026-11-24, 2026-11 or 2026."))
    try:
        dt.date.fromisoformat((text + "-01-01")[:10])
    except ValueError:
        raise ValueError(_("There is no such day.")) from None
    return text


def reference(line: Line) -> str:
    if not REFERENCE.fullmatch(line["id"]):
        line.wrong("id", _("An id is made of lower-case letters, digits and hyphens."))
    return line["id"]


def required(line: Line, column: str, longest: int) -> str:
    if not line[column]:
        line.wrong(column, _("This cell is empty."))
    return short(line, column, longest)


def short(line: Line, column: str, longest: int) -> str:
    if len(line[column]) > longest:
        line.wrong(column, _("This is longer than %(most)d characters.") % {"most": longest})
    return line[column]


def country(line: Line, *, anywhere: bool) -> str:
    code = line["country"].lower()
    if code not in codes.country_codes() or (code == codes.ANYWHERE and not anywhere):
        line.wrong("country", _("“%(code)s” is no known code.") % {"code": line["country"]})
    return code


# --- Programmes --------------------------------------------------------------------------------------------------------------


def understand_programme(line: Line) -> Facts:
    name = reference(line)
    code = country(line, anywhere=True)
    reach, region = _coverage(line)
    cost = line.code("cost", Cost.values, Cost.UNKNOWN)
    fields = {
        "name": required(line, "name", 200),
        "operator": short(line, "operator", 200),
        "countries": [code],
        "reach": reach,
        "region": region,
        "audiences": line.codes("audience", Audience.values),
        "website": line.read("website", web_address, ""),
        "cost": cost,
        "anonymous": line.code("anonymous", YesNo.values, YesNo.UNKNOWN),
        "confidentiality_note": short(line, "confidentiality_note", 1000),
        "source_url": line.read("source_url", web_address, ""),
        "source_seen": line.read("source_seen", date_seen, ""),
        "confidence": line.code("confidence", Confidence.values, Confidence.UNKNOWN),
    }
    return Facts(name, line.number, fields, _contacts(line, name, code, cost))


def _coverage(line: Line) -> tuple[str, str]:
    kind, _colon, region = line["coverage"].partition(":")
    kind = kind.strip().lower()
    if kind and kind not in Reach.values:
        line.wrong("coverage", _("Write national, regional or international, then a colon and the region."))
        kind = ""
    return kind, region.strip()[:200]


def _contacts(line: Line, name: str, code: str, cost: str) -> list[dict[str, Any]]:
    """One contact point for each number, each address, and each other channel; for none, one of which only the language is known."""
    channels = line.codes("channels", Channel.values)
    numbers = _several(line, "phone", lambda text: phones.parse(text, code).digits)
    emails = _several(line, "email", email_address)
    for column, needed, found in (("phone", Channel.PHONE, numbers), ("email", Channel.EMAIL, emails)):
        if found and needed not in channels:
            line.wrong(
                column,
                _("There is one, but “%(channel)s” is not among the channels.") % {"channel": needed.value},
            )
    shared = {
        "languages": line.codes("languages", codes.LANGUAGES),
        "timezone": line.read("timezone", time_zone, ""),
        "cost": cost,
    }
    when = line.read("opening_hours", opening_hours, "")
    timed = [channel for channel in channels if channel in LIVE] or channels
    made = []
    values_of: dict[str, list[str]] = {Channel.PHONE: numbers, Channel.EMAIL: emails}
    for channel in channels or [""]:
        for value in values_of.get(channel) or [""]:
            national = channel == Channel.PHONE and value and not value.startswith("+")
            made.append(
                {
                    "uuid": uuid.uuid5(identifier(name), f"{channel}:{value}"),
                    "channel": channel,
                    "number": value if channel == Channel.PHONE else "",
                    "number_country": code if national else "",
                    "email": value if channel == Channel.EMAIL else "",
                    "opening_hours": when if channel in timed else "",
                    **shared,
                }
            )
    return made


def _several(line: Line, column: str, how: Callable[[str], str]) -> list[str]:
    """The values of a cell, separated by semicolons."""
    found = []
    for text in filter(None, (part.strip() for part in line[column].split(";"))):
        try:
            found.append(how(text))
        except ValueError as error:
            line.wrong(column, str(error))
    return list(dict.fromkeys(found))


PROGRAMMES = Table(
    Programme,
    (
        "id", "name", "operator", "country", "coverage", "audience", "channels", "phone", "email", "website", "languages",
        "opening_hours", "timezone", "cost", "anonymous", "confidentiality_note", "source_url", "source_seen", "confidence",
    ),
    understand_programme,
)  # fmt: skip


# --- Support lines -----------------------------------------------------------------------------------------------------------


def understand_support_line(line: Line) -> Facts:
    code = country(line, anywhere=False)
    fields = {
        "kind": line.code("kind", Kind.values, ""),
        "name": required(line, "name", 200),
        "country": code,
        "number": line.read("phone", lambda text: phones.parse(text, code).digits, ""),
        "website": line.read("website", web_address, ""),
        "opening_hours": line.read("hours", opening_hours, ""),
        "languages": line.codes("languages", codes.LANGUAGES),
        "source_url": line.read("source_url", web_address, ""),
        "confidence": line.code("confidence", Confidence.values, Confidence.UNKNOWN),
    }
    return Facts(reference(line), line.number, fields)


SUPPORT_LINES = Table(
    SupportLine,
    ("id", "kind", "name", "country", "phone", "website", "hours", "languages", "source_url", "confidence"),
    understand_support_line,
)
