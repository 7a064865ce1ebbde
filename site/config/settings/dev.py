"""A developer's machine, and the demonstration site (`WAYMARK_DEMO=1`), which shows pages as production does."""

import os

from django.core.exceptions import ImproperlyConfigured

from config import databases
from config.settings.base import *  # noqa: F403  (usual in settings modules, and only there)
from config.settings.base import ACCOUNT_RATE_LIMITS, ANALYTICS, APPS, INSTALLED_APPS, MAILERS, PARTS, VAR
from core.variables import read

DEMO = read("WAYMARK_DEMO")
DEBUG = not DEMO
RENDER_ON_REQUEST = DEBUG
PRERENDER_BROTLI_QUALITY = 5  # nearly as small, in a tenth of the time: the first start renders two thousand pages
SECRET_KEY = "django-insecure-demo-only-" + "production refuses to start with this key"
# The demonstration shows all parts.
if set(APPS) == set(PARTS):
    INSTALLED_APPS = ["demo", *INSTALLED_APPS]
elif DEMO:
    raise ImproperlyConfigured("The demonstration has all parts: leave WAYMARK_APPS unset.")

if "DATABASE_URL" in os.environ:
    DATABASES = databases.from_environment()
else:
    DATABASES = {
        "default": {
            "ENGINE": "config.embedded_postgres",
            "NAME": "postgres",
            "OPTIONS": {"data": VAR / "postgres"},
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    }

# The demonstration includes analytics; its web server is the application, which reports the pages it has sent.
ANALYTICS = DEMO or ANALYTICS

# Passwords are for the demonstration only, where they are public; a second factor would be in the way.
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_RATE_LIMITS = {**ACCOUNT_RATE_LIMITS, "login_failed": "10/m/ip,5/5m/key"}
SECOND_FACTOR_REQUIRED = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True  # http://private.localhost

# Development and demonstration scan other people's websites only on request.
SCAN_LISTED_SITES = read("WAYMARK_SCAN_SITES", False)

# Every email stays on this machine and can be read on the private site.
# To try a mail server, run one here and name it.
if read("WAYMARK_MAIL_HOST") not in {"localhost", "127.0.0.1"}:
    has_mailbox = "demo" in INSTALLED_APPS
    MAILERS["server"] = {
        "BACKEND": "demo.mailbox.MailboxBackend" if has_mailbox else "django.core.mail.backends.console.EmailBackend"
    }
