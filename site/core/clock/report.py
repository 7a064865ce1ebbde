"""The clock's last runs, for administrators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from core import clock
from core.desk.views import DeskView
from core.models import JobRun

PERMISSION = "core.change_sitesettings"


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job and its last run."""

    job: clock.Job
    run: JobRun | None
    late: bool


class ClockReportView(DeskView, TemplateView):
    template_name = "core/clock_report.html"
    page_title = _("Clock")
    header_icon = "history"
    permission = PERMISSION

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        runs = {run.name: run for run in JobRun.objects.all()}
        late = {job.name for job in clock.late()}
        rows = [JobRow(job, runs.get(job.name), job.name in late) for job in clock.declared()]
        return super().get_context_data(rows=rows, is_stopped=clock.is_stopped(), **kwargs)
