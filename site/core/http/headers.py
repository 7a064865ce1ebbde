"""The headers of every response, as one table for each site.

Those of the public site depend on nothing but the path, so that any web server can send the same ones.
An app that needs other headers than the rest of the site declares a `Policy` for its addresses (`core.declarations`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core import declarations
from core.http import is_private_site
from core.publishing.routes import is_prerendering

DOCUMENT = re.compile(r"^/documents/(?:.*/)?(?P<name>[A-Za-z0-9._-]*)")
IMMUTABLE = re.compile(r"^/static/.+\.[0-9a-f]{12}\.[a-z0-9]+$")

# Only features that Chromium implements: it warns about others in the console of every page.
NO_FEATURES = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media", "fullscreen",
        "gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer",
        "microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-create",
        "publickey-credentials-get", "screen-wake-lock", "serial",
        "storage-access", "usb", "window-management", "xr-spatial-tracking",
    )
)  # fmt: skip
# Passkeys are created and used on the private site's own pages.
PRIVATE_FEATURES = NO_FEATURES.replace(
    "publickey-credentials-create=()", "publickey-credentials-create=(self)"
).replace("publickey-credentials-get=()", "publickey-credentials-get=(self)")

PUBLIC_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; {media}form-action {form}; "
    "base-uri 'none'; "
    "frame-ancestors {ancestors}"
)
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PUBLIC = {
    **EVERYWHERE,
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": NO_FEATURES,
    "Expires": "-1",
    "Pragma": "no-cache",
    "X-Download-Options": "noopen",
    "X-Permitted-Cross-Domain-Policies": "none",
}
NEVER_PUBLIC = ("Server", "Set-Cookie", "NEL", "Report-To", "Reporting-Endpoints")
SENSITIVE_CACHE = "no-store, no-cache, must-revalidate, no-transform, private"
PRIVATE = {
    **EVERYWHERE,
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store, private",
    "X-Robots-Tag": "noindex",
    "Permissions-Policy": PRIVATE_FEATURES,
}
PRIVATE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "font-src 'self'; connect-src 'self'; form-action "
    "'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Wagtail's own screens need inline scripts (date inputs, inline panels, choosers) and show public previews in a frame.
ADMIN_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self'; media-src 'self'; connect-src 'self'; "
    "frame-src 'self' {public}; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'self'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Different headers for some addresses of the public site."""

    paths: re.Pattern[str]
    # The visit alone is sensitive: no cache keeps the page, which can neither submit forms nor play media.
    sensitive: bool = False
    # Other sites may show the page in a frame.
    embeddable: bool = False
    # Scripts of other sites may read the response: nothing in it depends on the client.
    readable_by_others: bool = False


def below_language(rest: str) -> re.Pattern[str]:
    """Return a pattern for the paths `/<language>/<rest>…`, for a policy."""
    return re.compile(rf"^/[a-z]{{2,3}}(-[a-z0-9]+)*/{rest}")


def policies_for(path: str) -> list[Policy]:
    """Return the policies that apps declare for an address (`core.declarations`)."""
    return [policy for policy in declarations.collect("header_policies") if policy.paths.match(path)]


def is_sensitive(path: str) -> bool:
    """Return whether nothing at an address may be cached, because the visit alone reveals something private."""
    return any(policy.sensitive for policy in policies_for(path))


