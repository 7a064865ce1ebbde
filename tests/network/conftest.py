from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from core.http import limits
from home.models import HomePage
from network import tokens
from network.models import DirectoryPage, Member
from network.roles import NETWORK_MANAGER
from tests.factories.network import DirectoryPageFactory, with_account
from tests.factories.users import UserFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.mail import opened
from tests.support.proof import solved
from tests.support.queries import queries
from users import roles
from users.models import User


def same_queries(visit: Callable[[], object], more: Callable[[], object]) -> None:
    """Assert that a visit takes the same number of queries after `more` has added objects."""
    visit()  # fills the caches
    few = queries(visit)
    more()
    assert queries(visit) == few


@pytest.fixture(autouse=True)
def _clear_rate_limits() -> Iterator[None]:
    """Clear the cache, in which the rate limits are counted."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _no_api(request: pytest.FixtureRequest) -> None:
    """Skip the API of listings, which has no members. (Files prerendered by processes are kept for other tests.)"""
    if request.node.get_closest_marker("db"):
        request.getfixturevalue("without_api")


@pytest.fixture
def _on_request(settings) -> None:
    settings.RENDER_ON_REQUEST = True


@pytest.fixture
@cached_fixture
def directory(home: HomePage, _on_request: None) -> DirectoryPage:
    """The English directory on the public site, rendered on request."""
    return DirectoryPageFactory(parent=home)


@pytest.fixture
def inside(private: Client, member: Member) -> Client:
    """A client in which the emailed link of the module's `member` was opened."""
    private.post(opened(private, f"/en/members/link/{tokens.make(member, tokens.PROFILE)}/"))
    return private


@pytest.fixture
def signed_in(private: Client, member: Member) -> Client:
    """A client in which the module's `member` has signed in."""
    if member.user is None:
        with_account(member)
    private.force_login(member.user)
    return private


@pytest.fixture
def manager(private: Client, db: None) -> User:
    """A manager of the network, signed in to the admin."""
    roles.sync()
    user = UserFactory(roles=[NETWORK_MANAGER])
    private.force_login(user)
    return user


@pytest.fixture
def team(private: Client, db: None) -> Client:
    """A client of a user with all permissions in the admin."""
    private.force_login(UserFactory(is_superuser=True))
    return private


@pytest.fixture
def request_data(monkeypatch: pytest.MonkeyPatch, db: None) -> Callable[..., dict[str, object]]:
    """Return the data of the join form, with a solved task; keyword arguments replace fields."""
    monkeypatch.setattr(limits, "TRIES", range(1, 3))

    def data(**changes: object) -> dict[str, object]:
        filled = {
            "kind": "person",
            "name": "Ana Lima",
            "email": "ana@example.org",
            "roles": ["researcher"],
            "country": "pt",
            "languages": ["pt", "en"],
            "about": "Studies how helplines are found.",
            "consent": "on",
        }
        filled |= changes
        return {f"join-{name}": value for name, value in filled.items()} | {"proof": solved(limits.proof_challenge())}

    return data
