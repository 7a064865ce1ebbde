"""Encrypts backups to public keys, with age or GnuPG: the machine that makes them cannot read them.

Keep the private key elsewhere, or an intruder on this machine has all backups, too.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from operations.backups import BackupError, programs

AGE_BEGINS = (b"age-encryption.org/v1", b"-----BEGIN AGE ENCRYPTED FILE-----")
# Of a tar file: the name of our first member.
PLAIN_BEGINS = b"about.json"
PROGRAMS = {".tar.age": "age", ".tar.gpg": "gpg"}


def suffix(recipients: Sequence[str]) -> str:
    """Return the suffix of a backup's name: `.tar`, and that of its encryption.

    Raises BackupError for keys of both kinds.
    """
    if not recipients:
        return ".tar"
    kinds = {is_for_age(each) for each in recipients}
    if len(kinds) > 1:
        raise BackupError(
            "The recipients are keys of age and of GnuPG. A backup is encrypted with one of them: choose."
        )
    return ".tar.age" if kinds == {True} else ".tar.gpg"


def is_for_age(recipient: str) -> bool:
    return recipient.startswith(("age1", "ssh-"))


def require_program(recipients: Sequence[str]) -> None:
    """Raise BackupError if the program that encrypts to these keys is not installed."""
    if recipients:
        programs.require(PROGRAMS[suffix(recipients)], kept="No backup can be made.")


@contextmanager
def encrypting(recipients: Sequence[str], out: IO[bytes]) -> Iterator[IO[bytes]]:
    """Yield a stream that encrypts into `out`; without recipients it writes unencrypted.

    Raises BackupError.
    """
    if not recipients:
        yield out
        return
    keys = [word for each in recipients for word in ("--recipient", each)]
    name, options = "age", ["--encrypt"]
    if not is_for_age(recipients[0]):
        name, options = (
            "gpg",
            ["--batch", "--no-tty", "--quiet", "--trust-model=always", "--compress-algo=none", "--encrypt"],
        )
    command = [programs.require(name, kept="No backup was made."), *options, *keys]
    with programs.running(command, stdin=subprocess.PIPE, stdout=out) as program:
        with suppress(BrokenPipeError):  # its exit status and message have the reason
            yield program.input
        if program.end():
            raise BackupError(f"{name} did not encrypt the backup: {program.words} No backup was made.")


@contextmanager
def decrypting(file: Path, *, identity: Path | None) -> Iterator[IO[bytes]]:
    """Yield the tar stream in a backup, however it is encrypted.

    Raises BackupError.

    `identity`: the file of the private key of age.
    """
    with file.open("rb", buffering=0) as opened:  # the program reads on from where we are
        begins = opened.read(64)
        opened.seek(0)
        if begins.startswith(PLAIN_BEGINS):
            yield opened
            return
        name, options = "gpg", ["--batch", "--quiet", "--decrypt"]
        if begins.startswith(AGE_BEGINS):
            if identity is None:
                raise BackupError(
                    "The backup is encrypted with age: "
                    "name the file of the private key with --identity. Nothing was changed."
                )
            name, options = "age", ["--decrypt", f"--identity={identity}"]
        command = [programs.require(name, kept="Nothing was changed."), *options]
        with programs.running(command, stdin=opened, stdout=subprocess.PIPE) as program:
            damage: BackupError | None = None
            try:
                yield program.output
            except BackupError as found:
                damage = found
            while program.output.read(65536):
                pass  # so that the program, too, can check the rest
            if program.end():
                raise BackupError(
                    f"{name} cannot decrypt {file.name}: {program.words} Nothing was changed."
                ) from damage
            if damage is not None:
                raise damage
