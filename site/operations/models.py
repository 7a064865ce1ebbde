from django.db import models
from django.utils.translation import gettext_lazy as _


class OpenAlert(models.Model):
    """A metric that is beyond its limit.

    The row is deleted when it no longer is.
    See `operations.monitoring.alerts`.
    """

    # The name of a registered `core.monitoring.Metric`.
    metric = models.CharField(_("metric"), max_length=100, unique=True)
    since = models.DateTimeField(_("since"))
    # Empty until it has lasted long enough for an alert.
    notified_at = models.DateTimeField(_("notified at"), null=True, blank=True)

    class Meta:
        verbose_name = _("open alert")
        verbose_name_plural = _("open alerts")

    def __str__(self) -> str:
        return self.metric


class BackupOutcome(models.Model):
    """The last backup that succeeded, and the one that has failed since: a row for each.

    See `operations.backups.repository`.
    """

    succeeded = models.BooleanField(_("succeeded"), unique=True)
    # For a backup that succeeded: the time of its contents.
    at = models.DateTimeField(_("when"))
    # The cause of a failure.
    said = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("outcome of a backup")
        verbose_name_plural = _("outcomes of backups")

    def __str__(self) -> str:
        return f"{self.at.isoformat()} {self.said}".strip()
