"""Emailed links of members: their purpose, lifetime and number of uses."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from core.links import ExpiredLinkError, MalformedLinkError, UsedLinkError
from network import tokens
from tests.factories.network import MemberFactory
from tests.support.queries import queries

pytestmark = pytest.mark.django_db
PURPOSES = {"to confirm": tokens.CONFIRM, "to the profile": tokens.PROFILE}


@pytest.fixture
def member():
    return MemberFactory()


@pytest.fixture(params=PURPOSES)
def purpose(request):
    return PURPOSES[request.param]


class TestLink:
    def test_leads_to_its_member(self, member, purpose):
        MemberFactory()
        token = tokens.make(member, purpose)

        assert tokens.read(token, purpose) == member

    def test_takes_one_query(self, member, purpose):
        token = tokens.make(member, purpose)

        assert queries(lambda: tokens.read(token, purpose)) == 1

    @pytest.mark.parametrize(
        ("purpose", "lasts"),
        [(tokens.CONFIRM, timedelta(days=7)), (tokens.PROFILE, timedelta(hours=1))],
        ids=PURPOSES,
    )
    def test_works_for_so_long(self, member, purpose, lasts):
        token = tokens.make(member, purpose)
        minute = timedelta(minutes=1)

        with time_machine.travel(timezone.now() + lasts - minute, tick=False):
            assert tokens.read(token, purpose) == member
        with (
            time_machine.travel(timezone.now() + lasts + minute, tick=False),
            pytest.raises(ExpiredLinkError),
        ):
            tokens.read(token, purpose)

    def test_is_worth_nothing_once_another_key_was_made(self, member, purpose):
        token = tokens.make(member, purpose)
        member.link_key = uuid4()
        member.save()

        with pytest.raises(UsedLinkError):
            tokens.read(token, purpose)

    def test_of_a_deleted_member_is_too_old(self, member, purpose):
        token = tokens.make(member, purpose)
        member.delete()

        with pytest.raises(ExpiredLinkError):
            tokens.read(token, purpose)

    def test_is_for_one_purpose(self, member):
        with pytest.raises(MalformedLinkError):
            tokens.read(tokens.make(member, tokens.PROFILE), tokens.CONFIRM)
        with pytest.raises(MalformedLinkError):
            tokens.read(tokens.make(member, tokens.CONFIRM), tokens.PROFILE)
