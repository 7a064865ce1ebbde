"""What the press needs to know about campaigns: their feeds, the pages that show a material, and which files are public."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Model, Q
from django.db.models.functions import Cast, Left, Length
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, ReferenceIndex, Revision

from campaigns.models import (
    Activity,
    ActivityText,
    CampaignIndexPage,
    CampaignPage,
    CampaignResult,
    Design,
    Material,
    MaterialFile,
    MaterialIndexPage,
    MaterialText,
    NewsPage,
    Partner,
    PartnerText,
    RetiredSheet,
    Theme,
    ToolkitPage,
    UsageReport,
)
from campaigns.models.activities import campaigns_with_activities
from campaigns.models.indexes import StoryIndexPage
from campaigns.models.partners import public_partners
from campaigns.models.stories import RELATED, StoryPage
from campaigns.public import catalogue, days, feeds, kits, results, shared, themes
from core import memo
from core.languages import tree
from core.models import Picture, UploadedDocument
from core.models.languages import LanguageState
from core.publishing.counted import Counted
from core.publishing.printing import KnownByEnding

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from django.db.models import QuerySet


class FeedPrinting(KnownByEnding):
    """The feeds: one for each kind and format, in every public language with an index page for it."""

    urgent = True
    endings = tuple(f".{extension}" for extension in feeds.FORMATS)
    watches: Sequence[type[Model]] = ()

    def addresses(self) -> Iterator[str]:
        for kind, label in feeds.INDEXES.items():
            indexes = apps.get_model(label).objects.live().exclude(tree.restricted())
            public = indexes.filter(locale__language_state__state=LanguageState.State.PUBLIC)
            for code in public.values_list("locale__language_code", flat=True).distinct():
                yield from feeds.feed_paths(kind, code)

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        code = (
            changed.locale.language_code
            if isinstance(changed, CampaignPage | NewsPage | StoryIndexPage)
            else ""
        )
        if isinstance(changed, CampaignPage) or (
            isinstance(changed, StoryIndexPage) and changed.feed == "campaigns"
        ):
            yield from feeds.feed_paths("campaigns", code)
        elif isinstance(changed, NewsPage | StoryIndexPage):
            yield from feeds.feed_paths("news", code)


class MaterialPrinting:
    """Materials, shown on their campaign's pages in every language. Pages hold no reference to materials: it is the other way round."""

    watches: Sequence[type[Model]] = (Material, MaterialText, MaterialFile, Theme, Picture, RetiredSheet)

    def addresses(self) -> Iterable[str]:
        return ()

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, RetiredSheet):
            for page in CampaignPage.objects.filter(translation_key=changed.campaign_key).select_related(
                "locale"
            ):
                yield page.path_at_public
            return
        materials = _materials_affected_by(changed)
        if not materials:
            return
        pages = CampaignPage.objects.filter(translation_key__in=_campaign_keys(materials)).select_related(
            "locale"
        )
        for page in pages:
            yield page.path_at_public
            yield from (toolkit.path_at_public for toolkit in _toolkits_of(page))
            if page.picture_id is None:  # then a poster stands for it, wherever it is listed
                yield tree.page_path(page.get_parent(), page.language)
                yield from RelatedPrinting().invalidated_by(page)


class LibraryPrinting:
    """The library, and the page of each material in it."""

    watches: Sequence[type[Model]] = MaterialPrinting.watches

    def addresses(self) -> Iterable[str]:
        return ()

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, CampaignPage):
            materials = _materials_of_campaign(changed.translation_key)
        else:
            materials = _materials_affected_by(changed)
        if not materials:
            return
        for page in _libraries():
            own = tree.page_path(page, page.locale.language_code)
            yield own
            yield from (f"{own}{material.pk}/" for material in materials)


class ToolkitPrinting:
    """Toolkits, which are public together with their campaign."""

    watches: Sequence[type[Model]] = ()

    def addresses(self) -> Iterable[str]:
        return ()

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, CampaignPage):
            yield from (toolkit.path_at_public for toolkit in _toolkits_of(changed))


