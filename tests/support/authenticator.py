"""An authenticator app, as far as the tests need one: the codes of RFC 6238."""

import base64
import hmac
import time

PERIOD = 30  # seconds


def totp(secret: str, step: int) -> str:
    """Return the code of six digits for a step of 30 seconds, counted from 1970 (RFC 4226, section 5.3)."""
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    at = digest[-1] & 0xF
    value = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
    return f"{value % 10**6:06}"


class Authenticator:
    """Authenticator app that returns each code once: first the present one, then those of the steps to come.

    The sites that tests start accept a few of those (`MFA_TOTP_TOLERANCE` in tests/support/served_settings.py),
    so no test has to wait.
    """

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.step = int(time.time()) // PERIOD - 1

    def code(self) -> str:
        self.step += 1
        return totp(self.secret, self.step)
