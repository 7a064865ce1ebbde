"""A theme as readers can follow it: its campaigns and materials, newest first, in one language."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from campaigns.materials.models import download_list
from campaigns.models import CampaignPage, MaterialFile, Theme
from campaigns.sharing import shared
from core.doors import public_url
from core.languages import names, tree

if TYPE_CHECKING:
    from campaigns.materials.models import DownloadItem
    from campaigns.models import MaterialIndexPage

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeEntry:
    """A campaign or a material of a theme. Its identity is the same wherever it is moved, and different for each language."""

    identity: uuid.UUID
    title: str
    summary: str
    path: str
    published: datetime
    updated: datetime
    categories: list[str]
    rights: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedTheme:
    """A theme in one language, with the library that its materials are in."""

    theme: Theme
    library: MaterialIndexPage

    @property
    def language(self) -> str:
        return self.library.locale.language_code

    def entries(self) -> list[ThemeEntry]:
        """Return the newest first. A fixed number of queries."""
        of_theme = MaterialFile.objects.public().filter(
            material__theme__translation_key=self.theme.translation_key
        )
        themes = Theme.objects.filter(pk=self.theme.pk)
        downloads = download_list(of_theme.for_downloads(themes), language=self.language)
        keys = {item.material.campaign_key for item in downloads if item.material.campaign_key}
        campaigns = CampaignPage.objects.public().filter(
            translation_key__in=keys, locale__language_code=self.language
        )
        found = [self.material(item) for item in downloads]
        found += [self.campaign(page) for page in campaigns.select_related("locale").defer("body")]
        return sorted(found, key=lambda entry: (entry.updated, entry.path), reverse=True)

    def material(self, item: DownloadItem) -> ThemeEntry:
        material = item.material
        published = material.first_published_at or BEGINNING
        return ThemeEntry(
            identity=uuid.uuid5(uuid.NAMESPACE_URL, public_url(f"/{self.language}/materials/{material.pk}")),
            title=item.title,
            summary=item.text.description if item.text else "",
            path=f"{tree.page_path(self.library, self.language)}{material.pk}/",
            published=published,
            updated=material.last_published_at or published,
            categories=[self.theme.name, str(material.get_kind_display())],
            rights=f"{material.terms_of_licence.name} {material.terms_of_licence.url}",
        )

    def campaign(self, page: CampaignPage) -> ThemeEntry:
        published = page.first_published_at or BEGINNING
        return ThemeEntry(
            identity=uuid.uuid5(page.translation_key, page.language),
            title=page.title,
            summary=page.introduction,
            path=page.path_at_public,
            published=published,
            updated=page.last_published_at or published,
            categories=[self.theme.name, gettext("Campaign")],
        )


def followed(language: str | None = None) -> list[FollowedTheme]:
    """Return the themes that a public material has, in every public language with a library, or in one, sorted by name."""
    keys = {*MaterialFile.objects.public().values_list("material__theme__translation_key", flat=True)} - {
        None
    }
    by_language = {page.locale.language_code: page for page in shared.libraries()}
    if language is not None:
        by_language = {code: page for code, page in by_language.items() if code == language}
    found = Theme.objects.filter(translation_key__in=keys, locale__language_code__in=by_language)
    themes = [
        FollowedTheme(theme=theme, library=by_language[theme.locale.language_code])
        for theme in found.select_related("locale")
    ]
    return sorted(themes, key=lambda each: (each.language, names.sort_key(each.theme.name)))
