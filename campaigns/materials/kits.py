"""Kits: the public files of a campaign in one language, for one audience or for all, as one ZIP with a read-me file.

A kit is prerendered like the page of its campaign, at an address below it, and holds only files that are public.
The same contents make the same bytes.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from campaigns.materials.models import DownloadItem, Readership, download_list
from campaigns.models import CampaignPage, MaterialFile, Theme, ToolkitPage
from core.http import public_url
from core.languages import tree
from core.publishing import routes
from core.publishing.counted import Counted
from core.uploads.packages import write_package

EVERYBODY = "all"
NAMES = (EVERYBODY, *Readership.values)
# Larger files (films) are left out: readers on phones choose them one by one, and kits are packed in memory.
LARGEST_FILE = 25 * 1024 * 1024
LARGEST_KIT = 100 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class KitLink:
    """A kit as linked from a page."""

    path: str
    count: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A file in a kit. The name is empty if the file is too large for the kit."""

    item: DownloadItem
    file: MaterialFile
    name: str

    @property
    def url(self) -> str:
        return public_url(self.file.document.url)


class Kit:
    """A kit of a public campaign, in the language of its page."""

    def __init__(self, page: CampaignPage, name: str) -> None:
        self.page = page
        self.name = name

    @property
    def audience(self) -> str:
        return "" if self.name == EVERYBODY else self.name

    @property
    def path(self) -> str:
        return kit_path(self.page, self.name)

    def items(self) -> list[DownloadItem]:
        """Return the materials with a file in the language of the page, for the audience of the kit."""
        files = MaterialFile.objects.shown().filter(material__campaign_key=self.page.translation_key)
        files = files.filter(language=self.page.language)
        themes = Theme.objects.filter(locale__language_code=self.page.language)
        found = download_list(files.for_downloads(themes), language=self.page.language)
        return [item for item in found if not self.audience or self.audience in item.material.audiences]

    def packed(self) -> list[Packed]:
        """Return the files in a fixed order, with unique names."""
        found, used, total = [], set(), 0
        for item in self.items():
            for file in item.own:
                size = file.size
                name = f"{item.material.kind.replace('_', '-')}/{file.document.filename}"
                if name in used:
                    name = f"{item.material.kind.replace('_', '-')}/{file.document.pk}-{file.document.filename}"
                fits = size <= LARGEST_FILE and total + size <= LARGEST_KIT
                total += size if fits else 0
                used.add(name)
                found.append(Packed(item=item, file=file, name=name if fits else ""))
        return found

    def write(self) -> bytes:
        """Return the ZIP. Raise LookupError if it would be empty."""
        with translation.override(self.page.language):
            packed = self.packed()
            if not packed:
                raise LookupError(self.path)
            parts = {each.name: Path(each.file.document.file.path) for each in packed if each.name}
            for each in packed:
                if each.name and each.file.captions:
                    name = f"{each.name.rpartition('.')[0]}.vtt"
                    # A film and its sound may have the same name but for the extension.
                    name = f"{each.name}.vtt" if name in parts else name
                    parts[name] = Path(each.file.captions.file.path)
            # Translators: the name of a file. It stands first in a folder, so that people open it first.
            read_me = f"{_('READ ME')}.html"
            first = (read_me, self.read_me(packed).encode())
            # Lazy: the files need not all be in memory together with the package.
            files = ((name, file.read_bytes()) for name, file in sorted(parts.items()))
            return write_package(chain([first], files))

    def read_me(self, packed: list[Packed]) -> str:
        language = settings.LANGUAGE_TABLE[self.page.language]
        context = {
            "page": self.page,
            "address": public_url(self.page.path_at_public),
            "newest": public_url(self.path),
            "audience": str(Readership(self.audience).label) if self.audience else "",
            "packed": packed,
            "language": language,
            "toolkit": self.toolkit(),
        }
        return render_to_string("campaigns/read_me.html", context)

    def toolkit(self) -> str:
        """Return the address of the toolkit for this audience; empty if there is none."""
        found = ToolkitPage.objects.child_of(self.page).listed().filter(audience=self.audience or None).first()
        return public_url(tree.page_path(found, self.page.language)) if found else ""


