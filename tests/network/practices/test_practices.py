"""The registry of practices: publication, public pages, and data visible in the admin only."""

from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from core.languages.wordings import WordingState
from core.publishing.approval import SecondPersonRequiredError
from network import row_locks
from network.mail import Letter
from network.members import services as members
from network.models import Member, Practice, PracticeMember
from network.practices import services as practices
from network.practices.registry import registry
from network.practices.texts import PRACTICE_TEXTS
from network.routes import PracticeRoute
from tests.factories.helpline import ProgrammeFactory
from tests.factories.network import (
    EvidenceReviewFactory,
    MemberFactory,
    PracticeFactory,
)
from tests.factories.users import UserFactory
from tests.network.conftest import same_queries
from tests.support.scheduler import job, run

pytestmark = pytest.mark.django_db

LIST = "/en/network/practices/"


def html(client, practice, language="en"):
    answer = client.get(f"/{language}/network/practices/{practice.uuid}/")
    assert answer.status_code == 200
    return " ".join(answer.text.split())


@pytest.fixture
def two():
    """An author and a second user who publishes."""
    return UserFactory(), UserFactory()


class TestPublishing:
    @pytest.fixture
    def draft(self, two):
        practice = PracticeFactory(live=False)
        practice.save_revision(user=two[0])
        practice.refresh_from_db()
        return practice

    def test_needs_a_user_who_is_no_author_of_it(self, draft, two):
        writer, reader = two
        seen = draft.latest_revision_id
        with pytest.raises(SecondPersonRequiredError):
            practices.publish_practice(practice=draft, seen=seen, by=writer)
        assert not Practice.objects.get().live

        practices.publish_practice(practice=draft, seen=seen, by=reader)

        assert Practice.objects.get().live
        assert Practice.objects.get().confirmed_on == timezone.localdate()

    def test_asks_about_every_version_since_the_last_public_one(self, draft, two):
        writer, reader = two
        draft.save_revision(user=reader)
        draft.refresh_from_db()

        for each in (writer, reader, None):
            with pytest.raises(SecondPersonRequiredError):
                draft.publish(draft.latest_revision, user=each)

    def test_is_of_the_version_that_was_read(self, draft, two):
        seen = draft.latest_revision_id
        draft.save_revision(user=two[0])

        with pytest.raises(row_locks.InvalidStateError):
            practices.publish_practice(practice=draft, seen=seen, by=two[1])

    def test_leaves_alone_what_is_no_part_of_a_version(self, draft, two):
        Practice.objects.update(archived_at=timezone.now())

        practices.publish_practice(practice=draft, seen=draft.latest_revision_id, by=two[1])
        first = Practice.objects.get()
        Practice.objects.update(confirmed_on=date(2026, 1, 2))
        version = first.latest_revision.as_object()

        assert first.archived_at is None
        assert version.confirmed_on == date(2026, 1, 2)

    def test_of_a_translation_waits_as_well(self, languages, two):
        practice = PracticeFactory()
        source = practice.texts.get()
        german = {
            "title": "Zuhören",
            "summary": "Jemand hört zu.",
            "audience": "",
            "hard": "",
            "paid": "",
            "again": "",
        }

        PRACTICE_TEXTS.save(source=source, locale=languages["de"], words=german, by=two[0], submit=True)
        assert PRACTICE_TEXTS.row(source, languages["de"]).state == WordingState.MISSING
        practice.refresh_from_db()
        practices.publish_practice(practice=practice, seen=practice.latest_revision_id, by=two[1])

        assert practice.texts.get(language="de").title == "Zuhören"
        assert PRACTICE_TEXTS.row(source, languages["de"]).state == WordingState.DONE


