"""The practices of a member, on their own pages."""

import pytest
from django.urls import reverse
from django.utils import timezone

from network import row_locks
from network.models import EvidenceReview
from network.practices import services as evidence
from network.roles import NETWORK_MANAGER
from tests.factories.network import EvidenceReviewFactory, MemberFactory, PracticeFactory
from tests.factories.users import UserFactory
from users import roles

pytestmark = pytest.mark.django_db

URL = "/en/members/profile/practices/"


@pytest.fixture
def member():
    return MemberFactory(listed=True)


@pytest.fixture
def review(member):
    return EvidenceReviewFactory(practice=PracticeFactory(owner=member, archived_at=timezone.now()), decided=True)


def read(client):
    return client.get(URL).text


def test_are_confirmed_by_their_owner(inside, review):
    assert "It is archived" in read(inside)
    assert URL in inside.get("/en/members/profile/").text

    said = inside.post(URL, {"confirm": str(review.practice.uuid)}, follow=True).text

    assert "We ask you again in a year." in said
    review.practice.refresh_from_db()
    assert (review.practice.archived_at, review.practice.confirmed_on) == (None, timezone.localdate())


def test_have_labels_whose_answer_waits_for_a_person(inside, public, directory, review):
    address = f"/en/network/practices/{review.practice.uuid}/"

    said = inside.post(URL, {"answer": review.pk, f"{review.pk}-text": "Canaryanswer"}, follow=True)

    assert "public once a person has read it" in said.text
    assert "Your answer waits for a person to read it." in read(inside)
    assert "Canaryanswer" not in public.get(address).text
    roles.sync()
    manager = UserFactory(roles=[NETWORK_MANAGER])
    inside.force_login(manager)
    assert "Answers of owners to read" in inside.get(reverse("evidence-waiting")).text
    assert "Answers of owners to evidence ratings" in inside.get(reverse("wagtailadmin_home")).text
    assert "Canaryanswer" in inside.get(reverse("evidence", args=[review.pk])).text
    evidence.answer_rating(review=review, text="Canaryanswer", language="en", by=manager)
    assert "Canaryanswer" in public.get(address).text
    assert not EvidenceReview.objects.with_proposed_answer().exists()


def test_keep_an_empty_answer_in_the_form(inside, review):
    assert "This field is required." in inside.post(URL, {"answer": review.pk}).text


@pytest.mark.parametrize("sent", [{}, {"confirm": "1"}, {"answer": "x"}])
def test_leave_alone_what_is_not_theirs(inside, sent):
    other = EvidenceReviewFactory(decided=True)
    assert "You are not named as the owner of any practice." in read(inside)

    for data in (
        sent,
        {"confirm": str(other.practice.uuid)},
        {"answer": other.pk, f"{other.pk}-text": "Mine."},
    ):
        assert "not possible" in inside.post(URL, data, follow=True).text

    other.refresh_from_db()
    assert other.proposed_answer == ""


def test_take_no_answer_before_there_is_a_label():
    with pytest.raises(row_locks.InvalidStateError):
        evidence.propose_answer(review=EvidenceReviewFactory(), text="Now.", language="en")


def test_are_for_members_alone(private):
    assert private.get(URL).status_code == 302
