"""Order of numbers in right-to-left text.

The display in browsers is tested in tests/journeys/test_every_page.py and test_listings.py.
"""

import pytest
from django.utils import translation

from core.languages import bidi

ISOLATED = "اتصل بالرقم \u2066116\u00a0111\u2069 الآن"
PLAIN = "اتصل بالرقم 116 111 الآن"


@pytest.fixture
def arabic():
    with translation.override("ar"):
        yield


@pytest.mark.usefixtures("arabic")
class TestFromRightToLeft:
    @pytest.mark.parametrize(
        "number",
        [
            "116 111",
            "116\u00a0111",
            "+4930",
            "+49 30 23125 000",
            "0800 22 55 530",
            "(030) 231-25",
            "030/23 12 50",
            "+49 (0)30-23125",
            "0800-22 55 530",
        ],
    )
    def test_keeps_the_groups_of_a_number_in_order_and_on_one_line(self, number):
        unbroken = number.replace(" ", "\u00a0")

        assert bidi.isolate_numbers(f"رقم ({number}).") == f"رقم (\u2066{unbroken}\u2069)."

    @pytest.mark.parametrize(
        "text",
        [
            "25 نوفمبر 2026 6:34",
            "2026 10:34",
            "من 09:00 \u2013 17:00",
            "112",
            "3 4",
            "60 %",
            "\u2066116 111\u2069",
            "\u20660800 222 333\u2069",
            "\u2066(030) 231 25\u2069",
            "1.5 2",
            "22 (2011)",
            "09:00 - 17:00",
            "",
        ],
    )
    def test_leaves_alone_what_is_none(self, text):
        assert bidi.isolate_numbers(text) == text

    def test_isolates_an_address(self):
        assert bidi.left_to_right("https://a.example/") == "\u2066https://a.example/\u2069"
        assert bidi.left_to_right("") == ""

    def test_changes_the_words_of_a_page(self):
        page = f'<p title="116 111">{PLAIN}<br>{PLAIN}</p>'

        assert bidi.isolate_numbers(page) == f'<p title="116 111">{ISOLATED}<br>{ISOLATED}</p>'

    @pytest.mark.parametrize(
        "html",
        [
            '<a class="call" dir="ltr" href="tel:116111">116 111</a>',
            '<bdi dir="ltr">(+49 30 23125 000)</bdi>',
            '<script type="application/ld+json">{"telephone": "+493023125000"}</script>',
            "<textarea>116 111</textarea>",
            '<i data-hours="116 111"></i>',
            "<!-- 116 111 -->",
        ],
    )
    def test_leaves_alone_what_is_no_word_of_it_or_has_its_direction(self, html):
        assert bidi.isolate_numbers(html) == html


class TestFromLeftToRight:
    def test_adds_nothing(self):
        assert bidi.isolate_numbers(f"<p>{PLAIN}</p>") == f"<p>{PLAIN}</p>"
        assert bidi.left_to_right("116 111") == "116 111"
