"""Mailed links: one with anything wrong opens nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.links import BadLink, Broken, Expired, Purpose

CONFIRM = Purpose(name="test.confirm", lasts=timedelta(days=7), size=4)
OTHER = Purpose(name="test.other", lasts=timedelta(days=7), size=4)


SPOILT = {
    "empty": lambda token: "",
    "cut off": lambda token: token[:-1],
    "too long": lambda token: token + "x",
    "backwards": lambda token: token[::-1],
    "other marks": lambda token: token.replace(".", ":"),
    "three parts": lambda token: "a.b.c",
    "very long": lambda token: "x" * 5000,
    "not ASCII": lambda token: "é",
    "of another purpose": lambda token: OTHER.make(b"1234"),
    "more content": lambda token: CONFIRM.make(b"12345"),
    "less content": lambda token: CONFIRM.make(b"123"),
    "no content": lambda token: CONFIRM.signer.sign("A"),
}


class TestPurpose:
    @given(content=st.binary(min_size=4, max_size=4))
    def test_reads_what_it_made(self, content):
        assert CONFIRM.read(CONFIRM.make(content)) == content

    def test_makes_what_fits_into_an_address(self):
        assert CONFIRM.make(b"\xff\xfe\xfd\xfc").replace("-", "").replace("_", "").replace(".", "").isalnum()

    @pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
    def test_reads_nothing_that_it_has_not_made(self, spoil):
        with pytest.raises(Broken):
            CONFIRM.read(spoil(CONFIRM.make(b"1234")))

    @given(token=st.text())
    def test_reads_no_other_text(self, token):
        with pytest.raises(BadLink):
            CONFIRM.read(token)

    def test_reads_it_for_a_time(self, time_machine):
        time_machine.move_to("2026-06-01T12:00:00Z", tick=False)
        token = CONFIRM.make(b"1234")

        time_machine.shift(timedelta(days=7))
        assert CONFIRM.read(token) == b"1234"
        time_machine.shift(timedelta(seconds=1))
        with pytest.raises(Expired):
            CONFIRM.read(token)
