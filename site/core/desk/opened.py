"""Links from mails: their token leaves the address at the first request.

What is in the address is on the screen for whoever looks over a shoulder, in bookmarks, in what Back and a reopened tab ask for, and in the
Referer. So the first request puts the token into a cookie without a date, and redirects to an address that has only a digest of the token.
Nothing is written at the server, and each link has a cookie of its own, so that several can be open side by side. (Browsers note in their
files from where they were redirected, and Firefox the cookie in its session file, though they do not show it: nothing that a link can do
prevents the former. It is worth nothing any more once the button on the page has been pressed, which uses the link up.)

    path("answer/<str:token>/", opened.move, {"to": "archive:answer-here"}, name="answer"),    the address in the mail
    path("answer/opened/<str:key>/", views.answer, name="answer-here"),                        asks for `opened.token(request, key)`
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.core import signing
from django.shortcuts import redirect
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from core.links import NotOpen

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

COOKIE = "__Host-link-"
LASTS = timedelta(hours=2)
# Longer ones are none of ours; what is left of them is broken, as it should be.
LONGEST = 200
# So many links may be open side by side. More cookies would not fit into a request.
MOST = 10
# What to say to a browser in which a link is not open.
AGAIN = _("Please open the link in the email again")
WHY = _("For your privacy, a link stays open for two hours, and only in the browser in which you opened it.")


@require_safe
def move(request: HttpRequest, to: str, **parts: str) -> HttpResponse:
    """Redirect from the address in a mail to the view `to`, which gets a key to ask for the token with."""
    token = "/".join(parts.values())[:LONGEST]
    key = salted_hmac("core.desk.opened", token, algorithm="sha256").hexdigest()[:16]
    response = redirect(to, key=key)
    others = [name for name in request.COOKIES if name.startswith(COOKIE) and name != COOKIE + key]
    if len(others) >= MOST:
        for name in others:
            response.delete_cookie(name)
    # Signed, so that it ends in time. Its name is part of the signature: one link cannot be passed off as another.
    kept = signing.dumps(token, salt=COOKIE + key)
    response.set_cookie(COOKIE + key, kept, secure=True, httponly=True, samesite="Lax")
    response["Referrer-Policy"] = "no-referrer"
    return response


def token(request: HttpRequest, key: str) -> str:
    """Return the token of a link that was opened in this browser. Raises NotOpen."""
    try:
        kept: str = signing.loads(request.COOKIES.get(COOKIE + key, ""), salt=COOKIE + key, max_age=LASTS)
    except signing.BadSignature as gone:
        raise NotOpen from gone
    return kept
