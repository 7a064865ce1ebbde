"""Which printed pages a change in the network invalidates. The pages themselves are DirectoryPage's (`printed_paths`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import sitemaps
from core.languages import tree
from network.models import DirectoryPage, Expertise, Member

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.db.models import Model


# The states in which the public sees something of a member, or did until a moment ago. Requests are private.
PUBLIC = frozenset({Member.State.LISTED, Member.State.PAUSED})


class DirectoryPrinting:
    """Members on the directory page of each language, and on their own pages below it."""

    watches: Sequence[type[Model]] = (Member, Expertise)

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
            yield tree.page_path(page)
