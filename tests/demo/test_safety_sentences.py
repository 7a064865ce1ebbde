"""The sentences of `locale/safety_sentences.toml` stand word for word in the pages and messages of each language.

So an order stays an order: “you may call 112” is not the draft of “Call 112 now.”
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from config.settings.base import ROOT
from demo import content
from demo.content import TREE
from tests.support.reading import catalogue

FILE = tomllib.loads((ROOT / "locale/safety_sentences.toml").read_text(encoding="utf-8"))
SENTENCES = {sentence["id"]: sentence for sentence in FILE["sentence"]}
TRANSLATIONS = content.LANGUAGES[1:]
MOODS = {"must", "may", "do_not", "fact"}
AUDIENCES = {"adult", "young_person", "survivor", "family"}
NO_PROSE = {"type", "kind", "page", "pages"}
NUMBER = re.compile(r"[0-9](?:[0-9 ]*[0-9])?")
ISOLATES = re.compile("[\u200e\u200f\u2066-\u2069]")

# The sentences that a page has to say, in every language.
REQUIRED = {
    "stopping": "child_in_danger suicide_call line_116123 get_through real_children harm_crime leave_device no_alcohol "
    "without_name broken_law no_full_secrecy read_rules may_have_to_act past_offence no_sending",
    "the-days-after": "not_stay_alone line_116123 get_through broken_law no_full_secrecy read_rules may_have_to_act "
    "no_contact no_silence suicide_call",
    "the-days-after-for-families": "not_your_fault fam_suicide suicide_call line_116123 fam_believe fam_no_details "
    "fam_tell_police fam_images fam_no_promise spyware_sees",
    "home": "child_in_danger",
    "contact": "child_in_danger suicide_call line_116123 no_sending",
    "help": "child_in_danger may_have_to_act read_rules not_your_fault history_stays spyware_sees feelings_actions "
    "must_stop yp_danger yp_helpline",
    "first-steps": "call_112_now move_away suicide_call line_116123 get_through feelings_actions harm_crime "
    "real_children not_alone_with_children refuse_childcare no_images leave_device no_alcohol must_stop no_contact "
    "no_silence broken_law no_sending ask_first",
    "cannot-wait": "call_112_or_local say_where fam_believe fam_no_details move_away suicide_call not_stay_alone "
    "get_through spyware_sees",
    "young-people": "yp_danger yp_live yp_not_fault yp_no_pay yp_keep_messages yp_tell_adult yp_may_tell "
    "yp_next_adult yp_not_alone yp_close_it yp_helpline",
    "after-harm": "not_your_fault survivor_danger cannot_speak was_crime yp_helpline yp_tell_adult yp_next_adult "
    "victim_support line_116123 see_doctor hiv_72 contraception_5 go_later police_same_day spyware_sees other_device",
    "someone-close": "child_in_danger fam_not_leave fam_tell_police fam_images fam_no_promise fam_suicide "
    "line_116123 fam_believe fam_no_details spyware_sees",
    "making-contact": "no_full_secrecy may_have_to_act past_offence ask_first closed_at_night line_116123 without_name",
    "safety-online": "spyware_sees other_device survivor_danger exit_shift history_stays spyware_keep victim_support "
    "keep_data",
    "how-we-choose": "call_112_or_local",
    "for-professionals": "child_in_danger",
    "trusted-adults": "child_in_danger fam_tell_police fam_no_details",
    "notice-ask-help": "child_in_danger",
}
MESSAGES = {"exit_label"}
# An offer or a duty in place of an order, or help in place of a ban, in each language.
WEAKENED = [
    ("ar", "cannot-wait", "اتصلوا بالرقم 112 فورًا", "يمكنكم الاتصال بالرقم 112 فورًا"),
    ("ar", "help", "اتصلوا بالرقم 112 قبل", "يجب الاتصال بالرقم 112 قبل"),
    ("ar", "first-steps", "لا تتواصلوا مع الطفل", "من الأفضل عدم التواصل مع الطفل"),
    ("de", "cannot-wait", "Rufen Sie jetzt die 112 an", "Sie können jetzt die 112 anrufen"),
    ("de", "young-people", "ruf die 112 an", "du kannst die 112 anrufen"),
    ("fr", "someone-close", "appelez le 112 maintenant", "vous pouvez appeler le 112"),
]


def words_of(sentence: dict[str, Any], language: str) -> str:
    return str(sentence["en"] if language == "en" else sentence["drafts"][language])


def plain(text: str) -> str:
    text = re.sub(r"</(?:p|li)>|\n", " ", ISOLATES.sub("", text).replace("\u00a0", " "))
    return re.sub(r" {2,}", " ", re.sub(r"<[^>]*>", "", text)).strip()


def blocks(value: Any) -> Iterator[str]:
    """Yield the words of each innermost block, with its heading."""
    heading = ""
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, dict):
            own = " ".join(plain(text) for name, text in part.items() if isinstance(text, str) and name not in NO_PROSE)
            if part.get("type") == "heading":
                heading = own
                continue
            yield f"{heading} {own}".strip()
            for name, inner in part.items():
                if isinstance(inner, dict | list) and name not in NO_PROSE:
                    yield from blocks(inner)
        elif isinstance(part, str):
            yield plain(part)
        heading = ""


def page(key: str, language: str) -> list[str]:
    words = content.read(key, language)
    return [words.title, words.search_description, words.introduction, *blocks(words.body), *blocks(words.more)]


def times(text: str, words: str) -> int:
    """Return how often a text has a sentence as a whole; a label has to be the whole text."""
    if not words.endswith((".", "”", "“", "»")):
        return int(words == text)
    return len(re.findall(rf"(?<!\w){re.escape(words)}", text))


def said(text: str, language: str) -> Counter[str]:
    """Count the sentences that a text has, by their English: some differ only by whom they speak to."""
    drafts = {(sentence["en"], words_of(sentence, language)) for sentence in SENTENCES.values()}
    found: Counter[str] = Counter()
    for english, words in drafts:
        found[english] += times(text, words)
    return +found


def unlike(pairs: Iterable[tuple[str, str]], language: str) -> list[tuple[Counter[str], str]]:
    """Return the pairs of a source and its translation that do not say the same sentences equally often."""
    found = [(said(source, content.SOURCE), said(text, language), text) for source, text in pairs]
    return [((here - there) + (there - here), text) for here, there, text in found if here != there]


class TestFile:
    def test_has_each_sentence_once(self):
        assert len(SENTENCES) == len(FILE["sentence"]) >= 64

    def test_has_a_known_mood_and_audience_for_each(self):
        assert {key for key, sentence in SENTENCES.items() if sentence["mood"] not in MOODS} == set()
        assert {key for key, sentence in SENTENCES.items() if sentence["audience"] not in AUDIENCES} == set()

    def test_has_a_meaning_and_a_draft_in_every_language(self):
        languages = set(FILE["languages"]) - {content.SOURCE}

        assert {key for key, one in SENTENCES.items() if not one["meaning"] or set(one["drafts"]) != languages} == set()
        assert {key for key, one in SENTENCES.items() if not all(map(str.strip, one["drafts"].values()))} == set()
        assert set(FILE["doubts"]) <= languages | {content.SOURCE}

    def test_has_the_same_numbers_in_every_language(self):
        found = {
            (key, language)
            for key, one in SENTENCES.items()
            for language in FILE["languages"]
            if sorted(NUMBER.findall(words_of(one, language))) != sorted(one["numbers"])
        }

        assert found == set()

    def test_has_western_digits_and_no_marks_of_direction(self):
        texts = {(key, name): text for key, one in SENTENCES.items() for name, text in one["drafts"].items()}

        assert {where for where, text in texts.items() if re.search(r"(?![0-9])\d", text)} == set()
        assert {where for where, text in texts.items() if ISOLATES.search(text)} == set()

    def test_doubts_only_sentences_that_it_has(self):
        assert {key for some in FILE["doubts"].values() for doubt in some for key in doubt["ids"]} <= set(SENTENCES)


class TestPages:
    @pytest.mark.parametrize("language", content.LANGUAGES)
    @pytest.mark.parametrize("key", REQUIRED)
    def test_say_what_they_have_to(self, key, language):
        texts = page(key, language)

        missing = {
            one
            for one in REQUIRED[key].split()
            if not any(times(text, words_of(SENTENCES[one], language)) for text in texts)
        }

        assert missing == set()

    @pytest.mark.parametrize("language", TRANSLATIONS)
    @pytest.mark.parametrize("key", [place.key for place in TREE])
    def test_say_the_same_in_each_block(self, key, language):
        pairs = zip(page(key, content.SOURCE), page(key, language), strict=True)

        assert unlike(pairs, language) == []

    def test_and_messages_use_every_sentence(self):
        assert {one for some in REQUIRED.values() for one in some.split()} | MESSAGES == set(SENTENCES)

    @pytest.mark.parametrize(("language", "key", "order", "weak"), WEAKENED)
    def test_that_weaken_a_sentence_are_found(self, language, key, order, weak):
        texts = page(key, language)
        weakened = [text.replace(order, weak) for text in texts]

        assert weakened != texts
        assert unlike(zip(page(key, content.SOURCE), weakened, strict=True), language) != []


class TestMessages:
    @pytest.mark.parametrize("language", TRANSLATIONS)
    def test_say_the_same(self, language):
        pairs = [(plain(m.id), plain(m.string)) for m in catalogue(language) if m.id and isinstance(m.id, str)]

        assert unlike(pairs, language) == []

    @pytest.mark.parametrize("language", content.LANGUAGES)
    @pytest.mark.parametrize("key", sorted(MESSAGES))
    def test_say_what_they_have_to(self, key, language):
        texts = [str(m.id if language == content.SOURCE else m.string) for m in catalogue(language)]

        assert any(times(plain(text), words_of(SENTENCES[key], language)) for text in texts)
