from __future__ import annotations

import re
import time
from collections.abc import Iterator
from copy import copy
from typing import TYPE_CHECKING, Any

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.models import EmailAddress
from django.contrib.auth.backends import ModelBackend
from django.core.cache import cache
from django.template.backends.django import Template
from django.test import Client
from wagtail.admin.menu import admin_menu

from config.settings import base
from home.models import HomePage
from tests.factories.campaigns import CampaignIndexPageFactory
from tests.factories.helpline import FinderPageFactory
from tests.factories.users import UserFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.mail import delivered
from users import roles, services
from users.models import User

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper


@pytest.fixture(autouse=True)
def _no_attempts() -> Iterator[None]:
    """Reset sign-in attempts, which are counted in the cache and would outlive a test."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def real(settings: SettingsWrapper) -> SettingsWrapper:
    """Settings of a real site: no passwords, a second factor."""
    settings.ACCOUNT_RATE_LIMITS = base.ACCOUNT_RATE_LIMITS
    settings.ACCOUNT_SIGNUP_FIELDS = ["email*"]
    settings.SECOND_FACTOR_REQUIRED = True
    return settings


@pytest.fixture
@cached_fixture
def trees(home: HomePage) -> HomePage:
    """A home page with a section for each role, and a German one."""
    FinderPageFactory(parent=home)
    CampaignIndexPageFactory(parent=home)
    return home


@pytest.fixture
@cached_fixture
def all_roles(trees: HomePage) -> HomePage:
    outcome = roles.sync()
    assert outcome.missing == []
    return trees


@pytest.fixture
def same_permissions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Load permissions of each user once and not for each request, as no request changes them for the next."""
    load = ModelBackend._get_permissions
    loaded: dict[tuple[int, str], set[str]] = {}

    def remembering(self: ModelBackend, user: User, obj: object, name: str) -> set[str]:
        if obj is not None or not user.is_active or user.is_anonymous:
            return load(self, user, obj, name)
        key = user.pk, name
        if key not in loaded:
            loaded[key] = load(self, user, obj, name)
        return loaded[key]

    monkeypatch.setattr(ModelBackend, "_get_permissions", remembering)


@pytest.fixture
def same_menu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Render a user's menu on their first page only, as it is the same on every page of the admin."""
    draw = admin_menu.render_component
    drawn: set[int] = set()

    def once(request: Any) -> list[Any]:
        if request.user.pk in drawn:
            return []
        drawn.add(request.user.pk)
        return draw(request)

    monkeypatch.setattr(admin_menu, "render_component", once)


@pytest.fixture
def same_person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Load the rows of a user and their preferences once: each request gets a copy."""
    load = ModelBackend.get_user
    loaded: dict[object, User | None] = {}

    def remembering(self: ModelBackend, key: object) -> User | None:
        if key not in loaded:
            loaded[key] = person = load(self, key)
            hasattr(person, "wagtail_userprofile")  # queries and caches it
        return copy(loaded[key])

    monkeypatch.setattr(ModelBackend, "get_user", remembering)


@pytest.fixture
def same_people(settings: SettingsWrapper, same_person: None, same_permissions: None, same_menu: None) -> None:
    """Look users up once, for tests with hundreds of requests to the admin that check the status only."""
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"  # which needs no query


@pytest.fixture
def nothing_is_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Render no template: access is decided before rendering."""
    monkeypatch.setattr(Template, "render", lambda *args, **kwargs: "")


@pytest.fixture
def ada(real: SettingsWrapper) -> User:
    """A user with a verified address, on a real site."""
    user: User = UserFactory(email="ada@example.org")
    services.sync_email_address(user=user)
    EmailAddress.objects.filter(user=user).update(verified=True)
    return user


def code_from_mail() -> str:
    """Return the code in the newest mail that has one."""
    found = [re.search(r"^\s*([A-Z0-9-]{6,9})\s*$", mail.body, re.MULTILINE) for mail in delivered()]
    return [code[1] for code in found if code][-1]


def sign_in(client: Client, user: User) -> None:
    """Sign in with a code from a mail, without a second factor."""
    client.post("/account/login/code/", {"email": user.email})
    client.post("/account/login/code/confirm/", {"code": code_from_mail()})


def confirm(client: Client, user: User) -> None:
    """Mark a signed-in user as just reauthenticated, with a second factor or a code."""
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": time.time(), "reauthenticated": True}]
    session[f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"] = str(user.pk)
    session.save()
