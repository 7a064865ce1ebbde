from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.core.cache import cache

from tests.factories.campaigns import CampaignIndexPageFactory
from tests.factories.helpline import FinderPageFactory
from tests.support.mail import delivered
from tests.support.scenes import scene
from users import roles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

    from home.models import HomePage
    from users.models import User


@pytest.fixture(autouse=True)
def _no_attempts() -> Iterator[None]:
    """Attempts to sign in are counted in the cache, which outlives a test."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def real(settings: SettingsWrapper) -> SettingsWrapper:
    """What a real site asks of people: no password, a second factor."""
    settings.ACCOUNT_SIGNUP_FIELDS = ["email*"]
    settings.SECOND_FACTOR_REQUIRED = True
    return settings


@pytest.fixture
@scene
def trees(home: HomePage) -> HomePage:
    """A home page with a part for each role, and a German one."""
    FinderPageFactory(parent=home)
    CampaignIndexPageFactory(parent=home)
    return home


@pytest.fixture
@scene
def all_roles(trees: HomePage) -> HomePage:
    outcome = roles.sync()
    assert outcome.missing == []
    return trees


def code_from_mail() -> str:
    """The code in the newest mail."""
    newest = delivered()[-1].body
    found = re.search(r"^\s*([A-Z0-9-]{6,9})\s*$", newest, re.MULTILINE)
    assert found, newest
    return found[1]


def sign_in(client: Client, user: User) -> None:
    """Sign in with a code from a mail, as far as that leads."""
    client.post("/account/login/code/", {"email": user.email})
    client.post("/account/login/code/confirm/", {"code": code_from_mail()})


def confirm(client: Client, user: User) -> None:
    """Let somebody who is signed in have just confirmed that it is them, with a second factor or a code."""
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "mfa", "at": time.time(), "reauthenticated": True}
    ]
    session[f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"] = str(user.pk)
    session.save()
