"""Format of a backup: a tar stream that is written and read in order, and never held in memory.

| member | content |
|---|---|
| `about.json` | when, where and by which version it was made; the first, so that it can be refused early |
| `settings.env` | the settings of the site |
| `erasures.txt` | the erasures that members had requested by then |
| `database/00000` … | the database as `pg_dump --format=custom` writes it, in pieces of PIECE |
| `media/…` | the uploads |
| `contents.json` | the SHA-256 of each member before it |
| `contents.json.sig` | the signature of `contents.json`, if there is a key to sign with |
| `contents.json.sha256` | that of `contents.json`; the last, so that a truncated backup is detected |

It can be restored without this code: `cat database/* | pg_restore --dbname=…`.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from core.background import stopping
from operations.backups import BackupError, signing

FORMAT = 1
ABOUT, SETTINGS, ERASURES, CONTENTS = "about.json", "settings.env", "erasures.txt", "contents.json"
SIGNATURE, SEAL = "contents.json.sig", "contents.json.sha256"
DATABASE, MEDIA = "database/", "media/"
PIECE = 8 * 1024 * 1024
BLOCK = 256 * 1024
DAMAGED = (
    "The backup is damaged, or was cut off: {why}. Nothing was changed. Take another one: `manage.py backup --list`."
)


@dataclass
class PositionedWriter:
    """A stream with its position.

    tarfile's own would write its buffer when it is garbage collected, to a file that is closed by then.
    """

    out: IO[bytes]
    position: int = 0

    def write(self, block: bytes) -> int:
        self.position += len(block)
        return self.out.write(block)

    def tell(self) -> int:
        return self.position


class ArchiveWriter:
    """Writes a backup to a stream that cannot be rewound, such as the input of a program that encrypts."""

    def __init__(self, out: IO[bytes]) -> None:
        self.tar = tarfile.TarFile(fileobj=PositionedWriter(out), mode="w", format=tarfile.PAX_FORMAT)  # type: ignore[arg-type]
        self.sums: dict[str, str] = {}

    def add(self, name: str, content: bytes) -> None:
        self._add(name, io.BytesIO(content), len(content))

    def add_stream(self, prefix: str, stream: IO[bytes]) -> None:
        """Add the output of a program, whose length is not known in advance, in numbered pieces."""
        number = 0
        while piece := stream.read(PIECE):
            self.add(f"{prefix}{number:05}", piece)
            number += 1

    def add_file(self, name: str, file: Path) -> None:
        """Add a file as it is now.

        Raises FileNotFoundError if it was deleted, BackupError if it shrinks meanwhile.
        """
        with file.open("rb") as opened:
            self._add(name, opened, file.stat().st_size)

    def end(self, contents: dict[str, Any], *, signed_with: str = "") -> None:
        content = json.dumps({**contents, "sums": self.sums}, indent=1).encode()
        self.add(CONTENTS, content)
        if signed_with:
            self.add(SIGNATURE, signing.sign(content, signed_with))
        self.add(SEAL, f"{self.sums[CONTENTS]}  {CONTENTS}\n".encode())
        self.tar.close()

    def _add(self, name: str, content: IO[bytes], size: int) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        reader = HashingReader(content)
        try:
            self.tar.addfile(member, reader)
        except tarfile.TarError as problem:
            raise BackupError(f"{name} changed while it was read. Make the backup once more.") from problem
        self.sums[name] = reader.digest.hexdigest()


@dataclass
class HashingReader:
    """Reads from another stream, hashes what it reads (SHA-256), and stops between two blocks on a shutdown request."""

    stream: IO[bytes]
    digest: Any = field(default_factory=hashlib.sha256)

    def read(self, size: int = -1) -> bytes:
        stopping.check()
        block = self.stream.read(size)
        self.digest.update(block)
        return block


@dataclass(slots=True)
class ArchiveMember:
    """One member of an archive that is being read.

    A caller may leave it unread: then `read` itself reads the rest.
    """

    name: str
    size: int
    stream: HashingReader

    def blocks(self) -> Iterator[bytes]:
        while block := self.stream.read(BLOCK):
            yield block

    def content(self) -> bytes:
        return b"".join(self.blocks())


def read(stream: IO[bytes]) -> Iterator[ArchiveMember]:
    """Yield the members in order; last the contents, once they agree with all the others, and their signature.

    Raises BackupError at the first error.
    """
    sums: dict[str, str] = {}
    contents = signature = b""
    try:
        with tarfile.open(fileobj=stream, mode="r|", bufsize=BLOCK) as tar:
            for entry in tar:
                member = expected(tar, entry, sums)
                if member.name == SEAL:
                    if member.content().split()[:1] != [sums.get(CONTENTS, "").encode()]:
                        raise BackupError(DAMAGED.format(why=f"{CONTENTS} is not what was written"))
                    promised = json.loads(contents)["sums"]
                    compare(
                        {name: found for name, found in sums.items() if name not in {CONTENTS, SIGNATURE}}, promised
                    )
                    for name, content in ((CONTENTS, contents), (SIGNATURE, signature)):
                        yield ArchiveMember(name, len(content), HashingReader(io.BytesIO(content)))
                    return
                if member.name == CONTENTS:
                    contents = member.content()
                elif member.name == SIGNATURE:
                    signature = member.content()
                else:
                    yield member
                    for _block in member.blocks():
                        pass
                sums[member.name] = member.stream.digest.hexdigest()
    except (tarfile.TarError, EOFError, ValueError, KeyError) as problem:
        raise BackupError(DAMAGED.format(why=f"it cannot be read ({problem})")) from problem
    raise BackupError(DAMAGED.format(why="its end is missing"))


def expected(tar: tarfile.TarFile, entry: tarfile.TarInfo, before: dict[str, str]) -> ArchiveMember:
    """Return the member of an entry that belongs at its position.

    Raises BackupError.
    """
    opened = tar.extractfile(entry) if entry.isfile() else None
    if opened is None or not is_expected(entry.name) or entry.name in before:
        raise BackupError(DAMAGED.format(why=f"{entry.name} does not belong there"))
    if not before and entry.name != ABOUT:
        raise BackupError(DAMAGED.format(why="it does not begin as a backup of Waymark does"))
    return ArchiveMember(entry.name, entry.size, HashingReader(opened))


def is_expected(name: str) -> bool:
    """Return whether a backup has members of this name; of an upload, whether its name stays inside the folder."""
    if name.startswith(MEDIA):
        return all(part not in {"", ".", ".."} for part in name.split("/")) and "\0" not in name
    if name.startswith(DATABASE):
        return name.removeprefix(DATABASE).isdecimal()
    return name in {ABOUT, SETTINGS, ERASURES, CONTENTS, SIGNATURE, SEAL}


def compare(found: dict[str, str], promised: dict[str, str]) -> None:
    """Raise BackupError unless the members that were read are those that were written."""
    for name in sorted(found.keys() ^ promised.keys()):
        raise BackupError(DAMAGED.format(why=f"{name} is {'not expected' if name in found else 'missing'}"))
    for name, checksum in promised.items():
        if found[name] != checksum:
            raise BackupError(DAMAGED.format(why=f"{name} is not what was written"))
