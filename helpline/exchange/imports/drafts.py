"""Import of programmes and support lines from files, as unverified drafts.

A row is identified by its id: the same id is the same record in every import.
An import never overwrites what a person has checked or changed since.
Where the file differs, the row is reported as a conflict.
A file is imported completely, or not at all.

Drafts are stored in bulk, with a revision each, in a fixed number of queries.
This does what Wagtail does for one listing in `save()` and `save_revision()`.
The user who imports a file is the author of these revisions, as if they had written the values; the command has none.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import CharField, Model, OuterRef, Subquery
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry, Revision

from core.background.locks import wait_for_lock
from helpline.approval.mixins import SecondPerson
from helpline.approval.rule import User
from helpline.exchange.csv.columns import Table
from helpline.exchange.csv.contact_cells import point_problems
from helpline.exchange.csv.tables import FileProblem, TableError, parse
from helpline.exchange.imports.parsed import ParsedListing, identifier, point_facts
from helpline.records.listings import Listing
from helpline.records.programmes import ContactPoint, Programme
from helpline.vocabulary.codes import Status

POINT_FIELDS = [
    field.name
    for field in ContactPoint._meta.concrete_fields
    if not field.primary_key and field.name not in {"uuid", "programme"}
]


# The action in the log, with the revision that an import has made.
ACTION = "helpline.import"


def store(
    model: type[Listing],
    *,
    new: Sequence[Listing],
    changed: Sequence[Listing],
    fields: Sequence[str],
    by: User | None,
) -> None:
    """Store new drafts, and drafts with changed `fields` or contact points.

    Call it within a transaction.
    """
    model.objects.bulk_create(new)
    if changed:
        model.objects.bulk_update(changed, fields, batch_size=500)
    records = [*new, *changed]
    if model is Programme:
        store_points(records, changed)
    keep_revisions(model, records, by=by)


def store_points(records: Sequence[Listing], changed: Sequence[Listing]) -> None:
    there: list[ContactPoint] = []
    made: list[ContactPoint] = []
    for record in records:
        for point in record.contact_points.all():
            point.programme = record
            (there if point.pk else made).append(point)
    if changed:
        gone = ContactPoint.objects.filter(programme__in=[record.pk for record in changed])
        gone.exclude(pk__in=[point.pk for point in there]).delete()
    if there:
        ContactPoint.objects.bulk_update(there, POINT_FIELDS, batch_size=500)
    ContactPoint.objects.bulk_create(made)


def keep_revisions(model: type[SecondPerson], records: Sequence[SecondPerson], *, by: User | None) -> None:
    """Create a revision of each record as it is now, as its latest revision, and log that it was imported."""
    if not records:
        return
    kind = ContentType.objects.get_for_model(model, for_concrete_model=False)
    now = timezone.now()
    made = Revision.objects.bulk_create(
        Revision(
            content_type=kind,
            base_content_type=kind,
            object_id=str(record.pk),
            object_str=str(record),
            content=record.serializable_data(),
            created_at=now,
            user_id=by.pk if by else None,
        )
        for record in records
    )
    ModelLogEntry.objects.bulk_create(
        ModelLogEntry(
            content_type=kind,
            object_id=revision.object_id,
            label=revision.object_str,
            action=ACTION,
            timestamp=now,
            user_id=revision.user_id,
            revision=revision,
            content_changed=True,
        )
        for revision in made
    )
    newest = Revision.objects.filter(content_type=kind, object_id=Cast(OuterRef("pk"), CharField())).order_by(
        "-created_at", "-pk"
    )
    model.objects.filter(pk__in=[record.pk for record in records]).update(
        latest_revision=Subquery(newest.values("pk")[:1]), has_unpublished_changes=True
    )


LOCK = "import-listings"  # one import at a time


class ImportOutcome(Enum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    CONFLICT = "conflict"  # a person has changed or checked it since, so it is left as it is


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field in which the file differs from the record, and both values.

    Those of contact points are named `contact_points[1].number`; `contact_points` is all of them, as a list.
    """

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class PlannedImport:
    """Action of an import on one row."""

    reference: str
    outcome: ImportOutcome
    differences: tuple[FieldChange, ...] = ()
    name: str = ""


class ImportProgress:
    """Receives the progress of an import.

    Each method may raise an exception to stop the import, and then nothing is written.
    """

    def parsed(self, done: int, total: int) -> None:
        """Receive the number of rows that have been parsed."""

    def compared(self) -> None:
        """Note that one more row has been compared with its record, within the transaction of the import."""


