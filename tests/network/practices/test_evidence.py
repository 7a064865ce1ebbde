"""Evidence of practices: two reviewers, conflicts, private data, and the response of the owner."""

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.log_actions import log

from core.publishing import account_changes
from core.publishing.approval import SecondPersonRequiredError
from network import row_locks
from network.models import EvidenceReview
from network.practices import services as evidence
from network.practices.evidence import EVIDENCE_LASTS
from network.routes import PracticeRoute
from tests.factories.network import EvidenceCriterionFactory, EvidenceReviewFactory, PracticeFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def review():
    return EvidenceReviewFactory()


@pytest.fixture
def reviewers():
    return UserFactory.create_batch(3)


def assess(review, by, rating="promising", criteria=("a", "b")):
    return evidence.assess(review=review, by=by, rating=rating, criteria=criteria, text="Canaryreasons")


class TestDecision:
    def test_is_not_made_by_one_reviewer_alone(self, review, reviewers):
        assess(review, reviewers[0])
        assess(review, reviewers[0])

        review.refresh_from_db()
        assert review.is_open

    def test_is_made_by_two_who_agree(self, review, reviewers):
        assess(review, reviewers[0])
        assess(review, reviewers[1], criteria=["b", "c"])

        review.refresh_from_db()
        assert (review.rating, review.is_by_third, review.criteria) == ("promising", False, ["b"])
        assert review.decided_on == timezone.localdate()
        assert review.expires_on == timezone.localdate() + EVIDENCE_LASTS

    def test_is_not_made_with_an_account_that_the_other_has_just_changed(self, review, reviewers):
        log(instance=reviewers[1], action=account_changes.ACTION, user=reviewers[0])
        assess(review, reviewers[0])

        with pytest.raises(SecondPersonRequiredError):
            assess(review, reviewers[1])

    def test_is_left_to_a_third_if_they_do_not(self, review, reviewers):
        for by, rating in zip(reviewers[:2], ("promising", "no_effect"), strict=True):
            assess(review, by, rating)
        review.refresh_from_db()
        assert review.is_open

        assess(review, reviewers[2], "no_effect", ["c"])

        review.refresh_from_db()
        assert (review.rating, review.is_by_third, review.criteria) == ("no_effect", True, ["c"])

    def test_may_follow_a_change_of_mind(self, review, reviewers):
        assess(review, reviewers[0], "harm")
        assess(review, reviewers[1])
        assess(review, reviewers[0])

        review.refresh_from_db()
        assert (review.rating, review.is_by_third) == ("promising", False)

    def test_does_not_count_reviewers_with_a_conflict(self, review, reviewers):
        assess(review, reviewers[0])
        evidence.declare_conflict(review=review, by=reviewers[0], conflict="I run it.")
        with pytest.raises(evidence.ConflictOfInterestError):
            assess(review, reviewers[0])
        assess(review, reviewers[1])
        review.refresh_from_db()
        assert review.is_open

        assess(review, reviewers[2])

        review.refresh_from_db()
        assert (review.rating, review.conflicts) == ("promising", 1)
        assert review.assessments.get(reviewer=reviewers[0]).text == ""

    def test_is_not_escaped_by_withdrawing(self, review, reviewers):
        assess(review, reviewers[0], "harm")

        with pytest.raises(row_locks.InvalidStateError):
            evidence.withdraw_review(review=review, by=reviewers[1])
        assess(review, reviewers[1], "harm")
        with pytest.raises(row_locks.InvalidStateError):
            evidence.withdraw_review(review=review, by=reviewers[0])

    def test_is_final(self, reviewers):
        review = EvidenceReviewFactory(decided=True)

        with pytest.raises(row_locks.InvalidStateError):
            assess(review, reviewers[0])
        with pytest.raises(row_locks.InvalidStateError):
            evidence.declare_conflict(review=review, by=reviewers[0], conflict="Late.")

    def test_waits_for_one_review_of_an_outcome_at_a_time(self, review, reviewers):
        asked = {"practice": review.practice, "studies": 1, "references": "", "by": reviewers[0]}
        with pytest.raises(row_locks.InvalidStateError):
            evidence.open_review(outcome=review.outcome, **asked)

        EvidenceReview.objects.update(rating="prudent")

        assert evidence.open_review(outcome=review.outcome, **asked).is_open

    def test_renders_the_page_of_the_practice(self, review, directory):
        touched = set(PracticeRoute().invalidated_by(review))

        assert touched == {"/en/network/practices/", f"/en/network/practices/{review.practice.uuid}/"}

    def test_renders_the_pages_that_name_a_criterion(self, directory):
        named = EvidenceReviewFactory(decided=True, criteria=["fair"])
        EvidenceReviewFactory(decided=True)

        touched = set(PracticeRoute().invalidated_by(EvidenceCriterionFactory(code="fair")))

        assert touched == {"/en/network/practices/", f"/en/network/practices/{named.practice.uuid}/"}


