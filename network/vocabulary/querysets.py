from __future__ import annotations

from typing import Any, Self

from django.db import models


class CategoryQuerySet(models.QuerySet[Any]):
    def coded(self, group: str, code: str) -> Self:
        """A category in all its languages."""
        return self.filter(group=group, code=code)

    def current(self) -> Self:
        """What was not merged into something else."""
        return self.filter(replaced_by="")

    def in_languages(self, *codes: str) -> Self:
        """What readers of these languages see, and what was merged: it is looked up however old an address is."""
        seen = models.Q(live=True) | ~models.Q(replaced_by="")
        return self.filter(seen, locale__language_code__in=codes)
