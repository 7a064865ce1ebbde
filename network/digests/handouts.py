"""Digests and worksheets as PDFs (A4, PDF/UA-1), in each language.

The same text gives the same bytes.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.search import index

from core import typesetting
from core.http import public_url
from core.languages import tree
from core.memo import per_batch
from core.models import BasePage, SiteSettings
from core.publishing import routes

# The page models import this module, so it cannot import them.
type DigestPage = Any
type WorksheetPage = Any
type Words = dict[str, Any]

TEMPLATE = Path(__file__).with_name("handout.typ")
# The parts of a worksheet that have a number.
NUMBERED = frozenset({"step", "question", "clause"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Printout:
    """Content of a PDF.

    `facts` are pairs of a term and its description.
    `parts` are items that the template can set, by their `kind`.
    """

    title: str
    lead: str
    facts: list[tuple[str, str]]
    parts: list[Words] = field(default_factory=list)
    note: str = ""

    def all_text(self) -> str:
        return " ".join(_strings([self.title, self.lead, self.note, self.facts, self.parts]))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _strings(each)


class PrintablePage(BasePage):
    """A page with a PDF beside it in each language.

    The PDF is rendered, changed and withdrawn with the page.
    """

    subpage_types: list[str] = []
    is_article = True

    introduction = models.TextField(_("introduction"), help_text=_("Two or three sentences."))

    content_panels = [*BasePage.content_panels, FieldPanel("introduction")]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction")]

    class Meta:
        abstract = True

    @property
    def pdf_path(self) -> str:
        """Path of the page's PDF.

        The file name stays meaningful in a folder of downloads.
        """
        return f"{self.path_at_public}{self.slug}-{self.language}.pdf"

    def printout(self) -> Printout:
        """Return the content of the PDF, in the language of the page."""
        raise NotImplementedError

    def publication_blockers(self) -> list[str]:
        reasons = super().publication_blockers()
        if missing := typesetting.missing_letters(self.printout().all_text()):
            reasons.append(gettext("The PDF cannot show these characters: %(letters)s") % {"letters": missing})
        return reasons

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        context = super().get_context(request, *args, **kwargs)
        context["pdf_size"] = len(pdf_of(self))
        return context


def pdf_of(page: PrintablePage) -> bytes:
    """Return the PDF of a page as passed in, in its language.

    Raises typesetting.TypesettingError.
    """
    site = page.get_site()
    name = SiteSettings.for_site(site).name if site is not None else ""
    return typeset(page, name)


@per_batch
def typeset(page: PrintablePage, site: str) -> bytes:
    """Typeset a page, once per batch: for the PDF, and for the link to it, which shows the size."""
    language = settings.LANGUAGE_TABLE[page.language]
    with translation.override(page.language):
        shown = page.printout()
        address = public_url(page.path_at_public)
        return typesetting.pdf(
            TEMPLATE,
            {
                "language": language.code.partition("-")[0],
                "direction": language.direction,
                "site": site,
                "title": shown.title,
                "lead": shown.lead,
                "facts": shown.facts,
                "parts": shown.parts,
                "note": shown.note,
                "newest": gettext("The newest version:"),
                "address": address,
                "code": typesetting.qr_code(address),
                "code_words": gettext("QR code of this address: %(address)s") % {"address": address},
                "page": gettext("Page"),
            },
        )


def digest(page: DigestPage) -> Printout:
    certainty = page.how_sure
    parts: list[Words] = [
        {
            "kind": "certainty",
            "title": gettext("How sure is this?"),
            "label": str(certainty.label),
            "text": [certainty.meaning, *paragraphs(page.certainty_why)],
        }
    ]
    if page.actions:
        parts += [
            heading(gettext("What to do differently")),
            {"kind": "numbered", "items": [action.value for action in page.actions]},
        ]
    if page.reviewed_on:
        parts += [
            heading(gettext("Review from practice")),
            text(f"{page.reviewer} · {date_format(page.reviewed_on, 'DATE_FORMAT')}"),
            {
                "kind": "facts",
                "facts": [
                    (gettext("What fits practice"), page.review_fits),
                    (gettext("What does not fit"), page.review_does_not_fit),
                ],
            },
        ]
    if page.works:
        parts += [
            heading(gettext("The works it rests on")),
            {"kind": "works", "items": [work(each.value) for each in page.works]},
        ]
    return Printout(title=page.title, lead=page.introduction, facts=facts_of_digest(page), parts=parts)


def facts_of_digest(page: DigestPage) -> list[tuple[str, str]]:
    """Return the audience, the authors, the date of writing and the date of the next review of a digest."""
    return [
        (gettext("Whom it concerns"), page.concerns),
        (gettext("Written by"), page.written_by),
        (gettext("Written on"), date_format(page.written_on, "DATE_FORMAT")),
        (gettext("Due again on"), date_format(page.due_on, "DATE_FORMAT")),
    ]


def work(value: Any) -> Words:
    return {
        "citation": value["citation"],
        "url": value.url,
        "written": value.url.removeprefix("https://"),
        "detail": facts_of_work(value),
    }


def facts_of_work(value: Any) -> list[str]:
    """Return design, year, country, number of participants and access of a work, in words."""
    people = value["participants"]
    counted = (
        gettext("participants: %(count)s") % {"count": number_format(people, force_grouping=True)} if people else ""
    )
    parts = [value.design_name, str(value["year"] or ""), value.country_name, counted, value.access]
    return [part for part in parts if part]


def worksheet(page: WorksheetPage) -> Printout:
    return Printout(
        title=page.title,
        lead=page.introduction,
        facts=facts_of_worksheet(page),
        parts=[part(number, level, each) for number, level, each in page.numbered()],
        note=gettext("Write no names of clients on this sheet."),
    )


def facts_of_worksheet(page: WorksheetPage) -> list[tuple[str, str]]:
    minutes = ngettext("%(count)s minute", "%(count)s minutes", page.minutes) % {"count": number_format(page.minutes)}
    return [(gettext("Audience"), page.audience), (gettext("How long it takes"), minutes)]


def part(number: int, level: int, block: Any) -> Words:
    """Return a part of a worksheet in the form that the template expects."""
    value = block.value
    if block.block_type == "heading":
        return heading(value)
    if block.block_type == "text":
        return text(value)
    if block.block_type == "question":
        return {
            "kind": "question",
            "level": level,
            "title": f"{number}. {value['question']}",
            "facts": [
                (gettext("Why it is asked"), value["why"]),
                (gettext("A good answer"), value["good_answer"]),
            ],
            "lines": value["lines"],
        }
    return {
        "kind": "step",
        "level": level,
        "title": f"{number}. {value['title']}",
        "text": paragraphs(value["text"]),
        "choices": [*value.get("choices", [])],
        "lines": value["lines"],
    }


def heading(words: str) -> Words:
    return {"kind": "heading", "title": words}


def text(words: str) -> Words:
    return {"kind": "text", "text": paragraphs(words)}


def paragraphs(words: str) -> list[str]:
    """Return the paragraphs of a plain text."""
    return [line.strip() for line in words.splitlines() if line.strip()]


def printable_pages(slugs: Collection[str] | None = None, **found: Any) -> Iterator[PrintablePage]:
    """Yield the public pages with a PDF, or only those with the given slugs."""
    for model in PrintablePage.__subclasses__():
        pages: Any = model.objects.filter(pk__in=tree.public_pages().values("pk"), **found)
        if slugs is not None:
            pages = pages.filter(slug__in=slugs)
        for page in pages.select_related("locale"):
            if not page.render_blockers():
                yield page


def pdf(request: HttpRequest, above: str, name: str) -> HttpResponse:
    """Typeset the PDF of a page.

    Raises Http404 unless the renderer requests a page that exists.
    """
    if routes.may_render(request):
        code = translation.get_language()
        for page in printable_pages([above.rpartition("/")[2]], locale__language_code=code):
            if page.pdf_path == f"/{code}/{above}/{name}.pdf":
                return HttpResponse(pdf_of(page), content_type="application/pdf")
    raise Http404
