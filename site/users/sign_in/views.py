"""Sign-in views beyond allauth's own."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.utils import get_next_redirect_url, perform_login
from allauth.account.views import ConfirmLoginCodeView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.tokens import default_token_generator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.encoding import force_str
from django.utils.http import urlsafe_base64_decode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from django.views.generic import TemplateView

from core import links
from core.admin import menus
from core.http.headers import forget
from core.http.limits import RequestRejectedError
from core.languages.lazy import StrOrPromise
from core.links import LinkNotOpenError
from core.mail import outbox
from users.models import User
from users.sign_in import confirming, forms, sessions
from users.sign_in.adapters import HELD_UP


@method_decorator(login_required, name="dispatch")
class StartView(TemplateView):
    """Landing page after sign-in: redirects to the admin, or shows users without a role there that they have none.

    Users without access to the admin go to the area that an app has for them.
    """

    template_name = "users/no_role.html"
    extra_context = {"title": _("You have no role here yet")}

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        area = next(iter(menus.areas()), None)
        if area and request.user.is_authenticated and not request.user.works_in_admin:
            return redirect(area.start)
        if request.user.has_perm("wagtailadmin.access_admin"):
            return redirect("wagtailadmin_home")
        return super().get(request, *args, **kwargs)


class SignInOnceView(TemplateView):
    """Target of the link that `manage.py first_administrator` prints.

    Opening it changes nothing; the button signs in, once.
    """

    template_name = "users/sign_in_once.html"
    extra_context = {"title": _("Sign in")}

    @sensitive_variables()
    def setup(self, request: HttpRequest, *args: object, **kwargs: object) -> None:
        super().setup(request, *args, **kwargs)
        self.user = self.invited()

    def invited(self) -> User | None:
        try:
            uid, _slash, token = links.opened_token(self.request, self.kwargs["key"]).partition("/")
            pk = int(force_str(urlsafe_base64_decode(uid)))
        except (LinkNotOpenError, ValueError, OverflowError):
            return None
        user = User.objects.filter(pk=pk, is_active=True).first() if pk < 2**63 else None
        return user if user and default_token_generator.check_token(user, token) else None

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(invited=self.user, **kwargs)

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if self.user is None:
            return self.get(request, *args, **kwargs)
        # A second factor is still required, as after a code by mail.
        response = perform_login(request, self.user, email=self.user.email)
        if request.user.is_authenticated:
            confirming.remember(request)
        return response


class ConfirmCodeView(ConfirmLoginCodeView):
    """allauth's view for the mailed code, which also sends another one: each mail takes a proof of work of its own."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.POST.get("action") == "resend":
            try:
                forms.check(request, email=self.stage.state["email"], proof_of_work=request.POST.get("proof", ""))
            except RequestRejectedError as refusal:
                messages.error(request, refusal.sentence)
                return redirect(self.passthrough_next_url(reverse("account_confirm_login_code")))
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(challenge=forms.challenge(), **kwargs)


@method_decorator(login_required, name="dispatch")
class ConfirmView(TemplateView):
    """Ask a user without a second factor for the code sent to their address, then return them to their action."""

    template_name = "users/confirm.html"
    extra_context = {"title": _("Confirm that it is you")}
    problem: StrOrPromise = ""

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        sent = confirming.was_sent(self.request)
        return super().get_context_data(sent=sent, problem=self.problem, **kwargs)

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            if "code" not in request.POST:
                confirming.send_code(request)
            elif confirming.enter_code(request, request.POST["code"]):
                return redirect(get_next_redirect_url(request) or "users:start")
            elif confirming.was_sent(request):
                self.problem = _("This is not the code. Look at the newest email, and enter it once more.")
            else:
                self.problem = _("This code does not work any more. Have another one sent.")
        except RequestRejectedError as refusal:
            self.problem = refusal.sentence
        return self.get(request, *args, **kwargs)


@method_decorator(login_required, name="dispatch")
class SessionsView(TemplateView):
    """Sessions of the user, with a button to end each.

    Viewing needs a sign-in only; ending one needs reauthentication.
    """

    template_name = "users/sessions.html"
    extra_context = {"title": _("Where you are signed in")}

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        user: Any = self.request.user
        here = self.request.session.session_key
        return super().get_context_data(sessions=sessions.of_user(user, here=here), **kwargs)

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if (asked := confirming.question(request)) is not None:
            return asked
        user: Any = request.user
        name = request.POST.get("session") or None
        if sessions.end(user, here=request.session.session_key, name=name):
            messages.success(request, _("Signed out there.") if name else _("Signed out everywhere else."))
        else:
            messages.info(request, _("That session had already ended."))
        return redirect("users:sessions")


def clearing_browser(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wrap a view that signs out: the browser clears its stored copies of pages that only this user may see."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        was_signed_in = request.user.is_authenticated
        response = view(request, *args, **kwargs)
        if was_signed_in and request.user.is_anonymous:
            forget(response)
        return response

    return answer


def notify_if_mail_stalled(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Show after a request for a code that mail is delayed, whether there is an account for the address or not."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if request.method == "POST" and not request.user.is_authenticated and outbox.is_stalled():
            messages.warning(request, HELD_UP)
        return response

    return answer


def sending_codes(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wrap a view that sends a code, so that its response does not reveal whether there is an account."""
    return round_up_time(notify_if_mail_stalled(view))


def round_up_time(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Round the time of a POST up to multiples of SIGN_IN_STEP seconds.

    So it does not reveal whether there is an account.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        started = time.monotonic()
        try:
            return view(request, *args, **kwargs)
        finally:
            step = settings.SIGN_IN_STEP
            if request.method == "POST" and step:
                time.sleep(step - (time.monotonic() - started) % step)

    return answer


def not_here(request: HttpRequest) -> HttpResponse:
    """Return a 404 for a URL of a library that this site does not offer."""
    raise Http404("This is not offered here.")


def redirect_to_sign_in(request: HttpRequest, **kwargs: object) -> HttpResponse:
    """Redirect a view that would bypass sign-in codes, rate limits or the second factor."""
    return redirect("account_login")
