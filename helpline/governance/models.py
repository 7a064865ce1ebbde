"""Models of the work on listings: operators' contacts, error reports, and the review by a second person."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import AbstractGroupApprovalTask, Page, Revision, TaskState
from wagtail_localize.models import StringTranslation

from core.languages.lazy import StrOrPromise
from helpline.approval.rule import Approvable, NotApprovedError, User, ensure_approved, person_blockers
from helpline.governance.review.decisions import approve
from helpline.governance.review.policy import Checklist
from helpline.records.fields import site_languages
from helpline.vocabulary.codes import OperatorAnswer, ReportReason


def tomorrow() -> dt.date:
    return timezone.localdate() + dt.timedelta(days=1)


class OperatorContactQuerySet(models.QuerySet["OperatorContact"]):
    def due(self) -> OperatorContactQuerySet:
        """Return contacts whose letter is due and was not given up."""
        return self.filter(ask_on__lte=timezone.localdate(), failed_at=None)

    def given_up(self) -> OperatorContactQuerySet:
        """Return contacts whose letter could not be delivered, which a person must look at."""
        return self.exclude(failed_at=None)


class OperatorContact(models.Model):
    """Address of the operator of a listing for the yearly letter, and the state of this year's letter.

    The letter asks whether the listing is still correct.
    The contact is separate from the listing: only the people who maintain the list may read the address, so it is not
    in any version of the listing, export or page.
    It is correspondence, not a fact, so one person may change it.
    """

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    listing: Any = GenericForeignKey("content_type", "object_id", for_concrete_model=False)
    email = models.EmailField(
        _("e-mail address of the operator"),
        help_text=_("For the letter only. Only the people who maintain this list can see it."),
    )
    language = models.CharField(
        _("language of the letter"),
        max_length=20,
        blank=True,
        choices=site_languages,
        help_text=_("If left empty: the first language of the listing that this site also has."),
    )
    ask_on = models.DateField(
        _("next letter on"), default=tomorrow, help_text=_("After that, once a year automatically.")
    )

    # Together with the day, identifies one letter in its link and its Message-ID.
    # A new address gets a new key, and old links expire.
    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    asked_on = models.DateField(_("day of the last letter"), null=True, editable=False)
    sent_at = models.DateTimeField(_("last letter sent"), null=True, editable=False)
    answered_at = models.DateTimeField(_("answered"), null=True, editable=False)
    failed_at = models.DateTimeField(_("given up at"), null=True, editable=False)
    error = models.CharField(_("error"), max_length=100, blank=True, editable=False)
    # Deleted together with the address.
    outgoing_mail = GenericRelation("core.OutgoingMail", for_concrete_model=False)

    objects = OperatorContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("address of an operator")
        verbose_name_plural = _("addresses of operators")
        constraints = [
            models.UniqueConstraint(fields=("content_type", "object_id"), name="one_operator_address_for_each_listing")
        ]

    def __str__(self) -> str:
        return f"{self.content_type_id}-{self.object_id}"


class ReportQuerySet(models.QuerySet["Report"]):
    def open(self) -> ReportQuerySet:
        """Return unresolved reports."""
        return self.filter(resolved_at=None)


class Report(models.Model):
    """Report of an error in a listing, or the operator's answer whether it is right: a task for staff.

    It never changes public content.
    The reporter is not recorded, except for an address given for a reply.
    """

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    listing: Any = GenericForeignKey("content_type", "object_id", for_concrete_model=False)
    what = models.CharField(_("what they say"), max_length=20, choices=[*ReportReason.choices, *OperatorAnswer.choices])
    text = models.TextField(_("in their words"), max_length=2000, blank=True)
    source = models.CharField(_("how they know"), max_length=500, blank=True)
    reply_to = models.EmailField(_("address for an answer"), blank=True)
    language = models.CharField(_("language"), max_length=20, blank=True)

    created_at = models.DateTimeField(_("received"), auto_now_add=True)
    resolved_at = models.DateTimeField(_("done"), null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("done by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    reason = models.CharField(_("what was done"), max_length=500, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report about a listing")
        verbose_name_plural = _("reports about listings")
        ordering = ("created_at", "pk")
        indexes = [
            models.Index(
                fields=("content_type", "object_id"),
                condition=models.Q(resolved_at=None),
                name="open_reports_of_a_listing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} ({self.created_at:%Y-%m-%d})"

    @property
    def by_operator(self) -> bool:
        """Return whether it is the operator's answer to the yearly letter."""
        return self.what in OperatorAnswer.values


class RequestChangesForm(forms.Form):
    """Form for the reason why a draft goes back to its author."""

    comment = forms.CharField(label=_("What needs to change, and why"), widget=forms.Textarea({"rows": 3}))


class TwoPersonApprovalTask(AbstractGroupApprovalTask):
    """Workflow task that cannot be approved by a user who has changed the listing since its last approval."""

    class Meta:
        verbose_name = _("approval by a second person")
        verbose_name_plural = _("approvals by a second person")

    def get_actions(self, obj: Approvable, user: User) -> list[tuple[str, StrOrPromise, bool]]:
        if not super().get_actions(obj, user) or any(person_blockers(listing=_specific(obj), by=user)):
            return []
        return [("reject", _("Request changes"), True), ("approve", _("Approve"), True)]

    @transaction.atomic
    def on_action(
        self, task_state: TaskState, user: User, action_name: str, *, comment: str = "", **kwargs: Checklist
    ) -> None:
        """Approve with a `checklist`, or request changes.

        `comment` says how it was checked, or is the reason.
        Raises NotApprovedError if the rule forbids it, and then nothing has changed.
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
            raise NotApprovedError(gettext("Say what needs to change, and why."))
        super().on_action(task_state, user, action_name, comment=comment, **kwargs)

    def get_form_for_action(self, action: str) -> type[forms.Form]:
        return RequestChangesForm if action == "reject" else super().get_form_for_action(action)

    def get_template_for_action(self, action: str) -> str:
        # Approval takes place on a separate page, which shows the changes.
        return "helpline/admin/approve_modal.html" if action == "approve" else ""

    def get_task_states_user_can_moderate(self, user: User, **kwargs: object) -> QuerySet[TaskState]:
        """Return the task states that this user may decide.

        The rule is evaluated only for content of which the user has written a version or translated a text.
        """
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
            if any(person_blockers(listing=_specific(state.workflow_state.content_object), by=user))
        ]
        return states.exclude(pk__in=barred)

    @classmethod
    def get_description(cls) -> StrOrPromise:
        return _(
            "Members of these groups can approve what others have written, but never what they have changed themselves"
        )


def _specific(listing: Approvable) -> Approvable:
    """Return the object that takes two people.

    Wagtail's workflows and reports pass a page without its specific type.
    """
    return getattr(listing, "specific", listing)
