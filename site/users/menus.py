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


class Entry(NamedTuple):
    """Where a menu item stands, and what it is called if not what its app says."""

    order: int
    label: StrOrPromise | None = None


MAIN = {
    "explorer": Entry(100),
    "images": Entry(500, _("Pictures")),
    "documents": Entry(600, _("Files")),
    "snippets": Entry(700, _("Lists of words")),
    "users": Entry(800),
    "reports": Entry(900),
    "settings": Entry(1000),
    "help": Entry(1100),
}
REPORTS = {
    "translations": Entry(100),
    "workflow-tasks": Entry(200, _("Reviews")),
    "locked-pages": Entry(300),
    "site-history": Entry(400, _("Who changed what")),
    "aging-pages": Entry(500, _("Pages by age")),
}
SETTINGS = {
    "locales": Entry(200, _("Languages")),
    "workflows": Entry(300, _("Ways of review")),
    "workflow-tasks": Entry(310, _("Steps of review")),
    "redirects": Entry(400, _("Addresses that have moved")),
    "collections": Entry(500, _("Folders for pictures and files")),
    "groups": Entry(600, _("Groups")),
    "sites": Entry(700),
}
# Reports that say the same as others, or what only developers ask.
NEEDLESS_REPORTS = {"workflows", "page-types-usage"}
# The rest of Wagtail's help leads to other people's sites.
KEPT_HELP = {"keyboard-shortcuts-trigger"}


def arrange(items: list[MenuItem], entries: Mapping[str, Entry]) -> None:
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