class KitPrinting:
    """Kits: what a campaign has for download in one language, packed. They change with every word and file in them."""

    urgent = True
    watches: Sequence[type[Model]] = (*MaterialPrinting.watches, UploadedDocument)

    def addresses(self) -> Iterator[str]:
        return kits.all_paths()

    def existing(self, paths: Iterable[str]) -> Iterable[str]:
        """Ask only the pages of the kits among these paths: whether a page may be printed takes a look at all of its texts."""
        parts = [path.split("/") for path in paths if path.endswith(".zip")]
        slugs = {part[-3] for part in parts if part[-2:-1] == ["kits"]}
        return kits.all_paths(slugs) if slugs else ()

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        campaigns = CampaignPage.objects.select_related("locale")
        pages: Iterable[CampaignPage]
        if isinstance(changed, CampaignPage):
            pages = [changed]
        elif isinstance(changed, ToolkitPage):
            pages = campaigns.parent_of(changed)
        else:
            pages = campaigns.filter(translation_key__in=_campaign_keys(_materials_affected_by(changed)))
        for page in pages:
            # Also those that there is nothing left for: the press removes them.
            yield from (kits.kit_path(page, name) for name in kits.NAMES)


class ThemeFeedPrinting(KnownByEnding):
    """The feed of each theme that has public materials. They change with each material and each campaign that has some."""

    endings = (".atom",)
    watches: Sequence[type[Model]] = (*MaterialPrinting.watches, LanguageState)

    def addresses(self) -> Iterator[str]:
        for each in themes.followed():
            yield feeds.theme_feed_path(each.theme.translation_key, each.language)

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if not isinstance(
            changed,
            LanguageState | CampaignPage | MaterialIndexPage | Material | MaterialText | MaterialFile | Theme,
        ):
            return
        # Also those that have nothing left: the press removes them. A material may have had another theme before.
        for key, code in _themes():
            yield feeds.theme_feed_path(key, code)
        # The library announces them, and so does the page that lists them.
        for page in _libraries():
            yield tree.page_path(page, page.locale.language_code)


class FollowingPrinting:
    """The calendar of each language, and the page that lists what can be followed."""

    watches: Sequence[type[Model]] = (LanguageState, Material, MaterialFile, Theme)

    def addresses(self) -> Iterator[str]:
        yield from (days.calendar_path(code) for code in days.languages())
        yield from (feeds.ways_to_follow_path(code) for code in tree.public_codes())

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, LanguageState | CampaignPage | StoryIndexPage | MaterialIndexPage):
            code = changed.locale.language_code
            if not isinstance(changed, MaterialIndexPage):
                yield days.calendar_path(code)
            yield feeds.ways_to_follow_path(code)
        elif isinstance(changed, tuple(self.watches)):
            yield from (feeds.ways_to_follow_path(code) for code in tree.public_codes())


class CataloguePrinting:
    """The description of the open materials."""

    unhurried = True
    watches: Sequence[type[Model]] = (*MaterialPrinting.watches, UploadedDocument)

    def addresses(self) -> Iterable[str]:
        return (catalogue.TURTLE, catalogue.JSON_LD)

    def invalidated_by(self, changed: Model) -> Iterable[str]:
        if isinstance(changed, UploadedDocument) and not _materials_affected_by(changed):
            return ()
        shown = (
            CampaignPage,
            MaterialIndexPage,
            Material,
            MaterialText,
            MaterialFile,
            Theme,
            UploadedDocument,
        )
        return self.addresses() if isinstance(changed, shown) else ()


