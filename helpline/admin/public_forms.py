"""Forms without sign-in, behind a signed link: error reports by staff of other services, and operators' answers.

Operators answer the yearly letter that asks them to reconfirm their listing.
"""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from core import links
from core.admin.forms import LineField, LinesField
from core.admin.views import LimitedFormView
from core.http.access import without_cookie
from core.http.limits import Limit, client_address
from helpline.governance import reconfirmation, reports
from helpline.governance.review.comparison import place, summary_lines
from helpline.records.listings import Listing
from helpline.records.settings import HelplineSettings
from helpline.vocabulary.codes import OperatorAnswer, ReportReason


class SearchForm(forms.Form):
    """Search for the listing to report."""

    q = LineField(
        label=gettext_lazy("Name of the service"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


class ReportForm(forms.Form):
    """An error report about a listing.

    Reports may be anonymous.
    """

    what = forms.ChoiceField(
        label=pgettext_lazy("question", "What is wrong?"), choices=ReportReason, widget=forms.RadioSelect
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
        help_text=gettext_lazy("A page on the website of the service, “I work there”, “no answer any more” …"),
    )
    reply_to = forms.EmailField(
        label=gettext_lazy("Your email address, if we may ask you something"),
        required=False,
        max_length=254,
        help_text=gettext_lazy("We delete it when we have dealt with your report, after 30 days at the latest."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


def render_page(request: HttpRequest, name: str, *, title: str, status: int = 200, **context: Any) -> TemplateResponse:
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
        title=_("Report an error in our list"),
        form=form,
        words=words,
        found=found,
    )


@method_decorator(without_cookie, name="dispatch")
class ReportView(LimitedFormView):
    """Report an error in one listing.

    It leaves nothing on the device, because the public pages of listings link to it.
    """

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


class OperatorAnswerForm(forms.Form):
    """Answer whether a listing is still correct, with its current facts to correct."""

    answer = forms.ChoiceField(
        label=pgettext_lazy("question", "Is this still correct?"),
        choices=OperatorAnswer,
        widget=forms.RadioSelect,
    )
    note = LinesField(
        label=gettext_lazy("What else has changed"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy(
            "Opening hours, languages, cost, who your service is for, what you tell others … In any language."
        ),
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, *args: Any, listing: Listing, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slots = reconfirmation.slots(listing)
        for slot in self.slots:
            self.fields[slot.name] = LineField(
                label=slot.label,
                required=slot.required,
                max_length=slot.longest,
                initial=slot.shown,
                widget=forms.TextInput(attrs={"dir": "ltr"} if slot.is_address else {}),
            )
        self.changed: dict[str, str] = {}

    @property
    def to_correct(self) -> list[BoundField]:
        return [self[slot.name] for slot in self.slots]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for slot in self.slots:
            if slot.name not in cleaned or cleaned[slot.name] == slot.shown:
                continue
            try:
                value = slot.clean(cleaned[slot.name])
            except ValidationError as error:
                self.add_error(slot.name, error)
            else:
                if value != slot.value:
                    self.changed[slot.name] = value
        answer = cleaned.get("answer")
        if answer == OperatorAnswer.RIGHT and (self.changed or cleaned.get("note")):
            text = _("You have written that something has changed. Please choose that answer.")
            self.add_error("answer", text)
        if answer == OperatorAnswer.CHANGED and not self.errors and not self.changed and not cleaned.get("note"):
            self.add_error("note", _("Please say what has changed, here or in the fields above."))
        return cleaned


class AnswerView(LimitedFormView):
    """Show what we publish; only submitting the form counts as an answer, because mail scanners open links."""

    template_name = "helpline/answers/answer.html"
    form_class = OperatorAnswerForm
    prefix = "answer"
    title = gettext_lazy("Is this still correct?")
    done = "helpline:answered"

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except links.MalformedLinkError:
            return problem(
                request,
                _("This link is not complete"),
                _("Your email program may have cut it off. Copy the whole link from the email, to the last letter."),
                status=404,
            )
        except links.LinkNotOpenError:
            return problem(request, str(links.AGAIN), str(links.WHY))
        except links.UsedLinkError:
            return problem(
                request,
                _("This letter has already been answered"),
                _("Each letter can be answered once. If something else has changed, please write to us."),
            )
        except links.ExpiredLinkError:
            return problem(
                request,
                _("This link is too old"),
                _(
                    "It worked for 90 days, or the entry is no longer on our list. If something is wrong, please "
                    "write to us."
                ),
            )

    def get_form_kwargs(self) -> dict[str, object]:
        self.token = links.opened_token(self.request, self.kwargs["key"])
        self.listing: Listing = reconfirmation.read_token(self.token).listing
        return {**super().get_form_kwargs(), "listing": self.listing}

    def limits(self, form: forms.Form) -> Iterator[tuple[Limit, str]]:
        yield reconfirmation.FROM_ADDRESS, client_address(self.request)

    def process(self, form: forms.Form) -> None:
        assert isinstance(form, OperatorAnswerForm)  # noqa: S101  (for the type checker)
        reconfirmation.accept_answer(
            token=self.token,
            answer=form.cleaned_data["answer"],
            words=form.cleaned_data["note"],
            changed=form.changed if form.cleaned_data["answer"] == OperatorAnswer.CHANGED else {},
            language=translation.get_language() or "",
        )

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        kwargs.setdefault("form", self.get_form())
        return super().get_context_data(
            listing=self.listing,
            place=place(self.listing),
            facts=summary_lines(self.listing),
            corrections=HelplineSettings.for_request(self.request).corrections_email,
            **kwargs,
        )


def problem(request: HttpRequest, title: str, text: str, *, status: int = 410) -> HttpResponse:
    return render_page(request, "answers/problem", title=title, text=text, status=status)


@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    return render_page(request, "answers/thanks", title=_("Thank you for your answer"))
