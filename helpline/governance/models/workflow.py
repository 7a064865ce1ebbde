from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db import transaction
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import AbstractGroupApprovalTask, Page, Revision
from wagtail_localize.models import StringTranslation

from helpline.governance.approval import approve
from helpline.records.two_people import NotApproved, ensure_approved, reasons_against_person

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django_stubs_ext import StrOrPromise
    from wagtail.models import TaskState


class SendBackForm(forms.Form):
    """Why a draft goes back to its author."""

    comment = forms.CharField(label=_("What needs to change, and why"), widget=forms.Textarea({"rows": 3}))


class TwoPeopleTask(AbstractGroupApprovalTask):
    """A workflow task that cannot be approved by anybody who has changed the listing since its last approval."""

    class Meta:
        verbose_name = _("approval by a second person")
        verbose_name_plural = _("approvals by a second person")

    def get_actions(self, obj: Any, user: Any) -> list[tuple[str, StrOrPromise, bool]]:
        if not super().get_actions(obj, user) or any(reasons_against_person(listing=_specific(obj), by=user)):
            return []
        return [("reject", _("Send back"), True), ("approve", _("Approve"), True)]

    @transaction.atomic
    def on_action(
        self, task_state: TaskState, user: Any, action_name: str, *, comment: str = "", **kwargs: Any
    ) -> None:
        """Approve with a `checklist`, where `comment` says how it was checked; or send back, where `comment` is the reason.

        Raises NotApproved if the rule forbids it, and then nothing has changed.
        """
        listing = _specific(task_state.workflow_state.content_object)
        revision = listing.get_latest_revision()
        if action_name == "approve":
            if "checklist" in kwargs:
                approve(
                    listing=listing,
                    revision=revision,
                    by=user,
                    reason=comment,
                    checklist=kwargs.pop("checklist"),
                )
            else:
                ensure_approved(listing=listing, revision=revision, by=user)
        elif not comment.strip():
            raise NotApproved(gettext("Say what needs to change, and why."))
        super().on_action(task_state, user, action_name, comment=comment, **kwargs)

    def get_form_for_action(self, action: str) -> type[forms.Form]:
        return SendBackForm if action == "reject" else super().get_form_for_action(action)

    def get_template_for_action(self, action: str) -> str:
        # Nobody approves without seeing what has changed, which has its own page.
        return "helpline/admin/approve_modal.html" if action == "approve" else ""

    def get_task_states_user_can_moderate(self, user: Any, **kwargs: Any) -> QuerySet[TaskState]:
        """Return what this person may decide: the rule is asked about whatever they have written a version of, or translated a text of."""
        states = super().get_task_states_user_can_moderate(user, **kwargs)
        own = Revision.objects.filter(
            user=user,
            base_content_type=OuterRef("workflow_state__base_content_type"),
            object_id=OuterRef("workflow_state__object_id"),
        )
        texts = StringTranslation.objects.filter(last_translated_by=user)
        translated = Page.objects.annotate(key=Cast("pk", CharField())).filter(
            key=OuterRef("workflow_state__object_id"),
            translation_key__in=texts.values("context__object_id"),
        )
        barred = [
            state.pk
            for state in states.filter(Exists(own) | Exists(translated)).select_related("workflow_state")
            if any(reasons_against_person(listing=_specific(state.workflow_state.content_object), by=user))
        ]
        return states.exclude(pk__in=barred)

    @classmethod
    def get_description(cls) -> StrOrPromise:
        return _(
            "Members of these groups can approve what others have written, but never what they have changed themselves"
        )


def _specific(listing: Any) -> Any:
    """Return what takes two people: Wagtail's workflows and reports hand over a page without its own type."""
    return getattr(listing, "specific", listing)
