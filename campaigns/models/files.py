"""What a material has once for each language: its words, and a file for each format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel
from wagtail.admin.widgets import AdminAutoHeightTextInput

from campaigns.querysets import MaterialFileQuerySet

if TYPE_CHECKING:
    from core.models import UploadedDocument

PICTURES = frozenset({"png", "jpg", "jpeg", "webp"})
RECORDINGS = frozenset({"mp3", "mp4"})
# The words of one material are in languages that are written from the left and from the right.
EITHER_WAY = {"dir": "auto"}


def language_choices() -> list[tuple[str, str]]:
    """Every language that the site knows: partners bring files in languages that it does not speak yet."""
    return [*settings.LANGUAGES]


class InLanguage(models.Model):
    """What a material has once for each language."""

    language = models.CharField(_("language"), max_length=20, choices=language_choices)

    class Meta:
        abstract = True

    @property
    def autonym(self) -> str:
        """The name of its language, in that language."""
        return settings.LANGUAGE_TABLE[self.language].autonym

    @property
    def direction(self) -> str:
        return settings.LANGUAGE_TABLE[self.language].direction


class MaterialText(InLanguage):
    """The words of a material in one language."""

    material = ParentalKey("campaigns.Material", on_delete=models.CASCADE, related_name="texts")
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(
        _("description"),
        blank=True,
        help_text=_("One or two sentences: for whom it is, and where it is of use."),
    )
    terms = models.TextField(
        _("terms of use"),
        blank=True,
        help_text=_(
            "What the licence does not say: whether there is room for a logo, what must stay as it is."
        ),
    )

    panels = [
        FieldPanel("language"),
        FieldPanel("title", widget=forms.TextInput(attrs=EITHER_WAY)),
        FieldPanel("description", widget=AdminAutoHeightTextInput(attrs=EITHER_WAY)),
        FieldPanel("terms", widget=AdminAutoHeightTextInput(attrs=EITHER_WAY)),
    ]

    class Meta:
        ordering = ("language",)
        constraints = [
            models.UniqueConstraint(
                fields=("material", "language"),
                name="one_text_for_each_language",
                violation_error_message=_("There are two texts in the same language."),
            )
        ]
        verbose_name = _("words of a material")
        verbose_name_plural = _("words of materials")

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"


class MaterialFile(InLanguage):
    """A material in one language and one format."""

    material = ParentalKey("campaigns.Material", on_delete=models.CASCADE, related_name="files")
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
            "What somebody would read who cannot see it, in the language of the file. Readers can copy it when they post the "
            "picture. Needed for pictures."
        ),
    )
    transcript = models.TextField(
        _("transcript or captions"),
        blank=True,
        help_text=_(
            "What is said and heard, in the language of the file, or where the captions are. Needed for film and audio."
        ),
    )
    preview = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL,
        verbose_name=_("small picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Shown beside the title, so that people recognise what they download."),
    )

    objects = MaterialFileQuerySet.as_manager()

    panels = [
        FieldPanel("language"),
        FieldPanel("document"),
        FieldPanel("alt_text", widget=AdminAutoHeightTextInput(attrs=EITHER_WAY)),
        FieldPanel("transcript", widget=AdminAutoHeightTextInput(attrs=EITHER_WAY)),
        FieldPanel("preview"),
    ]

    class Meta:
        ordering = ("language", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("material", "language", "document"), name="no_file_twice_in_one_language"
            )
        ]
        verbose_name = _("file of a material")
        verbose_name_plural = _("files of materials")

    def __str__(self) -> str:
        return f"{self.document} ({self.language})"

    def clean(self) -> None:
        super().clean()
        if self.document_id is None:
            return
        if self.extension in PICTURES and not self.alt_text:
            raise ValidationError({"alt_text": gettext("Please say what the picture shows.")})
        if self.extension in RECORDINGS and not self.transcript:
            raise ValidationError(
                {"transcript": gettext("Please give a transcript, or say where the captions are.")}
            )

    @property
    def extension(self) -> str:
        return self.document.file_extension.lower()

    @property
    def format(self) -> str:
        """What readers call this kind of file."""
        return self.extension.upper().replace("JPG", "JPEG")

    @property
    def size(self) -> int:
        """Bytes, as read from the file when it was uploaded."""
        return self.document.get_file_size() or 0
