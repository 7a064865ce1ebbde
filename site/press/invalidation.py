"""What a change invalidates, and its way from the row to the file.

1. A signal of Django or Wagtail reports the change. `press.changes` notes the row as a `PendingChange`, in the transaction of the change.
2. On commit, `changes.purge_and_announce` purges what is no longer public, and queues a task (`press.tasks`).
3. The task calls `press.expansion.expand_changes`. It calls `invalidated_by` below for each noted row, which returns patterns of addresses;
   it looks up which addresses exist, and makes them due (`Due`) on each machine.
4. `press.services` renders what is due, the most urgent first, and writes the files.

So a corrected number of a programme makes the finder due, because the route `helpline.finder.publishing.HelpPages` watches programmes, and
each page that refers to the programme. Before a row is deleted, the first step itself calls `invalidated_by`: afterwards nothing refers to it.
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
from core.publishing import routes
from core.publishing.printing import EVERYTHING as ALL
from press.models import Due, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model

    from core.publishing.routes import AppRoute

    # A path, the beginning of paths followed by `*`, or `pattern_for()`.
    type Pattern = str

log = logging.getLogger(__name__)
EVERYTHING = "/" + ALL


def invalidated_by(changed: Model, *, moved: bool = False) -> dict[Pattern, Due.Urgency]:
    """Return everything that shows `changed`, and how urgent each is. `moved`: it was moved, removed from view or renamed.

    - Every page shows a setting, or whatever a setting refers to.
    - A page shows in the listing above it. Its title, its place, and whether it is live also show in its other languages, below it, and
      in its redirects.
    - Wagtail's reference index knows which page shows a snippet, a picture, a document or a link to another page, through any number of
      snippets in between.
    - The routes of the apps declare everything else, of the row and of each snippet in between (`core.publishing.routes`).
    """
    pages, rows = referrers(changed, moved=moved)
    # Settings show only the title and the address of a page.
    shows_in_settings = (moved or not isinstance(changed, Page)) and any(map(is_setting, rows))
    if is_setting(changed) or shows_in_settings:
        return {EVERYTHING: Due.Urgency.WHOLE_SITE}
    found: dict[Pattern, Due.Urgency] = {}
    if isinstance(changed, Page):
        found[pattern_for(Kind.PAGE, changed.pk)] = Due.Urgency.NOW
        pages |= surroundings(changed, moved=moved)
        for key in redirects_to(changed) if moved else ():
            found[pattern_for(Kind.MOVED, key)] = Due.Urgency.SOON
    elif isinstance(changed, get_document_model()):
        found[pattern_for(Kind.DOCUMENT, changed.pk)] = Due.Urgency.SOON
    elif isinstance(changed, Redirect):
        found[pattern_for(Kind.MOVED, changed.pk)] = Due.Urgency.SOON
    for key in pages:
        found.setdefault(pattern_for(Kind.PAGE, key), Due.Urgency.SOON)
    for row in (changed, *(row for row in rows if not is_setting(row))):
        for route, paths in by_routes(row):
            urgency = urgency_of(route, changed)
            for path in paths:
                found[path] = min(urgency, found.get(path, urgency))
    return {EVERYTHING: Due.Urgency.WHOLE_SITE} if EVERYTHING in found else found


def pattern_for(kind: Kind, key: int | None = None) -> Pattern:
    """Return the pattern for all addresses of a kind, or for those of one page, redirect or document."""
    return f"<{kind}>" if key is None else f"<{kind} {key}>"


def is_setting(changed: Model) -> bool:
    """Whether every page depends on it."""
    return isinstance(changed, (BaseSiteSetting, BaseGenericSetting, LanguageState, Locale, Site))


# --- Pages -------------------------------------------------------------------------------------------------------------------


def surroundings(page: Page, *, moved: bool) -> set[int]:
    """Return the page itself and the listing above it; if it moved, also its other languages and everything below.

    The breadcrumbs of all pages below name it. In other languages the language switch links to it, even from pages that exist only
    there.
    """
    found = {page.pk}
    if page.path and page.depth > 1:
        found.update(Page.objects.filter(path=page.path[: -page.steplen]).values_list("pk", flat=True))
    if page.path and moved:
        languages = Page.objects.filter(translation_key=page.translation_key)
        below = Q(pk=page.pk)
        for path in languages.values_list("path", flat=True):
            below |= Q(path__startswith=path)
        found.update(Page.objects.filter(below).values_list("pk", flat=True))
    return found


def redirects_to(page: Page) -> list[int]:
    """Return the redirects to a page and to those below it."""
    if not page.path:
        return []
    found = Redirect.objects.filter(redirect_page__path__startswith=page.path)
    return list(found.values_list("pk", flat=True))


# --- References --------------------------------------------------------------------------------------------------------------


def refresh_references(changed: Model) -> None:
    """Update the reference index for `changed`. Wagtail does so in a task, which may be too late."""
    if ReferenceIndex.model_is_indexable(type(changed)):
        with transaction.atomic():
            ReferenceIndex.create_or_update_for_object(changed)


def referrers(changed: Model, *, moved: bool = False) -> tuple[set[int], list[Model]]:
    """Return whatever refers to `changed`: pages by primary key, with those that refer to it through other rows; and these rows."""
    page_type = ContentType.objects.get_for_model(Page).pk
    pages: set[int] = set()
    rows: list[Model] = []
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
            pages.add(int(key))
        elif (row := referring_row(content_type, key)) is not None:
            rows.append(row)
            if not is_setting(row):
                waiting |= references_to(row)
    return pages, rows


def referring_row(content_type: int, key: str) -> Model | None:
    """Return the row of a reference; None if it is gone, or pages do not show such rows."""
    model = ContentType.objects.get_for_id(content_type).model_class()
    if model is None or not (model in propagating_models() or routes.watched(model)):
        return None
    return model._default_manager.filter(pk=key).first()


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


# --- Routes of the apps --------------------------------------------------------------------------------------------------------


def paths_by_routes(changed: Model) -> set[Pattern]:
    """Return what the routes of the apps alone say that a change invalidates."""
    return {path for _route, paths in by_routes(changed) for path in paths}


def by_routes(changed: Model) -> Iterator[tuple[AppRoute, set[Pattern]]]:
    for route in routes.declared():
        if isinstance(changed, (Page, *route.watches)):
            # A savepoint where a failed query would spoil the transaction of whoever makes the change.
            spared = transaction.atomic() if connection.in_atomic_block else nullcontext()
            try:
                with spared:
                    found = {as_pattern(path) for path in route.invalidated_by(changed)}
            except Exception:
                # A fault in one app must not stop the others' pages from being printed.
                log.exception(
                    "%s could not say what a change of %s invalidates.",
                    type(route).__qualname__,
                    changed._meta.label,
                )
            else:
                yield route, found


def urgency_of(route: AppRoute, changed: Model) -> Due.Urgency:
    if route.unhurried:
        return Due.Urgency.WHOLE_SITE
    return Due.Urgency.NOW if route.urgent and isinstance(changed, Page) else Due.Urgency.SOON


def as_pattern(path: str) -> Pattern:
    return EVERYTHING if path == ALL else unquote(path)


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
    return issubclass(model, Page) or model in always_watched() or routes.watched(model)
