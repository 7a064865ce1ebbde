"""Activities of partners for campaigns, and their reports on how they used the materials."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID, uuid4

from django import forms
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel
from wagtail.admin.widgets import AdminAutoHeightTextInput
from wagtail.search import index

from campaigns.languages import (
    AUTO_DIRECTION,
    WordsInLanguage,
    country_choices,
    language_choices,
    one_for_each_language,
)
from campaigns.partners.models import Partner, PartnerCard
from core import maps
from core.languages import names
from core.memo import per_batch
from core.publishing import publication_checks

# Upper limit for numbers of copies and people, to catch typing errors.
MOST_PEOPLE = 100_000_000


class ActivityQuerySet(models.QuerySet[Any]):
    def public(self) -> Self:
        """Return public activities: of public partners, for a public campaign or for none."""
        campaigns = apps.get_model("campaigns.CampaignPage").objects.public()
        return self.filter(
            Q(campaign_key__in=campaigns.values("translation_key")) | Q(campaign_key__isnull=True),
            is_public=True,
            partner__is_public=True,
        )

    def for_showing(self) -> Self:
        """Prefetch the texts, and the partner with its texts. A fixed number of queries."""
        return self.select_related("partner").prefetch_related("texts", "partner__texts")


class Activity(index.Indexed, ClusterableModel):
    """An activity of a partner for a campaign: the facts that are the same in every language."""

    class Phase(models.TextChoices):
        """The phase of an activity on a given day, in the order of the list."""

        RUNNING = "running", pgettext_lazy("activities", "Running now")
        AHEAD = "ahead", pgettext_lazy("activities", "Still to come")
        PAST = "past", pgettext_lazy("activities", "Past")

    partner = models.ForeignKey(Partner, verbose_name=_("partner"), on_delete=models.CASCADE, related_name="activities")
    # The translation key that the pages of a campaign share, as for materials.
    campaign_key = models.UUIDField(_("campaign"), null=True, blank=True, db_index=True)
    starts = models.DateField(_("first day"))
    ends = models.DateField(_("last day"), null=True, blank=True, help_text=_("Leave it empty for a single day."))
    country = models.CharField(_("country"), max_length=2, choices=country_choices)
    place = models.CharField(_("place"), max_length=120, blank=True, help_text=_("A town or a building, not a home."))
    link = models.URLField(_("link"), blank=True, help_text=_("Where one can read more, or register."))
    is_public = models.BooleanField(
        _("shown in public"),
        default=True,
        help_text=_("Without this, only people who have a link of the partner see it."),
    )

    objects = ActivityQuerySet.as_manager()

    if TYPE_CHECKING:
        texts: Any
        snippet_viewset: Any

    search_fields = [
        index.SearchField("place"),
        index.AutocompleteField("place"),
        index.FilterField("partner"),
        index.FilterField("campaign_key"),
        index.FilterField("country"),
        index.FilterField("starts"),
        index.FilterField("is_public"),
        index.RelatedFields(
            "texts", [index.SearchField("title"), index.AutocompleteField("title"), index.SearchField("description")]
        ),
    ]

    class Meta:
        ordering = ("-starts", "pk")
        verbose_name = _("activity")
        verbose_name_plural = _("activities")

    def __str__(self) -> str:
        text = ActivityText.nearest(self.texts.all(), get_language() or settings.LANGUAGE_CODE)
        return text.title if text else f"{self.partner} ({self.starts})"

    def clean(self) -> None:
        super().clean()
        if self.starts and self.ends and self.ends < self.starts:
            raise ValidationError({"ends": gettext("The last day must not be before the first day.")})

    @property
    def last_day(self) -> dt.date:
        return self.ends or self.starts

    @property
    def country_name(self) -> str:
        return names.country_name(self.country)

    def phase_on(self, day: dt.date) -> Phase:
        if self.starts > day:
            return self.Phase.AHEAD
        return self.Phase.PAST if self.last_day < day else self.Phase.RUNNING


class ActivityText(WordsInLanguage):
    """The texts of an activity in one language."""

    WORDS = ("title", "description")

    activity = ParentalKey(Activity, on_delete=models.CASCADE, related_name="texts")
    title = models.CharField(_("title"), max_length=150)
    description = models.TextField(_("description"), max_length=600, blank=True, help_text=_("One or two sentences."))

    panels = [
        FieldPanel("language"),
        FieldPanel("title", widget=forms.TextInput(attrs=AUTO_DIRECTION)),
        FieldPanel("description", widget=AdminAutoHeightTextInput(attrs=AUTO_DIRECTION)),
    ]

    class Meta:
        ordering = ("language",)
        constraints = [one_for_each_language("activity", name="one_activity_text_for_each_language")]
        verbose_name = _("words of an activity")
        verbose_name_plural = _("words of activities")

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"


class UsageReportQuerySet(models.QuerySet[Any]):
    def waiting(self) -> Self:
        """Return the reports that wait for review."""
        return self.filter(state="waiting")

    def public(self) -> Self:
        """Return the reports that are public: approved by an editor, and of public partners."""
        return self.filter(state="shown", partner__is_public=True)

    def matching(self, wanted: Mapping[str, Any]) -> Self:
        """Return the reviewed reports of a campaign, a country and a language, as far as given."""
        fields = {"campaign_key": "campaign_key", "country": "country", "language": "material_language"}
        filtered = {own: wanted[name] for name, own in fields.items() if wanted.get(name)}
        return self.exclude(state="waiting").filter(**filtered)

    def copies_by(self, field: str) -> models.QuerySet[Any, Any]:
        """Return the number of reported copies for each value of a field."""
        told = self.exclude(copies=None).order_by(field)
        return told.values_list(field).annotate(Sum("copies"))

    def for_showing(self) -> Self:
        return self.select_related("material", "partner").prefetch_related("material__texts", "partner__texts")


class UsageReport(models.Model):
    """A partner's report on its use of the materials of a campaign. Public once an editor has approved it."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("report of use", "to be read")
        SHOWN = "shown", pgettext_lazy("report of use", "shown in public")
        KEPT = "kept", pgettext_lazy("report of use", "kept for its numbers, not shown")

    partner = models.ForeignKey(
        Partner, verbose_name=_("partner"), on_delete=models.CASCADE, related_name="usage_reports"
    )
    # Key of the submitted form, so that a repeated submission is stored once.
    key = models.UUIDField(unique=True, default=uuid4, editable=False)
    campaign_key = models.UUIDField(_("campaign"), db_index=True)
    material = models.ForeignKey(
        "campaigns.Material",
        verbose_name=_("material"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Leave it empty if you used several."),
    )
    material_language = models.CharField(
        _("language of the material"), max_length=20, blank=True, choices=language_choices
    )
    country = models.CharField(_("country"), max_length=2, choices=country_choices)
    used_on = models.DateField(_("day"), help_text=_("The first day, if there were several."))
    copies = models.PositiveIntegerField(
        _("copies"), null=True, blank=True, help_text=_("Printed, handed out or put up.")
    )
    people = models.PositiveIntegerField(
        _("people reached"), null=True, blank=True, help_text=_("An estimate is fine.")
    )
    text = models.TextField(
        _("how it was used"),
        max_length=1500,
        help_text=_(
            "What you did, and what came of it. Please do not name anyone, and do not tell the story of a person."
        ),
    )
    # The language of `text`.
    language = models.CharField(_("language of the text"), max_length=20, choices=language_choices)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    submitted_at = models.DateTimeField(_("submitted on"), default=timezone.now, editable=False)

    objects = UsageReportQuerySet.as_manager()

    if TYPE_CHECKING:
        snippet_viewset: Any

    class Meta:
        ordering = ("-submitted_at", "-pk")
        verbose_name = _("report of use")
        verbose_name_plural = _("reports of use")

    def __str__(self) -> str:
        return f"{self.partner}, {self.used_on}"

    @property
    def is_read_by_public(self) -> bool:
        return self.state == self.State.SHOWN

    @property
    def country_name(self) -> str:
        return names.country_name(self.country)

    def clean(self) -> None:
        super().clean()
        problems = {
            name: gettext("This number is too large.")
            for name in ("copies", "people")
            if (getattr(self, name) or 0) > MOST_PEOPLE
        }
        if self.used_on and self.used_on > timezone.localdate():
            problems["used_on"] = gettext("This day is still to come.")
        if self.material and self.campaign_key and self.material.campaign_key != self.campaign_key:
            problems["material"] = gettext("This material belongs to another campaign.")
        if problems:
            raise ValidationError(problems)
        if self.state == self.State.SHOWN:
            publication_checks.ensure(self)  # public as soon as it is saved


@per_batch
def campaigns_with_activities() -> frozenset[UUID]:
    """Return the keys of the campaigns that have public activities, or public reports of use. One query."""
    rows = (Activity.objects, UsageReport.objects)
    activities, reports = (each.public().values_list("campaign_key", flat=True) for each in rows)
    return frozenset(key for key in activities.union(reports).order_by() if key)


# --- Public lists ---


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityCard:
    """An activity with its texts in the reader's language or its nearest fallback, for display.

    `campaign` is the title of the campaign page and its path.
    """

    activity: Activity
    text: ActivityText | None
    partner: PartnerCard
    campaign: tuple[str, str] | None

    @property
    def title(self) -> str:
        return self.text.title if self.text else self.partner.name


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageCard:
    """A report of use for readers of a language. Its text stays in the language in which it was written."""

    report: UsageReport
    partner: PartnerCard
    material: str

    @classmethod
    def of(cls, report: UsageReport, language: str) -> UsageCard:
        material = report.material
        return cls(
            report=report,
            partner=report.partner.shown_in(language),
            material=material.title_in(language) if material is not None and material.live else "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryCount:
    """Number of activities in a country, by phase. `number` is its position, for the CSS filters."""

    code: str
    number: int
    counts: dict[str, int]

    @property
    def name(self) -> str:
        return names.country_name(self.code)

    @property
    def total(self) -> int:
        return sum(self.counts.values())


class ActivityList:
    """Activities for readers of one language on one day: grouped by time, counted by country, and drawn on a map."""

    def __init__(
        self,
        activities: Iterable[Activity],
        *,
        language: str,
        campaigns: Mapping[UUID, tuple[str, str]],
        day: dt.date | None = None,
    ) -> None:
        self.day = day or timezone.localdate()
        self.cards = [
            ActivityCard(
                activity=activity,
                text=ActivityText.nearest(activity.texts.all(), language),
                partner=activity.partner.shown_in(language),
                campaign=campaigns.get(activity.campaign_key) if activity.campaign_key else None,
            )
            for activity in activities
        ]

    def __bool__(self) -> bool:
        return bool(self.cards)

    @cached_property
    def groups(self) -> list[tuple[str, list[ActivityCard]]]:
        """Activities as (heading, cards). Past ones start with the latest, others with the earliest."""
        found = []
        for phase in Activity.Phase:
            cards = [card for card in self.cards if card.activity.phase_on(self.day) is phase]
            cards.sort(key=lambda card: (card.activity.starts, card.title), reverse=phase is Activity.Phase.PAST)
            if cards:
                found.append((str(phase.label), cards))
        return found

    @cached_property
    def countries(self) -> list[CountryCount]:
        """The countries with activities, sorted by name."""
        counts: dict[str, dict[str, int]] = {}
        for card in self.cards:
            of_country = counts.setdefault(
                card.activity.country, dict.fromkeys((phase.value for phase in Activity.Phase), 0)
            )
            of_country[card.activity.phase_on(self.day).value] += 1
        ordered = sorted(counts, key=lambda code: names.sort_key(names.country_name(code)))
        return [CountryCount(code=code, number=number, counts=counts[code]) for number, code in enumerate(ordered, 1)]

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each country in the list, by code."""
        return {each.code: each.number for each in self.countries}

    # --- The map ---

    @cached_property
    def map(self) -> maps.FilledMap:
        """Map of Europe with the countries filled that have activities."""
        return maps.FilledMap.of(self.numbers)

    @property
    def is_on_map(self) -> bool:
        """True if a country on the map has activities; other countries are not on it."""
        return bool(self.map.filled)
