"""What people print, post and show: the facts of a material once, its words and files once for each language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel, ObjectList, TabbedInterface
from wagtail.admin.widgets import AdminAutoHeightTextInput
from wagtail.models import DraftStateMixin, PreviewableMixin, RevisionMixin
from wagtail.search import index

from campaigns import licences
from campaigns.downloads import Download
from campaigns.forms import MaterialForm
from campaigns.querysets import MaterialFileQuerySet, MaterialQuerySet
from core.doors import public_url

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from campaigns.licences import Licence
    from core.models import File

PICTURES = frozenset({"png", "jpg", "jpeg", "webp"})
RECORDINGS = frozenset({"mp3", "mp4"})
# The words of one material are in languages that are written from the left and from the right.
EITHER_WAY = {"dir": "auto"}


def language_choices() -> list[tuple[str, str]]:
    """Every language that the site knows: partners bring files in languages that it does not speak yet."""
    return [*settings.LANGUAGES]


class Material(DraftStateMixin, RevisionMixin, PreviewableMixin, index.Indexed, ClusterableModel):
    """A poster, a leaflet, a film: what it is, whatever language it speaks. A draft is not shown anywhere."""

    class Kind(models.TextChoices):
        POSTER = "poster", _("Poster")
        LEAFLET = "leaflet", _("Leaflet")
        SOCIAL_CARD = "social_card", _("Card for social media")
        FILM = "film", _("Film")
        AUDIO = "audio", _("Audio")
        LESSON = "lesson", _("Lesson or training")
        PRESS_RELEASE = "press_release", _("Press release")
        BLANK_ARTWORK = "blank_artwork", _("Artwork to adapt")

    name = models.CharField(
        _("name at the desk"),
        max_length=200,
        help_text=_("So that colleagues find it. Readers see the titles under “Words”."),
    )
    # The translation key of a campaign's pages, which is the same in all languages: so a material belongs to the campaign in
    # every language, is never copied for one, and outlives any single page.
    campaign_key = models.UUIDField(_("campaign"), null=True, blank=True, db_index=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    theme = models.ForeignKey(
        "campaigns.Theme",
        verbose_name=_("theme"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Readers see its name in their own language."),
    )
    licence = models.CharField(
        _("licence"),
        max_length=40,
        choices=licences.choices(),
        default=licences.DEFAULT,
        help_text=_(
            "What everybody may do with it. Under CC BY they may use and change it if they name the source."
        ),
    )

    objects = MaterialQuerySet.as_manager()
    base_form_class = MaterialForm

    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    FieldPanel("name"),
                    FieldPanel("campaign_key"),
                    MultiFieldPanel(
                        [FieldPanel("kind"), FieldPanel("theme"), FieldPanel("licence")],
                        heading=_("What it is"),
                    ),
                ],
                heading=_("Facts"),
            ),
            ObjectList(
                [
                    InlinePanel(
                        "texts",
                        heading=_("Words"),
                        label=_("language"),
                        min_num=1,
                        help_text=_(
                            "What readers see above the files: once for each language, as far as there are words."
                        ),
                    )
                ],
                heading=_("Words"),
            ),
            ObjectList(
                [
                    InlinePanel(
                        "files",
                        heading=_("Files"),
                        label=_("file"),
                        help_text=_(
                            "One file for each language and format. Format and size are read from the file. "
                            "A material without a file is not shown."
                        ),
                    )
                ],
                heading=_("Files"),
            ),
        ]
    )
    search_fields = [
        index.SearchField("name", boost=4),
        index.AutocompleteField("name"),
        index.FilterField("kind"),
        index.RelatedFields("texts", [index.SearchField("title"), index.SearchField("description")]),
    ]

    class Meta:
        ordering = ("name",)
        verbose_name = _("material")
        verbose_name_plural = _("materials")

    def __str__(self) -> str:
        return self.name

    @property
    def scheduled_revision(self) -> None:
        """A material has no hour of its own: it appears with its campaign."""
        return

    @property
    def terms_of_licence(self) -> Licence:
        return licences.LICENCES[self.licence]

    # --- Preview: as it stands on a campaign page, in each language that it speaks ------------------------------------------

    @property
    def preview_modes(self) -> list[tuple[str, str]]:
        spoken = {text.language for text in self.texts.all()} | {file.language for file in self.files.all()}
        first = [settings.LANGUAGE_CODE, *(code for code in settings.LANGUAGE_TABLE if code in spoken)]
        return [(code, settings.LANGUAGE_TABLE[code].autonym) for code in dict.fromkeys(first)]

    def get_full_url(self) -> str:
        # A preview passes the public door, as the page will: its headers allow the desk to show it in a frame.
        return public_url(f"/{settings.LANGUAGE_CODE}/")

    full_url = property(get_full_url)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        language = mode_name if mode_name in settings.LANGUAGE_TABLE else settings.LANGUAGE_CODE
        with translation.override(language):
            download = Download.of(
                self, files=[*self.files.all()], texts=[*self.texts.all()], language=language
            )
            context = {"title": download.title, "download": download}
            return TemplateResponse(request, "campaigns/material_preview.html", context).render()


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

    material = ParentalKey(Material, on_delete=models.CASCADE, related_name="texts")
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

    material = ParentalKey(Material, on_delete=models.CASCADE, related_name="files")
    document: models.ForeignKey[File, File] = models.ForeignKey(
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
