"""Which addresses a change touches.

Wagtail's reference index knows which page shows a snippet, a picture, a document or a link to another page, through any number of
snippets in between. What a page shows of its surroundings follows from the tree: its words show in the listing above it; its
title, its place, and whether it is there at all, also in its other languages, below it, and in the menu. The rest the apps say
themselves (`core.publishing.printing`).
"""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
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


class Touched:
    """Primary keys of pages, redirects and documents, and paths (or patterns of paths) that a change touches."""

    def __init__(self) -> None:
        self.pages: set[int] = set()
        self.redirects: set[int] = set()
        self.documents: set[int] = set()
        self.paths: set[str] = set()
        # Paths that nobody waits for (`core.publishing.printing.Unhurried`).
        self.unhurried: set[str] = set()

    def patterns(self) -> list[str]:
        """All of it as `PendingChange.pattern` writes it."""
        keys = {Kind.PAGE: self.pages, Kind.MOVED: self.redirects, Kind.DOCUMENT: self.documents}
        return sorted(self.paths | self.unhurried) + [
            of_kind(kind, key) for kind, found in keys.items() for key in sorted(found)
        ]


def of_kind(kind: Kind, key: int | None = None) -> str:
    """The pattern for all addresses of a kind, or for those of one page, redirect or document."""
    return f"<{kind}>" if key is None else f"<{kind} {key}>"


def touched_by(changed: Model, *, moved: bool = False) -> Touched:
    """All that shows `changed`. `moved`: it is in another place than before, or no more, or under another title."""
    touched = Touched()
    if is_setting(changed):
        touched.paths.add(EVERYTHING)
    elif isinstance(changed, Page):
        add_surroundings(touched, changed, moved=moved)
    elif isinstance(changed, get_document_model()):
        touched.documents.add(changed.pk)
    elif isinstance(changed, Redirect):
        touched.redirects.add(changed.pk)
    add_referrers(touched, changed, moved=moved)
    add_registered(touched, changed)
    return touched


def is_setting(changed: Model) -> bool:
    """Whether every page shows it."""
    return isinstance(changed, (BaseSiteSetting, BaseGenericSetting, LanguageState, Locale, Site))


# --- Pages -------------------------------------------------------------------------------------------------------------------


def add_surroundings(touched: Touched, page: Page, *, moved: bool) -> None:
    """The page itself and the listing above it. Its title, its place and whether it is there also show in its other languages and below.

    The way back from each page below names it. In other languages the switch of language leads to it, also from pages that exist
    there alone.
    """
    touched.pages.add(page.pk)
    if not page.path:
        return
    if page.depth > 1:
        touched.pages.update(
            Page.objects.filter(path=page.path[: -page.steplen]).values_list("pk", flat=True)
        )
    if not moved:
        return
    languages = Page.objects.filter(translation_key=page.translation_key)
    for path in languages.values_list("path", flat=True):
        touched.pages.update(Page.objects.filter(path__startswith=path).values_list("pk", flat=True))
    touched.redirects.update(
        Redirect.objects.filter(redirect_page__path__startswith=page.path).values_list("pk", flat=True)
    )


# --- References --------------------------------------------------------------------------------------------------------------


def refresh_references(changed: Model) -> None:
    """Bring the index up to date about what `changed` refers to. Wagtail does so in a task, which may be late."""
    if ReferenceIndex.model_is_indexable(type(changed)):
        with transaction.atomic():
            ReferenceIndex.create_or_update_for_object(changed)


def add_referrers(touched: Touched, changed: Model, *, moved: bool) -> None:
    """Whatever refers to `changed`: pages, and through snippets and settings the pages that show those."""
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
            touched.pages.add(int(key))
            continue
        model = ContentType.objects.get_for_id(content_type).model_class()
        if model is None or not carries(model):
            continue
        referrer = model._default_manager.filter(pk=key).first()
        if referrer is None:
            continue
        if not is_setting(referrer):
            waiting |= references_to(referrer)
            add_registered(touched, referrer)
        elif moved or not isinstance(changed, Page):
            # Of a page, settings show the title and the address.
            touched.paths.add(EVERYTHING)


def references_to(changed: Model) -> set[tuple[int, str]]:
    """The type and primary key of each object that refers to it."""
    return set(
        ReferenceIndex.get_references_to(changed).values_list("base_content_type_id", "object_id").distinct()
    )


@cache
def carriers() -> frozenset[type[Model]]:
    """Models whose rows are shown by pages: through them, a change of what they refer to is seen as well."""
    settings = [
        model for model in apps.get_models() if issubclass(model, (BaseSiteSetting, BaseGenericSetting))
    ]
    return frozenset([*get_snippet_models(), *settings, get_image_model(), get_document_model()])


def carries(model: type[Model]) -> bool:
    return model in carriers() or any(model in kind.watches for kind in printing.registered())


# --- What the apps say ---------------------------------------------------------------------------------------------------------


def add_registered(touched: Touched, changed: Model) -> None:
    for kind, paths in said_by_apps(changed):
        unhurried = isinstance(kind, printing.Unhurried) and kind.unhurried
        (touched.unhurried if unhurried else touched.paths).update(paths)


def registered_paths(changed: Model) -> set[str]:
    """The paths, and patterns of paths, that the apps say are touched by a change."""
    return {path for _kind, paths in said_by_apps(changed) for path in paths}


def said_by_apps(changed: Model) -> Iterator[tuple[printing.Printing, set[str]]]:
    for kind in printing.registered():
        if isinstance(changed, (Page, *kind.watches)):
            try:
                with transaction.atomic():
                    found = {as_pattern(path) for path in kind.touched_by(changed)}
            except Exception:
                # One app's mistake must not keep the press from printing everybody else's pages.
                log.exception(
                    "%s does not know what a change of %s touches.",
                    type(kind).__qualname__,
                    changed._meta.label,
                )
            else:
                yield kind, found


def as_pattern(path: str) -> str:
    return EVERYTHING if path == printing.EVERYTHING else unquote(path)


@cache
def always_watched() -> frozenset[type[Model]]:
    """Models whose rows the press watches whatever the apps say."""
    return carriers() | {
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
