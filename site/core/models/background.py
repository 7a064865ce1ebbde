from __future__ import annotations

import uuid

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class JobRun(models.Model):
    """The last run of a scheduled job.

    One row for each job; see `core.scheduler`.
    """

    name = models.CharField(_("job"), max_length=100, unique=True)
    started_at = models.DateTimeField(_("started"))
    # Empty while the job runs, and after a crash: the job is then resumed immediately.
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    succeeded_at = models.DateTimeField(_("last success"), null=True, blank=True)
    done = models.PositiveIntegerField(_("items done"), default=0)
    # [{"item": the item, "error": what went wrong}]
    failures = models.JSONField(_("failures"), default=list, blank=True)

    class Meta:
        verbose_name = _("job run")
        verbose_name_plural = _("job runs")

    def __str__(self) -> str:
        return self.name


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    def waiting(self) -> OutgoingMailQuerySet:
        """Return mail whose delivery will be tried (again)."""
        return self.filter(failed_at=None)

    def due(self) -> OutgoingMailQuerySet:
        """Return mail that should be tried now, in this order."""
        # Sign-in codes first, since users wait for them.
        soonest = models.F("expires_at").asc(nulls_last=True)
        return self.waiting().filter(due_at__lte=timezone.now()).order_by(soonest, "due_at", "pk")

    def expired(self) -> OutgoingMailQuerySet:
        """Return mail that expired while it was waiting."""
        return self.waiting().filter(expires_at__lte=timezone.now())

    def stalled(self) -> OutgoingMailQuerySet:
        """Return mail held up by the mail server, not by a fault of the mail itself."""
        return self.waiting().filter(stalled=True)

    def failed(self) -> OutgoingMailQuerySet:
        """Return mail that is not retried: an administrator has to decide."""
        return self.exclude(failed_at=None).order_by("-failed_at", "-pk")


class OutgoingMail(models.Model):
    """An email to one recipient that the mail server has not accepted yet; the row is deleted when it has.

    See `core.mail`.
    """

    # It refers to no published content.
    wagtail_reference_index_ignore = True

    # Part of the Message-ID, and the same for each attempt: a receiver can recognise a duplicate.
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    # The name of a registered `core.mail.kinds.MailKind`.
    kind = models.CharField(_("kind"), max_length=50)
    # Empty if the kind determines it when it writes the mail.
    recipient = models.CharField(_("recipient"), max_length=320, blank=True)
    # The message, or what the kind needs to write it.
    data = models.JSONField(default=dict)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, null=True, related_name="+")
    object_id = models.PositiveBigIntegerField(null=True)
    # What the mail is about.
    # A GenericRelation on that model deletes its mail together with it.
    about = GenericForeignKey("content_type", "object_id", for_concrete_model=False)

    created_at = models.DateTimeField(_("written at"), default=timezone.now)
    due_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires at"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    tried_at = models.DateTimeField(_("last attempt"), null=True)
    stalled = models.BooleanField(_("held up by the mail server"), default=False)
    failed_at = models.DateTimeField(_("given up at"), null=True)
    # The name of the exception and the server's reply code; its reply text may contain an address.
    error = models.CharField(_("error"), max_length=100, blank=True)
    code = models.PositiveSmallIntegerField(_("reply code of the mail server"), null=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mail")
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(failed_at=None), name="mail_to_send"),
            models.Index(fields=["content_type", "object_id"], name="mail_about"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.uuid})"
