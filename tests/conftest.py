"""The few fixtures that everyone needs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from wagtail.models import Locale, Page, Site

from core.models import LanguageState
from tests.factories.core import HomePageFactory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from home.models import HomePage


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    translation.activate("en")
    yield
    translation.activate("en")


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    yield
    for folder in (settings.MEDIA_ROOT, settings.PRESS_ROOT):
        shutil.rmtree(Path(folder), ignore_errors=True)


@pytest.fixture
def public() -> Client:
    """A visitor at the public door."""
    return Client(headers={"host": settings.PUBLIC_HOST})


@pytest.fixture
def desk() -> Client:
    """Somebody at the desk, not signed in."""
    return Client(headers={"host": settings.DESK_HOST})


@pytest.fixture
def languages(db: None) -> dict[str, Locale]:
    """The four languages of the demonstration, all public."""
    locales = {code: Locale.objects.get_or_create(language_code=code)[0] for code in ("en", "de", "fr", "ar")}
    for locale in locales.values():
        LanguageState.objects.update_or_create(locale=locale, defaults={"state": LanguageState.State.PUBLIC})
    return locales


@pytest.fixture
def home(languages: dict[str, Locale]) -> HomePage:
    """The English home page, root of the site at the public door."""
    Page.objects.filter(depth__gt=1).delete()
    page: HomePage = HomePageFactory(parent=Page.objects.get(depth=1), locale=languages["en"])
    Site.objects.update_or_create(
        is_default_site=True, defaults={"hostname": settings.PUBLIC_HOST, "port": int(settings.PORT), "root_page": page}
    )
    return page
