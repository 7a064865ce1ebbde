"""A member's account: opened from their own profile with one button, and offered a passkey."""

from functools import partial

from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed
from allauth.account.utils import perform_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.declarations import Receiver
from core.http.access import has_second_factor
from network import row_locks
from network.members import services
from network.members.access import (
    asked_again,
    carry_out,
    for_listed_members,
    for_members,
    is_signed_in,
    link_opened_lately,
    open_for_an_hour,
    render_page,
)
from network.models import Member
from users.models import User
from users.sign_in import confirming


@require_POST
@for_members
def open_account(request: HttpRequest, member: Member) -> HttpResponse:
    """Open an account and sign in to it.

    The mailed link has proved as much as a code by mail would.
    """
    try:
        user = services.open_account(member=member)
    except row_locks.InvalidStateError:
        messages.error(request, _("That is not possible at the moment. Please write to us if you think it should be."))
        return redirect("network:profile")
    if user.works_in_admin:
        messages.success(
            request,
            _("You already have an account here, for the admin. Sign in with it: it is yours as a member, too."),
        )
        return redirect("network:profile")
    response = perform_login(request, user, email=user.email, redirect_url=reverse("network:account-opened"))
    if link_opened_lately(request) and request.user.is_authenticated:
        confirming.remember(request)  # so that adding the offered passkey requires no code
    return response


@require_safe
@for_listed_members
def account_opened(request: HttpRequest, member: Member) -> HttpResponse:
    """Offer a passkey, once, to a member without one."""
    if request.user.is_authenticated and has_second_factor(request.user):
        return redirect("network:members")
    return render_page(request, "members/account_opened", title=_("You are signed in"), member=member)


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
@asked_again
def close_account(request: HttpRequest, member: Member) -> HttpResponse:
    """Delete the account and keep the profile, which stays open in this browser for an hour."""
    if request.method != "POST":
        return render_page(request, "members/close_account", title=_("Delete your account?"))
    signed_in = is_signed_in(request, member)
    done = _("Your account is deleted. Your profile stays as it is.")
    if carry_out(request, partial(services.close_account, member=member), done):
        if signed_in:
            request.session.flush()  # the session's row is deleted already
        open_for_an_hour(request, member)
    return redirect("network:profile")


def follow_address(*, user: User, to_email_address: EmailAddress, **kwargs: object) -> None:
    """Receive allauth's `email_changed`: the new address has been confirmed with a code."""
    services.move_address(user=user, address=to_email_address.email)


ADDRESS_CHANGED = Receiver(signal=email_changed, function=follow_address)
