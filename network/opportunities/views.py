"""Views of needs and offers for signed-in members: list, post, close, show matches, and give outcomes."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Concatenate
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import links
from network import row_locks, tokens
from network.members.access import (
    broken_link,
    carry_out,
    closed_link,
    for_listed_members,
    render_page,
)
from network.models import DigestEmailSubscription, Match, Member, Opportunity
from network.opportunities import board, matches, services
from network.opportunities.forms import OpportunityForm, OutcomeForm, RenewForm
from network.vocabulary.details import DetailAudience

FORM = ["GET", "HEAD", "POST"]
TOO_MANY = gettext_lazy("You have as many open needs and offers as one may have. Please close one first.")


def for_owners[**Rest](
    view: Callable[Concatenate[HttpRequest, Member, Opportunity, Rest], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Pass the view the signed-in member and one of their opportunities, open or not.

    Raises Http404 for those of others.
    """

    @for_listed_members
    @wraps(view)
    def checked(
        request: HttpRequest, member: Member, /, uuid: UUID, *args: Rest.args, **kwargs: Rest.kwargs
    ) -> HttpResponse:
        opportunity = get_object_or_404(member.opportunities, uuid=uuid)
        return view(request, member, opportunity, *args, **kwargs)

    return checked


# --- Lists --------------------------------------------------------------------------------------------------


@require_safe
@for_listed_members
def all_opportunities(request: HttpRequest, member: Member) -> HttpResponse:
    return render_page(
        request,
        "opportunities/member_opportunities",
        title=_("Needs and offers"),
        board=board.board(DetailAudience.MEMBERS, member),
    )


@require_safe
@for_listed_members
def fitting_opportunities(request: HttpRequest, member: Member) -> HttpResponse:
    """Show the opportunities of others that fit the member, and the subscription of the weekly digest email."""
    return render_page(
        request,
        "opportunities/fitting_opportunities",
        title=_("What fits you"),
        found=matches.fitting(member),
        is_subscribed=DigestEmailSubscription.objects.filter(member=member).exists(),
    )


@require_safe
@for_listed_members
def one_opportunity(request: HttpRequest, member: Member, uuid: UUID) -> HttpResponse:
    """Show one open opportunity.

    Raises Http404 alike for closed, hidden and unknown ones.
    """
    reading = board.find(uuid, DetailAudience.MEMBERS, member)
    if reading is None:
        raise Http404
    is_own = reading.opportunity.owner_id == member.pk
    return render_page(
        request,
        "opportunities/member_opportunity",
        title=reading.opportunity.title,
        reading=reading,
        is_own=is_own,
        contact=None if is_own else reading.opportunity.matches.taken_up().filter(member=member).first(),
    )


# --- Own opportunities --------------------------------------------------------------------------------------


@require_safe
@for_listed_members
def own_opportunities(request: HttpRequest, member: Member) -> HttpResponse:
    return own_page(request, member)


def own_page(request: HttpRequest, member: Member, **sent: Form) -> HttpResponse:
    """Return the page of a member's own opportunities and contacts.

    `sent`: a form with errors, by its prefix with the UUID of its object.
    """
    own = [*member.opportunities.all()]
    contacts = Match.objects.unanswered().filter(taken_up_by=member)
    return render_page(
        request,
        "opportunities/own_opportunities",
        title=_("Your needs and offers"),
        own=[
            {
                "opportunity": opportunity,
                "renew": sent.get(f"renew-{opportunity.uuid}") or RenewForm(prefix=f"renew-{opportunity.uuid}"),
                "close": sent.get(f"close-{opportunity.uuid}") or OutcomeForm(prefix=f"close-{opportunity.uuid}"),
            }
            for opportunity in own
        ],
        contacts=[
            (each, sent.get(f"contact-{each.uuid}") or OutcomeForm(prefix=f"contact-{each.uuid}"))
            for each in contacts.select_related("opportunity__owner", "member").order_by("taken_up_at")
        ],
    )


@require_http_methods(FORM)
@for_listed_members
def new_opportunity(request: HttpRequest, member: Member) -> HttpResponse:
    form = OpportunityForm(request.POST if request.method == "POST" else None, prefix="opportunity", member=member)
    if request.method == "POST" and form.is_valid():
        try:
            opportunity = services.post(member=member, kind=form.cleaned_data["kind"], **form.facts)
        except services.TooManyOpenError:
            form.add_error(None, str(TOO_MANY))
        except row_locks.InvalidStateError:
            form.add_error(
                None,
                _(
                    "Please first let members see something of you in your profile: "
                    "others want to know whom they answer."
                ),
            )
        else:
            messages.success(request, _said_of(opportunity))
            return redirect("network:matches", opportunity.uuid)
    return render_page(
        request,
        "opportunities/opportunity_form",
        title=_("Post a need or an offer"),
        form=form,
        opportunity=None,
    )


@require_http_methods(FORM)
@for_owners
def change_opportunity(request: HttpRequest, member: Member, opportunity: Opportunity) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    form = OpportunityForm(sent, prefix="opportunity", member=member, opportunity=opportunity)
    if sent is not None and form.is_valid():
        try:
            opportunity = services.change_opportunity(opportunity=opportunity, **form.facts)
        except row_locks.InvalidStateError:
            form.add_error(None, _("It is closed. Please open it again first; what you wrote is still in this form."))
        else:
            messages.success(request, _said_of(opportunity))
            return redirect("network:own-opportunities")
    return render_page(
        request, "opportunities/opportunity_form", title=_("Change it"), form=form, opportunity=opportunity
    )