class SharedPagePrinting:
    """Files beside the pages of campaigns, at addresses of `campaigns.public.shared`. Only programs of other sites wait for them."""

    unhurried = True
    watches: Sequence[type[Model]] = (Design, LanguageState, Material, MaterialText, MaterialFile)
    # Where they are, and whether pages with a picture of their own have none.
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
        """Yield also those that are gone: they go in the moment in which their page does."""
        if isinstance(changed, LanguageState):
            yield from self.in_language(changed.locale.language_code)
            return
        materials: Iterable[Material] = ()
        if isinstance(changed, shared.STORIES):
            yield self.path(shared.PAGES, changed.pk, changed.language)
        if isinstance(changed, CampaignPage):
            toolkits = _toolkits_of(changed) if changed.path else ()
            yield from (self.path(shared.PAGES, page.pk, page.language) for page in toolkits)
            materials = _materials_of_campaign(changed.translation_key)
        elif isinstance(changed, MaterialIndexPage):
            materials = Material.objects.all()
        elif isinstance(changed, Design):
            materials = [changed.material]
            yield from self.look_of(changed.material)
        elif isinstance(changed, Material | MaterialText | MaterialFile):
            materials = _materials_affected_by(changed)
        codes = {page.locale.language_code for page in _libraries()}
        for material in materials:
            yield from (self.path(shared.MATERIALS, material.pk, code) for code in sorted(codes))

    def in_language(self, code: str) -> Iterator[str]:
        for model in shared.STORIES:
            for key in model.objects.filter(locale__language_code=code).values_list("pk", flat=True):
                yield self.path(shared.PAGES, key, code)
        for key in Material.objects.values_list("pk", flat=True):
            yield self.path(shared.MATERIALS, key, code)

    def look_of(self, material: Material) -> Iterable[str]:
        """Return what is drawn like the posters of the campaign of a material."""
        return ()


class ShareCardPrinting(SharedPagePrinting):
    """The pictures of pages that have none: `home` prints those of the home page and the sections."""

    folder = "cards"
    extension = "png"
    drawn_only = True

    def look_of(self, material: Material) -> Iterator[str]:
        for page in CampaignPage.objects.filter(translation_key=material.campaign_key).select_related(
            "locale"
        ):
            yield self.path(shared.PAGES, page.pk, page.language)
            yield from (self.path(shared.PAGES, each.pk, each.language) for each in _toolkits_of(page))


class OEmbedPrinting(SharedPagePrinting):
    """The oEmbed descriptions of pages."""

    folder = "oembed"
    extension = "json"


class PartnerPrinting:
    """The pages of partners and of what they do. A page that has chosen a partner refers to it; words and activities are found from the partner."""

    watches: Sequence[type[Model]] = (Partner, PartnerText, Activity, ActivityText, UsageReport)

    def addresses(self) -> Iterable[str]:
        return ()

    def prefetch(self, paths: Iterable[str]) -> None:
        """Load what every campaign, the home page and the lists show of partners."""
        public_partners()
        campaigns_with_activities()

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, CampaignPage):
            indexes = CampaignIndexPage.objects.parent_of(changed)
        elif isinstance(changed, tuple(self.watches)):
            indexes = CampaignIndexPage.objects.all()
        else:
            return
        campaigns: Iterable[CampaignPage]
        if isinstance(changed, CampaignPage):
            campaigns = [changed]
        else:
            keys = _campaigns_of_partner(changed)
            campaigns = CampaignPage.objects.filter(translation_key__in=keys).select_related("locale")
        for index in indexes.select_related("locale"):
            own = tree.page_path(index, index.locale.language_code)
            yield from (f"{own}partners/", f"{own}activities/")
        for page in campaigns:
            # Also those that have nothing left: the press removes them. The page of the campaign leads there, or does not any more.
            yield from (page.path_at_public, f"{page.path_of_list}activities/{page.slug}/")


class ResultPrinting:
    """The results of public campaigns, as one table."""

    unhurried = True
    watches: Sequence[type[Model]] = (CampaignResult,)

    def addresses(self) -> Iterator[str]:
        yield results.CSV

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, CampaignResult | CampaignPage):
            yield results.CSV


class RelatedPrinting:
    """Campaigns and news lead to those beside them in their list."""

    watches: Sequence[type[Model]] = ()

    def addresses(self) -> Iterable[str]:
        return ()

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, StoryPage) and changed.pk and changed.path:
            stories = type(changed).objects
            keys = stories.around(changed)
            here = keys.index(changed.pk)
            near = {*keys[max(0, here - RELATED) : here + RELATED + 1]} - {changed.pk}
            for page in stories.filter(pk__in=near).select_related("locale"):
                yield page.path_at_public


