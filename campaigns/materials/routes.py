"""Routes of materials: pages that show them, kits, the catalogue, and public files."""

import uuid
from collections.abc import Iterable, Iterator, Sequence

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Model, Q, QuerySet
from django.db.models.functions import Cast
from wagtail.models import Page, ReferenceIndex, Revision

from campaigns.materials import catalogue, kits
from campaigns.models import (
    CampaignPage,
    Material,
    MaterialFile,
    MaterialIndexPage,
    MaterialText,
    RetiredOutput,
    Theme,
    ToolkitPage,
)
from campaigns.stories.routes import RelatedRoute, toolkits_of
from core import memo
from core.languages import tree
from core.models import Picture, UploadedDocument
from core.publishing.routes import AppRoute


class MaterialRoute(AppRoute):
    """Materials, shown on their campaign's pages in every language.

    Pages do not refer to materials; materials refer to campaigns.
    """

    watches: Sequence[type[Model]] = (Material, MaterialText, MaterialFile, Theme, Picture, RetiredOutput)

    def withdraws(self, changed: Model, *, deleted: bool) -> bool:
        """Return whether an output is recalled: its old address is noted, and then its file deleted."""
        if isinstance(changed, MaterialFile):
            return deleted and RetiredOutput.objects.recalled().filter(path=changed.document.url).exists()
        return isinstance(changed, RetiredOutput) and not deleted and changed.why in RetiredOutput.RECALLED

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, RetiredOutput):
            for page in CampaignPage.objects.filter(translation_key=changed.campaign_key).select_related("locale"):
                yield page.path_at_public
            return
        materials = materials_affected_by(changed)
        if not materials:
            return
        pages = CampaignPage.objects.filter(translation_key__in=_campaign_keys((*materials,))).select_related("locale")
        for page in pages:
            yield page.path_at_public
            yield from (toolkit.path_at_public for toolkit in toolkits_of(page))
            if page.picture_id is None:  # lists show a poster instead
                yield tree.page_path(page.get_parent(), page.language)
                yield from RelatedRoute().invalidated_by(page)


class LibraryRoute(AppRoute):
    """The library, and the page of each material in it."""

    watches: Sequence[type[Model]] = MaterialRoute.watches

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, CampaignPage):
            materials = materials_of_campaign(changed.translation_key)
        else:
            materials = materials_affected_by(changed)
        if not materials:
            return
        for page in libraries():
            own = page.path_at_public
            yield own
            yield from (f"{own}{material.pk}/" for material in materials)


class KitRoute(AppRoute):
    """Kits: the downloads of a campaign in one language, packed. They change with every text and file in them."""

    urgent = True
    packs_files = True
    watches: Sequence[type[Model]] = (*MaterialRoute.watches, UploadedDocument)

    def addresses(self) -> Iterator[str]:
        return kits.all_paths()

    def existing(self, paths: Iterable[str]) -> Iterable[str]:
        """Check only the pages of the kits among these paths, as a render check reads all texts of a page."""
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
        elif isinstance(changed, RetiredOutput):
            pages = campaigns.filter(translation_key=changed.campaign_key)
        else:
            pages = campaigns.filter(translation_key__in=_campaign_keys((*materials_affected_by(changed),)))
        for page in pages:
            # Include kits without files, so that the renderer removes them.
            yield from (kits.kit_path(page, name) for name in kits.NAMES)


class CatalogueRoute(AppRoute):
    unhurried = True
    watches: Sequence[type[Model]] = (*MaterialRoute.watches, UploadedDocument)

    def addresses(self) -> Iterable[str]:
        return (catalogue.TURTLE, catalogue.JSON_LD)

    def invalidated_by(self, changed: Model) -> Iterable[str]:
        if isinstance(changed, UploadedDocument) and not materials_affected_by(changed):
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


class FileRoute(AppRoute):
    """Files for download. A file is public only while public content offers it.

    So files that are under embargo, only uploaded or withdrawn cannot be found by guessing their address.
    """

    urgent = True
    watches: Sequence[type[Model]] = (Material, MaterialFile)

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


def _offered_files() -> set[int]:
    """Return the primary keys of the files that public content offers."""
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


@memo.per_batch
def materials_of_campaign(key: uuid.UUID) -> list[Material]:
    return [*Material.objects.filter(campaign_key=key)]


@memo.per_batch
def _files_of_campaign(key: uuid.UUID) -> list[str]:
    """Return the addresses of the files of a campaign, in all languages."""
    files = _documents_of(MaterialFile.objects.filter(material__campaign_key=key))
    return [file.url for file in UploadedDocument.objects.filter(pk__in=files)]


@memo.per_batch
def libraries() -> list[MaterialIndexPage]:
    return [*MaterialIndexPage.objects.select_related("locale")]


def _referenced_by(model: type[Model] | None, named: type[Model], *, where: Q) -> set[int]:
    """Return the primary keys of the `named` objects that a `model` refers to; None: all but pages and materials."""
    references = ReferenceIndex.objects.filter(where, to_content_type=ContentType.objects.get_for_model(named))
    if model is None:
        known = [ContentType.objects.get_for_model(other) for other in (Page, Material)]
        references = references.exclude(base_content_type__in=known)
    else:
        references = references.filter(base_content_type=ContentType.objects.get_for_model(model))
    return {int(key) for key in references.values_list("to_object_id", flat=True)}


@memo.per_batch
def materials_affected_by(changed: Model) -> list[Material]:
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


@memo.per_batch
def _campaign_keys(materials: tuple[Material, ...]) -> set[str]:
    """Return the keys of the campaigns that list these materials now, or did in an earlier revision."""
    keys = {str(material.campaign_key) for material in materials if material.campaign_key}
    earlier = Revision.objects.filter(
        content_type=ContentType.objects.get_for_model(Material),
        object_id__in=[str(material.pk) for material in materials],
    )
    return keys | {key for key in earlier.values_list("content__campaign_key", flat=True).distinct() if key}


ROUTES = (
    CatalogueRoute(),
    FileRoute(),
    KitRoute(),
    LibraryRoute(),
    MaterialRoute(),
)
