"""Invalidation: from a changed row to the files that are rendered again.

1. A signal of Django or Wagtail reports the change.
   `prerender.changes` notes the row as a `PendingChange`, in the transaction of the change.
2. On commit, `changes.purge_and_announce` purges what is no longer public, and queues a task (`prerender.tasks`).
3. The task calls `expand_changes` below.
   It calls `invalidated_by` for each noted row, which returns patterns of addresses; it looks up which addresses exist,
   and makes them due (`PendingPath`) on each machine.
4. `prerender.services` renders what is due, the most urgent first, and writes the files.

A withdrawal (`is_withdrawal`) comes first in the last two steps, before any other change and any other address: a
listing that is hidden, closed or deleted, a number that is wrong.

So a corrected number of a programme makes the finder due, because the route `helpline.finder.publishing.HelpPages`
watches programmes, and each page that refers to the programme.
Before a row is deleted, the first step itself calls `invalidated_by`: afterwards nothing refers to it.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from functools import cache, partial
from itertools import chain
from urllib.parse import unquote

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import Model, Q
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

from core import memo
from core.models import LanguageState
from core.publishing import routes
from core.publishing.routes import EVERYTHING as ALL
from core.publishing.routes import AppRoute
from prerender import addresses
from prerender.addresses import Address
from prerender.models import Kind, PendingChange, PendingPath, PrerenderedPath, PrerenderHost, this_host

# A path, the beginning of paths followed by `*`, or `pattern_for()`.
type Pattern = str

log = logging.getLogger(__name__)
EVERYTHING = "/" + ALL
# Changes expanded between two batches of addresses: a withdrawal made meanwhile waits for no more than these.
MOST_CHANGES = 200


def invalidated_by(changed: Model, *, moved: bool = False) -> dict[Pattern, PendingPath.Urgency]:
    """Return everything that shows `changed`, and how urgent each is.

    `moved`: it was moved, removed from view or renamed.

    - Every page shows each setting, and the rows that a setting refers to.
    - A page shows in the listing above it.
      Its title, its place, and whether it is live also show in its other languages, below it, and in its redirects.
    - Wagtail's reference index has the pages that show a snippet, a picture, a document or a link to another page,
      through any number of snippets in between.
    - The routes of the apps declare everything else, of the row and of each snippet in between
      (`core.publishing.routes`).
    """
    pages, rows = referrers(changed, moved=moved)
    # Settings show only the title and the address of a page.
    shows_in_settings = (moved or not isinstance(changed, Page)) and any(map(is_setting, rows))
    if is_setting(changed) or shows_in_settings:
        return {EVERYTHING: PendingPath.Urgency.WHOLE_SITE}
    found: dict[Pattern, PendingPath.Urgency] = {}
    if isinstance(changed, Page):
        found[pattern_for(Kind.PAGE, changed.pk)] = PendingPath.Urgency.NOW
        pages |= surroundings(changed, moved=moved)
        for key in redirects_to(changed) if moved else ():
            found[pattern_for(Kind.MOVED, key)] = PendingPath.Urgency.SOON
    elif isinstance(changed, get_document_model()):
        found[pattern_for(Kind.DOCUMENT, changed.pk)] = PendingPath.Urgency.SOON
    elif isinstance(changed, Redirect):
        found[pattern_for(Kind.MOVED, changed.pk)] = PendingPath.Urgency.SOON
    for key in pages:
        found.setdefault(pattern_for(Kind.PAGE, key), PendingPath.Urgency.SOON)
    for row in (changed, *(row for row in rows if not is_setting(row))):
        for route, paths in by_routes(row):
            urgency = urgency_of(route, changed)
            for path in paths:
                found[path] = min(urgency, found.get(path, urgency))
    return {EVERYTHING: PendingPath.Urgency.WHOLE_SITE} if EVERYTHING in found else found


def pattern_for(kind: Kind, key: int | None = None) -> Pattern:
    """Return the pattern for all addresses of a kind, or for those of one page, redirect or document."""
    return f"<{kind}>" if key is None else f"<{kind} {key}>"


def is_setting(changed: Model) -> bool:
    return isinstance(changed, (BaseSiteSetting, BaseGenericSetting, LanguageState, Locale, Site))


# --- Pages ----------------------------------------------------------------------------------------


def surroundings(page: Page, *, moved: bool) -> set[int]:
    """Return the page itself and the listing above it; if it moved, also its other languages and everything below.

    The breadcrumbs of all pages below name it.
    In other languages the language switch links to it, even from pages that exist only there.
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
    if not page.path:
        return []
    found = Redirect.objects.filter(redirect_page__path__startswith=page.path)
    return list(found.values_list("pk", flat=True))


# --- References -----------------------------------------------------------------------------------


def refresh_references(changed: Model) -> None:
    """Update the reference index for `changed`.

    Wagtail does so in a task, which may be too late.
    """
    if ReferenceIndex.model_is_indexable(type(changed)):
        with transaction.atomic():
            ReferenceIndex.create_or_update_for_object(changed)


