from __future__ import annotations

import uuid

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    def waiting(self) -> OutgoingMailQuerySet:
        """Mail that will be tried (again)."""
        return self.filter(failed_at=None)

    def due(self) -> OutgoingMailQuerySet:
        """Mail that should be tried now, in this order."""
        soonest = models.F("expires_at").asc(nulls_last=True)  # a code to sign in with is waited for
        return self.waiting().filter(due_at__lte=timezone.now()).order_by(soonest, "due_at", "pk")

    def expired(self) -> OutgoingMailQuerySet:
        """Mail that has become useless while it was waiting."""
        return self.waiting().filter(expires_at__lte=timezone.now())

    def stalled(self) -> OutgoingMailQuerySet:
        """Mail that was not delivered because of the mail server rather than because of the mail."""
        return self.waiting().filter(stalled=True)

    def failed(self) -> OutgoingMailQuerySet:
        """Mail that is not tried any more: a person has to look at it."""
        return self.exclude(failed_at=None).order_by("-failed_at", "-pk")


class OutgoingMail(models.Model):
    """A mail to one recipient that no mail server has taken yet. The row is deleted once one has. See `core.mail`."""

    # It refers to nothing that is published.
    wagtail_reference_index_ignore = True

    # The same for each attempt, and part of the Message-ID: a receiver that gets a mail twice can tell.
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    # The name of a registered `core.mail.kinds.MailKind`.
    kind = models.CharField(_("kind"), max_length=50)
    # Empty where the kind finds out when it writes the mail.
    recipient = models.CharField(_("recipient"), max_length=320, blank=True)
    # The message, or what the kind needs to write it.
    data = models.JSONField(default=dict)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, null=True, related_name="+")
    object_id = models.PositiveBigIntegerField(null=True)
    # What the mail is about. A GenericRelation on that model deletes its mail together with it.
    about = GenericForeignKey("content_type", "object_id", for_concrete_model=False)

    created_at = models.DateTimeField(_("written at"), default=timezone.now)
    due_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    expires_at = models.DateTimeField(_("of use until"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    tried_at = models.DateTimeField(_("last attempt"), null=True)
    stalled = models.BooleanField(_("held up by the mail server"), default=False)
    failed_at = models.DateTimeField(_("given up at"), null=True)
    # The name of an exception and the number that the server answered with: its words may contain an address.
    error = models.CharField(_("error"), max_length=100, blank=True)
    code = models.PositiveSmallIntegerField(_("answer of the mail server"), null=True)

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
