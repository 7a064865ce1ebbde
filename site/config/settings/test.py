"""The test suite: the demonstration's database and apps, nothing slow, nothing left behind."""

import atexit
import os
import secrets
import shutil
import tempfile
from pathlib import Path

# The port of the site that tests start (tests/support/server.py), below the system's ephemeral ports.
# Set before it is first read, so that every address in a test is one that the server serves.
os.environ["PORT"] = str(20_000 + secrets.randbelow(10_000))

from config.settings.dev import *  # noqa: F403
from config.settings.dev import BACKUPS, CACHES, DATABASES, MAILERS, VAR, WAGTAILSEARCH_BACKENDS

DEBUG = False
DEMO = False
ANALYTICS = False
RENDER_ON_REQUEST = False
PRERENDER_PROCESSES = 1  # workers would not see a test's uncommitted rows
# Each worker of a parallel run has its own folder for prerendered files and uploads; in memory if there is room,
# because the renderer waits for the disk.
memory = Path("/dev/shm")  # noqa: S108
roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2**30
SCRATCH = Path(tempfile.mkdtemp(prefix="waymark-test-", dir=memory if roomy else None))
maker = os.getpid()  # not a process that was forked from it


@atexit.register
def remove_scratch() -> None:
    if os.getpid() == maker:
        shutil.rmtree(SCRATCH, ignore_errors=True)


MEDIA_ROOT = SCRATCH / "media"
PRERENDER_ROOT = SCRATCH / "prerender"
ERASURES_FILE = SCRATCH / "erasures.txt"
BACKUPS["folder"] = SCRATCH / "backups"
DATABASES["default"] |= {"ENGINE": "tests.support.postgresql", "CONN_MAX_AGE": 0}
if "DATABASE_URL" not in os.environ:
    DATABASES["default"]["OPTIONS"] = {"data": VAR / "test-postgres"}
WAGTAILSEARCH_BACKENDS["default"]["AUTO_UPDATE"] = False  # tests that search use `search_index`
SIGN_IN_STEP = 0
SIGN_IN_NEEDS_PROOF = False  # half a second of processor time each; only its own tests and the journeys turn it on
SCAN_LISTED_SITES = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
CACHES["default"] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "KEY_FUNCTION": CACHES["default"]["KEY_FUNCTION"],
}
TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend", "QUEUES": []}}
MAILERS["server"] = {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}
