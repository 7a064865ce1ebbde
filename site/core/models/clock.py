from django.db import models
from django.utils.translation import gettext_lazy as _


class JobRun(models.Model):
    """The last time that the clock did one of its jobs. One row for each job; see `core.clock`."""

    name = models.CharField(_("job"), max_length=100, unique=True)
    started_at = models.DateTimeField(_("started"))
    # Empty while the job runs, and after a crash: then it is taken up again at once.
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    succeeded_at = models.DateTimeField(_("last without failure"), null=True, blank=True)
    done = models.PositiveIntegerField(_("things done"), default=0)
    # [{"item": what it was about, "error": what went wrong}]
    failures = models.JSONField(_("failures"), default=list, blank=True)

    class Meta:
        verbose_name = _("run of the clock")
        verbose_name_plural = _("runs of the clock")

    def __str__(self) -> str:
        return self.name
