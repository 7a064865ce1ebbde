"""Letters to administrators about queues that wait too long: at the start, daily, and at the end."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail as letters
from django.db import OperationalError
from wagtail.users.models import UserProfile

from core import scheduler
from core.mail import delivery
from core.models import OutgoingMail
from core.monitoring import AlertLimit, Metric
from operations.models import OpenAlert
from operations.monitoring import alerts
from tests.factories.operations import OpenAlertFactory
from tests.factories.users import UserFactory

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


class Parcel:
    """A waiting item, with an age from a test."""

    age: float = 0.0

    def read(self) -> float:
        return self.age


@pytest.fixture
def parcel(db, declare) -> Parcel:
    made = Parcel()
    metric = Metric(
        name="waymark_parcels_oldest_seconds",
        title="Age of the oldest parcel",
        value=made.read,
        limit=AlertLimit(above=600, lasting=5 * MINUTE, advice="Look into the yard."),
    )
    room = Metric(
        name="waymark_room_free_ratio",
        title="Room in the yard",
        value=lambda: 0.05 if made.age > 10_000 else 0.5,
        needs_database=False,
        limit=AlertLimit(below=0.1, lasting=timedelta(0), advice="Make room."),
    )
    declare(metrics=[metric, room])
    return made


@pytest.fixture
def administrator(db):
    return UserFactory(email="admin@example.org", is_superuser=True)


def look(at: datetime) -> list[str]:
    """Check at a time, and return the subjects of the letters that were queued."""
    with time_machine.travel(at, tick=False):
        before = set(OutgoingMail.objects.values_list("pk", flat=True))
        alerts.look()
        return [alerts.write(mail).subject for mail in OutgoingMail.objects.exclude(pk__in=before)]


class TestLetters:
    def test_come_once_then_daily_and_once_when_it_is_over(self, parcel, administrator):
        said = []
        for minutes, age in (
            (0, 700), (3, 900), (5, 1000), (6, 1100), (600, 5000), (1445, 5000), (1446, 5000), (1500, 0), (1501, 0),
            (1502, 700),
        ):  # fmt: skip
            parcel.age = age
            said += [(minutes, subject) for subject in look(NOON + minutes * MINUTE)]

        assert said == [
            (5, "Something at Waymark needs attention"),
            (1445, "Something at Waymark still needs attention"),
            (1500, "All clear at Waymark"),
        ]

    def test_do_not_come_for_what_was_over_before_it_lasted(self, parcel, administrator):
        for minutes, age in ((0, 700), (4, 0), (5, 700), (9, 700)):
            parcel.age = age
            assert look(NOON + minutes * MINUTE) == []

    def test_name_the_queue_its_age_and_the_remedy(self, parcel, administrator):
        parcel.age = 20_000
        look(NOON)
        look(NOON + 5 * MINUTE)

        body = alerts.write(OutgoingMail.objects.latest("pk")).body

        assert "Age of the oldest parcel: 5\xa0hours" in body
        assert "Look into the yard." in body
        assert "Room in the yard: 5 %" in body
        assert "1 Jun 2026" in body or "01/06/2026" in body
        assert "http://private.localhost" in body

    def test_go_to_each_administrator_in_their_language(self, parcel, administrator):
        German = UserFactory(email="verwaltung@example.org", is_superuser=True)  # noqa: N806
        UserProfile.objects.update_or_create(user=German, defaults={"preferred_language": "de"})
        UserFactory(email="gone@example.org", is_superuser=True, is_active=False)
        UserFactory(email="editor@example.org")
        parcel.age = 20_000

        look(NOON)
        delivery.run()

        sent = {message.to[0]: message.subject for message in letters.outbox}
        assert sent.keys() == {"admin@example.org", "verwaltung@example.org"}
        assert sent["verwaltung@example.org"] == "Bei Waymark ist etwas zu tun"

    def test_go_to_the_address_in_the_settings(self, parcel, administrator, settings):
        settings.ALERT_MAIL = ["ops@example.org"]
        parcel.age = 20_000

        look(NOON)

        assert [mail.recipient for mail in OutgoingMail.objects.all()] == ["ops@example.org"]

    def test_leave_out_removed_metrics(self, parcel, administrator, declare):
        parcel.age = 20_000
        look(NOON)
        OpenAlertFactory(metric="waymark_gone")
        declare(metrics=[])

        assert look(NOON + DAY) == []
        assert not OpenAlert.objects.exists()
        assert "parcel" not in alerts.write(OutgoingMail.objects.latest("pk")).body


class TestLooking:
    def test_leaves_what_cannot_be_read_as_it_was(self, parcel, administrator, monkeypatch):
        parcel.age = 700
        look(NOON)

        monkeypatch.setattr(parcel, "age", "no number")
        look(NOON + MINUTE)

        assert [alert.since for alert in OpenAlert.objects.all()] == [NOON]

    def test_is_a_scheduled_job(self):
        assert alerts.look in [job.run for job in scheduler.declared()]

    def test_is_done_by_the_worker_if_there_is_no_scheduler(self, parcel, administrator, monkeypatch):
        parcel.age = 20_000
        monkeypatch.setattr(alerts, "scheduler_lateness", lambda: 60.0)
        alerts.check_scheduler()
        assert not OpenAlert.objects.exists()

        monkeypatch.setattr(alerts, "scheduler_lateness", lambda: 700.0)
        alerts.check_scheduler()

        assert OpenAlert.objects.count() == 2

    def test_of_the_worker_goes_on_after_the_database_was_unavailable(self, monkeypatch):
        looked = []

        def look_and_fail() -> None:
            looked.append(True)
            if len(looked) == 2:
                raise SystemExit  # ends the loop, as the end of the process does
            raise OperationalError

        monkeypatch.setattr(alerts, "POLL_SECONDS", 0.001)
        monkeypatch.setattr(alerts, "check_scheduler", look_and_fail)
        monkeypatch.setattr(alerts.connections, "close_all", lambda: None)

        with pytest.raises(SystemExit):
            alerts._poll_loop()

        assert len(looked) == 2


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("waymark_a_seconds", 7300.0, "2\xa0hours"),
        ("waymark_a_ratio", 0.07, "7 %"),
        ("waymark_a_waiting", 1234.0, "1,234"),
    ],
)
def test_values_have_their_unit(name: str, value: float, words: str):
    assert alerts.in_words(name, value) == words
