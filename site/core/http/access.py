"""Access to the private site: who may work here, and whether a form was sent from a page of this site."""

from collections.abc import Callable
from functools import wraps

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from core.http import errors

# Recovery codes can replace these, but are not a second factor by themselves.
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# Session key: a second factor was added in this session.
ADDED = "second_factor_added"


def may_work_here(request: HttpRequest) -> bool:
    """Return whether a signed-in user has a role in the admin and, if it is required, has used their second factor.

    The one rule for everything that only staff may see: the admin, and documents, pictures and pages before they are
    public.
    """
    if not has_role(request):
        return False
    return not settings.SECOND_FACTOR_REQUIRED or (has_second_factor(request.user) and second_factor_was_used(request))


def has_role(request: HttpRequest) -> bool:
    user = request.user
    return user.is_authenticated and user.works_in_admin and user.has_perm("wagtailadmin.access_admin")


def has_second_factor(user: AbstractUser | AnonymousUser) -> bool:
    return bool(is_mfa_enabled(user, SECOND_FACTORS))


def second_factor_was_used(request: HttpRequest) -> bool:
    """Return whether the second factor was used in this session: at sign-in, or by setting it up.

    Having one is not enough: an intruder may have signed in with a stolen code before it was set up.
    """
    records = get_authentication_records(request, request.user)
    return bool(request.session.get(ADDED)) or any(record.get("method") == "mfa" for record in records)


def without_cookie(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Wrap the view of a form that needs no session: its origin protects it, instead of a token in a cookie.

    The template leaves out `{% csrf_token %}`, which sets the cookie.
    """

    @csrf_exempt
    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.method == "POST" and not is_sent_from_here(request):
            return errors.csrf_failure(request)
        return view(request, *args, **kwargs)

    return checked


def is_sent_from_here(request: HttpRequest) -> bool:
    """Return whether the browser sent a form from a page of the private site.

    Current browsers send `Sec-Fetch-Site`, older ones `Origin`; without either, a form is refused.
    """
    if sent_from := request.headers.get("Sec-Fetch-Site"):
        return sent_from == "same-origin"
    return request.headers.get("Origin") == settings.PRIVATE_URL
