"""The list of exit addresses: one user proposes an address, another approves it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.generic import CreateView, EditView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.log_actions import log

from core.models import ExitAddress
from core.publishing import approval

APPROVE = "core.approve_exit_address"


class ProposalForm(WagtailAdminModelForm):
    class Meta:
        model = ExitAddress
        fields = ["url"]


class ApprovalForm(ProposalForm):
    """Shows an address, and approves it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["url"].disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        address: ExitAddress = self.instance
        if address.approved_at is not None:
            raise ValidationError(_("This address is approved already."))
        own = _("You have proposed this address: another person approves it.")
        if against := list(approval.blockers(self.for_user.pk, [address.proposed_by_id], own=own)):
            raise ValidationError(against)
        return cleaned


class ProposeView(CreateView):
    def save_instance(self) -> ExitAddress:
        self.form.instance.proposed_by = self.request.user
        address: ExitAddress = super().save_instance()
        return address


class ApproveView(EditView):
    page_title = gettext_lazy("Approve")
    submit_button_label = gettext_lazy("Approve")
    success_message = gettext_lazy("The quick exit may now lead to %(object)s.")

    def save_instance(self) -> ExitAddress:
        address: ExitAddress = self.form.instance
        address.approved_by, address.approved_at = self.request.user, timezone.now()
        address.save()
        log(instance=address, action=APPROVE)
        return address


class ExitAddressViewSet(ModelViewSet):
    model = ExitAddress
    icon = "logout"
    menu_label = gettext_lazy("Exit addresses")
    menu_order = 650
    add_to_settings_menu = True
    copy_view_enabled = False
    add_view_class = ProposeView
    edit_view_class = ApproveView
    list_display = [
        "url",
        Column("proposed_by", label=gettext_lazy("Proposed by")),
        Column("approved_by", label=gettext_lazy("Approved by")),
        DateColumn("approved_at", label=gettext_lazy("Approved at")),
    ]

    def get_queryset(self, request: object) -> QuerySet[ExitAddress]:
        return ExitAddress.objects.select_related("proposed_by", "approved_by")

    def get_form_class(self, for_update: bool = False) -> type[ProposalForm]:
        return ApprovalForm if for_update else ProposalForm
