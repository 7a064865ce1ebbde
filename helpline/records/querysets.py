"""Querysets of listings, their contact points and their texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from helpline.records import two_people, visibility

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping


def conflicts(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return which fields `bulk_create` would change, and by which it recognises a row; none without `update_conflicts`."""
    names = ("update_fields", "unique_fields")
    return {name: (options.get(name) or ()) if options.get("update_conflicts") else () for name in names}


class ApprovedQuerySet(models.QuerySet[Any]):
    """Rows that take two people to publish: bulk statements neither change published content nor publish anything."""

    def update(self, **values: Any) -> int:
        """Update. Raises NotApproved if that would change facts of published rows, or publish something."""
        # Django forgets a version that is deleted: no fact changes, and the clock hides what has no approved version.
        if values != {"live_revision": None}:
            two_people.refuse_update(self, values)
        return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]  # as Django's own

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Create rows. Raises NotApproved if one of them would be live, or would change facts of published rows."""
        made = list(objs)
        if any(each.live for each in made):
            two_people.refuse_update(self, ["live"])
        two_people.refuse_insert(self.model, made, **conflicts(kwargs))
        return super().bulk_create(made, *args, **kwargs)


class ContactPointQuerySet(models.QuerySet[Any]):
    """Contact points. Those of a published programme stay as they were approved with it."""

    LIVE = "programme__live"

    def update(self, **values: Any) -> int:
        """Raises NotApproved for those of a programme that is on show, and for moving any: the other programme may be on show."""
        two_people.refuse_update(self, values, live=self.LIVE)
        self._refuse_moving(values)
        return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]  # as Django's own

    def delete(self) -> tuple[int, dict[str, int]]:
        two_people.refuse_update(self, ["uuid"], live=self.LIVE)
        return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]  # as Django's own
    delete.queryset_only = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        made = list(objs)
        programmes = self.model._meta.get_field("programme").related_model._default_manager
        owners = programmes.filter(pk__in={each.programme_id for each in made})
        two_people.refuse_update(owners, ["contact_points"])
        over = conflicts(kwargs)
        two_people.refuse_insert(self.model, made, **over, live=self.LIVE)
        self._refuse_moving(over["update_fields"])
        return super().bulk_create(made, *args, **kwargs)

    def _refuse_moving(self, names: Iterable[str]) -> None:
        if not two_people.PARENT.isdisjoint(name.removesuffix("_id") for name in names):
            raise two_people.NotApproved(two_people.ONLY_BY_PUBLISHING)


class ListingQuerySet(ApprovedQuerySet):
    """Queries that programmes and support lines have in common."""

    def public(self) -> Self:
        """Return listings that two people have approved and that are on the list. See `helpline.records.visibility`."""
        return self.filter(visibility.public_q())

    def shown(self) -> Self:
        """Return listings that this site shows: in the demonstration also unchecked ones."""
        return self.filter(visibility.shown_q())

    def known(self) -> Self:
        """Return listings that are or once were public, so that old links lead somewhere."""
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
        """Return programmes that this site shows, and that people can reach in some way."""
        points = self.model._meta.get_field("contact_points").related_model._default_manager
        return super().shown().filter(visibility.reachable_q(points.all()))

    def speaking(self, code: str) -> Self:
        """Return programmes with a contact point that answers in a language."""
        return self.filter(contact_points__languages__contains=[code]).distinct()


class SupportLineQuerySet(ListingQuerySet):
    """The support lines."""


class CountryLawQuerySet(ListingQuerySet):
    def in_date(self, today: dt.date) -> Self:
        """Return the laws that are shown on a day: not those that nobody has checked for so long that they are not to be relied on."""
        return self.shown().exclude(visibility.stale_q(today, has_kind=False))


class TextQuerySet(ApprovedQuerySet):
    """Words about listings, each row in one language."""

    def in_language(self, code: str) -> Self:
        return self.filter(locale__language_code=code)

    def public(self) -> Self:
        """Return texts that two people have approved."""
        return self.filter(visibility.text_public_q())

    def shown(self) -> Self:
        """Return texts that this site shows: in the demonstration also those that nobody has reviewed, which say so."""
        return self.filter(visibility.text_shown_q())
