"""A site that tests start to watch it fail: like any other, but with addresses that crash.

`WAYMARK_TEST_LEAK` names leaks to reintroduce, for the tests that must detect them: `log`, logs without their
filter; `mail`, Django's own mails about errors, written to files.
"""

import os

from tests.support.served_settings import *  # noqa: F403
from tests.support.served_settings import LOGGING, MIDDLEWARE, SCRATCH

MIDDLEWARE = [*MIDDLEWARE, "tests.support.faults.CrashMiddleware"]
LEAKS = os.environ.get("WAYMARK_TEST_LEAK", "").split()

if "log" in LEAKS:
    handlers = {name: {**handler, "filters": []} for name, handler in LOGGING["handlers"].items()}
    LOGGING = {**LOGGING, "handlers": handlers}
if "mail" in LEAKS:
    ADMINS = ["operator@example.org"]
    MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": SCRATCH / "mail"},
        }
    }
    mail = {"class": "django.utils.log.AdminEmailHandler", "level": "ERROR"}
    LOGGING = {
        **LOGGING,
        "handlers": {**LOGGING["handlers"], "mail": mail},
        "root": {**LOGGING["root"], "handlers": [*LOGGING["root"]["handlers"], "mail"]},
    }
