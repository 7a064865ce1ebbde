"""Static files: hashed names, compressed, one style sheet and one script.

`css/site.css` lists its parts with `@import url("…") layer(…);`.
So do the sheets that only some pages need:

- `css/help.css`: help pages;
- `css/pages.css`: all other pages;
- `css/home.css`: home pages, in addition;
- `css/materials.css`: pages with materials;
- `css/library.css`: the library of materials;
- `css/activities.css`: activities of partners;
- `css/directory.css`: the directory;
- `css/practices.css`: practices;
- `css/way-out.css`: toolkits with an exit;
- `css/private.css`: the private site.

`js/site.js` lists its modules with `import "./….js";`.
In development the browser follows these imports.
`collectstatic` joins each list into one file.
Every page on the public site loads `site.css`, `help.css`, `pages.css`, the sheet of home pages and the same script.
Sheets that do not apply to it come last.
So a file in a visitor's cache shows that they were here, but never what they read.
Pages with materials load one more sheet, as they load pictures.
(0024 describes what the absence of fonts in a cache can reveal.)
"""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import brotli
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rcssmin import cssmin
from rjsmin import jsmin
from whitenoise.compress import Compressor
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import MissingFileError
from whitenoise.storage import CompressedManifestStaticFilesStorage

if TYPE_CHECKING:
    Read = Callable[[str], str]

STYLES = (
    "css/site.css",
    "css/help.css",
    "css/pages.css",
    "css/home.css",
    "css/materials.css",
    "css/library.css",
    "css/activities.css",
    "css/directory.css",
    "css/practices.css",
    "css/way-out.css",
    "css/private.css",
)
SCRIPT = "js/site.js"

# Imports in minified CSS.
# Browsers ignore an import after anything but a list of layers or another import.
IMPORT = re.compile(r"""@import url\("(?P<path>[\w./-]+\.css)"\) layer\((?P<layer>[\w.-]+)\)(?:;|$)""")
IMPORTS = re.compile(rf"(?:@layer [\w,.-]+;|{IMPORT.pattern})*".replace("?P<path>", "").replace("?P<layer>", ""))
RELATIVE = re.compile(r"""url\(\s*["']?+(?![a-z]+:|/|\#)""")
MODULE = re.compile(r"""^import "\./(?P<path>[\w./-]+\.js)";""", re.MULTILINE)
MODULE_SYNTAX = re.compile(r"^\s*(?:import|export)\b", re.MULTILINE)


class JoinError(ValueError):
    """A style sheet or script that cannot be joined without changing its meaning."""


def join_styles(name: str, read: Read) -> tuple[str, list[str]]:
    """Return the minified style sheet `name` with its imports inlined, and the names of the parts.

    Raises JoinError.

    `read` returns the text of a static file by its name, and raises KeyError if there is none.
    Each part is wrapped in the layer of its import, together with its neighbours of the same layer, so the cascade
    stays the same.
    """
    text = cssmin(read_part(name, read))
    head = IMPORTS.match(text)
    end = head.end() if head else 0
    if "@import" in text[end:]:
        raise JoinError(f'{name} has an @import that is not first, or not written as `@import url("…") layer(…);`.')
    parts: list[str] = []

    def part(path: str) -> str:
        resolved = resolve(name, path)
        css = cssmin(read_part(resolved, read, name))
        if "@import" in css or RELATIVE.search(css):
            raise JoinError(f"{resolved}: only {name} may import, and a URL in a part must begin with a slash.")
        parts.append(resolved)
        return css

    imported = [(match["layer"], part(match["path"])) for match in IMPORT.finditer(text[:end])]
    layers = "".join(
        f"@layer {layer}{{{''.join(css for _layer, css in group)}}}"
        for layer, group in groupby(imported, itemgetter(0))
    )
    return IMPORT.sub("", text[:end]) + layers + text[end:], parts


def join_script(name: str, read: Read) -> tuple[str, list[str]]:
    """Return the minified script `name`, preceded by its modules, each in its own block, and their names.

    Raises JoinError.

    A module that imports or exports anything itself is refused: that would need a bundler.
    """
    text = read_part(name, read)
    parts = [resolve(name, match["path"]) for match in MODULE.finditer(text)]
    modules = {part: jsmin(read_part(part, read, name)) for part in parts}
    modules[name] = jsmin(MODULE.sub("", text))
    for part, code in modules.items():
        if MODULE_SYNTAX.search(code):
            raise JoinError(f'{part}: only {name} may import, only as `import "./module.js";`, and nothing may export.')
    return "".join(f"{{{code}}}\n" for code in modules.values() if code), parts


