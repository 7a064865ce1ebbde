"""Catalogues are compiled where they are missing or old, and completely or not at all."""

import gettext
import os

import pytest
from babel.messages.pofile import PoFileError

from tests.scripts.conftest import script

HEADER = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
)
HELLO = 'msgid "Help"\nmsgstr "Hilfe"\n'


@pytest.fixture
def compile_(tmp_path, monkeypatch):
    compiler = script("compile_catalogues")
    monkeypatch.setattr(compiler, "LOCALE", tmp_path)

    def compile_():
        compiler.main()
        return sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file())

    return compile_


@pytest.fixture
def po(tmp_path):
    def po(text, code="de"):
        file = tmp_path / code / "LC_MESSAGES" / "django.po"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    return po


def translated(po, message="Help"):
    with po.with_suffix(".mo").open("rb") as file:
        return gettext.GNUTranslations(file).gettext(message)


def minutes_old(file, minutes):
    at = file.stat().st_mtime - minutes * 60
    os.utime(file, (at, at))


class TestCompiling:
    def test_makes_what_is_missing(self, compile_, po):
        german, french = po(HEADER + HELLO), po(HEADER + HELLO.replace("Hilfe", "Aide"), code="fr")

        assert compile_() == [
            "de/LC_MESSAGES/django.mo", "de/LC_MESSAGES/django.po",
            "fr/LC_MESSAGES/django.mo", "fr/LC_MESSAGES/django.po",
        ]  # fmt: skip
        assert (translated(german), translated(french)) == ("Hilfe", "Aide")

    def test_makes_again_what_is_older_than_its_source(self, compile_, po):
        german = po(HEADER + HELLO)
        compile_()
        po(HEADER + HELLO.replace("Hilfe", "Unterstützung"))
        minutes_old(german.with_suffix(".mo"), 5)

        compile_()

        assert translated(german) == "Unterstützung"

    @pytest.mark.parametrize("minutes", [0, 5])
    def test_leaves_what_is_not_older(self, compile_, po, minutes):
        german = po(HEADER + HELLO)
        compiled = german.with_suffix(".mo")
        compiled.write_bytes(b"as it was")
        at = compiled.stat().st_mtime
        os.utime(compiled, (at, at))
        os.utime(german, (at - minutes * 60, at - minutes * 60))

        compile_()

        assert compiled.read_bytes() == b"as it was"

    def test_goes_on_after_one_that_needs_nothing(self, compile_, po):
        german, french = po(HEADER + HELLO), po(HEADER + HELLO, code="fr")
        compile_()
        french.with_suffix(".mo").unlink()

        compile_()

        assert german.with_suffix(".mo").exists()
        assert translated(french) == "Hilfe"

    @pytest.mark.parametrize(
        ("text", "becomes"),
        [("#, fuzzy\n" + HEADER + HELLO, "Hilfe"), (HEADER + "#, fuzzy\n" + HELLO, "Help")],
        ids=["header", "sentence"],
    )
    def test_takes_what_is_marked_fuzzy_for_a_header_alone(self, compile_, po, text, becomes):
        german = po(text)

        compile_()

        assert translated(german) == becomes

    def test_takes_the_plural_forms_of_the_language(self, compile_, po):
        text = 'msgid "%(n)d line"\nmsgid_plural "%(n)d lines"\nmsgstr[0] "eine"\nmsgstr[1] "viele"\n'
        german = po(HEADER + text)

        compile_()

        with german.with_suffix(".mo").open("rb") as file:
            many = gettext.GNUTranslations(file).ngettext("%(n)d line", "%(n)d lines", 3)
        assert many == "viele"

    def test_of_what_is_no_catalogue_fails_and_leaves_the_old_one(self, compile_, po):
        german = po(HEADER + HELLO)
        compile_()
        po('msgid "Help\nmsgstr')
        minutes_old(german.with_suffix(".mo"), 5)

        with pytest.raises(PoFileError):
            compile_()

        assert translated(german) == "Hilfe"
        assert not german.with_suffix(".part").exists()
