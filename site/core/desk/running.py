"""Screens of what the worker does: how far it has come."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils import timezone
from django.views.generic import TemplateView

from core.desk.views import DeskView

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

# Seconds after which the screen loads itself again.
RELOADED = 2
# How long nothing may happen before it says that the worker may have stopped.
SILENT = dt.timedelta(minutes=2)


class RunningView(DeskView, TemplateView):
    """How far something has come. While it goes on, the screen loads itself again, without script.

    Subclasses say whether it `is_running` and when something last happened (`last_change`; None if that is not known). Their templates
    include `core/while_running.html`.
    """

    @property
    def is_running(self) -> bool:
        raise NotImplementedError

    @property
    def last_change(self) -> dt.datetime | None:
        return None

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        answer = super().get(request, *args, **kwargs)
        if self.is_running:
            answer["Refresh"] = str(RELOADED)
        return answer

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        is_silent = (
            self.is_running and self.last_change is not None and self.last_change < timezone.now() - SILENT
        )
        return super().get_context_data(**{"is_silent": is_silent, "seconds": RELOADED, **kwargs})
