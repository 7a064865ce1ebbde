"""Launches: who is told, what happened, and the links by which partners see a campaign before its hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from campaigns.models.secret_links import SecretLink
from core.languages import names

if TYPE_CHECKING:
    from collections.abc import Mapping


class Launch(models.Model):
    """A campaign went public, or should have: one row for each hour, written by the pass that published it."""

    campaign_key = models.UUIDField(db_index=True)
    hour = models.DateTimeField(_("hour"))
    # When the letters were written: staff are told what happened, partners once there is something to read.
    staff_told_at = models.DateTimeField(null=True)
    partners_told_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-hour", "-pk")
        constraints = [
            models.UniqueConstraint(fields=("campaign_key", "hour"), name="one_launch_for_each_hour")
        ]
        verbose_name = _("launch")
        verbose_name_plural = _("launches")

    def __str__(self) -> str:
        return f"{self.campaign_key} {self.hour.isoformat()}"


class LaunchedPage(models.Model):
    """What became of one page at a launch: when it was published, or why it was not."""

    launch = models.ForeignKey(Launch, on_delete=models.CASCADE, related_name="pages")
    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    published_at = models.DateTimeField(null=True)
    # In each language that the desk has: nobody knows who will read it.
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


def in_active_language(texts: Mapping[str, str]) -> str:
    return texts.get(translation.get_language() or "") or texts.get(settings.LANGUAGE_CODE, "")


def letter_languages() -> list[tuple[str, str]]:
    """Return the languages that letters can be written in, each by its own name."""
    return [(code, settings.LANGUAGE_TABLE[code].autonym) for code in settings.INTERFACE_LANGUAGES]


class LaunchContact(models.Model):
    """Somebody outside who is told when a campaign is public. Deleted with the rest of what is known of a launch."""

    campaign_key = models.UUIDField(db_index=True)
    name = models.CharField(_("name"), max_length=200, help_text=_("Of a person or an organisation."))
    email = models.EmailField(_("email"))
    language = models.CharField(_("language of the letter"), max_length=20, choices=letter_languages)

    class Meta:
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(
                "campaign_key",
                models.functions.Lower("email"),
                name="told_once",
            )
        ]
        verbose_name = _("partner who is told")
        verbose_name_plural = _("partners who are told")

    def __str__(self) -> str:
        return self.name


class PreviewLink(SecretLink):
    """A link by which a partner sees a campaign as it will be."""

    campaign_key = models.UUIDField(db_index=True)
    name = models.CharField(_("for whom"), max_length=200)
    languages = ArrayField(models.CharField(max_length=20), verbose_name=_("languages"))

    class Meta(SecretLink.Meta):
        verbose_name = _("preview link")
        verbose_name_plural = _("preview links")

    def __str__(self) -> str:
        return self.name

    @property
    def language_names(self) -> str:
        return names.joined(names.language_name(code) for code in self.languages)
