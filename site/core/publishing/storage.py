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
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Read = Callable[[str], str]

STYLES = "css/site.css"
SCRIPT = "js/site.js"

# What is no code: comments, and strings (kept as they are, so that an address or a `/*` inside one is not touched).
COMMENT_OR_STRING = re.compile(r"""/\*.*?\*/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'""", re.DOTALL)
SPACE = re.compile(r"\s+")
AROUND_MARKS = re.compile(r" ?([{};,>]) ?")
AFTER_COLON = re.compile(
    r"(?<=[\w-]): "
)  # of a declaration; in a selector a blank before or after a colon means something else
LAYERS = re.compile(r"\s*@layer\s+[\w\s,.-]+;")
IMPORT = re.compile(
    r"""\s*@import\s+url\(\s*(["'])(?P<path>[^"')]+)\1\s*\)(?:\s+layer\((?P<layer>[\w.-]+)\))?\s*;"""
)
ADDRESS = re.compile(r"""url\(\s*(["']?)(?P<path>[^"')]+)\1\s*\)""")
MODULE = re.compile(r"""^import\s+(["'])\./(?P<path>[\w./-]+\.js)\1;[^\S\n]*(?://.*)?$""", re.MULTILINE)
MODULE_SYNTAX = re.compile(r"^\s*(?:import|export)\b", re.MULTILINE)


class JoinError(ValueError):
    """A style sheet or script that cannot be made one file without changing what it means."""


def join_styles(name: str, read: Read, parents: tuple[str, ...] = ()) -> tuple[str, list[str]]:
    """The style sheet `name` with all that it imports in its place, and the names of the parts.

    `read` gives the text of a static file by its name and raises KeyError where there is none. An import's layer is wrapped
    around its part, so the cascade stays the same. Comments and white space go.
    """
    if name in parents:
        raise JoinError(f"{name} imports itself: {' → '.join((*parents, name))}.")
    text = _without_comments(_read(name, read, parents))
    head, end = [], 0
    parts: list[str] = []
    while match := (IMPORT.match(text, end) or LAYERS.match(text, end)):
        if "path" in match.re.groupindex:
            part = _resolve(name, match["path"])
            inner, inner_parts = join_styles(part, read, (*parents, name))
            inner = _move_addresses(inner, part, name)
            head.append(f"@layer {match['layer']}{{{inner}}}" if match["layer"] else inner)
            parts += [part, *inner_parts]
        else:
            head.append(match[0].strip())
        end = match.end()
    rest = text[end:]
    if "@import" in COMMENT_OR_STRING.sub("", rest):
        raise JoinError(
            f'{name} has an @import that is not first, or not written as `@import url("…") layer(…);`.'
        )
    return "".join([*head, rest.strip()]), parts


def join_script(name: str, read: Read) -> tuple[str, list[str]]:
    """The script `name` with the modules that it imports in front of it, each in a block of its own, and their names.

    A module that imports or exports anything itself is refused: it would need a bundler, and then a module is too clever.
    """
    text = _read(name, read, ())
    parts = [_resolve(name, match["path"]) for match in MODULE.finditer(text)]
    rest = MODULE.sub("", text)
    modules = {part: _read(part, read, (name,)) for part in parts}
    for part, code in {**modules, name: rest}.items():
        if MODULE_SYNTAX.search(code):
            raise JoinError(
                f'{part}: only {name} imports, and only as `import "./module.js";`. Nothing exports.'
            )
    blocks = [_without_lines_of_comment(code) for code in [*modules.values(), rest]]
    return "".join(f"{{\n{block}}}\n" for block in blocks if block), parts


def _read(name: str, read: Read, parents: tuple[str, ...]) -> str:
    try:
        return read(name)
    except KeyError:
        raise JoinError(
            f"{parents[-1]} imports {name}, which does not exist." if parents else f"{name} does not exist."
        ) from None


def _resolve(name: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))


def _without_comments(text: str) -> str:
    """CSS without comments, and without white space that means nothing."""
    kept = []
    end = 0
    for match in COMMENT_OR_STRING.finditer(text):
        kept.append(_tight(text[end : match.start()]))
        kept.append("" if match[0].startswith("/*") else match[0])
        end = match.end()
    kept.append(_tight(text[end:]))
    return "".join(kept).strip()


def _tight(code: str) -> str:
    return AFTER_COLON.sub(":", AROUND_MARKS.sub(r"\1", SPACE.sub(" ", code))).replace(";}", "}")


def _without_lines_of_comment(code: str) -> str:
    """JavaScript without empty lines, without those that hold nothing but a `//` comment, and without what indents a line."""
    lines = (line.lstrip() for line in code.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("//"))


def _move_addresses(text: str, part: str, name: str) -> str:
    """The part's `url(…)` as seen from the folder of the sheet that it is put into."""

    def moved(match: re.Match[str]) -> str:
        path = match["path"]
        if re.match(r"[a-z]+:|/|#", path):
            return match[0]
        return f'url("{posixpath.relpath(_resolve(part, path), posixpath.dirname(name) or ".")}")'

    return ADDRESS.sub(moved, text)


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
