"""The operator's nginx (docs/operators/nginx.conf) in front of a site that a test has started, with http in place of https."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from config.settings.base import ROOT
from tests.support.server import SiteServer, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")
needs_nginx = pytest.mark.skipif(NGINX is None, reason="nginx is not installed here")
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


def adapted(*, port: int, application: int, press: Path, static_and_media: Path) -> str:
    """The operator's file with the changes that its first lines ask for."""
    text = (ROOT / "docs/operators/nginx.conf").read_text()
    text = re.sub(r"server 127\.0\.0\.1:800[01];", f"server 127.0.0.1:{application};", text)
    text = text.replace("www.example.org", "localhost").replace("desk.example.org", "desk.localhost")
    text = text.replace("/var/lib/waymark/press", str(press))
    text = text.replace("root /var/lib/waymark;", f"root {static_and_media};")
    text = re.sub(r"^\s*(ssl_\w+|http2) .*;\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"listen 80( default_server)?;\n", "", text)
    text = re.sub(r"server \{\s*server_name localhost desk.localhost;.*?\n\}", "", text, flags=re.DOTALL)
    return text.replace("listen 443 ssl", f"listen 127.0.0.1:{port}").replace(
        "X-Forwarded-Proto $scheme", "X-Forwarded-Proto http"
    )


@contextmanager
def nginx_before(
    site: SiteServer,
    *,
    folder: Path,
    press: Path,
    static_and_media: Path,
    change: Callable[[str], str] = lambda conf: conf,
) -> Iterator[SiteServer]:
    """Start nginx in `folder`, in front of `site`; requests to the server that is yielded go to nginx."""
    port = free_port()
    for name in ("body", "proxy", "fastcgi", "uwsgi", "scgi"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    who = "user root;" if os.geteuid() == 0 else ""  # may read the folders of the test
    conf = adapted(port=port, application=site.port, press=press, static_and_media=static_and_media)
    (folder / "nginx.conf").write_text(
        who + change(MAIN.format(folder=folder, site=conf)).replace("{folder}", str(folder))
    )
    assert NGINX is not None
    process = subprocess.Popen(
        [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.PIPE
    )
    front = SiteServer(port=port, folder=folder, environment={})
    front.processes["nginx"] = process
    until = time.monotonic() + 20
    while True:
        try:
            front.get("/")
            break
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                raise AssertionError(process.stderr.read().decode() if process.stderr else "") from None
            time.sleep(0.05)
    try:
        yield front
    finally:
        process.terminate()
        process.wait(10)
        assert process.stderr is not None
        process.stderr.close()
