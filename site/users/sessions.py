"""The sessions of the desk and of members (`SESSION_ENGINE`): they end a fixed time after somebody signed in, and sooner if nobody does anything.

Django counts from the last time that something was written into a session. A message after saving would put the end off for ever.
"""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db

if TYPE_CHECKING:
    from django.http import HttpRequest

STARTED = "users.started"
USED = "users.used"
# How often the time of the last request is written.
NOTED_EVERY = 10 * 60  # seconds


class SessionStore(db.SessionStore):
    def create_model_instance(self, data: dict[str, Any]) -> Any:
        data[USED] = int(time.time())
        data.setdefault(STARTED, data[USED])
        return super().create_model_instance(data)

    def get_expiry_date(self, **kwargs: Any) -> dt.datetime:
        """Return when it ends: `SESSION_COOKIE_AGE` after its beginning, and `SESSION_IDLE_AGE` after it was last used."""
        now = time.time()
        ends = min(
            self.get(STARTED, now) + settings.SESSION_COOKIE_AGE,
            self.get(USED, now) + settings.SESSION_IDLE_AGE,
        )
        return dt.datetime.fromtimestamp(ends, tz=dt.UTC)


def begin(*, request: HttpRequest, **kwargs: Any) -> None:
    """Receive Django's `user_logged_in`: the time begins when somebody signs in, and not when they opened the page for it."""
    request.session[STARTED] = int(time.time())


def note_use(request: HttpRequest) -> None:
    """Note that somebody who is signed in is still there. A request that has not looked at its session costs nothing."""
    session = request.session
    if session.accessed and SESSION_KEY in session and session.get(USED, 0) < time.time() - NOTED_EVERY:
        session.modified = True
