"""Texts of the demonstration, the interface and the starter data contain no term that the checker flags."""

import csv

import pytest

from campaigns.models import Term
from demo import content
from helpline.exchange.imports.kinds import DATA
from tests.campaigns.terms.test_matching import starter
from tests.support.reading import catalogue


def avoided(text: str, language: str) -> list[str]:
    terms, matchers = starter()
    return [
        text[match.start : match.end]
        for match in matchers[language].find(text)
        if terms[match.term].level == Term.Level.AVOID
    ]


@pytest.mark.parametrize("language", content.LANGUAGES)
class TestWords:
    def test_of_the_demonstration(self, language):
        texts = {path.name: path.read_text(encoding="utf-8") for path in (content.CONTENT / language).glob("*.toml")}

        assert len(texts) > 20
        assert {name: found
            for name, text in texts.items()
            for line in text.splitlines() if (found := avoided(line, language))} == {}  # fmt: skip

    def test_of_the_interface(self, language):
        found = {}
        for message in catalogue(language):
            if str(message.id).count("\n") > 10 or any("wording.py" in name for name, _line in message.locations):
                continue  # lists that are compared with user input and never shown
            said = message.id if language == "en" else message.string
            for text in said if isinstance(said, list | tuple) else (said,):
                if text and (words := avoided(str(text), language)):
                    found[str(message.id)] = words

        assert found == {}


class TestStarterTexts:
    @pytest.mark.parametrize(
        "name", ["programme_texts.csv", "country_law_texts.csv", "programmes.csv", "support_lines.csv"]
    )
    def test_that_readers_see(self, name):
        with (DATA / name).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))

        found = [
            (row.get("id"), column, words)
            for row in rows
            for column, text in row.items()
            if (words := avoided(text or "", "en"))
        ]

        assert found == []
