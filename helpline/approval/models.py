from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _


class ApprovalQuerySet(models.QuerySet["Approval"]):
    def by_two(self) -> "ApprovalQuerySet":
        """Return approvals that a second person gave to the work of others."""
        return self.filter(rule=Approval.Rule.TWO)

    def by_one(self) -> "ApprovalQuerySet":
        """Return approvals of revisions that only restrict or confirm."""
        return self.filter(rule=Approval.Rule.ONE)

    def valid(self) -> "ApprovalQuerySet":
        """Return approvals that are still in force: hiding a listing withdraws its approvals."""
        return self.filter(is_withdrawn=False)

    def for_revision(self, *, revision_id: int, digest: str) -> "ApprovalQuerySet":
        """Return approvals of a revision whose content still has this digest."""
        return self.filter(revision_id=revision_id, digest=digest)


class Approval(models.Model):
    """Permission to show a revision of a listing, with the user and the time.

    Written only by `helpline.approval.rule.record_approval()`.
    A revision can be overwritten by its author, and purged, so an approval keeps its number and a digest of its
    content.
    """

    class Rule(models.TextChoices):
        TWO = "two", _("two people")
        ONE = "one", _("one person: it only restricts, or changes nothing")

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.CharField(max_length=255)
    listing = GenericForeignKey("content_type", "object_id", for_concrete_model=False)
    revision_id = models.BigIntegerField(_("revision"))
    digest = models.CharField(max_length=64)
    rule = models.CharField(_("rule"), max_length=10, choices=Rule)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(_("at"), auto_now_add=True)
    reason = models.TextField(_("how it was checked"), blank=True)
    checklist = models.JSONField(
        _("checklist"), default=dict, blank=True, help_text=_("The answers, by the codes of the policy.")
    )
    is_withdrawn = models.BooleanField(_("withdrawn"), default=False)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        ordering = ("-at", "-pk")
        indexes = [models.Index(fields=("content_type", "object_id"), name="approvals_of_a_listing")]

    def __str__(self) -> str:
        return f"{self.revision_id}: {self.get_rule_display()}"
