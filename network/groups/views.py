"""Groups for signed-in members: the list, and each group for its members.

Never prerendered, and no cache keeps them.
"""

from functools import partial
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from network.groups import services
from network.members.access import NOT_POSSIBLE, carry_out, for_listed_members, render_page
from network.models import GroupMembership, GroupPage, Member


def find_group(key: UUID) -> GroupPage:
    """Return the page of a group in the user's language or its fallbacks.

    Raises Http404.
    """
    pages = GroupPage.objects.filter(translation_key=key).in_language(translation.get_language())
    if not pages:
        raise Http404
    return pages[0]


@require_safe
@for_listed_members
def groups(request: HttpRequest, member: Member) -> HttpResponse:
    own = {membership.group_key: membership for membership in member.groups.all()}
    found = GroupPage.objects.in_language(translation.get_language())
    pairs = [(page, own.get(page.translation_key)) for page in found]
    return render_page(request, "groups/groups", title=_("Groups of the network"), groups=pairs)


@require_http_methods(["GET", "HEAD", "POST"])
@for_listed_members
def group(request: HttpRequest, member: Member, uuid: UUID) -> HttpResponse:
    """Show a group to its members, and its purpose to other members; ask, admit, leave."""
    page = find_group(uuid)
    own = member.groups.filter(group_key=uuid).first()
    if request.method == "POST":
        change_group(request, member, uuid, own)
        return redirect("network:group", uuid=uuid)
    return render_page(request, "groups/group", title=page.title, group=page, membership=own, **inside(page, own))


def inside(page: GroupPage, own: GroupMembership | None) -> dict[str, Any]:
    """Return the context that only members of a group get, and the requests for its chair."""
    if own is None or own.admitted_at is None:
        return {}
    everybody = GroupMembership.objects.filter(group_key=page.translation_key).select_related("member")
    return {
        "minutes": sorted(page.minutes, key=lambda part: part.value["date"], reverse=True),
        "people": everybody.admitted().filter(member__state="listed").order_by("-is_chair", "member__name"),
        "asking": everybody.asking() if own.is_chair else (),
    }


def change_group(request: HttpRequest, member: Member, uuid: UUID, own: GroupMembership | None) -> None:
    action = request.POST.get("action")
    if action == "ask":
        asked = partial(services.ask_for_group, group_key=uuid, member=member)
        carry_out(request, asked, _("You have asked to join. You get an email once the group has admitted you."))
    elif action == "leave" and own is not None:
        left = partial(services.leave_group, membership=own)
        carry_out(request, left, _("You are not in this group any more."))
    elif action in {"admit", "turn_away"} and own is not None and own.is_chair and own.admitted_at:
        decide(request, uuid, admits=action == "admit")
    else:
        messages.error(request, NOT_POSSIBLE)


def decide(request: HttpRequest, uuid: UUID, *, admits: bool) -> None:
    """Admit or turn away the request that the form names, if it is still open."""
    asking = GroupMembership.objects.asking().filter(group_key=uuid)
    # Compared as text, so that an invalid UUID matches no membership.
    named = request.POST.get("membership", "")
    asked = next((each for each in asking if str(each.uuid) == named), None)
    if asked is None:
        messages.error(request, NOT_POSSIBLE)
    elif admits:
        admitted = partial(services.admit_to_group, membership=asked)
        carry_out(request, admitted, _("Admitted. They get an email."))
    else:
        services.leave_group(membership=asked)
        messages.success(request, _("Turned away. No notification is sent."))


@require_safe
@for_listed_members
def group_file(request: HttpRequest, member: Member, uuid: UUID, key: UUID) -> HttpResponse:
    """Download a file of a group.

    Raises Http404 for members who are not in the group.
    """
    if not member.groups.admitted().filter(group_key=uuid).exists():
        raise Http404
    document = dict(find_group(uuid).documents()).get(str(key))
    if document is None:
        raise Http404
    sent = FileResponse(document.file.open("rb"), as_attachment=True, filename=document.filename)
    return cast("HttpResponse", sent)  # a streaming response, which the decorator's type leaves out
