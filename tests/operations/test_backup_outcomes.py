"""Administrators are notified of a failed backup, and of a missing one."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail as letters
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from core import monitoring
from core.background import stopping
from core.mail import delivery
from core.models import OutgoingMail
from network.models import Erasure
from network.personal_data.services import LIST
from operations.backups import BackupError, making, repository
from operations.models import BackupOutcome
from operations.monitoring import alerts, metrics
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
AGE, FAILED = "waymark_backup_age_seconds", "waymark_backup_failed"


def value(name: str) -> float | None:
    return monitoring.read(next(metric for metric in monitoring.declared() if metric.name == name)).value


def made(*, hours: float) -> None:
    repository.note_success(timezone.now() - timedelta(hours=hours))


def look() -> list[str]:
    """Check as the scheduler does each minute, and return the text of the letters sent."""
    letters.outbox.clear()
    alerts.look()
    delivery.run()
    return [f"{letter.subject}\n{letter.body}" for letter in letters.outbox]


@pytest.fixture
def only_of_backups(declare) -> None:
    """Declare only the metrics of backups, so that no other letter is sent."""
    UserFactory(email="admin@example.org", is_superuser=True)
    declare(metrics=[metric for metric in metrics.METRICS if metric.name in {AGE, FAILED}])


class TestLetter:
    def test_comes_in_the_minute_after_a_nightly_backup_has_failed(self, only_of_backups, monkeypatch):
        made(hours=23)
        assert look() == []

        def fail(**options: object) -> None:
            raise BackupError("The disk is full. No backup was made.")

        monkeypatch.setattr(making, "make", fail)
        with pytest.raises(CommandError):
            call_command("backup", unencrypted=True)

        [letter] = look()
        assert "needs attention" in letter
        assert "Whether the last backup failed" in letter
        assert "“manage.py doctor” says what went wrong" in letter
        assert BackupOutcome.objects.get(succeeded=False).said == "The disk is full. No backup was made."
        assert look() == []

        made(hours=0)
        [letter] = look()
        assert "All clear" in letter

    def test_comes_if_backups_have_stopped(self, only_of_backups, monkeypatch):
        made(hours=49)
        assert look() == []
        made(hours=51)

        assert look() == []  # not before it has lasted
        alerts.OpenAlert.objects.update(since=timezone.now() - timedelta(minutes=5))

        [letter] = look()
        assert "Age of the newest backup: 2\xa0days" in letter
        assert OutgoingMail.objects.count() == 0


class TestFailure:
    @pytest.mark.parametrize(
        "problem", [BackupError("Full."), OperationalError("Full.\nDETAIL: where"), OSError("Full.")]
    )
    def test_is_noted_for_every_reason(self, problem):
        with pytest.raises(type(problem)), repository.noting_failure():
            raise problem

        assert repository.failure().said == "Full."
        assert value(FAILED) == 1

    def test_is_none_if_it_was_interrupted(self):
        with pytest.raises(stopping.ShutdownRequestedError), repository.noting_failure():
            raise stopping.ShutdownRequestedError

        assert repository.failure() is None
        assert value(FAILED) == 0

    def test_is_over_with_the_next_good_one_even_if_that_began_before(self):
        repository.note_failure("Another backup is being made.")
        made(hours=1)

        assert value(FAILED) == 0

    def test_of_the_database_does_not_hide_why_it_failed(self, monkeypatch):
        def unavailable(**values: object) -> None:
            raise OperationalError("away")

        monkeypatch.setattr(BackupOutcome.objects, "update_or_create", unavailable)

        with pytest.raises(BackupError, match="Full"), repository.noting_failure():
            raise BackupError("Full.")


class TestAge:
    def test_is_that_of_the_newest_good_one(self):
        made(hours=30)
        repository.note_failure("Full.")

        assert 30 * 3600 <= value(AGE) < 30 * 3600 + 60

    def test_is_that_of_the_site_if_there_is_none(self):
        began = repository.unprotected_since()

        assert began is not None
        assert value(AGE) == pytest.approx((timezone.now() - began).total_seconds(), abs=60)

    def test_does_not_matter_if_something_else_makes_them(self, settings):
        made(hours=500)
        settings.BACKUPS = {**settings.BACKUPS, "elsewhere": True}

        assert value(AGE) == 0


class TestErasures:
    """A backup contains the erasures of every machine."""

    def test_of_another_machine_are_in_it(self, settings, tmp_path):
        settings.ERASURES_FILE = tmp_path / "erasures.txt"
        listed = Erasure(member=uuid4(), kind=Erasure.Kind.MEMBER, erased_at=timezone.now())
        settings.ERASURES_FILE.write_text(f"{listed}\n")
        elsewhere = Erasure.objects.create(member=uuid4(), kind=Erasure.Kind.ACCOUNT)

        assert making.read_erasures(LIST).decode().splitlines() == [str(listed), str(elsewhere)]

    def test_that_are_unreadable_stop_it_with_a_remedy(self, settings, tmp_path):
        settings.ERASURES_FILE = tmp_path / "erasures.txt"
        settings.ERASURES_FILE.write_text("nothing of the kind\n")

        with pytest.raises(BackupError, match=r"Move it away; .* No backup was made\."):
            making.read_erasures(LIST)