class FilePrinting:
    """The files that readers download. A file is public only while something that the public can read offers it.

    So files that are under embargo, only uploaded or withdrawn cannot be found by guessing their address.
    """

    urgent = True
    watches: Sequence[type[Model]] = (Material, MaterialFile)

    def addresses(self) -> Iterable[str]:
        return ()

    def withheld(self) -> Iterable[int]:
        return UploadedDocument.objects.exclude(pk__in=_offered_files()).values_list("pk", flat=True)

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        files = Q(pk__in=[])
        if isinstance(changed, Page):
            files |= Q(pk__in=_referenced_by(Page, UploadedDocument, where=Q(object_id=str(changed.pk))))
            placed = _referenced_by(Page, Material, where=Q(object_id=str(changed.pk)))
            of_materials = Q(material__in=placed)
            if isinstance(changed, CampaignPage):
                yield from _files_of_campaign(changed.translation_key)
            if isinstance(changed, MaterialIndexPage):
                of_materials |= Q(material__campaign_key__isnull=True)
            files |= Q(pk__in=_documents_of(MaterialFile.objects.filter(of_materials)))
        elif isinstance(changed, Material):
            files |= Q(pk__in=_documents_of(MaterialFile.objects.filter(material=changed)))
        elif isinstance(changed, MaterialFile):
            files |= Q(pk__in=[key for key in (changed.document_id, changed.captions_id) if key])
        for file in UploadedDocument.objects.filter(files):
            yield file.url


def _campaigns_of_partner(changed: Model) -> set[Any]:
    """Return the keys of the campaigns whose pages show this: those that name it, and those that have chosen its partner."""
    if isinstance(changed, Activity | UsageReport):
        return {changed.campaign_key} - {None}
    if isinstance(changed, ActivityText):
        return {changed.activity.campaign_key} - {None}
    partner = changed.partner if isinstance(changed, PartnerText) else changed
    if not isinstance(partner, Partner) or partner.pk is None:
        return set()
    chosen = CampaignPage.objects.supported_by(partner.pk).values_list("translation_key", flat=True)
    done = Activity.objects.filter(partner=partner).values_list("campaign_key", flat=True)
    told = UsageReport.objects.filter(partner=partner).values_list("campaign_key", flat=True)
    return {*chosen, *done, *told} - {None}


def _offered_files() -> set[int]:
    """Return the primary keys of the files that something public offers."""
    public = tree.public_pages().annotate(key=Cast("pk", CharField())).values("key")
    campaigns = CampaignPage.objects.public()
    placed = _referenced_by(Page, Material, where=Q(object_id__in=public))
    listed = Q(material__campaign_key__in=campaigns.values("translation_key")) | Q(material__in=placed)
    if tree.public_pages().type(MaterialIndexPage).exists():
        listed |= Q(material__campaign_key__isnull=True)
    return {
        *_documents_of(MaterialFile.objects.shown().filter(listed)),
        *_referenced_by(Page, UploadedDocument, where=Q(object_id__in=public)),
        # Files that other objects link to (settings, snippets of other apps) are the responsibility of those apps.
        *_referenced_by(None, UploadedDocument, where=Q()),
    }


def _documents_of(files: QuerySet[MaterialFile]) -> set[int]:
    """Return the primary keys of the documents of these files, and of their captions."""
    return {key for pair in files.values_list("document", "captions") for key in pair if key}


def _toolkits_of(page: CampaignPage) -> Sequence[ToolkitPage]:
    return _toolkits_of_campaign(page.translation_key).get(page.path, ())


# --- Asked once for all languages of a campaign, which change together at its hour --------------------------------------------------


@memo.per_batch
def _toolkits_of_campaign(key: uuid.UUID) -> dict[str, list[ToolkitPage]]:
    """Return the toolkits of a campaign in each language, by the path of its page in the tree."""
    pages = CampaignPage.objects.filter(translation_key=key).values("path")
    above = Left("path", Length("path") - Page.steplen)
    found: dict[str, list[ToolkitPage]] = {}
    for toolkit in ToolkitPage.objects.alias(above=above).filter(above__in=pages).select_related("locale"):
        found.setdefault(toolkit.path[: -Page.steplen], []).append(toolkit)
    return found


@memo.per_batch
def _materials_of_campaign(key: uuid.UUID) -> list[Material]:
    return [*Material.objects.of_campaign(key)]


