"""The scheduler finds, hides and reports rows that were changed by bypassing the rule.

If there are so many that the comparison must be wrong, it does not change them.
"""

import datetime as dt

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import models
from django.urls import reverse
from django.utils import timezone
from wagtail.log_actions import registry
from wagtail.models import Page, PageLogEntry
from wagtail.users.models import UserProfile

from core.admin import todo
from core.mail.kinds import parse_message
from core.models import OutgoingMail
from helpline.admin.review_queue.todo import listing_todos
from helpline.approval.rule import record_approval
from helpline.approval.versions import digest
from helpline.governance import integrity, mails, reports, services
from helpline.jobs import JOBS
from helpline.models import FinderPage, Programme, Report
from helpline.roles import LISTING_APPROVER
from helpline.vocabulary.codes import Status
from tests.factories.helpline import (
    FinderPageFactory,
    GuidePageFactory,
    ProgrammeFactory,
    ProgrammeTextFactory,
    StaffFactory,
    SupportLineFactory,
    past_every_rule,
    second_person,
)
from tests.factories.users import UserFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.publishing import publish_page
from users import roles

pytestmark = pytest.mark.django_db


@pytest.fixture
def job():
    return next(job for job in JOBS if job.name == "helpline-integrity")


@pytest.fixture
@cached_fixture
def shown():
    return ProgrammeFactory(approved=True, name="Line of trust")


def done(job):
    """Run the scheduled job, and return the rows that it found."""
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

    def test_is_a_text_that_is_about_another_programme_now(self, job, shown):
        text = ProgrammeTextFactory(approved=True)
        past_every_rule(text, programme=shown)

        assert done(job) == [text]

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
        """A version approved earlier lacks it, which stands for the default."""
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
        (report,) = Report.objects.open()
        assert (report.listing, report.text, report.source) == (altered, reason, "manage.py check_listings")

    def test_names_every_fact_that_differs(self, altered):
        past_every_rule(altered, status=Status.CLOSED)

        assert integrity.hide_and_report(altered) == (
            "Hidden: what was public differs from what two people approved: status, website."
        )

    def test_gives_the_reason_for_an_unapproved_listing(self):
        draft = ProgrammeFactory(checked=True)
        past_every_rule(draft, live=True)

        assert integrity.hide_and_report(draft) == (
            "Hidden: it was public, but two people had not approved this version."
        )

    def test_is_on_the_start_page_of_those_who_maintain_listings(self, job, altered):
        done(job)

        lines = [(line.title, line.count, line.urgent) for line in listing_todos(StaffFactory())]
        assert ("Hidden or reverted because they differ from what two people approved", 1, True) in lines
        assert "Error reports about listings" not in [title for title, _, _ in lines]

    def test_notifies_approvers_immediately_in_their_language(self, job, altered):
        people = [("anna@example.org", "de"), ("ben@example.org", "en")]
        get_user_model().objects.update(is_active=False)
        for email, language in people:
            user = StaffFactory(email=email, permissions=["publish_programme"])
            UserProfile.objects.create(user=user, preferred_language=language)
        StaffFactory(permissions=["change_programme"])

        done(job)

        sent = {mail.recipient: mail for mail in OutgoingMail.objects.filter(kind=mails.HIDDEN.name)}
        assert sent.keys() == {email for email, _ in people}
        english = parse_message(sent["ben@example.org"])
        assert english.subject == "Hidden: Line of trust"
        assert "changed outside the admin: website." in english.body
        assert parse_message(sent["anna@example.org"]).subject == "Verborgen: Line of trust"

    def test_hides_nothing_without_a_report(self, altered, monkeypatch):
        def away(**report):
            raise ConnectionError

        monkeypatch.setattr(reports, "file_report", away)

        with pytest.raises(ConnectionError):
            integrity.hide_and_report(altered)
        assert is_shown(altered)

    def test_leaves_alone_what_was_hidden_meanwhile(self, altered):
        services.hide(listing=Programme.objects.get(pk=altered.pk), by=StaffFactory(), reason="in doubt")

        assert integrity.hide_and_report(altered) is None
        assert not Report.objects.exists()

    def test_of_a_text_is_reported_with_its_programme(self, job):
        text = ProgrammeTextFactory(approved=True)
        past_every_rule(text, summary="Other words.")

        done(job)

        assert Report.objects.get().listing == text.programme

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


