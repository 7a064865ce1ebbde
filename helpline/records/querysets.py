"""Querysets of listings and of their texts."""

import datetime as dt
from typing import Self

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, Value

from helpline.approval.mixins import ApprovedQuerySet
from helpline.records import visibility


class ListingQuerySet(ApprovedQuerySet):
    """Queries that programmes and support lines have in common."""

    def public(self) -> Self:
        """Return listings that two people have approved and that are on the list.

        See `helpline.records.visibility`.
        """
        return self.filter(visibility.public_q())

    def shown(self) -> Self:
        """Return listings that this site shows, including unchecked ones in the demonstration."""
        return self.filter(visibility.shown_q())

    def known(self) -> Self:
        """Return listings that are or once were public, so that old links work."""
        return self.filter(visibility.known_q())

    def open(self) -> Self:
        return self.exclude(visibility.closed_q())

    def unchecked(self) -> Self:
        return self.filter(checked_on=None)

    def overdue(self, today: dt.date) -> Self:
        """Return listings whose next check is due, or that were never checked."""
        return self.filter(Q(checked_on=None) | Q(next_check_due__lte=today))

    def stale(self, today: dt.date) -> Self:
        """Return listings whose check is so long overdue that their contact details are hidden."""
        has_kind = hasattr(self.model, "kind")
        return self.filter(visibility.stale_q(today, has_kind=has_kind))


class ProgrammeQuerySet(ListingQuerySet):
    def shown(self) -> Self:
        """Return programmes that this site shows and that people can reach."""
        points = self.model._meta.get_field("contact_points").related_model._default_manager
        return super().shown().filter(visibility.reachable_q(points.all()))

    def with_contacts(self, *names: str) -> Self:
        """Annotate with the values of these fields of the contact points, as the lists `its_…`."""
        return self.annotate(
            **{
                f"its_{name}": ArrayAgg(
                    f"contact_points__{name}", filter=~Q(**{f"contact_points__{name}": ""}), default=Value([])
                )
                for name in names
            }
        )

    def speaking(self, code: str) -> Self:
        """Return programmes with a contact point that answers in a language."""
        return self.filter(contact_points__languages__contains=[code]).distinct()


class CountryLawQuerySet(ListingQuerySet):
    def in_date(self, today: dt.date) -> Self:
        """Return the laws that are shown on a day.

        Those whose check is so long overdue that they are not reliable are left out.
        """
        return self.shown().exclude(visibility.stale_q(today, has_kind=False))


class TextQuerySet(ApprovedQuerySet):
    """Words about listings, each row in one language."""

    def in_language(self, code: str) -> Self:
        return self.filter(locale__language_code=code)

    def public(self) -> Self:
        """Return texts that two people have approved."""
        return self.filter(visibility.text_public_q())

    def shown(self) -> Self:
        """Return texts that this site shows.

        In the demonstration, these include unreviewed ones, which are marked as such.
        """
        return self.filter(visibility.visible_text_q())
