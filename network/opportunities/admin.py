"""Review of needs and offers before they become public."""

from collections.abc import Iterator
from typing import cast
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages

from core.admin.forms import LinesField
from core.admin.views import AdminFormView, AdminView
from core.languages.lazy import StrOrPromise
from network import row_locks
from network.admin.access import NAMESPACE, PERMISSION
from network.models import Opportunity
from network.opportunities import services
from network.opportunities.board import reading
from network.vocabulary.details import DetailAudience
from users.models import User

TO_READ = _("Needs and offers to read")


class OpportunityDecisionForm(forms.Form):
    """Decision about a need or an offer that its owner wants to be public.

    Every decision but the release requires a reason.
    """

    RELEASE, KEEP, UNPUBLISH = "release", "keep", "unpublish"

    decision = forms.ChoiceField(
        label=pgettext_lazy("of the team", "Decision"),
        choices=[
            (RELEASE, _("Everybody sees it")),
            (KEEP, _("Only members see it")),
            (UNPUBLISH, _("Hidden from everybody: close it")),
        ],
        widget=forms.RadioSelect,
    )
    reason = LinesField(
        label=_("Reason"),
        required=False,
        max_length=2000,
        help_text=_(
            "Unless everybody sees it. The member reads it on their own page; "
            "the mail says only that something was decided."
        ),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    seen = forms.UUIDField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        if cleaned.get("decision") in {self.KEEP, self.UNPUBLISH} and not cleaned.get("reason"):
            self.add_error("reason", gettext("Please say why: the member will ask."))
        return cleaned


class OpportunitiesToReadView(AdminView, TemplateView):
    """The needs and offers to review, oldest first."""

    template_name = "network/opportunities/admin/opportunities.html"
    page_title = TO_READ
    header_icon = "clipboard-list"
    permission = PERMISSION

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield reverse(f"{NAMESPACE}:index"), _("Network")

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(opportunities=Opportunity.objects.to_read().for_showing(), **kwargs)


class OpportunityToReadView(AdminFormView):
    """One need or offer as the public would see it, and the decision about it."""

    template_name = "network/opportunities/admin/opportunity.html"
    form_class = OpportunityDecisionForm
    page_title = _("Read a need or an offer")
    header_icon = "clipboard-list"
    permission = PERMISSION

    @cached_property
    def opportunity(self) -> Opportunity:
        return get_object_or_404(Opportunity.objects.for_showing(), uuid=self.kwargs["uuid"])

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not (self.opportunity.is_open and self.opportunity.waits_for_reader):
            return self._too_late()
        return super().get(request, *args, **kwargs)

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield reverse(f"{NAMESPACE}:index"), _("Network")
        yield reverse("opportunities-to-read"), TO_READ

    def get_page_subtitle(self) -> str:
        return self.opportunity.title

    def get_initial(self) -> dict[str, object]:
        return {"seen": self.opportunity.words_key}

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(reading=reading(self.opportunity, DetailAudience.EVERYBODY), **kwargs)

    def form_valid(self, form: OpportunityDecisionForm) -> HttpResponse:
        decision, seen = form.cleaned_data["decision"], form.cleaned_data["seen"]
        try:
            self._decide(decision, seen, form.cleaned_data["reason"])
        except row_locks.InvalidStateError:
            return self._too_late()
        messages.success(self.request, gettext("Decided."))
        return redirect("opportunities-to-read")

    def _too_late(self) -> HttpResponse:
        messages.error(
            self.request,
            gettext("Its words have changed, or it was decided meanwhile. Nothing was done: this is what waits now."),
        )
        return redirect("opportunities-to-read")

    def _decide(self, decision: str, seen: UUID, reason: str) -> None:
        by = cast("User", self.request.user)
        if decision == OpportunityDecisionForm.RELEASE:
            services.release_opportunity(opportunity=self.opportunity, seen=seen, by=by)
        elif decision == OpportunityDecisionForm.KEEP:
            services.keep_for_members(opportunity=self.opportunity, seen=seen, reason=reason, by=by)
        else:
            services.unpublish_opportunity(opportunity=self.opportunity, seen=seen, reason=reason, by=by)
