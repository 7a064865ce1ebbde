"""The admin's views of listings: Wagtail's own, which say in plain words why something was not published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.snippets.views.snippets import CreateView, EditView, UnpublishView, WorkflowActionView

from helpline.desk.forms import ActionForm
from helpline.listings import services
from helpline.listings.approval import NotApproved

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest


class SaysWhy:
    """What was saved stays saved as a draft when it may not be published, and the editor reads why."""

    def publish_action(self) -> Any:
        return self._unless_refused(super().publish_action)  # type: ignore[misc]

    def workflow_action_action(self) -> Any:
        return self._unless_refused(super().workflow_action_action)  # type: ignore[misc]

    def _unless_refused(self, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except NotApproved as refusal:
            text = gettext("Saved as a draft, and not published. %(reason)s") % {"reason": refusal}
            messages.warning(self.request, text)  # type: ignore[attr-defined]
            return redirect(self.get_edit_url())  # type: ignore[attr-defined]

    def save_instance(self) -> Any:
        saved = super().save_instance()  # type: ignore[misc]
        for warning in getattr(self.form, "warnings", list)():  # type: ignore[attr-defined]
            messages.warning(self.request, warning)  # type: ignore[attr-defined]
        return saved


class ListingCreateView(SaysWhy, CreateView):
    def get_edit_url(self) -> str:
        return reverse(self.edit_url_name, args=(quote(self.object.pk),))


class ListingEditView(SaysWhy, EditView):
    pass


class ListingUnpublishView(UnpublishView):
    """Hiding takes one person, at once: whoever may change a listing may hide it."""

    permission_required = "change"


class ListingWorkflowActionView(WorkflowActionView):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().post(request, *args, **kwargs)
        except NotApproved as refusal:
            messages.warning(request, gettext("Not approved. %(reason)s") % {"reason": refusal})
            return redirect(self.redirect_url)


class ActionView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):  # type: ignore[type-arg]  # Django's own has no argument
    """Hide, close, warn or confirm a listing, without waiting for a second person."""

    template_name = "helpline/desk/action.html"
    form_class = ActionForm
    permission_required = "change"
    page_title = _("At once")
    header_icon = "warning"
    model: Any = None
    viewset: Any = None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.object = get_object_or_404(self.model, pk=kwargs["pk"])

    def get_page_subtitle(self) -> str:
        return str(self.object)

    def form_valid(self, form: ActionForm) -> HttpResponse:
        given = form.cleaned_data
        listing, by = self.object, self.request.user
        try:
            match given["action"]:
                case form.RECHECK:
                    services.recheck(listing=listing, by=by, on=timezone.localdate(), source=given["source"])
                case form.ALERT:
                    services.warn(listing=listing, by=by, alert=given["alert"], note=given["note"])
                case form.CLOSE:
                    services.close(listing=listing, by=by)
                case form.CLOSE_UNTIL:
                    services.close(listing=listing, by=by, until=given["until"], for_a_time=True)
                case form.HIDE:
                    services.hide(listing=listing, by=by)
        except PermissionDenied as refusal:
            messages.warning(self.request, str(refusal))
            return redirect(self.request.path)
        messages.success(self.request, gettext("Done, and on its way to the public."))
        return redirect(self.viewset.get_url_name("list"))
