"""One member in the admin: their profile, pending reviews, the review history and the possible actions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.admin.views.generic import InspectView
from wagtail.admin.widgets.button import Button

from core.admin.forms import LinesField
from core.admin.views import say_refused
from core.http.access import has_second_factor
from core.languages import names
from core.languages.lazy import StrOrPromise
from network import row_locks
from network.admin.access import SEEN, ReviewPermissionMixin
from network.members import profiles
from network.members import services as members
from network.models import Member, ProposedTexts, ReviewTemplate
from network.review import services
from network.review.models import label_of
from network.verification.models import states
from network.vocabulary.details import DetailAudience
from network.vocabulary.models import vocabulary

State = Member.State
Use = ReviewTemplate.Use


class TeamTextForm(forms.Form):
    """A text that a reviewer writes."""

    text = LinesField(label=gettext_lazy("Your words"), max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))


class TextToMemberForm(TeamTextForm):
    """A question or a reason that the member reads: from a template, typed, or both."""

    template = forms.ModelChoiceField(
        label=gettext_lazy("Template"),
        queryset=ReviewTemplate.objects.none(),
        required=False,
        empty_label=gettext_lazy("None"),
        help_text=gettext_lazy("In the language of the member, as far as it has been translated."),
    )
    field_order = ("template", "text")

    def __init__(self, *args: Any, templates: QuerySet[ReviewTemplate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.templates = templates
        field = self.fields["template"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  (for the type checker)
        field.queryset = templates

    def with_template(self) -> TextToMemberForm:
        """Return the form with the chosen template below the typed text, which is kept."""
        self.full_clean()
        chosen = self.cleaned_data.get("template")
        typed = str(self.data.get(self.add_prefix("text"), "")).strip()
        text = "\n\n".join(filter(None, [typed, chosen.text if chosen else ""]))
        initial = {"template": chosen, "text": text}
        return TextToMemberForm(prefix=self.prefix, templates=self.templates, initial=initial)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewStep:
    """An action of a reviewer: the service, the success message, and the service's argument for the text, if any."""

    service: Callable[..., object]
    done: StrOrPromise
    text_as: str = ""
    # Which templates are offered, if the member reads the text.
    use: ReviewTemplate.Use | None = None
    # Whether it concerns one proposal.
    about_texts: bool = False


STEPS: dict[str, ReviewStep] = {
    "approve": ReviewStep(
        service=services.approve,
        done=gettext_lazy("Approved. What the member shows will appear in the directory within a minute."),
    ),
    "decline": ReviewStep(
        service=services.decline,
        done=gettext_lazy("Declined. The person finds the reason on their own page and is notified by email."),
        text_as="reason",
        use=Use.REASON,
    ),
    "accept_texts": ReviewStep(
        service=services.accept_texts,
        done=gettext_lazy("Accepted. The new texts count; what of them is shown will be public within a minute."),
        about_texts=True,
    ),
    "decline_texts": ReviewStep(
        service=services.decline_texts,
        done=gettext_lazy("Not accepted. What was public before stays. The member finds the reason on their own page."),
        text_as="reason",
        use=Use.REASON,
        about_texts=True,
    ),
    "ask_back": ReviewStep(
        service=services.ask_back,
        done=gettext_lazy("Asked. The person answers on their own page and is notified by email."),
        text_as="question",
        use=Use.QUESTION,
    ),
    "note": ReviewStep(service=services.note, done=gettext_lazy("The note is kept."), text_as="text"),
    "ask_for_opinion": ReviewStep(
        service=services.ask_for_opinion,
        done=gettext_lazy("The others of the team see the question on their start page."),
        text_as="text",
    ),
    "give_opinion": ReviewStep(
        service=services.give_opinion, done=gettext_lazy("Your opinion is kept."), text_as="text"
    ),
    "hide": ReviewStep(
        service=services.hide,
        done=gettext_lazy("Hidden. The member will be on no public page within a minute."),
    ),
    "release": ReviewStep(
        service=services.release,
        done=gettext_lazy("Released. The profile stays paused until the member brings it back."),
    ),
    "remove_passkeys": ReviewStep(
        service=members.remove_passkeys,
        done=gettext_lazy("The passkeys are removed. The member signs in with a code by email."),
    ),
    "erase": ReviewStep(service=members.leave, done=gettext_lazy("Everything about this member has been deleted.")),
}
# Prefix of the button that inserts the text of a template into a form: `insert ask_back`.
INSERT = "insert "


