"""The clock finds, hides and reports rows that were changed past every rule, unless there are so many that the comparison must be wrong."""

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import models
from wagtail.log_actions import registry
from wagtail.users.models import UserProfile

from core import clock
from core.mail.messages import parse_message
from core.models import OutgoingMail
from helpline.desk.worklist.todo import listing_todos
from helpline.governance import alarms, integrity, reports, services
from helpline.jobs import JOBS
from helpline.models import ContactPoint, Programme, Report
from helpline.records.two_people import NotApproved, TwoPeople, digest
from helpline.vocabulary.codes import Status
from tests.factories.helpline import (
    ProgrammeFactory,
    ProgrammeTextFactory,
    StaffFactory,
    SupportLineFactory,
    past_every_rule,
    second_person,
)
from tests.support.scenes import scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def job():
    return next(job for job in JOBS if job.name == "helpline-integrity")


@pytest.fixture
@scene
def shown():
    return ProgrammeFactory(approved=True, name="Line of trust")


def done(job):
    """Do what the clock would, and return the rows that it found."""
    found = list(job.items())
    for row in found:
        job.run(row)
    return found


def is_shown(row):
    return type(row).objects.get(pk=row.pk).live


class TestAltered:
    def test_is_nothing_that_two_people_approved(self, job, shown):
        SupportLineFactory(approved=True)
        ProgrammeTextFactory(approved=True)
        ProgrammeFactory(approved=True, contacts=[])
        ProgrammeFactory(checked=True)

        assert done(job) == []

    def test_is_a_changed_number(self, job, shown):
        past_every_rule(shown.contact_points.get(), number="+493023125999")

        assert done(job) == [shown]
        assert not is_shown(shown)

    def test_is_a_contact_point_that_is_gone(self, job, shown):
        ContactPoint.objects.filter(programme=shown)._raw_delete("default")

        assert done(job) == [shown]

    def test_is_a_contact_point_that_has_come(self, job, shown):
        other = ProgrammeFactory()
        past_every_rule(other.contact_points.get(), programme=shown)

        assert done(job) == [shown]

    def test_is_a_changed_fact(self, job, shown):
        past_every_rule(shown, website="https://other.example/", status=Status.CLOSED)

        assert integrity.differences(Programme.objects.get(pk=shown.pk)) == ["status", "website"]
        assert done(job) == [shown]

    def test_is_a_changed_line_and_a_changed_text(self, job, shown):
        line, text = SupportLineFactory(approved=True), ProgrammeTextFactory(programme=shown, approved=True)
        past_every_rule(line, number="116000")
        past_every_rule(text, summary="Other words.")

        assert set(done(job)) == {line, text}
        assert not is_shown(line)
        assert not is_shown(text)
        assert is_shown(text.programme)

    def test_is_a_text_that_is_about_another_programme_now(self, job, shown):
        text = ProgrammeTextFactory(approved=True)
        past_every_rule(text, programme=shown)

        assert done(job) == [text]

    def test_is_what_somebody_made_live(self, job):
        draft = ProgrammeFactory(checked=True)
        past_every_rule(draft, live=True)

        assert done(job) == [draft]
        assert not is_shown(draft)

    def test_is_what_is_shown_by_a_version_that_was_overwritten(self, job, shown):
        website, shown.website = shown.website, "https://other.example/"
        shown.save_revision(user=shown.live_revision.user, overwrite_revision=shown.live_revision)
        assert Programme.objects.get(pk=shown.pk).website == website

        assert done(job) == [shown]

    def test_is_what_agrees_with_a_version_that_was_overwritten(self, job, shown):
        shown.website = "https://other.example/"
        shown.save_revision(user=shown.live_revision.user, overwrite_revision=shown.live_revision)
        past_every_rule(shown, website="https://other.example/")

        assert done(job) == [shown]

    def test_is_no_bookkeeping(self, job, shown):
        past_every_rule(shown, scan_grade="C", standing=3, locked=True)

        assert done(job) == []

    def test_is_no_draft_of_something_that_is_shown(self, job, shown):
        shown.website = "https://other.example/"
        shown.save_revision(user=StaffFactory())

        assert done(job) == []

    def test_is_no_field_that_came_after_the_approval(self, job, shown):
        """A version approved earlier lacks it, which means the default."""
        revision = shown.live_revision
        del revision.content["region"]
        revision.save()
        shown.approvals.update(digest=digest(revision))

        assert done(job) == []


