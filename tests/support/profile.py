"""Files that a browser has written to disk: the folder of its profile, searched byte by byte."""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

MOZLZ4 = b"mozLz40\0"


def plain(data: bytes) -> bytes:
    """Return the content of a file, decompressed: Firefox stores its session as a name, the length and one LZ4 block.

    https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
    """
    if not data.startswith(MOZLZ4):
        return data
    out, at = bytearray(), len(MOZLZ4) + 4
    while at < len(data):
        token = data[at]
        literals, at = _length(data, at + 1, token >> 4)
        out += data[at : at + literals]
        at += literals
        if at >= len(data):
            break
        back = int.from_bytes(data[at : at + 2], "little")
        copied, at = _length(data, at + 2, token & 15)
        for _ in range(copied + 4):
            out.append(out[-back])
    return bytes(out)


def _length(data: bytes, at: int, length: int) -> tuple[int, int]:
    """Return a length that begins in a token and continues in the bytes at `at`, and the position after it."""
    if length == 15:
        while True:
            more = data[at]
            at += 1
            length += more
            if more != 255:
                break
    return length, at


def files(profile: Path) -> Iterator[tuple[Path, bytes]]:
    """Yield every file of the profile, decompressed.

    Files that the browser removes meanwhile are skipped.
    """
    for path in sorted(profile.rglob("*")):
        try:
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(profile), plain(path.read_bytes())
        except OSError:
            continue


def found(profile: Path, scratch: Path, marks: Iterable[str]) -> dict[str, list[str]]:
    """Return the marks that occur in the profile, in any encoding of browsers, each with its files.

    All files are searched together, once as they are and once without NUL bytes, which makes UTF-16 readable.
    """
    forms: dict[bytes, str] = {}
    for mark in marks:
        for form in (mark.encode(), mark.encode("latin-1", "ignore"), quote(mark).encode()):
            forms[form] = mark
    (scratch / "marks").write_bytes(b"\n".join(forms))
    everything = {str(path): data for path, data in files(profile)}
    haystack = scratch / "haystack"
    with haystack.open("wb") as heap:
        for data in everything.values():
            heap.write(data + b"\n" + data.replace(b"\0", b"") + b"\n")
    command = ["grep", "-aohF", "-f", str(scratch / "marks"), str(haystack)]
    seen = set(subprocess.run(command, capture_output=True, check=False, env={"LC_ALL": "C"}).stdout.splitlines())
    haystack.unlink()
    hits: dict[str, list[str]] = {}
    for form in seen:
        holders = [path for path, data in everything.items() if form in data or form in data.replace(b"\0", b"")]
        hits.setdefault(forms[form], []).extend(holders)
    return hits


def rows(profile: Path, scratch: Path, name: str, query: str) -> list[tuple[object, ...]]:
    """Return the rows of a query in a database of the profile; none if it is missing.

    The database is copied first, with its journal.
    """
    if not (profile / name).exists():
        return []
    for suffix in ("", "-wal", "-journal"):
        (scratch / f"copy.sqlite{suffix}").unlink(missing_ok=True)
        if (beside := profile / f"{name}{suffix}").exists():
            shutil.copy(beside, scratch / f"copy.sqlite{suffix}")
    with closing(sqlite3.connect(scratch / "copy.sqlite")) as connection:
        return connection.execute(query).fetchall()
