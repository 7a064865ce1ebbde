"""Which addresses a change invalidates.

Wagtail's reference index knows which page shows a snippet, a picture, a document or a link to another page, through any number of
snippets in between. The rest of what a page affects follows from the tree: its content shows in the listing above it; its title, its
place, and whether it is live also show in its other languages, below it, and in the menu. Apps declare everything else
(`core.publishing.printing`).
"""

from __future__ import annotations

import logging
from contextlib import nullcontext
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import Q
from wagtail.contrib.redirects.models import Redirect
from wagtail.contrib.settings.models import BaseGenericSetting, BaseSiteSetting
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import (
    Collection,
    CollectionViewRestriction,
    Locale,
    Page,
    PageViewRestriction,
    ReferenceIndex,
    Site,
)
from wagtail.snippets.models import get_snippet_models

from core.models import LanguageState
from core.publishing import printing
from press.models import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model

log = logging.getLogger(__name__)
EVERYTHING = "/" + printing.EVERYTHING


class Invalidation:
    """Primary keys of pages, redirects and documents, and paths (or patterns of paths) that a change invalidates."""

    def __init__(self) -> None:
        self.pages: set[int] = set()
        self.redirects: set[int] = set()
        self.documents: set[int] = set()
        self.paths: set[str] = set()
        # Paths that can wait (`core.publishing.printing.Unhurried`), and those that cannot (`core.publishing.printing.Urgent`).
        self.unhurried: set[str] = set()
        self.urgent: set[str] = set()

    def patterns(self) -> list[str]:
        """Return everything in the notation of `PendingChange.pattern`."""
        keys = {Kind.PAGE: self.pages, Kind.MOVED: self.redirects, Kind.DOCUMENT: self.documents}
        return sorted(self.paths | self.unhurried | self.urgent) + [
            pattern_for(kind, key) for kind, found in keys.items() for key in sorted(found)
        ]


def pattern_for(kind: Kind, key: int | None = None) -> str:
    """Return the pattern for all addresses of a kind, or for those of one page, redirect or document."""
    return f"<{kind}>" if key is None else f"<{kind} {key}>"


def invalidated_by(changed: Model, *, moved: bool = False) -> Invalidation:
    """Return everything that shows `changed`. `moved`: it was moved, removed from view or renamed."""
    invalidation = Invalidation()
    if is_setting(changed):
        invalidation.paths.add(EVERYTHING)
    elif isinstance(changed, Page):
        add_surroundings(invalidation, changed, moved=moved)
    elif isinstance(changed, get_document_model()):
        invalidation.documents.add(changed.pk)
    elif isinstance(changed, Redirect):
        invalidation.redirects.add(changed.pk)
    add_referrers(invalidation, changed, moved=moved)
    add_app_paths(invalidation, changed)
    return invalidation


def is_setting(changed: Model) -> bool:
    """Whether every page depends on it."""
    return isinstance(changed, (BaseSiteSetting, BaseGenericSetting, LanguageState, Locale, Site))


# --- Pages -------------------------------------------------------------------------------------------------------------------


def add_surroundings(invalidation: Invalidation, page: Page, *, moved: bool) -> None:
    """Add the page itself and the listing above it; if it moved, also its other languages and everything below.

    The breadcrumbs of all pages below name it. In other languages the language switch links to it, even from pages that exist only
    there.
    """
    invalidation.pages.add(page.pk)
    if not page.path:
        return
    if page.depth > 1:
        invalidation.pages.update(
            Page.objects.filter(path=page.path[: -page.steplen]).values_list("pk", flat=True)
        )
    if not moved:
        return
    languages = Page.objects.filter(translation_key=page.translation_key)
    below = Q(pk=page.pk)
    for path in languages.values_list("path", flat=True):
        below |= Q(path__startswith=path)
    invalidation.pages.update(Page.objects.filter(below).values_list("pk", flat=True))
    invalidation.redirects.update(
        Redirect.objects.filter(redirect_page__path__startswith=page.path).values_list("pk", flat=True)
    )


# --- References --------------------------------------------------------------------------------------------------------------


