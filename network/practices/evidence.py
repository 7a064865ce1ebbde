"""Evidence of the effects of a practice.

There is one review for each outcome, by two people who declare their conflicts of interest.
"""

from __future__ import annotations

import datetime as dt
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.panels import FieldPanel
from wagtail.models import TranslatableMixin
from wagtail_localize.fields import SynchronizedField

from network.members.models import codes
from network.practices.codes import EvidenceRating, PracticeOutcome
from network.practices.models import Practice
from users.models import User

# How long evidence is valid after it was rated, and how long before its end the owner is notified.
EVIDENCE_LASTS = timedelta(days=1096)  # three years, one of which may be a leap year
TELL_BEFORE = timedelta(days=90)


class EvidenceCriterionQuerySet(models.QuerySet["EvidenceCriterion"]):
    def named(self, language: str) -> dict[str, EvidenceCriterion]:
        """Return code → criterion in `language`, or in the source language until translated; in order.

        One query.
        """
        rows = self.filter(locale__language_code__in={language, settings.LANGUAGE_CODE}).select_related("locale")
        # The requested language comes last and so overrides the source language.
        found = {row.code: row for row in sorted(rows, key=lambda row: row.locale.language_code == language)}
        return dict(sorted(found.items(), key=lambda item: (item[1].order, item[0])))


class EvidenceReviewQuerySet(models.QuerySet["EvidenceReview"]):
    def open(self) -> Self:
        return self.filter(rating="")

    def decided(self) -> Self:
        return self.exclude(rating="")

    def waiting_for(self, user: int | None) -> Self:
        """Return the open reviews in which a user can still take part.

        They have neither given an assessment nor declared a conflict.
        """
        return self.open().exclude(assessments__reviewer=user)

    def with_proposed_answer(self) -> Self:
        """Return the rated reviews with a proposed answer of the owner, which has to be reviewed first."""
        return self.decided().exclude(proposed_answer="")

    def to_expire(self) -> Self:
        """Return the ratings that have expired and whose pages do not say so yet."""
        return self.decided().filter(expires_on__lte=timezone.localdate(), expiry_noted=False)

    def to_announce(self) -> Self:
        """Return the ratings that expire soon and whose owner has had no notification."""
        today = timezone.localdate()
        return self.decided().filter(
            reminded_at=None,
            expires_on__gt=today,
            expires_on__lte=today + TELL_BEFORE,
            practice__owner__isnull=False,
            practice__live=True,
        )


class EvidenceCriterion(TranslatableMixin, models.Model):
    """A question that reviewers answer about a practice, in one language.

    Imported or written by the operator; reviews refer to its code.
    """

    code = models.SlugField(_("code"), max_length=40, help_text=_("The same in every language."))
    name = models.CharField(_("name"), max_length=200)
    # Empty for the operator's own criteria, so that no other organisation is named for them.
    origin = models.CharField(
        _("whose list it is"),
        max_length=80,
        blank=True,
        help_text=_("Only if it was taken from their published list. Readers see it beside the criteria."),
    )
    order = models.PositiveSmallIntegerField(_("position"), default=0)

    panels = [FieldPanel("name"), FieldPanel("code"), FieldPanel("origin"), FieldPanel("order")]
    override_translatable_fields = [
        SynchronizedField("code"),
        SynchronizedField("origin"),
        SynchronizedField("order"),
    ]

    objects = EvidenceCriterionQuerySet.as_manager()

    class Meta(TranslatableMixin.Meta):
        ordering = ("order", "code")
        verbose_name = _("criterion of evidence")
        verbose_name_plural = _("criteria of evidence")
        constraints = [
            models.UniqueConstraint(fields=["locale", "code"], name="one_criterion_for_each_code_and_language")
        ]

    def __str__(self) -> str:
        return self.name