def import_table(
    table: Table,
    data: bytes,
    *,
    dry_run: bool = False,
    most: int | None = None,
    progress: ImportProgress | None = None,
    by: User | None = None,
) -> list[PlannedImport]:
    """Import the content of a file.

    With `dry_run`, only return the changes.
    Raises TableError, and then nothing is written.
    With `most`, a file with more rows is refused.
    """
    lines = parse(data, table.columns, table.optional + table.staff, most=most)
    listings = [table.parse(line) for line in watched(lines, progress)]
    problems = [problem for line in lines for problem in line.problems]
    if problems:
        raise TableError(problems)
    return import_listings(table.model, listings, dry_run=dry_run, progress=progress, by=by)


def watched[Row](rows: Sequence[Row], progress: ImportProgress | None) -> Iterator[Row]:
    """Yield rows, and report the number that have been parsed."""
    for done, row in enumerate(rows, 1):
        yield row
        if progress is not None:
            progress.parsed(done, len(rows))


def import_listings(
    model: type[Listing],
    listings: Sequence[ParsedListing],
    *,
    dry_run: bool = False,
    progress: ImportProgress | None = None,
    by: User | None = None,
) -> list[PlannedImport]:
    """Import parsed listings.

    `by` is the author of what it changes; None: the command.
    The number of queries does not depend on the number of listings.
    """
    with transaction.atomic():
        wait_for_lock(LOCK)
        records = _records(model, listings)
        edited = edited_by_people(model)
        blank = model()
        changes: list[PlannedImport] = []
        new: list[Listing] = []
        changed: list[Listing] = []
        problems: list[FileProblem] = []
        for facts in listings:
            if progress is not None:
                progress.compared()
            record = records.get(identifier(facts.reference))
            if facts.gone and (record is None or record.is_closed or not record.live):
                continue  # already closed or hidden here
            change = _compare(facts, record, edited, blank)
            changes.append(change)
            if change.outcome in {ImportOutcome.NEW, ImportOutcome.CHANGED}:
                if record is None:
                    record = model(
                        uuid=identifier(facts.reference),
                        reference=facts.reference,
                        status=Status.DRAFT,
                        live=False,
                    )
                (new if change.outcome is ImportOutcome.NEW else changed).append(record)
                problems += _fill(record, facts)
        problems += _taken_references(new, listings)
        if problems:
            raise TableError(problems)
        if not dry_run:
            names = sorted({name for facts in listings for name in (*facts.fields, *facts.state)})
            store(model, new=new, changed=changed, fields=names, by=by)
    return changes


def _records(model: type[Listing], listings: Sequence[ParsedListing]) -> dict[uuid.UUID, Listing]:
    known = model.objects.filter(uuid__in=[identifier(facts.reference) for facts in listings])
    if model is Programme:
        known = known.prefetch_related("contact_points")
    # Locked, so that none of them is published while it is compared.
    locked = known.select_related("latest_revision").select_for_update(of=("self",))
    return {record.uuid: record for record in locked}


def edited_by_people(model: type[Model]) -> set[str]:
    """Return the primary keys, as text, of the records that a person has saved: to import a file is not to edit."""
    made_by_people = Revision.objects.filter(
        content_type__app_label="helpline", content_type__model=model._meta.model_name, user__isnull=False
    ).exclude(pk__in=ModelLogEntry.objects.filter(action=ACTION, revision__isnull=False).values("revision"))
    return set(made_by_people.values_list("object_id", flat=True).distinct())


def _compare(facts: ParsedListing, record: Listing | None, edited: set[str], blank: Listing) -> PlannedImport:
    # A law has no name.
    # Its title is made in the language of the reader, who is not known here.
    name = str(facts.fields.get("name") or facts.fields.get("law", ""))
    if record is None:
        return PlannedImport(facts.reference, ImportOutcome.NEW, tuple(_stated(facts, blank)), name)
    by_people = str(record.pk) in edited or record.live or record.checked_on or record.first_published_at
    current = newest(record) if by_people else record
    found = tuple(_differences(current, facts, by_people=bool(by_people)))
    if not found:
        return PlannedImport(facts.reference, ImportOutcome.SAME, name=name)
    return PlannedImport(facts.reference, ImportOutcome.CONFLICT if by_people else ImportOutcome.CHANGED, found, name)