class TestReading:
    def test_is_plain_first_and_then_for_professionals(self, public, directory):
        practice = PracticeFactory(sessions=8, minutes=50, cost=11000, cost_year=2025, posts="1.5", would_again="yes")
        practice.texts.update(hard="EvidenceFinding staff.", audience="Adults who worry.")
        EvidenceReviewFactory(
            practice=practice, decided=True, effect="d = 0.35", references="A study", is_by_third=True, conflicts=1
        )
        EvidenceReviewFactory(practice=practice, decided=True, outcome="wellbeing", rating="harm")

        found = html(public, practice)

        plain, professional = found.split('id="professionals"')
        assert plain.index("Fewer children are abused") < plain.index("Promising") < plain.index("It probably works")
        scales = [scale.find_all("i") for scale in BeautifulSoup(plain, "html.parser").select(".evidence-scale")]
        assert [[bool(step.get("class")) for step in scale].index(True) for scale in scales] == [4, 0]
        assert plain.index("2 studies, weighed in") < plain.index("d = 0.35") < plain.index("Who is it for?")
        assert "It probably works: at least one good study says so." in plain
        assert "It does harm: good studies found that it made things worse." in plain
        assert "A study" in professional
        assert "Two reviewers disagreed, and a third decided." in professional
        assert "1 person declared a conflict of interest and did not decide." in professional
        for said in (
            "8 sessions",
            "50 minutes each",
            "About €11,000",
            "(2025)",
            "1.5",
            "EvidenceFinding staff.",
        ):
            assert said in professional
        assert '"@type": "Service"' in found

    def test_reports_missing_evidence(self, public, directory):
        assert "it means that we do not know" in html(public, PracticeFactory())

    def test_is_in_the_nearest_language(self, public, directory):
        practice = PracticeFactory(spoken=["de"])

        assert f'<bdi lang="de">{practice.name} (de)</bdi>' in html(public, practice)
        (card,) = registry("de").cards
        assert card.text.language == "de"

    def test_of_an_archived_record_goes_on(self, public, directory):
        practice = PracticeFactory(archived_at=timezone.now())

        assert "It stays readable" in html(public, practice)
        assert f"{practice.uuid}/" in public.get(LIST).text

    @pytest.mark.parametrize("missing", ["draft", "words", "row"])
    def test_of_what_is_not_there_is_refused(self, public, directory, missing):
        practice = PracticeFactory(live=missing != "draft")
        if missing == "words":
            practice.texts.all().delete()
        uuid = practice.uuid if missing != "row" else "00000000-0000-7000-8000-000000000000"

        assert public.get(f"{LIST}{uuid}/").status_code == 404
        assert str(uuid) not in public.get(LIST).text

    def test_counts_only_what_was_weighed_within_three_years(self, public, directory):
        practice = PracticeFactory()
        EvidenceReviewFactory(
            practice=practice,
            decided=True,
            rating="effective",
            effect="OR = 0.62",
            decided_on=date(2022, 3, 1),
            expires_on=date(2025, 3, 1),
        )

        found = html(public, practice)

        assert "The evidence was last weighed in 2022; it is no longer counted." in found
        assert "It works: several good studies agree." not in found
        assert "OR = 0.62" not in found
        assert '"review": []' in found
        assert 'data-e="expired"' in public.get(LIST).text

    def test_shows_the_newest_label_of_each_outcome(self, directory):
        practice = PracticeFactory()
        for rating in ("effective", "no_effect"):
            EvidenceReviewFactory(practice=practice, decided=True, rating=rating)

        (card,) = registry("en").cards

        assert [finding.rating for finding in card.findings] == ["no_effect"]


class TestLinks:
    def test_to_a_programme_last_as_long_as_it_is_public(self, public, directory):
        shown, draft = (
            ProgrammeFactory(approved=True, name="Shown line"),
            ProgrammeFactory(name="Hidden line"),
        )
        practice = PracticeFactory(listings=[shown.uuid, draft.uuid])

        found = html(public, practice)

        assert f'<a href="/en/help/listing/{shown.uuid}/"><bdi>Shown line</bdi></a>' in found
        assert "Hidden line" not in found
        assert f"{LIST}{practice.uuid}/" in set(PracticeRoute().invalidated_by(shown))
        assert list(PracticeRoute().invalidated_by(ProgrammeFactory())) == []

    @pytest.mark.parametrize("change", [members.pause, members.leave, members.update_profile])
    def test_to_a_member_last_as_long_as_they_show_their_name(self, public, directory, change):
        member = MemberFactory(listed=True, name="Canaryname")
        practice = PracticeFactory()
        PracticeMember.objects.create(practice=practice, member=member, part="runs")
        assert f'<a href="/en/network/{member.uuid}/"><bdi>Canaryname</bdi></a>' in html(public, practice)
        assert f"{LIST}{practice.uuid}/" in set(PracticeRoute().invalidated_by(member))

        change(member=member, **({"shown": ["about"]} if change == members.update_profile else {}))

        assert "Canaryname" not in html(public, practice)

    def test_to_a_member_without_a_page_is_a_name(self, public, directory):
        member = MemberFactory(state=Member.State.LISTED, name="Only a Name", shown=["name"])
        practice = PracticeFactory()
        PracticeMember.objects.create(practice=practice, member=member, part="studies")

        assert "<bdi>Only a Name</bdi>" in html(public, practice)
        assert str(member.uuid) not in html(public, practice)


