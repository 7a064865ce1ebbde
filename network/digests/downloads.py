"""The PDFs of digests and worksheets, at an address below their page. Only the press may render them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.utils import translation

from core.languages import tree
from core.publishing import printing
from network.digests import handouts
from network.models import DigestPage, WorksheetPage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from django.http import HttpRequest

    from network.digests.printable import PrintablePage

PRINTABLE: tuple[type[PrintablePage], ...] = (DigestPage, WorksheetPage)


def printable_pages(slugs: Collection[str] | None = None, **found: Any) -> Iterator[PrintablePage]:
    """Yield the public pages with a PDF, or those of them with these slugs."""
    for model in PRINTABLE:
        pages: Any = model.objects.filter(pk__in=tree.public_pages().values("pk"), **found)
        if slugs is not None:
            pages = pages.filter(slug__in=slugs)
        for page in pages.select_related("locale"):
            if not page.reasons_not_to_print():
                yield page


def pdf(request: HttpRequest, above: str, name: str) -> HttpResponse:
    """Typeset the PDF of a page. Raises Http404 unless the press asks for one that exists."""
    if printing.may_render(request):
        code = translation.get_language()
        for page in printable_pages([above.rpartition("/")[2]], locale__language_code=code):
            if page.pdf_path == f"/{code}/{above}/{name}.pdf":
                return HttpResponse(handouts.pdf_of(page), content_type="application/pdf")
    raise Http404
