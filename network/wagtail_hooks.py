"""Register the network with the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.snippets.models import register_snippet

from core.desk import search, todo
from core.languages import wordings
from core.languages.wordings import Wording
from network.desk.review import MemberViewSet
from network.desk.search import MEMBERS
from network.desk.todo import LOST_LETTERS, REQUESTS, SUGGESTIONS
from network.desk.viewsets import ExpertiseViewSet
from network.models import Expertise

if TYPE_CHECKING:
    from wagtail.log_actions import LogActionRegistry

register_snippet(ExpertiseViewSet)
todo.register(REQUESTS)
todo.register(LOST_LETTERS)
for suggestion in SUGGESTIONS:
    todo.suggest(suggestion)
search.register(MEMBERS)
wordings.register(
    Wording(key="fields", title=_("Fields of work"), model=Expertise, fields=("name",), shared=("code",))
)


@hooks.register("register_admin_viewset")
def members() -> MemberViewSet:
    return MemberViewSet()


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    actions.register_action("network.approve", _("Approve a member"), _("Request to join approved"))
    actions.register_action(
        "network.ask_back", _("Ask a member a question"), _("Question about a request to join")
    )
    actions.register_action("network.decline", _("Decline a member"), _("Request to join declined"))
    actions.register_action("network.hide", _("Hide a member"), _("Member taken off all public pages"))
    actions.register_action("network.release", _("Release a member"), _("Member may be listed again"))
    actions.register_action(
        "network.erase", _("Delete a member"), _("Member and everything about them deleted")
    )
