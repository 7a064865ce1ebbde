#!/usr/bin/env python3
"""Check the health of the process in this container: exit 0 if it lives, 1 if not, with a short reason.

`probe.py readyz` checks whether it can do its work.
`probe.py healthz 280` retries for 280 seconds until it lives and, if it is a web process (`PORT`), accepts connections.

For the health checks of container engines and the units of systemd.
Standard library only, because it is started every half minute: `python -IS scripts/probe.py`.
"""

import http.client
import os
import socket
import sys
import time

WAIT = 4  # seconds


def main() -> int:
    page = sys.argv[1] if len(sys.argv) > 1 else "healthz"
    until = time.monotonic() + (float(sys.argv[2]) if len(sys.argv) > 2 else 0)
    while True:
        well, said = ask(page)
        if well or time.monotonic() >= until:
            print(said)
            return 0 if well else 1
        time.sleep(0.2)


def ask(page: str) -> tuple[bool, str]:
    """Return whether the check succeeded, and its message."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", int(os.environ.get("WAYMARK_HEALTH_PORT") or 8010), timeout=WAIT
    )
    try:
        connection.request("GET", f"/{page}")
        answer = connection.getresponse()
        said = answer.read().decode().strip()
        if port := os.environ.get("PORT"):
            socket.create_connection(("127.0.0.1", int(port)), timeout=WAIT).close()
    except OSError as problem:
        return False, f"No answer: {type(problem).__name__}"
    return answer.status == http.client.OK, said


if __name__ == "__main__":
    sys.exit(main())
