"""A member's own practices: they confirm them, and answer ratings."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from core.admin.forms import LinesField
from network import row_locks
from network.members.access import NOT_POSSIBLE, for_members, render_page
from network.models import EvidenceReview, Member, Practice
from network.practices import services
from network.practices.registry import view_of


class AnswerToLabelForm(forms.Form):
    """Answer of the owner of a practice to an evidence rating."""

    text = LinesField(
        label=gettext_lazy("Your answer"),
        max_length=1500,
        help_text=gettext_lazy("A person reads it first. Then it stands beside the rating, for everybody."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def practices(request: HttpRequest, member: Member) -> HttpResponse:
    """Show the practices that a member owns, as visitors see them; save confirmations and answers."""
    if request.method != "POST":
        return page(request, member)
    owned = Practice.objects.owned_by(member)
    try:
        if practice := next((each for each in owned if str(each.uuid) == request.POST.get("confirm")), None):
            services.confirm_practice(practice=practice)
            messages.success(request, _("Thank you. We ask you again in a year."))
        elif review := find_review(member, request.POST.get("answer", "")):
            form = AnswerToLabelForm(request.POST, prefix=str(review.pk))
            if not form.is_valid():
                return page(request, member, sent=form)
            language = translation.get_language()
            services.propose_answer(review=review, text=form.cleaned_data["text"], language=language)
            messages.success(request, _("Sent. Your answer is public once a person has read it."))
        else:
            raise row_locks.InvalidStateError
    except row_locks.InvalidStateError:
        messages.error(request, NOT_POSSIBLE)
    return redirect("network:own-practices")


def page(request: HttpRequest, member: Member, sent: AnswerToLabelForm | None = None) -> HttpResponse:
    return render_page(
        request,
        "practices/own_practices",
        title=_("Your practices"),
        owned=list(_owned(member, sent)),
        member=member,
    )


def find_review(member: Member, key: str) -> EvidenceReview | None:
    """Return the rating with this key, if the member owns its practice."""
    found = EvidenceReview.objects.decided().filter(practice__in=Practice.objects.owned_by(member))
    return next((each for each in found if str(each.pk) == key), None)


def _owned(member: Member, sent: AnswerToLabelForm | None) -> Iterator[dict[str, Any]]:
    """Yield each practice as visitors see it, and its ratings, each with the form to answer it."""
    language = translation.get_language()
    for practice in Practice.objects.owned_by(member).for_showing():
        if (text := practice.text_in(language)) is None:
            continue
        view = view_of(practice, text, language)
        forms = [
            (
                finding,
                sent
                if sent is not None and sent.prefix == str(finding.review.pk)
                else AnswerToLabelForm(
                    prefix=str(finding.review.pk),
                    initial={"text": finding.review.proposed_answer or finding.review.answer},
                ),
            )
            for finding in view.findings
        ]
        yield {"view": view, "forms": forms}
