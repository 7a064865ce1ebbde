"""Launches: who is told, what happened, and the links by which partners see a campaign before its go-live time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.models import PageLogEntry

from campaigns.partners.models import Partner, SecretLink
from core.languages import names
from core.languages.tree import fallbacks
from core.links import Purpose


class LaunchContactQuerySet(models.QuerySet[Any]):
    def for_showing(self) -> Self:
        """Load the partners that have a record, with their words. Two queries."""
        return self.select_related("partner").prefetch_related("partner__texts")


class Launch(models.Model):
    """A campaign went public, or should have: one row for each go-live time, written by the pass that published it."""

    campaign_key = models.UUIDField(db_index=True)
    go_live_at = models.DateTimeField(_("go-live time"))
    # When the letters were written: staff are told what happened, partners once there is something to read.
    staff_told_at = models.DateTimeField(null=True)
    partners_told_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-go_live_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("campaign_key", "go_live_at"), name="one_launch_for_each_go_live_at"
            )
        ]
        verbose_name = _("launch")
        verbose_name_plural = _("launches")

    def __str__(self) -> str:
        return f"{self.campaign_key} {self.go_live_at.isoformat()}"


class LaunchedPage(models.Model):
    """What became of one page at a launch: when it was published, or why it was not."""

    launch = models.ForeignKey(Launch, on_delete=models.CASCADE, related_name="pages")
    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    published_at = models.DateTimeField(null=True)
    # In each language that the admin has: nobody knows who will read it.
    reasons = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("launch", "pk")
        constraints = [models.UniqueConstraint(fields=("launch", "page"), name="launched_once")]
        verbose_name = _("page at a launch")
        verbose_name_plural = _("pages at a launch")

    def __str__(self) -> str:
        return f"{self.launch_id}: {self.page_id}"

    @property
    def reason(self) -> str:
        """Why it was not published, in the active language."""
        return in_active_language(self.reasons)


@dataclass(frozen=True, slots=True)
class CalledOff:
    """That somebody has taken one page out of its launch."""

    at: datetime
    by: str

    @property
    def sentence(self) -> str:
        says = {"by": self.by, "at": date_format(timezone.localtime(self.at), "SHORT_DATETIME_FORMAT")}
        if self.by:
            return gettext("Called off by %(by)s, %(at)s.") % says
        return gettext("Called off, %(at)s.") % says


# What Wagtail's log calls it when somebody unschedules a page, and what ends that.
CANCELLED = "wagtail.schedule.cancel"
PUBLISHED = ("wagtail.publish", "wagtail.publish.schedule", "wagtail.publish.scheduled")


def called_off(pages: Collection[int]) -> dict[int, CalledOff]:
    """Return which of some pages were taken out of their launch, and published by nobody since. One query."""
    entries = (
        PageLogEntry.objects.filter(page__in=pages, action__in=(CANCELLED, *PUBLISHED))
        .order_by("timestamp", "pk")
        .select_related("user")
        .only("page_id", "action", "timestamp", "user")
    )
    last = {entry.page_id: entry for entry in entries}
    return {
        pk: CalledOff(entry.timestamp, str(entry.user) if entry.user else "")
        for pk, entry in last.items()
        if entry.action == CANCELLED
    }


def in_active_language(texts: Mapping[str, str]) -> str:
    return texts.get(translation.get_language() or "") or texts.get(settings.LANGUAGE_CODE, "")


def letter_languages() -> list[tuple[str, str]]:
    """Return the languages that letters can be written in, each by its own name."""
    return [(code, settings.LANGUAGE_TABLE[code].autonym) for code in settings.INTERFACE_LANGUAGES]


class LaunchContact(models.Model):
    """Somebody outside who is told when a campaign is public. Deleted with the rest of what is known of a launch."""

    campaign_key = models.UUIDField(db_index=True)
    # Of a partner with a record, nothing is kept here: its letter goes to whoever is its contact person then.
    partner = models.ForeignKey(
        Partner,
        verbose_name=pgettext_lazy("organisation", "partner"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text=_("The letter goes to its contact person, in its language."),
    )
    name = models.CharField(
        _("name"), max_length=200, blank=True, help_text=_("Of a person or an organisation.")
    )
    email = models.EmailField(_("email"), blank=True)
    language = models.CharField(
        _("language of the letter"), max_length=20, blank=True, choices=letter_languages
    )

    objects = LaunchContactQuerySet.as_manager()

    class Meta:
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(
                "campaign_key",
                models.functions.Lower("email"),
                condition=~models.Q(email=""),
                name="told_once",
            ),
            models.UniqueConstraint(fields=("campaign_key", "partner"), name="partner_told_once"),
            models.CheckConstraint(
                condition=models.Q(partner=None) ^ models.Q(email=""), name="told_by_record_or_address"
            ),
        ]
        verbose_name = _("partner who is told")
        verbose_name_plural = _("partners who are told")

    def __str__(self) -> str:
        if self.partner is None:
            return self.name
        return self.partner.name_in(translation.get_language() or settings.LANGUAGE_CODE)

    @property
    def address(self) -> str:
        """Where the letter goes; empty if the partner has no contact person any more."""
        return self.email if self.partner is None else self.partner.contact_email

    @property
    def letter_language(self) -> str:
        """The language of the letter: that of the partner, or the nearest that letters can be written in."""
        if self.partner is None:
            return self.language
        known = settings.INTERFACE_LANGUAGES
        return next(
            (code for code in fallbacks(self.partner.language) if code in known), settings.LANGUAGE_CODE
        )

    @property
    def letter_language_name(self) -> str:
        return str(settings.LANGUAGE_TABLE[self.letter_language].autonym)


class PreviewLink(SecretLink):
    """A link by which a partner sees a campaign as it will be."""

    # A day more than any link lasts: its own date decides, so that it can be chosen.
    purpose = Purpose(name="campaigns.preview", lasts=timedelta(days=31), size=32)

    campaign_key = models.UUIDField(db_index=True)
    name = models.CharField(_("recipient"), max_length=200)
    languages = ArrayField(models.CharField(max_length=20), verbose_name=_("languages"))

    class Meta(SecretLink.Meta):
        verbose_name = _("preview link")
        verbose_name_plural = _("preview links")

    def __str__(self) -> str:
        return self.name

    @property
    def language_names(self) -> str:
        return names.joined(names.language_name(code) for code in self.languages)
