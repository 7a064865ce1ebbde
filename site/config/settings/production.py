"""Production.

Reads its configuration from the environment, and refuses to start if something is missing.
"""

from importlib.util import find_spec
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

from config import databases
from config.settings.base import *  # noqa: F403
from config.settings.base import SILENCED_SYSTEM_CHECKS, SITE, STORAGE
from core.variables import BY_NAME, read, require


def host_of(name: str) -> str:
    """Return the host of a site.

    Links, cookies, and the permission to show a page in a frame depend on its address, so the format is checked
    strictly.
    """
    given = read(name)
    try:
        parts = urlsplit(given)
        right = parts.netloc == given.removeprefix("https://").rstrip("/")
        if right and parts.hostname and "@" not in parts.netloc and (parts.port or 443) > 0:
            return parts.hostname
    except ValueError:
        pass
    raise BY_NAME[name].wrong(given)


is_public = SITE == "public"
require(public=is_public)
if read("WAYMARK_DEMO"):
    raise ImproperlyConfigured("WAYMARK_DEMO is set: the demonstration shows listings that have not been checked.")

# The public site has no session, and checks no signature: its key is of this process only.
SECRET_KEY = get_random_secret_key() if is_public else read("WAYMARK_SECRET_KEY")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5 or "insecure" in SECRET_KEY or "demo" in SECRET_KEY:
    raise ImproperlyConfigured("WAYMARK_SECRET_KEY is too short, or is the demonstration's key.")

# Previous keys: signatures made with them stay valid, and data encrypted with them can be read.
SECRET_KEY_FALLBACKS = read("WAYMARK_SECRET_KEY_FALLBACKS")

if host_of("WAYMARK_PUBLIC_URL") == host_of("WAYMARK_PRIVATE_URL"):
    raise ImproperlyConfigured(
        "WAYMARK_PUBLIC_URL and WAYMARK_PRIVATE_URL have the same host: the private site needs its own."
    )

DATABASES = databases.from_environment()

SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
# With this, browsers demand TLS of every host below ours, which may belong to others, and the list that is built into
# browsers is hard to leave: so it is off unless the operator sets it.
SECURE_HSTS_INCLUDE_SUBDOMAINS = bool(read("WAYMARK_HSTS"))
SECURE_HSTS_PRELOAD = read("WAYMARK_HSTS") == "preload"
# These two are off on purpose.
SILENCED_SYSTEM_CHECKS = [*SILENCED_SYSTEM_CHECKS, "security.W005", "security.W021"]
ALLAUTH_TRUSTED_PROXY_COUNT = read("WAYMARK_PROXY_COUNT", 1)

if STORAGE["address"] and find_spec("storages") is None:
    raise ImproperlyConfigured(
        "WAYMARK_STORAGE is set: install the project with its extra `s3` (docs/operators/storage.md)."
    )
