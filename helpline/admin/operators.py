"""Where staff enter the address for the yearly letter to the operator of a listing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.widgets import AdminDateInput

from core.desk.views import DeskFormView
from helpline.admin.permissions import KINDS, edit_url, may_change
from helpline.governance import reconfirmation
from helpline.governance.models import OperatorContact

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from django.contrib.auth.models import AbstractUser, AnonymousUser
    from django.http import HttpRequest, HttpResponse
    from django_stubs_ext import StrOrPromise

    from helpline.records.listings import Listing


class OperatorForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's own has no argument
    class Meta:
        model = OperatorContact
        fields = ("email", "language", "ask_on")
        widgets = {"ask_on": AdminDateInput}

    def clean_ask_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["ask_on"]
        if "ask_on" in self.changed_data and day <= timezone.localdate():
            raise forms.ValidationError(
                _(
                    "The letter can go out tomorrow at the earliest, so that you can still correct the address."
                )
            )
        return day


class OperatorView(DeskFormView):
    """The address of a listing's operator, and the state of the last letter."""

    template_name = "helpline/admin/operator.html"
    form_class = OperatorForm
    page_title = gettext_lazy("Yearly letter to the operator")
    header_icon = "mail"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        model = KINDS.get(kwargs["kind"])
        if model is None:
            raise Http404("There is no such kind of listing.")
        self.listing: Listing = get_object_or_404(model, pk=kwargs["pk"])
        self.contact: OperatorContact | None = self.listing.operator_contacts.first()

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return may_change(user, type(self.listing))

    def get_page_subtitle(self) -> str:
        return str(self.listing)

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield reverse("helpline_work:index"), gettext_lazy("To check")

    def get_form_kwargs(self) -> dict[str, object]:
        instance = self.contact or OperatorContact(listing=self.listing)
        return {**super().get_form_kwargs(), "instance": instance}

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(
            listing=self.listing,
            contact=self.contact,
            edit_url=edit_url(self.listing),
            asked=reconfirmation.is_asked(self.listing),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.POST.get("action") == "forget":
            if self.contact is not None:
                reconfirmation.delete_operator(contact=self.contact, by=request.user)
            messages.success(request, _("The address has been deleted. No letter will be sent."))
            return redirect(request.path)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: OperatorForm) -> HttpResponse:
        reconfirmation.set_operator(contact=form.save(commit=False), by=self.request.user)
        messages.success(self.request, _("Saved."))
        return redirect(self.request.path)
