"""Profile texts that wait for review, and the entries of a review."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.query import QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.compare import diff_text
from wagtail.admin.panels import FieldPanel
from wagtail.models import TranslatableMixin
from wagtail_localize.fields import SynchronizedField

from network.members.models import PROFILE_TEXTS, Member
from network.members.querysets import DECLINED_KEPT
from network.vocabulary.details import Detail

# After the first, a member gets one reminder of a question; after the second, it appears among the team's tasks.
REMIND_AFTER = timedelta(days=7)
UNANSWERED_AFTER = timedelta(days=14)


class ProposedTextsQuerySet(models.QuerySet["ProposedTexts"]):
    def waiting(self) -> Self:
        """Return the texts without a decision."""
        return self.filter(declined_at=None)

    def of_members(self) -> Self:
        """Return the texts of accepted members.

        Those of a request are reviewed with it.
        """
        return self.filter(member__state__in=[Member.State.LISTED, Member.State.PAUSED])

    def expired(self) -> Self:
        """Return the texts that were declined long enough ago to be deleted."""
        return self.filter(declined_at__lte=timezone.now() - DECLINED_KEPT)


class ReviewEntryQuerySet(models.QuerySet["ReviewEntry"]):
    def unanswered(self) -> Self:
        return self.filter(kind=self.model.Kind.QUESTION, closed_at=None)

    def opinions_wanted(self) -> Self:
        return self.filter(kind=self.model.Kind.OPINION_WANTED, closed_at=None)

    def open(self) -> Self:
        return self.unanswered() | self.opinions_wanted()

    def for_member(self) -> Self:
        """Return the entries that the member may read on their own page."""
        return self.filter(kind__in=self.model.FOR_MEMBER)

    def to_remind(self) -> Self:
        """Return the questions of which the member has to be reminded."""
        return self.unanswered().filter(
            reminded_at=None,
            written_at__lte=timezone.now() - REMIND_AFTER,
            member__state__in=Member.KNOWN,
        )

    def given_up_on(self) -> Self:
        """Return the questions that have been unanswered for so long that the team has to decide without an answer."""
        return self.unanswered().filter(written_at__lte=timezone.now() - UNANSWERED_AFTER)


def label_of(detail: str) -> str:
    """Return the name of a part of a member's profile texts."""
    return str(Detail(detail).label) if detail in Detail.values else detail.upper()


@dataclass(frozen=True, slots=True)
class TextDifference:
    """A detail whose text would change, with the text before and after."""

    label: str
    before: str
    after: str

    @property
    def marked(self) -> SafeString:
        """Return both versions in one, with deletions and insertions marked, for the admin."""
        return diff_text(self.before, self.after).to_html()


class ProposedTexts(models.Model):
    """All of a member's texts in one language, waiting for review.

    The public texts stay as they are until then.
    A changed proposal is a new row, so that reviewers cannot accept texts that they have not seen.
    """

    wagtail_reference_index_ignore = True

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="proposals")
    language = models.CharField(_("language"), max_length=20)
    # Detail → text.
    # Details that are missing will be empty.
    texts = models.JSONField(_("text"), default=dict)
    proposed_at = models.DateTimeField(_("written at"), default=timezone.now)
    # Kept for a while, so that the member can revise the texts.
    # The reason is in the review.
    declined_at = models.DateTimeField(_("declined at"), null=True)

    objects = ProposedTextsQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposed texts")
        verbose_name_plural = _("proposed texts")
        ordering = ("proposed_at", "pk")
        constraints = [
            models.UniqueConstraint(fields=["member", "language"], name="one_proposal_of_texts_for_each_language")
        ]

    def __str__(self) -> str:
        return f"{self.language} ({self.proposed_at:%Y-%m-%d})"

    def differences(self) -> Iterator[TextDifference]:
        """Yield each detail that would change, in the order of the details."""
        before = self.member.texts_in(self.language)
        for detail in PROFILE_TEXTS:
            old, new = before.get(detail, ""), self.texts.get(detail, "")
            if old != new:
                yield TextDifference(label_of(detail), old, new)


class ReviewEntry(models.Model):
    """An entry in the review of a member, by the member or by the team, with its time.

    Questions and requests for a second opinion are open until they are answered.
    The member sees `FOR_MEMBER`, but never which member of the team wrote it.
    """

    wagtail_reference_index_ignore = True

    class Kind(models.TextChoices):
        QUESTION = "question", pgettext_lazy("in a review", "Question")
        ANSWER = "answer", pgettext_lazy("in a review", "Answer")
        REASON = "reason", pgettext_lazy("in a review", "Reason")
        WARNING = "warning", pgettext_lazy("in a review", "Warning")
        NOTE = "note", pgettext_lazy("in a review", "Note")
        OPINION_WANTED = "opinion_wanted", pgettext_lazy("in a review", "Second opinion wanted")
        OPINION = "opinion", pgettext_lazy("in a review", "Second opinion")

    FOR_MEMBER = (Kind.QUESTION, Kind.ANSWER, Kind.REASON, Kind.WARNING)

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="review")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    # None for entries by the member, and for deleted users.
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField(_("text"), max_length=2000)
    written_at = models.DateTimeField(_("written at"), default=timezone.now)
    closed_at = models.DateTimeField(_("answered at"), null=True)
    reminded_at = models.DateTimeField(_("reminded at"), null=True)

    objects = ReviewEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry in a review")
        verbose_name_plural = _("entries in reviews")
        ordering = ("written_at", "pk")
        indexes = [
            models.Index(
                fields=["kind", "written_at"],
                condition=models.Q(kind__in=["question", "opinion_wanted"], closed_at=None),
                name="open_entries_in_reviews",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.written_at:%Y-%m-%d})"

    @property
    def is_open(self) -> bool:
        return self.kind in (self.Kind.QUESTION, self.Kind.OPINION_WANTED) and self.closed_at is None

    @property
    def is_by_member(self) -> bool:
        return self.kind == self.Kind.ANSWER


class ReviewTemplateQuerySet(models.QuerySet["ReviewTemplate"]):
    def for_member(self, member: Member) -> QuerySet[ReviewTemplate]:
        """Return the templates in the member's language, and those of the source language without a translation."""
        mine = self.filter(locale__language_code=member.language)
        others = self.filter(locale__language_code=settings.LANGUAGE_CODE).exclude(
            translation_key__in=mine.values("translation_key")
        )
        return (mine | others).order_by("title", "pk")


class ReviewTemplate(TranslatableMixin, models.Model):
    """A text template for reviewers, in the language of the recipient."""

    class Use(models.TextChoices):
        QUESTION = "question", _("Question")
        REASON = "reason", _("Reason for declining")

    use = models.CharField(_("use"), max_length=20, choices=Use, default=Use.QUESTION)
    title = models.CharField(
        _("title"), max_length=80, help_text=_("For the choice in the admin. Members do not see it.")
    )
    text = models.TextField(_("text"), max_length=2000)

    panels = [FieldPanel("use"), FieldPanel("title"), FieldPanel("text")]

    override_translatable_fields = [SynchronizedField("use")]

    objects = ReviewTemplateQuerySet.as_manager()

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("template for reviews")
        verbose_name_plural = _("templates for reviews")
        ordering = ("use", "title", "pk")

    def __str__(self) -> str:
        return self.title
