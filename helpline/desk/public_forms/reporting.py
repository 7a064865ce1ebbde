"""“This number is wrong”: what staff of other services tell us at the desk, without signing in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from core.desk.forms import Line, Lines
from core.doors import proof
from core.doors.limits import Refusal, client, refuse, retry_later, spend
from helpline.governance import reports
from helpline.governance.summary import facts, place
from helpline.records.settings import HelplineSettings
from helpline.vocabulary.codes import Wrong

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest


class SearchForm(forms.Form):
    """Which listing is meant."""

    q = Line(
        label=gettext_lazy("Name of the service"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


class ReportForm(forms.Form):
    """What is wrong with a listing. Nobody has to say who they are."""

    what = forms.ChoiceField(
        label=pgettext_lazy("question", "What is wrong?"), choices=Wrong, widget=forms.RadioSelect
    )
    text = Lines(
        label=gettext_lazy("What would be right?"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("Please write nothing about people who called, and nothing about yourself."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    source = Line(
        label=gettext_lazy("How do you know?"),
        max_length=500,
        help_text=gettext_lazy("A page of the service, or “I work there”, or “nobody answers any more”."),
    )
    reply_to = forms.EmailField(
        label=gettext_lazy("Your e-mail address, if we may ask you something"),
        required=False,
        max_length=254,
        help_text=gettext_lazy("It is deleted when we have dealt with it, after 30 days at the latest."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


def page(
    request: HttpRequest, name: str, *, title: str, status: int = 200, **context: Any
) -> TemplateResponse:
    context |= {"title": title, "corrections": HelplineSettings.for_request(request).corrections_email}
    return TemplateResponse(request, f"helpline/reporting/{name}.html", context, status=status)


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Find the listing by its name."""
    form = SearchForm(request.GET or None)
    words = form.cleaned_data["q"] if form.is_bound and form.is_valid() else ""
    found = [(listing, place(listing)) for listing in reports.named(words)] if words else []
    return page(
        request,
        "choose",
        title=_("Something in our list is wrong"),
        form=form,
        words=words,
        found=found,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say what is wrong with one listing."""
    listing = reports.find(uuid)
    if listing is None:
        raise Http404("There is no such listing.")
    form = ReportForm(request.POST if request.method == "POST" else None, prefix="report")
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            proof.check(request.POST.get("proof", ""))
            spend(reports.FROM_ADDRESS, client(request))
            spend(reports.ON_LISTING, str(uuid))
        except Refusal as refusal:
            status = refuse(form, refusal)
        else:
            reports.report(listing=listing, language=translation.get_language() or "", **form.cleaned_data)
            return redirect("helpline:report-sent")
    response = page(
        request,
        "report",
        title=_("What is wrong?"),
        status=status,
        form=form,
        challenge=proof.challenge(),
        listing=listing,
        facts=facts(listing),
    )
    return retry_later(response)


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    return page(request, "sent", title=_("Thank you"))
