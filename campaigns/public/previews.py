"""Previews for partners: the pages of a campaign as they will be at its hour, and its files, behind a link that ends.

At the desk's host, without signing in. The token leaves the address at the first request (`core.desk.opened`), each further request asks
again whether the link still works, and nothing is written about who opens it. A link that has expired, was revoked or never existed, and one that
is not open in this browser, get the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core import signing
from django.http import FileResponse, Http404, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns import tokens
from campaigns.models import CampaignPage, MaterialFile, ToolkitPage
from campaigns.public.preview_html import as_preview
from core.desk import opened
from core.doors import errors
from core.doors.limits import Limit, Refusal, client_address, consume
from core.languages import names
from core.links import BadLink
from core.models import Rendition

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

    from campaigns.models import PreviewLink
    from core.models import UploadedDocument

    type View = Callable[..., HttpResponseBase]

# Pages and files that one address gets. Pictures are not counted: they come with their page.
FROM_ADDRESS = Limit(name="preview-from", times=60, seconds=10 * 60)
PICTURE = "campaigns.preview.picture"


@dataclass(slots=True)
class PreviewedLanguage:
    """A campaign in one language, as the overview lists it."""

    code: str
    pages: list[CampaignPage | ToolkitPage]
    files: list[MaterialFile] = field(default_factory=list)

    @property
    def name(self) -> str:
        return names.language_name(self.code)

    @property
    def language(self) -> Any:
        return settings.LANGUAGE_TABLE[self.code]


class Preview:
    """What one link shows. `key` is what stands for the link in addresses."""

    def __init__(self, link: PreviewLink, key: str) -> None:
        self.link = link
        self.key = key

    @cached_property
    def pages(self) -> list[CampaignPage | ToolkitPage]:
        """The pages as they will be: what is scheduled or, of other pages, what is public or was last saved. Campaigns first."""
        campaigns = CampaignPage.objects.filter(
            translation_key=self.link.campaign_key, locale__language_code__in=self.link.languages
        ).select_related("locale")
        found: list[Any] = []
        for campaign in campaigns:
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

    def picture_url(self, name: str) -> str:
        """Return the address of a picture that stands on one of the pages, by the name of its file."""
        return self.url("picture", signing.Signer(salt=PICTURE + self.key).sign_object(name))

    @cached_property
    def hour(self) -> dt.datetime | None:
        return CampaignPage.objects.hours_of([self.link.campaign_key]).get(self.link.campaign_key)

    @property
    def languages(self) -> list[PreviewedLanguage]:
        found = []
        for code in settings.LANGUAGE_TABLE:
            pages = [page for page in self.pages if page.language == code]
            if pages:
                files = [file for file in self.files if file.language == code]
                found.append(PreviewedLanguage(code, pages, files))
        return found


def as_at_launch(page: Any) -> Any:
    """Return a page in the version that will be public."""
    revision = page.scheduled_revision or (None if page.live else page.latest_revision)
    return revision.as_object() if revision is not None else page


def for_partners(view: View) -> View:
    """Pass the view the preview whose link is open in this browser; everybody else gets one and the same answer."""

    @require_safe
    @wraps(view)
    def checked(request: HttpRequest, key: str, **rest: Any) -> HttpResponseBase:
        try:
            if view.__name__ != "picture":
                consume(FROM_ADDRESS, client_address(request))
            preview = Preview(tokens.read_preview(opened.token(request, key)), key)
            response = view(request, preview, **rest)
        except (BadLink, Http404):
            response = no_link(request)
        except Refusal as refusal:
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
        "languages": [
            {
                "shown": each,
                "pages": [(page.title, preview.url("page", page.pk)) for page in each.pages],
                "files": [(file, preview.file_url(file.document_id)) for file in each.files],
            }
            for each in preview.languages
        ],
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
def picture(request: HttpRequest, preview: Preview, signed: str) -> HttpResponseBase:
    try:
        name = signing.Signer(salt=PICTURE + preview.key).unsign_object(signed)
    except (signing.BadSignature, ValueError):
        raise Http404 from None
    drawn = Rendition.objects.filter(file=name).first()
    if drawn is None:
        raise Http404
    return FileResponse(drawn.file.open("rb"))
