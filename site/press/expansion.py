"""Turn recorded changes into addresses that are due."""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import transaction
from wagtail.models import Page

from core import memo
from press import addresses, invalidation
from press.models import Due, Kind, PendingChange, PressHost, Printed, this_host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.db.models import Model

    from press.addresses import Address


def expand_changes() -> None:
    """Turn changes into addresses that are due, on each machine. A changed page itself is more urgent than pages that only show it."""
    while changes := list(PendingChange.objects.order_by("pk")[:1000]):
        patterns: dict[str, Due.Urgency] = {}
        # What shows an object that was edited is among what shows one that was moved.
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
                    patterns.setdefault(change.pattern, Due.Urgency.SOON)
            due = expand(patterns)
        hosts = [this_host(), *PressHost.objects.others().names()]
        with transaction.atomic():
            Due.objects.bulk_create(on_each(hosts, due), batch_size=1000)
            PendingChange.objects.filter(pk__in=[change.pk for change in changes]).delete()


def on_each(hosts: Iterable[str], due: list[Due]) -> list[Due]:
    """Return these addresses as they are due on each of these machines."""
    return [
        Due(host=host, path=each.path, kind=each.kind, source=each.source, urgency=each.urgency)
        for host in hosts
        for each in due
    ]


def paths_by_routes(changes: Iterable[PendingChange]) -> set[str]:
    """Return the paths that routes of apps declare invalidated by changes that were just committed, of objects and of what was deleted."""
    found = {change.pattern for change in changes if change.pattern and not change.pattern.startswith("<")}
    for model, key in dict.fromkeys((change.model, change.object_id) for change in changes if change.model):
        if (changed := find_changed(model, key)) is not None:
            found |= invalidation.paths_by_routes(changed)
    return found


def find_changed(model: str, key: str) -> Model | None:
    """Return a changed object, as its specific class; None if it has since been deleted."""
    found = apps.get_model(model)._default_manager.filter(pk=key).first()
    return found.specific if isinstance(found, Page) else found


def patterns_for_change(model: str, key: str, *, moved: bool) -> dict[str, Due.Urgency]:
    """Return the patterns that a change of one object invalidates, with their urgency."""
    changed = find_changed(model, key)
    if changed is None:
        # It has since been deleted, and what showed it was recorded then.
        return (
            {invalidation.pattern_for(Kind.PAGE, int(key)): Due.Urgency.NOW}
            if model.endswith("page") and key.isdigit()
            else {}
        )
    invalidation.refresh_references(changed)
    return invalidation.invalidated_by(changed, moved=moved)


def discard_changes() -> None:
    """Drop all changes, because everything is about to be due. Refresh references first, or the next change would miss pages.

    Other machines still have to print them: for those, they are expanded.
    """
    if PressHost.objects.others().exists():
        expand_changes()
    changes = list(PendingChange.objects.all())
    for model, key in dict.fromkeys((change.model, change.object_id) for change in changes if change.model):
        if (changed := find_changed(model, key)) is not None:
            invalidation.refresh_references(changed)
    Due.objects.all().delete()
    PendingChange.objects.filter(pk__in=[change.pk for change in changes]).delete()


def expand(patterns: dict[str, Due.Urgency]) -> list[Due]:
    """Return the addresses that match patterns: those that exist, and those that were printed and may no longer exist."""
    found: dict[str, Due] = {}
    keys: dict[tuple[Kind, Due.Urgency], set[int]] = {}
    prefixes: list[str] = []
    single = [pattern for pattern in patterns if not pattern.startswith("<") and not pattern.endswith("*")]
    named: dict[str, Address | Printed] = {
        printed.path: printed for printed in Printed.everywhere.filter(path__in=single)
    }
    named |= addresses.locate_all((path for path in single if path not in named), reasons=False)
    for pattern, urgency in patterns.items():
        if pattern.startswith("<"):
            kind, _space, key = pattern[1:-1].partition(" ")
            if key:
                keys.setdefault((Kind(kind), urgency), set()).add(int(key))
            else:
                add_due(found, urgency, Printed.everywhere.filter(kind=kind), OF_KIND[Kind(kind)]())
        elif pattern.endswith("*"):
            prefixes.append(pattern[:-1])
        else:
            add_due(found, urgency, [named[pattern]] if pattern in named else [])
    for (kind, urgency), some in keys.items():
        printed = Printed.everywhere.filter(kind=kind, source__in=[str(key) for key in some])
        add_due(found, urgency, printed, OF_KIND[kind](some))
    if prefixes:
        rows = list(Printed.everywhere.all())
        # Error pages change with the code, never at the desk: one that was printed stays.
        errors = {row.path for row in rows if row.kind == Kind.ERROR and row.printed_at}
        every: list[Address | Printed] = [*addresses.everything(reasons=False), *rows]
        known = [item for item in every if item.path not in errors]
        add_due(
            found, Due.Urgency.WHOLE_SITE, (item for item in known if item.path.startswith(tuple(prefixes)))
        )
    return list(found.values())


def add_due(found: dict[str, Due], urgency: Due.Urgency, *groups: Iterable[Address | Printed]) -> None:
    """Make these addresses due, each once and with its highest urgency."""
    for item in chain(*groups):
        if item.path not in found or found[item.path].urgency > urgency:
            found[item.path] = Due(path=item.path, kind=item.kind, source=item.source, urgency=urgency)


OF_KIND: dict[Kind, Callable[..., Iterable[Address]]] = {
    Kind.PAGE: partial(addresses.of_pages, reasons=False),
    Kind.DOCUMENT: addresses.of_documents,
    Kind.MOVED: addresses.of_redirects,
}
