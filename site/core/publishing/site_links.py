"""Addresses of apps that any page may link to: `help` (the finder) and `open-data`. A site without the app has no such link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import declarations

if TYPE_CHECKING:
    from collections.abc import Callable

HELP, OPEN_DATA = "help", "open-data"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteLink:
    """A link by its name; `path` returns where it leads in a language."""

    name: str
    path: Callable[[str], str]


def path_of(name: str, language: str) -> str:
    """Return where a link leads in a language; empty if no app declares it."""
    links: tuple[SiteLink, ...] = declarations.collect("site_links")
    return next((link.path(language) for link in links if link.name == name), "")
