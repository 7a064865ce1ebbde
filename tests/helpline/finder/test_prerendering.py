"""Pages that are rendered again when a listing changes, and when only time passes."""

import datetime as dt

import pytest
from django.utils import timezone

from core import scheduler
from helpline.finder.publishing import HelpPages
from helpline.governance import services
from helpline.jobs import JOBS
from helpline.models import FinderPage, Programme
from helpline.records.visibility import Freshness
from prerender.models import PendingChange
from tests.factories.helpline import (
    FinderPageFactory,
    GuidePageFactory,
    ProgrammeFactory,
    ProgrammeTextFactory,
    StaffFactory,
    SupportLineFactory,
)
from tests.support.cached_fixtures import cached_fixture

pytestmark = pytest.mark.django_db


@pytest.fixture
@cached_fixture
def pages(home, languages):
    german = home.copy_for_translation(languages["de"])
    german.save_revision().publish()
    finder = FinderPageFactory(parent=home)
    GuidePageFactory(parent=finder, slug="first-steps")
    FinderPageFactory(parent=german, locale=languages["de"])
    return finder


class TestTouchedBy:
    def test_a_programme_shows_in_every_finder(self, pages):
        assert set(HelpPages().invalidated_by(ProgrammeFactory())) == {"/en/help/", "/de/help/"}

    def test_a_text_shows_in_the_finder_of_its_language(self, pages, languages):
        text = ProgrammeTextFactory(locale=languages["de"])

        assert list(HelpPages().invalidated_by(text)) == ["/de/help/"]

    def test_a_support_line_shows_on_every_help_page(self, pages):
        assert set(HelpPages().invalidated_by(SupportLineFactory())) == {
            "/en/help/",
            "/de/help/",
            "/en/help/first-steps/",
        }

    def test_a_page_of_another_kind_shows_nothing_of_ours(self, pages, home):
        assert list(HelpPages().invalidated_by(home)) == []


class TestTime:
    """A listing becomes stale although nothing is saved."""

    @pytest.fixture
    def job(self):
        return next(job for job in JOBS if job.name == "helpline-freshness")

    def test_moves_a_listing_that_is_due(self, job, time_machine):
        programme = ProgrammeFactory(approved=True)
        for listing in job.items():
            job.run(listing)
        assert not list(job.items())

        time_machine.move_to(timezone.now() + dt.timedelta(days=300))

        assert [listing.pk for listing in job.items()] == [programme.pk]

    def test_stores_its_freshness_without_making_a_revision(self, job, time_machine):
        programme = ProgrammeFactory(approved=True)
        before = programme.latest_revision_id
        time_machine.move_to(timezone.now() + dt.timedelta(days=400))

        for listing in job.items():
            job.run(listing)

        programme.refresh_from_db()
        assert (programme.standing, programme.latest_revision_id) == (Freshness.HIDDEN, before)
        assert Programme.objects.public().filter(pk=programme.pk).exists()

    def test_is_the_schedulers(self, job):
        assert job in scheduler.declared()


class TestHours:
    """The finder contains the opening times of the next days, so it is rendered again every day."""

    @pytest.fixture
    def job(self):
        return next(job for job in JOBS if job.name == "helpline-hours")

    def test_are_rendered_once_a_day(self, job, pages, time_machine):
        due = list(job.items())
        for page in due:
            job.run(page)
        assert {page.pk for page in due} == {page.pk for page in FinderPage.objects.all()}
        assert list(job.items()) == []

        time_machine.move_to(timezone.now() + dt.timedelta(days=1))

        assert len(list(job.items())) == len(due)

    def test_render_the_page_again_without_a_revision(self, job, pages):
        before = PendingChange.objects.count()

        job.run(pages)

        pages.refresh_from_db()
        assert PendingChange.objects.count() > before
        assert pages.latest_revision_id is None or not pages.has_unpublished_changes


@pytest.mark.usefixtures("lines")
class TestPublicCopies:
    """End to end with the renderer: the public gets a file."""

    def test_an_approved_change_is_in_every_language_and_a_hidden_one_in_none(
        self, public, pages, declare, django_capture_on_commit_callbacks
    ):
        declare(routes=[HelpPages()])
        with django_capture_on_commit_callbacks(execute=True):
            programme = ProgrammeFactory(name="Reached by one edit", approved=True)
        assert all("Reached by one edit" in public.get(path).text for path in ("/en/help/", "/de/help/"))

        with django_capture_on_commit_callbacks(execute=True):
            services.hide(listing=programme, by=StaffFactory(), reason="in doubt")

        assert all("Reached by one edit" not in public.get(path).text for path in ("/en/help/", "/de/help/"))
