"""A site with some of its parts, over a separate database.

    WAYMARK_APPS=… WAYMARK_VAR=… python -m tests.support.parts ADDRESS …

Creates the site, and requests each address from the public site, or from the private one if it begins with
`private:`.
Prints the statuses as JSON, with what the pages contain.
POSTERS is the address to which posters lead.
"""

from __future__ import annotations

import gc
import json
import os
import sys

import django

POSTERS = "what posters lead to"


def main(addresses: list[str]) -> None:
    gc.disable()  # migrations make thousands of classes, and looking for unreachable ones takes a fifth of the time
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    django.setup()

    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from config.embedded_postgres import server
    from helpline import directory

    settings.INTERFACE_LANGUAGES = ["en"]
    settings.PRERENDER_BROTLI_QUALITY = 1
    settings.POSTGRES_PROGRAMS = str(server.start(settings.DATABASES["default"]["OPTIONS"]["data"]).bin_path)
    call_command("check", fail_level="WARNING", stdout=sys.stderr)
    call_command("set_up", stdout=sys.stderr)
    call_command("backup", "--unencrypted", stdout=sys.stderr)
    found = {}
    for name in addresses:
        address = directory.finder_path("en") if name == POSTERS else name
        host = settings.PRIVATE_HOST if address.startswith("private:") else settings.PUBLIC_HOST
        answer = Client(headers={"host": host}).get(address.removeprefix("private:"), secure=True)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        found[name] = [answer.status_code, body.decode()]
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
