"""Records changes made in the admin, and has the affected addresses rendered again.

A change is recorded in its own transaction (`PendingChange`).
On commit, files that no longer belong to anything public are purged immediately, and a task is queued that renders the
rest.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save
from django.dispatch import Signal
from wagtail import signals
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.documents.models import AbstractDocument
from wagtail.images import get_image_model
from wagtail.models import (
    Collection,
    CollectionViewRestriction,
    DraftStateMixin,
    Locale,
    Page,
    PageViewRestriction,
)

from core import memo
from core.models import LanguageState
from core.postgresql import replica
from prerender import invalidation, services, tasks
from prerender.models import Kind, PendingChange, PrerenderedPath
from prerender.rendering import pictures

# The fields of a page that other pages depend on: a change of these counts as a move, not as an edit.
PLACE = ("title", "slug", "live", "url_path", "show_in_menus", "locale_id")
# The fields that Wagtail writes when a draft is saved: nothing that the public sees.
DRAFT = frozenset(
    {"latest_revision", "latest_revision_created_at", "has_unpublished_changes", "draft_title",
     "locked", "locked_at", "locked_by", "go_live_at", "expire_at", "expired"}
)  # fmt: skip


def connect() -> None:
    """Connect the signal handlers (idempotent).

    They receive the signals of every model: apps declare which models matter (`core.publishing.routes`).
    """
    for signal, listener in listeners():
        signal.connect(listener, dispatch_uid=f"prerender.{listener.__name__}")


@contextmanager
def unrecorded() -> Iterator[None]:
    """Record no change that this process makes during the block.

    Only for loading a whole site: the caller records a change of everything afterwards.
    """
    for signal, listener in listeners():
        signal.disconnect(dispatch_uid=f"prerender.{listener.__name__}")
    try:
        yield
    finally:
        connect()


def listeners() -> list[tuple[Signal, Callable[..., None]]]:
    return [
        (pre_save, remember_place),
        (post_save, note_saved),
        (m2m_changed, note_related),
        (pre_delete, note_deletion),
        (post_delete, note_deleted),
        (signals.page_published, note_published),
        (signals.published, note_published),
        (signals.page_unpublished, note_unpublished),
        (signals.unpublished, note_unpublished),
        (signals.pre_page_move, note_move),
        (signals.post_page_move, note_moved),
        (signals.page_slug_changed, note_slug),
    ]


# --- Recording ------------------------------------------------------------------------------------


def note(changed: Model, *, moved: bool = False) -> None:
    """Record that an object has changed, and render the pages that show it after the commit."""
    PendingChange.objects.create(
        model=changed._meta.label_lower,
        object_id=str(changed.pk),
        moved=moved,
        is_withdrawal=invalidation.is_withdrawal(changed),
    )
    transaction.on_commit(purge_and_announce)


def purge_and_announce() -> None:
    """Queue one render, and purge what was public only because of what has changed, such as the files of a material.

    Runs once for all changes of a transaction, and looks up each changed row once, however often it was saved.
    The task is queued first, so that the worker renders meanwhile: the lookups for the many pages of a launch take a
    second.
    Only packages of withdrawn files are purged before it, as the task is to render them again.
    """
    changes = list(PendingChange.objects.filter(announced=False))
    is_rendered = bool(changes) and PrerenderedPath.everywhere.exists()
    withdrawals = [change for change in changes if change.is_withdrawal]
    with memo.batch():
        withdrawn = invalidation.paths_of_changes(withdrawals) if is_rendered else set()
        services.purge_packages(withdrawn)
    tasks.announce(change.pk for change in changes)
    if is_rendered:
        with memo.batch():
            others = [change for change in changes if not change.is_withdrawal]
            services.purge_paths(withdrawn | invalidation.paths_of_changes(others))
    if changes:  # unpublished pages must not appear in a search either
        replica.wait_until_replayed()


def note_patterns(patterns: Iterable[str], *, is_withdrawal: bool = False) -> None:
    """Record patterns of addresses: a path, `/de/*`, or all addresses of a kind (`<document>`)."""
    found = sorted(set(patterns))
    if found:
        PendingChange.objects.bulk_create(
            PendingChange(pattern=pattern, is_withdrawal=is_withdrawal) for pattern in found
        )
        transaction.on_commit(purge_and_announce)


def note_pages(keys: Iterable[int]) -> None:
    """Record that the addresses of pages may have changed, and purge those that no longer exist."""
    found = sorted(set(keys))
    PendingChange.objects.bulk_create(
        PendingChange(model="wagtailcore.page", object_id=str(key), moved=True) for key in found
    )
    transaction.on_commit(partial(services.purge_pages, found))
    # Pages that show them at their old place: after the commit they may have moved.
    with memo.batch():
        pages = Page.objects.filter(pk__in=found).specific()
        shown = [invalidation.paths_by_routes(page) for page in pages]
    note_patterns(set().union(*shown))
    transaction.on_commit(purge_and_announce)


def with_descendants(page: Page) -> list[int]:
    return list(Page.objects.filter(path__startswith=page.path).values_list("pk", flat=True))


def whole_language(page: Page) -> str:
    return f"/{page.locale.language_code}{invalidation.EVERYTHING}"


# --- Rows -----------------------------------------------------------------------------------------


def remember_place(sender: type[Model], instance: Model, raw: bool = False, **kwargs: Any) -> None:
    if isinstance(instance, Page) and instance.pk and not raw:
        instance.place_before = Page.objects.filter(pk=instance.pk).values(*PLACE).first()


def note_saved(
    sender: type[Model],
    instance: Model,
    raw: bool = False,
    update_fields: Iterable[str] | None = None,
    **kwargs: Any,
) -> None:
    if raw or not invalidation.is_watched(sender) or (update_fields is not None and DRAFT.issuperset(update_fields)):
        return
    if isinstance(instance, Page):
        note_page(instance)
    elif isinstance(instance, PageViewRestriction):
        note_pages(with_descendants(instance.page))
    elif isinstance(instance, (Collection, CollectionViewRestriction)):
        note_patterns([invalidation.pattern_for(Kind.DOCUMENT)])
        transaction.on_commit(services.purge_documents)
    elif isinstance(instance, LanguageState):
        note(instance)
        transaction.on_commit(partial(services.purge_language, instance.locale.language_code))
    elif isinstance(instance, DraftStateMixin) and not instance.live and instance.first_published_at is None:
        return  # a draft that has never been public
    else:
        note(instance)
        if isinstance(instance, get_document_model()):
            note_document(instance)
        elif isinstance(instance, Redirect):
            transaction.on_commit(partial(services.purge_redirects, [instance.pk]))


def note_document(document: AbstractDocument) -> None:
    """Record a change of a document: it may have a new file, or be in a collection that is no longer public."""
    note_patterns([invalidation.pattern_for(Kind.DOCUMENT, document.pk)])
    transaction.on_commit(partial(services.purge_documents, [document.pk]))


def note_page(page: Page) -> None:
    before: dict[str, Any] | None = getattr(page, "place_before", None)
    after = {name: getattr(page, name) for name in PLACE}
    was_public, is_public = bool(before and before["live"]), page.live
    if not (was_public or is_public):
        return
    moved = before != after
    note(page, moved=moved)
    if moved and was_public:
        transaction.on_commit(partial(services.purge_pages, with_descendants(page)))
    if moved and (page.show_in_menus or (before and before["show_in_menus"])):
        note_patterns([whole_language(page)])


def note_related(sender: type[Model], instance: Any, action: str, **kwargs: Any) -> None:
    if action.startswith("post_") and invalidation.is_watched(type(instance)):
        note(instance)


def note_deletion(sender: type[Model], instance: Model, **kwargs: Any) -> None:
    """Record what a deletion invalidates, before the object and the references to it are deleted."""
    if not invalidation.is_watched(sender):
        return
    if isinstance(instance, PageViewRestriction):
        note_pages(with_descendants(instance.page))
    elif isinstance(instance, (Collection, CollectionViewRestriction)):
        note_patterns([invalidation.pattern_for(Kind.DOCUMENT)])
    elif isinstance(instance, (Locale, LanguageState)):
        code = instance.language_code if isinstance(instance, Locale) else instance.locale.language_code
        note_patterns([invalidation.EVERYTHING])
        transaction.on_commit(partial(services.purge_language, code))
    elif isinstance(instance, Page):
        page = instance.specific
        note_patterns(invalidation.invalidated_by(page, moved=True))
        transaction.on_commit(partial(services.purge_pages, [instance.pk]))
        if instance.show_in_menus:
            note_patterns([whole_language(instance)])
    else:
        withdraws = invalidation.is_withdrawal(instance, deleted=True)
        note_patterns(invalidation.invalidated_by(instance), is_withdrawal=withdraws)
        if isinstance(instance, get_image_model()):
            transaction.on_commit(partial(services.purge_pictures, pictures.paths_of(instance)))


def note_deleted(sender: type[Model], instance: Model, **kwargs: Any) -> None:
    # The primary key is still set here; Django clears it after this signal.
    if isinstance(instance, get_document_model()):
        transaction.on_commit(partial(services.purge_documents, [instance.pk]))
    elif isinstance(instance, Redirect):
        transaction.on_commit(partial(services.purge_redirects, [instance.pk]))


# --- Wagtail's own signals ------------------------------------------------------------------------


def note_published(sender: type[Model], instance: Model, **kwargs: Any) -> None:
    """Record a publication, also of an alias.

    The row was noted when it was saved, but its children are complete only now.
    """
    if invalidation.is_watched(sender):
        note(instance)


def note_unpublished(sender: type[Model], instance: Model, **kwargs: Any) -> None:
    if not invalidation.is_watched(sender):
        return
    if isinstance(instance, Page):
        note_pages([instance.pk])
    else:
        note(instance)


def note_move(sender: type[Model], instance: Page, parent_page_before: Page, **kwargs: Any) -> None:
    """Record, before a page moves, the listing that loses it and the pages that link to it."""
    note_pages(with_descendants(instance))
    note_patterns([invalidation.pattern_for(Kind.PAGE, parent_page_before.pk)])


def note_moved(sender: type[Model], instance: Page, url_path_before: str, url_path_after: str, **kwargs: Any) -> None:
    if url_path_before == url_path_after:
        # Only its order among its siblings changed: the listing above it and the menu show that.
        note(instance)
    else:
        note_pages(with_descendants(instance))
        note_patterns([invalidation.pattern_for(Kind.MOVED)])  # Wagtail created redirects without a signal
    if instance.show_in_menus:
        note_patterns([whole_language(instance)])


def note_slug(sender: type[Model], instance: Page, **kwargs: Any) -> None:
    """Record a new slug.

    Sent after the commit, and after Wagtail created the redirects (its app precedes this one in INSTALLED_APPS).
    """
    note_pages(with_descendants(instance))
    note_patterns([invalidation.pattern_for(Kind.MOVED)])
