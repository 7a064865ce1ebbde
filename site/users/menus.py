"""The menus of the admin: plain words, in the order of what people do here.

These are the entries of Wagtail. Ours say where they belong themselves (`menu_order`): from 200 to 499 the work of the apps, above 1000 the
rest.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_stubs_ext import StrOrPromise
    from wagtail.admin.menu import MenuItem


class MenuEntry(NamedTuple):
    """Where a menu item stands, and what it is called if not what its app says."""

    order: int
    label: StrOrPromise | None = None


MAIN = {
    "explorer": MenuEntry(100),
    "images": MenuEntry(500, _("Pictures")),
    "documents": MenuEntry(600, _("Files")),
    "snippets": MenuEntry(700, _("Lists of words")),
    "users": MenuEntry(800),
    "reports": MenuEntry(900),
    "settings": MenuEntry(1000),
    "help": MenuEntry(1100),
}
REPORTS = {
    "translations": MenuEntry(100),
    "workflow-tasks": MenuEntry(200, _("Reviews")),
    "locked-pages": MenuEntry(300),
    "site-history": MenuEntry(400, _("Who changed what")),
    "aging-pages": MenuEntry(500, _("Pages by age")),
}
SETTINGS = {
    "locales": MenuEntry(200, _("Languages")),
    "workflows": MenuEntry(300, _("Ways of review")),
    "workflow-tasks": MenuEntry(310, _("Steps of review")),
    "redirects": MenuEntry(400, _("Addresses that have moved")),
    "collections": MenuEntry(500, _("Folders for pictures and files")),
    "groups": MenuEntry(600, _("Groups")),
    "sites": MenuEntry(700),
}
# Reports that say the same as others, or what only developers ask.
NEEDLESS_REPORTS = {"workflows", "page-types-usage"}
# The rest of Wagtail's help leads to other people's sites.
KEPT_HELP = {"keyboard-shortcuts-trigger"}


def arrange(items: list[MenuItem], entries: Mapping[str, MenuEntry]) -> None:
    """Put a menu into its order. What the table does not name keeps its own place."""
    arranged = []
    for item in items:
        entry = entries.get(item.name)
        if entry is not None:
            # The items live as long as the process; each request has its own list.
            item = copy.copy(item)
            item.order = entry.order
            item.label = entry.label or item.label
        arranged.append(item)
    items[:] = arranged
