"""The site that tests start to see it fail: as any other, with an address that crashes."""

import os

from tests.support.served_settings import *  # noqa: F403
from tests.support.served_settings import LOGGING, MIDDLEWARE

MIDDLEWARE = [*MIDDLEWARE, "tests.support.faults.CrashMiddleware"]

if os.environ.get("WAYMARK_TEST_LEAK") == "log":
    # A mutant: what the logs would say without their filter.
    LOGGING = {
        **LOGGING,
        "handlers": {name: {**handler, "filters": []} for name, handler in LOGGING["handlers"].items()},
    }
