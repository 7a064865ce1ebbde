"""Conversations that a member has reported.

The team can read one only between the report and the decision.
"""

from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages

from core.admin.forms import LinesField
from core.admin.views import AdminFormView, AdminView
from core.languages import names
from core.languages.lazy import StrOrPromise
from network import row_locks
from network.admin.access import NAMESPACE, PERMISSION
from network.messages import services
from network.models import ConversationReport
from users.models import User

Decision = ConversationReport.Decision


class ReportDecisionForm(forms.Form):
    """Decision about a report."""

    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"), choices=Decision, widget=forms.RadioSelect, initial=Decision.NOTHING
    )
    text = LinesField(
        label=gettext_lazy("Words of the warning"),
        max_length=2000,
        required=False,
        help_text=gettext_lazy(
            "Only if you warn. The member reads them in their own area; an email says only that something waits."
        ),
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def clean(self) -> dict[str, object]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("decision") == Decision.WARN and not given.get("text"):
            raise ValidationError({"text": _("Please write what the member should know.")})
        return given


class ConversationReportsView(AdminView, TemplateView):
    """The undecided reports, oldest first."""

    template_name = "network/messages/admin/conversation_reports.html"
    page_title = gettext_lazy("Reported conversations")
    header_icon = "warning"
    permission = PERMISSION

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield reverse(f"{NAMESPACE}:index"), gettext_lazy("Network")

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        found = ConversationReport.objects.open().select_related(
            "conversation__starter", "conversation__recipient", "reporter"
        )
        return {**super().get_context_data(**kwargs), "reports": found}


class ConversationReportView(AdminFormView):
    """One report: the conversation as the reporter saw it, and the decision."""

    template_name = "network/messages/admin/conversation_report.html"
    page_title = gettext_lazy("Reported conversation")
    header_icon = "warning"
    permission = PERMISSION
    form_class = ReportDecisionForm

    @cached_property
    def report(self) -> ConversationReport:
        found = ConversationReport.objects.select_related(
            "conversation__starter", "conversation__recipient", "reporter"
        )
        return get_object_or_404(found, uuid=self.kwargs["uuid"])

    @property
    def by(self) -> User:
        # All views of the admin require sign-in.
        return cast("User", self.request.user)

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if self.allows(request.user) and not ConversationReport.objects.open().filter(**kwargs).exists():
            return self.too_late()
        return super().dispatch(request, *args, **kwargs)

    def too_late(self) -> HttpResponse:
        messages.error(self.request, _("Another person changed this first. This is the current state."))
        return redirect(f"{NAMESPACE}:reports")

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield reverse(f"{NAMESPACE}:index"), gettext_lazy("Network")
        yield reverse(f"{NAMESPACE}:reports"), gettext_lazy("Reported conversations")

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        report = self.report
        said = report.conversation.messages.seen_by(report.reporter)
        return {
            **super().get_context_data(**kwargs),
            "report": report,
            "said": said.filter(written_at__lte=report.reported_at).select_related("sender"),
            "language_name": names.language_name(report.accused.language),
        }

    def form_valid(self, form: ReportDecisionForm) -> HttpResponse:
        try:
            services.decide_report(report=self.report, by=self.by, **form.cleaned_data)
        except row_locks.InvalidStateError:
            return self.too_late()
        messages.success(self.request, _("Decided. The conversation is closed to the team again."))
        return redirect(f"{NAMESPACE}:reports")
