"""A member lets ORCID confirm their iD: there, back, and what came of it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from core.doors import desk_url
from core.doors.limits import Limit, Refusal, consume
from network import row_locks
from network.members import services as members
from network.members.access import for_members, render_page
from network.verification import orcid

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from network.models import Member

# The session key of (state, language) while the person is at ORCID.
UNDER_WAY = "network_orcid"
ASKED = Limit(name="orcid", times=10, seconds=60 * 60)

# What can go wrong: the title of the page that says so, and what happened. Nothing has been changed in any of these cases.
OUTCOMES: dict[str, tuple[StrOrPromise, StrOrPromise]] = {
    "refused": (
        gettext_lazy("ORCID has told us nothing"),
        gettext_lazy("You did not give permission at ORCID, or left before it was done."),
    ),
    "silent": (
        gettext_lazy("ORCID does not answer"),
        gettext_lazy("We waited for a few seconds. Please try again later."),
    ),
    "unclear": (
        gettext_lazy("ORCID has not confirmed an iD"),
        gettext_lazy("Its answer held no iD that we can use, or it came too late. Please try again."),
    ),
    "taken": (
        gettext_lazy("This iD belongs to another profile"),
        gettext_lazy("ORCID has confirmed it for another profile of this network already. If that is not you, please write to us."),
    ),
    "often": (
        gettext_lazy("That was often"),
        gettext_lazy("ORCID can be asked ten times in an hour. Please try again later."),
    ),
}  # fmt: skip


def return_url() -> str:
    """Return the address that is registered with ORCID: one, whatever the language."""
    return desk_url("orcid-return")


@require_GET
@for_members
def go_to_orcid(request: HttpRequest, member: Member) -> HttpResponse:
    """Send the browser to ORCID. A link and not a form: a form may lead nowhere but to us."""
    if not orcid.is_set_up():
        raise Http404
    state = secrets.token_urlsafe(24)
    request.session[UNDER_WAY] = [state, translation.get_language()]
    return HttpResponseRedirect(orcid.sign_in_url(state=state, back=return_url()))


@require_GET
def come_back(request: HttpRequest) -> HttpResponse:
    """Take what ORCID says, and move on to an address that has nothing of it."""
    state, language = request.session.pop(UNDER_WAY, ("", translation.get_language()))
    with translation.override(language):
        given = request.GET.get("state", "")
        if not state or not constant_time_compare(given.encode(), state.encode()):
            return redirect("network:orcid-outcome", outcome="unclear")
        return ask_orcid(request)


@for_members
def ask_orcid(request: HttpRequest, member: Member) -> HttpResponse:
    code = request.GET.get("code", "")
    if not code:
        return redirect("network:orcid-outcome", outcome="refused")
    try:
        consume(ASKED, str(member.uuid))
        confirmed = orcid.identity(code=code, back=return_url())
        members.confirm_orcid(member=member, orcid=confirmed.orcid, name=confirmed.name)
    except Refusal:
        return redirect("network:orcid-outcome", outcome="often")
    except orcid.OrcidSilent:
        return redirect("network:orcid-outcome", outcome="silent")
    except members.OrcidTaken:
        return redirect("network:orcid-outcome", outcome="taken")
    except (orcid.OrcidUnclear, row_locks.WrongState):
        return redirect("network:orcid-outcome", outcome="unclear")
    messages.success(request, _("ORCID has confirmed your iD. We keep it and the name that ORCID gave us."))
    return redirect("network:profile")


@require_GET
def outcome_page(request: HttpRequest, outcome: str) -> HttpResponse:
    """Say what went wrong, and that nothing was changed."""
    if outcome not in OUTCOMES:
        raise Http404
    title, text = OUTCOMES[outcome]
    return render_page(request, "orcid_outcome", title=str(title), text=text)
