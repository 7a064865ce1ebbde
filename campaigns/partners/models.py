"""Partners: the organisations that support a campaign, each stored once for all languages and pages.

A partner has no account. Its own page and its form are behind a link that expires (`PartnerLink`).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django import forms
from django.conf import settings
from django.db import models
from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.admin.widgets import AdminAutoHeightTextInput
from wagtail.contrib.settings.models import register_setting
from wagtail.models import Site
from wagtail.search import index

from campaigns.languages import (
    AUTO_DIRECTION,
    WordsInLanguage,
    country_choices,
    language_choices,
    one_for_each_language,
)
from core.languages import names
from core.links import ExpiredLinkError, Purpose
from core.memo import per_batch
from core.models import ApprovedSettings, Picture, Rendition
from core.models.settings import HELP

# Lifetimes of a link to choose from, in days.
TERMS = (14, 90, 365)


def digest_of(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()


class SecretLinkQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        """Return links that work."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())

    def ended_before(self, moment: datetime) -> Self:
        """Return links that expired or were revoked before a time."""
        return self.filter(Q(expires_at__lt=moment) | Q(revoked_at__lt=moment))


class SecretLink(models.Model):
    """Abstract base of links that give access without an account, until they expire or are revoked.

    Only a digest of the random key is stored, so the database does not give access. Visits are not logged.
    """

    purpose: ClassVar[Purpose]

    class State(models.TextChoices):
        OPEN = "open", _("works")
        EXPIRED = "expired", _("expired")
        REVOKED = "revoked", _("revoked")

    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(_("made on"), default=timezone.now)
    expires_at = models.DateTimeField(_("works until"))
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = SecretLinkQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ("-made_at", "-pk")

    @classmethod
    def make(cls, **fields: Any) -> str:
        """Store a link and return its token, which is not stored."""
        key = secrets.token_bytes(cls.purpose.size)
        cls.objects.create(digest=digest_of(key), **fields)
        return cls.purpose.make(key)

    @classmethod
    def read(cls, token: str) -> Self:
        """Return the link of a token, with one query at most.

        Raise MalformedLinkError, or ExpiredLinkError if it expired or was revoked.
        """
        link = cls.objects.open().filter(digest=digest_of(cls.purpose.read(token))).first()
        if link is None:
            raise ExpiredLinkError
        return link

    @property
    def state(self) -> State:
        if self.revoked_at is not None:
            return self.State.REVOKED
        return self.State.OPEN if self.expires_at > timezone.now() else self.State.EXPIRED

    def revoke(self) -> bool:
        """End the link now; return whether it was open."""
        return bool(type(self).objects.open().filter(pk=self.pk).update(revoked_at=timezone.now()))

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN


LOGO = "max-400x160"


class PartnerQuerySet(models.QuerySet[Any]):
    def public(self) -> Self:
        return self.filter(is_public=True)

    def with_address(self) -> Self:
        """Return the partners with an email address."""
        return self.exclude(contact_email="")

    def for_showing(self) -> Self:
        """Prefetch the logo and the texts. A fixed number of queries."""
        drawn = Rendition.objects.filter(filter_spec__startswith=LOGO)
        return self.select_related("logo").prefetch_related(
            "texts", Prefetch("logo__renditions", queryset=drawn, to_attr="prefetched_renditions")
        )

    def for_drawing(self) -> Self:
        """Prefetch data for the studio, in the order of the outputs."""
        return self.select_related("logo").prefetch_related("texts").order_by("name", "pk")


