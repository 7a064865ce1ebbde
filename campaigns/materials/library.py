"""The library: all public materials on one page for each language, and a page for each material."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from django.conf import settings
from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.contrib.routable_page.models import RoutablePageMixin, path

from campaigns.materials.files import MaterialFile, MaterialText
from campaigns.materials.models import DownloadItem, Material, Readership, Theme, download_list
from campaigns.stories.models import CampaignPage
from core.http import public_url
from core.languages import names, tree
from core.models import Rendition, StartPage
from core.publishing import sharing
from core.publishing.lists import ListPage
from core.publishing.navigation import Link
from core.publishing.safety import SafetyClass
from core.search.folding import words_of_name
from core.search.sources import Hit, Source, means

type Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialFacet:
    """A facet of the library. Its codes are in the style sheet (`campaigns.materials.filters`)."""

    code: str  # the letter of its attribute
    question: str
    choices: Choices


class MaterialLibrary:
    """Contents of the library for readers of one language."""

    def __init__(self, downloads: Iterable[DownloadItem]) -> None:
        self.items = [*downloads]
        # Themes and countries differ between sites, so their codes are numbers that the style sheet covers.
        themes = sorted({item.theme for item in self.items if item.theme}, key=names.sort_key)
        self.themes = {name: str(number) for number, name in enumerate(themes, 1)}
        countries = {file.country for item in self.items for file in item.files if file.country}
        ordered = sorted(countries, key=lambda code: names.sort_key(names.country_name(code)))
        self.countries = {code: str(number) for number, code in enumerate(ordered, 1)}

    @cached_property
    def rows(self) -> list[LibraryRow]:
        return [LibraryRow(item, self) for item in self.items]

    @property
    def languages(self) -> list[MaterialFile]:
        """One file for each language if every material has the same languages, which are then named only once."""
        same = {tuple(file.language for file in row.languages) for row in self.rows}
        return self.rows[0].languages if len(same) == 1 else []

    @property
    def facets(self) -> list[MaterialFacet]:
        """Facets with their choices: only values that occur, and no facet with a single value, except country."""
        kinds = {item.material.kind for item in self.items}
        readers = {code for item in self.items for code in item.material.audiences}
        files = [file for item in self.items for file in item.files]
        spoken = {file.language for file in files}
        formats = sorted({(file.extension, file.format) for file in files}, key=lambda pair: pair[1])
        found = (
            ("a", gettext("Audience"), [(each.value, str(each.label)) for each in Readership.in_order(readers)]),
            ("k", gettext("Kind"), [(kind.value, str(kind.label)) for kind in Material.Kind if kind in kinds]),
            ("l", gettext("Language"), [
                (code, names.language_name(code)) for code in settings.LANGUAGE_TABLE if code in spoken
            ]),
            ("c", gettext("Made for the country"), [
                (number, names.country_name(code)) for code, number in self.countries.items()
            ]),
            ("t", gettext("Theme"), [(number, name) for name, number in self.themes.items()]),
            ("f", gettext("File format"), formats),
        )  # fmt: skip
        return [
            MaterialFacet(code=code, question=question, choices=choices)
            for code, question, choices in found
            if len(choices) > 1 or (code == "c" and choices)
        ]


class LibraryRow:
    """A material in the library: the text of its card, and its codes for the filters."""

    def __init__(self, item: DownloadItem, library: MaterialLibrary) -> None:
        self.item = item
        self.library = library

    @property
    def theme(self) -> str:
        return self.library.themes.get(self.item.theme, "")

    @property
    def codes(self) -> list[tuple[str, str, str]]:
        """The language, format and country number of each file; the number is empty for files for all countries."""
        countries = self.library.countries
        return [(file.language, file.extension, countries.get(file.country, "")) for file in self.item.files]

    @property
    def languages(self) -> list[MaterialFile]:
        """One file for each language; the template shows its autonym."""
        return [next(files) for _code, files in groupby(self.item.in_site_order, key=lambda file: file.language)]


class MaterialIndexPage(RoutablePageMixin, ListPage):
    """The library of materials in one language."""

    section = "campaigns.CampaignIndexPage"
    parent_page_types = ["home.HomePage"]
    safety_class = SafetyClass.MACHINE_TRANSLATABLE
    subpage_types: list[str] = []
    start_page = StartPage("materials", "Materials")

    class Meta:
        verbose_name = _("library of materials")
        verbose_name_plural = _("libraries of materials")

    def prerendered_paths(self) -> list[str]:
        keys = MaterialFile.objects.public().values_list("material", flat=True).distinct()
        return ["", *(f"{key}/" for key in sorted(set(keys)))]

    @path("", name="all")
    def all_of_them(self, request: HttpRequest) -> HttpResponse:
        downloads = self.downloads()
        load_renditions(downloads)
        return self.render(request, context_overrides={"library": MaterialLibrary(downloads)})

    @path("<int:key>/", name="material")
    def material(self, request: HttpRequest, key: int) -> HttpResponse:
        """Show one material with all its files, at an address that is alike in every language."""
        downloads = self.downloads(key)
        if not downloads:
            raise Http404
        load_renditions(downloads)
        [download] = downloads
        text = download.text.description if download.text else ""
        card = sharing.card_path_of("materials", key, self.locale.language_code)
        return self.render(
            request,
            template="campaigns/material_page.html",
            context_overrides={
                "download": download,
                "title": download.title,
                "description": text or names.labelled(download.title, download.material.get_kind_display()),
                "campaign": self.campaign_of(download.material),
                "card": Link(title=download.title, url=public_url(card)),
                "oembed_path": f"/oembed/{self.locale.language_code}/materials/{key}.json",
            },
        )

    def downloads(self, key: int | None = None) -> list[DownloadItem]:
        """Return every public material, or one, for readers of this language."""
        language = self.locale.language_code
        files = MaterialFile.objects.public()
        if key is not None:
            files = files.filter(material=key)
        themes = Theme.objects.filter(locale__language_code=language)
        return download_list(files.for_downloads(themes), language=language)

    def campaign_of(self, material: Material) -> CampaignPage | None:
        """Return its campaign page in the reader's language or else in its nearest fallback."""
        if material.campaign_key is None:
            return None
        pages = CampaignPage.objects.public().filter(translation_key=material.campaign_key)
        by_language = {page.language: page for page in pages.select_related("locale")}
        order = [*tree.fallbacks(self.locale.language_code), *by_language]
        return next((by_language[code] for code in order if code in by_language), None)


