"""Collecting strings changes nothing on an unchanged tree, and disables no catalogue."""

import os
import sys

import pytest
from babel.messages.pofile import read_po

from tests.scripts.conftest import script

COLLECTED = """msgid ""
msgstr ""
"POT-Creation-Date: 2026-11-26 01:00+0000\\n"
"Language: de\\n"

#, fuzzy
msgid "Help"
msgstr "Hilfe"

msgid "POT-Creation-Date"
msgstr ""
"""


@pytest.fixture
def messages(tmp_path, monkeypatch):
    """The program, in a separate folder; the command that it would run is recorded in `asked`."""
    module = script("messages")
    asked = {}

    def run(command, **how):
        asked.update(how, command=command)

    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(module.subprocess, "run", run)
    module.asked = asked
    return module


def catalogue(folder, text):
    file = folder / "locale/de/LC_MESSAGES/django.po"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return file


class TestCollecting:
    def test_leaves_out_what_changes_with_every_run(self, messages, tmp_path):
        file = catalogue(tmp_path, COLLECTED)

        messages.main()

        assert file.read_text() == COLLECTED.replace('"POT-Creation-Date: 2026-11-26 01:00+0000\\n"\n', "")

    def test_hushes_no_catalogue_and_keeps_the_mark_of_a_sentence(self, messages, tmp_path):
        file = catalogue(tmp_path, "#, fuzzy\n" + COLLECTED)

        messages.main()

        assert file.read_text().startswith('msgid ""\n')
        assert file.read_text().count("#, fuzzy") == 1

    def test_takes_a_catalogue_of_a_header_alone(self, messages, tmp_path):
        file = catalogue(tmp_path, 'msgid ""\nmsgstr ""\n"POT-Creation-Date: x\\n"')

        messages.main()

        assert file.read_text() == 'msgid ""\nmsgstr ""'

    def test_asks_for_all_languages_that_are_translated_and_for_our_own_code_alone(self, messages, tmp_path):
        messages.main()

        command = messages.asked["command"]
        assert messages.asked["check"] is True
        assert messages.asked["cwd"] == tmp_path
        assert messages.asked["env"] == {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
        assert command[:3] == [sys.executable, "manage.py", "makemessages"]
        # With `--all`, Django ignores `--exclude`; with `--locale`, it collects for those languages only.
        assert {part for part in command if part.startswith("--exclude")} == {"--exclude=mt"}
        assert not [part for part in command if part.startswith(("-a", "--all", "-l", "--locale"))]
        assert {"--no-obsolete", "--no-wrap", "--add-location=file"} < set(command)
        assert command[command.index("-v") + 1] == "0"
        assert {"tests", "var", ".venv", ".tools", "scripts", "bench", "docs"} == {
            part.removeprefix("--ignore=") for part in command if part.startswith("--ignore=")
        }

    def test_leaves_an_untranslated_language_without_entries(self):
        module = script("messages")

        assert module.EMPTY == ("mt",)
        for code in module.EMPTY:
            file = module.ROOT / "locale" / code / "LC_MESSAGES/django.po"
            with file.open("rb") as source:
                assert [message.id for message in read_po(source, abort_invalid=True) if message.id] == []

    def test_says_what_is_missing(self, messages, monkeypatch):
        monkeypatch.setattr(messages.shutil, "which", lambda name: None if name == "xgettext" else name)

        with pytest.raises(SystemExit, match="gettext is not installed"):
            messages.main()

        assert messages.asked == {}
