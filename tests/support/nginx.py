"""The operator's nginx (docs/operators/nginx.conf) before a test's site, with http in place of https."""

import os
import re
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from config.settings.base import ROOT
from tests.support.programs import find, needs
from tests.support.server import SiteServer, free_port

NGINX = find("nginx")
needs_nginx = needs("nginx")
MAIN = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{}}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    client_header_timeout 2s; client_body_timeout 2s;
    {site}
}}
"""


def without_tls(text: str, *, port: int) -> str:
    """Return a file of the operator's, with http at `port` in place of https, for the hosts of the tests."""
    text = text.replace("www.example.org", "localhost").replace("private.example.org", "private.localhost")
    text = re.sub(r"^\s*((proxy_)?ssl_\w+|http2) .*;\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^\s*listen \S*80( default_server)?;\n|^\s*listen \[::\].*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"server \{\s*server_name localhost private.localhost;.*?\n\}", "", text, flags=re.DOTALL)
    text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{port}").replace("https://waymark", "http://waymark")
    return text.replace("X-Forwarded-Proto $scheme", "X-Forwarded-Proto http")


def adapted(*, port: int, application: int, collector: int, prerender: Path, static_and_media: Path) -> str:
    """Return the operator's file with the changes that its first lines ask for."""
    text = (ROOT / "docs/operators/nginx.conf").read_text()
    text = re.sub(r"^.* backup;\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"server 127\.0\.0\.1:800[01] ", f"server 127.0.0.1:{application} ", text)
    text = text.replace("server 127.0.0.1:8002 ", f"server 127.0.0.1:{collector} ")
    text = text.replace("/var/lib/waymark/prerender", str(prerender))
    text = text.replace("root /var/lib/waymark;", f"root {static_and_media};")
    return without_tls(text, port=port)


@contextmanager
def nginx_before(
    site: SiteServer,
    *,
    folder: Path,
    prerender: Path,
    static_and_media: Path,
    change: Callable[[str], str] = lambda conf: conf,
    collector: int | None = None,
) -> Iterator[SiteServer]:
    """Start nginx in `folder`, in front of `site`; requests to the server that is yielded go to nginx.

    `collector`: the port of the collector, if it is not that of the site.
    """
    port = free_port()
    conf = adapted(
        port=port,
        application=site.port,
        collector=collector or site.port + 2,
        prerender=prerender,
        static_and_media=static_and_media,
    )
    with nginx(conf, port=port, folder=folder, change=change) as front:
        yield front


@contextmanager
def load_balancer(
    machines: Sequence[SiteServer],
    *,
    folder: Path,
    port: int,
    change: Callable[[str], str] = lambda conf: conf,
) -> Iterator[SiteServer]:
    """Start nginx in `folder` at `port` with docs/operators/load-balancer.nginx.conf, before two machines."""
    text = (ROOT / "docs/operators/load-balancer.nginx.conf").read_text()
    for number, machine in enumerate(machines, start=1):
        text = text.replace(f"192.0.2.1{number}:443", f"127.0.0.1:{machine.port}")
    with nginx(without_tls(text, port=port), port=port, folder=folder, change=change) as front:
        yield front


@contextmanager
def nginx_with_mirror(root: Path, *, folder: Path) -> Iterator[SiteServer]:
    """Start nginx in `folder` with docs/operators/mirror.nginx.conf and the mirror in `root`.

    Requests reach it as an onion service sends them.
    """
    port = free_port()
    text = (ROOT / "docs/operators/mirror.nginx.conf").read_text()
    text = re.sub(r"^\s*(ssl_\w+|listen 443) .*;\n", "", text, flags=re.MULTILINE)
    text = text.replace("127.0.0.1:8080", f"127.0.0.1:{port}").replace("/srv/mirror", str(root))
    with nginx(text.replace("mirror.example.net", "localhost"), port=port, folder=folder) as front:
        yield front


@contextmanager
def nginx(
    conf: str, *, port: int, folder: Path, change: Callable[[str], str] = lambda conf: conf
) -> Iterator[SiteServer]:
    """Start nginx in `folder` with the servers of `conf`, of which one listens at `port`."""
    for name in ("body", "proxy", "fastcgi", "uwsgi", "scgi"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    who = "user root;" if os.geteuid() == 0 else ""  # may read the folders of the test
    (folder / "nginx.conf").write_text(
        who + change(MAIN.format(folder=folder, site=conf)).replace("{folder}", str(folder))
    )
    front = SiteServer(port=port, folder=folder, environment={})
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
            [NGINX, "-p", str(front.folder), "-c", str(front.folder / "nginx.conf")],
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
