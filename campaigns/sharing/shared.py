"""Campaigns, news, toolkits and materials for other sites, at an address that stays when a page is renamed.

The share card of a page and its oEmbed description are separate files, rendered and removed together with the page.
Help pages have neither.
"""

from __future__ import annotations

import json
import logging
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from wagtail.models import Page

from campaigns.materials.models import DownloadItem, Readership
from campaigns.models import CampaignPage, Design, MaterialFile, MaterialIndexPage, NewsPage, ToolkitPage
from campaigns.stories.models import StoryPage
from campaigns.studio import cards
from campaigns.studio.formats import Hue
from core.http import public_url
from core.languages import tree
from core.models import Picture, SiteSettings
from core.publishing import routes, sharing
from core.typesetting import TypesettingError

STORIES: tuple[type[StoryPage], ...] = (CampaignPage, NewsPage, ToolkitPage)
PAGES, MATERIALS = "pages", "materials"
# An address has the language, the kind, and the primary key: `/cards/de/pages/17.png`, `/oembed/de/materials/5.json`.
ADDRESS = re.compile(
    rf"/(?P<folder>[a-z]+)/(?P<language>[a-z0-9-]+)/(?P<kind>{PAGES}|{MATERIALS})"
    r"/(?P<key>\d{1,18})\.(?P<extension>png|json)"
)
SCENES = {"CampaignPage": "bus-stop", "NewsPage": "press-conference", MATERIALS: "library"}
SCENES_OF_TOOLKITS = {
    Readership.EVERYBODY: "street",
    Readership.PARENTS: "family-walk",
    Readership.TEACHERS: "lecture",
    Readership.HEALTH: "practice",
    Readership.JUSTICE: "ministry",
    Readership.EMPLOYERS: "team-table",
    Readership.JOURNALISTS: "press-conference",
    # A neutral picture, which says nothing about the person who shares it.
    Readership.WORRIED: "hills-path",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPage:
    """A public page, in one language. `kind` is `pages` or `materials`, `key` the primary key of the object."""

    kind: str
    key: int
    language: str
    title: str
    path: str
    scene: str
    # True if the illustration shows the audience; then it is not replaced by that of the campaign.
    is_for_readers: bool = False
    # The campaign that gives the card the hue and illustration of its posters.
    campaign_key: uuid.UUID | None = None
    # The picture chosen by an editor; a card is drawn only without one.
    picture: Picture | None = None

    @classmethod
    def of_story(cls, page: StoryPage) -> SharedPage:
        readers = Readership(page.audience) if isinstance(page, ToolkitPage) else None
        return cls(
            kind=PAGES,
            key=page.pk,
            language=page.language,
            title=page.seo_title or page.title,
            path=page.path_at_public,
            scene=SCENES_OF_TOOLKITS[readers] if readers else SCENES[type(page).__name__],
            is_for_readers=readers is not None,
            campaign_key=page.campaign_key,
            picture=page.picture,
        )

    @classmethod
    def of_material(cls, download: DownloadItem, library: MaterialIndexPage) -> SharedPage:
        language = library.locale.language_code
        return cls(
            kind=MATERIALS,
            key=download.material.pk,
            language=language,
            title=download.title,
            path=f"{tree.page_path(library, language)}{download.material.pk}/",
            scene=SCENES[MATERIALS],
            campaign_key=download.material.campaign_key,
        )

    @property
    def card_path(self) -> str:
        return sharing.card_path_of(self.kind, self.key, self.language)

    def look(self) -> tuple[str, str]:
        """Return the hue and illustration of its design, else of its campaign's design, else defaults."""
        designs = Design.objects.order_by("material_id")
        if self.kind == MATERIALS and (own := designs.filter(material=self.key).first()):
            return own.hue, own.scene or self.scene
        if self.campaign_key is None:
            return Hue.PINE, self.scene
        of_campaign = designs.filter(material__campaign_key=self.campaign_key, material__live=True).first()
        if of_campaign is None:
            return Hue.PINE, self.scene
        return of_campaign.hue, self.scene if self.is_for_readers else of_campaign.scene or self.scene


# --- Public pages ---


def stories(keys: Iterable[int] | None = None) -> Iterator[StoryPage]:
    """Yield public pages, all or those with these primary keys."""
    public = tree.public_pages().values("pk")
    for model in STORIES:
        pages = model.objects.listed().filter(pk__in=public)
        if keys is not None:
            pages = pages.filter(pk__in=[*keys])
        for page in pages.select_related("locale", "picture"):
            if not page.render_blockers():
                yield page


def libraries() -> list[MaterialIndexPage]:
    """Return the library of each public language."""
    public = MaterialIndexPage.objects.filter(pk__in=tree.public_pages().values("pk"))
    found = {page.locale.language_code: page for page in public.select_related("locale").order_by("-path")}
    return [page for page in found.values() if not page.render_blockers()]


def find(kind: str, key: int, language: str) -> SharedPage:
    """Return a public page. Raise LookupError if there is none."""
    if kind == PAGES:
        page = next((page for page in stories([key]) if page.language == language), None)
        if page is None:
            raise LookupError(key)
        return SharedPage.of_story(page)
    library = next((page for page in libraries() if page.locale.language_code == language), None)
    downloads = library.downloads(key) if library else []
    if library is None or not downloads:
        raise LookupError(key)
    return SharedPage.of_material(downloads[0], library)


def existing(paths: Iterable[str], *, folder: str, drawn_only: bool) -> Iterator[str]:
    """Yield those of these paths in a folder that exist. `drawn_only` leaves out pages with a chosen picture."""
    parts = {path: match for path in paths if (match := ADDRESS.fullmatch(path)) and match["folder"] == folder}
    if not parts:
        return
    pages = [int(match["key"]) for match in parts.values() if match["kind"] == PAGES]
    there = {
        (PAGES, str(page.pk), page.language)
        for page in (stories(pages) if pages else ())
        if not (drawn_only and page.picture_id)
    }
    wanted = {int(match["key"]) for match in parts.values() if match["kind"] == MATERIALS}
    if wanted:
        public = MaterialFile.objects.public().filter(material__in=wanted)
        materials = {str(key) for key in public.values_list("material", flat=True)}
        codes = [page.locale.language_code for page in libraries()]
        there |= {(MATERIALS, key, code) for key in materials for code in codes}
    for path, match in parts.items():
        if (match["kind"], match["key"], match["language"]) in there:
            yield path


log = logging.getLogger(__name__)

# Seconds for which oEmbed clients may cache a description: withdrawn pages disappear within a day.
CACHE_AGE = 24 * 60 * 60


def card(request: HttpRequest, code: str, kind: str, key: int) -> HttpResponse:
    """Return the share card of a page, or that of its section if it cannot be drawn, so that links always have one."""
    page = _shared(request, code, kind, key)
    if page.picture is not None:
        raise Http404
    hue, scene = page.look()
    site = SiteSettings.for_request(request).name
    try:
        drawn = cards.card(title=page.title, site=site, language=code, hue=hue, scene=scene)
    except TypesettingError as problem:
        log.warning("No card was drawn of %s, so that of its section stands in. %s", page.path, problem)
        drawn = sharing.drawn_card(_section(page), site=site)
    return HttpResponse(drawn, content_type="image/png")


def described(request: HttpRequest, code: str, kind: str, key: int) -> HttpResponse:
    """Return the oEmbed 1.0 description of a page (https://oembed.com).

    Clients find its address in the head of the page; there is no endpoint for arbitrary addresses.
    All have the type `link`, with a thumbnail: `photo`, `video` and `rich` would embed files or markup of this site
    in other sites, whose readers would then send requests here without noticing.
    """
    page = _shared(request, code, kind, key)
    found: dict[str, object] = {
        "version": "1.0",
        "type": "link",
        "title": page.title,
        "provider_name": SiteSettings.for_request(request).name,
        "provider_url": public_url(f"/{page.language}/"),
        "url": public_url(page.path),
        "cache_age": CACHE_AGE,
    }
    if page.picture is not None:
        picture = page.picture.get_rendition(sharing.PICTURE)
        thumbnail = (public_url(picture.url), picture.width, picture.height)
    else:
        thumbnail = (public_url(page.card_path), sharing.CARD_WIDTH, sharing.CARD_HEIGHT)
    found |= zip(("thumbnail_url", "thumbnail_width", "thumbnail_height"), thumbnail, strict=True)
    return HttpResponse(json.dumps(found, ensure_ascii=False, indent=1) + "\n", content_type="application/json")


def _shared(request: HttpRequest, code: str, kind: str, key: int) -> SharedPage:
    if not routes.may_render(request):
        raise Http404
    try:
        return find(kind, key, code)
    except LookupError:
        raise Http404 from None


def _section(page: SharedPage) -> Page:
    """Return the section of a page: its ancestor directly below the home page."""
    slug = page.path.split("/")[2]
    sections = tree.public_pages().filter(depth=tree.HOME_DEPTH + 1, slug=slug, locale__language_code=page.language)
    return sections.select_related("locale").get()
