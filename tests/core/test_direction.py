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

    @pytest.mark.parametrize(
        "identifier",
        [
            "05gq02987",
            "CD004380",
            "ror.org/05gq02987",
            "ISBN 978-0-12-345678-9",
            "PMC0123456",
            "rs_0123456",
            "2026-01-05",
        ],
    )
    def test_leaves_identifiers_with_letters_and_digits_alone(self, identifier):
        assert bidi.isolate_numbers(f"<p>المعرّف {identifier}، منشور.</p>") == f"<p>المعرّف {identifier}، منشور.</p>"

    @pytest.mark.parametrize(
        "address",
        [
            "https://ror.org/05gq02987",
            "https://orcid.org/0000-0002-1825-0097",
            "https://doi.org/10.1002/14651858.CD004380.pub3",
            "10.1002/14651858.CD004380",
            "10.1037/0022-006X.78.1.1",
            "https://a.example/?from=0800&amp;to=116111",
            "www.a.example/0800/22/55",
        ],
    )
    def test_isolates_an_address_as_a_whole_in_a_text_and_never_in_a_link(self, address):
        page = f'<a href="{address}">{address}</a> (&quot;{address}&quot;). <b>{address}</b>.'
        whole = f'<bdi dir="ltr">{address}</bdi>'

        assert bidi.isolate_numbers(page) == f'<a href="{address}">{whole}</a> (&quot;{whole}&quot;). <b>{whole}</b>.'

    @pytest.mark.parametrize("element", ["title", "option"])
    def test_puts_no_element_where_text_is_plain(self, element):
        page = f"<{element}>{PLAIN} https://ror.org/05gq02987</{element}>"

        assert bidi.isolate_numbers(page) == f"<{element}>{ISOLATED} https://ror.org/05gq02987</{element}>"

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
