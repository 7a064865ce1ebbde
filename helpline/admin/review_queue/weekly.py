"""The weekly letter about urgent listings: to the address for corrections, and only if there is something to report."""

from __future__ import annotations

from collections import Counter

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.doors import desk_url
from core.mail import outbox
from core.mail.kinds import MailKind
from helpline.admin.review_queue import ranking
from helpline.governance.risk import REASONS
from helpline.records.laws import CountryLaw
from helpline.records.programmes import Programme
from helpline.records.settings import HelplineSettings
from helpline.records.support_lines import SupportLine

WEEKLY = MailKind(name="helpline.weekly", title=gettext_lazy("Weekly letter about listings to check"))
# These can wait until somebody opens the work list.
NOT_URGENT = frozenset({"soon", "unchecked"})


def urgent_reasons() -> list[tuple[str, int]]:
    """Return (reason, number of listings), the most serious reason first."""
    items = ranking.items([Programme, SupportLine, CountryLaw], timezone.localdate())
    counted = Counter(name for item in items for name in item.risk.names - NOT_URGENT)
    return [(str(rule.message), counted[name]) for name, rule in REASONS.items() if counted[name]]


def send() -> None:
    """Put the letter into the outbox if there is something to report and an address to send it to."""
    to = HelplineSettings.current().corrections_email
    reasons = urgent_reasons()
    if not to or not reasons:
        return
    context = {"reasons": reasons, "url": desk_url("helpline_work:index")}
    message = EmailMessage(
        subject=_("Listings to check"), body=render_to_string("helpline/mail/weekly.txt", context), to=[to]
    )
    outbox.send(message, kind=WEEKLY.name)
