"""Help texts are written for level B1: readers are frightened, and often read in a second language."""

from collections.abc import Iterator
from typing import Any

import pytest

from demo import content
from demo.content import TREE
from tests.support.reading import HARDEST, catalogue, difficulty, sentences

HELP = [place.key for place in TREE if place.key == "help" or place.above == "help"]
# Legalese, as a counterexample.
SPECIMENS = {
    "en": "The processing of personal information pertaining to the aforementioned individuals necessitates "
    "appropriate organisational "
    "precautions, the implementation of which remains the responsibility of the participating institutions.",
    "de": "Die Verarbeitung personenbezogener Informationen der vorgenannten Personen erfordert angemessene "
    "organisatorische "
    "Vorsichtsmaßnahmen, deren Durchführung den teilnehmenden Einrichtungen eigenverantwortlich vorbehalten bleibt.",
    "fr": "Le traitement des informations personnelles concernant les individus susmentionnés nécessite des "
    "précautions "
    "organisationnelles appropriées, dont la réalisation demeure sous la responsabilité des institutions "
    "participantes.",
    "ar": "تتطلب معالجة المعلومات الشخصية المتعلقة بالأفراد المذكورين أعلاه اتخاذ احتياطات تنظيمية مناسبة يبقى "
    "تنفيذها من مسؤولية "
    "المؤسسات المشاركة التي يجب عليها أن تضمن التزام جميع العاملين لديها بهذه الأحكام في كل الأوقات",
}


def prose(value: Any) -> Iterator[str]:
    """Yield the text that people read, without the names of blocks and linked pages."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from () if name in {"type", "page", "pages"} else prose(part)
    elif isinstance(value, list):
        for part in value:
            yield from prose(part)
    else:
        yield str(value)


def written(key: str, language: str) -> str:
    words = content.read(key, language)
    return "\n".join([words.introduction, *prose(words.body), *prose(words.more)])


def interface(language: str) -> str:
    """Return every full sentence from the templates of the finder and its guides."""
    said = [
        str(message.id if language == "en" else message.string)
        for message in catalogue(language)
        if message.id
        and not isinstance(message.id, tuple)
        and any("helpline/templates/helpline" in name and "helpline/admin" not in name for name, _ in message.locations)
    ]
    return "\n".join(text for text in said if text.endswith((".", "?", "!", "؟")))


class TestHelpTexts:
    @pytest.mark.parametrize("language", content.LANGUAGES)
    def test_are_plain(self, language):
        found = {key: difficulty(written(key, language), language) for key in HELP}

        assert {key: value for key, value in found.items() if value > HARDEST[language]} == {}

    @pytest.mark.parametrize("language", content.LANGUAGES)
    def test_of_the_interface_are_plain(self, language):
        text = interface(language)

        assert len(sentences(text)) > 40
        assert difficulty(text, language) <= HARDEST[language]

    @pytest.mark.parametrize("language", SPECIMENS)
    def test_that_are_not_plain_are_detected(self, language):
        assert difficulty(SPECIMENS[language], language) > HARDEST[language]
