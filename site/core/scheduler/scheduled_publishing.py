"""Scheduled publishing and unpublishing of pages and snippets.

Does the same as Wagtail's `publish_scheduled`, but each item in its own transaction: one that fails keeps its schedule,
is reported, and does not hold up the next.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import DraftStateMixin, Page, PageLogEntry, Revision

from core.publishing import references


class NotPublishedError(Exception):
    """Publishing was blocked without an exception: the revision is still a draft."""


class RequiredPageError(Exception):
    """A required page is not unpublished, because every page links to it, and no editor has confirmed that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledItem:
    """A revision to publish, or (without one) an object to unpublish."""

    at: datetime
    model: type[Any]  # a page or snippet with drafts
    pk: object
    name: str
    revision: int | None = None

    def __str__(self) -> str:
        return f"{self.model._meta.label} {self.pk}: {self.name}"


def due() -> list[ScheduledItem]:
    """Return the items due for publishing or unpublishing, in order of time."""
    return sorted([*_to_take_down(), *_to_publish()], key=lambda item: item.at)


def next_run_at(after: datetime) -> datetime | None:
    """Return the next time at which a revision goes live or a page is unpublished; None if nothing is scheduled.

    Snippets with an expiry time are found at the interval of the job.
    """
    revisions = Revision.objects.filter(approved_go_live_at__gt=after)
    pages = Page.objects.filter(live=True, expire_at__gt=after)
    found = (
        revisions.aggregate(at=Min("approved_go_live_at"))["at"],
        pages.aggregate(at=Min("expire_at"))["at"],
    )
    return min((at for at in found if at is not None), default=None)


def _to_take_down() -> Iterator[ScheduledItem]:
    now = timezone.now()
    models = [
        Page,
        *(model for model in apps.get_models() if issubclass(model, DraftStateMixin) and not issubclass(model, Page)),
    ]
    for model in models:
        for thing in model._default_manager.filter(live=True, expire_at__lte=now):
            yield ScheduledItem(at=thing.expire_at, model=model, pk=thing.pk, name=str(thing))


def _to_publish() -> Iterator[ScheduledItem]:
    revisions = Revision.objects.filter(approved_go_live_at__lte=timezone.now()).select_related("content_type")
    for revision in revisions.defer("content"):
        model = revision.content_type.model_class()
        if model is not None and revision.approved_go_live_at is not None:
            yield ScheduledItem(
                at=revision.approved_go_live_at,
                model=model,
                pk=revision.object_id,
                name=revision.object_str,
                revision=revision.pk,
            )


def carry_out(item: ScheduledItem) -> None:
    """Publish or unpublish an item if it is still due.

    Call it in a transaction.

    Raises NotPublishedError, or the error that prevented it.
    """
    if item.revision is None:
        _take_down(item.model, item.pk)
    else:
        publish(item.revision)


def _take_down(model: type[Any], pk: object) -> None:
    thing = (
        model._default_manager.select_for_update(of=("self",))
        .filter(pk=pk, live=True, expire_at__lte=timezone.now())
        .first()
    )
    if thing is not None:
        thing = thing.specific if isinstance(thing, Page) else thing
        if isinstance(thing, Page) and (names := references.named_as(thing)) and not _was_confirmed(thing):
            raise RequiredPageError(
                _("The settings of the site name it: %(names)s. Every page links to it.") % {"names": ", ".join(names)}
            )
        thing.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")


def _was_confirmed(page: Page) -> bool:
    """Return whether an editor set this page's expiry with a reason, after a warning that the settings name it."""
    logged = PageLogEntry.objects.filter(page=page.pk, action="core.expire").order_by("-timestamp").first()
    return logged is not None and bool(logged.data.get("reason"))


def publish(pk: int) -> None:
    """Publish a revision whose time has come.

    Does nothing if it has been published or postponed.
    Call it in a transaction.

    Raises NotPublishedError, or the error that prevented it.
    """
    revision = (
        Revision.objects.select_for_update(of=("self",)).filter(pk=pk, approved_go_live_at__lte=timezone.now()).first()
    )
    if revision is None:
        return
    if revision.content_object is None:
        # Its object no longer exists: cancel the schedule.
        Revision.objects.filter(pk=pk).update(approved_go_live_at=None)
        return
    revision.publish(log_action="wagtail.publish.scheduled")
    revision.refresh_from_db(fields=["approved_go_live_at"])
    if revision.approved_go_live_at is not None:
        raise NotPublishedError(_("It may not be published yet. Open it in the admin to see why."))
    # Both times may have passed while no scheduler was running: then unpublish it again immediately.
    _take_down(type(revision.content_object), revision.object_id)
