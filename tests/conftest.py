"""The few fixtures that all tests share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models.signals import post_migrate
from django.test import Client
from django.utils import translation
from factory.django import mute_signals
from pytest_django import DjangoDbBlocker
from wagtail.models import Locale, Page, Site

from core.models import LanguageState, SiteSettings
from core.publishing import routes
from helpline.exchange.open_data.publishing import OpenApi
from helpline.records.settings import HelplineSettings
from home.models import HomePage
from home.search import LEXICONS
from network.vocabulary.services import seed_categories
from tests.factories.core import HomePageFactory
from tests.support import database
from tests.support.cached_fixtures import cached_fixture
from tests.support.declaring import declared

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

# The time of an example depends on the machine, not on the code.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")
LANGUAGES = ("en", "de", "fr", "ar")
pytest_plugins = [
    "tests.support.browser",
    "tests.support.server",
    "tests.support.demonstration",
    "tests.support.bucket",
    "tests.support.fault_injection",
    "tests.support.websites",
    "tests.support.orcid",
    "tests.support.workers",
    "tests.support.indexes",
    "tests.support.garbage",
    "tests.support.tiers",
    "tests.support.limits",
    "tests.support.report",
]


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """pytest-django's fixture, which also keeps a copy of the rows that many tests begin with."""
    with django_db_blocker.unblock():
        database.save_shared_fixture(build_home)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    """Keep Django from making content types and permissions again when it flushes the database after a committing test.

    They are still there (tests/support/postgresql), and a process that the test started may be making them at the
    same time.
    """
    with mute_signals(post_migrate):
        result = yield
    cache.clear()
    LEXICONS.clear()
    return result


@pytest.fixture(scope="session", autouse=True)
def _mail_takes_its_way(django_test_environment: None) -> None:
    """Restore the outbox: Django replaces every mailer with a mailbox, the outbox included."""
    settings.MAILERS = {**settings.MAILERS, "default": {"BACKEND": "core.mail.backend.OutboxBackend"}}


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    translation.activate("en")
    yield
    translation.activate("en")


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    yield
    for folder in (settings.MEDIA_ROOT, settings.PRERENDER_ROOT):
        shutil.rmtree(Path(folder), ignore_errors=True)


@pytest.fixture
def search_index(settings: SettingsWrapper) -> None:
    """Maintain the search index, as a real site does.

    Most tests never search, and maintaining it takes a tenth of their time.
    """
    settings.WAGTAILSEARCH_BACKENDS = {"default": {**settings.WAGTAILSEARCH_BACKENDS["default"], "AUTO_UPDATE": True}}


@pytest.fixture
def declare() -> Iterator[Callable[..., None]]:
    """Return a function that replaces declarations: with `declare(jobs=[…])`, no other jobs are declared."""
    with ExitStack() as stack:
        yield lambda **kinds: stack.enter_context(declared(**kinds))


@pytest.fixture
def without_api(declare: Callable[..., None]) -> None:
    """Render no HSDS API, which is tested separately.

    It has a third of all addresses, and most of them once a programme is listed.
    """
    declare(routes=[route for route in routes.declared() if not isinstance(route, OpenApi)])


@pytest.fixture
def nothing_is_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Render nothing after a commit: for tests of other effects.

    A site in four languages takes seconds to prerender.
    """
    monkeypatch.setattr("prerender.tasks.render_everywhere", lambda: None)


@pytest.fixture
def public() -> Client:
    """A visitor on the public site."""
    return Client(headers={"host": settings.PUBLIC_HOST})


@pytest.fixture
def private() -> Client:
    """A user of the admin who is not signed in."""
    return Client(headers={"host": settings.PRIVATE_HOST})


def build_languages() -> dict[str, Locale]:
    locales = {code: Locale.objects.get_or_create(language_code=code)[0] for code in LANGUAGES}
    for locale in locales.values():
        LanguageState.objects.update_or_create(locale=locale, defaults={"state": LanguageState.State.PUBLIC})
    seed_categories()
    return locales


def build_home() -> HomePage:
    languages = build_languages()
    Page.objects.filter(depth__gt=1).delete()
    page: HomePage = HomePageFactory(parent=Page.objects.get(depth=1), locale=languages["en"])
    site, _made = Site.objects.update_or_create(
        is_default_site=True,
        defaults={"hostname": settings.PUBLIC_HOST, "port": int(os.environ["PORT"]), "root_page": page},
    )
    # Wagtail makes these rows when they are first read.
    # If the renderer does that, everything is rendered a second time.
    for model in (SiteSettings, HelplineSettings):
        model.for_site(site)
    return page


# Cached, so that fixtures built on them find the rows of the test before, and can be cached, too.
languages_alone = cached_fixture(build_languages)


@pytest.fixture
def languages(request: pytest.FixtureRequest, db: None) -> dict[str, Locale]:
    """The four languages of the demonstration, all public."""
    if "home" not in request.fixturenames:
        return languages_alone()
    request.getfixturevalue("home")
    return {locale.language_code: locale for locale in Locale.objects.filter(language_code__in=LANGUAGES)}


@pytest.fixture
def home(db: None) -> HomePage:
    """The English home page, root of the site on the public site; four languages are public."""
    if database.restore_shared_fixture() or database.restore_rendered_fixture():
        return HomePage.objects.get()
    with transaction.atomic():  # so that all of it is rendered once
        page = build_home()
    database.save_rendered_fixture()
    return page
