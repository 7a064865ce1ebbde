from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpline.records.fields import site_languages


def tomorrow() -> dt.date:
    return timezone.localdate() + dt.timedelta(days=1)


class OperatorContactQuerySet(models.QuerySet["OperatorContact"]):
    def due(self) -> OperatorContactQuerySet:
        """Return contacts whose letter is due and was not given up."""
        return self.filter(ask_on__lte=timezone.localdate(), failed_at=None)

    def given_up(self) -> OperatorContactQuerySet:
        """Return contacts whose letter could not be delivered: a person must look."""
        return self.exclude(failed_at=None)


class OperatorContact(models.Model):
    """The address at which the operator of a listing is asked once a year whether it is still right, and the state of this year's letter.

    It is separate from the listing: only the people who maintain the list may read the address, so it is not in any version of the
    listing, export or page. It is correspondence, not a fact, so one person may change it.
    """

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    listing: Any = GenericForeignKey("content_type", "object_id", for_concrete_model=False)
    email = models.EmailField(
        _("e-mail address of the operator"),
        help_text=_("For the letter only. Only the people who maintain this list can see it."),
    )
    language = models.CharField(
        _("language of the letter"),
        max_length=20,
        blank=True,
        choices=site_languages,
        help_text=_("If left empty: the first language of the listing that this site also has."),
    )
    ask_on = models.DateField(
        _("next letter on"), default=tomorrow, help_text=_("After that, once a year automatically.")
    )

    # Together with the day, identifies one letter in its link and its Message-ID. A new address gets a new key: old links expire.
    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    asked_on = models.DateField(_("day of the last letter"), null=True, editable=False)
    sent_at = models.DateTimeField(_("last letter sent"), null=True, editable=False)
    answered_at = models.DateTimeField(_("answered"), null=True, editable=False)
    failed_at = models.DateTimeField(_("given up at"), null=True, editable=False)
    error = models.CharField(_("error"), max_length=100, blank=True, editable=False)
    # Deleted together with the address.
    outgoing_mail = GenericRelation("core.OutgoingMail", for_concrete_model=False)

    objects = OperatorContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("address of an operator")
        verbose_name_plural = _("addresses of operators")
        constraints = [
            models.UniqueConstraint(
                fields=("content_type", "object_id"), name="one_operator_address_for_each_listing"
            )
        ]

    def __str__(self) -> str:
        return f"{self.content_type_id}-{self.object_id}"