def kit_path(page: CampaignPage, name: str) -> str:
    return f"{tree.page_path(page, page.language)}kits/{name}.zip"


def kits_of(page: CampaignPage | ToolkitPage) -> dict[str, KitLink]:
    """Return the kits of a campaign by name, from materials loaded by its page or the page of one of its toolkits."""
    campaign = page.campaign if isinstance(page, ToolkitPage) else page
    found: dict[str, KitLink] = {}
    items = [item for item in page.all_downloads if item.own and item.material.campaign_key == page.campaign_key]
    for name in NAMES:
        wanted = [item for item in items if name == EVERYBODY or name in item.material.audiences]
        sizes = [file.size for item in wanted for file in item.own]
        if sizes:
            size = sum(size for size in sizes if size <= LARGEST_FILE)
            found[name] = KitLink(path=kit_path(campaign, name), count=len(sizes), size=size)
    return found


def pages_with_kits(slugs: Collection[str] | None = None) -> Iterator[CampaignPage]:
    """Yield public campaign pages without render blockers, all or those with these slugs."""
    pages = CampaignPage.objects.public()
    if slugs is not None:
        pages = pages.filter(slug__in=slugs)
    for page in pages.select_related("locale").defer("body"):
        if not page.render_blockers():
            yield page


def all_paths(slugs: Collection[str] | None = None) -> Iterator[str]:
    """Yield the path of every kit, or those of pages with these slugs. Two queries, plus the render checks of pages."""
    rows = MaterialFile.objects.shown().values_list("material__campaign_key", "language", "material__audiences")
    readers: dict[tuple[object, str], set[str]] = {}
    for key, language, audiences in rows:
        readers.setdefault((key, language), {EVERYBODY}).update(audiences)
    for page in pages_with_kits(slugs):
        names = readers.get((page.translation_key, page.language), set())
        yield from (kit_path(page, name) for name in NAMES if name in names)


def download(request: HttpRequest, campaign: str, name: str) -> HttpResponse:
    """Pack a kit. Raise Http404 unless the request is the renderer's and the kit exists."""
    if not routes.may_render(request) or name not in NAMES:
        raise Http404
    language = translation.get_language() or settings.LANGUAGE_CODE
    pages = CampaignPage.objects.public().filter(locale__language_code=language, slug=campaign.rpartition("/")[2])
    for page in pages.select_related("locale"):
        if tree.page_path(page, language) == f"/{language}/{campaign}/" and not page.render_blockers():
            try:
                return HttpResponse(Kit(page, name).write(), content_type="application/zip")
            except LookupError:
                break
    raise Http404


KIT_PREFIX = "kit."


def counted_names(pages: Collection[str]) -> dict[str, str]:
    """Return the campaign title of each counted kit, preferably in the active language. One query."""
    slugs = {page.removeprefix(KIT_PREFIX): page for page in pages}
    titles = CampaignPage.objects.listed().filter(slug__in=slugs).select_related("locale")
    language = get_language()
    ordered = sorted(titles, key=lambda page: (page.language == language, -page.pk))
    return {slugs[page.slug]: page.title for page in ordered}


# Downloads of a campaign's kits in one language, for all audiences together. The address has the language-neutral name.
COUNTED = Counted(
    name="kits",
    title=gettext_lazy("Kits of campaigns"),
    files=("*/*/*/kits/*.zip",),
    address=re.compile(r"/(?P<language>[a-z]{2,3}(?:-[a-z0-9]+)*)/(?:[^/]+/)*(?P<page>[a-z0-9-]+)/kits/[a-z_]+\.zip"),
    prefix=KIT_PREFIX,
    names=counted_names,
)
