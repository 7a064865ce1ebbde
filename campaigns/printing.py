"""What the press must know of campaigns: the feeds, and which pages show a material."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.db.models import Model, Q
from wagtail.models import Revision

from campaigns import feeds
from campaigns.models import CampaignPage, Material, MaterialFile, MaterialText, NewsPage, Theme
from campaigns.models.indexes import StoryIndexPage
from core import languages
from core.models.languages import LanguageState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class FeedPrinting:
    """The feeds: one of each kind and format in every public language that has the page for it."""

    watches: Sequence[type[Model]] = ()

    def addresses(self) -> Iterator[str]:
        for kind, label in feeds.INDEXES.items():
            indexes = apps.get_model(label).objects.live().exclude(languages.restricted())
            public = indexes.filter(locale__language_state__state=LanguageState.State.PUBLIC)
            for code in public.values_list("locale__language_code", flat=True).distinct():
                yield from feeds.addresses_in(kind, code)

    def touched_by(self, changed: Model) -> Iterator[str]:
        code = (
            changed.locale.language_code
            if isinstance(changed, CampaignPage | NewsPage | StoryIndexPage)
            else ""
        )
        if isinstance(changed, CampaignPage) or (
            isinstance(changed, StoryIndexPage) and changed.feed == "campaigns"
        ):
            yield from feeds.addresses_in("campaigns", code)
        elif isinstance(changed, NewsPage | StoryIndexPage):
            yield from feeds.addresses_in("news", code)


class MaterialPrinting:
    """A material stands on the pages of its campaign in every language; they do not refer to it, it refers to them."""

    watches: Sequence[type[Model]] = (Material, MaterialText, MaterialFile, Theme)

    def addresses(self) -> Iterable[str]:
        return ()

    def touched_by(self, changed: Model) -> Iterator[str]:
        materials = _materials(changed)
        if materials:
            pages = CampaignPage.objects.filter(translation_key__in=_campaigns(materials)).select_related(
                "locale"
            )
            for page in pages:
                yield page.path_at_public
            files = MaterialFile.objects.filter(material__in=materials)
        elif isinstance(changed, CampaignPage):
            files = MaterialFile.objects.filter(material__campaign_key=changed.translation_key)
        else:
            return
        # A file is public while something that shows it is.
        for file in files.select_related("document"):
            yield file.document.url


def _materials(changed: Model) -> list[Material]:
    if isinstance(changed, Material):
        return [changed]
    if isinstance(changed, MaterialText | MaterialFile):
        return [changed.material]
    if isinstance(changed, Theme):
        # A material names the theme in one language; readers of all others see its translation.
        return [*Material.objects.filter(theme__translation_key=changed.translation_key)]
    return []


def _campaigns(materials: list[Material]) -> set[str]:
    """The keys of the campaigns that list these materials, and of those that did before somebody moved them."""
    keys = {str(material.campaign_key) for material in materials if material.campaign_key}
    of_these = Q(object_id__in=[str(material.pk) for material in materials])
    earlier = (
        Revision.objects.for_model(Material).filter(of_these).values_list("content__campaign_key", flat=True)
    )
    return keys | {key for key in earlier.distinct() if key}
