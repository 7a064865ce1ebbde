"""Previews for partners: the pages of a campaign as of its go-live time, and its files, behind a link that expires.

Previews are on the private site, without signing in.
The first request moves the token out of the address (`core.links`), and each further request checks the link again.
Visits are not logged.
A link that has expired, was revoked, never existed or is not open in this browser gets the same response.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup
from bs4.element import Tag
from django.conf import settings
from django.core import signing
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns.launches.models import called_off
from campaigns.materials import kits
from campaigns.models import CampaignPage, MaterialFile, PreviewLink, ToolkitPage
from core import links
from core.http import errors
from core.http.limits import Limit, RequestRejectedError, client_address, consume
from core.languages import names
from core.models import Rendition, UploadedDocument

type View = Callable[..., HttpResponseBase]

PICTURE = "campaigns.preview.picture"


class Preview:
    """Contents of one preview link. `key` identifies the link in addresses."""

    def __init__(self, link: PreviewLink, key: str) -> None:
        self.link = link
        self.key = key

    @cached_property
    def pages(self) -> list[CampaignPage | ToolkitPage]:
        """The pages in their version at launch, campaigns first.

        That is the scheduled version or else the public or the last saved one.
        Pages taken out of the launch are left out.
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
        """The address in the preview of each page, by its path on the public site."""
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
        return {each.pk: each for file in self.files for each in (file.document, file.captions) if each is not None}

    def file_url(self, pk: int) -> str:
        """Return the address of a file in the preview; empty if it is not part of it."""
        document = self.documents.get(pk)
        return self.url("file", pk, document.filename) if document else ""

    @cached_property
    def kits(self) -> dict[str, kits.Kit]:
        """The kits of its campaigns, by their path on the public site, including kits without files."""
        campaigns = [page for page in self.pages if isinstance(page, CampaignPage)]
        packed = [kits.Kit(page, name) for page in campaigns for name in kits.NAMES]
        return {kit.path: kit for kit in packed}

    def kit_url(self, path: str) -> str:
        """Return the address of a kit in the preview, by its path on the public site; empty if it is not in it."""
        kit = self.kits.get(path)
        return self.url("kit", kit.page.pk, kit.name) if kit else ""

    def picture_url(self, name: str) -> str:
        """Return the address of a picture on one of the pages, by its file name."""
        return self.url("picture", signing.Signer(salt=PICTURE + self.key).sign_object(name))

    @cached_property
    def go_live_at(self) -> dt.datetime | None:
        return CampaignPage.objects.go_live_times([self.link.campaign_key]).get(self.link.campaign_key)

    def languages(self) -> Iterator[dict[str, object]]:
        """Yield each language with its pages as (title, address) and its files as (file, address)."""
        for code, language in settings.LANGUAGE_TABLE.items():
            pages = [page for page in self.pages if page.language == code]
            if pages:
                yield {
                    "code": code,
                    "name": names.language_name(code),
                    "direction": language.direction,
                    "pages": [(page.title, self.url("page", page.pk)) for page in pages],
                    "files": [(file, self.file_url(file.document_id)) for file in self.files if file.language == code],
                }


def as_at_launch(page: Any) -> Any:
    """Return a page in its version at launch."""
    revision = page.scheduled_revision or (None if page.live else page.latest_revision)
    return revision.as_object() if revision is not None else page


# Requests for pages and files from one address. Pictures are not counted: they come with their page.
FROM_ADDRESS = Limit(name="preview-from", times=60, seconds=10 * 60)


def for_partners(view: View) -> View:
    """Pass the view the preview whose link is open in this browser; respond alike to all other requests."""

    @require_safe
    @wraps(view)
    def checked(request: HttpRequest, key: str, **rest: object) -> HttpResponseBase:
        try:
            if view.__name__ != "picture":
                consume(FROM_ADDRESS, client_address(request))
            preview = Preview(PreviewLink.read(links.opened_token(request, key)), key)
            response = view(request, preview, **rest)
        except (links.InvalidLinkError, Http404):
            response = no_link(request)
        except RequestRejectedError as refusal:
            response = errors.answer(request, refusal.status)
        response["Referrer-Policy"] = "no-referrer"
        return response

    return checked


def no_link(request: HttpRequest) -> HttpResponse:
    title = _("There is nothing to see by this link")
    return TemplateResponse(request, "campaigns/preview_gone.html", {"title": title}, status=410).render()


@for_partners
def overview(request: HttpRequest, preview: Preview) -> HttpResponseBase:
    if not preview.pages:
        raise Http404
    context = {
        "title": preview.pages[0].title,
        "preview": preview,
        "languages": [*preview.languages()],
        "zone": settings.TIME_ZONE,
    }
    return TemplateResponse(request, "campaigns/preview_overview.html", context).render()


@for_partners
def page(request: HttpRequest, preview: Preview, pk: int) -> HttpResponseBase:
    shown = next((each for each in preview.pages if each.pk == pk), None)
    if shown is None:
        raise Http404
    rendered = shown.make_preview_request(preview_mode="")
    if rendered.status_code != 200:
        raise Http404
    return HttpResponse(as_preview(rendered.content.decode(), preview, request))


