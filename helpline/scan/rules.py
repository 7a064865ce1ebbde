"""Rules for websites, as a table: code, test, level, message, advice.

Grades follow from the levels.
A test takes the result of a visit (`visit.Look`) and returns the names it found (of companies, cookies, hosts), or None
if all is well.
Messages and advice are for staff.
The advice is a request to the operator of the website.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, partial
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _
from publicsuffixlist import PublicSuffixList

from core.languages.lazy import StrOrPromise
from helpline.scan import trackers
from helpline.scan.trackers import TrackerKind
from helpline.scan.visit import Look

HALF_A_YEAR = 15_768_000  # seconds; hstspreload.org and others require a year, but half of that is enough here
QUIET_POLICIES = frozenset({"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin", "origin"})


class Severity(IntEnum):
    """Severity of a finding, worst last."""

    NOTE = 1
    WEAK = 2
    SERIOUS = 3
    GRAVE = 4


@dataclass(frozen=True, slots=True)
class ScanRule:
    code: str
    test: Callable[[Look], tuple[str, ...] | None]
    level: Severity
    message: StrOrPromise
    advice: StrOrPromise
    # Whether the visit is disclosed to others, so that visitors see a notice beside the link.
    discloses: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """Rule that a website breaks, with the evidence."""

    rule: ScanRule
    facts: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {"code": self.rule.code, "facts": list(self.facts)}

    @property
    def is_serious(self) -> bool:
        return self.rule.level >= Severity.SERIOUS


# --- Tests ----------------------------------------------------------------------------------------


def as_facts(facts: Iterable[str]) -> tuple[str, ...] | None:
    """Return facts fit to be stored: printable, at most 100 characters each, distinct, sorted, at most twenty.

    Returns None if there are none.
    """
    kept = {"".join(filter(str.isprintable, fact))[:100] for fact in facts}
    return tuple(sorted(kept - {""}))[:20] or None


@cache
def suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def registered_domain(host: str) -> str:
    """Return the registered domain of a host: a.co.uk for both `www.a.co.uk` and `img.a.co.uk`."""
    return str(suffixes().privatesuffix(host.lower()) or host.lower())


def third_party_hosts(look: Look) -> Iterator[str]:
    """Yield the third-party hosts that a browser contacts immediately, as they are written."""
    own = registered_domain(look.final.host)
    for address in look.page.loads:
        host = (urlsplit(address).hostname or "").lower()
        if host and registered_domain(host) != own:
            yield host


def trackers_of(look: Look, kind: TrackerKind) -> Iterator[str]:
    found = [
        *filter(None, map(trackers.find_by_host, third_party_hosts(look))),
        *trackers.find_in_code("\n".join(chain(look.page.code, first_party_paths(look)))),
    ]
    yield from (tracker.name for tracker in found if tracker.kind is kind)


def first_party_paths(look: Look) -> Iterator[str]:
    """Yield the first-party paths that a browser requests, as a tracker may be self-hosted there."""
    own = registered_domain(look.final.host)
    for address in look.page.loads:
        parts = urlsplit(address)
        if registered_domain(parts.hostname or "") == own:
            yield parts.path


def not_encrypted(look: Look) -> tuple[str, ...] | None:
    return None if look.is_secure else ()


def bad_certificate(look: Look) -> tuple[str, ...] | None:
    return as_facts([look.bad_certificate])


def trackers_of_kind(kind: TrackerKind) -> Callable[[Look], tuple[str, ...] | None]:
    return lambda look: as_facts(trackers_of(look, kind))


def self_hosted_analytics(look: Look) -> tuple[str, ...] | None:
    """Find self-hosted analytics.

    Its snippet is the same as that of the hosted product, which takes precedence if a page loads it.
    """
    hired = any(name.startswith(("Matomo", "Piwik")) for name in trackers_of(look, TrackerKind.ANALYTICS))
    return None if hired else as_facts(trackers_of(look, TrackerKind.OWN))


def tracked_calls(look: Look) -> tuple[str, ...] | None:
    return as_facts([*trackers_of(look, TrackerKind.CALLS), *look.page.tracked_contacts])


def mixed_content(look: Look) -> tuple[str, ...] | None:
    if not look.is_secure:
        return None
    return as_facts(urlsplit(address).hostname or "" for address in look.page.loads if address.startswith("http:"))


def moved(look: Look) -> tuple[str, ...] | None:
    places = [look.final.host]
    if look.page.refresh:
        places.append(urlsplit(look.page.refresh).hostname or "")
    return as_facts(place for place in places if registered_domain(place) != registered_domain(look.listed.host))


def other_hosts(look: Look) -> tuple[str, ...] | None:
    return as_facts(registered_domain(host) for host in third_party_hosts(look) if trackers.find_by_host(host) is None)


def cookies(look: Look, *, lasting: bool) -> tuple[str, ...] | None:
    return as_facts(
        cookie.partition("=")[0].strip()[:60]
        for cookie in look.cookies
        if bool(re.search(r";\s*(?:expires\s*=|max-age\s*=\s*[1-9])", cookie, re.IGNORECASE)) is lasting
        and not re.search(r";\s*max-age\s*=\s*(?:0|-)|=;|=deleted;", cookie, re.IGNORECASE)
    )


def in_the_clear(look: Look) -> tuple[str, ...] | None:
    return () if look.answers_in_the_clear else None


def no_hsts(look: Look) -> tuple[str, ...] | None:
    if not look.is_secure or look.bad_certificate:
        return None
    found = re.search(r"max-age\s*=\s*\"?(\d{1,12})", look.headers.first("strict-transport-security"), re.IGNORECASE)
    return None if found and int(found.group(1)) >= HALF_A_YEAR else ()


def policy(look: Look, name: str) -> str:
    """Return a policy as it applies to the page: a meta element overrides the header."""
    return look.page.policies.get(name) or ", ".join(look.headers.all(name))


def referrer(look: Look) -> str:
    """Return the referrer policy that applies: the last one that browsers recognise."""
    words = [word.strip().lower() for word in policy(look, "referrer-policy").split(",")]
    known = QUIET_POLICIES | {"unsafe-url", "no-referrer-when-downgrade", "origin-when-cross-origin"}
    return next((word for word in reversed(words) if word in known), "")


def loud_referrer(look: Look) -> tuple[str, ...] | None:
    found = referrer(look)
    return (found,) if found and found not in QUIET_POLICIES and found != "origin-when-cross-origin" else None


def no_referrer_policy(look: Look) -> tuple[str, ...] | None:
    return None if look.bad_certificate or referrer(look) else ()


def no_content_policy(look: Look) -> tuple[str, ...] | None:
    return None if look.bad_certificate or policy(look, "content-security-policy") else ()


# --- The table ------------------------------------------------------------------------------------

RULES = (
    ScanRule(
        "no_https", not_encrypted, Severity.GRAVE,
        _("The page is not encrypted: others on the same network can see what is read."),
        _("Ask them to use HTTPS, or list the encrypted address if there is one."),
        discloses=True,
    ),
    ScanRule(
        "certificate", bad_certificate, Severity.GRAVE,
        _("The certificate is not valid: browsers show a warning, and visitors cannot be sure who they have reached."),
        _("Tell them that their certificate is not valid."),
    ),
    ScanRule(
        "advertising", trackers_of_kind(TrackerKind.ADVERTISING), Severity.GRAVE,
        _("Advertising companies learn who opens the page."),
        _("Ask them to remove the advertising pixels."),
        discloses=True,
    ),
    ScanRule(
        "recording", trackers_of_kind(TrackerKind.RECORDING), Severity.GRAVE,
        _("A company records what visitors do on the page."),
        _("Ask them to stop recording visits."),
        discloses=True,
    ),
    ScanRule(
        "calls", tracked_calls, Severity.SERIOUS,
        _("A tap on a phone number or an email address on the page is reported to others."),
        _("Ask them to stop tracking calls and emails."),
        discloses=True,
    ),
    ScanRule(
        "analytics", trackers_of_kind(TrackerKind.ANALYTICS), Severity.SERIOUS,
        _("An analytics company learns who opens the page."),
        _("Ask them to count visits on their own server, or not at all."),
        discloses=True,
    ),
    ScanRule(
        "mixed", mixed_content, Severity.WEAK,
        _("Parts of the page are not encrypted."),
        _("Ask them to load everything over HTTPS."),
    ),
    ScanRule(
        "moved", moved, Severity.WEAK,
        _("The address leads to another website."),
        _("Check whether it is still the same service, and list its new address."),
    ),
    ScanRule(
        "others", other_hosts, Severity.WEAK,
        _("The page loads content (pictures, fonts, frames, scripts) from others, who learn who opens it."),
        _("Ask them to serve this content from their own server."),
    ),
    ScanRule(
        "lasting_cookies", partial(cookies, lasting=True), Severity.WEAK,
        _("Without asking for consent, the page sets cookies that stay on the device."),
        _("Ask them not to set cookies without consent."),
    ),
    ScanRule(
        "in_the_clear", in_the_clear, Severity.WEAK,
        _("The page can also be opened without encryption."),
        _("Ask them to redirect all visitors to HTTPS."),
    ),
    ScanRule(
        "loud_referrer", loud_referrer, Severity.WEAK,
        _("The page tells every website it links to which page the visitor came from."),
        _("Ask them to set the referrer policy “no-referrer”."),
    ),
    ScanRule(
        "own_analytics", self_hosted_analytics, Severity.NOTE,
        _("The website counts visits on its own server."),
        _("Ask them whether they store full IP addresses."),
    ),
    ScanRule(
        "session_cookies", partial(cookies, lasting=False), Severity.NOTE,
        _("Without asking for consent, the page sets cookies that last until the browser is closed."),
        _("Ask them whether they need them."),
    ),
    ScanRule(
        "no_hsts", no_hsts, Severity.NOTE,
        _("The website does not tell browsers to always use encryption (HSTS)."),
        _("Ask them to turn on HSTS."),
    ),
    ScanRule(
        "no_referrer_policy", no_referrer_policy, Severity.NOTE,
        _("The website does not limit what its links reveal (referrer policy)."),
        _("Ask them to set the referrer policy “no-referrer”."),
    ),
    ScanRule(
        "no_content_policy", no_content_policy, Severity.NOTE,
        _("The website does not limit where it loads content from (content security policy)."),
        _("Ask them to set a content security policy."),
    ),
)  # fmt: skip
BY_CODE = {rule.code: rule for rule in RULES}
ORDER = {rule.code: at for at, rule in enumerate(RULES)}


def findings(look: Look) -> list[Finding]:
    """Return the findings of a website, worst first, in the order of the table."""
    return [Finding(rule, facts) for rule in RULES if (facts := rule.test(look)) is not None]


def parse_findings(stored: Iterable[dict[str, Any]]) -> list[Finding]:
    """Parse stored findings (`Finding.as_json`).

    Findings of rules that no longer exist are left out.
    """
    return [Finding(BY_CODE[one["code"]], tuple(one["facts"])) for one in stored if one.get("code") in BY_CODE]


def grade(found: Iterable[Finding]) -> str:
    """Grade findings.

    A: none.
    B: notes only.
    C: weak.
    D: one serious finding.
    E: several serious.
    F: a grave one.
    """
    levels = [finding.rule.level for finding in found]
    worst = max(levels, default=None)
    match worst:
        case None:
            return "A"
        case Severity.NOTE:
            return "B"
        case Severity.WEAK:
            return "C"
        case Severity.SERIOUS:
            return "E" if levels.count(Severity.SERIOUS) > 1 else "D"
        case _:
            return "F"
