"""Rate limits apply to a household, in any notation of its address, and refuse if uses cannot be counted."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import RequestFactory

from core.http.limits import (
    Limit,
    RateLimitExceededError,
    RateLimitUnavailableError,
    client_address,
    consume,
    first_use,
)

TWICE = Limit(name="test", times=2, seconds=3600)


@pytest.fixture(autouse=True)
def _nothing_counted(time_machine):
    time_machine.move_to("2026-06-01T12:00:00Z", tick=False)
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def _spent() -> None:
    consume(TWICE, "ana")
    consume(TWICE, "ana")


@pytest.mark.usefixtures("_spent")
class TestSpending:
    def test_is_possible_so_many_times(self):
        with pytest.raises(RateLimitExceededError):
            consume(TWICE, "ana")

    def test_is_counted_for_each_key_and_each_limit(self):
        consume(TWICE, "rui")
        consume(Limit(name="other", times=2, seconds=3600), "ana")

    def test_starts_over_after_the_period(self, time_machine):
        time_machine.shift(timedelta(seconds=3599))
        with pytest.raises(RateLimitExceededError):
            consume(TWICE, "ana")

        time_machine.shift(timedelta(seconds=1))
        consume(TWICE, "ana")

    def test_returns_the_time_to_wait(self, time_machine):
        time_machine.shift(timedelta(seconds=600))

        with pytest.raises(RateLimitExceededError) as refused:
            consume(TWICE, "ana")
        assert (refused.value.status, refused.value.retry_after) == (429, 3000)
        assert str(refused.value.sentence).startswith("There were too many requests")

    def test_is_refused_where_nothing_can_be_counted(self, monkeypatch):
        def fail(*args: object) -> bool:
            raise ConnectionError

        monkeypatch.setattr("core.http.limits.cache.add", fail, raising=False)

        with pytest.raises(RateLimitUnavailableError) as refused:
            consume(TWICE, "ana")
        assert refused.value.status == 503
        assert str(refused.value.sentence).startswith("We cannot take requests")


class TestFirstUse:
    def test_is_the_first_once(self):
        assert first_use("proof:1", 60)
        assert not first_use("proof:1", 60)
        assert first_use("proof:2", 60)


class TestCache:
    def test_keeps_no_key_as_it_is(self):
        """Libraries count by IP address, too."""
        cache.set("allauth:rl:login:ip:203.0.113.77", [1.0])

        assert len(cache._cache) == 1
        assert not [key for key in cache._cache if "203.0.113" in key or "allauth" in key]
        assert cache.get("allauth:rl:login:ip:203.0.113.77") == [1.0]
        assert cache.get("allauth:rl:login:ip:203.0.113.78") is None


def household(address: str) -> str:
    return client_address(RequestFactory().get("/", REMOTE_ADDR=address))


class TestClient:
    def test_is_an_address_of_version_4(self):
        assert household("192.0.2.1") != household("192.0.2.2")

    @pytest.mark.parametrize("other", ["2001:db8:0:1::2", "2001:db8:0:1:ffff:ffff:ffff:ffff", "2001:0DB8:0000:0001::3"])
    def test_is_the_network_of_an_address_of_version_6(self, other):
        """A household has 2^64 addresses: counted individually, they would evade any limit."""
        assert household("2001:db8:0:1::1") == household(other)

    @pytest.mark.parametrize("other", ["2001:db8:0:0::1", "2001:db8:0:2::1", "2001:db9:0:1::1"])
    def test_is_another_one_in_the_next_network(self, other):
        assert household("2001:db8:0:1::1") != household(other)

    def test_is_the_same_however_the_server_writes_it(self):
        assert household("::ffff:192.0.2.1") == household("192.0.2.1")
        assert household("::ffff:192.0.2.1") != household("::ffff:192.0.2.2")