class Partner(index.Indexed, ClusterableModel):
    """An organisation that supports campaigns: the facts that are the same in every language."""

    class Kind(models.TextChoices):
        MINISTRY = "ministry", pgettext_lazy("kind of partner", "Ministry or public authority")
        TOWN = "town", pgettext_lazy("kind of partner", "Town or region")
        CHARITY = "charity", pgettext_lazy("kind of partner", "Charity or association")
        SERVICE = "service", pgettext_lazy("kind of partner", "Advice centre or helpline")
        HEALTH = "health", pgettext_lazy("kind of partner", "Hospital or health service")
        SCHOOL = "school", pgettext_lazy("kind of partner", "School, nursery or family centre")
        RESEARCH = "research", pgettext_lazy("kind of partner", "University or research institute")
        POLICE = "police", pgettext_lazy("kind of partner", "Police or justice")
        SPORT = "sport", pgettext_lazy("kind of partner", "Sports or youth organisation")
        LIBRARY = "library", pgettext_lazy("kind of partner", "Library or museum")
        FAITH = "faith", pgettext_lazy("kind of partner", "Faith community")
        WORK = "work", pgettext_lazy("kind of partner", "Trade union or professional body")
        COMPANY = "company", pgettext_lazy("kind of partner", "Company")
        MEDIA = "media", pgettext_lazy("kind of partner", "Media")

    name = models.CharField(
        _("name"), max_length=120, help_text=_("As it calls itself. It is the text alternative of the logo.")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    # Lower-case ISO 3166, as everywhere; empty for an organisation of several countries.
    country = models.CharField(
        _("country"),
        max_length=2,
        blank=True,
        choices=country_choices,
        help_text=_("Leave it empty for an organisation of several countries."),
    )
    website = models.URLField(_("website"), blank=True)
    logo: models.ForeignKey[Picture | None, Picture | None] = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL,
        verbose_name=_("logo"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Shown on white, in the dark too. Without a logo, the name is shown."),
    )
    is_public = models.BooleanField(
        _("shown in public"),
        default=False,
        help_text=_("Until you tick this, it is on no page, even if a page has chosen it."),
    )
    language = models.CharField(
        _("language"),
        max_length=20,
        choices=language_choices,
        default="en",
        help_text=_("Of its certificate, and of the page behind its link."),
    )
    contact_name = models.CharField(
        _("contact person"), max_length=120, blank=True, help_text=_("For editors only. Never shown.")
    )
    contact_email = models.EmailField(
        _("email address of the contact person"), blank=True, help_text=_("For editors only. Never shown.")
    )

    objects = PartnerQuerySet.as_manager()

    if TYPE_CHECKING:
        texts: Any
        activities: Any
        links: Any

    # Without the contact person and address: every user of the admin can search the index.
    search_fields = [
        index.SearchField("name", boost=4),
        index.AutocompleteField("name"),
        index.FilterField("kind"),
        index.FilterField("country"),
        index.FilterField("is_public"),
        index.RelatedFields("texts", [index.SearchField("name"), index.SearchField("about")]),
    ]

    class Meta:
        ordering = ("name", "pk")
        verbose_name = pgettext_lazy("organisation", "partner")
        verbose_name_plural = pgettext_lazy("organisations", "partners")

    def __str__(self) -> str:
        return self.name

    @property
    def country_name(self) -> str:
        """The name of its country in the active language; empty if it has several."""
        return names.country_name(self.country) if self.country else ""

    def name_in(self, language: str) -> str:
        return self.shown_in(language).name

    def shown_in(self, language: str) -> PartnerCard:
        """Return the partner for readers of a language."""
        return PartnerCard(partner=self, text=PartnerText.nearest(self.texts.all(), language))


@per_batch
def public_partners() -> dict[int, Partner]:
    """Return all public partners by primary key, with texts and logos: they are few, and many pages show them."""
    return Partner.objects.public().for_showing().in_bulk()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerCard:
    """A partner with its texts in the reader's language or its nearest fallback (`text.language`)."""

    partner: Partner
    text: PartnerText | None

    @property
    def name(self) -> str:
        return (self.text and self.text.name) or self.partner.name

    @property
    def about(self) -> str:
        return self.text.about if self.text else ""


class PartnerText(WordsInLanguage):
    WORDS = ("name", "about")

    partner = ParentalKey(Partner, on_delete=models.CASCADE, related_name="texts")
    name = models.CharField(
        _("name in this language"),
        max_length=120,
        blank=True,
        help_text=_("Only if the organisation has another name in this language."),
    )
    about = models.TextField(
        _("about"), max_length=600, help_text=_("One or two sentences: who they are, and what they do here.")
    )

    panels = [
        FieldPanel("language"),
        FieldPanel("name", widget=forms.TextInput(attrs=AUTO_DIRECTION)),
        FieldPanel("about", widget=AdminAutoHeightTextInput(attrs=AUTO_DIRECTION)),
    ]

    class Meta:
        ordering = ("language",)
        constraints = [one_for_each_language("partner", name="one_partner_text_for_each_language")]
        verbose_name = _("words about a partner")
        verbose_name_plural = _("words about partners")

    def __str__(self) -> str:
        return f"{self.name or self.partner.name} ({self.language})"


class PartnerLink(SecretLink):
    """A link to the page of a partner, with its activities and a form to report its use of the materials."""

    purpose = Purpose(name="campaigns.partner", lasts=timedelta(days=max(TERMS)), size=32)

    partner = models.ForeignKey(Partner, verbose_name=_("partner"), on_delete=models.CASCADE, related_name="links")

    class Meta(SecretLink.Meta):
        verbose_name = _("link of a partner")
        verbose_name_plural = _("links of partners")

    def __str__(self) -> str:
        return f"{self.partner} ({self.expires_at:%Y-%m-%d})"


@register_setting(icon="bullhorn")
class CampaignSettings(ApprovedSettings):
    """Settings of the campaigns, one row per site."""

    signatory = models.CharField(
        _("who signs certificates"),
        max_length=120,
        blank=True,
        help_text=_("Name of the person. Without one, the certificate names this site only."),
    )
    signatory_office = models.CharField(
        _("office of the person"),
        max_length=160,
        blank=True,
        help_text=_("As it is printed below the name, in every language."),
    )

    panels = [
        HELP,
        MultiFieldPanel(
            [FieldPanel("signatory", read_only=True), FieldPanel("signatory_office", read_only=True)],
            heading=_("Certificates for partners"),
        ),
    ]

    class Meta:
        verbose_name = _("campaign settings")

    @classmethod
    def current(cls) -> CampaignSettings:
        site = Site.objects.filter(is_default_site=True).first()
        return cls.for_site(site) if site else cls()