class TestList:
    def test_carries_what_it_is_filtered_by(self, public, directory):
        practice = PracticeFactory(populations=["adults", "families"])
        PracticeFactory(levels=["primary"], modes=["group"], countries=["fr"], populations=["survivors"])
        EvidenceReviewFactory(practice=practice, decided=True, rating="harm")
        EvidenceReviewFactory(practice=practice, decided=True, outcome="risk", rating="effective")

        found = public.get(LIST).text

        # Numbered in the order of their names: adults, families, people who were harmed.
        assert 'data-p="1 2" data-l="secondary" data-m="phone" data-c="2"' in found
        assert '<i data-o="offending" data-e="harm"></i>' in found
        assert 'data-code="e-harm"' in found
        assert 'data-code="p-2"' in found

    def test_has_its_rules_in_the_style_sheet(self):
        call_command("practices_css", check=True)

    def test_takes_the_same_queries_for_few_and_many(self, public, directory):
        def fill(count):
            for practice in PracticeFactory.create_batch(count):
                EvidenceReviewFactory(practice=practice, decided=True)
                PracticeMember.objects.create(practice=practice, member=MemberFactory(listed=True), part="runs")

        fill(2)
        same_queries(lambda: public.get(LIST), lambda: fill(4))

    def test_is_empty_before_the_first(self, public, directory):
        assert "No practice has been published yet." in public.get(LIST).text


class TestScheduler:
    """Scheduled changes without any action of users."""

    def ago(self, days):
        return timezone.localdate() - timedelta(days=days)

    def test_reminds_the_owner_once_a_year_and_archives_after_two(self, mailoutbox, django_capture_on_commit_callbacks):
        owner = MemberFactory(listed=True, email="owner@example.org")
        practice = PracticeFactory(owner=owner, confirmed_on=self.ago(366), name="Secretname")
        PracticeFactory(owner=owner, confirmed_on=self.ago(364))
        PracticeFactory(confirmed_on=self.ago(366))

        with django_capture_on_commit_callbacks(execute=True):
            assert (run("network-remind-of-practices"), run("network-remind-of-practices")) == (1, 0)
        assert run("network-archive-practices") == 0
        Practice.objects.filter(pk=practice.pk).update(confirmed_on=self.ago(731))
        assert run("network-archive-practices") == 1

        (mail,) = mailoutbox
        assert mail.to == ["owner@example.org"]
        assert f"/en/network/practices/{practice.uuid}/" in mail.body
        assert "Secretname" not in mail.body
        practice.refresh_from_db()
        assert practice.archived_at
        assert practice.live

    def test_writes_to_no_owner_who_has_left(self, mailoutbox, django_capture_on_commit_callbacks):
        owner = MemberFactory(listed=True)
        PracticeFactory(owner=owner, confirmed_on=self.ago(400))
        with django_capture_on_commit_callbacks(execute=True):
            run("network-remind-of-practices")
            members.leave(member=owner)

        assert mailoutbox == []
        assert run("network-remind-of-practices") == 0

    def test_tells_the_owner_before_a_label_expires_and_renders_its_pages_after(
        self, mailoutbox, django_capture_on_commit_callbacks
    ):
        practice = PracticeFactory(owner=MemberFactory(listed=True))
        review = EvidenceReviewFactory(practice=practice, decided=True, expires_on=self.ago(-90))

        with django_capture_on_commit_callbacks(execute=True):
            assert (run("network-announce-expiry"), run("network-announce-expiry")) == (1, 0)
        assert run("network-expire-evidence") == 0
        type(review).objects.update(expires_on=timezone.localdate())
        assert (run("network-expire-evidence"), run("network-expire-evidence")) == (1, 0)

        assert "no longer counts" in mailoutbox[0].body

    def test_leaves_concurrent_changes_alone(self):
        practice = PracticeFactory(owner=MemberFactory(listed=True))
        review = EvidenceReviewFactory(practice=practice, decided=True)

        practices.archive_practice(practice=practice)
        practices.remind_of_practice(practice=practice)
        practices.note_expiry(review=review)
        practices.announce_expiry(review=review)

        practice.refresh_from_db()
        assert (practice.archived_at, practice.reminded_at) == (None, None)
        review.refresh_from_db()
        assert (review.expiry_noted, review.reminded_at) == (False, None)

    def test_passes_over_what_is_gone(self):
        for name in ("network-expire-evidence", "network-archive-practices"):
            job(name).run(0)

    def test_names_the_addressee_in_the_admin(self):
        owner = MemberFactory(listed=True, email="owner@example.org")
        practice = PracticeFactory(owner=owner, confirmed_on=self.ago(366))

        practices.remind_of_practice(practice=practice)

        (mail,) = practice.outgoing_mail.all()
        assert mail.kind == Letter.PRACTICE


