"""The real site that tests start (tests/support/server.py): the demonstration, over the database of the tests."""

import os
from pathlib import Path

from config.settings.dev import *  # noqa: F403
from config.settings.dev import DATABASES

SCRATCH = Path(os.environ["WAYMARK_TEST_SCRATCH"])
MEDIA_ROOT = SCRATCH / "media"
PRERENDER_ROOT = SCRATCH / "prerender"
DATABASES["default"]["CONN_MAX_AGE"] = 0
SIGN_IN_STEP = 0
MFA_TOTP_TOLERANCE = 4  # codes before and after; a test need not wait for the next one
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if os.environ["WAYMARK_TEST_TASKS"] == "immediate":
    TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend", "QUEUES": []}}
if os.environ.get("WAYMARK_TEST_REAL"):
    DEMO = False
if os.environ.get(
    "WAYMARK_TEST_SMALL"
):  # error pages in one language: in all of them they take longer than all the rest
    INTERFACE_LANGUAGES, PRERENDER_BROTLI_QUALITY = ["en"], 1
