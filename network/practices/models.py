"""Registry of practices: the prevention of abuse, with its audience and its cost.

The evidence of its effects is in `evidence`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Self
from uuid import uuid4

from django import forms
from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel
from wagtail.admin.widgets import AdminAutoHeightTextInput
from wagtail.models import DraftStateMixin, Revision, RevisionMixin

from core.languages.tree import fallbacks
from core.publishing import publication_checks
from core.publishing.approval import ensure_second_person
from network.members.models import Member, codes
from network.practices.codes import CATEGORIES, WouldAgain

# Texts of one practice are in left-to-right and right-to-left languages.
BOTH_WAYS = {"dir": "auto"}
# The owner of a practice gets a reconfirmation request once a year.
# A record without confirmation for two years is archived.
CONFIRM_AFTER = timedelta(days=365)
ARCHIVE_AFTER = timedelta(days=730)
ASK_AGAIN_AFTER = timedelta(days=330)


class PracticeQuerySet(models.QuerySet["Practice"]):
    def public(self) -> Self:
        """Return the practices on the site.

        Archived ones stay readable.
        """
        return self.filter(live=True)

    def current(self) -> Self:
        return self.public().filter(archived_at=None)

    def for_showing(self) -> Self:
        return self.prefetch_related("texts", "people__member", "reviews").select_related("owner")

    def to_approve(self) -> Self:
        """Return the practices with a version that is not public."""
        return self.filter(has_unpublished_changes=True)

    def to_remind(self) -> Self:
        """Return the practices due for a reconfirmation request.

        There is one after a year, and one more before they are archived.
        """
        now = timezone.now()
        return self.current().filter(
            models.Q(reminded_at=None) | models.Q(reminded_at__lte=now - ASK_AGAIN_AFTER),
            confirmed_on__lte=timezone.localdate() - CONFIRM_AFTER,
            owner__isnull=False,
        )

    def to_archive(self) -> Self:
        return self.current().filter(confirmed_on__lte=timezone.localdate() - ARCHIVE_AFTER)

    def owned_by(self, member: Member) -> Self:
        return self.public().filter(owner=member)


def language_choices() -> list[tuple[str, str]]:
    return [*settings.LANGUAGES]


class Practice(DraftStateMixin, RevisionMixin, ClusterableModel):
    """A practice to prevent abuse, with the facts that are the same in every language.

    One person writes it and another publishes it.
    Its evidence is not part of its versions, because it has separate reviewers.
    """

    # State of the record, not content: restoring a version does not restore these fields.
    KEPT = ("confirmed_on", "reminded_at", "archived_at")
    code_columns = CATEGORIES

    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    name = models.CharField(
        _("internal name"),
        max_length=160,
        help_text=_("Helps colleagues find it. Readers see the titles under “Words”."),
    )
    levels = codes(_("level of prevention"))
    modes = codes(_("mode"))
    populations = codes(_("audiences"))
    work_settings = codes(_("where"))
    methods = codes(_("methods"))
    professions = codes(_("staff"))
    posts = models.DecimalField(
        _("full-time posts"),
        max_digits=5,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("How many people it takes to run it at one place."),
    )
    sessions = models.PositiveSmallIntegerField(_("sessions for each person"), null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes for each session"), null=True, blank=True)
    weeks = models.PositiveSmallIntegerField(_("weeks from beginning to end"), null=True, blank=True)
    cost = models.PositiveIntegerField(
        _("cost for each person, in euros"),
        null=True,
        blank=True,
        help_text=_("About what it costs those who run it. 0 if it costs them nothing more."),
    )
    cost_year = models.PositiveSmallIntegerField(_("year of that cost"), null=True, blank=True)
    languages = codes(_("languages"))
    countries = codes(_("countries"))
    listings = ArrayField(
        models.UUIDField(),
        verbose_name=_("programmes that do this"),
        default=list,
        blank=True,
        help_text=_("Their names appear while they are on the public list."),
    )
    website = models.URLField(_("website"), blank=True)
    owner = models.ForeignKey(
        "network.Member",
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("The member whom we ask whether it is still correct, and who may answer a rating."),
    )
    would_again = models.CharField(_("would you do it again?"), max_length=20, choices=WouldAgain, blank=True)

    confirmed_on = models.DateField(_("last confirmed on"), null=True, editable=False)
    reminded_at = models.DateTimeField(_("owner reminded at"), null=True, editable=False)
    archived_at = models.DateTimeField(_("archived at"), null=True, editable=False)
    outgoing_mail = GenericRelation("core.OutgoingMail", for_concrete_model=False)

    objects = PracticeQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        verbose_name = pgettext_lazy("of prevention", "practice")
        verbose_name_plural = pgettext_lazy("of prevention", "practices")

    def __str__(self) -> str:
        return self.name

    @property
    def scheduled_revision(self) -> None:
        """Return None: a practice cannot be scheduled, because publishing it takes a second person."""
        return

    def with_content_json(self, content: dict[str, object]) -> Self:
        version: Self = super().with_content_json(content)
        for name in self.KEPT:
            setattr(version, name, getattr(self, name))
        return version

    def authors(self) -> set[int | None]:
        """Return the ids of the users who have written in it since it was last published."""
        written = self.revisions.all()
        if self.live and self.live_revision is not None:
            written = written.filter(created_at__gt=self.live_revision.created_at)
        return set(written.values_list("user", flat=True))

    def publish(self, revision: Revision, user: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Publish a version.

        Raises SecondPersonRequiredError if the user has written in it, ValidationError if its texts may not be public.
        """
        ensure_second_person(
            user and user.pk,
            self.authors() | {revision.user_id},
            own=gettext("You have written in this version. It is kept; another person has to read and publish it."),
        )
        publication_checks.ensure(revision.as_object())
        return super().publish(revision, user, *args, **kwargs)

    def text_in(self, language: str) -> PracticeText | None:
        """Return the text in a language, or else in its first available fallback or any other language."""
        known = {text.language: text for text in self.texts.all()}
        return next((known[code] for code in (*fallbacks(language), *known) if code in known), None)