def refresh_references(changed: Model) -> None:
    """Update the reference index for `changed`. Wagtail does so in a task, which may be too late."""
    if ReferenceIndex.model_is_indexable(type(changed)):
        with transaction.atomic():
            ReferenceIndex.create_or_update_for_object(changed)


def add_referrers(invalidation: Invalidation, changed: Model, *, moved: bool) -> None:
    """Add whatever refers to `changed`: pages, and through snippets and settings the pages that show those."""
    page_type = ContentType.objects.get_for_model(Page).pk
    seen: set[tuple[int, str]] = set()
    waiting = references_to(changed)
    if isinstance(changed, Page) and moved and changed.path:
        below = Page.objects.filter(path__startswith=changed.path)
        found = ReferenceIndex.get_references_to_in_bulk(below)
        waiting |= set(found.values_list("base_content_type_id", "object_id").distinct())
    while waiting:
        content_type, key = reference = waiting.pop()
        if reference in seen:
            continue
        seen.add(reference)
        if content_type == page_type:
            invalidation.pages.add(int(key))
            continue
        model = ContentType.objects.get_for_id(content_type).model_class()
        if model is None or not propagates(model):
            continue
        referrer = model._default_manager.filter(pk=key).first()
        if referrer is None:
            continue
        if not is_setting(referrer):
            waiting |= references_to(referrer)
            add_app_paths(invalidation, referrer)
        elif moved or not isinstance(changed, Page):
            # Settings show only the title and the address of a page.
            invalidation.paths.add(EVERYTHING)


def references_to(changed: Model) -> set[tuple[int, str]]:
    """Return the content type and primary key of each object that refers to `changed`."""
    return set(
        ReferenceIndex.get_references_to(changed).values_list("base_content_type_id", "object_id").distinct()
    )


@cache
def propagating_models() -> frozenset[type[Model]]:
    """Return the models whose rows pages show: a change of what these refer to propagates to the pages."""
    settings = [
        model for model in apps.get_models() if issubclass(model, (BaseSiteSetting, BaseGenericSetting))
    ]
    return frozenset([*get_snippet_models(), *settings, get_image_model(), get_document_model()])


def propagates(model: type[Model]) -> bool:
    return model in propagating_models() or any(model in kind.watches for kind in printing.registered())


# --- Declared by apps ----------------------------------------------------------------------------------------------------------


def add_app_paths(invalidation: Invalidation, changed: Model) -> None:
    for kind, paths in invalidated_by_apps(changed):
        if isinstance(kind, printing.Unhurried) and kind.unhurried:
            invalidation.unhurried |= paths
        elif isinstance(kind, printing.Urgent) and kind.urgent:
            invalidation.urgent |= paths
        else:
            invalidation.paths |= paths


def registered_paths(changed: Model) -> set[str]:
    """Return the paths, and patterns of paths, that apps declare invalidated by a change."""
    return {path for _kind, paths in invalidated_by_apps(changed) for path in paths}


def invalidated_by_apps(changed: Model) -> Iterator[tuple[printing.Printing, set[str]]]:
    for kind in printing.registered():
        if isinstance(changed, (Page, *kind.watches)):
            # A savepoint where a failed query would spoil the transaction of whoever makes the change.
            spared = transaction.atomic() if connection.in_atomic_block else nullcontext()
            try:
                with spared:
                    found = {as_pattern(path) for path in kind.invalidated_by(changed)}
            except Exception:
                # A fault in one app must not stop the others' pages from being printed.
                log.exception(
                    "%s could not say what a change of %s invalidates.",
                    type(kind).__qualname__,
                    changed._meta.label,
                )
            else:
                yield kind, found


def as_pattern(path: str) -> str:
    return EVERYTHING if path == printing.EVERYTHING else unquote(path)


@cache
def always_watched() -> frozenset[type[Model]]:
    """Return the models that the press always watches, whatever apps declare."""
    return propagating_models() | {
        Locale,
        LanguageState,
        Site,
        Redirect,
        PageViewRestriction,
        CollectionViewRestriction,
        Collection,
    }


def is_watched(model: type[Model]) -> bool:
    return (
        issubclass(model, Page)
        or model in always_watched()
        or any(model in kind.watches for kind in printing.registered())
    )
