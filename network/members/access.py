"""Authentication of members, and the access it gives.

There are two ways to a member's own profile, and one of them also opens other members' profiles:

- **A mailed link** opens the member's own profile for an hour: to see it, change it, pause it, take the data along, and
  leave. It needs no account.
- **Signing in** opens the same as long as the session lasts, and everything that members do among themselves.

A view that shows one member to another, or lets members write, offer or join something, is decorated with
`for_listed_members`, and with nothing else: it requires a signed-in account whose member is currently listed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import update_wrapper, wraps
from typing import Concatenate

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from core import links
from core.languages.lazy import StrOrPromise
from network import row_locks
from network.models import Member, NetworkSettings
from users.sign_in import confirming

# Session key of (member, expiry), set when the button behind a mailed link is pressed.
SESSION_KEY = "network_member"
OPEN_FOR = 60 * 60  # seconds
NOT_POSSIBLE = gettext_lazy("That is not possible at the moment. This is the current state.")


def render_page(
    request: HttpRequest, name: str, *, title: str, status: int = 200, **context: object
) -> TemplateResponse:
    return TemplateResponse(request, f"network/{name}.html", {"title": title, **context}, status=status)


def mail_sent(name: str) -> Callable[[HttpRequest], HttpResponse]:
    """Return the view of the page after a form that mails a link.

    It is the same for every address.
    """

    @require_safe
    def sent(request: HttpRequest) -> HttpResponse:
        return render_page(request, name, title=_("Please check your email"), contact=NetworkSettings.contact())

    return sent


def link_problem(
    request: HttpRequest, title: str, text: StrOrPromise, *, status: int = 410, again: str = ""
) -> TemplateResponse:
    """Explain why a mailed link does not work.

    `again`: the name of the page for requesting a new link.
    """
    return render_page(request, "members/link_problem", title=title, status=status, text=text, again=again)


def broken_link(request: HttpRequest, *, again: str = "") -> TemplateResponse:
    text = _(
        "Email programs sometimes cut off long links. Please copy the whole link from the email into the address bar."
    )
    return link_problem(request, _("This link is not complete"), text, status=400, again=again)


def closed_link(request: HttpRequest) -> TemplateResponse:
    return link_problem(request, str(links.AGAIN), links.WHY)


def carry_out(
    request: HttpRequest,
    service: Callable[[], object],
    done: str,
    refusals: Mapping[type[row_locks.InvalidStateError], str] | None = None,
) -> bool:
    """Call a service and add a message about the result.

    Return whether it succeeded.

    `refusals` maps exceptions to their messages; other refusals get a general one.
    """
    try:
        service()
    except row_locks.InvalidStateError as refused:
        messages.error(request, (refusals or {}).get(type(refused), str(NOT_POSSIBLE)))
        return False
    messages.success(request, done)
    return True


def change_profile(request: HttpRequest, service: Callable[[], object], done: str) -> HttpResponse:
    """Call a service, and redirect to the member's own page."""
    carry_out(request, service, done)
    return redirect("network:profile")


def open_for_an_hour(request: HttpRequest, member: Member) -> None:
    """Open a profile in this browser, after the button behind a mailed link was pressed."""
    request.session.cycle_key()
    request.session[SESSION_KEY] = [str(member.uuid), int(time.time()) + OPEN_FOR]


def close(request: HttpRequest) -> None:
    """Close the profile in this browser, and sign out.

    Users of the admin stay signed in there.
    """
    request.session.pop(SESSION_KEY, None)
    if request.user.is_authenticated and not request.user.works_in_admin:
        logout(request)


def opened_member(request: HttpRequest) -> Member | None:
    """Return the member whose mailed link was opened in this browser within the last hour."""
    uuid, until = request.session.get(SESSION_KEY, ("", 0))
    member = Member.objects.answerable().filter(uuid=uuid).first() if until > time.time() else None
    if member is None:
        request.session.pop(SESSION_KEY, None)
    return member


def link_opened_lately(request: HttpRequest) -> bool:
    """Return whether a mailed link was opened in this browser recently enough to count as a code by mail."""
    _uuid, until = request.session.get(SESSION_KEY, ("", 0))
    return until > time.time() + OPEN_FOR - confirming.LATELY


def signed_in_member(request: HttpRequest) -> Member | None:
    """Return the member whose account is signed in, listed or not."""
    if request.user.is_anonymous:
        return None
    return Member.objects.answerable().filter(user=request.user).first()


def is_signed_in(request: HttpRequest, member: Member) -> bool:
    return request.user.is_authenticated and request.user.pk == member.user_id


type MemberView[**Rest] = Callable[Concatenate[HttpRequest, Member, Rest], HttpResponse]
type View[**Rest] = Callable[Concatenate[HttpRequest, Rest], HttpResponse]


def for_listed_members[**Rest](view: MemberView[Rest]) -> View[Rest]:
    """Pass the view the signed-in listed member.

    Other visitors are redirected to sign in, or see why they have no access.

    A mailed link is not enough: it opens only the member's own profile.
    Paused and hidden members do not see others while others do not see them.
    """

    @wraps(view)
    def checked(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        if request.user.is_anonymous:
            return redirect_to_login(request.get_full_path())
        member = signed_in_member(request)
        if member is None or member.state != Member.State.LISTED:
            return render_page(
                request,
                "members/members_only",
                title=_("Only listed members see this page"),
                status=403,
                member=member,
                contact=NetworkSettings.contact(),
            )
        return view(request, member, *args, **kwargs)

    return checked


def asked_again[**Rest](view: MemberView[Rest]) -> MemberView[Rest]:
    """Require a signed-in user to confirm their identity.

    A mailed link opened within the hour is proof enough.
    Apply it below the other decorators.
    """

    @wraps(view)
    def checked(request: HttpRequest, member: Member, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        if opened_member(request) is None and (question := confirming.question(request)) is not None:
            return question
        return view(request, member, *args, **kwargs)

    return checked


def for_members[**Rest](view: MemberView[Rest]) -> View[Rest]:
    """Pass the view the member whose profile is open in this browser, by mailed link or account.

    Redirect others to the form for a link.

    Declined people reach only the views decorated with `for_everybody_known`.
    """

    def checked(request: HttpRequest, member: Member, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        if member.state not in Member.KNOWN:
            return redirect("network:profile")
        return view(request, member, *args, **kwargs)

    update_wrapper(checked, view)
    return for_everybody_known(checked)


def for_everybody_known[**Rest](view: MemberView[Rest]) -> View[Rest]:
    """Like `for_members`, but also for declined people: they read the reason, answer, take their data and leave."""

    @wraps(view)
    def checked(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        member = opened_member(request) or signed_in_member(request)
        if member is None:
            return redirect("network:ask-for-link")
        return view(request, member, *args, **kwargs)

    return checked
