"""Forms of the review page: the decision with the policy checklist and a reason, and a comment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helpline.governance.review import policy
from helpline.governance.review.policy import Answered, ChecklistAnswer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from django.forms.boundfield import BoundField


@dataclass(frozen=True, slots=True)
class ChecklistRow:
    """A point of the checklist with its form fields."""

    point: policy.PolicyPoint
    answer: BoundField
    note: BoundField


class CommentForm(forms.Form):
    """A comment to the others who work on a listing."""

    comment = forms.CharField(
        label=gettext_lazy("Comment"),
        widget=forms.Textarea({"rows": 3}),
        max_length=1000,
        help_text=gettext_lazy(
            "Everybody who works on this listing can read it in the history. Those who have worked on it since it was last approved get it by email."
        ),
    )


class DecisionForm(forms.Form):
    """Approve or send back. `seen` is the version on the screen, so that nobody approves what they have not read."""

    SEND_BACK = "send_back"  # the other choice is to approve

    seen = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("How you checked it, or what needs to change"),
        widget=forms.Textarea({"rows": 3}),
        max_length=1000,
        help_text=gettext_lazy(
            "The page that you read, or who you called. It is kept in the history, and the author can read it."
        ),
    )

    def __init__(self, *args: Any, points: Collection[policy.PolicyPoint], seen: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = seen
        self.points, self.version = points, seen
        for point in points:
            choices = [
                choice
                for choice in ChecklistAnswer.choices
                if point.may_not_apply or choice[0] != "does_not_apply"
            ]
            self.fields[f"{point.code}-answer"] = forms.ChoiceField(
                label=point.rule, required=False, choices=choices, widget=forms.RadioSelect
            )
            self.fields[f"{point.code}-note"] = forms.CharField(
                label=gettext_lazy("Note"), required=False, max_length=300
            )

    def rows(self) -> Iterator[ChecklistRow]:
        for point in self.points:
            yield ChecklistRow(point, self[f"{point.code}-answer"], self[f"{point.code}-note"])

    def checklist(self) -> dict[str, Answered]:
        given = self.cleaned_data
        return {
            point.code: Answered(
                answer=given.get(f"{point.code}-answer", ""), note=given.get(f"{point.code}-note", "")
            )
            for point in self.points
        }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("seen") != self.version:
            raise forms.ValidationError(
                _("This has changed since you opened the page. Read it again before you decide.")
            )
        if self.data.get("decision") != self.SEND_BACK:
            for point, problem in policy.problems(self.points, self.checklist()):
                self.add_error(f"{point.code}-answer", problem)
        return cleaned