class TestWordsOfOnePerson:
    """An earlier version of the software let one person publish the note on an alert and the source of a check."""

    @pytest.fixture
    def altered(self, shown):
        for text in ("a first call", "call +49 30 23125 666"):
            shown.alert, shown.alert_note, shown.checked_source = "phone_disturbed", text, text
            revision = shown.save_revision(user=StaffFactory())
            record_approval(shown, revision, StaffFactory(), rule="one")
            revision.publish()
        shown.refresh_from_db()
        return shown

    def test_are_replaced_by_those_that_two_approved(self, job, altered):
        altered.operator = "Another"
        altered.save_revision(user=StaffFactory())

        assert done(job) == [altered]

        row = Programme.objects.get(pk=altered.pk)
        assert (row.live, row.alert) == (True, "phone_disturbed")
        assert (row.alert_note, row.checked_source) == ("", "https://service.example/contact")
        assert row.get_latest_revision_as_object().operator == "Another"
        reason = "Reverted: what was public differed from what two people approved: alert_note, checked_source."
        assert [report.text for report in Report.objects.open()] == [reason]
        assert done(job) == []

    def test_are_named_by_the_command(self, altered, capsys):
        with pytest.raises(CommandError, match="Nothing was changed"):
            call_command("check_listings", "--dry-run")

        assert "Line of trust: alert_note, checked_source" in capsys.readouterr().out

    def test_are_not_what_one_person_may_change(self, job, shown):
        """An approved version that waits for its day is not what such a change is compared with."""
        shown.operator, shown.go_live_at = "Later", timezone.now() + dt.timedelta(days=1)
        second_person(shown, shown.save_revision(user=StaffFactory()), StaffFactory())
        shown.refresh_from_db()

        services.recheck(listing=shown, by=StaffFactory(), on=timezone.localdate(), source="call")
        services.warn(listing=shown, by=StaffFactory(), reason="their page", alert="waiting_list")

        assert Programme.objects.get(pk=shown.pk).alert == "waiting_list"
        assert done(job) == []


