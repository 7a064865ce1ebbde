"""The public search over public pages in the reader's language. Queries are neither stored nor counted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.paginator import Page as ListPage
from django.core.paginator import Paginator
from wagtail.models import Page

from core.languages import tree
from core.search import folding

if TYPE_CHECKING:
    from core.models import BasePage

PER_PAGE = 10
# Nobody reads further, and the database need not sort more.
MAX_RESULTS = 200
MAX_QUERY_LENGTH = 200  # characters


def search_path(code: str) -> str:
    return f"/{code}/search/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A search result. A help page shows only its neutral title."""

    title: str
    url: str
    text: str = ""


class Search:
    """A query and its results."""

    def __init__(self, *, query: str, code: str) -> None:
        # PostgreSQL text cannot hold NUL.
        self.query = " ".join(query[:MAX_QUERY_LENGTH].replace("\0", " ").split())
        self.code = code

    @property
    def words(self) -> list[str]:
        return folding.words(self.query)

    @cached_property
    def found(self) -> Any:
        """The pages with all the words, or else those with some of them; best first."""
        readable = Page.objects.filter(
            pk__in=tree.public_pages().filter(locale__language_code=self.code).order_by().values("pk")
        )
        asked = " ".join(self.words)
        everything = readable.search(asked, operator="and")
        return everything if everything[:1] else readable.search(asked, operator="or")

    def page(self, number: str | int | None) -> ListPage[Hit]:
        """Return one page of results; the nearest one if `number` is out of range."""
        results: Any = self.found[:MAX_RESULTS] if self.words else []
        page = Paginator(results, PER_PAGE).get_page(number)
        keys = [found.pk for found in page.object_list]
        specific = {found.pk: found for found in Page.objects.filter(pk__in=keys).specific()}
        page.object_list = [self.hit(specific[key]) for key in keys if key in specific]
        return page

    def hit(self, page: BasePage) -> Hit:
        text = (
            ""
            if getattr(page, "is_sensitive", False)
            else page.search_description or getattr(page, "introduction", "")
        )
        return Hit(title=page.title, url=tree.page_path(page, self.code), text=text)
