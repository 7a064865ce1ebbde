"""Settings with which production refuses to start.

They are imported for each test, as a module of another name.
"""

import importlib.util
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from config.settings.base import ROOT
from core.postgresql import base
from core.variables import VARIABLES
from tests.operations.conftest import new_signing_key
from tests.support.modules import load

GOOD = {
    "WAYMARK_SECRET_KEY": "only-for-this-test-" + "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0z" * 2,
    "WAYMARK_PUBLIC_URL": "https://www.example.org",
    "WAYMARK_PRIVATE_URL": "https://private.example.org",
    "WAYMARK_MAIL_HOST": "mail.example.org",
    "DATABASE_URL": "postgres://waymark@127.0.0.1/waymark",
}


@pytest.fixture
def production(monkeypatch):
    """Return a function that reads the settings of production with these changes in the environment."""

    def read(**changes):
        monkeypatch.delenv("WAYMARK_DEMO", raising=False)
        for name, value in {**GOOD, **changes}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delitem(sys.modules, "config.settings.base")
        return load(ROOT / "site/config/settings/production.py")

    return read


@pytest.mark.django_db
class TestSite:
    """Timeouts of a web process are short, because a user waits for it."""

    @pytest.mark.parametrize("site_kind", ["public", "private"])
    @pytest.mark.parametrize("name", ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"])
    def test_has_every_wait_ended_by_the_database(self, monkeypatch, settings, site_kind, name):
        settings.SITE = site_kind
        monkeypatch.setattr(base, "LIMITS", load(ROOT / "site/core/postgresql/base.py").LIMITS)
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("SELECT setting::int FROM pg_settings WHERE name = %s", [name])
                (milliseconds,) = cursor.fetchone()
        finally:
            other.close()

        assert 0 < milliseconds <= 30_000

    @pytest.mark.parametrize("site_kind", ["public", "private"])
    def test_gives_up_a_database_that_hangs_within_two_seconds(self, settings, site_kind):
        """The timeout applies once to the response, and once to a new connection."""
        settings.SITE = site_kind

        assert load(ROOT / "site/core/postgresql/waiting.py").PATIENCE * 2 < 2


class TestAddresses:
    @pytest.mark.parametrize(
        "address", ["https://www.example.org", "https://www.example.org/", "https://www.example.org:8443"]
    )
    def test_are_a_host_with_tls(self, production, address):
        production(WAYMARK_PUBLIC_URL=address)

    @pytest.mark.parametrize("name", ["WAYMARK_PUBLIC_URL", "WAYMARK_PRIVATE_URL"])
    @pytest.mark.parametrize(
        "address",
        [
            "http://x.example.org", "x.example.org", "https://", "https:///path", "https://x.example.org/site",
            "https://x.example.org?a", "https://x.example.org/#a", "https://me:secret@x.example.org",
            "https://x.example.org:port", "ftp://x.example.org",
        ],
    )  # fmt: skip
    def test_are_refused_if_they_are_anything_else(self, production, name, address):
        with pytest.raises(ImproperlyConfigured, match=f"^{name} is .*it must be https://, a host, and nothing else"):
            production(**{name: address})

    @pytest.mark.parametrize(
        "private", ["https://www.example.org", "https://WWW.example.org/", "https://www.example.org:8443"]
    )
    def test_are_refused_if_both_have_one_host(self, production, private):
        with pytest.raises(ImproperlyConfigured, match="the same host"):
            production(WAYMARK_PRIVATE_URL=private)

    def test_are_missed(self, production):
        with pytest.raises(ImproperlyConfigured, match="WAYMARK_PRIVATE_URL is not set"):
            production(WAYMARK_PRIVATE_URL="")


class TestPublicSite:
    """Its process has no secret but the address of its database."""

    PRIVATE = ("WAYMARK_SECRET_KEY", "WAYMARK_MAIL_HOST")

    def test_starts_without_those_of_the_others_and_with_a_key_of_its_own(self, production):
        one, two = (production(WAYMARK_SITE="public", **dict.fromkeys(self.PRIVATE, "")) for _ in range(2))

        assert len(one.SECRET_KEY) >= 50
        assert one.SECRET_KEY != two.SECRET_KEY
        assert one.CACHES["default"]["BACKEND"].endswith("DummyCache")

    @pytest.mark.parametrize("name", [each.name for each in VARIABLES if each.is_private])
    def test_does_not_start_with_them(self, production, name):
        good = "MC4CAQAwBQYDK2VwBCIEI" + "A" * 43 if "SIGNING" in name else '{"CLASS": "x"}'
        with pytest.raises(ImproperlyConfigured, match=rf"^The public site must not have .*{name}"):
            production(WAYMARK_SITE="public", **{**dict.fromkeys(self.PRIVATE, ""), name: good})


class TestHsts:
    def test_binds_no_hosts_of_others_by_itself(self, production):
        settings = production()

        assert settings.SECURE_HSTS_SECONDS == 31_536_000
        assert not settings.SECURE_HSTS_INCLUDE_SUBDOMAINS
        assert not settings.SECURE_HSTS_PRELOAD

    def test_binds_more_when_asked_to(self, production):
        settings = production(WAYMARK_HSTS="preload")

        assert settings.SECURE_HSTS_INCLUDE_SUBDOMAINS
        assert settings.SECURE_HSTS_PRELOAD


class TestVariables:
    @pytest.mark.parametrize(
        ("name", "given"),
        [
            ("WAYMARK_HSTS", "yes"), ("WAYMARK_PROXY_COUNT", "two"), ("WAYMARK_MAIL_TLS", "true"),
            ("WAYMARK_PRERENDER_HOST", "North"),
            ("WAYMARK_STORAGE", "https://s3.example.org/uploads"), ("WAYMARK_LOG_FORMAT", "xml"),
            ("WAYMARK_ANALYTICS", "yes"),
            ("WAYMARK_SECURITY_CONTACT", "security@example.org"), ("WAYMARK_OPEN_DATA_LICENCE", "CC0"),
            ("WAYMARK_BACKUPS_KEPT", "90 days"),
        ],
    )  # fmt: skip
    def test_that_are_wrong_are_an_error_with_an_example(self, production, name, given):
        with pytest.raises(ImproperlyConfigured, match=f"^{name} is {given}: it must be .*, for example "):
            production(**{name: given})

    @pytest.mark.parametrize("name", [each.name for each in VARIABLES if each.is_required])
    def test_that_are_missing_are_an_error_with_an_example(self, production, name):
        with pytest.raises(ImproperlyConfigured, match=f"^{name} is not set: it must be .*, for example "):
            production(**{name: ""})

    def test_that_are_secret_are_in_no_error(self, production):
        with pytest.raises(ImproperlyConfigured, match=r"^WAYMARK_MACHINE_TRANSLATOR is wrong: "):
            production(WAYMARK_MACHINE_TRANSLATOR="{secret")

    def test_that_are_no_signing_key_are_in_no_error(self, production):
        signing_key = new_signing_key()

        assert production(WAYMARK_BACKUP_SIGNING_KEY=signing_key.private).BACKUPS["signing_key"] == signing_key.private
        with pytest.raises(ImproperlyConfigured, match=r"^WAYMARK_BACKUP_SIGNING_KEY is wrong: .*private key"):
            production(WAYMARK_BACKUP_SIGNING_KEY=signing_key.public)

    def test_of_analytics_and_backups_may_name_a_place(self, production):
        settings = production(WAYMARK_ANALYTICS="10.0.0.5:8002", WAYMARK_BACKUPS="elsewhere")

        assert (settings.ANALYTICS, settings.COLLECTOR) == (True, "10.0.0.5:8002")
        assert settings.BACKUPS["elsewhere"]


class TestStorage:
    def test_is_a_bucket_and_perhaps_a_folder_in_it(self, production):
        production(WAYMARK_STORAGE="s3://uploads/site")

    @pytest.mark.parametrize("given", ["uploads", "https://s3.example.org/uploads", "s3://"])
    def test_is_refused_if_it_is_anything_else(self, production, given):
        with pytest.raises(ImproperlyConfigured, match="it must be s3://"):
            production(WAYMARK_STORAGE=given)

    def test_needs_its_extra(self, production, monkeypatch):
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

        with pytest.raises(ImproperlyConfigured, match="extra `s3`"):
            production(WAYMARK_STORAGE="s3://uploads")
