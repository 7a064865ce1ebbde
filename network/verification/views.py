"""Views for a member's verifications of affiliation, and for the nominators' answers."""

import secrets
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import links
from core.http import private_url
from core.http.limits import Limit, RequestRejectedError, consume
from core.languages.lazy import StrOrPromise
from core.outgoing.internet import FetchError, target
from network import row_locks, tokens
from network.members import services as members
from network.members.access import change_profile, for_members, link_problem, render_page
from network.models import Member, Verification
from network.verification import orcid, services

VERIFICATIONS_OF_MEMBER = Limit(name="verifications-of", times=10, seconds=60 * 60)
VERIFICATIONS_TO_EMAIL = Limit(name="verifications-to", times=3, seconds=60 * 60)
# Session key of (state, language) while the person is at ORCID.
UNDER_WAY = "network_orcid"
ASKED = Limit(name="orcid", times=10, seconds=60 * 60)
# Errors: title and text of the page about each.
# Nothing has been changed in any of these cases.
OUTCOMES: dict[str, tuple[StrOrPromise, StrOrPromise]] = {
    "refused": (
        gettext_lazy("ORCID has told us nothing"),
        gettext_lazy("You did not give permission at ORCID, or left before it was done."),
    ),
    "unavailable": (
        gettext_lazy("ORCID does not answer"),
        gettext_lazy("We waited for a few seconds. Please try again later."),
    ),
    "unclear": (
        gettext_lazy("ORCID has not confirmed an iD"),
        gettext_lazy("Its answer held no iD that we can use, or it came too late. Please try again."),
    ),
    "taken": (
        gettext_lazy("This iD belongs to another profile"),
        gettext_lazy(
            "ORCID has confirmed it for another profile of this network already. "
            "If that is not you, please write to us."
        ),
    ),
    "often": (
        gettext_lazy("That was often"),
        gettext_lazy("ORCID can be asked ten times in an hour. Please try again later."),
    ),
}
Kind = Verification.Kind
MAX_URL = 500


class AddressVerificationForm(forms.Form):
    """An address at an institution."""

    address = forms.EmailField(
        label=gettext_lazy("Your address at an institution"),
        max_length=254,
        help_text=gettext_lazy("We mail a link to it. We keep its domain, the part after the @, and not the rest."),
    )


class LinkVerificationForm(forms.Form):
    """A page that links to the profile."""

    url = forms.CharField(
        label=gettext_lazy("Address of a page about you"),
        max_length=MAX_URL,
        help_text=gettext_lazy("For example your page at your institution, with the link below in it."),
        widget=forms.URLInput,
    )

    def clean_url(self) -> str:
        try:
            url = target(self.cleaned_data["url"].strip()).url
        except FetchError:
            url = ""
        if not 0 < len(url) <= MAX_URL:
            raise forms.ValidationError(
                _("We cannot visit this address. It begins with https:// and leads to a public page.")
            )
        return url


class NominationForm(forms.Form):
    """A request to a member for a nomination."""

    address = forms.EmailField(
        label=gettext_lazy("Email address of a member who knows your work"),
        max_length=254,
        help_text=gettext_lazy(
            "We tell them your name and your place of work. If no member has this address, "
            "nothing happens, and you are not notified."
        ),
    )


FORMS: dict[Verification.Kind, type[forms.Form]] = {
    Kind.ADDRESS: AddressVerificationForm,
    Kind.LINK: LinkVerificationForm,
    Kind.NOMINATION: NominationForm,
}
# Service and success message for each kind.
# The message is the same whatever the result.
ASKS: dict[Verification.Kind, tuple[Callable[..., object], StrOrPromise]] = {
    Kind.ADDRESS: (
        services.verify_address,
        gettext_lazy("We have mailed a link to this address, unless it is the one that we know."),
    ),
    Kind.LINK: (
        services.verify_link,
        gettext_lazy("We read the page within minutes, and once a day for a week if the link is not there yet."),
    ),
    Kind.NOMINATION: (
        services.ask_for_nomination,
        gettext_lazy("If a member has this address, they get an email from us."),
    ),
}


def sent_form(request: HttpRequest, kind: str) -> forms.Form:
    """Return the submitted form for a verification of one kind."""
    if kind not in FORMS:
        raise Http404
    return FORMS[Kind(kind)](request.POST, prefix=kind)


def may_ask(form: forms.Form, member: Member) -> bool:
    """Return whether the form is valid and within the limits.

    If not, it has an error with the reason.
    """
    if not form.is_valid():
        return False
    try:
        consume(VERIFICATIONS_OF_MEMBER, str(member.uuid))
        if address := form.cleaned_data.get("address"):
            consume(VERIFICATIONS_TO_EMAIL, address.lower())
    except RequestRejectedError as refusal:
        form.add_error(None, str(refusal.sentence))
        return False
    return True


def ask_for(request: HttpRequest, member: Member, form: forms.Form, kind: str) -> HttpResponse:
    ask, done = ASKS[Kind(kind)]
    return change_profile(request, partial(ask, member=member, **form.cleaned_data), str(done))


