"""Permitted targets of connections, and the reasons why a website could not be visited.

Otherwise anyone who enters a link, or runs a linked website, could direct this site to its internal machines (SSRF).
A URL is parsed once, by one parser; its host name is resolved once; every address it resolves to must be public; and
the connection is made to such an address, not to the name.
So a name cannot change its meaning in between (DNS rebinding).
"""

import ipaddress
import re
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from django.db import models
from django.utils.translation import gettext_lazy as _


class FetchProblem(models.TextChoices):
    ADDRESS = (
        "address",
        _("The scan does not visit this address: only http and https, by host name, on the usual ports."),
    )
    PRIVATE = "private", _("The address does not lead into the public internet.")
    NAME = "name", _("The domain name of this website could not be found.")
    UNAVAILABLE = "unavailable", _("The website does not respond.")
    GONE = "gone", _("The website says that this page does not exist.")
    BROKEN = "broken", _("The website answers with an error.")
    REDIRECTS = "redirects", _("The website redirects too many times.")
    REFUSED = "refused", _("The website does not let programs visit it.")
    ROBOTS = "robots", _("The website asks programs not to visit it (robots.txt).")
    NOT_HTML = "not_html", _("The address is not a web page.")

    @property
    def is_down(self) -> bool:
        """Return whether a person who follows the link would fail too, as far as this can be determined."""
        return self not in {
            FetchProblem.ADDRESS,
            FetchProblem.REFUSED,
            FetchProblem.ROBOTS,
            FetchProblem.NOT_HTML,
        }


class FetchError(Exception):
    """The website could not be visited.

    `detail` is for staff and technical.
    """

    def __init__(self, problem: FetchProblem, detail: str = "") -> None:
        super().__init__(f"{problem.value}: {detail}" if detail else problem.value)
        self.problem = problem
        self.detail = "".join(filter(str.isprintable, detail))[:200]


PORTS = {"http": 80, "https": 443}
MAX_LENGTH = 2000
# A name with a dot and a top-level domain of letters: no 127.1, no 0x7f.1, no 2130706433, no localhost.
NAME = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+(?:xn--[a-z0-9-]{1,59}|[a-z]{2,63})")
# Suffixes reserved for private networks (RFC 6761, RFC 6762, RFC 8375, RFC 9476).
PRIVATE_SUFFIXES = (".localhost", ".local", ".internal", ".home.arpa", ".onion", ".alt")
# The beginnings of addresses, and how many bits each has.
NAT64 = (ipaddress.IPv6Address("64:ff9b::"), 96)
GLOBAL_UNICAST = (ipaddress.IPv6Address("2000::"), 3)


@dataclass(frozen=True, slots=True)
class Target:
    """A web address that may be requested, in parts.

    The request, the certificate and robots.txt all go by `host`.
    """

    scheme: str
    host: str
    path: str  # with the query; ASCII only

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}{self.path}"

    @property
    def port(self) -> int:
        return PORTS[self.scheme]


def target(url: str) -> Target:
    """Parse a web address.

    Raises FetchError if it is not one, or not one that may be requested.
    """
    if len(url) > MAX_LENGTH or "\\" in url or any(ord(letter) <= 32 or ord(letter) == 127 for letter in url):
        raise FetchError(FetchProblem.ADDRESS)
    try:
        parts = urlsplit(url)
        port = parts.port
        # IDNA maps look-alikes of digits and dots to the real ones here, before anything is decided.
        host = (parts.hostname or "").encode("idna").decode("ascii").lower().removesuffix(".")
    except (ValueError, UnicodeError):
        raise FetchError(FetchProblem.ADDRESS) from None
    if parts.scheme not in PORTS or parts.username is not None or parts.password is not None:
        raise FetchError(FetchProblem.ADDRESS)
    if port not in {None, PORTS[parts.scheme]} or not NAME.fullmatch(host) or host.endswith(PRIVATE_SUFFIXES):
        raise FetchError(FetchProblem.ADDRESS, host)
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if parts.query:
        path += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return Target(parts.scheme, host, path)


def begins_with(ip: ipaddress.IPv6Address, block: tuple[ipaddress.IPv6Address, int]) -> bool:
    beginning, bits = block
    rest = ip.max_prefixlen - bits
    return int(ip) >> rest == int(beginning) >> rest


def is_public(address: str) -> bool:
    """Return whether an IP address is certainly on the public internet.

    An address that embeds another counts as that one.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.scope_id is not None:
            return False
        if ip.ipv4_mapped:
            return is_public(str(ip.ipv4_mapped))
        if begins_with(ip, NAT64):  # how IPv6 alone reaches IPv4
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)))
        # Tunnels (6to4, Teredo) are obsolete and would hide where they end.
        if not begins_with(ip, GLOBAL_UNICAST) or ip.sixtofour or ip.teredo:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_link_local)


def resolve(host: str, port: int) -> list[tuple[str, int]]:
    """Resolve a name to all of its (IP address, port) pairs.

    Raises OSError.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    # The scope of an IPv6 address (fe80::1%2) is the fourth element of the tuple, not part of the first.
    return list(
        dict.fromkeys(
            (f"{place[0]}%{place[3]}" if len(place) > 3 and place[3] else str(place[0]), int(place[1]))
            for *_, place in found
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Internet:
    """The internet as this site may use it.

    Tests pass in a substitute; there is no setting for it.
    """

    resolve: Callable[[str, int], list[tuple[str, int]]] = resolve
    may_connect: Callable[[str], bool] = is_public
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def connect(self, where: Target, *, seconds: float) -> socket.socket:
        """Connect to one address of the host, with TLS if the scheme is https.

        Raises FetchError, or OSError.
        """
        try:
            places = self.resolve(where.host, where.port)
        except (OSError, UnicodeError):
            raise FetchError(FetchProblem.NAME, where.host) from None
        if not places:
            raise FetchError(FetchProblem.NAME, where.host)
        # A private address among public ones is no accident, so none of them is used.
        if not all(self.may_connect(address) for address, _port in places):
            raise FetchError(FetchProblem.PRIVATE, where.host)
        plain = self._connect_to_first(places, seconds)
        if where.scheme == "http":
            return plain
        try:
            return self.tls.wrap_socket(plain, server_hostname=where.host)
        except BaseException:
            plain.close()
            raise

    @staticmethod
    def _connect_to_first(places: list[tuple[str, int]], seconds: float) -> socket.socket:
        last: OSError = OSError("no address")
        # Try one address of each family: a machine without IPv6 is given IPv6 addresses all the same.
        by_kind = {":" in address: (address, port) for address, port in reversed(places)}
        for place in by_kind.values():
            try:
                return socket.create_connection(place, timeout=seconds / 2)
            except OSError as error:
                last = error
        raise last
