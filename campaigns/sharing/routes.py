"""Routes of generated files of campaign pages: share cards and oEmbed descriptions."""

from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Model

from campaigns.materials.routes import libraries, materials_affected_by, materials_of_campaign
from campaigns.models import (
    CampaignPage,
    Design,
    Material,
    MaterialFile,
    MaterialIndexPage,
    MaterialText,
)
from campaigns.sharing import shared
from campaigns.stories.routes import toolkits_of
from core.models.languages import LanguageState
from core.publishing.routes import AppRoute


class SharedPageRoute(AppRoute):
    """Generated files of campaign pages, at addresses of `campaigns.sharing.shared`. Only other sites request them."""

    unhurried = True
    watches: Sequence[type[Model]] = (Design, LanguageState, Material, MaterialText, MaterialFile)
    # The folder of the files, their extension, and whether pages with a picture have none.
    folder = ""
    extension = ""
    drawn_only = False

    def path(self, kind: str, key: int, language: str) -> str:
        return f"/{self.folder}/{language}/{kind}/{key}.{self.extension}"

    def addresses(self) -> Iterator[str]:
        for page in shared.stories():
            if not (self.drawn_only and page.picture_id):
                yield self.path(shared.PAGES, page.pk, page.language)
        keys = sorted({*MaterialFile.objects.public().values_list("material", flat=True)})
        for library in shared.libraries():
            yield from (self.path(shared.MATERIALS, key, library.locale.language_code) for key in keys)

    def existing(self, paths: Iterable[str]) -> Iterator[str]:
        return shared.existing(paths, folder=self.folder, drawn_only=self.drawn_only)

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        """Yield files that no longer exist, too: they are removed together with their page."""
        if isinstance(changed, LanguageState):
            yield from self.in_language(changed.locale.language_code)
            return
        materials: Iterable[Material] = ()
        if isinstance(changed, shared.STORIES):
            yield self.path(shared.PAGES, changed.pk, changed.language)
        if isinstance(changed, CampaignPage):
            toolkits = toolkits_of(changed) if changed.path else ()
            yield from (self.path(shared.PAGES, page.pk, page.language) for page in toolkits)
            materials = materials_of_campaign(changed.translation_key)
        elif isinstance(changed, MaterialIndexPage):
            materials = Material.objects.all()
        elif isinstance(changed, Design):
            materials = [changed.material]
            yield from self.look_of(changed.material)
        elif isinstance(changed, Material | MaterialText | MaterialFile):
            materials = materials_affected_by(changed)
        codes = {page.locale.language_code for page in libraries()}
        for material in materials:
            yield from (self.path(shared.MATERIALS, material.pk, code) for code in sorted(codes))

    def in_language(self, code: str) -> Iterator[str]:
        for model in shared.STORIES:
            for key in model.objects.filter(locale__language_code=code).values_list("pk", flat=True):
                yield self.path(shared.PAGES, key, code)
        for key in Material.objects.values_list("pk", flat=True):
            yield self.path(shared.MATERIALS, key, code)

    def look_of(self, material: Material) -> Iterable[str]:
        """Return the files drawn in the style of the posters of a material's campaign."""
        return ()


class ShareCardRoute(SharedPageRoute):
    """Share cards of pages without a picture; `home` renders those of the home page and the sections."""

    folder = "cards"
    extension = "png"
    drawn_only = True

    def look_of(self, material: Material) -> Iterator[str]:
        for page in CampaignPage.objects.filter(translation_key=material.campaign_key).select_related("locale"):
            yield self.path(shared.PAGES, page.pk, page.language)
            yield from (self.path(shared.PAGES, each.pk, each.language) for each in toolkits_of(page))


class OEmbedRoute(SharedPageRoute):
    folder = "oembed"
    extension = "json"


ROUTES = (
    ShareCardRoute(),
    OEmbedRoute(),
)
