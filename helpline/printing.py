"""What a change of a listing prints again: every finder shows every programme, every help page the support lines, the open data both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import languages
from helpline.listings import exports
from helpline.models import FinderPage, GuidePage, ListedSite, Programme, ProgrammeText, SupportLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import Model


class HelpPages:
    """The finders and guides of all languages. They are pages, so the press knows that they are there."""

    watches: Sequence[type[Model]] = (Programme, ProgrammeText, SupportLine, ListedSite)

    def addresses(self) -> Iterable[str]:
        return ()

    def touched_by(self, changed: Model) -> Iterable[str]:
        if isinstance(changed, ProgrammeText):
            yield from paths(FinderPage, language=changed.locale.language_code)
        elif isinstance(changed, Programme | SupportLine | ListedSite):
            yield from paths(FinderPage)
        if isinstance(changed, Programme | SupportLine):
            yield from coverage_paths()
        if isinstance(changed, SupportLine) or (
            isinstance(changed, ListedSite) and SupportLine.objects.filter(website=changed.url).exists()
        ):
            yield from paths(GuidePage)


class OpenData:
    """The files for those who copy the verified listings."""

    watches: Sequence[type[Model]] = (Programme, ProgrammeText, SupportLine)

    def addresses(self) -> Iterable[str]:
        for name in exports.FILES:
            yield exports.address(name)
            yield exports.address(name, "csv-metadata.json")

    def touched_by(self, changed: Model) -> Iterable[str]:
        return self.addresses() if isinstance(changed, tuple(self.watches)) else ()


def coverage_paths() -> Iterable[str]:
    """Where each language says where and when somebody answers; nowhere unless the operator wants it."""
    if FinderPage.shows_coverage():
        return [f"{path}{FinderPage.COVERAGE}/" for path in paths(FinderPage)]
    return ()


def paths(kind: type[FinderPage | GuidePage], *, language: str | None = None) -> Iterable[str]:
    """The public addresses of the live pages of a kind, in one language or in all."""
    pages = kind.objects.live().select_related("locale")
    if language:
        pages = pages.filter(locale__language_code=language)
    return [languages.address(page) for page in pages]
