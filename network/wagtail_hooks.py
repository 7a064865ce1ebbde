"""What the desk sees of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from core.desk import todo
from core.desk.todo import Waiting
from network.models import Field, Letter, Member
from network.review import NAMESPACE, PERMISSION, MemberViewSet

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser
    from wagtail.log_actions import LogActionRegistry


class FieldViewSet(SnippetViewSet):
    model = Field
    icon = "tag"
    list_display = ["name", "code", "locale"]
    ordering = ["code"]


register_snippet(FieldViewSet)


@hooks.register("register_admin_viewset")
def members() -> MemberViewSet:
    return MemberViewSet()


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    actions.register_action("network.approve", _("Approve a member"), _("Request to join approved"))
    actions.register_action("network.ask_back", _("Ask a member back"), _("Question about a request to join"))
    actions.register_action("network.decline", _("Decline a member"), _("Request to join declined"))
    actions.register_action("network.hide", _("Hide a member"), _("Member taken off all public pages"))
    actions.register_action("network.release", _("Release a member"), _("Member may be listed again"))
    actions.register_action("network.erase", _("Delete a member"), _("A member and all about them deleted"))


def requests_for(user: AbstractUser) -> int:
    return Member.objects.awaiting_review().count() if user.has_perm(PERMISSION) else 0


def lost_letters_for(user: AbstractUser) -> int:
    return Letter.objects.failed().count() if user.has_perm(PERMISSION) else 0


todo.register(Waiting(title=_("Requests to join the network"), count=requests_for, url=f"{NAMESPACE}:index"))
todo.register(
    Waiting(
        title=_("Mail to members that could not be delivered"),
        count=lost_letters_for,
        url=f"{NAMESPACE}:letters",
    )
)
