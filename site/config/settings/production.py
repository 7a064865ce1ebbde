"""Production. Reads its configuration from the environment, and refuses to start if something is missing."""

import os

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from config.settings.base import *  # noqa: F403


def required(name: str, what: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: {what}")
    return value


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

required("WAYMARK_PUBLIC_URL", "the address of the public site, for example https://www.example.org")
required("WAYMARK_DESK_URL", "the address of the desk, for example https://desk.example.org")

required("DATABASE_URL", "for example postgres://waymark:…@db/waymark")
DATABASES = {"default": dj_database_url.config(conn_max_age=60, conn_health_checks=True)}

SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("WAYMARK_PROXY_COUNT", "1"))

required("WAYMARK_MAIL_HOST", "the mail server that sends what the desk writes.")
