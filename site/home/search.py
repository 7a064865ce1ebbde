"""The public search: pages that anybody may read, in the language of the reader. What is asked is neither kept nor counted."""

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
# Nobody reads on for longer, and the database need not sort more.
MOST = 200
LONGEST_QUERY = 200  # characters


def search_path(code: str) -> str:
    return f"/{code}/search/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A page that was found. A help page shows nothing but its neutral title."""

    title: str
    url: str
    text: str = ""


class Search:
    """What somebody asked, and what was found."""

    def __init__(self, *, query: str, code: str) -> None:
        # NUL is no text for PostgreSQL.
        self.query = " ".join(query[:LONGEST_QUERY].replace("\0", " ").split())
        self.code = code

    @property
    def words(self) -> list[str]:
        return folding.words(self.query)

    @cached_property
    def found(self) -> Any:
        """The pages with all the words, the best first. Those with some of them, where none has all."""
        readable = Page.objects.filter(
            pk__in=tree.public_pages().filter(locale__language_code=self.code).order_by().values("pk")
        )
        asked = " ".join(self.words)
        everything = readable.search(asked, operator="and")
        return everything if everything[:1] else readable.search(asked, operator="or")

    def page(self, number: str | int | None) -> ListPage[Hit]:
        """One page of the results; the nearest there is where `number` is none of them."""
        results: Any = self.found[:MOST] if self.words else []
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
        return Hit(title=page.title, url=tree.address(page, self.code), text=text)