def library_path(language: str) -> str:
    """Return the path of the library in a language; empty if it has none."""
    found = tree.public_pages().type(MaterialIndexPage).filter(locale__language_code=language).first()
    return tree.page_path(found, language) if found else ""


def load_renditions(downloads: Iterable[DownloadItem]) -> None:
    """Load the renditions of the materials' pictures, in one query."""
    pictures = [item.picture.picture for item in downloads if item.picture and item.picture.picture]
    drawn = Prefetch("renditions", queryset=Rendition.objects.all(), to_attr="prefetched_renditions")
    prefetch_related_objects(pictures, drawn)


MAX_MATERIALS = 5


class MaterialAnswers(Source):
    """Materials whose titles have all the words. None in a language without a library."""

    def names(self, language: str) -> Iterator[str]:
        if library_path(language):
            yield from self._public(MaterialText.objects.filter(language=language)).values_list("title", flat=True)

    def answers(self, asked: Sequence[str], language: str) -> Iterator[Hit]:
        path = library_path(language)
        if not path:
            return
        # What is public takes longer to find than what has the words, so only the latter is checked.
        texts = MaterialText.objects.filter(language=language)
        named = [key for key, title in texts.values_list("pk", "title") if self._has_all(title, asked)]
        for text in self._public(texts.filter(pk__in=named))[:MAX_MATERIALS] if named else ():
            yield Hit(title=text.title, url=f"{path}{text.material_id}/", text=text.description)

    @staticmethod
    def _has_all(title: str, asked: Sequence[str]) -> bool:
        there = words_of_name(title)
        return all(any(means(word, [each]) or means(each, [word]) for word in there) for each in asked)

    @staticmethod
    def _public(texts: QuerySet[MaterialText]) -> QuerySet[MaterialText]:
        return texts.filter(material__in=MaterialFile.objects.public().values("material")).order_by("title", "pk")


SOURCE = MaterialAnswers()
