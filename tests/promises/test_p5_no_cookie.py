"""P5: no cookie on the public site: for any address, any method, error pages, and any cookies in the request."""

import pytest

from tests.promises.mutants import Mutant, of
from tests.support.server import Answer

pytestmark = [
    pytest.mark.installation,
    pytest.mark.browser,
    pytest.mark.demonstration,
]

EDITORS_COOKIES = {
    "Cookie": "__Host-sessionid=abc; __Host-csrftoken=def; sessionid=ghi; csrftoken=jkl; __Host-language=de"
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
# Addresses that do not exist, of every kind that a server treats differently.
NOWHERE = (
    "/nowhere/", "/en/nowhere/", "/en/nowhere", "/en/help/nowhere/", "/xx/", "/admin/", "/admin/login/",
    "/account/login/", "/documents/999999/x.pdf", "/media/original_images/x.jpg", "/media/images/x.webp",
    "/static/x.css", "/errors/en/404.html", "/.prerender/lock", "/en/search/?q=words", "/en/search/?q=%00", "/%FF",
    "/favicon.ico", "/.well-known/security.txt",
)  # fmt: skip


def cookies(answer: Answer) -> list[str]:
    """Return the headers of an answer that set a cookie or depend on one."""
    found = [f"Set-Cookie: {value}" for name, value in answer.headers if name.lower() == "set-cookie"]
    return found + (["Vary: Cookie"] if "cookie" in (answer.header("Vary") or "").lower() else [])


class TestNoCookie:
    @pytest.mark.parametrize("sent", [{}, EDITORS_COOKIES], ids=["a visitor", "an editor"])
    def test_is_set_by_any_address_or_method(self, proven, sent):
        there = proven.addresses()
        asked = [("GET", path) for path in (*there, *NOWHERE)]
        if sent:  # without a cookie the refusals are the same: once is enough
            asked += [(method, path) for path in there for method in ("HEAD", "POST", "OPTIONS")]
            asked += [(method, path) for path in (*there[:20], *NOWHERE) for method in METHODS]
        found = {each: cookies(proven.request(*each, headers=sent)) for each in asked}

        assert {each: leaks for each, leaks in found.items() if leaks} == {}
        assert len(found) > 100

    @pytest.mark.parametrize("mutant", of("P5"))
    def test_mutants_are_detected(self, proven, mutant: Mutant):
        assert cookies(mutant.change(proven.get("/en/"))) != []
