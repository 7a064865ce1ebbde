from django.db import models
from django.utils.translation import gettext_lazy as _


class OpenAlert(models.Model):
    """A gauge that is beyond its limit. The row is deleted when it is not any more. See `operations.watching.alerts`."""

    # The name of a registered `core.watching.Gauge`.
    gauge = models.CharField(_("gauge"), max_length=100, unique=True)
    since = models.DateTimeField(_("since"))
    # Empty until it has lasted long enough for somebody to be told.
    told_at = models.DateTimeField(_("told at"), null=True, blank=True)

    class Meta:
        verbose_name = _("open alert")
        verbose_name_plural = _("open alerts")

    def __str__(self) -> str:
        return self.gauge
