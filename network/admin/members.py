"""The list of members and requests in the admin, and undelivered mail.

One member is in `member.py`.
"""

import csv
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import django_filters
from django.db.models import Case, Q, QuerySet, Value, When
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views import View
from wagtail.admin.admin_url_finder import ModelAdminURLFinder, register_admin_url_finder
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.widgets.button import Button

from core.admin.menus import AllowedMenuItem
from core.admin.search import Findable, Found, Typed
from core.admin.spreadsheets import Echo
from core.admin.views import RecordViewSet, TranslatedIndexView
from core.languages import names
from core.languages.lazy import StrOrPromise
from core.mail.views import OutboxView
from network.admin.access import NAMESPACE, PERMISSION, SEEN, ReviewPermissionMixin
from network.admin.member import EraseView, MemberView
from network.mail import Letter
from network.members import profiles
from network.messages.admin import ConversationReportsView, ConversationReportView
from network.models import Member, ReviewTemplate
from network.vocabulary import models as categories
from network.vocabulary.details import DETAILS, DetailAudience
from users.models import User

# Members sometimes write an address into a text.
# Reviewers who need an address open the member.
MAIL_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"]+@[^\s<>()\[\],;:\"]+")
CHUNK = 500

State = Member.State


class MemberFilters(WagtailFilterSet):
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=[(state.value, state.label) for state in SEEN]
    )
    kind = django_filters.ChoiceFilter(label=gettext_lazy("Kind"), choices=Member.Kind)

    class Meta:
        model = Member
        fields = ["state", "kind"]


def what_waits(member: Any) -> str:
    """Return what the next steps with a member of the list wait for, joined in one phrase."""
    waits = {
        _("a second opinion"): member.wants_opinion,
        _("the answer to a question"): member.is_asked,
        _("new texts to read"): member.has_proposal,
    }
    return names.joined(what for what, is_so in waits.items() if is_so)


class MemberIndexView(ReviewPermissionMixin, IndexView):
    """Members and requests with a confirmed address; open requests first, oldest on top."""

    model = Member
    search_fields = ["name", "affiliation", "email"]
    paginate_by = 50
    filterset_class = MemberFilters
    page_title = gettext_lazy("Network")
    results_template_name = "network/admin/members_results.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(**kwargs) | {"join_url": reverse("network:join")}

    def get_base_queryset(self) -> QuerySet[Member]:
        return Member.objects.filter(state__in=SEEN).with_turns()

    def order_queryset(self, queryset: QuerySet[Member]) -> QuerySet[Member]:
        if self.is_explicitly_ordered:
            return super().order_queryset(queryset)
        waits = Case(
            When(Q(state=State.IN_REVIEW, is_asked=False) | Q(wants_opinion=True), then=Value(0)),
            When(has_proposal=True, is_asked=False, then=Value(1)),
            When(Q(state=State.IN_REVIEW) | Q(is_asked=True), then=Value(2)),
            default=Value(3),
        )
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
            Column("turn", label=gettext_lazy("What waits"), accessor=what_waits),
            DateColumn("confirmed_at", label=gettext_lazy("Asked"), sort_key="confirmed_at"),
        ]

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        return [
            Button(_("Undelivered mail"), url=reverse(f"{NAMESPACE}:letters"), icon_name="mail", priority=10),
            Button(_("The network in figures"), url=reverse("network_figures"), icon_name="table", priority=15),
            Button(
                _("Members as a table (CSV)"),
                url=reverse(f"{NAMESPACE}:table"),
                icon_name="download",
                priority=20,
            ),
        ]


class LettersView(OutboxView):
    """Mail to members that has not been delivered."""

    page_title = gettext_lazy("Mail to members")
    permission = PERMISSION
    only = Letter.values

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield reverse(f"{NAMESPACE}:index"), gettext_lazy("Network")


