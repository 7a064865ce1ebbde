"""Services for partners: their links and their reports."""

import uuid
from datetime import timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log as log_action

from campaigns.models import (
    Partner,
    PartnerLink,
    UsageReport,
)
from campaigns.partners.models import TERMS

# Maximum number of reports of one partner that wait for review.
MOST_WAITING = 40


class TooManyPendingReportsError(Exception):
    """No more reports of this partner are accepted until an editor has reviewed some."""


@transaction.atomic
def make_partner_link(*, partner: Partner, days: int, by: Any) -> str:
    """Make a link that works for so many days, and return its token, which is not stored.

    Raise ValueError if `days` is not one of TERMS.
    """
    if days not in TERMS:
        raise ValueError(f"A link works for one of {TERMS} days.")
    token = PartnerLink.make(partner=partner, expires_at=timezone.now() + timedelta(days=days), made_by=by)
    log_action(partner, "campaigns.make_link", user=by)
    return token


@transaction.atomic
def revoke_partner_link(*, link: PartnerLink, by: AbstractBaseUser | AnonymousUser | None) -> None:
    """Revoke a link. One that has ended stays as it is."""
    if link.revoke():
        log_action(link.partner, "campaigns.revoke_link", user=by)


def submit(*, partner: Partner, key: uuid.UUID, **told: object) -> UsageReport:
    """Store a report for review, once for each form. Raise TooManyPendingReportsError."""
    known = UsageReport.objects.filter(partner=partner, key=key).first()
    if known is not None:
        return known
    if UsageReport.objects.waiting().filter(partner=partner).count() >= MOST_WAITING:
        raise TooManyPendingReportsError
    report, _is_new = UsageReport.objects.get_or_create(key=key, defaults={"partner": partner, **told})
    return report
