"""The members' area: ask to join, confirm, see and change a profile, leave."""

import csv
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from core import links
from core.admin.spreadsheets import csv_cell
from core.admin.views import LimitedFormView
from core.http import public_url
from core.http.headers import forget
from core.http.limits import Limit, client_address
from core.languages import names
from network import row_locks, tokens
from network.directory.pages import SLUG
from network.members import access, profiles, services, vcards
from network.members.access import (
    asked_again,
    broken_link,
    change_profile,
    closed_link,
    for_everybody_known,
    for_members,
    link_problem,
    render_page,
)
from network.members.forms import (
    AnswerOfMemberForm,
    LanguageTextsForm,
    LinkForm,
    ProfileForm,
    TextsLanguageForm,
)
from network.members.profiles import own_texts
from network.members.querysets import DECLINED_KEPT, LAPSED_KEPT
from network.models import Member, NetworkSettings, Practice, Verification
from network.personal_data.export import everything_about, rows
from network.review import services as review
from network.verification import orcid
from network.verification.models import states
from network.verification.page_links import profile_address
from network.verification.views import ask_for, forms_for, may_ask, sent_form
from network.vocabulary.models import vocabulary

LINK_FROM_ADDRESS = Limit(name="link-from", times=20, seconds=60 * 60)
LINK_TO_EMAIL = Limit(name="link-to", times=3, seconds=60 * 60)


def directory_url() -> str:
    return public_url(f"/{translation.get_language()}/{SLUG}/")


# --- Own profile --------------------------------------------------------------------------------------------


class AskForLinkView(LimitedFormView):
    """Form for a mailed link to one's profile.

    The response is the same for every address.
    """

    template_name = "network/members/ask_for_link.html"
    form_class = LinkForm
    prefix = "link"
    title = gettext_lazy("Your profile")
    done = "network:link-sent"

    def limits(self, form: Form) -> Iterator[tuple[Limit, str]]:
        yield LINK_FROM_ADDRESS, client_address(self.request)
        yield LINK_TO_EMAIL, form.cleaned_data["email"].lower()

    def process(self, form: Form) -> None:
        services.send_link(address=form.cleaned_data["email"].lower(), language=translation.get_language())


link_sent = access.mail_sent("members/link_sent")


@require_http_methods(["GET", "HEAD", "POST"])
def open_profile(request: HttpRequest, key: str) -> HttpResponse:
    try:
        member = tokens.read(links.opened_token(request, key), tokens.PROFILE)
        if request.method == "POST":
            services.open_profile(member=member)
            access.open_for_an_hour(request, member)
            return redirect("network:profile")
    except links.MalformedLinkError:
        return broken_link(request, again="network:ask-for-link")
    except links.LinkNotOpenError:
        return closed_link(request)
    except (links.ExpiredLinkError, links.UsedLinkError, row_locks.InvalidStateError):
        text = _("A link to a profile works for one hour and only once. Nothing has been changed.")
        return link_problem(request, _("This link no longer works"), text, again="network:ask-for-link")
    return render_page(request, "members/open_profile", title=_("Open your profile"))


@require_http_methods(["GET", "HEAD", "POST"])
@for_everybody_known
def profile(request: HttpRequest, member: Member) -> HttpResponse:
    """Show all stored data and the public view of it; save changes."""
    if member.state == Member.State.DECLINED:
        return declined_page(request, member)
    form = ProfileForm(request.POST if request.method == "POST" else None, prefix="profile", member=member)
    if request.method == "POST" and form.is_valid():
        changed = partial(services.update_profile, member=member, **form.work)
        return change_profile(request, changed, _("Saved. The public pages will be updated within a minute."))
    return own_page(request, member, form=form)


