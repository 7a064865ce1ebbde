"""Per-language rows of a material: its texts, and a file in each format."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any, Self

from django import forms
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel
from wagtail.admin.widgets import AdminAutoHeightTextInput

from campaigns.languages import AUTO_DIRECTION, InLanguage, country_choices, one_for_each_language
from campaigns.studio.models import StudioOutput
from core.languages import names
from core.models import Picture, UploadedDocument

PICTURES = frozenset({"png", "jpg", "jpeg", "webp"})
RECORDINGS = frozenset({"mp3", "mp4"})
FILM = "mp4"
CAPTIONS = "vtt"


class MaterialText(InLanguage):
    WORDS = ("title", "description", "terms")

    material = ParentalKey("campaigns.Material", on_delete=models.CASCADE, related_name="texts")
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(
        _("description"),
        blank=True,
        help_text=_("One or two sentences: who it is for, and where it is useful."),
    )
    terms = models.TextField(
        _("terms of use"),
        blank=True,
        help_text=_("What the licence does not say: whether there is room for a logo, and what must not be changed."),
    )

    # The source texts that this text was translated from, by field; empty if unknown.
    made_from = models.JSONField(default=dict, blank=True, editable=False)

    panels = [
        FieldPanel("language"),
        FieldPanel("title", widget=forms.TextInput(attrs=AUTO_DIRECTION)),
        FieldPanel("description", widget=AdminAutoHeightTextInput(attrs=AUTO_DIRECTION)),
        FieldPanel("terms", widget=AdminAutoHeightTextInput(attrs=AUTO_DIRECTION)),
    ]

    class Meta:
        ordering = ("language",)
        constraints = [one_for_each_language("material", name="one_text_for_each_language")]
        verbose_name = _("material text")
        verbose_name_plural = _("material texts")

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the text. By default, it counts as a translation of the current source text."""
        if not self.made_from and self.language != settings.LANGUAGE_CODE:
            texts = self.material.texts.all()
            source = next((text for text in texts if text.language == settings.LANGUAGE_CODE), None)
            self.made_from = source.words() if source else {}
        super().save(*args, **kwargs)

    def words(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in self.WORDS}


class MaterialFileQuerySet(models.QuerySet[Any]):
    def shown(self) -> Self:
        """Return files of published materials."""
        return self.filter(material__live=True)

    def public(self) -> Self:
        """Return the files in the library: of materials of a public campaign, and of materials without a campaign."""
        campaigns = apps.get_model("campaigns.CampaignPage").objects.public()
        return self.shown().filter(
            Q(material__campaign_key__in=campaigns.values("translation_key")) | Q(material__campaign_key__isnull=True)
        )

    def of_campaign(self, campaign_key: uuid.UUID | None, *, and_materials: Collection[int] = ()) -> Self:
        """Return the files of a campaign (if any), and of materials that an editor has placed in a text."""
        of_campaign = Q(material__campaign_key=campaign_key) if campaign_key else Q()
        return self.filter(Q(material__in=and_materials) | of_campaign)

    def with_pictures_of(self, campaigns: Collection[uuid.UUID]) -> Self:
        """Return the files of campaigns, with their pictures."""
        found = self.filter(material__campaign_key__in=campaigns)
        return found.select_related("material", "document__first_page", "preview")

    def for_downloads(self, themes: models.QuerySet[Any]) -> Self:
        """Load data of a download list: documents, texts, and the theme's name in the language of `themes`."""
        theme = themes.filter(translation_key=OuterRef("material__theme__translation_key")).values("name")[:1]
        return (
            self.select_related("material", "document__first_page", "document__output", "preview", "captions")
            .prefetch_related("material__texts")
            .annotate(theme_name=Coalesce(Subquery(theme), "material__theme__name"))
            .order_by("material__name", "material_id", "language", "pk")
        )