def referrers(changed: Model, *, moved: bool = False) -> tuple[set[int], list[Model]]:
    """Return the pages that refer to `changed`, by primary key, directly or through other rows; and these rows."""
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
    """Return the row of a reference; None if it was deleted, or if pages do not show such rows."""
    model = ContentType.objects.get_for_id(content_type).model_class()
    if model is None or not (model in propagating_models() or routes.watched(model)):
        return None
    return model._default_manager.filter(pk=key).first()


def references_to(changed: Model) -> set[tuple[int, str]]:
    """Return the content type and primary key of each object that refers to `changed`."""
    return set(ReferenceIndex.get_references_to(changed).values_list("base_content_type_id", "object_id").distinct())


@cache
def propagating_models() -> frozenset[type[Model]]:
    """Return the models whose rows pages show: a change of what these refer to propagates to the pages."""
    settings = [model for model in apps.get_models() if issubclass(model, (BaseSiteSetting, BaseGenericSetting))]
    return frozenset([*get_snippet_models(), *settings, get_image_model(), get_document_model()])


# --- Routes of the apps ---------------------------------------------------------------------------


def paths_by_routes(changed: Model) -> set[Pattern]:
    """Return the paths that the routes of the apps alone declare invalidated by a change."""
    return {path for _route, paths in by_routes(changed) for path in paths}


def by_routes(changed: Model) -> list[tuple[AppRoute, set[Pattern]]]:
    """Return each route that watches the object, with the patterns that it declares invalidated by the change."""
    found = []
    left = [route for route in routes.declared() if isinstance(changed, (Page, *route.watches))]
    while left:
        route = left[0]
        # In a savepoint, as a failed query would break the transaction of the change; one for all routes that succeed.
        spared = transaction.atomic() if connection.in_atomic_block else nullcontext()
        try:
            with spared:
                for route in left:
                    found.append((route, {as_pattern(path) for path in route.invalidated_by(changed)}))
        except Exception:
            # A fault in one app must not stop the others' pages from being rendered.
            log.exception(
                "%s could not say what a change of %s invalidates.",
                type(route).__qualname__,
                changed._meta.label,
            )
        left = left[left.index(route) + 1 :]
    return found


def is_withdrawal(changed: Model, *, deleted: bool = False) -> bool:
    """Return whether a change takes away something that would harm readers if they still saw it.

    The apps decide it for their rows.
    A page or a file that is withdrawn is purged at the commit, and the pages around it only lose a link.
    """
    watching = (route for route in routes.declared() if isinstance(changed, tuple(route.watches)))
    return any(route.withdraws(changed, deleted=deleted) for route in watching)


def urgency_of(route: AppRoute, changed: Model) -> PendingPath.Urgency:
    if route.unhurried:
        return PendingPath.Urgency.WHOLE_SITE
    return PendingPath.Urgency.NOW if route.urgent and isinstance(changed, Page) else PendingPath.Urgency.SOON


def as_pattern(path: str) -> Pattern:
    return EVERYTHING if path == ALL else unquote(path)


@cache
def always_watched() -> frozenset[type[Model]]:
    """Return the models that the renderer always watches, in addition to those that apps declare."""
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


# --- From patterns to addresses that are due ------------------------------------------------------


def expand_changes() -> bool:
    """Turn the next changes into addresses that are due, on each machine: the withdrawals alone, if there are any.

    A changed page itself is more urgent than pages that only show it.
    Returns whether there were any changes.
    """
    changes = list(PendingChange.objects.order_by("-is_withdrawal", "pk")[:MOST_CHANGES])
    if not changes:
        return False
    withdraws = changes[0].is_withdrawal
    changes = [change for change in changes if change.is_withdrawal == withdraws]
    patterns: dict[str, PendingPath.Urgency] = {}
    # A moved object invalidates everything that an edited one does.
    moved_at_all: dict[tuple[str, str], bool] = {}
    for change in changes:
        changed = (change.model, change.object_id)
        moved_at_all[changed] = moved_at_all.get(changed, False) or change.moved
    with memo.batch():
        for (model, key), moved in moved_at_all.items():
            found = patterns_for_change(model, key, moved=moved) if model else {}
            for pattern, urgency in found.items():
                patterns[pattern] = min(urgency, patterns.get(pattern, urgency))
        for change in changes:
            if change.pattern:
                patterns.setdefault(change.pattern, PendingPath.Urgency.SOON)
        if withdraws:
            patterns = dict.fromkeys(patterns, PendingPath.Urgency.WITHDRAWN)
        due = expand(patterns)
    hosts = [this_host(), *PrerenderHost.objects.others().names()]
    with transaction.atomic():
        PendingPath.objects.bulk_create(on_each(hosts, due), batch_size=1000)
        PendingChange.objects.filter(pk__in=[change.pk for change in changes]).delete()
    return True


