"""A listing that is not checked, day by day: on the finder, in files and in the admin."""

import datetime as dt

import pytest
from django.utils import timezone

from helpline.admin.review_queue import ranking, todo
from helpline.admin.review_queue.todo import listing_todos
from helpline.finder.content import crisis
from helpline.finder.content.listing import rows
from helpline.finder.content.listing.reading import FinderReading
from helpline.finder.publishing import HelpPages
from helpline.governance import services
from helpline.jobs import JOBS
from helpline.models import Programme, SupportLine
from helpline.records.visibility import Freshness
from helpline.vocabulary.codes import LineKind
from tests.factories.helpline import (
    FinderPageFactory,
    GuidePageFactory,
    ProgrammeFactory,
    StaffFactory,
    SupportLineFactory,
)
from tests.support.mail import delivered
from tests.support.publishing import store_setting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_api")]

JOB = next(job for job in JOBS if job.name == "helpline-freshness")
NUMBER = "030 23125000"


@pytest.fixture
def after(time_machine):
    """Move to so many days after the test began, and run the scheduled jobs."""
    # Local time, so that days are calendar days: otherwise, 23:30 in winter becomes 00:30 of the next day in summer.
    begin = timezone.localtime()

    def move(days):
        time_machine.move_to(begin + dt.timedelta(days=days))
        for listing in JOB.items():
            JOB.run(listing)

    return move


def reasons(model):
    return {name for item in ranking.items([model], timezone.localdate()) for name in item.risk.names}


def titles(user):
    return [str(line.title) for line in listing_todos(user)]


class TestProgramme:
    def test_warns_staff_then_sinks_then_hides_its_number(self, after):
        user = StaffFactory()
        old = ProgrammeFactory(name="Old", approved=True)
        seen = {}

        for day in (0, 152, 182, 212, 272):
            after(day)
            reading = FinderReading(today=timezone.localdate())
            new = ProgrammeFactory(name="Z new", approved=True)
            shown = [row.programme.name for row in rows.listing_rows(Programme.objects.all(), reading)]
            row = rows.row(Programme.objects.get(pk=old.pk), reading)
            seen[day] = {
                "first": shown[0] if day else "Old",
                "number": row.contacts.ways[0].number,
                "reasons": reasons(Programme) - {"longer", "alone"},
                "waits": titles(user),
            }
            new.delete()

        assert seen == {
            0: {"first": "Old", "number": NUMBER, "reasons": set(), "waits": []},
            152: {"first": "Z new", "number": NUMBER, "reasons": {"soon"}, "waits": []},
            182: {
                "first": "Z new",
                "number": NUMBER,
                "reasons": {"late"},
                "waits": ["To check again: programmes"],
            },
            212: {
                "first": "Z new",
                "number": NUMBER,
                "reasons": {"late"},
                "waits": ["To check again: programmes"],
            },
            272: {
                "first": "Z new",
                "number": "",
                "reasons": {"hidden"},
                "waits": ["Numbers hidden because they have not been checked: programmes"],
            },
        }

    def test_shows_its_number_again_when_one_person_has_checked_it(self, after):
        programme = ProgrammeFactory(approved=True)
        after(300)

        services.recheck(
            listing=programme, by=StaffFactory(), on=timezone.localdate(), source="https://service.example/"
        )
        after(300)

        row = Programme.objects.get(pk=programme.pk)
        assert row.standing == Freshness.FRESH
        assert rows.row(row, FinderReading(today=timezone.localdate())).contacts.ways[0].number == NUMBER
        assert reasons(Programme) == set()


class TestSupportLine:
    def shown(self):
        found = crisis.by_country(SupportLine.objects.all(), crisis.URGENT, timezone.localdate())
        return [line.number for country in found for line in country.lines]

    def test_hides_its_number(self, after):
        SupportLineFactory(number="116123", approved=True)

        after(271)
        assert self.shown() == ["116 123"]
        after(272)

        assert self.shown() == []
        assert "hidden" in reasons(SupportLine)

    def test_never_hides_an_emergency_number_and_goes_on_asking(self, after):
        user = StaffFactory()
        SupportLineFactory(kind=LineKind.EMERGENCY, number="112", approved=True)

        after(3000)

        assert self.shown() == ["112"]
        assert "late" in reasons(SupportLine)
        assert titles(user) == ["To check again: support lines"]


@pytest.mark.usefixtures("corrections")
class TestDigestEmail:
    def test_lists_urgent_listings_for_their_maintainers(self, after, settings):
        ProgrammeFactory.create_batch(2, approved=True)
        SupportLineFactory(kind=LineKind.EMERGENCY, number="112", approved=True)
        after(272)

        todo.send()

        [message] = delivered()
        assert message.to == ["corrections@example.org"]
        assert "The check is overdue, and people can still call or write. (1)" in message.body
        assert "because they have not been checked. (2)" in message.body
        assert f"{settings.PRIVATE_URL}/admin/to-check/" in message.body

    def test_sends_nothing_while_nothing_is(self, after):
        ProgrammeFactory(approved=True)
        ProgrammeFactory()
        after(160)

        todo.send()

        assert delivered() == []

    def test_is_not_sent_without_an_address(self, after):
        store_setting("helpline.HelplineSettings.corrections_email", "")
        ProgrammeFactory(approved=True)
        after(200)

        todo.send()

        assert delivered() == []


class TestRender:
    """End to end with the renderer: the files change although nothing has been saved."""

    @pytest.fixture
    def finder(self, home):
        finder = FinderPageFactory(parent=home)
        GuidePageFactory(parent=finder, slug="first-steps")
        return finder

    def test_is_made_again_when_a_number_is_hidden(
        self, public, finder, after, declare, django_capture_on_commit_callbacks
    ):
        declare(routes=[HelpPages()])
        paths = ("/en/help/", "/en/help/first-steps/")
        with django_capture_on_commit_callbacks(execute=True):
            SupportLineFactory(kind=LineKind.EMERGENCY, number="112", approved=True)
            SupportLineFactory(number="+493023125111", approved=True)
            ProgrammeFactory(approved=True)
        before = [public.get(path).text for path in paths]

        with django_capture_on_commit_callbacks(execute=True):
            after(272)

        now = [public.get(path).text for path in paths]
        assert "tel:+493023125000" in before[0]
        assert all("tel:+493023125111" in page for page in before)
        assert not any("tel:+4930" in page for page in now)
        assert all("tel:112" in page for page in now)