class TestHelpPages:
    """Changes made outside the admin do not stay public for long, and the page remains available."""

    @pytest.fixture
    def guide(self, home):
        finder = FinderPageFactory(parent=home)
        guide = GuidePageFactory(parent=finder, slug="first-steps", title="First steps")
        guide.introduction, guide.body = (
            "Breathe.",
            [("heading", "Before you call"), ("text", "<p>Breathe.</p>")],
        )
        publish_page(guide, user=UserFactory())
        roles.sync()
        return self.now(guide)

    def now(self, page):
        return type(page).objects.get(pk=page.pk)

    def draft(self, guide, words):
        draft = self.now(guide)
        draft.introduction = words
        return draft.save_revision(user=UserFactory())

    def test_are_left_alone_while_they_say_what_two_people_approved(self, job, guide):
        self.draft(guide, "A draft.")
        past_every_rule(guide.get_parent().specific, rendered_for=timezone.localdate())

        assert done(job) == []

    def test_get_their_approved_words_back_and_keep_their_draft(self, job, guide):
        draft = self.draft(guide, "A draft.")
        past_every_rule(guide, introduction="Call +44 1.", body=[("text", "<p>Other words.</p>")])

        assert done(job) == [guide]

        page = self.now(guide)
        assert (page.live, page.introduction, page.body) == (True, "Breathe.", guide.body)
        assert page.latest_revision == draft
        assert page.has_unpublished_changes
        assert done(job) == []

    def test_get_their_approved_address_back(self, job, guide):
        models.QuerySet(Page).filter(pk=guide.pk).update(slug="elsewhere", url_path="/elsewhere/")

        assert done(job) == [guide]

        assert self.now(guide).url_path == guide.url_path

    def test_get_their_approved_version_back_in_place_of_another(self, job, guide):
        draft = self.draft(guide, "A draft.")
        past_every_rule(guide, introduction="A draft.")
        models.QuerySet(Page).filter(pk=guide.pk).update(live_revision=draft)

        done(job)

        page = self.now(guide)
        assert (page.introduction, page.live_revision) == ("Breathe.", guide.live_revision)

    def test_get_the_version_back_that_is_due_and_not_one_that_waits_for_its_day(self, job, guide):
        waiting = self.now(guide)
        waiting.introduction, waiting.go_live_at = "Next month.", timezone.now() + dt.timedelta(days=30)
        publish_page(waiting, user=UserFactory())
        draft = self.draft(guide, "A draft.")
        past_every_rule(guide, introduction="A draft.")
        models.QuerySet(Page).filter(pk=guide.pk).update(live_revision=draft)

        done(job)

        assert self.now(guide).introduction == "Breathe."

    def test_stay_while_only_the_version_was_overwritten(self, job, guide):
        approved = guide.live_revision
        guide.introduction = "A draft."
        guide.save_revision(user=approved.user, overwrite_revision=approved)

        assert done(job) == []
        assert self.now(guide).introduction == "Breathe."

    def test_stay_for_a_person_to_look_if_what_was_approved_is_lost(self, job, guide):
        approved = guide.live_revision
        guide.introduction = "Converted."
        guide.save_revision(user=approved.user, overwrite_revision=approved)
        past_every_rule(guide, introduction="Converted.")

        with pytest.raises(integrity.OverwrittenError, match="still public"):
            done(job)

        assert is_shown(guide)

    def test_are_unpublished_if_they_were_not_approved(self, job, guide):
        new = guide.get_parent().add_child(instance=type(guide)(title="More", slug="more", introduction="Words."))
        models.QuerySet(Page).filter(pk=new.pk).update(live=True)

        assert done(job) == [new]

        assert not is_shown(new)
        entry = PageLogEntry.objects.get(page=new.pk, action="core.unpublish")
        assert entry.comment == "It was public, but no approval by two people is in force."

    def test_are_unpublished_again_if_they_had_been_unpublished(self, job, guide):
        guide.unpublish()
        models.QuerySet(Page).filter(pk=guide.pk).update(live=True, live_revision=guide.live_revision)

        done(job)

        assert not is_shown(guide)

    def test_stay_as_the_software_made_them(self, job, home):
        finder = home.add_child(instance=FinderPage(title=FinderPage.start_page.title, slug="help", live=True))

        assert finder.live
        assert done(job) == []

    def test_are_reported_in_the_admin_in_the_history_and_by_mail(self, job, private, guide):
        approver = UserFactory(roles=[LISTING_APPROVER])
        past_every_rule(guide, introduction="Call +44 1.")

        done(job)

        reason = "Reverted: what was public differed from what two people approved: introduction."
        assert [entry.comment for entry in PageLogEntry.objects.filter(action=services.REVERTED)] == [reason]
        mail = parse_message(OutgoingMail.objects.get(kind=mails.REVERTED.name))
        assert (mail.to, mail.subject) == ([approver.email], "Reverted: First steps (English)")
        assert "The approved version is public again" in mail.body
        titles = [str(line.title) for line in todo.lines(approver)]
        assert "Help pages reverted because they differed from what two people approved" in titles
        private.force_login(approver)
        assert reason in private.get(reverse("help_pages:list")).content.decode()


class TestMany:
    @pytest.fixture
    def many(self, monkeypatch):
        monkeypatch.setattr(integrity, "MOST", 2)
        rows = [ProgrammeFactory(approved=True) for _ in range(3)]
        for row in rows:
            past_every_rule(row, website="https://other.example/")
        return rows

    def test_are_not_hidden_by_the_scheduler(self, job, many):
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

    def test_are_hidden_by_the_command_with_the_option(self, many, capsys):
        with pytest.raises(CommandError, match="3 differed, and are hidden or reverted"):
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

    def test_changes_nothing_in_a_dry_run(self, capsys):
        draft = ProgrammeFactory(checked=True, name="Never approved")
        past_every_rule(draft, live=True)

        with pytest.raises(CommandError, match="Nothing was changed"):
            call_command("check_listings", "--dry-run")

        assert "Never approved: never approved" in capsys.readouterr().out
        assert is_shown(draft)
