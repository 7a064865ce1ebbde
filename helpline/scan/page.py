"""Requests that a page causes in a browser, according to its HTML.

No script is run, and nothing that it refers to is fetched.
`HTMLParser` parses what browsers parse, including broken markup.
Comments do not count, nor do scripts that a consent banner blocks (`type="text/plain"`).

If a listed phone number is missing on a page, this is only a hint that the listing should be checked.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import phonenumbers

from helpline.vocabulary.phones import Phone

# Attributes, by element, whose address a browser requests without a click.
LOADED = {
    "script": ("src", "href", "xlink:href"), "img": ("src",), "iframe": ("src",), "frame": ("src",),
    "embed": ("src",), "object": ("data",), "video": ("src", "poster"), "audio": ("src",), "source": ("src",),
    "track": ("src",), "input": ("src",), "image": ("href", "xlink:href"), "use": ("href", "xlink:href"),
    "body": ("background",),
}  # fmt: skip
LOADED_LINKS = frozenset(
    {
        "stylesheet", "icon", "apple-touch-icon", "mask-icon", "manifest",
        "preload", "modulepreload", "prefetch", "prerender", "preconnect", "dns-prefetch",
    }
)  # fmt: skip
SCRIPTS = frozenset(
    {
        "", "module", "text/javascript", "application/javascript", "text/ecmascript",
        "application/ecmascript", "application/x-javascript", "text/jscript",
    }
)  # fmt: skip
CSS_URL = re.compile(r"(?:url\(|@import)\s*[\"']?([^\"')\s;]{1,500})", re.IGNORECASE)
REFRESH = re.compile(r"^[\s\d.;,]*url\s*=\s*[\"']?([^\"']{1,500})", re.IGNORECASE)
# Code that reports a click to a server.
CLICK_CODE = re.compile(
    r"\b(?:gtag|ga|fbq|dataLayer|_paq|_gaq|_hsq|ttq|lintrk|twq|snaptr|pintrk|uetq"
    r"|plausible|umami|mixpanel|amplitude|trackEvent|track)\b\s*(?:\(|\.|\[)",
    re.IGNORECASE,
)
CLICK_DATA = re.compile(
    r"^(?:ping|data-(?:track|ga|gtm|gtag|fb|fbq|pixel|analytics|conversion"
    r"|event-category|umami-event|piwik|matomo|mtm)(?:$|-.*))",
    re.IGNORECASE,
)
MAX_ITEMS = 500  # addresses, scripts and links of a page; more would not change the verdict


@dataclass(slots=True)
class ScannedPage:
    """Parsed page: addresses that a browser requests immediately, inline scripts, and links to call or write."""

    loads: list[str] = field(default_factory=list)  # absolute web addresses
    code: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    tracked_contacts: list[str] = field(default_factory=list)  # `contacts` that report a click
    contacts: list[str] = field(default_factory=list)  # all tel:, sms: and mailto: links
    policies: dict[str, str] = field(default_factory=dict)  # from meta elements, by the header they stand for
    refresh: str = ""

    @classmethod
    def parse(cls, html: str, url: str) -> ScannedPage:
        reader = _Reader(url)
        reader.feed(html)
        reader.close()
        return reader.page

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.page = ScannedPage()
        self.base = url
        self.inside = ""  # "script" or "style" while its text is parsed

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in reversed(attrs)}  # of duplicates, the first counts
        self.inside = ""
        match tag:
            case "base":
                self.base = self.absolute(given.get("href", "")) or self.base
            case "meta":
                self.meta(given)
            case "a":
                self.link(given)
            case "link" if LOADED_LINKS & set(given.get("rel", "").lower().split()):
                self.loads(given.get("href", ""))
            case "script" if given.get("type", "").partition(";")[0].strip().lower() not in SCRIPTS:
                return
            case "script" | "style":
                self.inside = tag
        for name in LOADED.get(tag, ()):
            self.loads(given.get(name, ""))
        for one in candidates(given.get("srcset", "")):
            self.loads(one)
        self.style(given.get("style", ""))

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.cdata_elem and not self.inside:
            return  # a script that does not run
        if self.inside == "script":
            if len(self.page.code) < MAX_ITEMS:
                self.page.code.append(data)
        elif self.inside == "style":
            self.style(data)
        elif len(self.page.words) < 20 * MAX_ITEMS and not data.isspace():
            self.page.words.append(data)

    # --- Elements ---------------------------------------------------------------------------------

    def meta(self, given: dict[str, str]) -> None:
        content = given.get("content", "")
        equivalent = given.get("http-equiv", "").lower()
        if given.get("name", "").lower() == "referrer":
            self.page.policies["referrer-policy"] = content
        elif equivalent == "content-security-policy":
            self.page.policies[equivalent] = content
        elif equivalent == "refresh" and (found := REFRESH.match(content)):
            self.page.refresh = self.absolute(found.group(1))

    def link(self, given: dict[str, str]) -> None:
        href = given.get("href", "").strip()
        if not href.lower().startswith(("tel:", "mailto:", "sms:")) or len(self.page.contacts) >= MAX_ITEMS:
            return
        self.page.contacts.append(href[:200])
        code = " ".join(value for name, value in given.items() if name.startswith("on"))
        if CLICK_CODE.search(code) or any(CLICK_DATA.match(name) for name in given):
            self.page.tracked_contacts.append(href[:200])

    def style(self, css: str) -> None:
        for found in CSS_URL.finditer(css):
            self.loads(found.group(1))

    def loads(self, address: str) -> None:
        address = self.absolute(address)
        if address and len(self.page.loads) < MAX_ITEMS:
            self.page.loads.append(address)

    def absolute(self, address: str) -> str:
        """Resolve a web address, or return an empty string if it is not one (`data:`, empty, malformed)."""
        try:
            found = urljoin(self.base, address.strip()) if address.strip() else ""
            return found if urlsplit(found).scheme in {"http", "https"} and urlsplit(found).hostname else ""
        except ValueError:
            return ""


def candidates(srcset: str) -> Iterator[str]:
    """Yield the addresses in a `srcset`."""
    for part in srcset.split(",")[:20]:
        address = part.strip().partition(" ")[0]
        if address and not address.startswith("data:"):
            yield address


# Digits, with the separators that people write between them.
WRITTEN = re.compile(r"\+?\d(?:[\s\u00a0\u202f().\-\u2010-\u2014/]{0,3}\d){2,24}")
MAX_NUMBERS = 100


def on_page(page: ScannedPage) -> list[str]:
    """Return the numbers on a page as digits: those in links first, then those in the text.

    Not all are phone numbers.
    """
    links = (link.partition(":")[2] for link in page.contacts if link.lower().startswith(("tel:", "sms:")))
    written = (found.group() for found in WRITTEN.finditer(page.text))
    digits = ("".join(filter(str.isdecimal, text)) for text in (*links, *written))
    return list(dict.fromkeys(one for one in digits if len(one) >= 3))[:MAX_NUMBERS]


def is_among(phone: Phone, digits: Iterable[str]) -> bool:
    """Return whether a phone number is among the numbers of a page, in any notation."""
    number = phone.digits
    if number.startswith("+"):
        number = str(phonenumbers.national_significant_number(phonenumbers.parse(number)))
        return any(number in one for one in digits)
    return number in digits


def missing_since(phone: Phone, scans: Iterable[tuple[dt.datetime, list[str]]]) -> dt.datetime | None:
    """Return the time at which a number was first missing on the page, or None if it is still there or never was.

    `scans`: (time, digits) pairs, newest first.
    """
    since = None
    for at, digits in scans:
        if is_among(phone, digits):
            return since
        since = at
    return None
