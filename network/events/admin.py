"""Events in the admin: registrations and attendance."""

from collections.abc import Iterator
from typing import cast

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import translation
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages

from core.admin.spreadsheets import csv_table
from core.admin.views import AdminView
from core.languages.lazy import StrOrPromise
from network import row_locks
from network.events import facts, services
from network.models import Event, EventPage, Registration
from users.models import User

PERMISSION = "network.change_event"


class EventListView(AdminView, TemplateView):
    """All events, the newest first, with their numbers of registrations."""

    template_name = "network/events/admin/events.html"
    page_title = _("Events")
    header_icon = "calendar-check"
    permission = PERMISSION

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        language = translation.get_language()
        events = Event.objects.with_counts().order_by("-starts_at")
        rows = [(event, event.page_in(language), facts.meta(event)) for event in events]
        return super().get_context_data(**kwargs) | {"rows": rows}


class AttendanceView(AdminView, TemplateView):
    """Registrations for an event and, once it has begun, a list to tick who attended."""

    template_name = "network/events/admin/attendance.html"
    page_title = _("Registrations")
    header_icon = "calendar-check"
    permission = PERMISSION

    @cached_property
    def event(self) -> Event:
        return get_object_or_404(Event, uuid=self.kwargs["uuid"])

    @cached_property
    def event_page(self) -> EventPage | None:
        return self.event.page_in(translation.get_language())

    @property
    def registrations(self) -> QuerySet[Registration]:
        return self.event.registrations.confirmed().order_by("number")

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield reverse("event-list"), _("Events")

    def get_page_subtitle(self) -> str:
        return self.event_page.title if self.event_page else ""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        # Compared as text, so that an invalid UUID matches no registration.
        ticked = request.POST.getlist("attended")
        attended = [each.uuid for each in self.registrations if str(each.uuid) in ticked]
        try:
            count = services.note_attendance(event=self.event, attended=attended, by=cast("User", request.user))
        except row_locks.InvalidStateError:
            messages.error(request, gettext("The event has not begun yet. Nothing was kept."))
        else:
            done = gettext("Kept. Of those with a place, %(count)s were there; they can download a certificate.")
            messages.success(request, done % {"count": count})
        return redirect(request.path)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(**kwargs) | {
            "event": self.event,
            "page": self.event_page,
            "registrations": self.registrations.select_related("member"),
        }


class AttendanceTableView(AttendanceView):
    """The same list as a CSV file, without addresses."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        heading = [gettext("Number"), gettext("Name"), gettext("Who"), gettext("State"), gettext("Was there")]
        rows = (
            [
                each.number,
                each.name,
                gettext("Member") if each.member_id else gettext("Guest"),
                each.get_state_display(),
                gettext("yes") if each.attended else "",
            ]
            for each in self.registrations
        )
        return csv_table("registrations.csv", [heading, *rows])