@require_POST
@for_owners
def close_opportunity(request: HttpRequest, member: Member, opportunity: Opportunity) -> HttpResponse:
    form = OutcomeForm(request.POST, prefix=f"close-{opportunity.uuid}")
    service = partial(services.close_opportunity, opportunity=opportunity)
    return _carry_out(request, member, form, service, _("Closed. Only you see it now."))


@require_POST
@for_owners
def renew_opportunity(request: HttpRequest, member: Member, opportunity: Opportunity) -> HttpResponse:
    form = RenewForm(request.POST, prefix=f"renew-{opportunity.uuid}")
    service = partial(services.renew_opportunity, opportunity=opportunity)
    return _carry_out(request, member, form, service, _("It is open until the day that you chose."))


@require_safe
@for_owners
def opportunity_matches(request: HttpRequest, member: Member, opportunity: Opportunity) -> HttpResponse:
    """Show the matches, their reasons, and what is missing.

    Showing a member counts as a match, but only the first time.
    """
    found = matches.matches_for(opportunity) if opportunity.is_open else []
    return render_page(
        request,
        "opportunities/matches",
        title=_("Matches"),
        opportunity=opportunity,
        with_opportunity=[each for each in found if each.opportunity is not None],
        members=[each for each in found if each.opportunity is None],
    )


# --- Contact ------------------------------------------------------------------------------------------------


@require_POST
@for_listed_members
def take_up(request: HttpRequest, member: Member, uuid: UUID) -> HttpResponse:
    """Record that a member will write to another, and redirect to the message form."""
    opportunity = get_object_or_404(Opportunity.objects.open().select_related("owner"), uuid=uuid)
    other = opportunity.owner
    if opportunity.owner_id == member.pk:
        # Compared as text, so that an invalid UUID matches no match.
        named = request.POST.get("match", "")
        match = next((each for each in opportunity.matches.all() if str(each.uuid) == named), None)
        other = match.member if match is not None else member
    taken = carry_out(
        request,
        lambda: services.take_up(opportunity=opportunity, by=member, other=other),
        _("Noted. In a month we ask you what came of it."),
    )
    if not taken:
        return redirect("network:own-opportunities")
    return redirect("network:write", other.uuid)


@require_POST
@for_listed_members
def answer_outcome(request: HttpRequest, member: Member, uuid: UUID) -> HttpResponse:
    match = get_object_or_404(Match.objects.unanswered(), uuid=uuid, taken_up_by=member)
    form = OutcomeForm(request.POST, prefix=f"contact-{match.uuid}")
    service = partial(services.answer_outcome, match=match, by=member)
    return _carry_out(request, member, form, service, _("Thank you. It is kept as a number, without your name."))


# --- The weekly digest email --------------------------------------------------------------------------------


@require_POST
@for_listed_members
def subscribe(request: HttpRequest, member: Member) -> HttpResponse:
    """Begin or end the subscription of the weekly digest email."""
    if "end" in request.POST:
        for subscription in DigestEmailSubscription.objects.filter(member=member):
            services.unsubscribe(key=subscription.uuid)
        messages.success(request, _("You get no weekly digest email any more."))
    else:
        carry_out(
            request,
            lambda: services.subscribe(member=member),
            _("Once a week, if there is something new that fits you, you get a digest email."),
        )
    return redirect("network:fitting-opportunities")


# Mail programs send neither a session nor a CSRF token (RFC 8058).
# The signed URL proves that the request belongs to the letter.
@csrf_exempt
@require_http_methods(FORM)
def stop_digest_email(request: HttpRequest, token: str) -> HttpResponse:
    """End the weekly digest email on POST.

    A GET, such as a scanner's, changes nothing and redirects to a button.
    """
    if request.method != "POST":
        return links.move_token(request, "network:stop-digest-email-here", token=token)
    try:
        services.unsubscribe(key=tokens.read_subscription(token))
    except links.InvalidLinkError:
        return broken_link(request, again="network:ask-for-link")
    return _stopped(request)


@require_http_methods(FORM)
def stop_digest_email_here(request: HttpRequest, key: str) -> HttpResponse:
    """Show the button that ends the weekly digest email."""
    try:
        subscription = tokens.read_subscription(links.opened_token(request, key))
    except links.LinkNotOpenError:
        return closed_link(request)
    except links.InvalidLinkError:
        return broken_link(request, again="network:ask-for-link")
    if request.method == "POST":
        services.unsubscribe(key=subscription)
        return _stopped(request)
    return render_page(
        request, "opportunities/stop_digest_email", title=_("End the weekly digest email"), is_over=False
    )


def _stopped(request: HttpRequest) -> HttpResponse:
    return render_page(
        request,
        "opportunities/stop_digest_email",
        title=_("You get no weekly digest email any more"),
        is_over=True,
    )


# --- Shared -------------------------------------------------------------------------------------------------


def _carry_out(
    request: HttpRequest, member: Member, form: Form, service: Callable[..., object], done: str
) -> HttpResponse:
    """Call a service for a form on the page of own opportunities; render the page with the form if it is invalid."""
    if not form.is_valid():
        return own_page(request, member, **{str(form.prefix): form})
    carry_out(request, partial(service, **form.cleaned_data), done, {services.TooManyOpenError: str(TOO_MANY)})
    return redirect("network:own-opportunities")


def _said_of(opportunity: Opportunity) -> str:
    if opportunity.waits_for_reader:
        return _("Saved. Members see it now; everybody else, once a person has read it.")
    return _("Saved. Members see it now.") if not opportunity.is_for_everybody else _("Saved.")