class PracticeText(models.Model):
    """Text of a practice in one language."""

    WORDS = ("title", "summary", "audience", "hard", "paid", "again")

    practice = ParentalKey(Practice, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=20, choices=language_choices)
    title = models.CharField(_("title"), max_length=120)
    summary = models.TextField(
        _("what it is"),
        max_length=600,
        help_text=_("Two or three plain sentences, for readers outside the field."),
    )
    audience = models.CharField(_("audience, in words"), max_length=300, blank=True)
    hard = models.TextField(_("what was hard"), max_length=600, blank=True)
    paid = models.TextField(
        _("what it cost"),
        max_length=600,
        blank=True,
        help_text=_("Time, people and money that were not planned for."),
    )
    again = models.TextField(_("why you would do it again, or not"), max_length=600, blank=True)

    # The source texts that this translation was made from, by field; empty if unknown.
    made_from = models.JSONField(default=dict, blank=True, editable=False)

    panels = [
        FieldPanel("language"),
        FieldPanel("title", widget=forms.TextInput(attrs=BOTH_WAYS)),
        *(FieldPanel(name, widget=AdminAutoHeightTextInput(attrs=BOTH_WAYS)) for name in WORDS[1:]),
    ]

    class Meta:
        ordering = ("language",)
        constraints = [
            models.UniqueConstraint(
                fields=("practice", "language"),
                name="one_text_of_a_practice_for_each_language",
                violation_error_message=_("There are two texts in the same language. Remove one."),
            )
        ]
        verbose_name = _("text of a practice")
        verbose_name_plural = _("texts of practices")

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"

    def words(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in self.WORDS}

    @property
    def direction(self) -> str:
        return settings.LANGUAGE_TABLE[self.language].direction


class PracticeMember(models.Model):
    """A member who runs or studies a practice.

    Their name is public only while they show it themselves.
    """

    class Part(models.TextChoices):
        RUNS = "runs", pgettext_lazy("part of a member in a practice", "runs it")
        STUDIES = "studies", pgettext_lazy("part of a member in a practice", "studies it")

    practice = ParentalKey(Practice, on_delete=models.CASCADE, related_name="people")
    member = models.ForeignKey(
        "network.Member", verbose_name=_("member"), on_delete=models.CASCADE, related_name="practices"
    )
    part = models.CharField(pgettext_lazy("in a practice", "part"), max_length=20, choices=Part)

    panels = [FieldPanel("member"), FieldPanel("part")]

    class Meta:
        ordering = ("part", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("practice", "member", "part"),
                name="one_part_of_a_member_in_a_practice",
                violation_error_message=_("The same member is there twice. Remove one."),
            )
        ]
        verbose_name = _("member of a practice")
        verbose_name_plural = _("members of a practice")

    def __str__(self) -> str:
        return f"{self.practice}: {self.get_part_display()}"