def public_headers(
    path: str, *, preview: bool = False, rendered: bool = False, found: bool = True
) -> Mapping[str, str]:
    """Return the headers that the public site sends for `path`.

    `preview`: rendered for an editor, and shown in a frame on the private site.
    `rendered`: rendered for this request (search results), not prerendered.
    `found`: the response is the file requested, and not an error page in its place, which must not be saved as a file.
    Django sends HSTS itself, and `Onion-Location` depends on the host: see `onion_location`.
    """
    policies = policies_for(path)
    sensitive = any(policy.sensitive for policy in policies)
    embeddable = any(policy.embeddable for policy in policies)
    headers = dict(PUBLIC)
    headers["Content-Security-Policy"] = PUBLIC_POLICY.format(
        media="" if sensitive else "media-src 'self'; font-src 'self'; manifest-src 'self'; ",
        form="'none'" if sensitive else "'self'",
        ancestors=settings.PRIVATE_URL if preview else "*" if embeddable else "'none'",
    )
    # The error page for a missing document is HTML with the site's styles.
    if found and (document := DOCUMENT.match(path)):
        headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        headers["Content-Disposition"] = f'attachment; filename="{document["name"]}"'
    if any(policy.readable_by_others for policy in policies):
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        headers["Access-Control-Allow-Origin"] = "*"
    if IMMUTABLE.match(path):
        headers["Cache-Control"] = "max-age=31536000, immutable"
        del headers["Expires"], headers["Pragma"]
    elif sensitive:
        headers["Cache-Control"] = SENSITIVE_CACHE
        headers["X-Robots-Tag"] = "noarchive"
    else:
        headers["Cache-Control"] = "no-store" if rendered else "no-cache"
    if embeddable:
        headers |= {"Cross-Origin-Resource-Policy": "cross-origin", "X-Robots-Tag": "noindex"}
        del headers["X-Frame-Options"]
    if preview:
        headers.pop("X-Frame-Options", None)
        headers |= {"Cache-Control": "no-store, private", "X-Robots-Tag": "noindex"}
    return headers


def onion_location(path: str, *, host: str, secure: bool) -> str | None:
    """Return the onion URL of a path (already quoted); None without HTTPS, or on the onion host itself.

    For a sensitive path it is that of the start page: the length of the header must not depend on the address.
    """
    path = "/" if is_sensitive(path) else path
    onion = urlsplit(settings.ONION_URL).hostname
    return f"{settings.ONION_URL}{path}" if onion and secure and host.partition(":")[0].lower() != onion else None


def private_headers(path: str) -> Mapping[str, str]:
    admin = path.startswith("/admin/")
    policy = ADMIN_POLICY.format(public=settings.PUBLIC_URL) if admin else PRIVATE_POLICY
    headers = {
        **PRIVATE,
        "X-Frame-Options": "SAMEORIGIN" if admin else "DENY",
        "Content-Security-Policy": policy,
    }
    if IMMUTABLE.match(path):
        headers["Cache-Control"] = "max-age=31536000, immutable"
    return headers


class HeadersMiddleware:
    """Set the headers of the site, overriding views and other middleware.

    The outermost, so that no response bypasses it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not is_private_site(request):
            self.set_public_headers(request, response)
        elif not getattr(
            response, "is_preview", False
        ):  # a page as the public sees it, shown in a frame on the private site
            # The view's referrer policy may be stricter than the table's.
            silent = response.get("Referrer-Policy") == "no-referrer"
            set_headers(response, private_headers(request.path_info))
            if silent:
                response["Referrer-Policy"] = "no-referrer"
        return response

    def set_public_headers(self, request: HttpRequest, response: HttpResponse) -> None:
        path, preview = request.path_info, bool(getattr(request, "is_preview", False))
        rendered = not getattr(response, "is_prerendered", False) and (
            bool(request.META.get("QUERY_STRING")) or response.status_code >= 400
        )
        found = response.status_code < 400
        set_headers(response, public_headers(path, preview=preview, rendered=rendered, found=found))
        response.is_preview = preview  # type: ignore[attr-defined]
        if is_prerendering(request):
            return  # the renderer refuses a page that sets a cookie, rather than cleaning it
        for name in NEVER_PUBLIC:
            response.headers.pop(name, None)
        response.cookies.clear()
        remove_cookie_from_vary(response)
        if is_sensitive(path):
            for name in ("ETag", "Last-Modified"):
                response.headers.pop(name, None)
        here = request.META.get("HTTP_HOST", "")
        if onion := onion_location(request.get_full_path(), host=here, secure=request.is_secure()):
            response["Onion-Location"] = onion


def set_headers(response: HttpResponse, headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        response[name] = value


def forget(response: HttpResponse) -> None:
    """Clear the data of this host in the browser of a user who signs out.

    Cookies are kept: the header would delete those of all hosts of the domain, including the one that recognises this
    browser.
    """
    response["Clear-Site-Data"] = '"cache", "storage"'


def remove_cookie_from_vary(response: HttpResponse) -> None:
    """Remove `Cookie` from `Vary`: nothing on the public site depends on one."""
    vary = [name.strip() for name in response.get("Vary", "").split(",") if name.strip().lower() not in {"", "cookie"}]
    if vary:
        response["Vary"] = ", ".join(vary)
    else:
        response.headers.pop("Vary", None)
