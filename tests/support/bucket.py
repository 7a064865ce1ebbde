"""A real S3 storage (SeaweedFS), which tests stop, freeze and start again; and a wire to it that can be cut.

It has three buckets: PRIVATE, PUBLIC (whose objects anybody may read), and FULL, for which there is no room left.
The tests' key may read and write in each, and change none of them.
All tests of the xdist group "bucket" share `object_store`.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.support.server import free_port

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

PRIVATE, PUBLIC, FULL = "uploads", "prerendered", "full"
KEY, SECRET = "waymark", "only for tests"
ADMIN = "admin"
EVERYBODY_READS = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{PUBLIC}/*",
        }
    ],
}


class ObjectStore:
    """The server, below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        free: set[int] = set()
        while len(free) < 8:  # one could come twice
            free.add(free_port())
        parts = ("master", "volume", "filer", "s3")
        ports = dict(zip((f"{part}.port{grpc}" for part in parts for grpc in ("", ".grpc")), free, strict=True))
        self.port = ports["s3.port"]
        self.options = {
            "dir": folder, "ip": "127.0.0.1", "ip.bind": "127.0.0.1", "s3": "true", "s3.config": folder / "keys.json",
            "s3.iam": "false", "s3.port.iceberg": 0, "s3.port.lance": 0, "master.telemetry": "false", "volume.max": 2,
            "master.volumeSizeLimitMB": 64, **ports,
        }  # fmt: skip
        buckets = [f"{deed}:{bucket}" for bucket in (PRIVATE, PUBLIC, FULL) for deed in ("Read", "Write", "List")]
        keys = {KEY: buckets, ADMIN: ["Admin"]}
        identities = [
            {"name": key, "credentials": [{"accessKey": key, "secretKey": SECRET}], "actions": actions}
            for key, actions in keys.items()
        ]
        (folder / "keys.json").write_text(json.dumps({"identities": identities}))
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, key: str = KEY, *, patience: float = 20) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=key,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=patience, s3={"addressing_style": "path"}),
        )

    def start(self) -> None:
        if self.process is not None:
            self.go_on()
            return
        program = Path(sys.executable).with_name("weed")
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [program, "server", *(f"-{name}={value}" for name, value in self.options.items())],
                # One volume for each bucket, so that two fill the disk.
                env={**os.environ, "WEED_MASTER_VOLUME_GROWTH_COPY_1": "1"},
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        until, admin = time.monotonic() + 60, self.client(ADMIN)
        while not self.is_ready(admin):
            running = self.process.poll() is None and time.monotonic() < until
            assert running, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.1)
        admin.close()

    def is_ready(self, admin: Any) -> bool:
        try:
            for bucket in (PRIVATE, PUBLIC, FULL):
                with contextlib.suppress(
                    admin.exceptions.BucketAlreadyExists, admin.exceptions.BucketAlreadyOwnedByYou
                ):
                    admin.create_bucket(Bucket=bucket)
            admin.put_bucket_policy(Bucket=PUBLIC, Policy=json.dumps(EVERYBODY_READS))
            for bucket in (PRIVATE, PUBLIC):
                admin.put_object(Bucket=bucket, Key="first", Body=b"takes a volume")
                admin.delete_object(Bucket=bucket, Key="first")
        except (BotoCoreError, ClientError):
            return False
        return True

    def freeze(self) -> None:
        """Keep every connection open without a response."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """Refuse connections.

        Stored objects are back after the next start.
        """
        if self.process is not None:
            self._signal(signal.SIGKILL)
            self.process.wait(20)
            self.process = None
            for port in self.options.values():
                for left in Path("/tmp").glob(f"seaweedfs-*-grpc-{port}.sock"):  # noqa: S108  (where the program puts them)
                    left.unlink()

    def _signal(self, what: signal.Signals) -> None:
        assert self.process is not None
        os.killpg(self.process.pid, what)

    def objects(self, bucket: str = PRIVATE) -> dict[str, bytes]:
        """Return everything in a bucket, by name."""
        client = self.client()
        found = client.list_objects_v2(Bucket=bucket).get("Contents", ())
        return {entry["Key"]: client.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read() for entry in found}

    def clear(self) -> None:
        client = self.client()
        for bucket in (PRIVATE, PUBLIC):
            for entry in client.list_objects_v2(Bucket=bucket).get("Contents", ()):
                client.delete_object(Bucket=bucket, Key=entry["Key"])


class Wire:
    """A wire to a port of this machine, to be cut after so many bytes of a response or request, or to be slowed."""

    def __init__(
        self, port: int, *, answers: int | None = None, requests: int | None = None, drops: bool = False
    ) -> None:
        self.to, self.limits, self.drops = port, {"answers": answers, "requests": requests}, drops
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                here, _address = self.socket.accept()
                there = socket.create_connection(("127.0.0.1", self.to))
                for pair in ((here, there, "requests"), (there, here, "answers")):
                    threading.Thread(target=self.carry, args=pair, daemon=True).start()

    def carry(self, source: socket.socket, target: socket.socket, which: str) -> None:
        left = self.limits[which]
        with contextlib.suppress(OSError):
            while data := source.recv(4096):
                data = data if left is None else data[:left]
                if self.drops and which == "answers":
                    for byte in data:
                        target.sendall(bytes([byte]))
                        time.sleep(0.005)
                else:
                    target.sendall(data)
                if left is not None and (left := left - len(data)) <= 0:
                    break
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def close(self) -> None:
        self.socket.close()


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    store = ObjectStore(tmp_path_factory.mktemp("object-store"))
    store.start()
    yield store
    store.stop()


@pytest.fixture
def in_bucket(
    object_store: ObjectStore, settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ObjectStore]:
    """Uploads are in the bucket; it is empty, there, and was never unavailable."""
    object_store.start()
    object_store.clear()
    for name, value in {"PATIENCE": 1.0, "ATTEMPTS": 1, "RETRY": 0.0}.items():
        monkeypatch.setattr(f"core.uploads.bucket.{name}", value)
    use(settings, object_store.url)
    yield object_store
    object_store.start()


def use(settings: SettingsWrapper, url: str, *, bucket: str = PRIVATE, secret: str = SECRET) -> None:
    """Have uploads in this bucket from now on."""
    settings.STORAGE = {
        "address": f"s3://{bucket}/site",
        "endpoint": url,
        "region": "us-east-1",
        "key": KEY,
        "secret": secret,
    }
    # Django recreates its storages when this is set.
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "core.uploads.bucket.BucketStorage"},
    }


def nowhere() -> str:
    """Return an address without a listener."""
    return f"http://127.0.0.1:{free_port()}"
