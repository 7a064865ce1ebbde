"""Typeface of headings: it has the letters of every language, in small files."""

import io

import pytest
from babel import Locale
from django.conf import settings
from django.contrib.staticfiles import finders
from fontTools.ttLib import TTFont

from config.languages import LANGUAGES
from core.assets.generated_files import faces, fonts_folder, made

# The tests generate the Arabic font, which has Latin letters, too: the other takes five seconds, and is generated again
# whenever its code changes.
CSS = (settings.ROOT / "site" / "static" / "css" / "fonts.css").read_text()


@pytest.fixture(scope="module")
def fonts() -> dict[str, bytes]:
    """Return the files as browsers get them, by their scripts."""
    return {path.stem: path.read_bytes() for path in fonts_folder().rglob("*.woff2")}


def letters(font: bytes) -> set[str]:
    return set(map(chr, TTFont(io.BytesIO(font)).getBestCmap()))


class TestFiles:
    def test_are_one_for_each_script_of_at_most_twenty_kilobytes(self, fonts):
        assert set(fonts) == {"latin", "further", "greek", "cyrillic", "arabic"}
        assert {name: len(font) for name, font in fonts.items() if len(font) > 20_000} == {}

    @pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.code)
    def test_have_the_letters_of_every_language(self, fonts, language):
        locale = Locale.parse(language.code, sep="-")
        words = {language.autonym, *locale.days["format"]["wide"].values()}
        words |= {*locale.months["format"]["wide"].values(), *locale.months["stand-alone"]["wide"].values()}
        there = set().union(*map(letters, fonts.values()))

        assert set("".join(words) + "".join(words).upper()) - there == set()

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("latin", "ÀÇÉÖØßœŒñ „“‚‘»«–…€"),  # noqa: RUF001
            ("further", "ÂĐĞıİŁŐŘŞȘŤŮŻẞẁŵ"),
            ("greek", "ΆΈΉΊΌΎΏΐΰςώ"),
            ("cyrillic", "ҐґЄєІіЇїЂЈЉЊЋЏђћџЁё№"),
            ("arabic", "ءآأؤإئىيًٌٍَُِّْٱپچگ٠٩،؛؟ Az09()«»"),
        ],
    )
    def test_have_what_a_calendar_does_not(self, fonts, name, text):
        assert set(text) - letters(fonts[name]) == set()

    @pytest.mark.parametrize("code", ["en", "de", "fr", "es", "it", "nl", "sv", "da"])
    def test_of_latin_have_those_of_western_europe_in_one_that_weighs_half(self, fonts, code):
        locale = Locale.parse(code)
        names = [*locale.days["format"]["wide"].values(), *locale.months["format"]["wide"].values()]
        names += [name for territory, name in locale.territories.items() if territory.isalpha()]

        assert set("".join(names)) - letters(fonts["latin"]) == set()
        assert len(fonts["latin"]) <= 11_000

    def test_say_that_they_are_not_the_original(self, fonts):
        for font in fonts.values():
            assert {str(record) for record in TTFont(io.BytesIO(font))["name"].names} == {"Waymark"}

    def test_contain_the_letters_named_in_the_style_sheet(self):
        [(name, codes)] = faces(
            'src: url("/static/fonts/arabicfew.woff2") format("woff2");\n  unicode-range: U+41-43, U+61;\n'
        ).items()

        assert (name, codes) == ("fonts/arabicfew.woff2", [0x41, 0x42, 0x43, 0x61])
        assert letters(made(name, codes)) == set("ABCa")


class TestFinder:
    def test_finds_fonts_and_nothing_else(self):
        assert str(finders.find("fonts/greek.woff2")).endswith("/fonts/greek.woff2")
        assert finders.find("fonts/gone.woff2") is None
        assert len(finders.find("fonts/greek.woff2", find_all=True)) == 1

    def test_makes_them_again_when_the_list_of_letters_changes(self, settings, tmp_path):
        (tmp_path / "site" / "static" / "css").mkdir(parents=True)
        sheet = tmp_path / "site" / "static" / "css" / "fonts.css"
        settings.ROOT, settings.VAR = tmp_path, tmp_path
        found = []
        for letter in ("41", "42", "41"):
            sheet.write_text(f'url("/static/fonts/arabicfew.woff2") unicode-range: U+{letter};')
            found.append(letters((fonts_folder() / "fonts" / "arabicfew.woff2").read_bytes()))

        assert found == [{"A"}, {"B"}, {"A"}]
