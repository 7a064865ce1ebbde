"""Captions are parsed strictly: faults that browsers ignore are refused with their line and the reason."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from core.uploads import cleaning

GOOD = """\ufeffWEBVTT - made by Ida Example\r
\r
NOTE Ida, please check this.\r
\r
STYLE\r
::cue { background: url(https://www.example.org/seen) }\r
\r
1 Ida\r
00:01.000 --> 00:04.000 line:0 by:ida\r
Hello <i>you</i>\r
\r
01:00:05.500 --> 01:00:06.000\r
Two\r
lines\r
"""
CLEAN = """WEBVTT

00:00:01.000 --> 00:00:04.000 line:0
Hello <i>you</i>

01:00:05.500 --> 01:00:06.000
Two
lines
"""
BAD = {
    "no head": ("Hello", "Line 1: the first line"),
    "SubRip": ("1\n00:00:01,000 --> 00:00:02,000\nHello", "Line 1: the first line"),
    "no line below the head": ("WEBVTT\n00:01.000 --> 00:02.000\nHello", "Line 2: an empty line"),
    "comma": ("WEBVTT\n\n1\n00:00:01,000 --> 00:00:02,000\nHello", "Line 4: before the milliseconds"),
    "times": ("WEBVTT\n\n0:1 --> 0:2\nHello", "Line 3: these times"),
    "backwards": ("WEBVTT\n\n00:03.000 --> 00:02.000\nHello", "Line 3: this caption ends"),
    "out of order": (
        "WEBVTT\n\n00:05.000 --> 00:06.000\nA\n\n00:01.000 --> 00:02.000\nB",
        "Line 6: this caption begins before",
    ),
    "no words": ("WEBVTT\n\n00:01.000 --> 00:02.000\n\n", "Line 3: this caption has no words"),
    "no empty line": (
        "WEBVTT\n\n00:01.000 --> 00:02.000\nA\n00:03.000 --> 00:04.000\nB",
        "Line 5: an empty line is missing above",
    ),
    "markup": ("WEBVTT\n\n00:01.000 --> 00:02.000\n<script>", "Line 4: this is not allowed"),
    "words alone": ("WEBVTT\n\nHello", "Line 3: this is no caption"),
    "nothing": ("WEBVTT\n", "there is no caption"),
}


def cleaned(text: str) -> str:
    return cleaning.clean_document(ContentFile(text.encode(), name="a.vtt")).read().decode()


class TestCaptions:
    def test_keep_their_times_and_words_and_nothing_else(self):
        assert cleaned(GOOD) == cleaned(CLEAN) == CLEAN

    @pytest.mark.parametrize("name", BAD)
    def test_are_refused_with_the_line_that_is_wrong(self, name):
        text, reason = BAD[name]

        with pytest.raises(ValidationError) as refused:
            cleaned(text)

        assert refused.value.messages[0].startswith(reason) or reason in refused.value.messages[0]
