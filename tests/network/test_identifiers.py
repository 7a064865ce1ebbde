import random
from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from network.institutions.models import normal_ror
from network.verification.orcid import normal_orcid


def orcid(number):
    """Return the iD of a number in ORCID's range, with its check digit (ISO 7064 MOD 11-2)."""
    digits = f"{number:015d}"
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    whole = digits + ("X" if check == 10 else str(check))
    return "-".join(whole[at : at + 4] for at in range(0, 16, 4))


class TestOrcid:
    def test_is_kept_in_one_form(self):
        for text in (
            "0000-0002-1825-0097",
            " https://orcid.org/0000-0002-1825-0097",
            "0000000218250097",
            "http://orcid.org/0000-0002-1825-0097",
        ):
            assert normal_orcid(text) == "0000-0002-1825-0097"

    def test_may_end_with_x(self):
        assert normal_orcid("0000-0002-1694-233X") == "0000-0002-1694-233X"

    def test_with_one_wrong_digit_is_refused(self):
        chance = random.Random(1)
        for _ in range(1000):
            good = orcid(chance.randrange(15_000_000, 35_000_000))
            assert normal_orcid(good) == good
            at = chance.choice([place for place in range(19) if good[place].isdigit()])
            bad = good[:at] + str((int(good[at]) + chance.randint(1, 9)) % 10) + good[at + 1 :]
            with pytest.raises(ValidationError):
                normal_orcid(bad)

    @given(st.text(max_size=60))
    def test_of_any_text_is_taken_or_refused(self, text):
        with suppress(ValidationError):
            assert normal_orcid(text)


class TestRor:
    def test_is_kept_as_an_address(self):
        for text in ("05gq02987", "https://ror.org/05gq02987", "ror.org/05gq02987 "):
            assert normal_ror(text) == "https://ror.org/05gq02987"

    @pytest.mark.parametrize(
        "text", ["05gq02988", "05gq02978", "https://example.org/05gq02987", "0", "05gq0298", "\u06605gq02987"]
    )
    def test_with_a_wrong_checksum_or_form_is_refused(self, text):
        with pytest.raises(ValidationError):
            normal_ror(text)

    @given(st.text(max_size=60))
    def test_of_any_text_is_taken_or_refused(self, text):
        with suppress(ValidationError):
            assert normal_ror(text)