@memo.per_batch
def _files_of_campaign(key: uuid.UUID) -> list[str]:
    """Return the addresses of the files of a campaign, in all languages."""
    files = _documents_of(MaterialFile.objects.filter(material__campaign_key=key))
    return [file.url for file in UploadedDocument.objects.filter(pk__in=files)]


@memo.per_batch
def _libraries() -> list[MaterialIndexPage]:
    return [*MaterialIndexPage.objects.select_related("locale")]


@memo.per_batch
def _themes() -> list[tuple[uuid.UUID, str]]:
    return [*Theme.objects.values_list("translation_key", "locale__language_code")]


def _referenced_by(model: type[Model] | None, named: type[Model], *, where: Q) -> set[int]:
    """Return the primary keys of the `named` objects that a `model` refers to, or, if that is None, anything but pages and materials."""
    references = ReferenceIndex.objects.filter(
        where, to_content_type=ContentType.objects.get_for_model(named)
    )
    if model is None:
        known = [ContentType.objects.get_for_model(other) for other in (Page, Material)]
        references = references.exclude(base_content_type__in=known)
    else:
        references = references.filter(base_content_type=ContentType.objects.get_for_model(model))
    return {int(key) for key in references.values_list("to_object_id", flat=True)}


def _materials_affected_by(changed: Model) -> list[Material]:
    if isinstance(changed, Material):
        return [changed]
    if isinstance(changed, MaterialText | MaterialFile):
        return [*Material.objects.filter(pk=changed.material_id)]
    if isinstance(changed, UploadedDocument):
        offered = Q(files__document=changed) | Q(files__captions=changed)
        return [*Material.objects.filter(offered).distinct()]
    if isinstance(changed, Picture):
        # The first page of a file. Pictures that an editor chose are in the reference index.
        drawn_from = changed.first_page_of_id
        return [*Material.objects.filter(files__document=drawn_from)] if drawn_from else []
    if isinstance(changed, Theme):
        # A material refers to the theme in one language; readers of other languages see its translations.
        return [*Material.objects.filter(theme__translation_key=changed.translation_key)]
    return []


def _campaign_keys(materials: list[Material]) -> set[str]:
    """Return the keys of the campaigns that list these materials, and of those that did before they were moved."""
    keys = {str(material.campaign_key) for material in materials if material.campaign_key}
    earlier = Revision.objects.filter(
        content_type=ContentType.objects.get_for_model(Material),
        object_id__in=[str(material.pk) for material in materials],
    )
    return keys | {key for key in earlier.values_list("content__campaign_key", flat=True).distinct() if key}


KIT_PREFIX = "kit."


def counted_names(pages: Collection[str]) -> dict[str, str]:
    """Return the title of the campaign of each counted kit, in the active language or, if it has none, in another. One query."""
    slugs = {page.removeprefix(KIT_PREFIX): page for page in pages}
    titles = CampaignPage.objects.listed().filter(slug__in=slugs).select_related("locale")
    language = get_language()
    ordered = sorted(titles, key=lambda page: (page.language == language, -page.pk))
    return {slugs[page.slug]: page.title for page in ordered}


# Everything that a campaign has for download in one language, for whomever it is packed. The language-neutral name is in the address.
COUNTED = Counted(
    name="kits",
    title=_("Kits of campaigns"),
    files=("*/*/*/kits/*.zip",),
    address=re.compile(
        r"/(?P<language>[a-z]{2,3}(?:-[a-z0-9]+)*)/(?:[^/]+/)*(?P<page>[a-z0-9-]+)/kits/[a-z_]+\.zip"
    ),
    prefix=KIT_PREFIX,
    names=counted_names,
)

PRINTINGS = (
    ShareCardPrinting(),
    CataloguePrinting(),
    FeedPrinting(),
    FilePrinting(),
    FollowingPrinting(),
    KitPrinting(),
    LibraryPrinting(),
    MaterialPrinting(),
    OEmbedPrinting(),
    PartnerPrinting(),
    RelatedPrinting(),
    ResultPrinting(),
    ThemeFeedPrinting(),
    ToolkitPrinting(),
)