class EvidenceReview(models.Model):
    """Review of the evidence that a practice changes one outcome.

    Without a rating it is open, and nothing of it is public.
    """

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="reviews")
    outcome = models.CharField(_("outcome"), max_length=20, choices=PracticeOutcome)
    studies = models.PositiveSmallIntegerField(_("number of studies"))
    effect = models.CharField(_("Size of the effect"), max_length=80, blank=True, db_default="")
    references = models.TextField(
        _("studies"),
        max_length=4000,
        blank=True,
        help_text=_("One on each line, with its DOI if it has one. Public with the rating."),
    )
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    opened_at = models.DateTimeField(_("opened at"), default=timezone.now, editable=False)

    rating = models.CharField(
        pgettext_lazy("of evidence", "rating"),
        max_length=20,
        choices=EvidenceRating,
        blank=True,
        editable=False,
    )
    criteria = codes(_("criteria met"))
    # Number of people who declared a conflict and so did not decide.
    conflicts = models.PositiveSmallIntegerField(_("conflicts declared"), default=0, editable=False)
    is_by_third = models.BooleanField(_("decided by a third person"), default=False, editable=False)
    decided_on = models.DateField(_("weighed on"), null=True, editable=False)
    expires_on = models.DateField(_("expires on"), null=True, editable=False)
    # Whether the public pages have been rendered since it expired, and when the owner was notified of the expiry.
    expiry_noted = models.BooleanField(default=False, editable=False)
    reminded_at = models.DateTimeField(null=True, editable=False)

    answer = models.TextField(_("answer of the owner"), max_length=1500, blank=True, editable=False)
    answer_language = models.CharField(_("language"), max_length=20, blank=True, editable=False)
    answered_on = models.DateField(_("answered on"), null=True, editable=False)
    # Answer proposed by the owner, until it has been reviewed.
    # Never public.
    proposed_answer = models.TextField(max_length=1500, blank=True, editable=False)
    proposed_language = models.CharField(max_length=20, blank=True, editable=False)

    objects = EvidenceReviewQuerySet.as_manager()

    class Meta:
        ordering = ("-decided_on", "-pk")
        verbose_name = _("review of evidence")
        verbose_name_plural = _("reviews of evidence")
        permissions = [("weigh_evidence", _("Can review the evidence of practices"))]
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "outcome"],
                condition=models.Q(rating=""),
                name="one_open_review_for_each_outcome",
            )
        ]

    def __str__(self) -> str:
        return f"{self.practice}: {self.get_outcome_display()}"

    @property
    def is_open(self) -> bool:
        return not self.rating

    def may_be_withdrawn_by(self, user: User) -> bool:
        """Return whether a user may withdraw it: it is open, and no other user has given an assessment.

        One query.
        """
        weighed = self.assessments.filter(conflict="").exclude(reviewer=user)
        return self.is_open and not weighed.exists()

    def is_expired(self, today: dt.date) -> bool:
        """Return whether the evidence was rated too long ago to be valid."""
        return self.expires_on is not None and self.expires_on <= today


class EvidenceAssessment(models.Model):
    """Assessment by one reviewer, or the conflict that keeps them from deciding.

    Never public.
    """

    wagtail_reference_index_ignore = True

    review = models.ForeignKey(EvidenceReview, on_delete=models.CASCADE, related_name="assessments")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    conflict = models.TextField(_("conflict of interest"), max_length=600, blank=True)
    rating = models.CharField(pgettext_lazy("of evidence", "rating"), max_length=20, choices=EvidenceRating, blank=True)
    criteria = codes(_("criteria met"))
    text = models.TextField(_("reasons"), max_length=4000, blank=True)
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("pk",)
        verbose_name = _("assessment of evidence")
        verbose_name_plural = _("assessments of evidence")
        constraints = [models.UniqueConstraint(fields=["review", "reviewer"], name="one_assessment_for_each_reviewer")]

    def __str__(self) -> str:
        return f"{self.review} ({self.pk})"
