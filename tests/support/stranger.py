"""A visitor of the private site without a session: opens links from mails and sends forms, without scripts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from tests.support.proof import solved
from tests.support.server import Answer, SiteServer

INPUT = re.compile(r"<input\s[^>]*>")
ATTRIBUTE = re.compile(r'(type|name|value)="([^"]*)"')
CHOSEN = {"radio", "checkbox", "submit"}
TASK = re.compile(r'data-proof="([^"]*)"')


@dataclass(kw_only=True)
class Stranger:
    """A client without a session.

    `marks`: the headers of every request.
    `query`: the end of every address.
    `seen`: the status of every response.
    """

    site: SiteServer
    marks: Mapping[str, str]
    query: str
    cookies: dict[str, str] = field(default_factory=dict)
    seen: list[int] = field(default_factory=list)

    def ask(self, path: str, *, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """Send one request with the marks, and keep its cookies."""
        carried = "; ".join([self.marks["Cookie"], *(f"{name}={value}" for name, value in self.cookies.items())])
        answer = self.site.request(
            method,
            f"{path}{'&' if '?' in path else '?'}{self.query}",
            host="private",
            headers={**self.marks, "Cookie": carried, **headers},
            body=body,
        )
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                self.cookies |= {key: morsel.value for key, morsel in SimpleCookie(value).items()}
        self.seen.append(answer.status)
        return answer

    def follow(self, path: str) -> tuple[str, Answer]:
        """Return the address to which `path` leads at last, and its page."""
        answer = self.ask(path)
        while answer.status in {301, 302}:
            path = (answer.header("Location") or "").partition("?")[0]
            answer = self.ask(path)
        return path, answer

    def send(self, path: str, data: Mapping[str, object] | None = None, *, prefix: str = "") -> Answer:
        """Open a form, solve its task, send it, and return the answer."""
        path, form = self.follow(path)
        assert form.status == 200, (path, form.status, form.text)
        fields = [dict(ATTRIBUTE.findall(found)) for found in INPUT.findall(form.text)]
        given: dict[str, object] = {
            field["name"]: unescape(field.get("value", ""))
            for field in fields
            if "name" in field and field.get("type") not in CHOSEN
        }
        given |= {f"{prefix}{name}": value for name, value in (data or {}).items()}
        if task := TASK.search(form.text):
            given["proof"] = solved(unescape(task[1]))
        return self.ask(
            path,
            method="POST",
            body=urlencode(given, doseq=True).encode(),
            **{"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"},
        )