class MaterialFile(InLanguage):
    """A material in one language and one format, for one country or for all."""

    material = ParentalKey("campaigns.Material", on_delete=models.CASCADE, related_name="files")
    # Lower-case ISO 3166, as everywhere; empty for a file that is not specific to a country.
    country = models.CharField(
        _("country"),
        max_length=2,
        blank=True,
        choices=country_choices,
        help_text=_("Only for a file that is made for one country, with its numbers for instance."),
    )
    document: models.ForeignKey[UploadedDocument, UploadedDocument] = models.ForeignKey(
        settings.WAGTAILDOCS_DOCUMENT_MODEL,
        verbose_name=_("file"),
        on_delete=models.CASCADE,
        related_name="+",
    )
    alt_text = models.TextField(
        _("text alternative"),
        blank=True,
        help_text=_(
            "A description for people who cannot see it, in the language of the file. Readers can copy it when they "
            "post the picture. Required for pictures."
        ),
    )
    transcript = models.TextField(
        _("transcript"),
        blank=True,
        help_text=_(
            "What is said and heard, in the language of the file, for people who read it instead. "
            "Required for film and audio."
        ),
    )
    captions: models.ForeignKey[UploadedDocument | None, UploadedDocument | None] = models.ForeignKey(
        settings.WAGTAILDOCS_DOCUMENT_MODEL,
        verbose_name=_("captions"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_(
            "Only for films: what is said and heard, as a WebVTT file (.vtt) in the language above. If the same "
            "film is here for several languages, its viewers can choose between the captions of all of them."
        ),
    )
    preview = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL,
        verbose_name=_("preview picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_(
            "Shown beside the title, so that people recognise what they are downloading. Leave it empty to show the "
            "first page of a PDF, or the picture itself."
        ),
    )

    objects = MaterialFileQuerySet.as_manager()

    panels = [
        FieldPanel("language"),
        FieldPanel("country"),
        FieldPanel("document"),
        FieldPanel("alt_text", widget=AdminAutoHeightTextInput(attrs=AUTO_DIRECTION)),
        FieldPanel("transcript", widget=AdminAutoHeightTextInput(attrs=AUTO_DIRECTION)),
        FieldPanel("captions"),
        FieldPanel("preview"),
    ]

    class Meta:
        ordering = ("language", "country", "pk")
        constraints = [
            models.UniqueConstraint(fields=("material", "language", "document"), name="no_file_twice_in_one_language")
        ]
        verbose_name = _("material file")
        verbose_name_plural = _("material files")

    def __str__(self) -> str:
        return f"{self.document} ({self.language})"

    def clean(self) -> None:
        super().clean()
        if self.document_id is None:
            return
        if self.extension in PICTURES and not self.alt_text:
            raise ValidationError({"alt_text": gettext("Describe what the picture shows.")})
        if self.extension in RECORDINGS and not self.transcript:
            raise ValidationError({"transcript": gettext("Enter what is said and heard.")})
        if self.captions is not None:
            if self.extension != FILM:
                raise ValidationError({"captions": gettext("Only a film has captions.")})
            if self.captions and self.captions.file_extension.lower() != CAPTIONS:
                raise ValidationError({"captions": gettext("Captions are a WebVTT file, which ends in .vtt.")})

    @property
    def country_name(self) -> str:
        """The name of the country in the reader's language; empty if the file is for all."""
        return names.country_name(self.country) if self.country else ""

    @property
    def made_for(self) -> str:
        """The autonym of the language and, for a file made for one, the country: `français · Belgium`."""
        return " · ".join(filter(None, (self.autonym, self.country_name)))

    @property
    def picture(self) -> Picture | None:
        """The picture that an editor chose for the file, or else its first page, if that has been drawn."""
        return self.preview or getattr(self.document, "first_page", None)

    @property
    def output(self) -> StudioOutput | None:
        """The studio output of the file; None for an upload."""
        return getattr(self.document, "output", None)

    @property
    def order(self) -> tuple[int, str, str]:
        """Sort key among files of a language: uploads, then studio outputs by format, country and partner."""
        return self.output.order if self.output else (-1, "", "")

    @property
    def extension(self) -> str:
        return self.document.file_extension.lower()

    @property
    def is_film(self) -> bool:
        return self.extension == FILM

    @property
    def format(self) -> str:
        """The name of the file format, for readers."""
        return self.extension.upper().replace("JPG", "JPEG")

    @property
    def size(self) -> int:
        """The size in bytes, as read from the file when it was uploaded."""
        return self.document.get_file_size() or 0
