"""Register the network with the admin."""

from django.urls import URLPattern, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet

from core.admin.menus import AllowedMenuItem
from core.languages.lazy import StrOrPromise
from network.admin import figures
from network.admin.access import PERMISSION
from network.admin.members import MemberViewSet, ReviewTemplateViewSet
from network.digests import admin as digest_review
from network.events import admin as events
from network.groups import admin as groups
from network.models import Practice
from network.opportunities.admin import OpportunitiesToReadView, OpportunityToReadView
from network.practices.admin import (
    EvidenceCriterionViewSet,
    EvidenceView,
    EvidenceWaitingView,
    PracticePermissionPolicy,
    PracticeTableDownloadView,
    PracticeTableView,
    PracticeView,
    PracticeViewSet,
)
from network.vocabulary import admin as categories

register_snippet(categories.CategoryViewSet)
register_snippet(ReviewTemplateViewSet)
register_permission_policy(Practice, PracticePermissionPolicy(Practice), exact_class=True)
register_snippet(PracticeViewSet)
register_snippet(EvidenceCriterionViewSet)


@hooks.register("register_admin_urls")
def admin_urls() -> list[URLPattern]:
    return [
        path("practices/<int:pk>/", PracticeView.as_view(), name="practice"),
        path("practices/table/", PracticeTableView.as_view(), name="practice-table"),
        path("practices/table/practices.csv", PracticeTableDownloadView.as_view(), name="practice-table-file"),
        path("practices/evidence/", EvidenceWaitingView.as_view(), name="evidence-waiting"),
        path("practices/evidence/<int:pk>/", EvidenceView.as_view(), name="evidence"),
        path("digests/<uuid:key>/review/", digest_review.DigestReviewView.as_view(), name="digest_review"),
        path("opportunities/", OpportunitiesToReadView.as_view(), name="opportunities-to-read"),
        path("opportunities/<uuid:uuid>/", OpportunityToReadView.as_view(), name="opportunity-to-read"),
        path("events/", events.EventListView.as_view(), name="event-list"),
        path("events/<uuid:uuid>/", events.AttendanceView.as_view(), name="attendance"),
        path(
            "events/<uuid:uuid>/registrations.csv",
            events.AttendanceTableView.as_view(),
            name="attendance-table",
        ),
        path("working-groups/", groups.GroupsView.as_view(), name="group-members"),
        path("reports/network/", figures.FiguresView.as_view(), name="network_figures"),
        path("reports/network/<slug:name>.csv", figures.FigureFileView.as_view(), name="network_figure_file"),
    ]


hooks.register("construct_page_action_menu", digest_review.add_to_menu)
hooks.register("before_publish_page", digest_review.ask_before_publishing)


@hooks.register("register_admin_menu_item")
def events_in_menu() -> AllowedMenuItem:
    return AllowedMenuItem(
        _("Events"),
        reverse_lazy("event-list"),
        icon_name="calendar-check",
        order=330,
        allows=events.PERMISSION,
    )


@hooks.register("register_admin_menu_item")
def groups_in_menu() -> AllowedMenuItem:
    return AllowedMenuItem(
        _("Members of groups"),
        reverse_lazy("group-members"),
        icon_name="group",
        order=331,
        allows=groups.PERMISSION,
    )


@hooks.register("register_reports_menu_item")
def figures_menu_item() -> AllowedMenuItem:
    return AllowedMenuItem(
        figures.FiguresView.page_title,
        reverse_lazy("network_figures"),
        name="network-figures",
        icon_name=figures.FiguresView.header_icon,
        order=710,
        allows=PERMISSION,
    )


@hooks.register("register_admin_viewset")
def members() -> MemberViewSet:
    return MemberViewSet()


# Action of the team → its title, and its message in the history.
LOGGED: dict[str, tuple[StrOrPromise, StrOrPromise]] = {
    "approve": (_("Approve a member"), _("Request to join approved")),
    "ask_back": (_("Ask a member a question"), _("Question about a request to join")),
    "decline": (_("Decline a member"), _("Request to join declined")),
    "accept_texts": (_("Accept texts of a member"), _("New texts of a member accepted")),
    "decline_texts": (_("Decline texts of a member"), _("New texts of a member not accepted")),
    "ask_for_opinion": (_("Ask for a second opinion"), _("Second opinion about a member asked for")),
    "give_opinion": (_("Give a second opinion"), _("Second opinion about a member given")),
    "retire_category": (_("Retire a category"), _("It can no longer be chosen")),
    "bring_back_category": (_("Bring a category back"), _("It can be chosen again")),
    "hide": (_("Hide a member"), _("Member removed from all public pages")),
    "decide_report": (_("Decide about a report"), _("Decided about a reported conversation with the member")),
    "release": (_("Release a member"), _("Member may be listed again")),
    "remove_passkeys": (_("Remove passkeys of a member"), _("Passkeys of a member removed")),
    "erase": (_("Delete a member"), _("Member and everything about them deleted")),
    "confirm_practice": (_("Confirm a practice"), _("Practice confirmed by its owner")),
    "note_attendance": (_("Note who was at an event"), _("Who was at the event was noted")),
    "open_review": (_("Have evidence weighed"), _("Review of evidence asked for")),
    "withdraw_review": (
        _("Withdraw a review of evidence"),
        _("Review of evidence withdrawn before there was a rating"),
    ),
    "decide_evidence": (_("Decide on evidence"), _("Evidence rating decided")),
    "answer_rating": (_("Answer a rating"), _("Answer of the owner to a rating changed")),
    "release_opportunity": (_("Release a need or an offer"), _("Everybody sees a need or an offer")),
    "keep_opportunity": (_("Keep a need or an offer for members"), _("Only members see a need or an offer")),
    "unpublish_opportunity": (
        _("Close a need or an offer of a member"),
        _("Need or offer closed by the team"),
    ),
}


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    actions.register_action("network.merge_category")(categories.Merged)
    for name, (title, message) in LOGGED.items():
        actions.register_action(f"network.{name}", title, message)
