"""A second machine: an empty database and empty folders, to restore into."""

from __future__ import annotations

import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.db import connection

from tests.support.programs import require

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper


@pytest.fixture(autouse=True)
def _backups(settings: SettingsWrapper, tmp_path: Path) -> None:
    settings.BACKUPS = {**settings.BACKUPS, "folder": tmp_path / "backups"}


@pytest.fixture
def elsewhere(
    settings: SettingsWrapper, tmp_path: Path, transactional_db: None
) -> Iterator[Callable[[], AbstractContextManager[Path]]]:
    """Return a context manager for work on an empty machine.

    It yields the folder of the machine, and restores this process afterwards.
    """
    with database("elsewhere") as name:

        @contextmanager
        def move() -> Iterator[Path]:
            folder = tmp_path / "elsewhere"
            folder.mkdir(exist_ok=True)
            before = settings.MEDIA_ROOT, settings.PRERENDER_ROOT, settings.ERASURES_FILE, settings.BACKUPS
            settings.MEDIA_ROOT, settings.PRERENDER_ROOT = folder / "media", folder / "prerender"
            settings.ERASURES_FILE = folder / "erasures.txt"
            settings.BACKUPS = {**settings.BACKUPS, "folder": folder / "backups"}
            try:
                with working_in(name):
                    yield folder
            finally:
                settings.MEDIA_ROOT, settings.PRERENDER_ROOT, settings.ERASURES_FILE, settings.BACKUPS = before

        yield move


@contextmanager
def database(suffix: str, *, template: str = "template0") -> Iterator[str]:
    """Yield the name of a temporary database: an empty one, or a copy of another that is not in use."""
    name = f"{connection.settings_dict['NAME']}_{suffix}"

    def sql(statement: str) -> None:
        # Not inside a transaction, and not connected to what is created.
        with connection._nodb_cursor() as cursor:
            cursor.execute(statement)

    connection.close()
    sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield name
    finally:
        sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def working_in(name: str) -> Iterator[None]:
    """Connect this process to another database for the block."""
    here = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = here


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a private key of age."""
    file = tmp_path_factory.mktemp("keys") / "key.txt"
    subprocess.run([require("age-keygen"), "-o", file], check=True, capture_output=True)
    return file


class SigningKey(NamedTuple):
    """A pair of keys as the command in docs/operators/backups.md prints it."""

    private: str
    public: str


@pytest.fixture
def signing_key() -> SigningKey:
    return new_signing_key()


def new_signing_key() -> SigningKey:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return SigningKey(
        b64encode(private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode(),
        b64encode(public).decode(),
    )


@pytest.fixture(scope="session")
def recipient(identity: Path) -> str:
    """The public key that belongs to it."""
    return next(line.split()[-1] for line in identity.read_text().splitlines() if "public key" in line)
