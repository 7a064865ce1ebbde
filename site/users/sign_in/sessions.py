"""The sessions of the private site and of members (`SESSION_ENGINE`).

They end a fixed time after sign-in, and sooner if the user is inactive.
Django counts from the last time that something was written into a session.
A message after saving would put the end off for ever.
"""

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from users.models import User

STARTED = "users.started"
USED = "users.used"
# Interval at which the time of the last request is written.
NOTED_EVERY = 10 * 60  # seconds
IDLE_AGE = 2 * 60 * 60  # seconds since the last request


class SessionStore(db.SessionStore):
    def create_model_instance(self, data: dict[str, Any]) -> Any:
        data[USED] = int(time.time())
        data.setdefault(STARTED, data[USED])
        return super().create_model_instance(data)

    def get_expiry_date(self, **kwargs: object) -> dt.datetime:
        """Return when it ends: `SESSION_COOKIE_AGE` after its beginning, and `IDLE_AGE` after it was last used."""
        now = time.time()
        ends = min(
            self.get(STARTED, now) + settings.SESSION_COOKIE_AGE,
            self.get(USED, now) + IDLE_AGE,
        )
        return dt.datetime.fromtimestamp(ends, tz=dt.UTC)


def begin(*, request: HttpRequest, **kwargs: object) -> None:
    """Receive Django's `user_logged_in`: the time begins at sign-in, not when the user opened the sign-in page."""
    request.session[STARTED] = int(time.time())


def note_use(request: HttpRequest) -> None:
    """Record that a signed-in user is still active.

    A request that has not used its session costs nothing.
    """
    session = request.session
    if session.accessed and SESSION_KEY in session and session.get(USED, 0) < time.time() - NOTED_EVERY:
        session.modified = True


# --- A user's own sessions ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSession:
    """One browser in which a user is signed in.

    `name` identifies it in a form, and gives no access.
    Nothing else is stored about it.
    """

    name: str
    began: dt.datetime
    used: dt.datetime
    is_here: bool


def of_user(user: User, *, here: str | None) -> list[OwnSession]:
    """Return the sessions of a user, last used first.

    `here`: the key of the session of this request.
    """
    found = [
        OwnSession(
            name=_name(session),
            began=_moment(held.get(STARTED)),
            used=_moment(held.get(USED)),
            is_here=session.session_key == here,
        )
        for session, held in _signed_in(user)
    ]
    return sorted(found, key=lambda each: (each.is_here, each.used), reverse=True)


def end(user: User, *, here: str | None, name: str | None = None) -> int:
    """End the session of this user with this name, or without a name all but `here`.

    Returns how many have ended.
    """
    ended = [
        session
        for session, _held in _signed_in(user)
        if session.session_key != here and (name is None or constant_time_compare(_name(session), name))
    ]
    for session in ended:
        session.delete()
    return len(ended)


def _signed_in(user: User) -> Iterator[tuple[Session, dict[str, Any]]]:
    """Yield the sessions of a signed-in user, and their data.

    There is no index of sessions by user: it reads all.
    """
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        held = session.get_decoded()
        if held.get(SESSION_KEY) == str(user.pk) and held.get(HASH_SESSION_KEY) in hashes:
            yield session, held


def _name(session: Session) -> str:
    return salted_hmac("users.sessions", session.session_key, algorithm="sha256").hexdigest()[:32]


def _moment(seconds: int | None) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds or 0, tz=dt.UTC)