class TestTakingBack:
    @pytest.fixture
    def altered(self, shown):
        past_every_rule(shown, website="https://other.example/")
        return shown

    def test_says_why_in_the_history_and_to_those_who_keep_listings(self, job, altered):
        done(job)

        reason = "Hidden: what was public differs from what two people approved: website."
        assert reason in [entry.comment for entry in registry.get_logs_for_instance(altered)]
        assert [(report.listing, report.text) for report in Report.objects.open()] == [(altered, reason)]

    def test_says_which_command_shows_more(self, job, altered):
        done(job)

        assert Report.objects.get().source == "manage.py check_listings"

    def test_names_every_fact_that_differs(self, altered):
        past_every_rule(altered, status=Status.CLOSED)

        assert integrity.hide_and_report(altered) == (
            "Hidden: what was public differs from what two people approved: status, website."
        )

    def test_of_what_nobody_approved_says_so(self):
        draft = ProgrammeFactory(checked=True)
        past_every_rule(draft, live=True)

        assert integrity.hide_and_report(draft) == (
            "Hidden: it was public, but two people had not approved this version."
        )

    def test_stands_on_the_start_page_of_those_who_keep_listings(self, job, altered):
        done(job)

        lines = [(line.title, line.count, line.urgent) for line in listing_todos(StaffFactory())]
        assert ("Hidden because they differ from what two people approved", 1, True) in lines
        assert "Reports that a listing is wrong" not in [title for title, _, _ in lines]

    def test_is_told_at_once_to_those_who_may_approve_it_in_their_language(self, job, altered):
        mails = [("anna@example.org", "de"), ("ben@example.org", "en")]
        get_user_model().objects.update(is_active=False)
        for email, language in mails:
            user = StaffFactory(email=email, permissions=["publish_programme"])
            UserProfile.objects.create(user=user, preferred_language=language)
        StaffFactory(permissions=["change_programme"])

        done(job)

        sent = {mail.recipient: mail for mail in OutgoingMail.objects.filter(kind=alarms.HIDDEN.name)}
        assert sent.keys() == {email for email, _ in mails}
        english = parse_message(sent["ben@example.org"])
        assert english.subject == "Hidden: Line of trust"
        assert "changed past the desk: website." in english.body
        assert parse_message(sent["anna@example.org"]).subject == "Verborgen: Line of trust"

    def test_hides_nothing_without_telling_anybody(self, altered, monkeypatch):
        def away(**report):
            raise ConnectionError

        monkeypatch.setattr(reports, "file_report", away)

        with pytest.raises(ConnectionError):
            integrity.hide_and_report(altered)
        assert is_shown(altered)

    def test_leaves_alone_what_somebody_has_hidden_meanwhile(self, altered):
        services.hide(listing=Programme.objects.get(pk=altered.pk), by=StaffFactory(), reason="in doubt")

        assert integrity.hide_and_report(altered) is None
        assert not Report.objects.exists()

    def test_of_a_text_is_reported_with_its_programme(self, job):
        text = ProgrammeTextFactory(approved=True)
        past_every_rule(text, summary="Other words.")

        done(job)

        assert Report.objects.get().listing == text.programme

    def test_takes_the_approval_back(self, job, altered):
        revision = altered.live_revision
        done(job)

        with pytest.raises(NotApproved):
            revision.publish(user=StaffFactory())

    def test_is_undone_by_two_people(self, job, altered):
        website = altered.live_revision.content["website"]
        done(job)
        hidden = Programme.objects.get(pk=altered.pk)
        again = hidden.get_latest_revision_as_object()
        again.operator = "Looked at"

        second_person(again, again.save_revision(user=StaffFactory()), StaffFactory())

        shown = Programme.objects.get(pk=altered.pk)
        assert (shown.live, shown.website) == (True, website)
        assert done(job) == []

    def test_leaves_alone_what_was_set_right_meanwhile(self, job, altered):
        found = job.items()
        past_every_rule(altered, website=altered.live_revision.content["website"])

        for row in found:
            job.run(row)

        assert is_shown(altered)
        assert not Report.objects.exists()

    def test_is_the_clocks(self, job):
        assert job in clock.registered()


class TestTables:
    def test_are_all_those_that_take_two_people(self):
        """A kind of record that is missing here would be looked after by nobody."""
        takes_two = {model for model in apps.get_models() if issubclass(model, TwoPeople)}

        assert set(integrity.CHECKED) == takes_two


class TestMany:
    @pytest.fixture
    def many(self, monkeypatch):
        monkeypatch.setattr(integrity, "MOST", 2)
        rows = [ProgrammeFactory(approved=True) for _ in range(3)]
        for row in rows:
            past_every_rule(row, website="https://other.example/")
        return rows

    def test_are_not_hidden_by_the_clock(self, job, many):
        with pytest.raises(integrity.ManyDifferError, match=r"^3 listings"):
            done(job)

        assert all(map(is_shown, many))

    def test_are_eleven_but_not_ten(self, job):
        ten = models.QuerySet(Programme).bulk_create(Programme(name=f"{n}", live=True) for n in range(10))
        assert list(job.items()) == ten
        models.QuerySet(Programme).bulk_create([Programme(name="One more", live=True)])

        with pytest.raises(integrity.ManyDifferError):
            job.items()

    def test_are_hidden_up_to_the_limit(self, job, many):
        past_every_rule(many[0], website=many[0].live_revision.content["website"])

        assert set(done(job)) == set(many[1:])

    def test_are_not_hidden_by_the_command(self, many, capsys):
        with pytest.raises(CommandError, match="--many"):
            call_command("check_listings")

        assert all(map(is_shown, many))
        assert capsys.readouterr().out.count("website") == 3

    def test_are_hidden_by_the_command_that_is_told_so(self, many, capsys):
        with pytest.raises(CommandError, match="3 differed, and are hidden"):
            call_command("check_listings", "--many")

        assert not any(map(is_shown, many))


class TestCommand:
    def test_says_that_all_is_well(self, shown, capsys):
        call_command("check_listings")

        assert capsys.readouterr().out == "Everything public is what two people approved.\n"

    def test_hides_what_differs(self, shown, capsys):
        past_every_rule(shown, website="https://other.example/")

        with pytest.raises(CommandError, match="1 differed"):
            call_command("check_listings")

        assert f"helpline.Programme {shown.pk}, Line of trust: website" in capsys.readouterr().out
        assert not is_shown(shown)

    def test_only_looks_when_told_to(self, capsys):
        draft = ProgrammeFactory(checked=True, name="Never approved")
        past_every_rule(draft, live=True)

        with pytest.raises(CommandError, match="Nothing was hidden"):
            call_command("check_listings", "--dry-run")

        assert "Never approved: never approved" in capsys.readouterr().out
        assert is_shown(draft)
