from __future__ import annotations

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

# How long evidence counts after it was weighed, and how long before its end the owner is told.
EVIDENCE_LASTS = timedelta(days=1096)  # three years, one of which may have a day more
TELL_BEFORE = timedelta(days=90)


class EvidenceCriterionQuerySet(models.QuerySet[Any]):
    def named(self, language: str) -> dict[str, Any]:
        """Return code → criterion in `language`, or in the source language until translated; in order. One query."""
        rows = self.filter(locale__language_code__in={language, settings.LANGUAGE_CODE}).select_related(
            "locale"
        )
        # The reader's own language comes last and so wins.
        found = {row.code: row for row in sorted(rows, key=lambda row: row.locale.language_code == language)}
        return dict(sorted(found.items(), key=lambda item: (item[1].order, item[0])))


class EvidenceReviewQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        return self.filter(label="")

    def decided(self) -> Self:
        return self.exclude(label="")

    def waiting_for(self, user: Any) -> Self:
        """Open reviews that a user can still take part in: others were asked, and they have neither written nor declared a conflict."""
        return self.open().exclude(assessments__reviewer=user)

    def with_proposed_answer(self) -> Self:
        """Labels that their owner wants to answer, which somebody has to read first."""
        return self.decided().exclude(proposed_answer="")

    def to_expire(self) -> Self:
        """Labels that have expired and whose pages do not say so yet."""
        return self.decided().filter(expires_on__lte=timezone.localdate(), expiry_noted=False)

    def to_announce(self) -> Self:
        """Labels of whose end the owner has to be told, once."""
        today = timezone.localdate()
        return self.decided().filter(
            reminded_at=None,
            expires_on__gt=today,
            expires_on__lte=today + TELL_BEFORE,
            practice__owner__isnull=False,
            practice__live=True,
        )
