"""Labels and order of Wagtail's menu items, by the tasks of users here.

Our own items set their `menu_order`: 200 to 499 for the work of the apps, above 1000 for the rest.
The page tree opens at a home page: above the home pages there is nothing to edit.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from wagtail.admin.auth import require_admin_access
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.sidebar import LinkMenuItem
from wagtail.admin.views.home import HomeView
from wagtail.admin.viewsets.pages import page_viewset_registry
from wagtail.admin.wagtail_hooks import ExplorerMenuItem
from wagtail.admin.widgets import Button
from wagtail.models import Page, Site
from wagtail.permissions import policy_registry

from core import memo
from core.languages import names
from core.languages.lazy import StrOrPromise


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
    """Relabel and order menu items.

    Items that `entries` does not name are left as they are.
    """
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


# --- Where the page tree opens --------------------------------------------------------------------


def opens_at(user: AbstractUser | AnonymousUser) -> Page | None:
    """Return the page at which the tree opens for a user; None if they have no pages.

    Wagtail opens it at the nearest page above all that the user may change.
    If these are in several languages, that is the root of all trees: then it is the home page in the language of the
    admin, or the source language, if they may view it.
    """
    policy = policy_registry.get_by_type(Page)
    nearest = policy.explorable_root_instance(user)
    if nearest is None or not nearest.is_root():
        return nearest
    home = Site.objects.select_related("root_page").filter(is_default_site=True).first()
    if home is None:
        return nearest
    homes = policy.explorable_instances(user).filter(translation_key=home.root_page.translation_key)
    by_language = {page.locale.language_code: page for page in homes.order_by("-path").select_related("locale")}
    for language in (translation.get_language(), settings.LANGUAGE_CODE):
        if found := by_language.get(language or ""):
            return found
    return next(reversed(by_language.values()), nearest)


class PagesMenuItem(ExplorerMenuItem):
    """The menu item that opens the tree, at the page where it opens for this user."""

    def render_component(self, request: HttpRequest) -> LinkMenuItem:
        component = super().render_component(request)
        start = opens_at(request.user)
        if start is not None:
            component.start_page_id = start.pk
        return component


def other_languages(page: Page, user: AbstractUser, view_name: str, next_url: str = "") -> Iterator[Button]:
    """Yield links from the list below a home page to those in other languages: no list of all of them exists."""
    if view_name != "index" or page.depth != 2:
        return
    explorable = policy_registry.get_by_type(Page).explorable_instances(user)
    found = explorable.filter(translation_key=page.translation_key).exclude(pk=page.pk)
    codes = found.order_by("path").values_list("pk", "locale__language_code")
    for number, (pk, code) in enumerate(codes):
        yield Button(
            names.language_name(code),
            reverse("wagtailadmin_explore", args=[pk]),
            icon_name="wagtail-localize-language",
            priority=100 + number,
        )


@require_admin_access
@require_safe
def start_page(request: HttpRequest) -> HttpResponse:
    """Show Wagtail's start page, and look up what its menu and its to-dos have in common only once."""
    with memo.batch():
        return home_view(request).render()


home_view = HomeView.as_view()
# Wagtail's view of the root of all trees.
everything = page_viewset_registry.as_view("index", is_base_page=True)


@require_admin_access
def open_tree(request: HttpRequest) -> HttpResponse:
    """Lead from the address of all trees to the page at which the tree opens."""
    start = opens_at(request.user)
    if start is None or start.is_root() or request.GET or request.method == "POST":
        return everything(request)
    return redirect("wagtailadmin_explore", start.pk)
