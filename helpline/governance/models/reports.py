from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _

from helpline.vocabulary.codes import OperatorAnswer, Wrong


class ReportQuerySet(models.QuerySet["Report"]):
    def open(self) -> "ReportQuerySet":
        """Return unresolved reports."""
        return self.filter(resolved_at=None)


class Report(models.Model):
    """A report that something is wrong with a listing, or the operator's answer whether it is right: a task for staff.

    It never changes what the public sees. The reporter is not recorded, except for an address given for a reply.
    """

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    listing: Any = GenericForeignKey("content_type", "object_id", for_concrete_model=False)
    what = models.CharField(
        _("what they say"), max_length=20, choices=[*Wrong.choices, *OperatorAnswer.choices]
    )
    text = models.TextField(_("in their words"), max_length=2000, blank=True)
    source = models.CharField(_("how they know"), max_length=500, blank=True)
    reply_to = models.EmailField(_("address for an answer"), blank=True)
    language = models.CharField(_("language"), max_length=20, blank=True)

    created_at = models.DateTimeField(_("received"), auto_now_add=True)
    resolved_at = models.DateTimeField(_("done"), null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("done by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    reason = models.CharField(_("what was done"), max_length=500, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report about a listing")
        verbose_name_plural = _("reports about listings")
        ordering = ("created_at", "pk")
        indexes = [
            models.Index(
                fields=("content_type", "object_id"),
                condition=models.Q(resolved_at=None),
                name="open_reports_of_a_listing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} ({self.created_at:%Y-%m-%d})"

    @property
    def by_operator(self) -> bool:
        """Whether it is the operator's answer to the yearly letter."""
        return self.what in OperatorAnswer.values
