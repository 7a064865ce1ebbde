"""The review queue: listings to check, riskiest first, each confirmed in one step.

Also views of error reports, and of the address for the yearly letter to an operator.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.widgets import AdminDateInput

from core.admin.forms import LineField
from core.admin.menus import AllowedMenuItem
from core.admin.views import AdminFormView, AdminView
from core.languages import names
from core.languages.lazy import StrOrPromise
from helpline.admin.permissions import KINDS, edit_url, may_change, models_for
from helpline.admin.review_queue import ranking
from helpline.admin.review_queue.ranking import Task, WorkItem
from helpline.governance import reconfirmation, reports, services
from helpline.governance.models import OperatorContact, Report
from helpline.governance.review.comparison import last_check, place, summary_lines
from helpline.governance.risk import REASONS
from helpline.records.listings import Listing
from helpline.vocabulary import codes
from helpline.vocabulary.codes import LineKind, OperatorAnswer


class OperatorForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's own has no argument
    class Meta:
        model = OperatorContact
        fields = ("email", "language", "ask_on")
        widgets = {"ask_on": AdminDateInput}

    def clean_ask_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["ask_on"]
        if "ask_on" in self.changed_data and day <= timezone.localdate():
            raise forms.ValidationError(
                _("The letter can go out tomorrow at the earliest, so that you can still correct the address.")
            )
        return day


class OperatorView(AdminFormView):
    """View of the address of a listing's operator, and of the state of the last letter."""

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
            asked=reconfirmation.gets_letters(self.listing),
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


NAMESPACE = "helpline_work"
PROGRAMMES = "programme"
PAGE = 25


def review_queue_url(**filters: str) -> str:
    """Return the URL of the review queue with these filters."""
    return f"{reverse(f'{NAMESPACE}:index')}?{urlencode(filters)}" if filters else reverse(f"{NAMESPACE}:index")


# Reasons to filter by: the name in the URL, and its rules.
DUE = "due"
REASON_RULES = {DUE: {"late", "overdue"}} | {name: {name} for name in REASONS if name not in {"late", "overdue"}}


class Filters(forms.Form):
    """Filters by country, kind and reason.

    Invalid values are ignored.
    """

    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    why = forms.ChoiceField(label=gettext_lazy("Reason"), required=False)

    def __init__(self, data: Mapping[str, str]) -> None:
        super().__init__(data, auto_id="filter-%s")
        choices: dict[str, list[tuple[str, Any]]] = {
            "country": codes.countries(),
            "kind": [
                (PROGRAMMES, _("Programmes")),
                ("line", _("Support lines, all kinds")),
                (ranking.LAW, _("Laws of countries")),
                *LineKind.choices,
            ],
            "why": [(name, str(REASONS["overdue" if name == DUE else name].message)) for name in REASON_RULES],
        }
        for name, offered in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  (for the type checker)
            field.choices = [("", _("All")), *offered]
        self.full_clean()

    def wants(self, item: WorkItem) -> bool:
        country, kind, why = (self.cleaned_data.get(name, "") for name in ("country", "kind", "why"))
        return (
            (not country or country in item.countries)
            and (
                not kind or kind == (item.kind or PROGRAMMES) or (kind == "line" and item.kind not in {"", ranking.LAW})
            )
            and (not why or bool(REASON_RULES[why] & item.risk.names))
        )

    @property
    def query(self) -> str:
        """Return the active filters as a query string."""
        return urlencode({name: value for name, value in self.cleaned_data.items() if value})


class ConfirmForm(forms.Form):
    """“I checked this against … today.”"""

    listing = forms.CharField(widget=forms.HiddenInput)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    source = LineField(label=gettext_lazy("Checked against"), max_length=500)


