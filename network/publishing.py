"""Which printed pages a change in the network invalidates. The pages themselves are DirectoryPage's (`printed_paths`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import sitemaps
from core.languages import tree
from core.publishing import printing
from network.models import Category, DirectoryPage, Member

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.db.models import Model


# The states in which the public sees something of a member, or did until a moment ago. Requests are private.
PUBLIC = frozenset({Member.State.LISTED, Member.State.PAUSED})


# Pages of members that a change of a category names one by one. Beyond that, all pages of members are printed again.
MOST_PAGES = 500


class DirectoryPrinting:
    """Members on the directory page of each language, and on their own pages below it."""

    watches: Sequence[type[Model]] = (Member, Category)

    def addresses(self) -> Iterable[str]:
        return ()

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, Member):
            if changed.state not in PUBLIC:
                return
            for directory in self._directories():
                yield directory
                # Also if the page no longer exists, so that it is removed.
                yield f"{directory}{changed.uuid}/"
            yield from sitemaps.invalidated_paths()  # it lists the page of each member who has one
        elif isinstance(changed, Category):
            yield from self._showing(changed)

    def _showing(self, category: Category) -> Iterator[str]:
        """The directories, and the pages of those who show a category: one by one, or all of them if there are many."""
        code = category.replaced_by or category.code
        holders = Member.objects.with_page().with_facets({category.group: code})
        uuids = list(holders.values_list("uuid", flat=True)[: MOST_PAGES + 1])
        for directory in self._directories():
            yield directory
            if len(uuids) > MOST_PAGES:
                yield directory + printing.EVERYTHING
            else:
                yield from (f"{directory}{uuid}/" for uuid in uuids)

    def _directories(self) -> Iterator[str]:
        for page in DirectoryPage.objects.live().select_related("locale"):
            yield tree.page_path(page)
