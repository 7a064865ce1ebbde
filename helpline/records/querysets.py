"""Questions about listings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F, Q

from helpline.records.freshness import HIDES_AFTER
from helpline.vocabulary import codes
from helpline.vocabulary.codes import Status

if TYPE_CHECKING:
    import datetime as dt


class ListingQuerySet(models.QuerySet[Any]):
    """What programmes and support lines have in common."""

    def public(self) -> Self:
        """What two people let the public see. Closed ones too: they are shown as closed; what was delisted is gone."""
        return self.filter(live=True).exclude(status__in=(Status.DRAFT, Status.DELISTED))

    def shown(self, *, demo: bool) -> Self:
        """What this site shows: in the demonstration also what nobody has checked, under its banner."""
        return self.exclude(status=Status.DELISTED) if demo else self.public()

    def known(self, *, demo: bool) -> Self:
        """What the public sees, or has seen: old links to it lead somewhere. What nobody ever approved is nobody's business."""
        return self.all() if demo else self.exclude(first_published_at=None)

    def unchecked(self) -> Self:
        return self.filter(checked_on=None)

    def overdue(self, today: dt.date) -> Self:
        """Those whose next check is due."""
        return self.filter(Q(checked_on=None) | Q(next_check_due__lte=today))

    def numbers_hidden(self, today: dt.date) -> Self:
        """Those that nobody has checked for so long that their numbers are not shown."""
        return self.filter(next_check_due__lte=today - HIDES_AFTER)

    def by_due_date(self) -> Self:
        return self.order_by(F("next_check_due").asc(nulls_first=True), "name")


class ProgrammeQuerySet(ListingQuerySet):
    def in_country(self, code: str) -> Self:
        """Those that work in a country; what works anywhere works there too."""
        return self.filter(countries__overlap=[code, codes.ANYWHERE])

    def speaking(self, code: str) -> Self:
        """Those with a contact point that answers in a language."""
        return self.filter(contact_points__languages__contains=[code]).distinct()

    def for_audience(self, code: str) -> Self:
        return self.filter(audiences__contains=[code])


class SupportLineQuerySet(ListingQuerySet):
    def of_kind(self, *kinds: codes.Kind) -> Self:
        return self.filter(kind__in=kinds)


class ProgrammeTextQuerySet(models.QuerySet[Any]):
    def shown(self, *, demo: bool) -> Self:
        """What two people approved. An unreviewed text is shown nowhere, in the demonstration neither."""
        return self.filter(live=True)
