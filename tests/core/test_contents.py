"""“On this page”: the headings of a long text, and how long it takes to read it."""

from __future__ import annotations

import pytest

from core.blocks import Prose, contents, headings, minutes


def text(*titles: str, words: int = 0):
    blocks = [{"type": "heading", "value": title} for title in titles]
    body = [{"type": "text", "value": f"<p>{'word ' * words}</p>"}] if words else []
    return Prose().to_python([*blocks, *body])


class TestContents:
    def test_are_the_headings_with_anchors_made_from_their_words(self):
        found = contents(text("Who we are", "Über uns", "من نحن"))

        assert [heading.anchor for heading in found] == ["h-who-we-are", "h-über-uns", "h-من-نحن"]

    def test_tell_equal_headings_apart(self):
        found = contents(text("Dates", "Dates", "Dates 2", "Dates"))

        assert [heading.anchor for heading in found] == ["h-dates", "h-dates-2", "h-dates-2-2", "h-dates-3"]

    def test_say_nothing_on_help_pages_for_they_stay_in_the_history(self):
        found = contents(text("If something has happened", "And later?", "Before you go"), telling=False)

        assert all(len(heading.anchor) == 6 for heading in found)
        assert len({heading.anchor for heading in found}) == 3

    def test_are_left_out_of_a_short_text(self):
        assert contents(text("One", "Two", words=9)) == []

    def test_stand_where_the_headings_stand(self):
        found = headings(text("One", words=3))

        assert [heading and heading.title for heading in found] == ["One", None]


class TestReadingTime:
    @pytest.mark.parametrize(("words", "expected"), [(3, 1), (400, 2), (1000, 5)])
    def test_counts_words(self, words, expected):
        assert minutes("", text(words=words)) == expected
