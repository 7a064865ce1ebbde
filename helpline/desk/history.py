"""What the history of a listing says of what was done, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import LogFormatter

from helpline.governance import policy
from helpline.governance.comments import ACTION
from helpline.governance.policy import ChecklistAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django_stubs_ext import StrOrPromise

# What is done to a listing or said of it, and what the history calls it.
ACTIONS = (
    ("helpline.note", gettext_lazy("Say why"), gettext_lazy("Said why this version was written")),
    (ACTION, gettext_lazy("Comment"), gettext_lazy("Wrote a comment")),
    ("helpline.approve", gettext_lazy("Approve"), gettext_lazy("Approved as the second person")),
    ("helpline.recheck", gettext_lazy("Confirm"), gettext_lazy("Checked: all of it is still right")),
    ("helpline.warn", gettext_lazy("Set an alert"), gettext_lazy("Set an alert")),
    ("helpline.close", gettext_lazy("Mark as closed"), gettext_lazy("Marked as closed")),
    ("helpline.delist", gettext_lazy("Take off the list"), gettext_lazy("Taken off the list")),
    ("helpline.hide", gettext_lazy("Hide"), gettext_lazy("Hidden from the public")),
)


class ReasonFormatter(LogFormatter):
    """Tells the reason that somebody gave, and what was not answered with yes on the checklist."""

    def format_comment(self, log_entry: Any) -> str:
        return " ".join([log_entry.data.get("reason", ""), *remarks(log_entry.data.get("checklist") or {})])


def remarks(checklist: policy.Checklist) -> Iterator[str]:
    """What was answered with more than a bare yes, as sentences."""
    rules = {point.code: point.rule for point in policy.POINTS}
    for code, given in checklist.items():
        if given["answer"] != ChecklistAnswer.YES or given["note"]:
            yield _("“%(rule)s”: %(answer)s. %(note)s") % {
                "rule": rules.get(code, code),
                "answer": ChecklistAnswer(given["answer"]).label,
                "note": given["note"],
            }


def register(actions: Any) -> None:
    """Tell Wagtail's log what the helpline writes into it."""
    for action, label, message in ACTIONS:
        actions.register_action(action)(_formatter(label, message))


def _formatter(label: StrOrPromise, message: StrOrPromise) -> type[LogFormatter]:
    return type("Formatter", (ReasonFormatter,), {"label": label, "message": message})
