"""Labels and order of Wagtail's menu items, by what people do here.

Our own items set their `menu_order`: 200 to 499 for the work of the apps, above 1000 for the rest.
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
    """The position of a menu item, and a label to replace its own."""

    order: int
    label: StrOrPromise | None = None


MAIN = {
    "explorer": MenuEntry(100),
    "images": MenuEntry(500, _("Pictures")),
    "documents": MenuEntry(600, _("Files")),
    "snippets": MenuEntry(700, _("Vocabularies")),
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
    "workflows": MenuEntry(300, _("Review workflows")),
    "workflow-tasks": MenuEntry(310, _("Review tasks")),
    "redirects": MenuEntry(400, _("Redirects")),
    "collections": MenuEntry(500, _("Folders for pictures and files")),
    "groups": MenuEntry(600, _("Groups")),
    "sites": MenuEntry(700),
}
# Reports that repeat others or are only for developers.
NEEDLESS_REPORTS = {"workflows", "page-types-usage"}
# The rest of Wagtail's help menu links to external sites.
KEPT_HELP = {"keyboard-shortcuts-trigger"}


def arrange(items: list[MenuItem], entries: Mapping[str, MenuEntry]) -> None:
    """Relabel and order menu items. Items that `entries` does not name are left as they are."""
    arranged = []
    for item in items:
        entry = entries.get(item.name)
        if entry is not None:
            # The items are shared by all requests; only the list belongs to this one.
            item = copy.copy(item)
            item.order = entry.order
            item.label = entry.label or item.label
        arranged.append(item)
    items[:] = arranged
