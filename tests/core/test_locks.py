"""Named locks: only one process holds one at a time, and a process that has ended holds none."""

import pytest
from django.db import connection, transaction

from core import scheduler
from core.background import locks
from core.background.locks import advisory_lock, wait_for_lock
from helpline.exchange.imports import drafts
from helpline.models import ListedSite, Programme
from helpline.scan import services as scan
from prerender import services as prerender
from tests.support.second import held_elsewhere, second_connection, waits_for_a_lock


def is_free(name: str) -> bool:
    """Return whether another process could take the lock."""
    with second_connection() as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [locks.key(name)])
        free = bool(cursor.fetchone()[0])
        cursor.execute("SELECT pg_advisory_unlock_all()")
        return free


@pytest.mark.django_db
class TestAdvisoryLock:
    def test_is_held_for_the_block(self):
        with advisory_lock("a") as held:
            assert held
            assert not is_free("a")

        assert is_free("a")

    def test_is_not_had_while_another_process_holds_it(self):
        with held_elsewhere("a"):
            with advisory_lock("a") as held, advisory_lock("b") as other:
                assert (held, other) == (False, True)

            assert not is_free("a")

    def test_is_had_once_only_by_the_same_process(self):
        with advisory_lock("a"):
            with advisory_lock("a") as again:
                assert not again

            assert not is_free("a")

    def test_is_given_back_after_an_error(self):
        with pytest.raises(ZeroDivisionError), advisory_lock("a"):
            _ = 1 / 0

        assert is_free("a")

    def test_has_a_number_that_is_the_same_in_every_process(self):
        assert locks.key("prerender") == -6989630913907492212


@pytest.mark.django_db(transaction=True)
class TestLostConnection:
    def test_has_given_the_lock_back(self):
        with advisory_lock("a"):
            connection.close()

        assert is_free("a")


@pytest.mark.django_db(transaction=True)
class TestWaiting:
    def test_waits_for_another_process(self):
        with held_elsewhere("a"), transaction.atomic():
            assert waits_for_a_lock(lambda: wait_for_lock("a"))
            transaction.set_rollback(True)

    def test_is_held_until_the_transaction_ends(self):
        with transaction.atomic():
            wait_for_lock("a")
            assert not is_free("a")

        assert is_free("a")

    def test_needs_a_transaction(self):
        with pytest.raises(transaction.TransactionManagementError):
            wait_for_lock("a")


@pytest.mark.django_db
class TestOneProcessAtATime:
    """No part of the site that must run alone starts while another process holds its lock."""

    def test_runs_the_scheduler(self):
        with held_elsewhere("scheduler"):
            assert scheduler.tick() is None

    def test_renders(self):
        with (
            held_elsewhere("prerender"),
            pytest.raises(prerender.AlreadyRunningError),
            prerender.exclusive_rendering(),
        ):
            pass

    def test_looks_at_a_website(self):
        with held_elsewhere("privacy-scan"), pytest.raises(scan.ScanRunningError):
            scan.scan(ListedSite(url="https://service.example/"))

    def test_imports_listings(self):
        with held_elsewhere("import-listings"), transaction.atomic():
            assert waits_for_a_lock(lambda: drafts.import_listings(Programme, []))
            transaction.set_rollback(True)
