"""Render a batch of addresses: render, refuse, store, remove what no longer exists, and record the result of each."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.documents.models import AbstractDocument
from wagtail.models import Page

from core import memo
from core.background import stopping
from core.http import errors
from core.models import BasePage
from core.publishing import navigation, routes
from core.uploads.unavailable import StorageUnavailableError
from prerender import addresses
from prerender.addresses import Address
from prerender.models import Kind, PrerenderedPath, RenderResult
from prerender.rendering import pictures, sizes
from prerender.rendering.renderer import PageRenderer, RenderRejectedError, pages_of_batch, quoted
from prerender.store.files import FileStore, StoredFile, UnsafePathError, is_safe, name_for

# Seconds after which a batch ends with the address in progress.
ENOUGH = 5.0


@dataclass(kw_only=True)
class RenderOutcome:
    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    # Still due: the storage of their pictures or files is unavailable.
    waiting: set[str] = field(default_factory=set)

    def add(self, other: RenderOutcome) -> None:
        self.written += other.written
        self.unchanged += other.unchanged
        self.removed += other.removed
        self.refused |= other.refused
        self.waiting |= other.waiting

    @property
    def total(self) -> int:
        return len(self.written) + len(self.unchanged) + len(self.removed) + len(self.refused)


class RenderedBatch(NamedTuple):
    """A rendered batch that is not in place yet, by path."""

    current: dict[str, Address]  # the addresses that exist
    files: dict[str, StoredFile]
    refused: dict[str, str]  # with the reason
    waiting: set[str]  # for the storage of their pictures or files
    unfinished: set[str]  # not begun when the time of a batch was over, and still due


def store_batch(asked: Collection[str], made: RenderedBatch, *, folder: FileStore) -> RenderOutcome:
    """Put a whole batch in place in one step, and remove the addresses that no longer exist."""
    current, files, refused, waiting, unfinished = made
    # Those that wait stay as they are.
    later = waiting | unfinished
    asked = [path for path in asked if path not in later]
    current = {path: address for path, address in current.items() if path not in later}
    outcome = RenderOutcome(refused=dict(refused), waiting=waiting)
    # The row first: a file without a row could not be removed.
    PrerenderedPath.objects.bulk_create(
        [PrerenderedPath(path=found.path, kind=found.kind, source=found.source) for found in current.values()],
        update_conflicts=True,
        unique_fields=["path", "host"],
        update_fields=["kind", "source"],
    )
    shown_before = PrerenderedPath.objects.filter(path__in=asked).pictures()
    name_pictures(files)
    # An identical file stays untouched and keeps its date, so that readers who have it need not download it again.
    new = [stored for stored in files.values() if not folder.holds(stored)]
    # Pictures first, so that no page shows one that is not there yet.
    edition = folder.stage([*pictures_of(files.values()), *new])
    with folder.locked():
        # A page may have been unpublished while the renderer was running: do not bring it back.
        with memo.batch():
            remaining = addresses.existing(current.values(), reasons=False)
        present = {path for path in remaining if not current[path].reasons}
        # Only now: until here, another process may have removed a picture together with the last page that showed it.
        shown = pictures_of(files[path] for path in files.keys() & present)
        missing = {stored.path for stored in shown if not folder.holds(stored)}
        folder.put(edition, missing | (present & files.keys()))
        gone = [path for path in asked if path not in present]
        outcome.removed = remove(folder, gone)
    outcome.written = [stored.path for stored in new if stored.path in present]
    outcome.unchanged = [path for path in files if path in present and path not in set(outcome.written)]
    record({path: current[path] for path in remaining}, set(asked) - remaining.keys(), files, outcome)
    remove_unused(folder, shown_before)
    return outcome


def name_pictures(files: dict[str, StoredFile]) -> None:
    """Add to each page's row the pictures that it is about to show: from here on no process removes them."""
    with_pictures = [path for path, stored in files.items() if stored.pictures]
    changed = []
    for row in PrerenderedPath.objects.filter(path__in=with_pictures).only("path", "pictures"):
        added = files[row.path].pictures.keys() - set(row.pictures)
        if added:
            row.pictures = [*row.pictures, *sorted(added)]
            changed.append(row)
    if changed:
        PrerenderedPath.objects.bulk_update(changed, ["pictures"])


def pictures_of(files: Iterable[StoredFile]) -> list[StoredFile]:
    """Return the pictures that pages show, each once."""
    shown = {picture: file for stored in files for picture, file in stored.pictures.items()}
    return [StoredFile(path=picture, copy_of=file) for picture, file in shown.items()]


def remove_unused(folder: FileStore, candidates: Iterable[str]) -> None:
    """Remove those pictures that no page shows any more."""
    if not candidates:
        return
    with folder.locked():
        folder.remove(name_for(picture) for picture in PrerenderedPath.objects.unused_among(candidates))


def render_batch(asked: Iterable[Address], renderer: PageRenderer) -> RenderedBatch:
    """Render addresses and compress the results, without putting anything in place or recording it."""
    with memo.batch():
        current = addresses.existing(asked, loaded=True)
        prefetch(current.values())
        made = make_files(current.values(), renderer)
    with ThreadPoolExecutor() as pool:
        list(pool.map(StoredFile.compress, made.files.values()))
    return made


