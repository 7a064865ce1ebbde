from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.search import SearchQuery
from django.db import models

from core.search.lexemes import beginning_with

if TYPE_CHECKING:
    from collections.abc import Iterable


class InstitutionQuerySet(models.QuerySet[Any]):
    def active(self) -> Self:
        return self.filter(status="active")

    def matching(self, words: Iterable[str]) -> Self:
        """Institutions with every word, in any of their names or in their city. `words` are folded (`core.search.folding.words`)."""
        found = self
        for word in words:
            query = SearchQuery(beginning_with(word), search_type="raw", config="simple")
            found = found.filter(words=query)
        return found

    def names_of(self, ror: str) -> dict[str, str]:
        """Return code of a language → name of an institution, or {} if the table does not have it. One query."""
        found: dict[str, str] | None = self.filter(ror=ror).values_list("names", flat=True).first()
        return found or {}
