"""Texts speak to women and men alike, and with the words of `docs/editors/translating.md`: pages and interface."""

import re
from collections.abc import Iterator

import pytest

from demo import content
from demo.content import TREE
from tests.demo.test_parity import written
from tests.support.reading import catalogue

BEFORE, AFTER = r"(?<![\u0600-\u06ff])(?:[وفل])?", r"[\u064b-\u0652]*(?![\u0600-\u06ff])"
# What is said to one person: imperatives, prohibitions, adjectives, and the commonest words with the ending of one.
# Only what is certain: many forms of Arabic verbs are also those of a feminine subject.
ONE_READER = (
    "اتصل|اختر|اقرأ|اكتب|اسأل|أخبرنا|ابق|انظر|افتح|اضغط|احذف|اذهب|اطلب|استمع|اترك|ابتعد|أضف|أرسل|أغلق|انتظر|جرب|جرّب|"
    "ارجع|حاول|ابدأ|احفظ|أعد تحميل|لا تترك|لا ترسل|لا تحذف|لا تحفظ|لا تكتب|لا تعتمد|لا تنتظر|لا تواجه|قلقًا|مضطرًا|"
    "متأكدًا|يمكنك|يلزمك|لديك|عليك|لست|أنت|وحدك|اسمك|بلدك|جهازك|متصفحك|هاتفك|ملفك|حسابك|طلبك|عنوانك|بريدك|أفكارك|أفعالك|"
    "مشاعرك"
)
# An offer, a duty or a wish in place of an order.
NO_ORDER = r"(?:يجب|يلزم|يُرجى|الأفضل) (?:الاتصال|السؤال|القراءة|اختيار|الذهاب)|نرجو عدم|للشباب|ما فُعل بكم كان خطأ"
# What one person says to another keeps its singular, as the words of a poster to a child do.
SPEECH = re.compile(r"«[^»]*»|يمكنك إخباري")
AVOIDED = {
    "de": r"\bVerbrechen\b|\bsexuelle[nr]? Gewalt\b|denen etwas angetan wurde|Überwachungsprogramm|\w\*innen|\w:innen",
    "fr": r"\bcrimes?\b|mal profond|fait du mal \?|On vous a fait du mal|abus sexuels d.enfants|sans personne\b|"
    r"\w·e\b|\w\(e\)|[a-zé ][ \u00a0][:;!?»]|«[ \u00a0]",
    "ar": rf"{BEFORE}(?:{ONE_READER}){AFTER}|{NO_ORDER}|\(التجسس\)|أوقات العمل",
}
SPECIMENS = {
    "de": ["Das ist ein Verbrechen.", "Berater*innen helfen."],
    "fr": ["Ce sont des crimes.", "Vous êtes seul·e.", "Que faire ?"],
    "ar": ["اتصل بالرقم 112.", "يمكنك الاتصال بالرقم 112.", "يجب الاتصال بالرقم 112.", "الأفضل السؤال أولًا.", "للشباب"],
}


def texts(language: str) -> Iterator[tuple[str, str]]:
    """Yield every text of the demonstration and every message, with the place where it is."""
    for place in TREE:
        for text in written(place.key, language):
            yield place.key, text
    for message in catalogue(language):
        if message.id and message.context != "beginnings of telling words":
            strings = message.string if isinstance(message.string, (list, tuple)) else [message.string]
            for text in strings:
                yield str(message.id), text


class TestTexts:
    @pytest.mark.parametrize("language", AVOIDED)
    def test_keep_the_convention_of_their_language(self, language):
        avoided = re.compile(AVOIDED[language])

        found = [
            (where, match[0], text)
            for where, text in texts(language)
            for match in avoided.finditer(SPEECH.sub("«»", text) if language == "ar" else text)
        ]

        assert found == []

    @pytest.mark.parametrize(
        ("language", "text"), [(language, text) for language, some in SPECIMENS.items() for text in some]
    )
    def test_that_do_not_are_found(self, language, text):
        assert re.search(AVOIDED[language], text)

    @pytest.mark.parametrize("language", content.LANGUAGES[1:])
    def test_name_the_list_of_numbers_as_it_is_called(self, language):
        called = catalogue(language).get("Numbers for the country where you are").string

        assert any(called in text for text in written("young-people", language))
