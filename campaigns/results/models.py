"""Results of campaigns: sums reported by a channel, by asset, language and country. No row is about a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Max, Min, Sum
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from campaigns.languages import country_choices, language_choices
from campaigns.partners.activities import MOST_PEOPLE


class CampaignResultQuerySet(models.QuerySet[Any]):
    def public(self) -> Self:
        """Return results of public campaigns."""
        campaigns = apps.get_model("campaigns.CampaignPage").objects.public()
        return self.filter(campaign_key__in=campaigns.values("translation_key"))

    def added_up(self, *by: str) -> models.QuerySet[Any, dict[str, Any]]:
        """Return a row for each combination of the fields `by`, with the period and the sums of all numbers.

        A sum is None if no result has the number.
        """
        sums = {f"{name}_sum": Sum(name) for name in ("shown", "clicked", "put_up", "people")}
        days = {"begun": Min("first_day"), "ended": Max("last_day")}
        return self.order_by(*by).values(*by).annotate(results=Count("pk"), **days, **sums)


class CampaignResult(models.Model):
    """Counts of one channel for one asset, language, country and period, with source and method."""

    class Channel(models.TextChoices):
        PRINT = "print", _("Print: put up or handed out")
        SOCIAL = "social", _("Social media")
        ADVERTISING = "advertising", _("Advertisements online")
        SEARCH = "search", _("Advertisements beside search results")
        WEBSITE = "website", _("A website")
        BROADCAST = "broadcast", _("Radio, television, cinema")
        PRESS = "press", _("Newspapers and magazines")
        EVENT = "event", _("An event")
        OTHER = "other", _("Something else")

    NUMBERS = ("shown", "clicked", "put_up", "people")

    # Identifies the row in tables that are exported and imported.
    key = models.UUIDField(unique=True, default=uuid4, editable=False)
    campaign_key = models.UUIDField(_("campaign"), db_index=True)
    material = models.ForeignKey(
        "campaigns.Material",
        verbose_name=_("material"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Leave it empty if the numbers are of the campaign as a whole."),
    )
    language = models.CharField(_("language of the material"), max_length=20, choices=language_choices)
    country = models.CharField(
        _("country"),
        max_length=2,
        blank=True,
        choices=country_choices,
        help_text=_("Leave it empty if there were several, or if it is not known."),
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    source = models.CharField(
        _("who counted"),
        max_length=150,
        help_text=_("Such as the report of a network, or a printer's invoice. No names of people."),
    )
    method = models.TextField(
        _("how it was counted"),
        max_length=500,
        help_text=_("What counts as one, and what is counted twice. Comparisons depend on it."),
    )
    shown = models.PositiveIntegerField(
        pgettext_lazy("how often", "shown"), null=True, blank=True, help_text=_("How often.")
    )
    clicked = models.PositiveIntegerField(
        _("clicked"),
        null=True,
        blank=True,
        help_text=_("As the channel tells it. This site counts no clicks."),
    )
    put_up = models.PositiveIntegerField(_("put up or handed out"), null=True, blank=True)
    people = models.PositiveIntegerField(
        _("people reached"), null=True, blank=True, help_text=_("An estimate is fine.")
    )

    objects = CampaignResultQuerySet.as_manager()

    if TYPE_CHECKING:
        snippet_viewset: Any

    class Meta:
        ordering = ("-last_day", "-pk")
        verbose_name = _("result of a campaign")
        verbose_name_plural = _("results of campaigns")

    def __str__(self) -> str:
        return f"{self.get_channel_display()}, {self.first_day}"

    def clean(self) -> None:
        super().clean()
        problems = {}
        if self.first_day and self.last_day and self.last_day < self.first_day:
            problems["last_day"] = gettext("The last day must not be before the first day.")
        elif self.last_day and self.last_day > timezone.localdate():
            problems["last_day"] = gettext("This day is still to come.")
        numbers = {name: getattr(self, name) for name in self.NUMBERS}
        problems |= {
            name: gettext("This number is too large.") for name, n in numbers.items() if (n or 0) > MOST_PEOPLE
        }
        if all(n is None for n in numbers.values()):
            problems["shown"] = gettext("Give at least one number.")
        if self.material and self.material.campaign_key != self.campaign_key:
            problems["material"] = gettext("This material belongs to another campaign.")
        if problems:
            raise ValidationError(problems)