class TestPublicPage:
    @pytest.fixture
    def shown(self, public, directory):
        def read(practice):
            return public.get(f"/en/network/practices/{practice.uuid}/").text

        return read

    def test_never_shows_what_reviewers_wrote(self, shown, review, reviewers):
        evidence.declare_conflict(review=review, by=reviewers[2], conflict="Canaryconflict")
        for by in reviewers[:2]:
            assert "Promising</b>" not in shown(review.practice).split('id="ratings"')[0]
            assess(review, by)

        found = shown(review.practice)

        assert "1 person declared a conflict" in found
        assert "Canary" not in found
        assert reviewers[0].last_name not in found

    def test_names_criteria_and_whose_they_are(self, shown):
        EvidenceCriterionFactory(code="fair", name="It is fair", origin="Their list")
        EvidenceCriterionFactory(code="own", name="It is clear")
        review = EvidenceReviewFactory(decided=True, criteria=["own", "fair", "gone"])

        found = shown(review.practice)

        assert "It is fair (Their list)</li>" in found
        assert "It is clear</li>" in found

    def test_has_the_answer_of_the_owner_beside_the_label(self, shown, reviewers):
        review = EvidenceReviewFactory(decided=True)

        evidence.answer_rating(review=review, text="We have changed it since.", language="de", by=reviewers[0])
        assert '<dd lang="de" dir="auto"><p>We have changed it since.</p></dd>' in shown(review.practice)

        evidence.answer_rating(review=review, text="", language="de", by=reviewers[0])
        assert "Answer of the owner" not in shown(review.practice)

    def test_takes_no_answer_before_there_is_a_label(self, review, reviewers):
        with pytest.raises(row_locks.InvalidStateError):
            evidence.answer_rating(review=review, text="Now.", language="en", by=reviewers[0])


class TestAdmin:
    def post(self, private, review, action, **data):
        given = {f"{action}-{name}": value for name, value in data.items()}
        url = reverse("evidence", args=[review.pk])
        return private.post(url, {"action": action, **given}, follow=True).text

    def test_hides_what_the_other_thinks_until_one_has_written(self, private, manager, review, reviewers):
        assess(review, reviewers[0])
        url = reverse("evidence", args=[review.pk])
        assert "Canaryreasons" not in private.get(url).text
        assert str(review.practice) in private.get(reverse("evidence-waiting")).text

        said = self.post(private, review, "assess", rating="harm", text="No.", no_conflict="on")

        assert "Kept. The rating becomes public when" in said
        assert "Canaryreasons" in said
        assert "No evidence waits for you." in private.get(reverse("evidence-waiting")).text

    def test_hides_reviews_from_reviewers_with_a_conflict(self, private, manager, review, reviewers):
        assess(review, reviewers[0])

        said = self.post(private, review, "conflict", conflict="I run it.")
        assert "so you do not decide" in said
        assert "Canaryreasons" not in said

        assess(review, reviewers[1])
        decided = private.get(reverse("evidence", args=[review.pk])).text
        assert "counts until" in decided
        assert "Canaryreasons" not in decided

    def test_withdraws_a_review_without_other_reviews(self, private, manager, review, reviewers):
        evidence.declare_conflict(review=review, by=reviewers[1], conflict="I run it.")
        self.post(private, review, "assess", rating="harm", text="No.", no_conflict="on")
        assert "Withdraw this review" in private.get(reverse("evidence", args=[review.pk])).text

        said = self.post(private, review, "withdraw")

        assert "Withdrawn." in said
        assert "No evidence waits for you." in said
        assert not EvidenceReview.objects.exists()
        again = {"practice": review.practice, "studies": 1, "references": "", "by": reviewers[0]}
        assert evidence.open_review(outcome=review.outcome, **again).is_open

    def test_decides(self, private, manager, review, reviewers):
        EvidenceCriterionFactory(code="a")
        assess(review, reviewers[0])

        said = self.post(private, review, "assess", rating="promising", criteria="a", text="Yes.", no_conflict="on")
        assert "Decided." in said
        assert "Kept. The answer" in self.post(private, review, "answer", text="Thanks.", language="en")

        review.refresh_from_db()
        assert (review.rating, review.criteria, review.answer) == ("promising", ["a"], "Thanks.")

    def test_asks_for_a_declaration_and_keeps_what_was_written(self, private, manager, review):
        said = self.post(private, review, "assess", rating="promising", text="My long reasons.")

        assert "My long reasons." in said
        assert "This field is required." in said
        assert "Nothing has been changed yet." in said
        assert not review.assessments.exists()

    def test_keeps_those_with_a_conflict_from_deciding(self, private, manager, review):
        assert "Another person will decide" in self.post(private, review, "conflict", conflict="I run it.")

        said = self.post(private, review, "assess", rating="promising", text="Yes.", no_conflict="on")

        assert "You have declared a conflict of interest, so you do not decide." in said

    def test_opens_a_review(self, private, manager):
        practice = PracticeFactory()

        data = {"action": "open_review", "open_review-outcome": "risk", "open_review-studies": 3}
        answer = private.post(reverse("practice", args=[practice.pk]), data, follow=True)

        assert "waits for reviewers" in answer.text
        assert practice.reviews.get().opened_by == manager

    def test_has_it_on_the_start_page(self, private, manager, review):
        assert "Evidence of practices to weigh" in private.get(reverse("wagtailadmin_home")).text
