"""Wagtail's views of listings, which explain why something was not published; and immediate actions."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.admin.utils import quote
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.views.generic.mixins import CreateEditViewOptionalFeaturesMixin
from wagtail.admin.widgets.button import HeaderButton
from wagtail.snippets.views.snippets import CreateView, EditView, UnpublishView, WorkflowActionView

from core.admin.views import AdminFormView, say_refused
from core.languages.lazy import StrOrPromise
from core.languages.names import joined
from helpline.admin.forms import ActionForm, AtOnce, LawActionForm, ReasonForm
from helpline.admin.permissions import edit_url, may_change
from helpline.admin.review import decide_button, explain_refusal, review_url
from helpline.approval.mixins import SecondPerson
from helpline.approval.rule import NotApprovedError
from helpline.governance import services


class ExplainsRefusals(CreateEditViewOptionalFeaturesMixin):
    """Keep what may not be published as a draft and say why not; record the author's reason in the history."""

    def publish_action(self) -> HttpResponse | None:
        return self._unless_refused(super().publish_action)

    def submit_action(self) -> HttpResponse | None:
        return self._unless_refused(super().submit_action)

    def workflow_action_action(self) -> HttpResponse | None:
        return self._unless_refused(super().workflow_action_action)

    def _unless_refused(self, action: Callable[[], HttpResponse | None]) -> HttpResponse | None:
        try:
            return action()
        except NotApprovedError as refusal:
            return explain_refusal(self.request, self.object, refusal)

    def get_success_message(self, instance: SecondPerson | None = None) -> str | None:
        """Return a message that names the second person, as Wagtail's would mention moderation."""
        if self.action == "submit":
            return gettext("It has been submitted and is waiting for a second person.")
        return super().get_success_message(instance)

    def get_form(self, *args: object, **kwargs: object) -> Any:
        """Require the reason on save, but not on autosave, which would otherwise fail until it is given."""
        form = super().get_form(*args, **kwargs)
        if self.expects_json_response and "why" in form.fields:
            form.fields["why"].required = False
        return form

    def save_instance(self) -> SecondPerson:
        saved = super().save_instance()
        for warning in getattr(self.form, "warnings", list)():
            messages.warning(self.request, warning)
        why = self.form.cleaned_data.get("why")
        if why and not self.expects_json_response:  # not on autosave, while the user is still typing
            services.note(listing=saved, by=self.request.user, reason=why)
        return saved


class ListingCreateView(ExplainsRefusals, CreateView):
    def get_edit_url(self) -> str:
        return reverse(self.edit_url_name, args=(quote(self.object.pk),))


class ListingEditView(ExplainsRefusals, EditView):
    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [*super().header_buttons, decide_button(self.object)]


class ListingUnpublishView(UnpublishView):
    """Hide a listing immediately.

    It takes one person, who may change the listing, and a reason.
    """

    permission_required = "change"
    template_name = "helpline/admin/unpublish.html"

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        self.form = ReasonForm(request.POST)
        if not self.form.is_valid():
            say_refused(request)
            return self.render_to_response(self.get_context_data())
        services.hide(listing=self.object, by=request.user, reason=self.form.cleaned_data["reason"])
        messages.success(request, gettext("Hidden from the public."))
        return redirect(self.get_next_url())

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(form=getattr(self, "form", ReasonForm()), **kwargs)


class ListingWorkflowActionView(WorkflowActionView):
    """Wagtail's decision from the start page.

    A refusal redirects to the review page.
    """

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return super().post(request, *args, **kwargs)
        except NotApprovedError as refusal:
            messages.warning(request, gettext("Not approved. %(reason)s") % {"reason": refusal})
            return redirect(review_url(self.object))


class ActionView(AdminFormView):
    """Take an immediate action on a listing, without waiting for a second person.

    One can confirm, close, delist or hide it, set an alert, or withdraw a wrong number everywhere.
    """

    template_name = "helpline/admin/action.html"
    form_class = ActionForm
    page_title = _("Immediate action")
    header_icon = "warning"
    model: Any = None
    viewset: Any = None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.object = get_object_or_404(self.model, pk=kwargs["pk"])

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return may_change(user, self.model)

    def get_page_subtitle(self) -> str:
        return str(self.object)

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield reverse(self.viewset.get_url_name("list")), self.viewset.menu_label
        yield edit_url(self.object), str(self.object)

    def get_form_kwargs(self) -> dict[str, object]:
        return {**super().get_form_kwargs(), "listing": self.object}

    def form_valid(self, form: ActionForm) -> HttpResponse:
        given = form.cleaned_data
        listing, by, reason = self.object, self.request.user, given["reason"]
        try:
            match given["action"]:
                case AtOnce.RECHECK:
                    services.recheck(listing=listing, by=by, on=timezone.localdate(), source=reason)
                case AtOnce.ALERT:
                    services.warn(listing=listing, by=by, reason=reason, alert=given["alert"])
                case AtOnce.CLOSE:
                    services.close(listing=listing, by=by, reason=reason)
                case AtOnce.CLOSE_UNTIL:
                    services.close(listing=listing, by=by, reason=reason, until=given["until"], for_a_time=True)
                case AtOnce.DELIST:
                    services.delist(listing=listing, by=by, reason=reason)
                case AtOnce.HIDE:
                    services.hide(listing=listing, by=by, reason=reason)
                case AtOnce.WRONG_NUMBER:
                    self.withdraw_number(given)
        except PermissionDenied as refusal:
            messages.warning(self.request, str(refusal))
            return redirect(self.request.path)
        messages.success(self.request, gettext("Done. The public will see it shortly."))
        return redirect(self.viewset.get_url_name("list"))

    def withdraw_number(self, given: dict[str, Any]) -> None:
        taken = services.withdraw_number(
            listing=self.object,
            number=given["number"],
            country=given.get("country", ""),
            by=self.request.user,
            reason=given["reason"],
        )
        text = gettext("The number is removed in: %(listings)s. The help pages stay.")
        messages.warning(self.request, text % {"listings": joined(map(str, taken))})


class LawActionView(ActionView):
    """Confirm, delist or hide a law."""

    form_class = LawActionForm
