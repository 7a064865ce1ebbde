from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.http import HttpResponse
from django.test import Client
from wagtail.models import Locale, Page
from wagtail.models import Page as AnyPage

from campaigns.models import CampaignIndexPage, NewsIndexPage
from core import scheduler
from home.models import HomePage
from tests.factories.campaigns import CampaignIndexPageFactory, NewsIndexPageFactory
from tests.support.cached_fixtures import cached_fixture
from users.models import User

NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


def soup(response: HttpResponse) -> BeautifulSoup:
    assert response.status_code == 200, response.content[:2000]
    return BeautifulSoup(response.content, "html.parser")


@pytest.fixture
def now() -> Iterator[time_machine.Traveller]:
    """Two hours before noon, with the clock frozen."""
    with time_machine.travel(NOON - timedelta(hours=2), tick=False) as traveller:
        yield traveller


@pytest.fixture
def scheduler_that_publishes(declare: Callable[..., None]) -> None:
    """Let the scheduler only publish what is due, without its many other jobs, which would make its first tick slow."""
    names = ("publish", "campaign-embargoes", "launches")
    declare(jobs=[job for job in scheduler.declared() if job.name in names])


@pytest.fixture(autouse=True)
def _on_request(settings):
    """Render pages on request: prerendering has its own tests."""
    settings.RENDER_ON_REQUEST = True


@pytest.fixture
@cached_fixture
def campaigns(home: HomePage) -> CampaignIndexPage:
    return CampaignIndexPageFactory(parent=home)


@pytest.fixture
@cached_fixture
def news(home: HomePage) -> NewsIndexPage:
    return NewsIndexPageFactory(parent=home)


@pytest.fixture
def editor(private: Client, db: None) -> Client:
    private.force_login(User.objects.create_superuser("editor@example.org"))
    return private


@pytest.fixture
def read(public: Client) -> Callable[[str], BeautifulSoup]:
    """Read a page of the public site, by default that of the campaign `path`."""
    return lambda path="/en/campaigns/path/": soup(public.get(path))


@pytest.fixture
def in_language(languages: dict[str, Locale]) -> Callable[[AnyPage, str], AnyPage]:
    """Publish a page and its ancestors in another language, as if the translation had been typed."""

    def publish(page: AnyPage, code: str) -> AnyPage:
        locale = languages[code]
        if (there := page.get_translation_or_none(locale)) is not None and there.live:
            return there
        if page.depth > 2:
            publish(page.get_parent().specific, code)
        copy = page.copy_for_translation(locale, copy_parents=False)
        copy.title = f"{page.title} ({code})"
        copy.save_revision().publish()
        return Page.objects.get(pk=copy.pk).specific

    return publish