def own_page(
    request: HttpRequest, member: Member, verification_forms: Mapping[str, Form] | None = None, **forms: Any
) -> TemplateResponse:
    """Return a member's own page.

    `forms`, and `verification_forms` by kind, replace the empty forms with submitted ones.
    """
    asking = {**forms_for(), **(verification_forms or {})}
    context = {
        "form": ProfileForm(prefix="profile", member=member),
        "answer_form": AnswerOfMemberForm(prefix="answer"),
        "language_form": TextsLanguageForm(member=member),
        **forms,
    }
    return render_page(
        request,
        "members/own_profile",
        title=_("Your profile"),
        member=member,
        texts=list(own_texts(member)),
        entries=list(member.review.for_member()),
        is_asked=member.review.unanswered().exists(),
        verifications=[(state, asking[state.kind]) for state in states(member)],
        asked_of=list(Verification.objects.asked_of(member)),
        profile_address=profile_address(member, translation.get_language()),
        pages_are_read=settings.SCAN_LISTED_SITES,
        orcid_is_offered=orcid.is_set_up(),
        is_signed_in=access.is_signed_in(request, member),
        erased_on=member.lapsed_at and timezone.localdate(member.lapsed_at + LAPSED_KEPT),
        publications=member.publications.count(),
        owns_practices=Practice.objects.owned_by(member).exists(),
        contact=NetworkSettings.contact(),
        **context,
    )


@require_safe
@for_members
def preview(request: HttpRequest, member: Member) -> HttpResponse:
    """Show each audience's view of the member, made by the same functions as for that audience."""
    known = vocabulary(translation.get_language())
    public, members = profiles.public(member, known), profiles.for_members(member, known)
    return render_page(
        request,
        "members/preview",
        title=_("What others see of you"),
        member=member,
        public=public,
        members=members,
        is_the_same=public.rows == members.rows,
        team=profiles.for_team(member, known),
        own_url=f"{directory_url()}{member.uuid}/" if member.has_public_page else "",
    )


