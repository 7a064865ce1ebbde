"""Checks of the two sites from outside: over the network, by their host names."""

import http.client
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage

from operations.diagnostics import DoctorFinding, right, wrong

PATIENCE = 10  # seconds
WANTED = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy")


def public_site() -> Iterator[DoctorFinding]:
    yield from check_site(
        "Public site", settings.PUBLIC_URL, "/robots.txt", setting="WAYMARK_PUBLIC_URL", cookies=False
    )


def private_site() -> Iterator[DoctorFinding]:
    yield from check_site(
        "Private site", settings.PRIVATE_URL, "/account/login/", setting="WAYMARK_PRIVATE_URL", cookies=True
    )


def style_sheet() -> Iterator[DoctorFinding]:
    """Request a file that the web server sends by itself: if it cannot, pages come from the application."""
    path = staticfiles_storage.url("css/site.css")
    try:
        status, _fields = ask(settings.PUBLIC_URL, path)
    except (OSError, http.client.HTTPException):
        return  # `public_site` reports the cause
    if status >= 400:
        yield wrong(
            "Style sheets",
            f"{settings.PUBLIC_URL}{path} answers {status}.",
            meaning="Visitors see pages without their design, and the application has to send each of them.",
            remedy="The web server must be able to read WAYMARK_VAR: "
            "for nginx on Debian, `usermod --append --groups waymark www-data`, then "
            "restart it. If a file is missing, run `manage.py upgrade`.",
        )
    else:
        yield right("Style sheets", f"They are sent ({status}).")


def check_site(subject: str, url: str, path: str, *, setting: str, cookies: bool) -> Iterator[DoctorFinding]:
    """Request an address of a site, and check the response."""
    try:
        status, fields = ask(url, path)
    except (OSError, http.client.HTTPException) as problem:
        why = f"its certificate is not valid ({problem.reason})" if isinstance(problem, ssl.SSLError) else str(problem)
        if isinstance(problem, socket.gaierror):
            why = "its name is not known"
        yield wrong(
            subject,
            f"{url} does not answer: {why}.",
            meaning="People cannot reach it." if cookies else "The site cannot be reached.",
            remedy="Look at the web server and its certificate, at the name "
            f"server, and at {setting}. From inside a container or a "
            "closed network it may be right all the same: then look from outside.",
        )
        return
    if status >= 400:
        yield wrong(
            subject,
            f"{url}{path} answers {status}.",
            meaning="People see an error." if cookies else "Visitors see an error.",
            remedy="Start the processes of this site; if they run, their logs say what is wrong.",
        )
        return
    names = {name.lower() for name, _value in fields}
    missing = [name for name in WANTED if name.lower() not in names]
    if missing:
        yield wrong(
            subject,
            f"{url} answers without {', '.join(missing)}.",
            meaning="Browsers do not protect people as they could.",
            remedy="Something in between takes headers away: compare it with docs/operators/nginx.conf.",
        )
    elif not cookies and "set-cookie" in names:
        yield wrong(
            subject,
            f"{url} sets a cookie, which this software does not.",
            meaning="Visitors are recognised when they come back: the help pages promise that they are not.",
            remedy="Find out what in between does that (a load balancer, a firewall), and switch it off.",
        )
    else:
        yield right(subject, f"{url} answers {status}, with its headers{'' if cookies else ' and without a cookie'}.")


def ask(url: str, path: str) -> tuple[int, list[tuple[str, str]]]:
    """Return status and headers of a response.

    Raises OSError or HTTPException.
    """
    there = urlsplit(url)
    kind = http.client.HTTPSConnection if there.scheme == "https" else http.client.HTTPConnection
    connection = kind(there.hostname or "", there.port, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers={"User-Agent": "Waymark doctor"})
        answer = connection.getresponse()
        return answer.status, answer.getheaders()
    finally:
        connection.close()


CHECKS = [public_site, style_sheet, private_site]