def read_part(name: str, read: Read, parent: str = "") -> str:
    try:
        return read(name)
    except KeyError:
        raise JoinError(
            f"{parent} imports {name}, which does not exist." if parent else f"{name} does not exist."
        ) from None


def resolve(name: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))


class QuickCompressor(Compressor):
    """Compresses third-party files (Wagtail's admin): nearly as small, in a tenth of the time."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        return brotli.compress(data, quality=5)


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Static files with hashed names: joined, minified and compressed by `collectstatic`."""

    # The top-level folders of the project's own static files, set while collecting.
    ours: frozenset[str] = frozenset()

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: object) -> Iterator[Any]:
        if not dry_run:
            paths = self.joined(paths)
            self.ours = frozenset(
                name.partition("/")[0]
                for name, (storage, _) in paths.items()
                if "site-packages" not in Path(getattr(storage, "location", "")).parts
            )
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def joined(self, paths: dict[str, Any]) -> dict[str, Any]:
        """Return the files to collect, with the style sheet and the script joined, and without their parts."""

        def read(name: str) -> str:
            storage, path = paths[name]
            with storage.open(path) as file:
                return file.read().decode()

        joined = dict(paths)
        for name, join in (*((sheet, join_styles) for sheet in STYLES), (SCRIPT, join_script)):
            if name in paths:
                text, parts = join(name, read)
                storage = InMemoryStorage()
                storage.save(name, ContentFile(text.encode()))
                joined[name] = (storage, name)
                for part in parts:
                    joined.pop(part, None)
        return joined

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Compress the project's own files, which every visitor loads, as far as possible, and others quickly."""
        names = set(paths)
        ours = {name for name in names if name.partition("/")[0] in self.ours}
        self.compressor_class = Compressor
        yield from super().compress_files(ours)
        self.compressor_class = QuickCompressor
        yield from super().compress_files(names - ours)

    def create_compressor(self, **options: object) -> Compressor:
        return self.compressor_class(**options)

    def read_again(self) -> None:
        """Load the files that another process has collected since this one was started."""
        self.hashed_files, self.manifest_hash = self.load_manifest()

    def stored_name(self, name: str) -> str:
        """Return the hashed name, or the plain one of a file that was not collected.

        A missing picture is better than an error page.
        """
        try:
            return super().stored_name(name)
        except ValueError:
            return name


HASHED = re.compile(r"\.[0-9a-f]{12}\.[a-z0-9]+$")
# How long files of earlier versions stay, for open browser tabs and archived copies.
KEPT = timedelta(days=90)
VARIANTS = ("", ".br", ".gz")
# The static files of each version that pages may still refer to.
SHARED = settings.VAR / "static"


class StaticMiddleware(WhiteNoiseMiddleware):
    """WhiteNoise with the files found when the process started, extended by hashed files that were added later."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if path.startswith(self.static_prefix) and path not in self.files and HASHED.search(path):
            self.look_for(path)
        return super().__call__(request)

    def look_for(self, path: str) -> None:
        root = f"{SHARED}{os.sep}"
        file = root + path.removeprefix(self.static_prefix)
        if self.url_is_canonical(path) and self.path_is_child_of(file, root):
            try:
                self.files[path] = self.get_static_file(file, path)
            except (MissingFileError, OSError):
                return


def share() -> int:
    """Add the static files of this version to the shared ones, and remove those that no version of the last KEPT had.

    Returns how many are new.
    Raises LookupError if they have not been collected.
    """
    source, target = Path(settings.STATIC_ROOT), SHARED
    if not isinstance(staticfiles_storage, ManifestFilesMixin):
        return 0  # in development: names have no hash
    names = list(staticfiles_storage.hashed_files.values())
    if not names:
        raise LookupError(source)
    added = sum(add(source / f"{name}{suffix}", target / f"{name}{suffix}") for name in names for suffix in VARIANTS)
    if source.resolve() != target.resolve():
        remove_old(target)
    return added


def add(file: Path, target: Path) -> bool:
    """Copy a file unless it exists, and record its use.

    Returns whether it was copied.
    """
    if not file.exists():
        return False
    if is_new := not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f"{target.name}.new")
        shutil.copyfile(file, draft)
        draft.replace(target)
    target.touch()
    return is_new


def remove_old(folder: Path) -> None:
    oldest = time.time() - KEPT.total_seconds()
    for file in folder.rglob("*"):
        if file.is_file() and file.stat().st_mtime < oldest:
            file.unlink()