def declined_page(request: HttpRequest, member: Member, form: Form | None = None) -> TemplateResponse:
    return render_page(
        request,
        "review/declined",
        title=_("Your request was not accepted"),
        entries=list(member.review.for_member()),
        answer_form=form or AnswerOfMemberForm(prefix="answer"),
        until=member.decided_at + DECLINED_KEPT if member.decided_at else None,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def texts(request: HttpRequest, member: Member, language: str) -> HttpResponse:
    """Edit the texts in one language.

    Reviewed texts stay public until the next ones have been reviewed.
    """
    if language not in settings.LANGUAGE_TABLE:
        raise Http404
    form = LanguageTextsForm(
        request.POST if request.method == "POST" else None, prefix="texts", member=member, language=language
    )
    if request.method == "POST" and form.is_valid():
        return save_texts(request, member, language, form.texts)
    return render_page(
        request,
        "review/texts",
        title=_("Your texts: %(language)s") % {"language": names.language_name(language)},
        form=form,
        member=member,
        is_further=language != member.language,
    )


def save_texts(request: HttpRequest, member: Member, language: str, written: Mapping[str, str]) -> HttpResponse:
    try:
        waits = services.propose_texts(member=member, language=language, texts=written)
    except row_locks.InvalidStateError:
        messages.error(request, access.NOT_POSSIBLE)
    else:
        messages.success(
            request,
            _("Saved. A person reads your texts; until then, what was public before stays as it is.")
            if waits
            else _("Saved. There is nothing that a person has to read."),
        )
    return redirect("network:profile")


@require_GET
@for_members
def choose_language(request: HttpRequest, member: Member) -> HttpResponse:
    """Redirect to the texts in a further language."""
    form = TextsLanguageForm(request.GET, member=member)
    if not form.is_valid():
        return own_page(request, member, language_form=form)
    return redirect("network:texts", language=form.cleaned_data["language"])


@require_POST
@for_members
def add_verification(request: HttpRequest, member: Member, kind: str) -> HttpResponse:
    """Request a verification of one kind."""
    form = sent_form(request, kind)
    if not may_ask(form, member):
        return own_page(request, member, verification_forms={kind: form})
    return ask_for(request, member, form, kind)


@require_POST
@for_members
def take_back_texts(request: HttpRequest, member: Member, language: str) -> HttpResponse:
    taken_back = partial(services.take_back_texts, member=member, language=language)
    return change_profile(request, taken_back, _("Taken back. These texts will not be read."))


@require_POST
@for_everybody_known
def answer(request: HttpRequest, member: Member) -> HttpResponse:
    """Answer a question of the team, or give reasons to review a declined request once more."""
    form = AnswerOfMemberForm(request.POST, prefix="answer")
    if not form.is_valid():
        if member.state == Member.State.DECLINED:
            return declined_page(request, member, form)
        return own_page(request, member, answer_form=form)
    answered = partial(review.answer, member=member, text=form.cleaned_data["text"])
    return change_profile(request, answered, _("Thank you. A person will read your answer."))


@require_POST
@for_members
def pause(request: HttpRequest, member: Member) -> HttpResponse:
    return change_profile(
        request,
        partial(services.pause, member=member),
        _("Your profile is paused. It is no longer on any public page."),
    )


@require_POST
@for_members
def resume(request: HttpRequest, member: Member) -> HttpResponse:
    return change_profile(request, partial(services.resume, member=member), _("Your profile is back in the directory."))


@require_http_methods(["GET", "HEAD", "POST"])
def reconfirmation(request: HttpRequest, key: str) -> HttpResponse:
    """Show the public view, and on POST record that the profile is correct.

    The link opens nothing else, because other people may read the mailbox.
    """
    try:
        member = tokens.read_for_answer(links.opened_token(request, key))
        if request.method == "POST":
            services.reconfirm(member=member)
            return render_page(
                request,
                "members/reconfirmation_thanks",
                title=_("Thank you. We ask you again in a year."),
                member=member,
            )
    except links.MalformedLinkError:
        return broken_link(request, again="network:ask-for-link")
    except links.LinkNotOpenError:
        return closed_link(request)
    except (links.ExpiredLinkError, links.UsedLinkError, row_locks.InvalidStateError):
        text = _(
            "You have already answered or changed something, or the question is too old. "
            "On your own page you see whether we still ask."
        )
        return link_problem(request, _("This link no longer works"), text, again="network:ask-for-link")
    return render_page(
        request,
        "members/reconfirmation",
        title=_("Is your profile still correct?"),
        member=member,
        profile=profiles.public(member, vocabulary(translation.get_language())),
    )


@require_POST
@for_members
def reconfirm(request: HttpRequest, member: Member) -> HttpResponse:
    """Record that the profile is correct, from the member's own page."""
    return change_profile(
        request,
        partial(services.reconfirm, member=member),
        _("Thank you. We ask you again in a year."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_everybody_known
@asked_again
def leave(request: HttpRequest, member: Member) -> HttpResponse:
    if request.method != "POST":
        return render_page(request, "members/leave", title=_("Leave the network?"))
    # First, because leaving deletes the session along with the account.
    access.close(request)
    services.leave(member=member)
    response = redirect("network:left")
    forget(response)
    return response


@require_safe
def left(request: HttpRequest) -> HttpResponse:
    return render_page(request, "members/left", title=_("You have left the network"), directory_url=directory_url())


@require_GET
@for_everybody_known
def download(request: HttpRequest, member: Member) -> HttpResponse:
    """Download all stored data about the member as JSON."""
    return JsonResponse(
        everything_about(member),
        json_dumps_params={"ensure_ascii": False, "indent": 2},
        headers={"Content-Disposition": f'attachment; filename="network-{member.uuid}.json"'},
    )


@require_GET
@for_everybody_known
def download_table(request: HttpRequest, member: Member) -> HttpResponse:
    """Download the same as CSV, for a spreadsheet."""
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="network-{member.uuid}.csv"'},
    )
    writer = csv.writer(response)
    writer.writerow(["what", "value"])
    writer.writerows([csv_cell(what), csv_cell(value)] for what, value in rows(everything_about(member)))
    return response


@require_GET
@for_everybody_known
def download_card(request: HttpRequest, member: Member) -> HttpResponse:
    """Download the member's own data, in every language, as a vCard."""
    profile = profiles.for_team(member, vocabulary(member.language))
    return card_file(vcards.of_oneself(member, profile), member)


@require_POST
def close_profile(request: HttpRequest) -> HttpResponse:
    access.close(request)
    response = HttpResponseRedirect(directory_url())
    forget(response)
    return response


def card_file(card: bytes, member: Member) -> HttpResponse:
    return HttpResponse(
        card,
        content_type=vcards.CONTENT_TYPE,
        headers={"Content-Disposition": f'attachment; filename="network-{member.uuid}.vcf"'},
    )
