"""Serves the public site from prerendered files, without Django and without a database.

The server runs `PrerenderServer`, which serves prerendered files and passes everything else on to Django.
`PrerenderMiddleware` uses the same code for requests that reach Django another way.
Each request checks the file (one `stat` call), so that every worker sees a new render immediately; the content is
cached in memory.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator
from email.utils import formatdate, parsedate_to_datetime
from stat import S_ISREG
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port

from core.http import SiteKind, errors, headers
from core.http.tracking import without_tracking
from core.publishing import counted
from prerender.rendering.renderer import content_type, quoted
from prerender.store.files import ANSWER, ANSWERS_QUERY, BEING_PREPARED, MOVED, PAGE, SAFE, STATE, FileStore

if TYPE_CHECKING:
    Body = list[bytes] | Iterator[bytes]
    StartResponse = Callable[..., Any]

log = logging.getLogger(__name__)

ENCODINGS = {"br": ".br", "gzip": ".gz"}
REASONS = {
    200: "200 OK", 206: "206 Partial Content", 301: "301 Moved Permanently", 302: "302 Found", 304: "304 Not Modified",
    416: "416 Range Not Satisfiable",
}  # fmt: skip
# Bytes: larger files are streamed in chunks; the cache as a whole takes no more than CACHE_LIMIT.
CACHED_WHOLE, CACHE_LIMIT, CHUNK = 256 * 1024, 64 * 1024 * 1024, 64 * 1024
NO_SERVER_NAME = ("Server", "")
# Documents and pictures, stored uncompressed, support range requests.
RANGED = re.compile(r"^/(documents|pictures)/")
UNSATISFIABLE = (0, -1)
RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")
# Prerendered for web servers; these cannot be requested by their address.
NOT_ADDRESSED = re.compile(r"^/(errors/|404\.html$)")


class Request(NamedTuple):
    """The parts of a request that the response depends on."""

    path: str
    query: str
    secure: bool
    host: str
    accept_encoding: str
    if_none_match: str
    if_modified_since: str
    range: str
    if_range: str

    @classmethod
    def from_environ(cls, environ: dict[str, Any], *, secure: bool) -> Request | None:
        try:
            path = environ.get("PATH_INFO", "").encode("latin-1").decode()
        except UnicodeError:
            return None
        get = environ.get
        return cls(
            path, get("QUERY_STRING", ""), secure, get("HTTP_HOST", ""), get("HTTP_ACCEPT_ENCODING", ""),
            get("HTTP_IF_NONE_MATCH", ""), get("HTTP_IF_MODIFIED_SINCE", ""),
            get("HTTP_RANGE", ""), get("HTTP_IF_RANGE", ""),
        )  # fmt: skip


class Answer(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: Body


class CachedFile:
    """A prerendered file as it is sent: its bytes, and its headers for http and https.

    The bytes are None if the file is too large to cache.
    """

    __slots__ = (
        "accepts_ranges",
        "body",
        "etag",
        "file",
        "has_validators",
        "modified",
        "moved",
        "plain",
        "secure",
        "signature",
        "size",
    )

    def __init__(self, file: str, path: str, stat: os.stat_result, encoding: str) -> None:
        self.file = file
        self.signature = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        self.size = stat.st_size
        self.modified = int(stat.st_mtime)
        self.etag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}{f"-{encoding}" if encoding else ""}"'
        self.accepts_ranges = RANGED.match(path) is not None
        # Sensitive pages carry nothing that could identify a returning browser.
        self.has_validators = not headers.is_sensitive(path)
        self.moved = read_redirect(file)
        self.body: bytes | None = None
        if self.size <= CACHED_WHOLE:
            with open(file, "rb") as opened:  # noqa: PTH123  (every request passes here)
                self.body = opened.read()
            if len(self.body) != self.size:
                raise FileNotFoundError(file)  # it is being replaced: try again
        fields = dict(headers.public_headers(path))
        fields["Content-Type"] = content_type(path)
        if not self.accepts_ranges:
            fields["Vary"] = "Accept-Encoding"
        if encoding:
            fields["Content-Encoding"] = encoding
        if self.accepts_ranges:
            fields["Accept-Ranges"] = "bytes"
        if self.has_validators:
            fields["ETag"] = self.etag
            fields["Last-Modified"] = formatdate(self.modified, usegmt=True)
        self.plain = list(fields.items())
        self.secure = [*self.plain, *hsts_headers()]


class PrerenderedFiles:
    """The prerendered files, with the cache of this process."""

    def __init__(self) -> None:
        self.root = str(settings.PRERENDER_ROOT)
        self.being_prepared = f"{self.root}/{STATE}/{BEING_PREPARED}"
        self.cache: dict[tuple[str, str], CachedFile] = {}
        self.cached_bytes = 0

    def answer(self, request: Request) -> Answer | None:
        """Return the response from a file; None if there is no file, or if the application handles the query."""
        name = path = request.path
        if not SAFE.fullmatch(path) or NOT_ADDRESSED.match(path):
            return None
        is_page = path.endswith("/")
        if is_page:
            name += PAGE
        elif name.endswith((f"/{PAGE}", f"/{ANSWER}", ".br", ".gz")):
            return None
        file = self.root + name
        try:
            kept = ""
            if is_page and request.query and os.path.exists(file.removesuffix(PAGE) + ANSWERS_QUERY):  # noqa: PTH110
                kept = without_tracking(request.query)
                if kept == request.query:
                    return None
            prerendered = self.best_variant(file, path, request.accept_encoding)
        except (OSError, ValueError):
            return self.api_answer(request) or (None if is_page else self.slash_redirect(file, request))
        if prerendered.moved:
            return redirect(prerendered, request)
        if request.query:
            # Parameters appended to the link reveal who followed it, and from where: redirect to the address without
            # them.
            return sent_on(prerendered, request, 302, quoted(path) + (f"?{kept}" if kept else ""))
        return conditional(prerendered, request)

    def api_answer(self, request: Request) -> Answer | None:
        """Return the JSON response for an address, with or without a trailing slash."""
        path = request.path.rstrip("/")
        folder = f"{self.root}{path}/"
        if request.query and os.path.exists(folder + ANSWERS_QUERY):  # noqa: PTH110
            return None
        try:
            return conditional(self.best_variant(folder + ANSWER, path, request.accept_encoding), request)
        except (OSError, ValueError):
            return None

    def not_found(self, code: str, *, sensitive: bool) -> bytes | None:
        """Return the prerendered 404 page in a language of the interface; None if it was not prerendered."""
        name = f"/errors/{code}/{'help/' if sensitive else ''}404.html"
        try:
            return self.load(self.root + name, name, "").body
        except (OSError, ValueError):
            return None

    def answers_query(self, path: str) -> bool:
        """Return whether the page at an address is rendered on request if there is a query."""
        return (
            path.endswith("/") and SAFE.fullmatch(path) is not None and os.path.exists(self.root + path + ANSWERS_QUERY)  # noqa: PTH110
        )

    @property
    def is_being_prepared(self) -> bool:
        """Return whether the first render is still incomplete."""
        return os.path.exists(self.being_prepared)  # noqa: PTH110

    def slash_redirect(self, file: str, request: Request) -> Answer | None:
        """Redirect `/de/about` to `/de/about/` if that exists, or to the target if it has moved."""
        try:
            prerendered = self.best_variant(f"{file}/{PAGE}", f"{request.path}/", "")
        except (OSError, ValueError):
            return None
        return redirect(prerendered, request)

    def best_variant(self, file: str, path: str, accepted: str) -> CachedFile:
        """Return the variant that the client prefers.

        Raises OSError if there is none.
        """
        for encoding in preferred_encodings(accepted):
            try:
                return self.load(file + ENCODINGS[encoding], path, encoding)
            except FileNotFoundError:
                continue
        return self.load(file, path, "")

    def load(self, file: str, path: str, encoding: str) -> CachedFile:
        stat = os.stat(file)  # noqa: PTH116  (a `Path` for each request costs more than the rest)
        cached = self.cache.get((file, path))
        if cached is not None:
            if cached.signature == (stat.st_mtime_ns, stat.st_size, stat.st_ino):
                return cached
            self.evict(file, path)
        if not S_ISREG(stat.st_mode):
            raise FileNotFoundError(file)
        prerendered = CachedFile(file, path, stat, encoding)
        if self.cached_bytes + len(prerendered.body or b"") > CACHE_LIMIT:
            self.cache.clear()
            self.cached_bytes = 0
        self.cache[file, path] = prerendered
        self.cached_bytes += len(prerendered.body or b"") + 2048
        return prerendered

    def evict(self, file: str, path: str) -> None:
        prerendered = self.cache.pop((file, path), None)
        if prerendered is not None:
            self.cached_bytes -= len(prerendered.body or b"") + 2048


# --- Responses ------------------------------------------------------------------------------------


def conditional(prerendered: CachedFile, request: Request) -> Answer:
    fields = prerendered.secure if request.secure else prerendered.plain
    fields = [*fields, *onion_headers(request)]
    if prerendered.has_validators and is_not_modified(prerendered, request):
        return Answer(304, [field for field in fields if field[0] not in {"Content-Type", "Content-Encoding"}], [])
    if request.range and prerendered.accepts_ranges and (not request.if_range or request.if_range == prerendered.etag):
        part = requested_range(request.range, prerendered.size)
        if part == UNSATISFIABLE:
            return Answer(416, [*fields, ("Content-Range", f"bytes */{prerendered.size}"), ("Content-Length", "0")], [])
        if part is not None:
            first, last = part
            fields += [
                ("Content-Range", f"bytes {first}-{last}/{prerendered.size}"),
                ("Content-Length", str(last - first + 1)),
            ]
            return Answer(206, fields, chunks(prerendered, first, last + 1))
    fields.append(("Content-Length", str(prerendered.size)))
    return Answer(200, fields, chunks(prerendered, 0, prerendered.size))


def redirect(prerendered: CachedFile, request: Request) -> Answer:
    """Redirect to the new address of a moved page, or to the address with a trailing slash."""
    if prerendered.moved:
        return sent_on(prerendered, request, *prerendered.moved)
    query = f"?{request.query}" if request.query else ""
    return sent_on(prerendered, request, 301, f"{quoted(request.path)}/{query}")


def sent_on(prerendered: CachedFile, request: Request, status: int, location: str) -> Answer:
    fields = [
        field
        for field in (prerendered.secure if request.secure else prerendered.plain)
        if field[0] not in {"Accept-Ranges", "Content-Encoding", "ETag", "Last-Modified", "Vary"}
    ]
    return Answer(status, [*fields, *onion_headers(request), ("Location", location), ("Content-Length", "0")], [])


def is_not_modified(prerendered: CachedFile, request: Request) -> bool:
    """Return whether the client already has this file.

    Tags take precedence over dates (RFC 9110, 13.2.2).
    """
    if request.if_none_match:
        tags = [tag.strip().removeprefix("W/") for tag in request.if_none_match.split(",")]
        return "*" in tags or prerendered.etag in tags
    if request.if_modified_since:
        try:
            return prerendered.modified <= parsedate_to_datetime(request.if_modified_since).timestamp()
        except (ValueError, TypeError, OverflowError):
            return False
    return False


def requested_range(asked: str, size: int) -> tuple[int, int] | None:
    """Return the first and last byte that a `Range` header requests.

    UNSATISFIABLE if they are outside the file; None if the whole file is to be sent.
    """
    match = RANGE.match(asked.strip())
    if match is None or match.groups() == ("", "") or len(asked) > 60:
        return None
    start, end = match.groups()
    if not start:
        return (max(size - int(end), 0), size - 1) if int(end) and size else UNSATISFIABLE
    first, last = int(start), min(int(end), size - 1) if end else size - 1
    if end and int(end) < first:
        return None
    return (first, last) if first < size else UNSATISFIABLE


def chunks(prerendered: CachedFile, start: int, end: int) -> Body:
    if prerendered.body is not None:
        return [prerendered.body[start:end]]
    return read_chunks(prerendered.file, start, end)


def read_chunks(file: str, start: int, end: int) -> Iterator[bytes]:
    with open(file, "rb") as opened:  # noqa: PTH123
        opened.seek(start)
        while start < end and (chunk := opened.read(min(CHUNK, end - start))):
            start += len(chunk)
            yield chunk


def preferred_encodings(accepted: str) -> Iterable[str]:
    """Return the encodings that the client accepts, its favourite first; Brotli before gzip if it prefers neither."""
    if not accepted:
        return ()
    if ";" not in accepted:
        given = {token.strip().lower() for token in accepted.split(",")}
        return [encoding for encoding in ENCODINGS if encoding in given or "*" in given]
    weights: dict[str, float] = {}
    for token in accepted.split(","):
        name, _semicolon, parameter = token.partition(";")
        try:
            weights[name.strip().lower()] = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            weights[name.strip().lower()] = 0.0
    other = weights.get("*", 0.0)
    plain = weights.get("identity", 0.0)
    liked = {encoding: weights.get(encoding, other) for encoding in ENCODINGS}
    return sorted(
        (name for name, weight in liked.items() if weight > 0 and weight >= plain),
        key=lambda name: -liked[name],
    )


def read_redirect(file: str) -> tuple[int, str] | None:
    """Read the marker of a redirect: the status and the location.

    None if there is no marker.
    """
    if not file.endswith(f"/{PAGE}"):
        return None
    try:
        with open(file.removesuffix(PAGE) + MOVED) as mark:  # noqa: PTH123
            status, _space, location = mark.read().partition(" ")
    except FileNotFoundError:
        return None
    return int(status), location


def hsts_headers() -> list[tuple[str, str]]:
    if not settings.SECURE_HSTS_SECONDS:
        return []
    value = f"max-age={settings.SECURE_HSTS_SECONDS}"
    value += "; includeSubDomains" if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else ""
    value += "; preload" if settings.SECURE_HSTS_PRELOAD else ""
    return [("Strict-Transport-Security", value)]


def onion_headers(request: Request) -> list[tuple[str, str]]:
    if not settings.ONION_URL:
        return []
    path = quoted(request.path) + (f"?{request.query}" if request.query else "")
    location = headers.onion_location(path, host=request.host, secure=request.secure)
    return [("Onion-Location", location)] if location else []


# --- The server's application ---------------------------------------------------------------------


class PrerenderServer:
    """The WSGI application: prerendered files, and Django for the rest."""

    def __init__(self, application: Callable[[dict[str, Any], StartResponse], Iterable[bytes]]) -> None:
        self.application = application
        self.files = PrerenderedFiles()
        self.hosts = {host for host in (settings.PUBLIC_HOST, urlsplit(settings.ONION_URL).hostname) if host}
        self.own = frozenset(urlsplit(url).netloc for url in (settings.PUBLIC_URL, settings.ONION_URL) if url)
        self.pages = not settings.RENDER_ON_REQUEST and SiteKind.PRIVATE.value != settings.SITE
        try:
            with FileStore().locked():
                pass  # taking the lock finishes an interrupted render
        except OSError:
            log.info("The prerendered files are read-only here.")

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        try:
            answer = self.prerendered(environ)
            if answer is None:
                return self.application(environ, without_server_name(start_response))
        except Exception as problem:  # noqa: BLE001
            # The server would log the text of the exception, which may contain a visitor's input.
            log.error("A request was not answered: %s", type(problem).__name__)
            response = errors.page(500, language=settings.LANGUAGE_CODE)
            fields = {**headers.public_headers("/", rendered=True), "Content-Type": response["Content-Type"]}
            without_server_name(start_response)("500 Internal Server Error", list(fields.items()))
            return [response.content]
        start_response(REASONS[answer.status], [*answer.headers, NO_SERVER_NAME])
        if environ["REQUEST_METHOD"] == "HEAD":
            return []
        note_shown(answer, environ)
        return answer.body

    def prerendered(self, environ: dict[str, Any]) -> Answer | None:
        if not self.pages or environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return None
        host = environ.get("HTTP_HOST", "")
        if host not in self.own and split_domain_port(host)[0] not in self.hosts:
            return None
        secure = is_secure(environ)
        if settings.SECURE_SSL_REDIRECT and not secure:
            return None
        request = Request.from_environ(environ, secure=secure)
        return self.files.answer(request) if request is not None else None


def note_shown(answer: Answer, environ: dict[str, Any]) -> None:
    """Have a page counted that is sent whole, which no redirect is.

    Only its path is used.
    """
    if answer.status == 200:
        counted.note_shown(environ.get("PATH_INFO", ""))


def without_server_name(start_response: StartResponse) -> StartResponse:
    """Send an empty `Server` header: without one, granian adds its name to the response."""

    def start(status: str, fields: list[tuple[str, str]], exc_info: Any = None) -> Any:
        return start_response(status, [*fields, NO_SERVER_NAME], exc_info)

    return start


def is_secure(environ: dict[str, Any]) -> bool:
    """Return whether the client's connection is encrypted, by Django's rule."""
    if settings.SECURE_PROXY_SSL_HEADER:
        name, value = settings.SECURE_PROXY_SSL_HEADER
        if name in environ:
            return bool(environ[name].split(",")[0].strip() == value)
    return bool(environ.get("wsgi.url_scheme") == "https")
