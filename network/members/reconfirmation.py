"""The yearly question to members whether their profile is still right: one link, and one button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core import links
from core.desk import opened
from network import row_locks, tokens
from network.members import profiles, services
from network.members.access import broken_link, closed_link, for_members, link_problem, render_page
from network.members.views import change_state
from network.vocabulary.models import vocabulary

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from network.models import Member


@require_http_methods(["GET", "HEAD", "POST"])
def still_right(request: HttpRequest, key: str) -> HttpResponse:
    """Show what everybody sees anyway, and keep on POST that all is right. The link opens nothing else: a mailbox is not only its owner's."""
    try:
        member = tokens.read_for_answer(opened.token(request, key))
        if request.method == "POST":
            services.confirm_still_right(member=member)
            return render_page(
                request,
                "still_right_thanks",
                title=_("Thank you. We ask you again in a year."),
                member=member,
            )
    except links.Broken:
        return broken_link(request, again="network:ask-for-link")
    except links.NotOpen:
        return closed_link(request)
    except (links.Expired, links.Used, row_locks.WrongState):
        text = _(
            "You have already answered or changed something, or the question is too old. On your own page you see whether we still ask."
        )
        return link_problem(request, _("This link no longer works"), text, again="network:ask-for-link")
    return render_page(
        request,
        "still_right",
        title=_("Is your profile still right?"),
        member=member,
        profile=profiles.public(member, vocabulary(translation.get_language())),
    )


@require_POST
@for_members
def confirm_still_right(request: HttpRequest, member: Member) -> HttpResponse:
    """Keep that all is right, on one's own page."""
    return change_state(
        request, services.confirm_still_right, member, _("Thank you. We ask you again in a year.")
    )