class TestAdmin:
    @pytest.fixture
    def practice(self):
        practice = PracticeFactory(live=False)
        practice.save_revision(user=UserFactory())
        return practice

    def post(self, private, url, **data):
        answer = private.post(url, data, follow=True)
        assert answer.status_code == 200
        return answer.text

    def test_shows_what_would_become_public_and_publishes_it(self, private, manager, practice):
        url = reverse("practice", args=[practice.pk])
        practice.refresh_from_db()
        assert "Somebody listens." in private.get(url).text

        assert "Published." in self.post(private, url, action="publish", seen=practice.latest_revision_id)
        assert Practice.objects.get().live
        assert "Confirmed." in self.post(private, url, action="confirm")

    @pytest.mark.parametrize(
        ("action", "said"),
        [
            ("publish", "Another person changed this first."),
            ("confirm", "Another person changed this first."),
            ("erase", "There is no such action."),
            ("open_review", "This field is required."),
        ],
    )
    def test_refuses_with_a_reason(self, private, manager, practice, action, said):
        assert said in self.post(private, reverse("practice", args=[practice.pk]), action=action, seen="x")

    def test_does_not_publish_what_one_has_written(self, private, manager, practice):
        practice.save_revision(user=manager)
        practice.refresh_from_db()
        url = reverse("practice", args=[practice.pk])

        assert "another person has to publish it" in private.get(url).text
        assert "It is kept;" in self.post(private, url, action="publish", seen=practice.latest_revision_id)
        assert not Practice.objects.get().live

    def test_saves_a_draft_in_the_form_and_publishes_nothing(self, private, manager):
        programme, owner = ProgrammeFactory(), MemberFactory(listed=True)
        url = reverse("wagtailsnippets_network_practice:add")
        form = {
            "name": "Listening", "levels": ["primary"], "listings": [str(programme.uuid)], "owner": owner.pk,
            "languages": ["en"],
            "texts-TOTAL_FORMS": 1, "texts-INITIAL_FORMS": 0, "texts-0-language": "en", "texts-0-title": "Listening",
            "texts-0-summary": "Somebody listens.", "people-TOTAL_FORMS": 1, "people-INITIAL_FORMS": 0,
            "people-0-member": owner.pk, "people-0-part": "runs", "action-publish": "yes",
        }  # fmt: skip

        private.post(url, form)

        practice = Practice.objects.get()
        assert not practice.live
        assert practice.listings == [programme.uuid]
        assert practice.people.get().member == owner
        assert "Listening" in private.get(reverse("wagtailsnippets_network_practice:list")).text

    def test_unpublishes_a_practice_immediately(self, private, manager):
        practice = PracticeFactory()

        private.post(reverse("wagtailsnippets_network_practice:unpublish", args=[practice.pk]))

        assert not Practice.objects.get().live
