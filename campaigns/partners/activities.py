"""What partners do for campaigns, on which days and where; and how they used the materials."""

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

# A number that people can have reached, and no typing error.
MOST_PEOPLE = 100_000_000


class ActivityQuerySet(models.QuerySet[Any]):
    def public(self) -> Self:
        """Those that everybody may see: of public partners, for no campaign or for one that is public."""
        campaigns = apps.get_model("campaigns.CampaignPage").objects.public()
        return self.filter(
            Q(campaign_key__in=campaigns.values("translation_key")) | Q(campaign_key__isnull=True),
            is_public=True,
            partner__is_public=True,
        )

    def for_showing(self) -> Self:
        """Load what a list shows: words, and the partner with its words. A fixed number of queries."""
        return self.select_related("partner").prefetch_related("texts", "partner__texts")


class Activity(index.Indexed, ClusterableModel):
    """Something that a partner does for a campaign: what is the same in every language."""

    class Phase(models.TextChoices):
        """What an activity is on a given day, in the order of the list."""

        RUNNING = "running", pgettext_lazy("activities", "Running now")
        AHEAD = "ahead", pgettext_lazy("activities", "Still to come")
        PAST = "past", pgettext_lazy("activities", "Past")

    partner = models.ForeignKey(
        Partner, verbose_name=_("partner"), on_delete=models.CASCADE, related_name="activities"
    )
    # The translation key that the pages of a campaign share, as materials have it.
    campaign_key = models.UUIDField(_("campaign"), null=True, blank=True, db_index=True)
    starts = models.DateField(_("first day"))
    ends = models.DateField(
        _("last day"), null=True, blank=True, help_text=_("Leave it empty for a single day.")
    )
    country = models.CharField(_("country"), max_length=2, choices=country_choices)
    place = models.CharField(
        _("place"), max_length=120, blank=True, help_text=_("A town or a building, not a home.")
    )
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
        index.FilterField("partner"),
        index.FilterField("campaign_key"),
        index.FilterField("country"),
        index.FilterField("starts"),
        index.FilterField("is_public"),
        index.RelatedFields("texts", [index.SearchField("title"), index.SearchField("description")]),
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
    """What an activity is, in one language."""

    WORDS = ("title", "description")

    activity = ParentalKey(Activity, on_delete=models.CASCADE, related_name="texts")
    title = models.CharField(_("title"), max_length=150)
    description = models.TextField(
        _("description"), max_length=600, blank=True, help_text=_("One or two sentences.")
    )

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
        """Those that nobody has read."""
        return self.filter(state="waiting")

    def public(self) -> Self:
        """Those that everybody may see: an editor has approved them, of public partners."""
        return self.filter(state="shown", partner__is_public=True)

    def matching(self, wanted: Mapping[str, Any]) -> Self:
        """Those that an editor has read, of a campaign, a country and a language, as far as one is given."""
        fields = {"campaign_key": "campaign_key", "country": "country", "language": "material_language"}
        filtered = {own: wanted[name] for name, own in fields.items() if wanted.get(name)}
        return self.exclude(state="waiting").filter(**filtered)

    def copies_by(self, field: str) -> models.QuerySet[Any, Any]:
        """Return how many copies were reported, for each value of a field."""
        told = self.exclude(copies=None).order_by(field)
        return told.values_list(field).annotate(Sum("copies"))

    def for_showing(self) -> Self:
        return self.select_related("material", "partner").prefetch_related(
            "material__texts", "partner__texts"
        )


class UsageReport(models.Model):
    """How a partner used the materials of a campaign. The public sees it once an editor has read it."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("report of use", "to be read")
        SHOWN = "shown", pgettext_lazy("report of use", "shown in public")
        KEPT = "kept", pgettext_lazy("report of use", "kept for its numbers, not shown")

    partner = models.ForeignKey(
        Partner, verbose_name=_("partner"), on_delete=models.CASCADE, related_name="usage_reports"
    )
    # Of the form that it was submitted with: what is sent twice is there once.
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
            "What you did, and what came of it. Please name nobody, and do not tell the story of a person."
        ),
    )
    # Of the text.
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
            publication_checks.ensure(self)  # readers see it as soon as it is saved


@per_batch
def campaigns_with_activities() -> frozenset[UUID]:
    """Return the keys of the campaigns that have public activities, or public reports of use. One query."""
    rows = (Activity.objects, UsageReport.objects)
    activities, reports = (each.public().values_list("campaign_key", flat=True) for each in rows)
    return frozenset(key for key in activities.union(reports).order_by() if key)


# --- What readers see ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityCard:
    """An activity with its words in the language of the reader, or in the nearest. `campaign`: the title of the campaign's page, and its path."""

    activity: Activity
    text: ActivityText | None
    partner: PartnerCard
    campaign: tuple[str, str] | None

    @property
    def title(self) -> str:
        return self.text.title if self.text else self.partner.name


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageCard:
    """A report of use as readers of a language see it: its text stays in the language in which it was written."""

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
    """How many activities there are in a country, by phase. `number`: its place in the list, by which the style sheet filters it."""

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
        """The activities as (heading, cards): what runs and what is to come begin with the soonest, what is past with the latest."""
        found = []
        for phase in Activity.Phase:
            cards = [card for card in self.cards if card.activity.phase_on(self.day) is phase]
            cards.sort(
                key=lambda card: (card.activity.starts, card.title), reverse=phase is Activity.Phase.PAST
            )
            if cards:
                found.append((str(phase.label), cards))
        return found

    @cached_property
    def countries(self) -> list[CountryCount]:
        """The countries that there are activities in, by name."""
        counts: dict[str, dict[str, int]] = {}
        for card in self.cards:
            of_country = counts.setdefault(
                card.activity.country, dict.fromkeys((phase.value for phase in Activity.Phase), 0)
            )
            of_country[card.activity.phase_on(self.day).value] += 1
        ordered = sorted(counts, key=lambda code: names.sort_key(names.country_name(code)))
        return [
            CountryCount(code=code, number=number, counts=counts[code])
            for number, code in enumerate(ordered, 1)
        ]

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each country in the list, by code."""
        return {each.code: each.number for each in self.countries}

    # --- The map ---

    @cached_property
    def map(self) -> maps.FilledMap:
        """Europe with the countries filled that there are activities in."""
        return maps.FilledMap.of(self.numbers)

    @property
    def is_on_map(self) -> bool:
        """Whether the map has anything to show: all activities may be in countries that are not on it."""
        return bool(self.map.filled)