class ReviewQueueView(AdminView, TemplateView):
    """Programmes and support lines that need attention.

    Each can be confirmed in place with one button.
    """

    template_name = "helpline/admin/review_queue.html"
    page_title = gettext_lazy("To check")
    header_icon = "tasks"

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return bool(models_for(user))

    @cached_property
    def filters(self) -> Filters:
        return Filters(self.request.GET)

    def get_context_data(self, *, wrong: Mapping[str, str] | None = None, **kwargs: object) -> dict[str, object]:
        today = timezone.localdate()
        every = ranking.items(models_for(self.request.user), today)
        chosen = [item for item in every if self.filters.wants(item)]
        page = Paginator(chosen, PAGE).get_page(self.request.GET.get("p"))
        return super().get_context_data(
            filters=self.filters,
            filtered=bool(self.filters.query),
            page=page,
            before=self.page_url(page.previous_page_number()) if page.has_previous() else "",
            after=self.page_url(page.next_page_number()) if page.has_next() else "",
            count=ngettext("%(count)d listing", "%(count)d listings", len(chosen)) % {"count": len(chosen)},
            rows=[self.row(task, wrong or {}) for task in ranking.tasks(page.object_list)],
            **kwargs,
        )

    def page_url(self, number: int) -> str:
        return "?" + "&".join(filter(None, [self.filters.query, f"p={number}"]))

    def row(self, task: Task, wrong: Mapping[str, str]) -> dict[str, object]:
        listing = task.listing
        now = reverse(listing.snippet_viewset.get_url_name("now"), args=[listing.pk])
        return {
            "task": task,
            "place": place(listing),
            "reasons": task.item.risk.messages,
            "facts": summary_lines(listing),
            "last_check": last_check(listing),
            "source": task.source,
            "error": wrong.get(task.key, ""),
            "seen": services.version(listing),
            "edit_url": edit_url(listing),
            "now_url": now,
            "operator_url": ""
            if task.item.kind == ranking.LAW
            else reverse(f"{NAMESPACE}:operator", args=[listing._meta.model_name, listing.pk]),
        }

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Confirm one listing, then show the same list without it."""
        form, key = ConfirmForm(request.POST), str(request.POST.get("listing", ""))
        listing = self.named(key)
        if listing is None or set(form.errors) - {"source"}:
            messages.error(request, _("This listing no longer exists, or you may not change it."))
        elif form.errors:
            text = _("Say which source you checked it against.")
            return self.render_to_response(self.get_context_data(wrong={key: text}))
        else:
            self.confirm(listing, form)
        return redirect(request.get_full_path())

    def named(self, key: str) -> Listing | None:
        """Return the listing that a form names, or None if there is none or this person may not change it."""
        kind, _dash, pk = key.partition("-")
        model = KINDS.get(kind)
        if (
            model is None
            or not may_change(self.request.user, model)
            or not (pk.isascii() and pk.isdecimal())
            or len(pk) > 18
        ):
            return None
        return model._default_manager.filter(pk=pk).first()

    def confirm(self, listing: Listing, form: ConfirmForm) -> None:
        given, today = form.cleaned_data, timezone.localdate()
        if not listing.live:
            messages.warning(self.request, _("This listing is not public, so confirming it takes two people."))
            return
        try:
            services.recheck(
                listing=listing, by=self.request.user, on=today, source=given["source"], seen=given["seen"]
            )
        except services.StaleVersionError:
            text = _("Nothing was recorded: %(listing)s has changed since you opened this page. Look at it again.")
            messages.warning(self.request, text % {"listing": listing})
        except PermissionDenied as refusal:
            messages.warning(self.request, str(refusal))
        else:
            reports.resolve_confirmations(listing=listing, by=self.request.user)
            text = _("%(listing)s: checked today against %(source)s.")
            messages.success(self.request, text % {"listing": listing, "source": given["source"]})


class ResolveForm(forms.Form):
    reason = LineField(
        label=gettext_lazy("What was done"),
        max_length=500,
        help_text=gettext_lazy("Corrected, right as it was, could not be confirmed … It is kept in the history."),
    )


class WorkReportView(AdminFormView):
    """One report beside the public facts; it is resolved with a reason."""

    template_name = "helpline/admin/report.html"
    form_class = ResolveForm
    page_title = gettext_lazy("Report")
    header_icon = "comment"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.report = get_object_or_404(Report.objects.select_related("resolved_by"), pk=kwargs["pk"])
        self.listing: Listing = self.report.listing

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return may_change(user, type(self.listing))

    def get_page_subtitle(self) -> str:
        return str(self.listing)

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield review_queue_url(), ReviewQueueView.page_title

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(
            report=self.report,
            listing=self.listing,
            place=place(self.listing),
            facts=summary_lines(self.listing),
            language=names.language_name(self.report.language) if self.report.language else "",
            drafted=self.report.what == OperatorAnswer.CHANGED and self.listing.has_unpublished_changes,
            edit_url=edit_url(self.listing),
            now_url=reverse(self.listing.snippet_viewset.get_url_name("now"), args=[self.listing.pk]),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if "forget" in request.POST:
            reports.forget_words(report=self.report, by=request.user)
            messages.success(request, _("What they wrote is deleted. The report is still here."))
            return redirect(request.path)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: ResolveForm) -> HttpResponse:
        request = self.request
        try:
            reports.resolve(report=self.report, by=request.user, reason=form.cleaned_data["reason"])
        except reports.AlreadyResolvedError:
            messages.warning(request, _("Another person changed this first. This is the current state."))
            return redirect(request.path)
        messages.success(request, _("Done, and recorded in the history of the listing."))
        return redirect(review_queue_url())


class ReviewQueueViewSet(ViewSet):
    """The review queue, first in the menu of listings."""

    name = "to-check"
    url_namespace = NAMESPACE
    icon = "tasks"
    menu_label = gettext_lazy("To check")
    menu_name = "to-check"
    menu_order = 0
    menu_item_class = staticmethod(partial(AllowedMenuItem, allows=models_for))
    menu_hook = "register_listing_admin_menu_item"

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", ReviewQueueView.as_view(), name="index"),
            path("reports/<int:pk>/", WorkReportView.as_view(), name="report"),
            path("operator/<str:kind>/<int:pk>/", OperatorView.as_view(), name="operator"),
        ]
