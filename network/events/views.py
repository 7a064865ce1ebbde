"""Registration for events, and a registration's own pages, opened by a mailed link or signed in as a member."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format, number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import links, typesetting
from core.admin.forms import LineField
from core.admin.views import LimitedFormView
from core.http import public_url
from core.http.limits import Limit, client_address
from core.languages import tree
from core.models import SiteSettings
from core.publishing import feeds
from network import row_locks, tokens
from network.events import calendars as event_calendars
from network.events import facts, services
from network.events.facts import EventAudience
from network.members.access import (
    broken_link,
    closed_link,
    for_listed_members,
    link_problem,
    mail_sent,
    render_page,
    signed_in_member,
)
from network.models import Event, EventIndexPage, EventPage, Member, NetworkSettings, Registration

type OwnView = Callable[[HttpRequest, Registration, Callable[[str], str]], HttpResponse]

REGISTER_FROM_ADDRESS = Limit(name="register-from", times=20, seconds=60 * 60)
REGISTER_WITH_EMAIL = Limit(name="register-with", times=5, seconds=60 * 60)
TEMPLATE = Path(__file__).with_name("certificate.typ")


def page_of(event: Event) -> EventPage:
    """Return the page of an event in the visitor's language or its fallbacks.

    Raises Http404 if it is not public.
    """
    page = event.page_in(translation.get_language())
    if page is None:
        raise Http404
    return page


class GuestForm(forms.Form):
    """Registration of a guest without an account."""

    name = LineField(
        label=gettext_lazy("Name"),
        max_length=120,
        help_text=gettext_lazy("As it shall stand on a certificate of attendance."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("Email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class RegisterView(LimitedFormView):
    """Register: members with one button, guests with a mailed link.

    The response is the same for known and unknown addresses.
    """

    template_name = "network/events/event_register.html"
    form_class = GuestForm
    prefix = "guest"
    needs_proof = True
    done = "network:event-sent"

    @cached_property
    def event(self) -> Event:
        return get_object_or_404(Event.objects.with_counts(), uuid=self.kwargs["uuid"])

    @cached_property
    def page(self) -> EventPage:
        return page_of(self.event)

    @cached_property
    def member(self) -> Member | None:
        member = signed_in_member(self.request)
        return member if member is not None and member.state == Member.State.LISTED else None

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        self.title = self.page.title  # raises Http404 if the page is not public
        if self.event.audience == EventAudience.MEMBERS and self.member is None:
            if request.user.is_anonymous:
                return redirect_to_login(request.get_full_path())
            return for_listed_members(not_found)(request)
        return super().dispatch(request, *args, **kwargs)

    def limits(self, form: Form) -> Iterator[tuple[Limit, str]]:
        yield REGISTER_FROM_ADDRESS, client_address(self.request)
        yield REGISTER_WITH_EMAIL, form.cleaned_data["email"].lower()

    def form_valid(self, form: Form) -> HttpResponse:
        if not self.event.is_open or self.member is not None:
            return redirect(self.request.path)  # the page says why
        return super().form_valid(form)

    def process(self, form: Form) -> None:
        services.request_place(event=self.event, language=translation.get_language(), **form.cleaned_data)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        event, member, page = self.event, self.member, self.page
        return super().get_context_data(
            page=page,
            event=event,
            member=member,
            registration=event.registrations.filter(member=member).first() if member else None,
            free=None if event.capacity is None else event.capacity - event.taken - event.waiting,
            contact=NetworkSettings.contact(),
            public_page=public_url(page.path_at_public),
            **kwargs,
        )


def not_found(request: HttpRequest, member: Member) -> HttpResponse:
    """Raise Http404.

    Listed members never reach this view.
    """
    raise Http404


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEvent:
    """An event for which the user is registered, with its page in their language or the nearest one."""

    registration: Registration
    event: Event
    page: EventPage


@require_safe
@for_listed_members
def own_events(request: HttpRequest, member: Member) -> HttpResponse:
    """List the events for which a member is registered: upcoming ones, and past ones at which they had a place."""
    language = translation.get_language()
    registrations = list(member.registrations.by_time())
    pages = EventPage.objects.of_events([each.event.uuid for each in registrations], language)
    own = [
        OwnEvent(registration=each, event=each.event, page=pages[each.event.uuid])
        for each in registrations
        if each.event.uuid in pages
    ]
    index = EventIndexPage.objects.live().filter(locale__language_code=language).first()
    return render_page(
        request,
        "events/own_events",
        title=_("Your events"),
        ahead=[each for each in own if not each.event.is_over],
        over=[each for each in reversed(own) if each.event.is_over and each.registration.has_place],
        all_events=public_url(tree.page_path(index, language)) if index else "",
    )


sent = mail_sent("events/event_sent")


@require_POST
@for_listed_members
def register(request: HttpRequest, member: Member, uuid: UUID) -> HttpResponse:
    """Register with one button."""
    event = get_object_or_404(Event, uuid=uuid)
    page_of(event)  # raises Http404 if the page is not public
    try:
        services.register_member(event=event, member=member, language=translation.get_language())
    except row_locks.InvalidStateError:
        messages.error(request, _("One cannot register for this event any more."))
        return redirect("network:event", uuid=uuid)
    return redirect("network:own-event-place", uuid=uuid)


# --- Registrations: by mailed link, by account --------------------------------------------------------------


def by_link(view: OwnView) -> Callable[[HttpRequest, str], HttpResponse]:
    """Pass the view the registration of the mailed link open in this browser.

    It also gets a function that returns the URLs of the registration's other pages.
    """

    @wraps(view)
    def checked(request: HttpRequest, key: str) -> HttpResponse:
        try:
            registration = tokens.read_registration(links.opened_token(request, key))
        except links.LinkNotOpenError:
            return closed_link(request)
        except links.MalformedLinkError:
            return broken_link(request)
        except links.ExpiredLinkError:
            text = _(
                "It was left or deleted, a place was not accepted in time, or the event is long over. "
                "You are welcome to register again."
            )
            return link_problem(request, _("This registration does not exist any more"), text)
        return view(request, registration, lambda what: reverse(f"network:event-{what}-here", args=[key]))

    return checked


def by_account(view: OwnView) -> Callable[..., HttpResponse]:
    """Pass the view the registration of the signed-in member.

    Without one, redirect to the registration form.
    """

    @wraps(view)
    def checked(request: HttpRequest, member: Member, uuid: UUID) -> HttpResponse:
        found = member.registrations.filter(event__uuid=uuid).select_related("event", "member").first()
        if found is None:
            return redirect("network:event", uuid=uuid)
        return view(request, found, lambda what: reverse(f"network:own-event-{what}", args=[uuid]))

    return for_listed_members(checked)


def place(request: HttpRequest, registration: Registration, address: Callable[[str], str]) -> HttpResponse:
    """Show a registration: confirm it, accept the offered place, or leave."""
    event = registration.event
    page = page_of(event)
    if request.method == "POST":
        return change_place(request, registration, address)
    waiting = event.registrations.waiting().filter(number__lt=registration.number or 0)
    return render_page(
        request,
        "events/event_place",
        title=page.title,
        page=page,
        event=event,
        registration=registration,
        ahead=waiting.count(),
        calendar_url=address("calendar"),
        certificate_url=address("certificate"),
        public_page=public_url(page.path_at_public),
    )


def change_place(request: HttpRequest, registration: Registration, address: Callable[[str], str]) -> HttpResponse:
    action = request.POST.get("action")
    try:
        if action == "leave":
            services.give_up_place(registration=registration)
            messages.success(request, _("Your registration is deleted. Thank you for saying so."))
            return redirect("network:event", uuid=registration.event.uuid)
        if action == "confirm":
            kept = services.confirm_request(registration=registration)
            if kept.pk != registration.pk:
                text = _("You have registered before: please use the link in the earlier email.")
                return link_problem(request, _("You are registered already"), text, status=200)
        elif action == "accept":
            services.accept_place(registration=registration)
    except services.RegistrationClosedError:
        messages.error(request, _("One cannot register for this event any more."))
    except row_locks.InvalidStateError:
        messages.error(request, _("That is not possible any more. This is the current state."))
    return redirect(address("place"))


def calendar(request: HttpRequest, registration: Registration, address: Callable[[str], str]) -> HttpResponse:
    """Download the event with the joining details, for a calendar."""
    page = page_of(registration.event)
    if not registration.has_place:
        raise Http404
    made = event_calendars.file_of(page, joining=page.joining_details)
    return HttpResponse(made, content_type=feeds.CONTENT_TYPE, headers=attached(f"{page.slug}.ics"))


def certificate(registration: Registration, page: EventPage, *, site: str) -> bytes:
    """Return the certificate of a participant.

    Raises typesetting.TypesettingError if no font has a letter of the name.
    """
    language = settings.LANGUAGE_TABLE[page.language]
    event = registration.event
    if unknown := typesetting.missing_letters(registration.name + page.title):
        raise typesetting.TypesettingError(unknown)
    with translation.override(page.language):
        return typesetting.pdf(
            TEMPLATE,
            {
                "language": language.code.partition("-")[0],
                "direction": language.direction,
                "site": site,
                "title": gettext("Certificate of attendance"),
                "name": registration.name,
                "took_part": gettext("took part in"),
                "event": page.title,
                "facts": [
                    (gettext("When"), facts.lines(event)[0]),
                    (gettext("Where"), page.place),
                    (gettext("Hours"), number_format(event.hours, decimal_pos=int(event.hours % 1 != 0))),
                    (gettext("Issued on"), date_format(event.ends, "DATE_FORMAT")),
                ],
                "address": public_url(page.path_at_public),
            },
        )


def own_certificate(request: HttpRequest, registration: Registration, address: Callable[[str], str]) -> HttpResponse:
    """Download the certificate, in the language of the page."""
    page = page_of(registration.event)
    if not registration.has_certificate:
        raise Http404
    try:
        made = certificate(registration, page, site=SiteSettings.for_request(request).name)
    except typesetting.TypesettingError:
        text = _("The certificate cannot show a letter of your name. Please write to us, and we will make it by hand.")
        return link_problem(request, _("The certificate could not be made"), text, status=200)
    return HttpResponse(made, content_type="application/pdf", headers=attached(f"{page.slug}-certificate.pdf"))


def attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


for_reading_and_sending = require_http_methods(["GET", "HEAD", "POST"])
place_by_link, place_by_account = (for_reading_and_sending(way(place)) for way in (by_link, by_account))
calendar_by_link, calendar_by_account = (require_safe(way(calendar)) for way in (by_link, by_account))
certificate_by_link, certificate_by_account = (require_safe(way(own_certificate)) for way in (by_link, by_account))