def prefetch(found: Iterable[Address]) -> None:
    """Pass the loaded pages on to the renderer, and query once for what all of them will need."""
    pages: dict[int, Page] = {}
    batch = list(found)
    for address in batch:
        if address.page is not None:
            pages_of_batch()[address.path] = (address.page, address.below)
            pages[address.page.pk] = address.page
    for page in pages.values():
        if isinstance(page, BasePage):
            page.is_restricted = False  # a restricted page has no address
    navigation.prefetch(pages.values())
    for route in routes.declared():
        route.prefetch([address.path for address in batch])


def make_files(asked: Collection[Address], renderer: PageRenderer) -> RenderedBatch:
    """Return the files for addresses with their pictures, not compressed yet.

    After ENOUGH seconds no further address is begun, so that a withdrawal does not wait for fifty films or kits.
    """
    files: dict[str, StoredFile] = {}
    refused: dict[str, str] = {}
    waiting: set[str] = set()
    unfinished = {address.path for address in asked}
    until = time.monotonic() + ENOUGH
    for address in asked:
        stopping.check()
        unfinished.remove(address.path)
        try:
            files[address.path] = make_file(address, renderer)
        except (RenderRejectedError, UnsafePathError) as refusal:
            refused[address.path] = str(refusal) or type(refusal).__name__
        except StorageUnavailableError:
            waiting.add(address.path)
        if time.monotonic() >= until:
            break
    without_picture, waiting_for_picture = pictures.make_public(files)
    for path in {*without_picture, *waiting_for_picture}:
        del files[path]
    current = {address.path: replace(address, page=None) for address in asked}
    return RenderedBatch(current, files, refused | without_picture, waiting | waiting_for_picture, unfinished)


def make_file(address: Address, renderer: PageRenderer) -> StoredFile:
    """Return the file for an address.

    Raises RenderRejectedError or UnsafePathError.
    """
    name_for(address.path)
    if address.reasons:
        raise RenderRejectedError(" ".join(address.reasons))
    if address.kind == Kind.DOCUMENT:
        document = get_document_model().objects.get(pk=address.source)
        return StoredFile(path=address.path, copy_of=file_of(document))
    if address.kind == Kind.MOVED:
        return redirect_page(address)
    if address.kind == Kind.ERROR:
        code, _space, status = address.source.partition(" ")
        return StoredFile(path=address.path, body=errors.page(int(status), language=code).content)
    return StoredFile(path=address.path, body=renderer.render(address.path), answers_query=address.answers_query)


def file_of(document: AbstractDocument) -> Path:
    path = Path(document.file.path)
    if not path.is_file():
        raise RenderRejectedError(_("The document's file is missing."))
    return path


def redirect_page(address: Address) -> StoredFile:
    """Return an HTML page that redirects, for readers of a static mirror.

    The application sends a real redirect instead.
    """
    redirect = Redirect.objects.select_related("redirect_page").get(pk=address.source)
    target = addresses.redirect_target(redirect) or "/"
    if target.startswith("/"):
        target = quoted(target)
    code = address.path.strip("/").partition("/")[0]
    with translation.override(code if code in settings.LANGUAGE_TABLE else settings.LANGUAGE_CODE):
        language = settings.LANGUAGE_TABLE[translation.get_language() or settings.LANGUAGE_CODE]
        body = render_to_string(
            "prerender/moved.html",
            {"target": target, "language": language, "public_url": settings.PUBLIC_URL},
        )
    return StoredFile(path=address.path, body=body.encode(), moved=f"{301 if redirect.is_permanent else 302} {target}")


def record(there: dict[str, Address], gone: set[str], files: dict[str, StoredFile], outcome: RenderOutcome) -> None:
    now = timezone.now()
    kept = sizes.are_kept()
    written: list[RenderResult] = []
    for path, address in there.items():
        stored, why = files.get(path), outcome.refused.get(path, "")
        if stored is not None:
            size = stored.copy_of.stat().st_size if stored.copy_of else len(stored.body)
            written.append(
                RenderResult(
                    path,
                    now,
                    size,
                    len(stored.variants.get(".br", b"")) or None,
                    why,
                    " ".join(sorted(stored.pictures)),
                    stored.checksum(),
                    sizes.is_recognisable(stored, kept=kept),
                )
            )
        elif address.reasons:  # the old file was removed, too
            written.append(RenderResult(path, None, None, None, why))
        else:
            PrerenderedPath.objects.filter(path=path).update(refused=why)
    with sizes.changes_noted():
        PrerenderedPath.objects.filter(path__in=gone).delete()
        PrerenderedPath.objects.save_results(written)


# --- Removing -------------------------------------------------------------------------------------


def remove(folder: FileStore, paths: Iterable[str]) -> list[str]:
    """Remove the files of addresses; the folder must be locked.

    Returns the paths that had a file.
    """
    names = {path: name_for(path) for path in paths if is_safe(path)}
    there = [path for path, name in names.items() if (folder.root / name).is_file()]
    folder.remove(names.values())
    return there
