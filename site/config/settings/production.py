"""Production. Reads its configuration from the environment, and refuses to start if something is missing."""

import os
import re
from importlib.util import find_spec
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config import databases
from config.settings.base import *  # noqa: F403
from config.settings.base import PRESS_HOST, SILENCED_SYSTEM_CHECKS


def required(name: str, what: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: {what}")
    return value


def address(name: str, example: str) -> str:
    """Return the host of a door. Links, cookies, and who may show a page in a frame depend on its address: it must be exactly that."""
    given = required(name, f"for example {example}")
    try:
        parts = urlsplit(given)
        right = (
            parts.scheme == "https"
            and parts.hostname
            and parts.netloc == given.removeprefix("https://").rstrip("/")
        )
        if right and "@" not in parts.netloc and (parts.port or 443) > 0:
            return parts.hostname or ""
    except ValueError:
        pass
    raise ImproperlyConfigured(
        f"{name} is {given}: it must be https://, a host, and nothing else, for example {example}"
    )


def switched_on(name: str) -> bool:
    """Return whether a setting is 1. It may be 0 or left out."""
    given = os.environ.get(name, "")
    if given not in {"", "0", "1"}:
        raise ImproperlyConfigured(f"{name} is {given}: it must be 0 or 1.")
    return given == "1"


if os.environ.get("WAYMARK_DEMO"):
    raise ImproperlyConfigured(
        "WAYMARK_DEMO is set: the demonstration shows listings that nobody has checked."
    )

SECRET_KEY = required("WAYMARK_SECRET_KEY", "a long random string that only this site knows.")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5 or "insecure" in SECRET_KEY or "demo" in SECRET_KEY:
    raise ImproperlyConfigured("WAYMARK_SECRET_KEY is too short, or is the demonstration's key.")

# Keys that were used before: what they signed stays valid, what they encrypted can be read. Separated by commas.
SECRET_KEY_FALLBACKS = [
    key for key in os.environ.get("WAYMARK_SECRET_KEY_FALLBACKS", "").replace(" ", "").split(",") if key
]

if address("WAYMARK_PUBLIC_URL", "https://www.example.org") == address(
    "WAYMARK_DESK_URL", "https://desk.example.org"
):
    raise ImproperlyConfigured(
        "WAYMARK_PUBLIC_URL and WAYMARK_DESK_URL have the same host: the desk needs one of its own."
    )

required("DATABASE_URL", "for example postgres://waymark:…@db/waymark")
DATABASES = databases.from_environment()

if not re.fullmatch(r"[a-z0-9-]{0,20}", PRESS_HOST):
    raise ImproperlyConfigured(
        f"WAYMARK_PRESS_HOST is {PRESS_HOST}: it must be up to 20 small letters, digits and hyphens, for example north."
    )

SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
# Browsers then demand TLS of every host below ours, which may belong to others, and the list that is built into them is hard to leave again:
# only who asked for it gets it.
SECURE_HSTS_INCLUDE_SUBDOMAINS = switched_on("WAYMARK_HSTS_SUBDOMAINS")
SECURE_HSTS_PRELOAD = switched_on("WAYMARK_HSTS_PRELOAD")
if SECURE_HSTS_PRELOAD and not SECURE_HSTS_INCLUDE_SUBDOMAINS:
    raise ImproperlyConfigured(
        "WAYMARK_HSTS_PRELOAD needs WAYMARK_HSTS_SUBDOMAINS=1: browsers list whole domains only."
    )
# That these two are off is a decision, and no oversight.
SILENCED_SYSTEM_CHECKS = [*SILENCED_SYSTEM_CHECKS, "security.W005", "security.W021"]
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("WAYMARK_PROXY_COUNT") or 1)

if storage := os.environ.get("WAYMARK_STORAGE"):
    if not (storage.startswith("s3://") and urlsplit(storage).netloc):
        raise ImproperlyConfigured(
            f"WAYMARK_STORAGE is {storage}: it must be s3://, a bucket and, if you like, a folder in it."
        )
    if find_spec("storages") is None:
        raise ImproperlyConfigured(
            "WAYMARK_STORAGE is set: install the project with its extra `s3` (docs/operators/storage.md)."
        )

required("WAYMARK_MAIL_HOST", "the mail server that sends what the desk writes.")