@require_POST
@for_members
def take_back_verification(request: HttpRequest, member: Member, uuid: UUID) -> HttpResponse:
    verification = get_object_or_404(member.verifications, uuid=uuid)
    return change_profile(
        request,
        partial(services.take_back_verification, member=member, verification=verification),
        _("Deleted. It is no longer shown."),
    )


@require_POST
@for_members
def answer_nomination(request: HttpRequest, member: Member, uuid: UUID) -> HttpResponse:
    """Nominate a member, or decline to, from the user's own page."""
    verification = get_object_or_404(Verification.objects.asked_of(member), uuid=uuid)
    return say(request, verification, member)


# --- Behind mailed links ------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def confirm_address(request: HttpRequest, member: Member, key: str) -> HttpResponse:
    """Show a button, and confirm an address.

    The profile has to be open in this browser, so that other readers of the mail do not see its name.
    """
    try:
        verification = tokens.read_verification(links.opened_token(request, key))
    except links.InvalidLinkError:
        return closed(request)
    if request.method == "POST":
        confirmed = partial(services.confirm_address, verification=verification, member=member)
        return change_profile(request, confirmed, _("Thank you. The address is confirmed."))
    return render_page(
        request, "verification/confirm_address", title=_("Confirm this address"), domain=verification.what
    )


@require_http_methods(["GET", "HEAD", "POST"])
def nominate(request: HttpRequest, key: str) -> HttpResponse:
    """Show who asks, and save the answer.

    The link was mailed to a listed member: it identifies the nominator, and opens nothing else.
    """
    try:
        verification = tokens.read_verification(links.opened_token(request, key))
    except links.InvalidLinkError:
        return closed(request)
    asked = Member.objects.filter(state=Member.State.LISTED, email=verification.what).first()
    if asked is None or not Verification.objects.asked_of(asked).filter(pk=verification.pk).exists():
        return closed(request)
    if request.method == "POST":
        say(request, verification, asked)
        return redirect("network:nomination-answered")
    return render_page(
        request,
        "verification/nominate",
        title=_("Do you know this person and their work?"),
        verification=verification,
    )


@require_http_methods(["GET", "HEAD"])
def nomination_answered(request: HttpRequest) -> HttpResponse:
    return render_page(request, "verification/nomination_answered", title=_("Thank you"))


# --- Shared -------------------------------------------------------------------------------------------------


def say(request: HttpRequest, verification: Verification, by: Member) -> HttpResponse:
    if request.POST.get("answer") == "yes":
        return change_profile(
            request,
            partial(services.nominate, verification=verification, by=by),
            _("Thank you. The network's team and the person see that it was you."),
        )
    return change_profile(
        request,
        partial(services.refuse_to_nominate, verification=verification, by=by),
        _("Thank you. The question is deleted, and the person is not notified."),
    )


def closed(request: HttpRequest) -> HttpResponse:
    text = _(
        "It works for 7 days, only once, and only in the browser in which you opened it. Nothing has been changed."
    )
    return link_problem(request, _("This link no longer works"), text)


def forms_for() -> dict[str, Any]:
    """Return the empty form of each kind, by name."""
    return {kind.value: form(prefix=kind.value) for kind, form in FORMS.items()}


def return_url() -> str:
    """Return the URL that is registered with ORCID, the same for every language."""
    return private_url("orcid-return")


@require_GET
@for_members
def go_to_orcid(request: HttpRequest, member: Member) -> HttpResponse:
    """Redirect to ORCID.

    A link and not a form, because the Content-Security-Policy restricts forms to this site.
    """
    if not orcid.is_set_up():
        raise Http404
    state = secrets.token_urlsafe(24)
    request.session[UNDER_WAY] = [state, translation.get_language()]
    return HttpResponseRedirect(orcid.sign_in_url(state=state, back=return_url()))


@require_GET
def come_back(request: HttpRequest) -> HttpResponse:
    """Process ORCID's response, and redirect to a URL without its parameters."""
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
    except RequestRejectedError:
        return redirect("network:orcid-outcome", outcome="often")
    except orcid.OrcidUnavailableError:
        return redirect("network:orcid-outcome", outcome="unavailable")
    except members.OrcidTakenError:
        return redirect("network:orcid-outcome", outcome="taken")
    except (orcid.OrcidResponseError, row_locks.InvalidStateError):
        return redirect("network:orcid-outcome", outcome="unclear")
    messages.success(request, _("ORCID has confirmed your iD. We keep it and the name that ORCID gave us."))
    return redirect("network:profile")


@require_GET
def outcome_page(request: HttpRequest, outcome: str) -> HttpResponse:
    """Show an error page, which also says that nothing was changed."""
    if outcome not in OUTCOMES:
        raise Http404
    title, text = OUTCOMES[outcome]
    return render_page(request, "verification/orcid_outcome", title=str(title), text=text)
