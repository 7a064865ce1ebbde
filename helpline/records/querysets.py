"""Questions about listings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from helpline.records import visibility
from helpline.vocabulary import codes

if TYPE_CHECKING:
    import datetime as dt


class ListingQuerySet(models.QuerySet[Any]):
    """What programmes and support lines have in common."""

    def public(self) -> Self:
        """What two people have approved and is on the list. See `helpline.records.visibility`."""
        return self.filter(visibility.public_q())

    def shown(self) -> Self:
        """What this site shows: in the demonstration also what nobody has checked."""
        return self.filter(visibility.shown_q())

    def known(self) -> Self:
        """What the public sees or once saw, so that old links lead somewhere."""
        return self.filter(visibility.known_q())

    def open(self) -> Self:
        return self.exclude(visibility.closed_q())

    def unchecked(self) -> Self:
        return self.filter(checked_on=None)

    def overdue(self, today: dt.date) -> Self:
        """Those whose next check is due."""
        return self.filter(Q(checked_on=None) | Q(next_check_due__lte=today))

    def stale(self, today: dt.date) -> Self:
        """Those that nobody has checked for so long that their contact details are hidden."""
        has_kind = hasattr(self.model, "kind")
        return self.filter(visibility.stale_q(today, has_kind=has_kind))


class ProgrammeQuerySet(ListingQuerySet):
    def speaking(self, code: str) -> Self:
        """Those with a contact point that answers in a language."""
        return self.filter(contact_points__languages__contains=[code]).distinct()


class SupportLineQuerySet(ListingQuerySet):
    def of_kind(self, *kinds: codes.LineKind) -> Self:
        return self.filter(kind__in=kinds)


class ProgrammeTextQuerySet(models.QuerySet[Any]):
    def shown(self) -> Self:
        """What two people approved. An unreviewed text is shown nowhere, in the demonstration neither."""
        return self.filter(visibility.text_shown_q())
