"""The review page: a second person compares, comments, answers the checklist and decides."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.admin.utils import quote
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.forms.boundfield import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.widgets.button import HeaderButton
from wagtail.log_actions import registry
from wagtail.models import ModelLogEntry, Revision
from wagtail.snippets.action_menu import ActionMenuItem
from wagtail.snippets.views.snippets import HistoryView, RevisionsCompareView

from core.admin.views import AdminFormView, say_refused
from core.http import private_url
from core.languages.lazy import StrOrPromise
from core.publishing import publication_checks
from helpline.admin.permissions import may_change
from helpline.approval import rule, versions
from helpline.approval.authorship import Authorship, Fact
from helpline.approval.mixins import SecondPerson, TwoPersonApproval
from helpline.approval.models import Approval
from helpline.approval.rule import NotApprovedError
from helpline.governance import services
from helpline.governance.mails import comment
from helpline.governance.review import approvers, decisions, policy
from helpline.governance.review.comparison import Comparison, compare
from helpline.governance.review.policy import Answered, ChecklistAnswer, PolicyPoint


@dataclass(frozen=True, slots=True)
class ChecklistRow:
    """A point of the checklist with its form fields."""

    point: policy.PolicyPoint
    answer: BoundField
    note: BoundField


class CommentForm(forms.Form):
    """A comment to the others who work on a listing."""

    comment = forms.CharField(
        label=_("Comment"),
        widget=forms.Textarea({"rows": 3}),
        max_length=1000,
        help_text=_(
            "Everybody who works on this listing can read it in the history. Those who have worked on it since it "
            "was last approved get it by email."
        ),
    )


class DecisionForm(forms.Form):
    """Approve, or request changes.

    `seen` is the version on the screen, so that a reviewer cannot approve a version that they have not read.
    """

    REQUEST_CHANGES = "request_changes"  # the other choice is to approve

    seen = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("How you checked it, or what needs to change"),
        widget=forms.Textarea({"rows": 3}),
        max_length=1000,
        help_text=_(
            "The page that you read, or who you called. It is kept in the history, and the author can read it."
        ),
    )

    def __init__(self, *args: Any, points: Collection[policy.PolicyPoint], seen: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = seen
        self.points, self.version = points, seen
        for point in points:
            choices = [
                choice for choice in ChecklistAnswer.choices if point.may_not_apply or choice[0] != "does_not_apply"
            ]
            self.fields[f"{point.code}-answer"] = forms.ChoiceField(
                label=point.rule, required=False, choices=choices, widget=forms.RadioSelect
            )
            self.fields[f"{point.code}-note"] = forms.CharField(label=_("Note"), required=False, max_length=300)

    def rows(self) -> Iterator[ChecklistRow]:
        for point in self.points:
            yield ChecklistRow(point, self[f"{point.code}-answer"], self[f"{point.code}-note"])

    def checklist(self) -> dict[str, Answered]:
        given = self.cleaned_data
        return {
            point.code: Answered(answer=given.get(f"{point.code}-answer", ""), note=given.get(f"{point.code}-note", ""))
            for point in self.points
        }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("seen") != self.version:
            raise forms.ValidationError(
                gettext("This has changed since you opened the page. Read it again before you decide.")
            )
        if self.data.get("decision") != self.REQUEST_CHANGES:
            for point, problem in policy.problems(self.points, self.checklist()):
                self.add_error(f"{point.code}-answer", problem)
        return cleaned


LABEL = _("Compare and decide")
REASONS_SHOWN = 20  # reasons shown on the page; the history has all


def review_url(listing: SecondPerson) -> str:
    return reverse(listing.snippet_viewset.get_url_name("review"), args=(quote(listing.pk),))


class ReviewView(AdminFormView):
    """Review the changes since the last approval, with their reason, and decide.

    Users who may not decide see why.
    """

    template_name = "helpline/admin/review.html"
    form_class = DecisionForm
    page_title = LABEL
    header_icon = "clipboard-list"
    model: Any = None
    viewset: Any = None
    not_in_your_role = _(
        "Your role can draft listings but not approve them. Someone whose role can approve them has to decide."
    )

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.object = self.find(kwargs["pk"])
        self.revision: Revision | None = self.object.latest_revision

    def find(self, pk: int) -> SecondPerson:
        return get_object_or_404(self.model.objects.select_related("latest_revision"), pk=pk)

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return may_change(user, self.model)

    def get_page_subtitle(self) -> str:
        return str(self.newest)

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield self.list_url, self.viewset.menu_label
        yield self.edit_url, str(self.newest)

    @property
    def list_url(self) -> str:
        return reverse(self.viewset.get_url_name("list"))

    @property
    def edit_url(self) -> str:
        return reverse(self.viewset.get_url_name("edit"), args=(quote(self.object.pk),))

    @property
    def address(self) -> str:
        """Return the absolute address of this view, where others reply to a comment."""
        return private_url(self.viewset.get_url_name("review"), quote(self.object.pk))

    @cached_property
    def newest(self) -> Any:
        return self.revision.as_object() if self.revision is not None else self.object

    @cached_property
    def comparison(self) -> Comparison:
        return compare(rule.last_approved(self.object), self.newest)

    @cached_property
    def goes_live_at(self) -> dt.datetime | None:
        """Return the time at which it goes public, if that is scheduled for later."""
        at: dt.datetime | None = self.newest.go_live_at
        return at if at is not None and at > timezone.now() else None

    @cached_property
    def waits(self) -> bool:
        """Return whether there is anything to decide."""
        return self.revision is not None and not (self.object.live and not self.comparison)

    @cached_property
    def submitted(self) -> bool:
        return bool(self.object.workflow_in_progress)

    @property
    def may_publish(self) -> bool:
        return bool(self.request.user.has_perm(f"helpline.publish_{self.model._meta.model_name}"))

    @cached_property
    def against(self) -> list[str]:
        """Return the blockers of an approval by this person, as sentences."""
        if self.revision is None or not self.waits:
            return []
        reasons = list(rule.blockers(listing=self.object, revision=self.revision, by=self.request.user))
        if not self.may_publish:
            reasons.append(str(self.not_in_your_role))
        return reasons

    @cached_property
    def written(self) -> Mapping[Fact, Authorship]:
        """Return the author of each fact in the newest version that has not been approved yet."""
        return rule.changes_since_approval(self.object) if self.waits else {}

    @property
    def own_facts(self) -> str:
        """Return the facts that this person could take back, in words."""
        own = approvers.facts_of(self.written, self.request.user)
        if not own or rule.last_approved(self.object) is None:
            return ""
        if self.request.user.pk in rule.other_authors_since_approval(self.object):
            return ""  # their translated texts would still be in it
        return versions.in_words(type(self.object), own)

    @property
    def second_person(self) -> approvers.PossibleApprovers:
        revision = self.revision
        if not self.waits or revision is None or rule.takes_one(listing=self.object, revision=revision):
            return approvers.PossibleApprovers()
        return approvers.second_person(self.object, self.written)

    @cached_property
    def may_request_changes(self) -> bool:
        return (
            self.submitted
            and self.may_publish
            and not any(rule.person_blockers(listing=self.object, by=self.request.user))
        )

    def get_form_kwargs(self) -> dict[str, Any]:
        points: Iterable[PolicyPoint] = ()
        seen = ""
        if self.revision is not None:
            seen = f"{self.revision.pk}:{versions.digest(self.revision)}"
            if not rule.takes_one(listing=self.object, revision=self.revision):
                points = decisions.points_asked(listing=self.object, revision=self.revision)
        return {**super().get_form_kwargs(), "points": tuple(points), "seen": seen}

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        last = self.object.approvals.select_related("by").first()
        return {
            **super().get_context_data(**kwargs),
            "listing": self.object,
            "revision": self.revision,
            "comparison": self.comparison,
            "last": last,
            "entries": reasons_since(self.object, last),
            "comment_form": kwargs.get("comment_form") or CommentForm(),
            "goes_live_at": self.goes_live_at,
            "waits": self.waits,
            "submitted": self.submitted,
            "against": self.against,
            "remedies": publication_checks.remedies(self.object) if self.against else [],
            "second_person": self.second_person,
            "own_facts": self.own_facts,
            "may_approve": self.waits and not self.against,
            "may_request_changes": self.may_request_changes,
            "edit_url": self.edit_url,
        }

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if "comment" in request.POST:
            return self.comment(CommentForm(request.POST))
        if "take_back" in request.POST:
            return self.take_back()
        if not self.may_publish:
            raise PermissionDenied
        return super().post(request, *args, **kwargs)

    def comment(self, form: CommentForm) -> HttpResponse:
        """Record a comment.

        Anyone who may change the listing may comment.
        """
        if not form.is_valid():
            say_refused(self.request)
            # Nothing was decided, so the decision form stays unbound.
            decision = DecisionForm(**{**self.get_form_kwargs(), "data": None, "files": None})
            return self.render_to_response(self.get_context_data(form=decision, comment_form=form))
        text = form.cleaned_data["comment"]
        comment(listing=self.object, by=self.request.user, text=text, url=self.address)
        messages.success(self.request, gettext("Your comment was added to the history."))
        return redirect(self.request.path)

    def take_back(self) -> HttpResponse:
        """Take this person's changes out of the newest version, so that they can approve the rest.

        Any user who may change the listing may do so.
        """
        try:
            facts = approvers.take_back(listing=self.object, by=self.request.user)
        except NotApprovedError as refusal:
            messages.error(self.request, str(refusal))
        else:
            done = gettext("Your changes were taken back: %(facts)s. What others have changed is still there.")
            messages.success(self.request, done % {"facts": facts})
        return redirect(review_url(self.object))

    def form_valid(self, form: DecisionForm) -> HttpResponse:
        reason, by = form.cleaned_data["reason"], self.request.user
        try:
            if form.data.get("decision") == form.REQUEST_CHANGES:
                services.request_changes(listing=self.object, by=by, reason=reason)
                done = gettext("Changes requested. The author gets your reason.")
            else:
                services.approve(
                    listing=self.object,
                    revision=self.revision,
                    by=by,
                    reason=reason,
                    checklist=form.checklist(),
                )
                done = (
                    gettext("Approved. The public will see it from %(at)s.")
                    % {"at": formats.date_format(timezone.localtime(self.goes_live_at), "DATETIME_FORMAT")}
                    if self.goes_live_at
                    else gettext("Approved. The public will see it shortly.")
                )
        except PermissionDenied as refusal:
            form.add_error(None, str(refusal) or gettext("You cannot decide this at the moment."))
            return self.form_invalid(form)
        messages.success(self.request, done)
        return redirect(self.list_url)


def reasons_since(listing: SecondPerson, last: Approval | None) -> list[ModelLogEntry]:
    """Return the log entries with a comment since the last approval, newest first."""
    entries = registry.get_logs_for_instance(listing).select_related("user")
    if last is not None:
        entries = entries.filter(timestamp__gt=last.at)
    return [entry for entry in entries[:REASONS_SHOWN] if entry.comment]


class ListingCompareView(RevisionsCompareView):
    """Two revisions side by side, with codes spelled out."""

    template_name = "helpline/admin/compare.html"

    def _get_comparison(self, revision_a: SecondPerson, revision_b: SecondPerson) -> Comparison:
        return compare(revision_a, revision_b)


class ListingHistoryView(HistoryView):
    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [*super().header_buttons, decide_button(self.object)]


def decide_button(listing: SecondPerson) -> HeaderButton:
    return HeaderButton(label=LABEL, url=review_url(listing), icon_name="clipboard-list")


class ListingReviewMenuItem(ActionMenuItem):
    """Link from the edit form to the review page."""

    name = "action-review"
    label = LABEL
    icon_name = "clipboard-list"
    order = 55

    def is_shown(self, context: Mapping[str, Any]) -> bool:
        return bool(context["view"] == "edit")

    def get_url(self, parent_context: Mapping[str, Any]) -> str:
        return review_url(parent_context["instance"])


def arrange_menu(items: list[ActionMenuItem], request: HttpRequest, context: Mapping[str, Any]) -> None:
    """Replace the decisions in the form's menu by a link to the review page, and keep an author's actions."""
    instance = context.get("instance")
    if not issubclass(context["model"], TwoPersonApproval) or instance is None or context["view"] != "edit":
        return
    decides = {"approve", "reject"}
    if instance.workflow_in_progress:
        decides.add("action-publish")
    items[:] = [item for item in items if item.name not in decides]
    items.append(ListingReviewMenuItem())
    items.sort(key=lambda item: item.order)


def explain_refusal(request: HttpRequest, listing: SecondPerson, refusal: NotApprovedError) -> HttpResponse:
    """Say why a draft was saved but not published, and redirect to the page where a second person can decide."""
    text = gettext("Saved as a draft, but not published. %(reason)s") % {"reason": refusal}
    messages.warning(request, text)
    return redirect(review_url(listing))
