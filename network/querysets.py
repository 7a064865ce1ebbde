from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.search import SearchQuery
from django.db import models
from django.utils import timezone

from core.search.lexemes import beginning_with

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

# How long requests are kept. The link in the first mail lasts as long as an unconfirmed request.
UNCONFIRMED_KEPT = timedelta(days=7)
DECLINED_KEPT = timedelta(days=30)


def facet(group: str, code: str) -> str:
    """Return a code as it is stored among the facets of a member: `country:de`."""
    return f"{group}:{code}"


class MemberQuerySet(models.QuerySet[Any]):
    """`listed()` and the methods after it see only what members show."""

    def known(self) -> Self:
        """Members, listed or paused, and requests in review: an address belongs to one of these at most."""
        return self.filter(state__in=self.model.KNOWN)

    def awaiting_review(self) -> Self:
        """Requests to review, oldest first."""
        return self.filter(state=self.model.State.IN_REVIEW).order_by("confirmed_at")

    def overdue(self) -> Self:
        """Requests to delete: not confirmed in time, or declined long enough ago."""
        now = timezone.now()
        return self.filter(
            models.Q(state=self.model.State.UNCONFIRMED, created_at__lte=now - UNCONFIRMED_KEPT)
            | models.Q(state=self.model.State.DECLINED, decided_at__lte=now - DECLINED_KEPT)
        )

    def listed(self) -> Self:
        """Listed members who show at least one detail."""
        return self.filter(state=self.model.State.LISTED).exclude(shown=[])

    def with_page(self) -> Self:
        """Members with their own page (`Member.has_public_page`)."""
        return self.listed().filter(has_page=True, shown__contains=["name"])

    def speaking(self, code: str) -> Self:
        return self.with_facets({"language": code})

    def with_facets(self, chosen: Mapping[str, str]) -> Self:
        """Members who show every chosen code; `chosen` is group → code."""
        if not chosen:
            return self
        return self.filter(facets__contains=[facet(group, code) for group, code in chosen.items()])

    def matching(self, words: Iterable[str], named: Mapping[str, Collection[str]]) -> Self:
        """Members who show every word.

        `words` are folded (`core.search.folding.words`); `named` maps a word to the facets whose name in the reader's language begins with it,
        so that "Allemagne" finds members in Germany.
        """
        found = self
        for word in words:
            condition = models.Q(words=SearchQuery(beginning_with(word), search_type="raw", config="simple"))
            if facets := named.get(word):
                condition |= models.Q(facets__overlap=list(facets))
            found = found.filter(condition)
        return found

    def in_order(self) -> Self:
        return self.order_by("order_key", "uuid")

    def counts(self) -> dict[str, int]:
        """Return the number of members who show each facet. One query."""
        rows = (
            self.order_by()
            .annotate(one=models.Func(models.F("facets"), function="unnest", output_field=models.CharField()))
            .values("one")
            .annotate(members=models.Count("pk"))
            .values_list("one", "members")
        )
        return dict(rows)

    def remove_expertise(self, code: str) -> int:
        """Remove a field of work that no longer exists from all members who name it."""
        return self.filter(expertise__contains=[code]).update(
            expertise=models.Func(models.F("expertise"), models.Value(code), function="array_remove"),
            facets=models.Func(
                models.F("facets"), models.Value(facet("field", code)), function="array_remove"
            ),
        )
