"""The review queue at the desk: requests to join, members, and undelivered mail."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import django_filters
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Value, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.admin_url_finder import ModelAdminURLFinder, register_admin_url_finder
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.generic import IndexView, InspectView
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.widgets.button import Button

from core.languages import names
from core.mail.views import OutboxView
from network import services
from network.desk.forms import AnswerForm
from network.mail import Letter
from network.models import Expertise, Member
from network.models.vocabulary import Detail, Method, Population, Role, WorkSetting
from network.public.profiles import labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.urls import URLPattern
    from django_stubs_ext import StrOrPromise

PERMISSION = "network.review_member"
NAMESPACE = "network_review"
State = Member.State
# The desk does not show an address before its owner has confirmed it.
SEEN = [state for state in State if state != State.UNCONFIRMED]


class MemberFilters(WagtailFilterSet):
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=[(state.value, state.label) for state in SEEN]
    )
    kind = django_filters.ChoiceFilter(label=gettext_lazy("Kind"), choices=Member.Kind)

    class Meta:
        model = Member
        fields = ["state", "kind"]


class ReviewPermissionMixin(PermissionCheckedMixin):
    """Restrict a view to those who may review members. List it first among the base classes."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def user_has_permission(self, permission: str) -> bool:
        return True

    def user_has_any_permission(self, permissions: Iterable[str]) -> bool:
        return True


class MemberIndexView(ReviewPermissionMixin, IndexView):
    """Members and requests with a confirmed address; open requests first, oldest on top."""

    model = Member
    search_fields = ["name", "affiliation", "email"]
    paginate_by = 50
    filterset_class = MemberFilters
    page_title = gettext_lazy("Network")
    results_template_name = "network/admin/members_results.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"join_url": reverse("network:join")}

    def get_base_queryset(self) -> QuerySet[Member]:
        return Member.objects.filter(state__in=SEEN)

    def order_queryset(self, queryset: QuerySet[Member]) -> QuerySet[Member]:
        if self.is_explicitly_ordered:
            return super().order_queryset(queryset)
        waits = Case(When(state=State.IN_REVIEW, then=Value(0)), default=Value(1))
        return queryset.order_by(waits, "confirmed_at", "pk")

    def get_inspect_url(self, instance: Member) -> str:
        return reverse(self.inspect_url_name, args=[instance.pk])

    @cached_property
    def columns(self) -> list[Column]:
        return [
            TitleColumn("name", label=gettext_lazy("Name"), sort_key="name", get_url=self.get_inspect_url),
            Column("affiliation", label=gettext_lazy("Place of work")),
            Column(
                "country",
                label=gettext_lazy("Country"),
                accessor=lambda member: names.country_name(member.country),
            ),
            Column("state", label=gettext_lazy("State"), accessor="get_state_display", sort_key="state"),
            DateColumn("confirmed_at", label=gettext_lazy("Asked"), sort_key="confirmed_at"),
        ]

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        return [
            Button(_("Undelivered mail"), url=reverse(f"{NAMESPACE}:letters"), icon_name="mail", priority=10)
        ]


