"""P11: who counts the encrypted bytes of help pages cannot tell one page of a kind from another.

The observer stands between the reader and the operator's nginx, which has TLS and both versions of HTTP here.
"""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from prerender import padding
from prerender.mirrors import copying
from prerender.store.files import FileStore, compressed, path_of, write
from tests.promises.mutants import Conf, Mutant, Stored, of
from tests.support.demonstration import Demonstration
from tests.support.nginx import needs_nginx, nginx_before, nginx_with_mirror
from tests.support.observer import Http1, Http2, observed
from tests.support.server import SiteServer

pytestmark = [pytest.mark.process, pytest.mark.demonstration, needs_nginx]

# Written out here as well, independently of helpline/finder/size_classes.py: what a reader would not tell the network.
KINDS = {
    "the finder": r"help/",
    "a country": r"help/[a-z]{2}/",
    "lines of a country": r"help/lines/[a-z]{2}/",
    "a service": r"help/listing/[0-9a-f-]{36}/",
    "a handout of a country": r"help/handouts/[a-z]{2}-\w+\.pdf",
    "a handout of a service": r"help/handouts/[0-9a-f-]{36}-\w+\.pdf",
    "a guide": r"help/(?!lines|listing|handouts)[a-z-]{3,}/",
    "a list in a frame": r"embed/[a-z]{2}/",
}
SIZES = 2
WAYS = [(Http1, "br"), (Http1, "gzip"), (Http1, "identity"), (Http2, "br")]
LOADED = re.compile(r'(?:src|href)="(/(?:static|pictures|documents|manifests)/[^"]+)"')
PROMISE = "It cannot tell by their size which country or service they are about."


def addresses(prerender: Path) -> list[str]:
    """Return every help address that has a file."""
    files = [
        Path(folder, name).relative_to(prerender)
        for language in prerender.iterdir()
        for part in ("help", "embed")
        for folder, _folders, names in os.walk(language / part)
        for name in names
        if name.endswith((".html", ".pdf"))
    ]
    return sorted(path for file in files if (path := path_of(str(file))).count("/embed/") == 0 or kind_of(path))


def kind_of(path: str) -> str | None:
    below = path.removeprefix("/").partition("/")[2]
    return next((name for name, pattern in KINDS.items() if re.fullmatch(pattern, below)), None)


def told_apart(port: int, paths: Iterable[str], ways=WAYS) -> list[str]:
    """Return for each kind of page with more than two sizes how it can be told apart."""
    found: dict[tuple[str, str, str], Counter[int]] = defaultdict(Counter)
    asked = list(paths)
    for protocol, encoding in ways:
        for path, received in observed(port, protocol, encoding, asked):
            found[kind_of(path) or path, protocol.__name__, encoding][received] += 1
    return [f"{' '.join(where)}: {dict(sizes)}" for where, sizes in found.items() if len(sizes) > SIZES]


@pytest.fixture
def behind(tmp_path: Path) -> Callable:
    """Return a context: the operator's nginx with the files of a folder, and no application."""

    def start(prerender: Path, change=lambda conf: conf):
        nothing = SiteServer(port=1, folder=tmp_path, environment={})
        folders = {"folder": tmp_path / "nginx", "prerender": prerender, "static_and_media": prerender.parent}
        return nginx_before(nothing, **folders, change=change)

    return start


@pytest.fixture
def prerender(demonstration: Demonstration) -> Path:
    return demonstration.var / "prerender"


class TestObserver:
    def test_counts_at_most_two_sizes_of_each_kind(self, prerender, behind):
        paths = addresses(prerender)
        with behind(prerender) as front:
            found = told_apart(front.port, paths)

        assert found == []
        assert {kind_of(path) for path in paths} == {*KINDS}

    def test_counts_no_more_on_a_mirror(self, prerender, settings, tmp_path):
        settings.PRERENDER_ROOT = prerender
        mirror, outcome = copying.Mirror(str(tmp_path / "mirror")), copying.MirrorOutcome()
        mirror.root.mkdir()
        paths = ["/", *(path for path in addresses(prerender) if kind_of(path) in {"a country", "a guide"})]
        for path in paths:
            name = f"{path[1:]}index.html"
            mirror.copy_one(name, prerender / name, outcome)
        assert outcome.problems == []

        with nginx_with_mirror(mirror.root, folder=tmp_path / "nginx") as at:
            assert told_apart(at.secure_port, paths[1:], [(Http1, "gzip"), (Http2, "gzip")]) == []

    @pytest.mark.parametrize("mutant", of("P11"))
    def test_notices_mutants(self, prerender, behind, tmp_path, mutant: Mutant):
        countries = [path for path in addresses(prerender) if kind_of(path) == "a country"]
        copy = tmp_path / "prerender"
        for number, path in enumerate(["/", *countries]):
            name = f"{path[1:]}index.html"
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            body = (prerender / name).read_bytes()
            variants = {each: Path(f"{prerender / name}{each}").read_bytes() for each in (".br", ".gz")}
            if isinstance(mutant.change, Stored) and mutant.change.concerns(path):
                body = padding.stripped(path, body)
                variants = compressed(name, body)
            for suffix, content in {"": body, **variants}.items():
                file = Path(f"{copy / name}{suffix}")
                write(file, content)
                os.utime(file, (number * 99_991, number * 99_991))  # a site has files of many days
        change = mutant.change if isinstance(mutant.change, Conf) else lambda conf: conf
        with behind(copy, change) as front:
            assert told_apart(front.port, countries, [(Http2, "br")])


class TestHelpPages:
    def test_load_the_same_files_in_the_same_order(self, prerender):
        found: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for path in addresses(prerender):
            if path.endswith("/") and kind_of(path) != "a list in a frame":
                html = FileStore(prerender).file(path).read_text()
                found[tuple(LOADED.findall(html))].append(path)

        assert len(found) == 1, {files: paths[:3] for files, paths in found.items()}
        assert all(files for files in found)

    def test_say_so_in_the_demonstration(self, prerender):
        silent = [
            path
            for path in addresses(prerender)
            if path.startswith("/en/help/") and path.endswith("/") and "/coverage/" not in path
            if PROMISE not in FileStore(prerender).file(path).read_text()
        ]

        assert silent == []