def on_each(hosts: Iterable[str], due: list[PendingPath]) -> list[PendingPath]:
    """Return copies of these due addresses for each of these machines."""
    return [
        PendingPath(host=host, path=each.path, kind=each.kind, source=each.source, urgency=each.urgency)
        for host in hosts
        for each in due
    ]


def paths_of_changes(changes: Iterable[PendingChange]) -> set[str]:
    """Return the paths that routes declare invalidated by committed changes of existing and deleted objects."""
    found = {change.pattern for change in changes if change.pattern and not change.pattern.startswith("<")}
    for model, key in dict.fromkeys((change.model, change.object_id) for change in changes if change.model):
        if (changed := find_changed(model, key)) is not None:
            found |= paths_by_routes(changed)
    return found


def find_changed(model: str, key: str) -> Model | None:
    """Return a changed object, as its specific class; None if it has since been deleted."""
    found = apps.get_model(model)._default_manager.filter(pk=key).first()
    return found.specific if isinstance(found, Page) else found


def patterns_for_change(model: str, key: str, *, moved: bool) -> dict[str, PendingPath.Urgency]:
    """Return the patterns that a change of one object invalidates, with their urgency."""
    changed = find_changed(model, key)
    if changed is None:
        # It has since been deleted, and the pages that showed it were recorded then.
        return (
            {pattern_for(Kind.PAGE, int(key)): PendingPath.Urgency.NOW}
            if model.endswith("page") and key.isdigit()
            else {}
        )
    refresh_references(changed)
    return invalidated_by(changed, moved=moved)


def discard_changes() -> None:
    """Drop all changes but withdrawals, because everything is about to be due.

    Withdrawals stay first.
    Refresh references first, or the next change would miss pages.

    Other machines still have to render them: for those, they are expanded.
    """
    if PrerenderHost.objects.others().exists():
        while expand_changes():
            pass
    changes = list(PendingChange.objects.filter(is_withdrawal=False))
    for model, key in dict.fromkeys((change.model, change.object_id) for change in changes if change.model):
        if (changed := find_changed(model, key)) is not None:
            refresh_references(changed)
    PendingPath.objects.exclude(urgency=PendingPath.Urgency.WITHDRAWN).delete()
    PendingChange.objects.filter(pk__in=[change.pk for change in changes]).delete()


def expand(patterns: dict[str, PendingPath.Urgency]) -> list[PendingPath]:
    """Return the addresses that match patterns, among those that exist and those that were rendered and may be gone."""
    found: dict[str, PendingPath] = {}
    keys: dict[tuple[Kind, PendingPath.Urgency], set[int]] = {}
    prefixes: list[str] = []
    single = [pattern for pattern in patterns if not pattern.startswith("<") and not pattern.endswith("*")]
    named: dict[str, Address | PrerenderedPath] = {
        prerendered.path: prerendered for prerendered in PrerenderedPath.everywhere.filter(path__in=single)
    }
    named |= addresses.locate_all((path for path in single if path not in named), reasons=False)
    for pattern, urgency in patterns.items():
        if pattern.startswith("<"):
            kind, _space, key = pattern[1:-1].partition(" ")
            if key:
                keys.setdefault((Kind(kind), urgency), set()).add(int(key))
            else:
                add_due(found, urgency, PrerenderedPath.everywhere.filter(kind=kind), OF_KIND[Kind(kind)]())
        elif pattern.endswith("*"):
            prefixes.append(pattern[:-1])
        else:
            add_due(found, urgency, [named[pattern]] if pattern in named else [])
    for (kind, urgency), some in keys.items():
        prerendered = PrerenderedPath.everywhere.filter(kind=kind, source__in=[str(key) for key in some])
        add_due(found, urgency, prerendered, OF_KIND[kind](some))
    if prefixes:
        rows = list(PrerenderedPath.everywhere.all())
        # Error pages change with the code, never in the admin: one that was rendered stays.
        errors = {row.path for row in rows if row.kind == Kind.ERROR and row.rendered_at}
        every: list[Address | PrerenderedPath] = [*addresses.everything(reasons=False), *rows]
        known = [item for item in every if item.path not in errors]
        add_due(
            found, PendingPath.Urgency.WHOLE_SITE, (item for item in known if item.path.startswith(tuple(prefixes)))
        )
    return list(found.values())


def add_due(
    found: dict[str, PendingPath], urgency: PendingPath.Urgency, *groups: Iterable[Address | PrerenderedPath]
) -> None:
    """Make these addresses due, each once and with its highest urgency."""
    for item in chain(*groups):
        if item.path not in found or found[item.path].urgency > urgency:
            found[item.path] = PendingPath(path=item.path, kind=item.kind, source=item.source, urgency=urgency)


OF_KIND: dict[Kind, Callable[..., Iterable[Address]]] = {
    Kind.PAGE: partial(addresses.of_pages, reasons=False),
    Kind.DOCUMENT: addresses.of_documents,
    Kind.MOVED: addresses.of_redirects,
}
