"""Who may be the second person beside the authors of a change."""

import pytest
from django.utils import timezone

from core.publishing.account_changes import AccountChange, RecentChanges
from core.publishing.approval import SecondPersonRequiredError, ensure_second_person, may_approve

ANNA, BEN, CARA, BY_IMPORT = 1, 2, 3, None


def changed(account, by):
    return AccountChange(account=account, by=by, at=timezone.now())


class TestSecondPerson:
    @pytest.mark.parametrize(
        ("by", "changes", "may"),
        [
            (BEN, [], True),
            (ANNA, [], False),
            (None, [], False),
            # One of the two has changed the account of the other, in either direction.
            (BEN, [changed(BEN, by=ANNA)], False),
            (BEN, [changed(ANNA, by=BEN)], False),
            # An account that was changed approves nothing for a while.
            (BEN, [changed(BEN, by=CARA)], False),
            (BEN, [changed(CARA, by=ANNA)], True),
        ],
    )
    def test_is_no_author_and_no_account_that_an_author_has_just_changed(self, by, changes, may):
        assert may_approve(by, {ANNA, BY_IMPORT}, changes=RecentChanges(tuple(changes))) is may

    def test_reads_why_not(self, db):
        with pytest.raises(SecondPersonRequiredError, match=r"^You have written this\.$"):
            ensure_second_person(ANNA, {ANNA}, own="You have written this.")
