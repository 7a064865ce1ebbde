from __future__ import annotations

from typing import Self

from django.conf import settings
from django.utils import timezone
from wagtail.query import PageQuerySet

from core.languages import tree


class DigestQuerySet(PageQuerySet):
    """Research digests."""

    def listed(self) -> Self:
        """Digests that lists may show: live and unrestricted."""
        return self.live().exclude(tree.restricted())

    def due(self) -> Self:
        """Public digests in the source language that somebody has to look at again. Their translations follow them."""
        return self.live().filter(
            due_on__lte=timezone.localdate(), locale__language_code=settings.LANGUAGE_CODE
        )
