"""Lists of what one user has proposed for readers and another approves: exit addresses, and words of the settings."""

from typing import Any

from django import forms
from django.contrib.auth import get_permission_codename
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.generic import CreateView, EditView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.log_actions import log

from core.models import ExitAddress, SettingProposal
from core.models.settings import ApprovedByTwo, settings_in_words
from core.publishing import approval

APPROVE = "core.approve_exit_address"
APPROVE_SETTING = "core.approve_setting"


class ApprovalMixin(WagtailAdminModelForm):
    """Shows what was proposed, and approves it."""

    # The sentence for the user who has proposed it.
    own: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        proposal: ApprovedByTwo = self.instance
        if proposal.approved_at is not None:
            raise ValidationError(_("This is approved already."))
        if against := list(approval.blockers(self.for_user.pk, [proposal.proposed_by_id], own=str(self.own))):
            raise ValidationError(against)
        return cleaned


class ProposeView(CreateView):
    def save_instance(self) -> ApprovedByTwo:
        self.form.instance.proposed_by = self.request.user
        proposal: ApprovedByTwo = super().save_instance()
        return proposal


class ApproveView(EditView):
    page_title = gettext_lazy("Approve")
    submit_button_label = gettext_lazy("Approve")
    logged_as = APPROVE

    def save_instance(self) -> ApprovedByTwo:
        proposal: ApprovedByTwo = self.form.instance
        proposal.approve(self.request.user.pk)
        log(instance=proposal, action=self.logged_as)
        return proposal


class ProposalViewSet(ModelViewSet):
    add_to_settings_menu = True
    copy_view_enabled = False
    add_view_class = ProposeView
    edit_view_class = ApproveView
    proposal_form_class: type[WagtailAdminModelForm]
    approval_form_class: type[ApprovalMixin]
    people = [
        Column("proposed_by", label=gettext_lazy("Proposed by")),
        Column("approved_by", label=gettext_lazy("Approved by")),
        DateColumn("approved_at", label=gettext_lazy("Approved at")),
    ]

    def get_queryset(self, request: object) -> QuerySet[Any]:
        return self.model._default_manager.select_related("proposed_by", "approved_by")

    def get_form_class(self, for_update: bool = False) -> type[WagtailAdminModelForm]:
        return self.approval_form_class if for_update else self.proposal_form_class


# --- Exit addresses --------------------------------------------------------------------------------


class ExitAddressForm(WagtailAdminModelForm):
    class Meta:
        model = ExitAddress
        fields = ["url"]


class ExitAddressApprovalForm(ApprovalMixin, ExitAddressForm):
    own = gettext_lazy("You have proposed this address: another person approves it.")


class ApproveExitAddressView(ApproveView):
    success_message = gettext_lazy("The quick exit may now lead to %(object)s.")


class ExitAddressViewSet(ProposalViewSet):
    model = ExitAddress
    icon = "logout"
    menu_label = gettext_lazy("Exit addresses")
    menu_order = 650
    edit_view_class = ApproveExitAddressView
    proposal_form_class = ExitAddressForm
    approval_form_class = ExitAddressApprovalForm
    list_display = ["url", *ProposalViewSet.people]


# --- Words and contacts in the settings ------------------------------------------------------------


def named_settings() -> list[tuple[str, str]]:
    """Return each setting that takes two people, with its name."""
    return [(setting, SettingProposal(setting=setting).name) for setting in settings_in_words()]


def may_propose(user: AbstractUser | AnonymousUser, setting: str) -> bool:
    options = SettingProposal(setting=setting).model._meta
    return user.has_perm(f"{options.app_label}.{get_permission_codename('change', options)}")


class SettingForm(WagtailAdminModelForm):
    setting = forms.ChoiceField(label=gettext_lazy("Setting"), choices=named_settings)

    class Meta:
        model = SettingProposal
        fields = ["setting", "value"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the settings that the user may open; a user who approves sees the one that was proposed."""
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            offered = [each for each in named_settings() if may_propose(self.for_user, each[0])]
            self.fields["setting"].choices = offered

    def clean(self) -> dict[str, Any]:
        """Validate the value as the setting itself would."""
        cleaned: dict[str, Any] = super().clean()
        if "setting" in cleaned:
            try:
                SettingProposal(setting=cleaned["setting"]).field.clean(cleaned.get("value", ""), None)
            except ValidationError as error:
                self.add_error("value", error)
        return cleaned


class SettingApprovalForm(ApprovalMixin, SettingForm):
    own = gettext_lazy("You have proposed this: another person approves it.")


class ApproveSettingView(ApproveView):
    success_message = gettext_lazy("The setting is saved: %(object)s.")
    logged_as = APPROVE_SETTING


class SettingProposalViewSet(ProposalViewSet):
    model = SettingProposal
    icon = "cog"
    menu_label = gettext_lazy("Proposed settings")
    menu_order = 655
    edit_view_class = ApproveSettingView
    proposal_form_class = SettingForm
    approval_form_class = SettingApprovalForm
    list_display = ["__str__", *ProposalViewSet.people]

    def get_queryset(self, request: object) -> QuerySet[Any]:
        return SettingProposal.objects.installed().select_related("proposed_by", "approved_by")
