"""Who may be the second person beside the authors of a change."""

import pytest

from core.publishing.approval import AccountChange, SecondPersonRequiredError, ensure_second_person, may_approve

ANNA, BEN, CARA, BY_IMPORT = 1, 2, 3, None


class TestSecondPerson:
    @pytest.mark.parametrize(
        ("by", "changes", "may"),
        [
            (BEN, [], True),
            (ANNA, [], False),
            (None, [], False),
            # One of the two has changed the account of the other, in either direction.
            (BEN, [AccountChange(user=BEN, by=ANNA)], False),
            (BEN, [AccountChange(user=ANNA, by=BEN)], False),
            # A change by a third person, by the owner, or by an unknown user links them to no author.
            (BEN, [AccountChange(user=BEN, by=CARA)], True),
            (BEN, [AccountChange(user=BEN, by=BEN), AccountChange(user=BEN, by=None)], True),
            (BEN, [AccountChange(user=BEN, by=CARA, suspended=True)], False),
            (BEN, [AccountChange(user=CARA, by=ANNA, suspended=True)], True),
        ],
    )
    def test_is_no_author_and_no_account_that_an_author_has_just_changed(self, by, changes, may):
        assert may_approve(by, {ANNA, BY_IMPORT}, changes=changes) is may

    def test_reads_why_not(self):
        with pytest.raises(SecondPersonRequiredError, match=r"^You have written this\.$"):
            ensure_second_person(ANNA, {ANNA}, own="You have written this.")
