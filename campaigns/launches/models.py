"""Launches, their contacts and outcomes, and links by which partners preview a campaign."""

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
        """Prefetch partner records with their texts. Two queries."""
        return self.select_related("partner").prefetch_related("partner__texts")


class Launch(models.Model):
    """The launch of a campaign: one row for each go-live time, with the preflight results or the outcome."""

    campaign_key = models.UUIDField(db_index=True)
    go_live_at = models.DateTimeField(_("go-live time"))
    # When the emails were queued: staff are notified of every outcome, partners once a page is public.
    staff_notified_at = models.DateTimeField(null=True)
    partners_notified_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-go_live_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=("campaign_key", "go_live_at"), name="one_launch_for_each_go_live_at")
        ]
        verbose_name = _("launch")
        verbose_name_plural = _("launches")

    def __str__(self) -> str:
        return f"{self.campaign_key} {self.go_live_at.isoformat()}"


class LaunchedPage(models.Model):
    """Outcome of a launch for one page: when it was published, or why it was not."""

    launch = models.ForeignKey(Launch, on_delete=models.CASCADE, related_name="pages")
    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    published_at = models.DateTimeField(null=True)
    # In each language of the admin, because the language of the reader is not known when they are written.
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
        """The reason why it was not published, in the active language."""
        return in_active_language(self.reasons)


@dataclass(frozen=True, slots=True)
class CalledOff:
    """The removal of one page from its launch by a user."""

    at: datetime
    by: str

    @property
    def sentence(self) -> str:
        says = {"by": self.by, "at": date_format(timezone.localtime(self.at), "SHORT_DATETIME_FORMAT")}
        if self.by:
            return gettext("Called off by %(by)s, %(at)s.") % says
        return gettext("Called off, %(at)s.") % says


# Wagtail's log actions for unscheduling a page, and for the publications that supersede it.
CANCELLED = "wagtail.schedule.cancel"
PUBLISHED = ("wagtail.publish", "wagtail.publish.schedule", "wagtail.publish.scheduled")


def called_off(pages: Collection[int]) -> dict[int, CalledOff]:
    """Return the pages that were taken out of their launch and not published since. One query."""
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
    """Return the languages of launch emails, with their autonyms."""
    return [(code, settings.LANGUAGE_TABLE[code].autonym) for code in settings.INTERFACE_LANGUAGES]


class LaunchContact(models.Model):
    """An external contact to notify when a campaign is public. Deleted with the other data of the launch."""

    campaign_key = models.UUIDField(db_index=True)
    # A partner's address is not copied: the email goes to the contact person at the time of sending.
    partner = models.ForeignKey(
        Partner,
        verbose_name=pgettext_lazy("organisation", "partner"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text=_("The letter goes to its contact person, in its language."),
    )
    name = models.CharField(_("name"), max_length=200, blank=True, help_text=_("Of a person or an organisation."))
    email = models.EmailField(_("email"), blank=True)
    language = models.CharField(_("language of the letter"), max_length=20, blank=True, choices=letter_languages)

    objects = LaunchContactQuerySet.as_manager()

    class Meta:
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(
                "campaign_key",
                models.functions.Lower("email"),
                condition=~models.Q(email=""),
                name="notified_once",
            ),
            models.UniqueConstraint(fields=("campaign_key", "partner"), name="partner_notified_once"),
            models.CheckConstraint(
                condition=models.Q(partner=None) ^ models.Q(email=""), name="notified_by_record_or_address"
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
        """The recipient's address; empty if the partner no longer has a contact person."""
        return self.email if self.partner is None else self.partner.contact_email

    @property
    def letter_language(self) -> str:
        """The language of the email: the partner's, or the nearest one that emails are written in."""
        if self.partner is None:
            return self.language
        known = settings.INTERFACE_LANGUAGES
        return next((code for code in fallbacks(self.partner.language) if code in known), settings.LANGUAGE_CODE)

    @property
    def letter_language_name(self) -> str:
        return str(settings.LANGUAGE_TABLE[self.letter_language].autonym)


class PreviewLink(SecretLink):
    """A link by which a partner previews a campaign before its launch."""

    # A day longer than the longest preview: the date chosen for each link decides when it expires.
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
