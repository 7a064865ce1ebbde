import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PublicChangeQuerySet(models.QuerySet["PublicChange"]):
    def for_listing(self, listing: uuid.UUID) -> Self:
        return self.filter(listing=listing)

    def newest_of_each(self, listings: Iterable[uuid.UUID] | None = None) -> dict[uuid.UUID, datetime]:
        """Return the time of the last public change of each listing, by its UUID."""
        found = self.order_by() if listings is None else self.order_by().filter(listing__in=list(listings))
        return dict(found.values_list("listing").annotate(newest=Max("at")))

    def date_of_the_data(self) -> datetime | None:
        return self.aggregate(newest=Max("at"))["newest"]


class PublicChange(models.Model):
    """Change in the public facts of a listing, kept for those who copy our data.

    Written only in `helpline.exchange.open_data.changes`.
    It names no person, and holds nothing that was not public.
    """

    class Action(models.TextChoices):
        ADDED = "added", pgettext_lazy("listing", "added")
        CHANGED = "changed", pgettext_lazy("listing", "changed")
        CHECKED = "checked", pgettext_lazy("listing", "checked again")
        CLOSED = "closed", pgettext_lazy("listing", "closed")
        REOPENED = "reopened", pgettext_lazy("listing", "open again")
        WITHDRAWN = "withdrawn", pgettext_lazy("listing", "taken off the list")

    class Kind(models.TextChoices):
        PROGRAMME = "programme", _("programme")
        SUPPORT_LINE = "support_line", _("support line")
        LAW = "law", _("law of a country")

    listing = models.UUIDField(_("identifier of the listing"), db_index=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    name = models.CharField(_("name"), max_length=200)
    action = models.CharField(_("what happened"), max_length=20, choices=Action)
    columns = models.JSONField(_("columns that changed"), default=list)
    # The public row of the table after this change: the next one is compared with it.
    row = models.JSONField(default=dict)
    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True)

    objects = PublicChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("public change")
        verbose_name_plural = _("public changes")
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.name}: {self.get_action_display()}"


class ListingImport(models.Model):
    """File of listings to be imported, with its uploader, its stage and its changes.

    Kept for a day.
    Written only in `helpline.exchange.imports.background`.
    """

    class Stage(models.TextChoices):
        QUEUED = "queued", _("waiting to be read")
        READING = "reading", _("being read")
        READ = "read", _("read")
        CONFIRMED = "confirmed", _("waiting to be saved")
        SAVING = "saving", _("being saved")
        DONE = "done", _("imported")
        REFUSED = "refused", _("refused")
        CANCELLED = "cancelled", _("cancelled")
        FAILED = "failed", _("failed")

    RUNNING = (Stage.QUEUED, Stage.READING, Stage.CONFIRMED, Stage.SAVING)
    CANCELLABLE = (*RUNNING, Stage.READ)

    kind = models.CharField(_("kind"), max_length=20)
    upload = models.ForeignKey("wagtailcore.UploadedFile", null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.CASCADE, related_name="+")
    stage = models.CharField(_("state"), max_length=20, choices=Stage, default=Stage.QUEUED)
    done = models.PositiveIntegerField(_("rows read"), default=0)
    total = models.PositiveIntegerField(_("rows"), default=0)
    counts = models.JSONField(default=dict)
    changes = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    problems = models.JSONField(default=list)
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    changed_at = models.DateTimeField(_("last progress"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("import of listings")
        verbose_name_plural = _("imports of listings")
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"{self.kind}: {self.get_stage_display()}"

    @property
    def is_running(self) -> bool:
        return self.stage in self.RUNNING

    @property
    def changes_anything(self) -> bool:
        """Return whether saving it would write anything."""
        return bool(self.counts.get("new") or self.counts.get("changed"))
