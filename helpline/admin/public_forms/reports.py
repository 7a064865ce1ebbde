"""“This number is wrong”: reports by staff of other services, without signing in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from core.desk.forms import LineField, LinesField
from core.desk.limited import LimitedFormView
from core.doors.limits import client_address
from helpline.governance import reports
from helpline.governance.review.summary import place, summary_lines
from helpline.records.settings import HelplineSettings
from helpline.vocabulary.codes import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest

    from core.doors.limits import Limit
    from helpline.records.listings import Listing


class SearchForm(forms.Form):
    """Search for the listing to report."""

    q = LineField(
        label=gettext_lazy("Name of the service"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


class ReportForm(forms.Form):
    """What is wrong with a listing. Reports may be anonymous."""

    what = forms.ChoiceField(
        label=pgettext_lazy("question", "What is wrong?"), choices=Wrong, widget=forms.RadioSelect
    )
    text = LinesField(
        label=gettext_lazy("What would be right?"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("Please do not write about people who called, or about yourself."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    source = LineField(
        label=gettext_lazy("How do you know?"),
        max_length=500,
        help_text=gettext_lazy(
            "A page on the website of the service, “I work there”, “nobody answers any more” …"
        ),
    )
    reply_to = forms.EmailField(
        label=gettext_lazy("Your email address, if we may ask you something"),
        required=False,
        max_length=254,
        help_text=gettext_lazy(
            "We delete it when we have dealt with your report, after 30 days at the latest."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


def render_page(
    request: HttpRequest, name: str, *, title: str, status: int = 200, **context: Any
) -> TemplateResponse:
    context |= {"title": title, "corrections": HelplineSettings.for_request(request).corrections_email}
    return TemplateResponse(request, f"helpline/{name}.html", context, status=status)


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Find a listing by name."""
    form = SearchForm(request.GET or None)
    words = form.cleaned_data["q"] if form.is_bound and form.is_valid() else ""
    found = [(listing, place(listing)) for listing in reports.search_by_name(words)] if words else []
    return render_page(
        request,
        "reporting/choose",
        title=_("Something in our list is wrong"),
        form=form,
        words=words,
        found=found,
    )


class ReportView(LimitedFormView):
    """Report what is wrong with one listing."""

    template_name = "helpline/reporting/report.html"
    form_class = ReportForm
    prefix = "report"
    title = gettext_lazy("What is wrong?")
    needs_proof = True
    done = "helpline:report-sent"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        listing = reports.find(kwargs["uuid"])
        if listing is None:
            raise Http404("There is no such listing.")
        self.listing: Listing = listing

    def limits(self, form: forms.Form) -> Iterator[tuple[Limit, str]]:
        yield reports.FROM_ADDRESS, client_address(self.request)
        yield reports.ON_LISTING, str(self.listing.uuid)

    def process(self, form: forms.Form) -> None:
        language = translation.get_language() or ""
        reports.file_report(listing=self.listing, language=language, **form.cleaned_data)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        corrections = HelplineSettings.for_request(self.request).corrections_email
        return super().get_context_data(
            listing=self.listing, facts=summary_lines(self.listing), corrections=corrections, **kwargs
        )


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    return render_page(request, "reporting/sent", title=_("Thank you"))
