from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from pytest_django import DjangoCaptureOnCommitCallbacks

from core.models import Picture
from prerender import services
from prerender.models import PendingChange, PendingPath, PrerenderedPath
from prerender.rendering.renderer import PageRenderer
from prerender.store.files import FileStore, StoredFile
from tests.support.cached_fixtures import cached_fixture

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper


@pytest.fixture(autouse=True)
def _few_addresses(request: pytest.FixtureRequest, settings: SettingsWrapper) -> None:
    """Render error pages in English only: in every language of the interface they take longer than all the rest.

    Without processes, render nothing of the HSDS API either: what a test commits is kept for others
    (tests/support/database.py).
    Leave out the other routes before anything is built, too, where the test asks for it.
    """
    settings.INTERFACE_LANGUAGES = ["en"]
    if request.node.get_closest_marker("process") is None:
        request.getfixturevalue("only_pages" if "only_pages" in request.fixturenames else "without_api")


@pytest.fixture
def folder() -> FileStore:
    """The public folder of this test."""
    return FileStore()


@pytest.fixture
def commit(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Callable[[], object]:
    """`with commit():` commits at its end: what is gone is purged, and what is due is rendered."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
@cached_fixture
def prerendered(home: object) -> None:
    """Render the whole site, so that nothing is due."""
    services.render_all()


@pytest.fixture
def only_pages(declare: Callable[..., None]) -> None:
    """Leave out the apps, which have most addresses, so that only the pages count."""
    declare(routes=[])


@pytest.fixture
def after_rendering(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str], object]], None]:
    """Return a function that registers an action to run after the rendering of each path."""
    render = PageRenderer.render

    def do(act: Callable[[str], object]) -> None:
        def rendering(self: PageRenderer, path: str) -> bytes:
            body = render(self, path)
            act(path)
            return body

        monkeypatch.setattr(PageRenderer, "render", rendering)

    return do


@pytest.fixture
def rendered(after_rendering: Callable[[Callable[[str], object]], None]) -> list[str]:
    """The paths that are rendered from now on, in order."""
    paths: list[str] = []
    after_rendering(paths.append)
    return paths


@pytest.fixture
def rerendered(after_rendering: Callable[[Callable[[str], object]], None]) -> set[str]:
    """The paths that are rendered from now on."""
    paths: set[str] = set()
    after_rendering(paths.add)
    return paths


def showing(picture: Picture) -> list[dict[str, object]]:
    return [{"type": "picture", "value": {"image": picture.pk, "alt_text": "A path", "decorative": False}}]


def put(*sheets: StoredFile) -> None:
    """Put files into the public folder, as a render would."""
    for sheet in sheets:
        sheet.compress()
    folder = FileStore()
    edition = folder.stage(sheets)
    with folder.locked():
        folder.put(edition, {sheet.path for sheet in sheets})


def nothing_is_due() -> bool:
    return not PendingChange.objects.exists() and not PendingPath.objects.exists()


def files(path: str) -> set[str]:
    """Return the names of an address's files, including variants and marks."""
    folder = Path(settings.PRERENDER_ROOT) / path.strip("/")
    return {item.name for item in folder.iterdir() if item.is_file()} if folder.is_dir() else set()


def row(path: str) -> PrerenderedPath:
    return PrerenderedPath.objects.get(path=path)
