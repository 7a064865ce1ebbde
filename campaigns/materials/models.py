"""Materials to print, post and show, and their download lists. Texts and files are in `campaigns.materials.files`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

from django import forms
from django.conf import settings
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel
from wagtail.models import DraftStateMixin, PreviewableMixin, Revision, RevisionMixin, TranslatableMixin
from wagtail.search import index

from campaigns.materials.files import MaterialFile, MaterialText
from core.http import public_url
from core.languages import names
from core.languages.tree import fallbacks
from core.models.codes import CodesField
from core.publishing import publication_checks


class Readership(models.TextChoices):
    """Audiences of materials, in the order of the library.

    They are people who use a material, not people who look for help: those are the audiences of the helpline.
    """

    EVERYBODY = "everybody", _("The general public")
    PARENTS = "parents", _("Parents and carers")
    TEACHERS = "teachers", _("Teachers and educators")
    HEALTH = "health", _("Nurses and health staff")
    JUSTICE = "justice", _("Police and courts")
    EMPLOYERS = "employers", _("Employers and clubs")
    JOURNALISTS = "journalists", _("Journalists")
    WORRIED = "worried", _("People worried about their own sexual thoughts or behaviour")

    @classmethod
    def named(cls) -> list[tuple[str, str]]:
        """Return (code, name) of each, in the active language."""
        return [(code.value, str(code.label)) for code in cls]

    @classmethod
    def in_order(cls, codes: Iterable[str]) -> list[Readership]:
        """Return the members for these codes, in the order of the enumeration; obsolete codes are dropped."""
        known = set(codes)
        return [code for code in cls if code.value in known]


class ReadershipsField(CodesField):
    names = Readership.named
    widget = forms.CheckboxSelectMultiple


class Theme(TranslatableMixin, index.Indexed, models.Model):
    """The subject of a material, in one language, such as online safety or bystanders."""

    name = models.CharField(
        _("name"), max_length=100, help_text=_("A few words. Shown to readers beside each material.")
    )

    panels = [FieldPanel("name")]
    search_fields = [index.SearchField("name"), index.AutocompleteField("name"), index.FilterField("locale")]

    class Meta(TranslatableMixin.Meta):
        ordering = ("name",)
        verbose_name = _("theme")
        verbose_name_plural = _("themes")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        publication_checks.ensure(self)  # a theme has no drafts: it is public as soon as it is saved


class Licence(NamedTuple):
    """A licence as shown to readers. Its name is the same in every language; its page is available in many."""

    name: str
    url: str


LICENCES = {
    "CC-BY-4.0": Licence("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
    "CC-BY-SA-4.0": Licence("CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0/"),
    "CC-BY-NC-4.0": Licence("CC BY-NC 4.0", "https://creativecommons.org/licenses/by-nc/4.0/"),
    "CC-BY-NC-SA-4.0": Licence("CC BY-NC-SA 4.0", "https://creativecommons.org/licenses/by-nc-sa/4.0/"),
    "CC-BY-ND-4.0": Licence("CC BY-ND 4.0", "https://creativecommons.org/licenses/by-nd/4.0/"),
    "CC-BY-NC-ND-4.0": Licence("CC BY-NC-ND 4.0", "https://creativecommons.org/licenses/by-nc-nd/4.0/"),
    "CC0-1.0": Licence("CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
}
DEFAULT_LICENCE = "CC-BY-4.0"


def licence_choices() -> list[tuple[str, str]]:
    return [(identifier, licence.name) for identifier, licence in LICENCES.items()]


# The maximum number of download buttons of a material.
BUTTONS = 3


class Material(DraftStateMixin, RevisionMixin, PreviewableMixin, index.Indexed, ClusterableModel):
    """A poster, a leaflet, a film: the facts that are the same in every language. Drafts are not shown anywhere."""

    class Kind(models.TextChoices):
        POSTER = "poster", _("Poster")
        LEAFLET = "leaflet", _("Leaflet")
        SOCIAL_CARD = "social_card", _("Card for social media")
        FILM = "film", _("Film")
        AUDIO = "audio", _("Audio")
        LESSON = "lesson", _("Lesson or training")
        PRESS_RELEASE = "press_release", _("Press release")
        GUIDE_TO_WORDS = "guide_to_words", _("Guide to words")
        EVALUATION = "evaluation", _("Evaluation sheet")
        BLANK_ARTWORK = "blank_artwork", _("Artwork to adapt")

    name = models.CharField(
        _("internal name"),
        max_length=200,
        help_text=_("Helps colleagues find it. Readers see the titles under “Text”."),
    )
    # The translation key that a campaign's pages share in all languages.
    # So a material belongs to the campaign in every language, is never copied for one, and outlives any single page.
    campaign_key = models.UUIDField(_("campaign"), null=True, blank=True, db_index=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    audiences = ReadershipsField(
        _("audiences"), help_text=_("Who uses it. A material for one profession is in the toolkit for it.")
    )
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
        choices=licence_choices(),
        default=DEFAULT_LICENCE,
        help_text=_("What people may do with it. Under CC BY they may use and change it if they name the source."),
    )

    search_fields = [
        index.SearchField("name", boost=4),
        index.AutocompleteField("name"),
        index.FilterField("kind"),
        index.FilterField("live"),
        index.FilterField("audiences"),
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
        """None: a material cannot be scheduled, but appears with its campaign."""
        return

    @property
    def readers(self) -> list[Readership]:
        return Readership.in_order(self.audiences)

    @property
    def terms_of_licence(self) -> Licence:
        return LICENCES[self.licence]

    def title_in(self, language: str) -> str:
        """Return the title for readers of a language, from the loaded texts."""
        return DownloadItem.of(self, files=(), texts=self.texts.all(), language=language).title

    def publish(self, revision: Revision, *args: Any, **kwargs: Any) -> Any:
        """Publish a revision. Raise ValidationError if the publication checks find blockers."""
        publication_checks.ensure(revision.as_object())
        return super().publish(revision, *args, **kwargs)

    # --- Preview: as on a campaign page, in each language that it has ---

    @property
    def preview_modes(self) -> list[tuple[str, str]]:
        spoken = {text.language for text in self.texts.all()} | {file.language for file in self.files.all()}
        first = [settings.LANGUAGE_CODE, *(code for code in settings.LANGUAGE_TABLE if code in spoken)]
        return [(code, settings.LANGUAGE_TABLE[code].autonym) for code in dict.fromkeys(first)]

    def get_full_url(self) -> str:
        # Previews are served on the public site, like the page: its headers let the admin show them in a frame.
        return public_url(f"/{settings.LANGUAGE_CODE}/")

    full_url = property(get_full_url)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        language = mode_name if mode_name in settings.LANGUAGE_TABLE else settings.LANGUAGE_CODE
        with translation.override(language):
            download = DownloadItem.of(self, files=[*self.files.all()], texts=[*self.texts.all()], language=language)
            context = {"title": download.title, "download": download}
            return TemplateResponse(request, "campaigns/material_preview.html", context).render()


@dataclass(slots=True, kw_only=True)
class DownloadItem:
    """A material with its text and files, for readers of one language: files in that language first, then the others.

    `text` is in the reader's language or else in its nearest fallback; `text.language` is its actual language.
    """

    material: Material
    text: MaterialText | None
    language: str
    theme: str = ""
    own: list[MaterialFile] = field(default_factory=list)
    others: list[MaterialFile] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        material: Material,
        *,
        files: Iterable[MaterialFile],
        texts: Iterable[MaterialText],
        language: str,
    ) -> DownloadItem:
        by_language = {text.language: text for text in texts}
        order = [*fallbacks(language), *by_language]
        files = sorted(
            files, key=lambda file: (language_position(file.language), file.country, file.order, file.format)
        )
        return cls(
            material=material,
            language=language,
            text=next((by_language[code] for code in order if code in by_language), None),
            theme=next((getattr(file, "theme_name", None) or "" for file in files), ""),
            own=[file for file in files if file.language == language],
            others=[file for file in files if file.language != language],
        )

    @property
    def title(self) -> str:
        return self.text.title if self.text else self.material.name

    @property
    def main(self) -> list[MaterialFile]:
        """The files in the reader's language that have a button: all, or the first two of more than BUTTONS.

        The studio draws a file for each country and partner, so there can be many.
        """
        return self.own if len(self.own) <= BUTTONS else self.own[: BUTTONS - 1]

    @property
    def more(self) -> list[MaterialFile]:
        """The remaining files in the reader's language, which the page folds away."""
        return self.own[len(self.main) :]

    @property
    def files(self) -> list[MaterialFile]:
        return [*self.own, *self.others]

    @property
    def in_site_order(self) -> list[MaterialFile]:
        """All files, in the site's order of languages."""
        return sorted(self.files, key=lambda file: language_position(file.language))

    @property
    def kind(self) -> str:
        """The kind, unless the title begins with it."""
        kind = str(self.material.get_kind_display())
        return "" if self.title.casefold().startswith(kind.casefold()) else kind

    @property
    def meta(self) -> str:
        """One line about it: the kind, the formats available to the reader, and who uses it."""
        formats = sorted({file.format for file in self.own or ([self.nearest] if self.nearest else [])})
        readers = [str(reader.label) for reader in self.material.readers]
        return " · ".join(filter(None, [self.kind, *formats, *readers]))

    @property
    def by_language(self) -> list[list[MaterialFile]]:
        """The files of each language, the reader's first."""
        return [[*files] for _code, files in groupby(self.files, key=lambda file: file.language)]

    @property
    def film(self) -> MaterialFile | None:
        """The film to show on a page: in the reader's language or else in its nearest fallback."""
        offered = [*self.own, *([self.nearest] if self.nearest else [])]
        return next((file for file in offered if file.is_film), None)

    @property
    def tracks(self) -> list[MaterialFile]:
        """The files with captions for that film: the same film has one file row for each language."""
        film = self.film
        return [file for file in self.files if film and file.captions and file.document_id == film.document_id]

    @property
    def picture(self) -> MaterialFile | None:
        """The file whose picture represents the material, if possible one in the reader's language."""
        return next((file for file in (*self.own, *self.others) if file.picture), None)

    @property
    def nearest(self) -> MaterialFile | None:
        """The best file in another language, by the fallbacks of the reader's."""
        order = [*fallbacks(self.language)]
        return min(
            self.others,
            key=lambda file: order.index(file.language) if file.language in order else len(order),
            default=None,
        )

    @property
    def nearest_language(self) -> str:
        """The name of the language of `nearest`, in the reader's language."""
        return names.language_name(self.nearest.language) if self.nearest else ""

    @property
    def further(self) -> list[MaterialFile]:
        """The files in other languages, without `nearest` if that replaces the reader's own."""
        return self.others if self.own else [file for file in self.others if file is not self.nearest]

    @property
    def described(self) -> list[MaterialFile]:
        """The files in the reader's language with a text alternative or transcript, without repeated texts."""
        first: dict[tuple[str, str], MaterialFile] = {}
        for file in self.own:
            first.setdefault((file.alt_text, file.transcript), file)
        return [file for text, file in first.items() if any(text)]


def language_position(language: str) -> int:
    return list(settings.LANGUAGE_TABLE).index(language)


def download_list(files: Iterable[MaterialFile], *, language: str) -> list[DownloadItem]:
    """Turn the files of `MaterialFileQuerySet.for_downloads` into one item per material, ordered by kind and title."""
    downloads = []
    for material, of_it in groupby(files, key=lambda file: file.material):
        downloads.append(DownloadItem.of(material, files=[*of_it], texts=material.texts.all(), language=language))
    kinds = type(downloads[0].material).Kind.values if downloads else []
    return sorted(downloads, key=lambda download: (kinds.index(download.material.kind), download.title))
