"""Visit to one website: robots.txt, then the page with its redirects, then a test of plain HTTP.

One request at a time, with a pause in between.
A visit leaves no cookie, cache or connection for the next one.
"""

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.robotparser import RobotFileParser

from core.outgoing.fetch import REDIRECTS, Deadline, Fetched, Limits, absolute, fetch, problem_of
from core.outgoing.internet import FetchError, FetchProblem, Internet, Target, target
from helpline.scan.page import ScannedPage

NAME = "WaymarkSiteCheck"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Result of a visit to a website, as input for the rules."""

    listed: Target
    final: Target
    headers: Fetched = field(default_factory=lambda: Fetched(status=200, headers=()))  # of the page itself
    cookies: tuple[str, ...] = ()  # the Set-Cookie headers of all answers
    page: ScannedPage = field(default_factory=ScannedPage)
    bad_certificate: str = ""  # the problem of the certificate; if set, there is no page
    answers_in_the_clear: bool = False  # over plain HTTP, without redirecting to HTTPS

    @property
    def is_secure(self) -> bool:
        return self.final.scheme == "https"


class Visitor:
    """Visitor of websites, which names `contact` in the user agent for their operators."""

    def __init__(
        self,
        *,
        contact: str,
        internet: Internet | None = None,
        limits: Limits | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.agent = f"{NAME}/1.0 (+{contact})"
        self.internet = internet or Internet()
        self.limits = limits or Limits()
        self._pause = pause

    def visit(self, url: str) -> Look:
        """Visit a website.

        Raises FetchError.
        """
        return _Visit(self, target(url)).look()

    def pause(self, seconds: float) -> None:
        self._pause(min(seconds, self.limits.max_pause_seconds))


class _Visit:
    """One visit: its deadline, its cookies, and the robots.txt files it has read."""

    def __init__(self, visitor: Visitor, listed: Target) -> None:
        self.visitor = visitor
        self.limits = visitor.limits
        self.listed = listed
        self.deadline = Deadline(self.limits.site_seconds)
        self.robots: dict[str, RobotFileParser] = {}
        self.cookies: list[str] = []
        self.next_pause = 0.0  # there is no pause before the first request

    def look(self) -> Look:
        where = self.listed
        for _ in range(self.limits.redirects + 1):
            try:
                answer = self.request_page(where)
            except ssl.SSLCertVerificationError as error:
                return Look(listed=self.listed, final=where, bad_certificate=error.verify_message or str(error))
            self.cookies += answer.all("set-cookie")
            if answer.status not in REDIRECTS:
                return self.look_from(where, answer)
            where = target(absolute(answer.first("location"), where))
        raise FetchError(FetchProblem.REDIRECTS, where.host)

    def look_from(self, where: Target, answer: Fetched) -> Look:
        if problem := problem_of(answer.status):
            raise FetchError(problem, str(answer.status))
        if not answer.is_html:
            raise FetchError(FetchProblem.NOT_HTML, answer.first("content-type")[:80])
        return Look(
            listed=self.listed,
            final=where,
            headers=answer,
            cookies=tuple(self.cookies),
            page=parse_page(answer, where),
            answers_in_the_clear=where.scheme == "https" and self.answers_in_the_clear(where),
        )

    def answers_in_the_clear(self, where: Target) -> bool:
        """Return whether the address shows a page over plain HTTP.

        No response there is not a fault.
        """
        try:
            plain = self.request(Target("http", where.host, where.path), max_bytes=1)
            return plain.status == 200 or (
                plain.status in REDIRECTS and target(absolute(plain.first("location"), where)).scheme == "http"
            )
        except FetchError:
            return False

    # --- Requests ---------------------------------------------------------------------------------

    def request_page(self, where: Target) -> Fetched:
        """Request a page if the robots.txt of its host allows it.

        Raises FetchError if not.
        """
        rules = self.robots_of(where)
        if not rules.can_fetch(NAME, where.url):
            raise FetchError(FetchProblem.ROBOTS, where.host)
        self.next_pause = float(rules.crawl_delay(NAME) or self.limits.pause_seconds)
        return self.request(where, max_bytes=self.limits.page_bytes)

    def robots_of(self, where: Target) -> RobotFileParser:
        """Return the rules in the robots.txt of a host.

        One file is used for both schemes.
        """
        if where.host not in self.robots:
            self.robots[where.host] = self.fetch_robots(Target(where.scheme, where.host, "/robots.txt"))
        return self.robots[where.host]

    def fetch_robots(self, where: Target) -> RobotFileParser:
        """Fetch a robots.txt.

        By RFC 9309, a missing file allows everything, and a server error forbids everything for now.
        """
        rules = RobotFileParser()
        for _ in range(self.limits.redirects + 1):
            answer = self.request(where, max_bytes=self.limits.robots_bytes)
            if answer.status not in REDIRECTS:
                break
            where = target(absolute(answer.first("location"), where))
        if answer.status >= 500:
            raise FetchError(FetchProblem.ROBOTS, str(answer.status))
        rules.parse(answer.text().splitlines() if answer.status == 200 and not answer.is_html else [])
        return rules

    def request(self, where: Target, *, max_bytes: int) -> Fetched:
        if self.next_pause:
            self.visitor.pause(self.next_pause)
        self.next_pause = self.limits.pause_seconds
        return fetch(
            where,
            internet=self.visitor.internet,
            agent=self.visitor.agent,
            limits=self.limits,
            deadline=self.deadline,
            max_bytes=max_bytes,
        )


def parse_page(answer: Fetched, where: Target) -> ScannedPage:
    """Parse the HTML of a response.

    Raises FetchError if it cannot be parsed.
    """
    try:
        return ScannedPage.parse(answer.text(), where.url)
    except AssertionError:  # raised by Python's parser for some malicious markup
        raise FetchError(FetchProblem.BROKEN, "HTML") from None
