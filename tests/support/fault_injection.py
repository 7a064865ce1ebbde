"""A separate site to break, over a separate PostgreSQL, which tests stop, kill and start again.

Its database runs with the settings of `compose.yaml`.
A test that breaks something repairs it before the next one: all tests of the xdist group "faults" share
`fault_site`.
"""

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django import DjangoDbBlocker

from config.settings.base import ROOT, VAR
from tests.support.forks import forking
from tests.support.postgres import Postgres
from tests.support.server import SiteServer, collected_static, database_url, environment, free_port

CONTENT = """
from django.core.management import call_command
from django.db import transaction
from django.contrib.auth import get_user_model
from wagtail.models import Locale, Page, Site
from core.models import LanguageState
from home.models import StandardPage
from prerender import services
from tests.factories.core import HomePageFactory, StandardPageFactory

call_command("createcachetable", "cache")
with transaction.atomic():  # one render for all of it
    root = Page.objects.get(depth=1)
    Page.objects.filter(depth__gt=1).delete()
    for code in ("en", "de", "ar"):
        locale, _ = Locale.objects.get_or_create(language_code=code)
        LanguageState.objects.update_or_create(locale=locale, defaults={"state": "public"})
    english = Locale.objects.get(language_code="en")
    home = HomePageFactory(parent=root, locale=english)
    Site.objects.update_or_create(
        is_default_site=True, defaults={"hostname": "localhost", "port": PORT, "root_page": home}
    )
    for number in range(5):
        StandardPageFactory(parent=home, slug=f"page-{number}", introduction="Words. " * 50)
    for code in ("de", "ar"):
        other = home.copy_for_translation(Locale.objects.get(language_code=code))
        other.save_revision().publish()
    StandardPage.objects.get(slug="page-0").move(StandardPage.objects.get(slug="page-1"), pos="last-child")
    get_user_model().objects.create_superuser(email="editor@example.org", password="a long password")
services.render_all()
"""


def operators_settings() -> dict[str, str]:
    """Return the logging options of PostgreSQL in `compose.yaml`."""
    command = re.search(r"command: \[postgres, (.*)\]", (ROOT / "compose.yaml").read_text())
    assert command
    return dict(pair.split("=") for pair in command[1].split(", ") if pair != "-c")


@pytest.fixture(scope="session")
def fault_postgres(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Postgres]:
    with django_db_blocker.unblock():
        source = database_url()
    # Not in pytest's own folder: another run may close that to the user who runs the server.
    folder = Path(tempfile.mkdtemp(prefix="fault-postgres-", dir=VAR))
    made = Postgres(folder, source=source)
    # Only processes die here, never the machine: nothing has to wait for the disk.
    made.set({**operators_settings(), "fsync": "off"})
    yield made
    made.start()
    made.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def fault_site(fault_postgres: Postgres) -> Iterator[SiteServer]:
    folder, port = settings.SCRATCH / "fault-site", free_port()
    folder.mkdir()
    static = collected_static()
    (folder / "tmp").mkdir()
    own = environment(port=port, static=static, tasks="immediate", scratch=folder, database=fault_postgres.url)
    own |= {"DJANGO_SETTINGS_MODULE": "tests.support.fault_settings", "TMPDIR": str(folder / "tmp")}
    own |= {"WAYMARK_HEALTH_PORT": str(free_port())}
    with forking(own) as forks:
        server = SiteServer(port=port, folder=folder, environment=own, forks=forks)
        server.manage("shell", "--no-imports", "-c", CONTENT.replace("PORT", str(port)))
        server.start()
        yield server
        server.stop()