class MemberView(ReviewPermissionMixin, InspectView):
    """One member: what they wrote, what of it is public, and the possible actions."""

    model = Member
    template_name = "network/admin/member.html"
    page_title = gettext_lazy("Member")

    def get_object(self, queryset: QuerySet[Member] | None = None) -> Member:
        return get_object_or_404(Member, state__in=SEEN, pk=self.pk)

    def get_fields(self) -> list[str]:
        return []

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        return []

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        action = request.POST.get("action", "")
        if action in {"ask_back", "decline"}:
            form = AnswerForm(request.POST, prefix=action)
            if not form.is_valid():
                return self.render_to_response(self.get_context_data(**{f"{action}_form": form}))
            service, done = self.answers()[action]
            service = partial(
                service, **{"question" if action == "ask_back" else "reason": form.cleaned_data["text"]}
            )
        elif action in self.decisions():
            service, done = self.decisions()[action]
        else:
            messages.error(request, _("There is no such action."))
            return redirect(request.path)
        try:
            service(member=self.object, by=request.user)
        except services.WrongState:
            messages.error(request, _("Somebody else changed this first. This is the current state."))
        else:
            messages.success(request, done)
        if action == "erase":
            return redirect(self.index_url_name)
        return redirect(request.path)

    def answers(self) -> dict[str, tuple[Any, str]]:
        return {
            "ask_back": (
                services.ask_back,
                _("Your question will be sent by email. The answer will come to the network's address."),
            ),
            "decline": (services.decline, _("Declined. The reason will be sent by email.")),
        }

    def decisions(self) -> dict[str, tuple[Any, str]]:
        return {
            "approve": (
                services.approve,
                _("Approved. What the member shows will appear in the directory within a minute."),
            ),
            "hide": (services.hide, _("Hidden. The member is no longer on any public page.")),
            "release": (
                services.release,
                _("Released. The profile stays paused until the member brings it back."),
            ),
            "erase": (services.leave, _("Everything about this member has been deleted.")),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        member = self.object
        return super().get_context_data(
            **{
                "member": member,
                "details": list(self.details()),
                "letters": member.outgoing_mail.failed(),
                "ask_back_form": AnswerForm(prefix="ask_back"),
                "decline_form": AnswerForm(prefix="decline"),
                **kwargs,
            }
        )

    def details(self) -> Iterator[tuple[str, str, bool | None]]:
        """Yield what the member wrote as (label, text, whether the public sees it; None if it never does)."""
        member = self.object
        expertise = Expertise.objects.named(member.language)
        words: dict[str, str] = {
            Detail.NAME: member.name,
            Detail.ROLES: ", ".join(labels(Role, member.roles)),
            Detail.AFFILIATION: " ".join(filter(None, [member.affiliation, member.ror])),
            Detail.COUNTRY: names.country_name(member.country),
            Detail.LANGUAGES: ", ".join(names.language_name(code) for code in member.languages),
            Detail.EXPERTISE: ", ".join(expertise.get(code, code) for code in member.expertise),
            Detail.WORK_SETTINGS: ", ".join(labels(WorkSetting, member.work_settings)),
            Detail.METHODS: ", ".join(labels(Method, member.methods)),
            Detail.POPULATIONS: ", ".join(labels(Population, member.populations)),
            Detail.ABOUT: member.about,
            Detail.OFFERS: member.offers,
            Detail.NEEDS: member.needs,
            Detail.ORCID: member.orcid,
        }
        yield _("Email address"), member.email, None
        yield _("Kind"), member.get_kind_display(), None
        yield _("Language of emails"), names.language_name(member.language), None
        for detail in Detail:
            if words[detail]:
                yield str(detail.label), words[detail], member.shows(detail)


class EraseView(MemberView):
    """Ask for confirmation before everything about a member is deleted."""

    template_name = "network/admin/erase.html"
    page_title = gettext_lazy("Delete a member")


class LettersView(OutboxView):
    """Mail to members that has not been delivered."""

    page_title = gettext_lazy("Mail to members")
    permission = PERMISSION
    only = Letter.values

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield reverse(f"{NAMESPACE}:index"), gettext_lazy("Network")


class MemberReviewMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm(PERMISSION)


class MemberURLFinder(ModelAdminURLFinder):
    """Link from reports to the member, for those who may see members."""

    edit_url_name = f"{NAMESPACE}:inspect"

    def get_edit_url(self, instance: Member) -> str | None:
        if self.user is not None and not self.user.has_perm(PERMISSION):
            return None
        url: str = self.construct_edit_url(instance)
        return url


class MemberViewSet(ViewSet):
    """Members at the desk: reviewed, hidden, erased, but never edited on their behalf.

    Not a ModelViewSet: what members write is kept out of indexes and exports, and there is nothing to add or edit.
    """

    name = "network"
    url_namespace = NAMESPACE  # `network` is the namespace of the members' area
    icon = "group"
    menu_label = gettext_lazy("Network")
    menu_name = "network"
    menu_order = 400
    menu_item_class = MemberReviewMenuItem
    add_to_admin_menu = True

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_common_view_kwargs(
            header_icon=self.icon,
            index_url_name=self.get_url_name("index"),
            index_results_url_name=self.get_url_name("index_results"),
            inspect_url_name=self.get_url_name("inspect"),
            **kwargs,
        )

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", self.construct_view(MemberIndexView), name="index"),
            path("results/", self.construct_view(MemberIndexView, results_only=True), name="index_results"),
            path("<int:pk>/", self.construct_view(MemberView), name="inspect"),
            path("<int:pk>/erase/", self.construct_view(EraseView), name="erase"),
            path("letters/", LettersView.as_view(), name="letters"),
        ]

    def on_register(self) -> None:
        super().on_register()
        register_admin_url_finder(Member, MemberURLFinder)
