"""Storage of many listings at once, as unverified drafts with a revision each, in a fixed number of queries.

It does what Wagtail does for one listing in `save()` and `save_revision()`. No person is responsible for these drafts, so their revisions
have no author.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, OuterRef, Subquery
from django.db.models.functions import Cast
from django.utils import timezone
from wagtail.models import Revision

from helpline.records.contact_points import ContactPoint
from helpline.records.programmes import Programme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from helpline.approval.mixins import SecondPerson
    from helpline.records.listings import Listing

POINT_FIELDS = [
    field.name
    for field in ContactPoint._meta.concrete_fields
    if not field.primary_key and field.name not in {"uuid", "programme"}
]


def store(
    model: type[Listing], *, new: Sequence[Listing], changed: Sequence[Listing], fields: Sequence[str]
) -> None:
    """Store new drafts, and drafts with changed `fields` or contact points. Call it within a transaction."""
    model.objects.bulk_create(new)
    if changed:
        model.objects.bulk_update(changed, fields, batch_size=500)
    records = [*new, *changed]
    if model is Programme:
        store_points(records, changed)
    keep_revisions(model, records)


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


def keep_revisions(model: type[SecondPerson], records: Sequence[SecondPerson]) -> None:
    """Create a revision of each record as it is now, as its latest revision."""
    if not records:
        return
    kind = ContentType.objects.get_for_model(model, for_concrete_model=False)
    now = timezone.now()
    Revision.objects.bulk_create(
        Revision(
            content_type=kind,
            base_content_type=kind,
            object_id=str(record.pk),
            object_str=str(record),
            content=record.serializable_data(),
            created_at=now,
        )
        for record in records
    )
    newest = Revision.objects.filter(content_type=kind, object_id=Cast(OuterRef("pk"), CharField())).order_by(
        "-created_at", "-pk"
    )
    model.objects.filter(pk__in=[record.pk for record in records]).update(
        latest_revision=Subquery(newest.values("pk")[:1]), has_unpublished_changes=True
    )
