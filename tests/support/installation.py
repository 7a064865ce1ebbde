"""A running installation, visited from outside: `WAYMARK_PROVE=https://www.example.org` (docs/operators/proofs.md)."""

import http.client
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import unquote, urlsplit

from tests.support.server import Answer

LOCATION = re.compile(r"<loc>([^<]+)</loc>")


@dataclass
class Installation:
    """A running site, with what the tests of the promises need, and the addresses of its sitemap."""

    public_url: str
    folder: None = field(default=None, init=False)  # only its operator can look into it

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float = 30,
    ) -> Answer:
        there = urlsplit(self.public_url)
        kind = http.client.HTTPSConnection if there.scheme == "https" else http.client.HTTPConnection
        asked = kind(there.hostname or "", there.port, timeout=timeout)
        try:
            asked.request(method, path, body=body, headers=dict(headers or {}))
            answer = asked.getresponse()
            return Answer(status=answer.status, headers=answer.getheaders(), body=answer.read())
        finally:
            asked.close()

    def get(self, path: str, *, headers: Mapping[str, str] | None = None, timeout: float = 30) -> Answer:
        return self.request("GET", path, headers=headers, timeout=timeout)

    @cached_property
    def known(self) -> list[str]:
        parts = self.named_in("/sitemap.xml")
        return [
            "/",
            "/robots.txt",
            "/sitemap.xml",
            *parts,
            *(path for part in parts for path in self.named_in(part)),
        ]

    def named_in(self, path: str) -> list[str]:
        return [unquote(urlsplit(each).path) for each in LOCATION.findall(self.get(path).text)]

    def addresses(self) -> list[str]:
        return self.known

    def pages(self) -> list[str]:
        return [path for path in self.addresses() if path.endswith("/")]
