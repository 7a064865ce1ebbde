"""Once a week, a letter to those who keep the list: what is pressing. To the one address for corrections, and only if something is."""

from __future__ import annotations

from collections import Counter

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from core.doors import desk_url
from helpline.desk.worklist import ranking
from helpline.governance.risk import REASONS
from helpline.records.programmes import Programme
from helpline.records.settings import HelplineSettings
from helpline.records.support_lines import SupportLine

# These can wait until somebody opens the list.
CALM = frozenset({"soon", "unchecked"})


def pressing() -> list[tuple[str, int]]:
    """(reason, for how many listings), the heaviest first."""
    items = ranking.items([Programme, SupportLine], timezone.localdate())
    counted = Counter(name for item in items for name in item.risk.names - CALM)
    return [(str(rule.message), counted[name]) for name, rule in REASONS.items() if counted[name]]


def send() -> None:
    """Write the letter, if there is something to say and somebody to say it to. Raises what the mail server raises."""
    to = HelplineSettings.current().corrections_email
    reasons = pressing()
    if not to or not reasons:
        return
    context = {"reasons": reasons, "url": desk_url("helpline_work:index")}
    EmailMessage(
        subject=_("Listings to check"),
        body=render_to_string("helpline/mail/weekly.txt", context),
        to=[to],
        headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
    ).send()
