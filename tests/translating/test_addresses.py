"""A text may be nothing but an address, such as where to take part in an event."""

import warnings

from bs4 import BeautifulSoup
from wagtail_localize.strings import StringValue

from translating.apps import take_addresses_for_texts

ADDRESS = "https://meet.example.org/room"


class TestAddress:
    def test_is_a_text_like_any_other(self):
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            take_addresses_for_texts()
            text = StringValue.from_translated_html(ADDRESS).render_text()

        assert text == ADDRESS
        assert not warned

    def test_warns_where_another_library_takes_it_for_html(self):
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            take_addresses_for_texts()
            BeautifulSoup(ADDRESS, "html.parser")

        assert len(warned) == 1
