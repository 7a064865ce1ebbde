"""What a preview link shows: the pages of a campaign as they will be at its hour, and its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.functional import cached_property

from campaigns.launches.models import called_off
from campaigns.materials import kits
from campaigns.models import CampaignPage, MaterialFile, ToolkitPage
from core.languages import names

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from campaigns.models import PreviewLink
    from core.models import UploadedDocument

PICTURE = "campaigns.preview.picture"


class Preview:
    """What one link shows. `key` is what stands for the link in addresses."""

    def __init__(self, link: PreviewLink, key: str) -> None:
        self.link = link
        self.key = key

    @cached_property
    def pages(self) -> list[CampaignPage | ToolkitPage]:
        """The pages as they will be: what is scheduled or, of other pages, what is public or was last saved. Campaigns first.

        What somebody has taken out of the launch will not be there.
        """
        campaigns = CampaignPage.objects.filter(
            translation_key=self.link.campaign_key, locale__language_code__in=self.link.languages
        ).select_related("locale")
        off = called_off([page.pk for page in campaigns])
        found: list[CampaignPage | ToolkitPage] = []
        for campaign in campaigns:
            if campaign.pk in off and not campaign.is_open:
                continue
            shown = as_at_launch(campaign)
            shown.toolkits = [
                as_at_launch(toolkit)
                for toolkit in ToolkitPage.objects.child_of(campaign).newest_first().select_related("locale")
                if toolkit.live or toolkit.scheduled_revision
            ]
            found += [shown, *shown.toolkits]
        return found

    @cached_property
    def paths(self) -> dict[str, str]:
        """The addresses in the preview, by the path at the public door."""
        return {page.path_at_public: self.url("page", page.pk) for page in self.pages}

    def url(self, name: str, *arguments: object) -> str:
        return reverse(f"previews:{name}", args=(self.key, *arguments))

    @cached_property
    def files(self) -> list[MaterialFile]:
        """The files of the published materials, in the languages of the link."""
        found = MaterialFile.objects.shown().filter(
            material__campaign_key=self.link.campaign_key, language__in=self.link.languages
        )
        return [*found.select_related("material", "document", "captions").order_by("material__name", "pk")]

    @cached_property
    def documents(self) -> dict[int, UploadedDocument]:
        """The files by primary key, with their captions."""
        return {
            each.pk: each
            for file in self.files
            for each in (file.document, file.captions)
            if each is not None
        }

    def file_url(self, pk: int) -> str:
        """Return the address of a file in the preview; empty if it is not part of it."""
        document = self.documents.get(pk)
        return self.url("file", pk, document.filename) if document else ""

    @cached_property
    def kits(self) -> dict[str, kits.Kit]:
        """The kits of its campaigns, by their path at the public door; also of readers for whom there is nothing."""
        campaigns = [page for page in self.pages if isinstance(page, CampaignPage)]
        packed = [kits.Kit(page, name) for page in campaigns for name in kits.NAMES]
        return {kit.path: kit for kit in packed}

    def kit_url(self, path: str) -> str:
        """Return the address of a kit in the preview, by its path at the public door; empty if it is not part of it."""
        kit = self.kits.get(path)
        return self.url("kit", kit.page.pk, kit.name) if kit else ""

    def picture_url(self, name: str) -> str:
        """Return the address of a picture that stands on one of the pages, by the name of its file."""
        return self.url("picture", signing.Signer(salt=PICTURE + self.key).sign_object(name))

    @cached_property
    def hour(self) -> dt.datetime | None:
        return CampaignPage.objects.hours_of([self.link.campaign_key]).get(self.link.campaign_key)

    def languages(self) -> Iterator[dict[str, object]]:
        """Yield each language with its pages and files as (what it is, address)."""
        for code, language in settings.LANGUAGE_TABLE.items():
            pages = [page for page in self.pages if page.language == code]
            if pages:
                yield {
                    "code": code,
                    "name": names.language_name(code),
                    "direction": language.direction,
                    "pages": [(page.title, self.url("page", page.pk)) for page in pages],
                    "files": [
                        (file, self.file_url(file.document_id))
                        for file in self.files
                        if file.language == code
                    ],
                }


def as_at_launch(page: Any) -> Any:
    """Return a page in the version that will be public."""
    revision = page.scheduled_revision or (None if page.live else page.latest_revision)
    return revision.as_object() if revision is not None else page
