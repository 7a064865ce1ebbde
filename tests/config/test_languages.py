import re
import unicodedata
from datetime import UTC, datetime

import pytest
from babel import Locale
from babel.core import get_global
from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format

from config import languages
from core.languages import catalogues

EU = {"bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "it", "lt", "lv", "mt", "nl", "pl",
      "pt", "ro",
      "sk", "sl", "sv"}  # fmt: skip


class TestTable:
    def test_has_the_official_languages_of_the_union(self):
        assert set(languages.BY_CODE) >= EU

    def test_has_each_code_once(self):
        assert len(languages.BY_CODE) == len(languages.LANGUAGES)

    @pytest.mark.parametrize("language", languages.LANGUAGES, ids=lambda language: language.code)
    def test_agrees_with_other_software_about_each_language(self, language):
        cldr = Locale.parse(language.code, sep="-")

        assert language.code == language.code.lower()
        # Django has no catalogue in Maltese: without one of ours, the site would have no pages under `/mt/`.
        assert translation.check_for_language(language.code) or catalogues.catalogue_path(language.code).exists()
        assert cldr.text_direction.replace("left-to-right", "ltr").replace("right-to-left", "rtl") == language.direction
        assert unicodedata.normalize("NFC", language.autonym) == language.autonym
        assert language.autonym.casefold() == (cldr.get_display_name(cldr) or "").casefold()

    @pytest.mark.parametrize("language", languages.LANGUAGES, ids=lambda language: language.code)
    @pytest.mark.parametrize("name", ["DATE_FORMAT", "DATETIME_FORMAT", "SHORT_DATE_FORMAT", "SHORT_DATETIME_FORMAT"])
    def test_writes_no_date_as_americans_do(self, language, name):
        with translation.override(language.code):
            written = date_format(datetime(2026, 12, 9, 22, 5, tzinfo=UTC), name)

        assert int(re.findall(r"\d+", written)[0]) in {9, 2026}

    def test_writes_a_moment_in_arabic_with_the_comma_of_its_script(self):
        with translation.override("ar"):
            written = date_format(datetime(2026, 12, 9, 22, 5, tzinfo=UTC), "DATETIME_FORMAT")

        assert written == "9 ديسمبر 2026، 22:05"

    @pytest.mark.parametrize("language", languages.LANGUAGES, ids=lambda language: language.code)
    def test_has_the_code_of_three_letters_that_stands_for_the_same_language(self, language):
        assert get_global("language_aliases")[language.iso3] == language.code

    @pytest.mark.parametrize("language", languages.LANGUAGES, ids=lambda language: language.code)
    def test_lets_every_chain_of_fallbacks_end_with_the_source(self, language):
        seen = []
        while language.code != settings.LANGUAGE_CODE:
            assert language.code not in seen
            seen.append(language.code)
            language = languages.BY_CODE[language.fallback]

    def test_is_used_by_django_and_wagtail(self):
        assert settings.LANGUAGES == settings.WAGTAIL_CONTENT_LANGUAGES == languages.CHOICES

    @pytest.mark.parametrize("language", languages.LANGUAGES, ids=lambda language: language.code)
    def test_has_the_direction_of_django(self, language):
        assert (language.direction == "rtl") == (language.code in settings.LANGUAGES_BIDI)

    def test_gives_the_choices_of_the_admin(self):
        assert [code for code, _name in settings.WAGTAILADMIN_PERMITTED_LANGUAGES] == list(languages.INTERFACE)

    def test_begins_with_the_source(self):
        assert languages.INTERFACE[0] == settings.LANGUAGE_CODE
