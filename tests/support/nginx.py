"""The operators' nginx (docs/operators/nginx.conf) before a test's site: the file as it is, with TLS and HTTP/2."""

import getpass
import http.client
import re
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config.settings.base import ROOT
from tests.support.certificates import tls, write_certificate
from tests.support.programs import find, needs
from tests.support.server import SiteServer, free_port

NGINX = find("nginx")
needs_nginx = needs("nginx")
OPERATORS = ROOT / "docs/operators"
HOSTS = {"www.example.org": "localhost", "private.example.org": "private.localhost", "mirror.example.net": "localhost"}


class TlsConnection(http.client.HTTPSConnection):
    """A connection to this machine for any host, whose name is sent in the handshake and verified."""

    def connect(self) -> None:
        self.sock = tls(socket.create_connection(("127.0.0.1", self.port), self.timeout), host=self.host)


class WebServer(SiteServer):
    """An nginx with TLS. `port` is the port of https."""

    scheme = "https"
    plain_port: int  # the port of http

    def connection(self, host: str, port: int, *, timeout: float) -> http.client.HTTPConnection:
        return TlsConnection(host, port, timeout=timeout)

    def open_socket(self, *, host: str = "localhost", timeout: float = 5) -> socket.socket:
        return tls(super().open_socket(timeout=timeout), host=host)


def installed(text: str, *, folder: Path, port: int, plain_port: int) -> str:
    """Return a file of the operators' as it is, but for ports, hosts, paths, certificate and user."""
    certificate, key = write_certificate(folder)
    paths = {
        "/run/nginx.pid": folder / "nginx.pid",
        "/var/log/nginx/error.log": folder / "error.log",
        "/var/lib/nginx/": f"{folder}/",
        "/etc/ssl/waymark/fullchain.pem": certificate,
        "/etc/ssl/waymark/key.pem": key,
        "/etc/ssl/mirror/fullchain.pem": certificate,
        "/etc/ssl/mirror/key.pem": key,
        "/etc/ssl/certs/ca-certificates.crt": certificate,
    }
    for name, own in {**HOSTS, **paths, "user www-data;": f"user {getpass.getuser()};"}.items():
        text = text.replace(name, str(own))
    at = {"80": plain_port, "443": port}
    text = re.sub(r"listen \[::\]:(80|443)\b", lambda found: f"listen [::1]:{at[found[1]]}", text)
    text = re.sub(r"listen (80|443)\b", lambda found: f"listen 127.0.0.1:{at[found[1]]}", text)
    if not has_ipv6():
        text = re.sub(r"^\s*listen \[.*\n", "", text, flags=re.MULTILINE)
    # Modules that nothing here uses have folders for temporary files all the same.
    unused = "".join(f"{name}_temp_path {folder}/{name};" for name in ("fastcgi", "uwsgi", "scgi"))
    return text.replace("\nhttp {", f"\nhttp {{{unused}", 1)


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@contextmanager
def nginx_before(
    site: SiteServer,
    *,
    folder: Path,
    prerender: Path,
    static_and_media: Path,
    change: Callable[[str], str] = lambda conf: conf,
    collector: int | None = None,
) -> Iterator[WebServer]:
    """Start nginx in `folder`, in front of `site`; requests to the server that is yielded go to nginx.

    `collector`: the port of the collector, if it is not that of the site.
    """
    text = (OPERATORS / "nginx.conf").read_text()
    text = text.replace("/var/lib/waymark/prerender", str(prerender))
    text = text.replace("root /var/lib/waymark;", f"root {static_and_media};")
    own = {8000: site.port, 8001: site.port, 8002: collector or site.port + 2, 8003: free_port()}
    for number, other in own.items():
        text = text.replace(f"server 127.0.0.1:{number} ", f"server 127.0.0.1:{other} ")
    with nginx(text, folder=folder, change=change) as front:
        yield front


@contextmanager
def load_balancer(
    machines: Sequence[SiteServer],
    *,
    folder: Path,
    port: int | None = None,
    change: Callable[[str], str] = lambda conf: conf,
) -> Iterator[WebServer]:
    """Start nginx in `folder` at `port` with docs/operators/load-balancer.nginx.conf, before two machines."""
    text = (OPERATORS / "load-balancer.nginx.conf").read_text()
    for number, machine in enumerate(machines, start=1):
        text = text.replace(f"192.0.2.1{number}:443", f"127.0.0.1:{machine.port}")
    with nginx(text, port=port, folder=folder, change=change) as front:
        yield front


@contextmanager
def nginx_with_mirror(root: Path, *, folder: Path) -> Iterator[Any]:
    """Start nginx in `folder` with docs/operators/mirror.nginx.conf and the mirror in `root`.

    Requests reach it as an onion service sends them; it listens with TLS at `secure_port`.
    """
    beginning = (OPERATORS / "nginx.conf").read_text().partition("\n# The two sites,")[0]
    servers = (OPERATORS / "mirror.nginx.conf").read_text()
    onion: Any = SiteServer(port=free_port(), folder=folder, environment={})
    text = servers.replace("127.0.0.1:8080", f"127.0.0.1:{onion.port}").replace("/srv/mirror", str(root))
    with nginx(f"{beginning}\n{text}\n}}\n", folder=folder) as front:
        onion.processes, onion.secure_port = front.processes, front.port
        yield onion


@contextmanager
def nginx(
    conf: str, *, folder: Path, port: int | None = None, change: Callable[[str], str] = lambda conf: conf
) -> Iterator[WebServer]:
    """Start nginx in `folder` with a whole file of the operators'; it listens with TLS at `port`, or a free one."""
    for name in ("body", "proxy", "fastcgi", "uwsgi", "scgi"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    front = WebServer(port=port or free_port(), folder=folder, environment={})
    front.plain_port = free_port()
    conf = change(installed(conf, folder=folder, port=front.port, plain_port=front.plain_port))
    (folder / "nginx.conf").write_text(conf.replace("{folder}", str(folder)))
    start(front)
    try:
        yield front
    finally:
        front.stop()


def start(front: SiteServer) -> None:
    """Start the nginx of a folder, also if it was killed before."""
    assert NGINX is not None
    with (front.folder / "error.log").open("ab") as log:
        process = subprocess.Popen(
            [NGINX, "-p", front.folder, "-c", front.folder / "nginx.conf", "-g", "daemon off;"],
            stderr=log,
            start_new_session=True,
        )
    front.processes["nginx"] = process
    until = time.monotonic() + 20
    while True:
        try:
            front.get("/")
            break
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                raise AssertionError((front.folder / "error.log").read_text()) from None
            time.sleep(0.05)


@contextmanager
def heard(port: int) -> Iterator[list[bytes]]:
    """Listen where the collector would, and keep every byte."""
    found: list[bytes] = []
    with socket.create_server(("127.0.0.1", port)) as server:
        server.settimeout(0.1)
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                try:
                    said, _who = server.accept()
                except TimeoutError:
                    continue
                with said:
                    said.settimeout(1)
                    found.append(said.recv(65536))
                    said.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

        thread = threading.Thread(target=listen)
        thread.start()
        yield found
        over.set()
        thread.join()