class MemberURLFinder(ModelAdminURLFinder):
    """Link from reports to the member, for users who may see members."""

    edit_url_name = f"{NAMESPACE}:inspect"

    def get_edit_url(self, instance: Member) -> str | None:
        if self.user is not None and not self.user.has_perm(PERMISSION):
            return None
        return self.construct_edit_url(instance)


class MemberViewSet(ViewSet):
    """Members in the admin: reviewed, hidden, erased, but never edited on their behalf.

    Not a ModelViewSet: members' texts are kept out of Wagtail's indexes and exports, and there is nothing to add or
    edit.
    """

    name = "network"
    url_namespace = NAMESPACE  # `network` is the namespace of the members' area
    icon = "group"
    menu_label = gettext_lazy("Network")
    menu_name = "network"
    menu_order = 400
    menu_item_class = staticmethod(partial(AllowedMenuItem, allows=PERMISSION))
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
            path("reports/", ConversationReportsView.as_view(), name="reports"),
            path("reports/<uuid:uuid>/", ConversationReportView.as_view(), name="report"),
            path("letters/", LettersView.as_view(), name="letters"),
            path("members.csv", MembersTableView.as_view(), name="table"),
        ]

    def on_register(self) -> None:
        super().on_register()
        register_admin_url_finder(Member, MemberURLFinder)


class ReviewTemplateViewSet(RecordViewSet):
    model = ReviewTemplate
    icon = "edit"
    index_view_class = TranslatedIndexView
    list_display = ["title", "use", "locale"]
    list_filter = ["use"]
    ordering = ["use", "title"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReviewTemplate]:
        return ReviewTemplate.objects.select_related("locale")


class MembersTableView(ReviewPermissionMixin, View):
    """All accepted members, listed or paused, as a CSV file.

    `SafeExportMiddleware` makes its cells safe.
    """

    def get(self, request: HttpRequest) -> StreamingHttpResponse:
        writer = csv.writer(Echo())
        answer = StreamingHttpResponse((writer.writerow(row) for row in rows()), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="members.csv"'
        return answer


def rows() -> Iterator[list[str]]:
    """Yield the heading and a row for each member, in the active language.

    Profile texts stay in the language in which they were first written.
    """
    details = [rule.detail for rule in DETAILS]
    yield [
        *(_("State"), _("Kind"), _("Member since"), _("Language of emails")),
        *(str(detail.label) for detail in details),
        _("Shown to the public"),
        _("Shown to members"),
    ]
    vocabulary = categories.vocabulary(get_language())
    members = Member.objects.filter(state__in=[Member.State.LISTED, Member.State.PAUSED])
    for member in members.prefetch_related("publications").order_by("name", "pk").iterator(CHUNK):
        seen = {row.detail: row.text for row in profiles.for_team(member, vocabulary).rows}
        yield [
            member.get_state_display(),
            member.get_kind_display(),
            timezone.localdate(member.decided_at).isoformat() if member.decided_at else "",
            names.language_name(member.language),
            *(MAIL_ADDRESS.sub("…", seen.get(detail, "")) for detail in details),
            *(
                ", ".join(str(detail.label) for detail in details if member.audience_of(detail) == audience)
                for audience in (DetailAudience.EVERYBODY, DetailAudience.MEMBERS)
            ),
        ]


def members(user: User, typed: Typed) -> Iterator[Found]:
    """Yield members by name, place of work or email address.

    Members with an unconfirmed address are left out, as in the review.
    """
    if not user.has_perm(PERMISSION):
        return
    for member in Member.objects.known().order_by("name", "pk"):
        if typed.names(member.name, member.affiliation) or typed.is_in(member.email):
            parts = (member.get_state_display(), member.affiliation, names.country_name(member.country))
            yield Found(
                title=member.name,
                url=reverse(f"{NAMESPACE}:inspect", args=[member.pk]),
                detail=" · ".join(part for part in parts if part),
            )


MEMBERS = Findable(title=gettext_lazy("Members of the network"), find=members)
