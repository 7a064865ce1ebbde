"""Descriptions of actions and their reasons in the history of a listing."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import LogActionRegistry, LogFormatter
from wagtail.models import ModelLogEntry

from helpline.exchange.imports import drafts
from helpline.governance.mails import ACTION
from helpline.governance.review import policy
from helpline.governance.review.policy import ChecklistAnswer
from helpline.governance.services import REVERTED

# Log actions on listings: name, label, message in the history.
ACTIONS = (
    ("helpline.note", gettext_lazy("Give a reason"), gettext_lazy("Gave the reason for this version")),
    (drafts.ACTION, gettext_lazy("Import"), gettext_lazy("Imported from a file")),
    (ACTION, gettext_lazy("Comment"), gettext_lazy("Wrote a comment")),
    ("helpline.approve", gettext_lazy("Approve"), gettext_lazy("Approved as the second person")),
    ("helpline.recheck", gettext_lazy("Confirm"), gettext_lazy("Checked: everything is still correct")),
    ("helpline.warn", gettext_lazy("Set an alert"), gettext_lazy("Set an alert")),
    ("helpline.close", gettext_lazy("Mark as closed"), gettext_lazy("Marked as closed")),
    ("helpline.delist", gettext_lazy("Take off the list"), gettext_lazy("Taken off the list")),
    (
        "helpline.leave",
        gettext_lazy("Remove in some countries"),
        gettext_lazy("No longer shown in some of its countries"),
    ),
    ("helpline.hide", gettext_lazy("Hide"), gettext_lazy("Hidden from the public")),
    (REVERTED, gettext_lazy("Revert"), gettext_lazy("Reverted to what two people approved")),
    ("helpline.report", gettext_lazy("Report a listing"), gettext_lazy("Error reported")),
    (
        "helpline.answer",
        gettext_lazy("Answer the yearly letter"),
        gettext_lazy("The operator has answered"),
    ),
    (
        "helpline.letter",
        gettext_lazy("Ask the operator"),
        gettext_lazy("The yearly letter was sent to the operator"),
    ),
    (
        "helpline.operator",
        gettext_lazy("Change the address of the operator"),
        gettext_lazy("The address of the operator was changed"),
    ),
    (
        "helpline.forget",
        gettext_lazy("Delete the words of a report"),
        gettext_lazy("The text of a report was deleted"),
    ),
)


class ReasonFormatter(LogFormatter):
    """Show the reason given, and every checklist answer that is more than a bare yes."""

    def format_comment(self, log_entry: ModelLogEntry) -> str:
        return " ".join([log_entry.data.get("reason", ""), *remarks(log_entry.data.get("checklist") or {})])


def remarks(checklist: policy.Checklist) -> Iterator[str]:
    """Yield each answer that is not a bare yes as a sentence."""
    rules = {point.code: point.rule for point in policy.POINTS}
    for code, given in checklist.items():
        if given["answer"] != ChecklistAnswer.YES or given["note"]:
            yield _("“%(rule)s”: %(answer)s. %(note)s") % {
                "rule": rules.get(code, code),
                "answer": ChecklistAnswer(given["answer"]).label,
                "note": given["note"],
            }


class Resolved(LogFormatter):
    """Resolution of a report, in the history of the listing."""

    label = gettext_lazy("Resolve a report")

    def format_message(self, log_entry: ModelLogEntry) -> str:
        return _("Report resolved: %(reason)s") % {"reason": log_entry.data.get("reason", "")}


def register(actions: LogActionRegistry) -> None:
    """Register the helpline's actions with Wagtail's log."""
    for action, label, message in ACTIONS:
        formatter = type("Formatter", (ReasonFormatter,), {"label": label, "message": message})
        actions.register_action(action)(formatter)
    actions.register_action("helpline.resolve")(Resolved)