@for_partners
def file(request: HttpRequest, preview: Preview, pk: int, name: str) -> HttpResponseBase:
    document = preview.documents.get(pk)
    if document is None or document.filename != name:
        raise Http404
    return FileResponse(document.file.open("rb"), as_attachment=True, filename=document.filename)


@for_partners
def kit(request: HttpRequest, preview: Preview, pk: int, name: str) -> HttpResponseBase:
    """Pack a kit as of the launch; no kit is prerendered before."""
    found = next((each for each in preview.kits.values() if (each.page.pk, each.name) == (pk, name)), None)
    if found is None:
        raise Http404
    try:
        response = HttpResponse(found.write(), content_type="application/zip")
    except LookupError:
        raise Http404 from None
    response["Content-Disposition"] = f'attachment; filename="{found.page.slug}-{found.page.language}-{name}.zip"'
    return response


@for_partners
def picture(request: HttpRequest, preview: Preview, signed: str) -> HttpResponseBase:
    try:
        name = signing.Signer(salt=PICTURE + preview.key).unsign_object(signed)
    except (signing.BadSignature, ValueError):
        raise Http404 from None
    drawn = Rendition.objects.filter(file=name).first()
    if drawn is None:
        raise Http404
    return FileResponse(drawn.file.open("rb"))


DOCUMENT = re.compile(r"^/documents/(\d+)/")
# Machine-readable, scripted and form elements, which a preview does not need.
REMOVED = (
    "script, form, iframe, base, link:not([rel=stylesheet]):not([rel=icon]), meta[property], meta[name^=twitter], "
    "noscript"
)


def as_preview(html: str, preview: Preview, request: HttpRequest) -> str:
    """Return the HTML of a page, adapted to its preview."""
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.select(REMOVED):
        tag.decompose()
    for tag in soup.find_all(["video", "audio"]):
        play(soup, tag, preview)
    for tag in soup.find_all(["a", "area"]):
        lead_within(tag, preview)
    for tag in soup.find_all(["img", "source"]):
        show(tag, preview)
    context = {"preview": preview, "overview": preview.url("overview"), "zone": settings.TIME_ZONE}
    head, body = soup.find("head"), soup.find("body")
    if head is not None:
        head.append(BeautifulSoup(render_to_string("campaigns/preview_head.html", {}), "html.parser"))
    if body is not None:
        note = render_to_string("campaigns/preview_note.html", context, request=request)
        body.insert(0, BeautifulSoup(note, "html.parser"))
    return str(soup)


def play(soup: BeautifulSoup, player: Tag, preview: Preview) -> None:
    """Load a film or recording and its captions from the preview; if it is not in it, leave the poster only."""
    for part in player.find_all(["source", "track"]):
        if address := file_address(str(part.get("src", "")), preview):
            part["src"] = address
        else:
            part.decompose()
    poster = player.get("poster")
    if player.find("source") is not None:
        if poster:
            player["poster"] = picture_address(str(poster), preview)
    elif poster:
        player.replace_with(soup.new_tag("img", attrs={"src": str(poster), "alt": ""}))
    else:
        player.decompose()


def path_of(address: str) -> str:
    """Return the path of an address on the public site; empty if it is on another site."""
    parts = urlsplit(address)
    if parts.netloc and f"{parts.scheme}://{parts.netloc}" != settings.PUBLIC_URL:
        return ""
    return unquote(parts.path)


def file_address(address: str, preview: Preview) -> str:
    """Return the address of a file in the preview; empty if it is not part of it."""
    found = DOCUMENT.match(path_of(address))
    return preview.file_url(int(found.group(1))) if found else ""


def lead_within(link: Tag, preview: Preview) -> None:
    """Point a link to its target in the preview, or disable it."""
    address = str(link.get("href", ""))
    if not address or address.startswith("#"):
        return
    path = path_of(address)
    target = preview.paths.get(path) or preview.kit_url(path) or file_address(address, preview)
    for name in ("href", "hreflang", "download", "target", "rel", "ping"):
        del link[name]
    if target:
        link["href"] = target
    else:
        link["aria-disabled"] = "true"


def show(picture: Tag, preview: Preview) -> None:
    """Load a picture from the preview, as it is not public yet."""
    if address := picture.get("src"):
        picture["src"] = picture_address(str(address), preview)
    if several := picture.get("srcset"):
        sizes = [each.strip().rpartition(" ") for each in str(several).split(",") if each.strip()]
        picture["srcset"] = ", ".join(
            f"{picture_address(address or size, preview)}{f' {size}' if address else ''}"
            for address, _space, size in sizes
        )


def picture_address(address: str, preview: Preview) -> str:
    path = path_of(address)
    if path.startswith(settings.MEDIA_URL):
        return preview.picture_url(path.removeprefix(settings.MEDIA_URL))
    return path
