"""Groups in the admin: requests to join, members and chairs."""

from collections.abc import Callable, Iterator
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages

from core.admin.views import AdminView
from network import row_locks
from network.groups import services
from network.models import GroupMembership, GroupPage

PERMISSION = "network.change_groupmembership"


class GroupsView(AdminView, TemplateView):
    """The memberships of all groups, with a button for each possible action."""

    template_name = "network/groups/admin/groups.html"
    page_title = _("Members of groups")
    header_icon = "group"
    permission = PERMISSION

    # Service for each button.
    STEPS: dict[str, Callable[..., None]] = {
        "admit": services.admit_to_group,
        "remove": services.leave_group,
        "chair": partial(services.make_chair, is_chair=True),
        "no_chair": partial(services.make_chair, is_chair=False),
    }

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        action, _colon, named = request.POST.get("action", "").partition(":")
        # Compared as text, so that an invalid UUID matches no membership.
        found = next((each for each in GroupMembership.objects.all() if str(each.uuid) == named), None)
        if action not in self.STEPS or found is None:
            messages.error(request, gettext("There is no such action."))
            return redirect(request.path)
        try:
            self.STEPS[action](membership=found)
        except row_locks.InvalidStateError:
            messages.error(request, gettext("Another person changed this first. This is the current state."))
        else:
            messages.success(request, gettext("Done."))
        return redirect(request.path)

    def groups(self) -> Iterator[tuple[GroupPage, list[GroupMembership]]]:
        everybody = list(GroupMembership.objects.select_related("member").order_by("admitted_at", "asked_at"))
        for page in GroupPage.objects.in_language(translation.get_language()):
            yield page, [each for each in everybody if each.group_key == page.translation_key]

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(**kwargs) | {"groups": list(self.groups())}
