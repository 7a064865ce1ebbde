"""Static files: hashed names, compressed, one style sheet and one script.

`css/site.css` names its parts by `@import url("…") layer(…);` and `js/site.js` by `import "./….js";`. In development the browser
follows them. Collecting joins each into one file, so that a page takes one request for its styles and one for its script,
and every page of the site takes the same two: a file in somebody's cache says that they were here, never what they read.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import brotli
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from rcssmin import cssmin
from rjsmin import jsmin
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Read = Callable[[str], str]

STYLES = "css/site.css"
SCRIPT = "js/site.js"

# As they are written in minified CSS. Browsers ignore an import behind anything but a list of layers or another import.
IMPORT = re.compile(r"""@import url\("(?P<path>[\w./-]+\.css)"\) layer\((?P<layer>[\w.-]+)\)(?:;|$)""")
IMPORTS = re.compile(
    rf"(?:@layer [\w,.-]+;|{IMPORT.pattern})*".replace("?P<path>", "").replace("?P<layer>", "")
)
RELATIVE = re.compile(r"""url\(\s*["']?+(?![a-z]+:|/|\#)""")
MODULE = re.compile(r"""^import "\./(?P<path>[\w./-]+\.js)";""", re.MULTILINE)
MODULE_SYNTAX = re.compile(r"^\s*(?:import|export)\b", re.MULTILINE)


class JoinError(ValueError):
    """A style sheet or script that cannot be made one file without changing what it means."""


def join_styles(name: str, read: Read) -> tuple[str, list[str]]:
    """The style sheet `name`, minified, with what it imports in its place, and the names of the parts.

    `read` gives the text of a static file by its name and raises KeyError where there is none. An import's layer is wrapped around
    its part, so the cascade stays the same.
    """
    text = cssmin(read_part(name, read))
    head = IMPORTS.match(text)
    end = head.end() if head else 0
    if "@import" in text[end:]:
        raise JoinError(
            f'{name} has an @import that is not first, or not written as `@import url("…") layer(…);`.'
        )
    parts: list[str] = []

    def layer(match: re.Match[str]) -> str:
        part = resolve(name, match["path"])
        css = cssmin(read_part(part, read, name))
        if "@import" in css or RELATIVE.search(css):
            raise JoinError(f"{part}: only {name} imports, and an address within a part begins with a slash.")
        parts.append(part)
        return f"@layer {match['layer']}{{{css}}}"

    return IMPORT.sub(layer, text[:end]) + text[end:], parts


def join_script(name: str, read: Read) -> tuple[str, list[str]]:
    """The script `name`, minified, with the modules that it imports in front of it, each in a block of its own, and their names.

    A module that imports or exports anything itself is refused: it would need a bundler, and then a module is too clever.
    """
    text = read_part(name, read)
    parts = [resolve(name, match["path"]) for match in MODULE.finditer(text)]
    modules = {part: jsmin(read_part(part, read, name)) for part in parts}
    modules[name] = jsmin(MODULE.sub("", text))
    for part, code in modules.items():
        if MODULE_SYNTAX.search(code):
            raise JoinError(
                f'{part}: only {name} imports, and only as `import "./module.js";`. Nothing exports.'
            )
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
    """For other people's files (Wagtail's admin): nearly as small, in a tenth of the time."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        return brotli.compress(data, quality=5)


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Where `collectstatic` puts things, and how a template finds them again."""

    # The top folders of our own static files, known while collecting.
    ours: frozenset[str] = frozenset()

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if not dry_run:
            paths = self.joined(paths)
            self.ours = frozenset(
                name.partition("/")[0]
                for name, (storage, _) in paths.items()
                if "site-packages" not in Path(getattr(storage, "location", "")).parts
            )
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def joined(self, paths: dict[str, Any]) -> dict[str, Any]:
        """The files to collect, with the style sheet and the script whole, and without their parts."""

        def read(name: str) -> str:
            storage, path = paths[name]
            with storage.open(path) as file:
                return file.read().decode()

        joined = dict(paths)
        for name, join in ((STYLES, join_styles), (SCRIPT, join_script)):
            if name in paths:
                text, parts = join(name, read)
                storage = InMemoryStorage()
                storage.save(name, ContentFile(text.encode()))
                joined[name] = (storage, name)
                for part in parts:
                    joined.pop(part, None)
        return joined

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Ours as small as can be, for they are sent to every reader; the admin's quickly, for few people load them."""
        names = set(paths)
        ours = {name for name in names if name.partition("/")[0] in self.ours}
        self.compressor_class = Compressor
        yield from super().compress_files(ours)
        self.compressor_class = QuickCompressor
        yield from super().compress_files(names - ours)

    def create_compressor(self, **options: Any) -> Compressor:
        return self.compressor_class(**options)

    def stored_name(self, name: str) -> str:
        """The hashed name. A file that was not collected keeps its own: a page without a picture is better than no page."""
        try:
            return super().stored_name(name)
        except ValueError:
            return name
