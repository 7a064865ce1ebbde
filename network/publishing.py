"""What a change in the network does to printed pages. The pages themselves are DirectoryPage's (`printed_paths`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import sitemaps
from core.languages import tree
from network.models import DirectoryPage, Expertise, Member

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.db.models import Model


# The states that the public can see something of, or could until a moment ago. Requests are nobody's business.
PUBLIC = frozenset({Member.State.LISTED, Member.State.PAUSED})


class DirectoryPrinting:
    """Members are on the directory page of each language, and on pages of their own below it."""

    watches: Sequence[type[Model]] = (Member, Expertise)

    def addresses(self) -> Iterable[str]:
        return ()

    def touched_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, Member):
            if changed.state not in PUBLIC:
                return
            for directory in self._directories():
                yield directory
                # Also where there is none any more: then it is taken away.
                yield f"{directory}{changed.uuid}/"
            yield from sitemaps.touched()  # the map names the page of each member who has one
        elif isinstance(changed, Expertise):
            uuids = list(
                Member.objects.with_page()
                .filter(expertise__contains=[changed.code])
                .values_list("uuid", flat=True)
            )
            for directory in self._directories():
                yield directory
                yield from (f"{directory}{uuid}/" for uuid in uuids)

    def _directories(self) -> Iterator[str]:
        for page in DirectoryPage.objects.live().select_related("locale"):
            yield tree.address(page)
