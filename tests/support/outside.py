"""A hostile site that does to ours all that a browser permits; and a copy of ours without the headers against that."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

from tests.support.server import Answer

# Frames a page of ours, shows a picture of ours and reads a page of ours.
PAGE = """<!doctype html><meta charset="utf-8"><title>outside</title><iframe src="{page}"></iframe><img src="{picture}">
<script>
  window.seen = {{}};
  document.querySelector("img").onload = () => seen.picture = "shown";
  document.querySelector("img").onerror = () => seen.picture = "refused";
  fetch("{page}").then((answer) => answer.text()).then(() => seen.text = "read", () => seen.text = "refused");
</script>"""


@contextmanager
def outside(get: Callable[[str], Answer]) -> Iterator[Callable[[str, str], str]]:
    """Yield a function that takes a page and a picture, and returns an address on another host that tries to use them.

    Below `/bare/`, that server serves our pages and pictures without our headers, open to everybody.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/bare/"):
                answer = get(self.path.removeprefix("/bare"))
                kind, body = answer.header("Content-Type") or "", answer.body
            else:
                kind, body = "text/html", pages[self.path].encode()
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    pages: dict[str, str] = {"/favicon.ico": ""}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    port = server.server_address[1]

    def address(page: str, picture: str) -> str:
        bare = f"http://localhost:{port}/bare/"
        path = f"/{quote(page, safe='')}"
        pages[path] = PAGE.format(page=page.replace("bare:/", bare), picture=picture.replace("bare:/", bare))
        return f"http://127.0.0.1:{port}{path}"

    try:
        yield address
    finally:
        server.shutdown()
        server.server_close()