class MemberView(ReviewPermissionMixin, InspectView):
    """One member: their profile, the public part of it, pending reviews and the possible actions."""

    model = Member
    template_name = "network/admin/member.html"
    page_title = gettext_lazy("Member")

    def get_object(self, queryset: QuerySet[Member] | None = None) -> Member:
        return get_object_or_404(Member, state__in=SEEN, pk=self.pk)

    def get_fields(self) -> list[str]:
        return []

    @property
    def header_more_buttons(self) -> list[Button]:
        return []

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        pressed = request.POST.get("action", "")
        action = pressed.removeprefix(INSERT)
        step = STEPS.get(action)
        if step is None:
            messages.error(request, _("There is no such action."))
            return redirect(request.path)
        service = step.service
        if step.about_texts:
            proposal = self.proposal()
            if proposal is None:
                return self.too_late()
            service = partial(service, proposal=proposal)
            action = f"{action}-{proposal.pk}"
        else:
            service = partial(service, member=self.object)
        if step.text_as:
            form = self.text_form(step, action, request.POST)
            if pressed.startswith(INSERT) and isinstance(form, TextToMemberForm):
                return self.with_form(action, form.with_template())
            if not form.is_valid():
                say_refused(request)
                return self.with_form(action, form)
            service = partial(service, **{step.text_as: form.cleaned_data["text"]})
        return self.carry_out(step, service)

    def carry_out(self, step: ReviewStep, service: Callable[..., object]) -> HttpResponse:
        try:
            service(by=self.request.user)
        except services.OpinionPendingError:
            messages.error(
                self.request,
                _("You have asked for a second opinion. Another member of the team gives it, or decides."),
            )
        except row_locks.InvalidStateError:
            return self.too_late()
        else:
            messages.success(self.request, step.done)
        if step.service is members.leave:
            return redirect(self.index_url_name)
        return redirect(self.request.path)

    def too_late(self) -> HttpResponse:
        messages.error(self.request, _("Another person changed this first. This is the current state."))
        return redirect(self.request.path)

    def proposal(self) -> ProposedTexts | None:
        key = self.request.POST.get("proposal", "")
        proposals = self.object.proposals.waiting().select_related("member")
        return next((each for each in proposals if str(each.pk) == key), None)

    def text_form(self, step: ReviewStep, action: str, data: QueryDict | None = None) -> TeamTextForm:
        if step.use is None:
            return TeamTextForm(data, prefix=action)
        templates = ReviewTemplate.objects.for_member(self.object).filter(use=step.use)
        return TextToMemberForm(data, prefix=action, templates=templates)

    def with_form(self, action: str, form: TeamTextForm) -> HttpResponse:
        """Render the page with one form as it was submitted."""
        return self.render_to_response(self.get_context_data(sent={action: form}))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        member, sent = self.object, kwargs.pop("sent", {})
        entries = list(member.review.select_related("author"))
        wanted = next((each for each in entries if each.is_open and each.kind == each.Kind.OPINION_WANTED), None)
        forms = {
            action: sent.get(action) or self.text_form(step, action)
            for action, step in STEPS.items()
            if step.text_as and not step.about_texts
        }
        return super().get_context_data(
            **{
                "member": member,
                "details": list(self.details()),
                "others": list(self.other_languages()),
                "verifications": states(member),
                "has_passkeys": has_passkeys(member),
                "letters": member.outgoing_mail.failed(),
                "proposals": list(self.proposals(sent)),
                "entries": entries,
                "is_asked": any(each.is_open and each.kind == each.Kind.QUESTION for each in entries),
                "opinion_wanted": wanted,
                "opinion_is_mine_to_give": wanted is not None and wanted.author_id != self.request.user.pk,
                "forms": forms,
                "written_in": settings.LANGUAGE_TABLE[member.language],
                "language_name": names.language_name(member.language),
                **kwargs,
            }
        )

    def proposals(self, sent: dict[str, TeamTextForm]) -> Iterator[dict[str, Any]]:
        """Yield the profile texts to review, with their differences, their language and the form to decline them."""
        step = STEPS["decline_texts"]
        for proposal in self.object.proposals.waiting().select_related("member"):
            action = f"decline_texts-{proposal.pk}"
            yield {
                "proposal": proposal,
                "differences": list(proposal.differences()),
                "language": settings.LANGUAGE_TABLE[proposal.language],
                "language_name": names.language_name(proposal.language),
                "form": sent.get(action) or self.text_form(step, action),
            }

    def details(self) -> Iterator[tuple[str, str, DetailAudience | None]]:
        """Yield the member's details as (label, text, audience).

        The audience is None for what only the team sees.
        """
        member = self.object
        yield _("Email address"), member.email, None
        yield _("Kind"), member.get_kind_display(), None
        yield _("Language of emails"), names.language_name(member.language), None
        for seen in profiles.for_team(member, vocabulary(get_language())).rows:
            yield str(seen.detail.label), seen.text, member.audience_of(seen.detail)

    def other_languages(self) -> Iterator[tuple[str, str, DetailAudience]]:
        """Yield the member's texts in further languages, as (label, text, audience)."""
        for language in sorted(self.object.translations):
            for detail, text in self.object.texts_in(language).items():
                label = _("%(detail)s in %(language)s") % {
                    "detail": label_of(detail),
                    "language": names.language_name(language),
                }
                yield label, text, self.object.audience_of(detail)


def has_passkeys(member: Member) -> bool:
    """Return whether the team can remove the passkeys with which a member signs in.

    For users of the admin, only its administrators can.
    """
    return member.user is not None and not member.user.works_in_admin and has_second_factor(member.user)


class EraseView(MemberView):
    """Ask for confirmation before everything about a member is deleted."""

    template_name = "network/admin/erase.html"
    page_title = gettext_lazy("Delete a member")