def newest(record: Listing) -> Listing:
    """Return the newest version of a record whose latest revision is already loaded.

    Makes no query.
    """
    if record.latest_revision is None:
        return record
    # References are emptied: checking that each still exists would take a query.
    content = {**record.latest_revision.content, **dict.fromkeys(references(type(record)))}
    if "contact_points" in content:
        content["contact_points"] = [{**point, "programme": None} for point in content["contact_points"]]
    return record.with_content_json(content)


def references(model: type[Model]) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if field.is_relation]


def _fill(record: Listing, facts: ParsedListing) -> Iterator[FileProblem]:
    """Write the values of the file into a record, and yield its problems."""
    for name, value in {**facts.fields, **draft_state(facts.state)}.items():
        setattr(record, name, value)
    if isinstance(record, Programme) and facts.contacts is not None:
        known = {point.uuid: point for point in record.contact_points.all()} if record.pk else {}
        points = []
        for at, contact in enumerate(facts.contacts):
            point = known.get(contact["uuid"]) or ContactPoint(uuid=contact["uuid"])
            for name, value in contact.items():
                setattr(point, name, value)
            point.sort_order = at
            points.append(point)
            for name, message in point_problems(point_facts(point)):
                yield _problem(facts, f"contact_points[{at + 1}].{name}", message)
        record.contact_points = points
    try:
        record.clean_fields(exclude=references(type(record)))
        record.clean()
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            yield _problem(facts, name, " ".join(messages))


def _problem(facts: ParsedListing, name: str, message: str) -> FileProblem:
    if isinstance(facts.place, int):
        return FileProblem(facts.place, name, message)
    return FileProblem(0, f"{facts.place}.{name}" if name else facts.place, message)


def _taken_references(new: Sequence[Listing], listings: Iterable[ParsedListing]) -> Iterator[FileProblem]:
    """Yield a problem for each id that another listing or contact point already has."""
    by_reference = {facts.reference: facts for facts in listings}
    if new:
        model = type(new[0])
        wanted = [record.reference for record in new]
        for reference in model.objects.filter(reference__in=wanted).values_list("reference", flat=True):
            yield _problem(by_reference[reference], "id", _("Another listing has this id."))
    wanted_points = {
        point.uuid: record for record in new if isinstance(record, Programme) for point in record.contact_points.all()
    }
    if wanted_points:
        for taken in ContactPoint.objects.filter(uuid__in=wanted_points).values_list("uuid", flat=True):
            facts = by_reference[str(wanted_points[taken].reference)]
            yield _problem(facts, "contact_points", _("A contact point of another listing has this id."))


def draft_state(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state that a file may give to a draft: closed, in doubt, delisted with a reason, but not checked."""
    found = dict(state)
    known = {Status.CLOSED, Status.CLOSED_UNTIL, *([Status.DELISTED] if found.get("delisted_reason") else [])}
    if found.get("status", Status.CLOSED) not in known:
        found["status"] = Status.DRAFT
    return found


def _stated(facts: ParsedListing, blank: Listing) -> Iterator[FieldChange]:
    """Yield the values of the file for a new listing.

    `blank` is one without any facts.
    """
    for name, value in {**facts.fields, **draft_state(facts.state)}.items():
        if value != getattr(blank, name):
            yield FieldChange(name, None, value)
    if facts.contacts:
        yield FieldChange("contact_points", [], facts.contacts)


def _differences(record: Listing, facts: ParsedListing, *, by_people: bool) -> Iterator[FieldChange]:
    stated = {**facts.fields, **(facts.state if by_people else draft_state(facts.state))}
    for name, value in stated.items():
        before = getattr(record, name)
        if before != value:
            yield FieldChange(name, before, value)
    if isinstance(record, Programme) and facts.contacts is not None:
        points = sorted(record.contact_points.all(), key=lambda point: (point.sort_order or 0, point.pk or 0))
        yield from _point_differences(list(map(point_facts, points)), facts.contacts)


def _point_differences(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Iterator[FieldChange]:
    if [point["uuid"] for point in before] != [point["uuid"] for point in after]:
        yield FieldChange("contact_points", before, after)
        return
    for number, (old, new) in enumerate(zip(before, after, strict=True), 1):
        for name, value in new.items():
            if old[name] != value:
                yield FieldChange(f"contact_points[{number}].{name}", old[name], value)
