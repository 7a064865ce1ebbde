"""Titles and addresses that reveal the topic of a help page cause a warning, in every language."""

import pytest
from django.test import RequestFactory
from wagtail.models import Locale

from config.languages import INTERFACE
from helpline.finder.pages import GuidePage
from helpline.vocabulary.wording import revealing_beginnings
from helpline.wagtail_hooks import warn_about_revealing_titles


class Told(list[str]):
    """Message storage for Django that keeps the texts."""

    def add(self, level: int, message: str, extra_tags: str = "") -> None:
        self.append(str(message))


def warnings(title: str, language: str, description: str = "") -> Told:
    request = RequestFactory().get("/")
    request._messages = Told()
    page = GuidePage(title=title, slug="a", search_description=description, locale=Locale(language_code=language))
    warn_about_revealing_titles(request, page)
    return request._messages


@pytest.mark.django_db
class TestWarning:
    def test_names_the_words(self):
        [warning] = warnings("Hilfe für Täter", "de")

        assert "tater" in warning

    def test_reads_what_browsers_keep_besides(self):
        [warning] = warnings("Erste Schritte", "de", "Hilfe für Täter")

        assert "tater" in warning

    def test_is_not_given_for_a_neutral_title(self):
        assert warnings("Erste Schritte", "de") == []

    def test_says_that_a_language_has_no_list_of_words(self):
        [warning] = warnings("První kroky", "cs")

        assert "in Czech" in warning


class TestWords:
    @pytest.mark.parametrize("code", [code for code in INTERFACE if code != "en"])
    def test_of_each_language_are_its_own(self, code):
        assert revealing_beginnings(code) != revealing_beginnings("en")
