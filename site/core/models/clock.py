from django.db import models
from django.utils.translation import gettext_lazy as _


class JobRun(models.Model):
    """The last run of one of the clock's jobs. One row for each job; see `core.clock`."""

    name = models.CharField(_("job"), max_length=100, unique=True)
    started_at = models.DateTimeField(_("started"))
    # Empty while the job runs, and after a crash: then it is resumed at once.
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    succeeded_at = models.DateTimeField(_("last success"), null=True, blank=True)
    done = models.PositiveIntegerField(_("items done"), default=0)
    # [{"item": the item, "error": what went wrong}]
    failures = models.JSONField(_("failures"), default=list, blank=True)

    class Meta:
        verbose_name = _("clock run")
        verbose_name_plural = _("clock runs")

    def __str__(self) -> str:
        return self.name
