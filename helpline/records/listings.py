import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7
from wagtail.models import LockableMixin, RevisionMixin, WorkflowMixin

from helpline.approval.authorship import Value
from helpline.approval.mixins import TwoPersonApproval
from helpline.records import visibility
from helpline.records.visibility import Freshness, due_on, freshness
from helpline.vocabulary.codes import Alert, Confidence, Status

WEB = URLValidator(schemes=["http", "https"])


def is_web_address(value: str) -> None:
    WEB(value)


class Checked(models.Model):
    """Last check of a record, with its author, date and source, and the date of the next one."""

    checked_on = models.DateField(_("checked on"), null=True, blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("checked by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    checked_source = models.CharField(
        _("checked against"),
        max_length=500,
        blank=True,
        help_text=_("The page you read, or who you asked: “call with the operator”."),
    )
    next_check_due = models.DateField(
        _("next check due"), null=True, blank=True, help_text=_("If left empty: half a year after the check.")
    )
    source_url = models.CharField(
        _("first source"),
        max_length=1000,
        blank=True,
        validators=[is_web_address],
        help_text=_("Where it was found."),
    )
    source_seen = models.CharField(_("date of that source"), max_length=20, blank=True)
    confidence = models.CharField(
        _("confidence of that source"),
        max_length=10,
        blank=True,
        choices=Confidence,
        default=Confidence.UNKNOWN,
    )

    # The freshness shown in the finder, updated by a scheduled job: a listing becomes stale without being saved.
    standing = models.SmallIntegerField(
        _("standing"),
        choices=[(step.value, step.name) for step in Freshness],
        default=Freshness.UNCHECKED,
        editable=False,
    )

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        if self.checked_on and not self.next_check_due:
            self.next_check_due = due_on(self.checked_on)
        if self.checked_on and self.next_check_due and self.next_check_due <= self.checked_on:
            raise ValidationError({"next_check_due": gettext("The next check must be later than this one.")})

    def freshness(self, today: dt.date) -> Freshness:
        return freshness(self.checked_on, self.next_check_due, today)


def new_identifier() -> uuid.UUID:
    """Return a version 7 UUID (RFC 9562, 5.7), so that the identifiers of one import begin alike.

    The finder contains the identifier of every listing, and similar ones compress.
    Random identifiers were a third of a page of 1,000 listings.
    """
    return uuid7()


class Listing(WorkflowMixin, TwoPersonApproval, LockableMixin, RevisionMixin, Checked):
    """Base of programmes, support lines and laws: a stable identifier, a state, a check, and approval by two people."""

    uuid = models.UUIDField(_("identifier"), default=new_identifier, unique=True, editable=False)
    reference = models.CharField(
        _("reference"),
        max_length=100,
        unique=True,
        null=True,
        blank=True,
        editable=False,
        help_text=_("The id of the row that it was imported from."),
    )
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.DRAFT)
    closed_until = models.DateField(_("closed until"), null=True, blank=True)
    delisted_reason = models.TextField(
        _("reason for taking it off the list"), blank=True, help_text=_("Only staff see it.")
    )
    alert = models.CharField(_("alert"), max_length=20, choices=Alert, blank=True, default=Alert.NONE)
    alert_note = models.CharField(
        _("note on the alert"),
        max_length=300,
        blank=True,
        help_text=_(
            "In English, and shown on English pages only. All others show the alert alone: choose the one that says "
            "what people must know."
        ),
    )

    # Deleted together with the listing.
    reports = GenericRelation("helpline.Report", for_concrete_model=False)
    operator_contacts = GenericRelation("helpline.OperatorContact", for_concrete_model=False)

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        self.reference = self.reference or None
        if self.status == Status.DELISTED and not self.delisted_reason:
            raise ValidationError({"delisted_reason": gettext("Say why it is taken off the list.")})
        if self.closed_until and self.status != Status.CLOSED_UNTIL:
            raise ValidationError(
                {"closed_until": gettext("Leave this empty unless the state is “temporarily closed”.")}
            )

    def with_content_json(self, content: dict[str, Value]) -> Self:
        """Keep the identity and the freshness of the record, which an old revision never changes."""
        listing = super().with_content_json(content)
        listing.uuid, listing.reference, listing.standing = self.uuid, self.reference, self.standing
        return listing

    def visibility_blockers(self) -> Iterator[str]:
        if self.status == Status.DRAFT:
            yield gettext("Its state is still “draft”: set it to “verified” once it has been checked.")
        if self.checked_on is None:
            yield gettext("It does not say when it was checked.")
        elif not self.checked_source:
            yield gettext("It does not say which source it was checked against.")

    @property
    def is_closed(self) -> bool:
        return visibility.is_closed(self)
