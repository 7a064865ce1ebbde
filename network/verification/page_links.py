"""Check whether a page links to a member's profile with `rel="me"`."""

from collections.abc import Iterator
from html.parser import HTMLParser
from ssl import SSLCertVerificationError
from urllib.parse import urlsplit

from django.conf import settings

from core.http import public_url
from core.outgoing.fetch import REDIRECTS, Deadline, Limits, absolute, fetch, problem_of
from core.outgoing.internet import FetchError, FetchProblem, Internet, target
from network.models import Member, Verification
from network.verification.models import NO_LINK

LIMITS = Limits(redirects=3)


def profile_address(member: Member, language: str) -> str:
    """Return the URL that a page has to link to with `rel="me"`, even if there is no public page at it yet."""
    return public_url(f"/{language}/network/{member.uuid}/")


def read_page(verification: Verification) -> str:
    """Return why a page does not confirm its member, or "" if it does.

    It does if it links to the profile or to the iD that ORCID has confirmed.
    """
    try:
        html = _page(verification.what)
    except FetchError as error:
        return error.problem.value
    except SSLCertVerificationError:
        return FetchProblem.BROKEN.value
    return "" if any(_is_of(verification.member, link) for link in links_to_me(html)) else NO_LINK


def _page(url: str) -> str:
    """Fetch a page with the network code of the privacy scan.

    Raises FetchError.

    Redirects to other hosts are not followed, because many websites let anyone create one.
    """
    where, deadline = target(url), Deadline(LIMITS.site_seconds)
    first = _bare(where.host)
    for _ in range(LIMITS.redirects + 1):
        answer = fetch(
            where,
            internet=Internet(),
            agent=f"Waymark/1.0 (+{settings.DEFAULT_FROM_EMAIL})",
            limits=LIMITS,
            deadline=deadline,
            max_bytes=LIMITS.page_bytes,
        )
        if answer.status not in REDIRECTS:
            if problem := problem_of(answer.status):
                raise FetchError(problem)
            if not answer.is_html:
                raise FetchError(FetchProblem.NOT_HTML)
            return answer.text()
        where = target(absolute(answer.first("location"), where))
        if _bare(where.host) != first:
            break
    raise FetchError(FetchProblem.REDIRECTS)


def _bare(host: str) -> str:
    return host.removeprefix("www.")


class _MeLinks(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in {"a", "link"} and "me" in (given.get("rel") or "").lower().split():
            self.found.append((given.get("href") or "").strip())


def links_to_me(html: str) -> Iterator[str]:
    """Yield the URLs of a page's links with `rel="me"`."""
    reader = _MeLinks()
    reader.feed(html)
    yield from reader.found


def _is_of(member: Member, link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    where, path = (parts.hostname or "").lower(), parts.path.rstrip("/")
    if where == urlsplit(settings.ORCID["url"]).hostname and member.orcid_confirmed_at is not None:
        return path == f"/{member.orcid}"
    return where == settings.PUBLIC_HOST and path.endswith(f"/network/{member.uuid}")
