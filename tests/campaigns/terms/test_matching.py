"""Terms that the checker finds in a text, and words that it leaves alone."""

import csv
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from campaigns.models import Term
from campaigns.terms import checker, markup
from campaigns.terms.exchange import starter_terms
from campaigns.terms.matching import YIELDS, Matcher, WrittenForm, fold
from tests.campaigns.terms.sentences import CAUGHT, LEFT_ALONE

HOLDOUT = Path(__file__).parent / "references" / "holdout.csv"


@cache
def starter() -> tuple[dict[int, Term], dict[str, Matcher]]:
    terms = dict(enumerate(starter_terms()))
    by_language = defaultdict(dict)
    for number, term in terms.items():
        if term.level != Term.Level.USE:
            by_language[term.language][number] = term
    return terms, {language: checker.matcher(each) for language, each in by_language.items()}


def is_held(language: str, text: str) -> bool:
    terms, matchers = starter()
    return any(terms[match.term].holds for match in matchers[language].find(text))


@cache
def holdout() -> list[dict[str, str]]:
    with HOLDOUT.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def found(language: str, text: str) -> list[tuple[str, str]]:
    terms, matchers = starter()
    return [
        (text[match.start : match.end], terms[match.term].level)
        for match in matchers[language].find(text)
        if terms[match.term].level != Term.Level.ALLOW
    ]


def matches(text: str, *forms: str) -> list[str]:
    matcher = Matcher([WrittenForm(form, number, 1) for number, form in enumerate(forms)])
    return [text[match.start : match.end] for match in matcher.find(text)]


class TestCorpus:
    @pytest.mark.parametrize(("language", "sentence", "word"), CAUGHT)
    def test_catches(self, language, sentence, word):
        assert found(language, sentence) == [(word, "avoid")]

    @pytest.mark.parametrize(("language", "sentence"), LEFT_ALONE)
    def test_leaves_alone(self, language, sentence):
        assert found(language, sentence) == []

    def test_is_in_six_languages(self):
        assert {language for language, *_ in CAUGHT} == {language for language, *_ in LEFT_ALONE}
        assert (len(CAUGHT), len(LEFT_ALONE), len({language for language, *_ in CAUGHT})) == (20, 20, 6)

    @pytest.mark.parametrize(
        ("language", "sentence"),
        [
            ("en", "The predator hides in the reef."),
            ("it", "L’orco della fiaba."),
            ("sl", "Volk je plenilec."),
        ],
    )
    def test_only_mentions_words_that_have_a_harmless_meaning(self, language, sentence):
        assert [level for _word, level in found(language, sentence)] == ["caution"]


class TestHoldOut:
    """600 sentences, as in news, summaries of laws and campaigns; those of one half were written after the tuning.

    A guess of the list that no native reader has confirmed counts as not held.
    """

    @pytest.mark.parametrize("half", ["tuned", "measured"])
    @pytest.mark.parametrize("language", ["en", "de", "fr", "cs", "hu", "ar"])
    def test_is_held_where_it_must_be_and_nowhere_else(self, language, half):
        rows = [row for row in holdout() if (row["language"], row["half"]) == (language, half)]
        to_hold = {row["sentence"] for row in rows if row["held"] == "yes"}
        held = {row["sentence"] for row in rows if is_held(language, row["sentence"])}

        assert min(len(to_hold), len(rows) - len(to_hold)) >= 20
        assert len(held & to_hold) / len(to_hold) >= 0.95, to_hold - held
        assert len(held & to_hold) / len(held) >= 0.95, held - to_hold

    def test_flags_nothing_that_the_list_recommends(self):
        terms, matchers = starter()

        flagged = [
            (term.language, words)
            for term in terms.values()
            for words in (*term.replacements, *(term.synonyms if term.level == Term.Level.USE else ()))
            for match in matchers[term.language].find(words)
            if terms[match.term].level == Term.Level.AVOID
        ]

        assert flagged == []

    def test_avoids_the_label_in_each_language_and_leaves_the_diagnosis(self):
        terms, matchers = starter()
        labels = {t.language for t in terms.values() if t.concept.startswith("paedophile (as a label") and t.holds}
        diagnoses = [t for t in terms.values() if t.concept == "paedophilic disorder (as a diagnosis)"]

        assert labels == {each.language for each in diagnoses} == set(matchers)
        assert not [(t.language, form) for t in diagnoses for form in t.all_forms if is_held(t.language, form)]


class TestHalves:
    @pytest.mark.parametrize(
        "text",
        [
            "Kinder- und Jugendporno",
            "Kinder-, Jugend- und Tierporno",
            "Kinder- bzw. Jugendporno",
            "Kinder-/Jugendporno",
            "Kinderhandel und -porno",
        ],
    )
    def test_are_read_as_the_words_that_they_stand_for(self, text):
        assert matches(f"Wegen {text}s.", "Kinderporno*") == [f"{text}s"]

    @pytest.mark.parametrize(
        "text", ["Kinder- und Jugendhilfe", "Kinder - und Jugendporno", "Kinder-Jugendporno", "Kinderhandel -porno"]
    )
    def test_are_not_joined_with_another_word(self, text):
        assert matches(text, "Kinderporno*") == []


class TestMatcher:
    def test_finds_whole_words_only(self):
        assert matches("A pedometer and a pedo", "pedo") == ["pedo"]

    def test_finds_the_longest_expression(self):
        assert matches("a child sex tourist", "child sex", "sex tourist", "child sex tourist") == ["child sex tourist"]

    def test_finds_any_ending_after_an_asterisk(self):
        assert matches("pedofilů a pedofilové, pedologie", "pedofil*") == ["pedofilů", "pedofilové"]

    def test_takes_nothing_that_is_written_for_an_expression_of_its_own(self):
        assert matches("aaaa (b", "a+", ".*", "(b") == ["b"]

    @pytest.mark.parametrize("text", ["a child. Porn is", "a child, porn", "child (porn)", "child / porn"])
    def test_does_not_reach_over_what_ends_an_expression(self, text):
        assert matches(text, "child porn") == []

    @pytest.mark.parametrize(
        "text", ["child  porn", "child\nporn", "child-porn", "child\N{NO-BREAK SPACE}porn", "CHILD PORN"]
    )
    def test_reaches_over_spaces_and_hyphens(self, text):
        assert matches(text, "child porn") == [text]

    @pytest.mark.parametrize(
        "word",
        ["والبيدوفيلي", "بالبيدوفيلي", "للبيدوفيلي", "ولبيدوفيلي", "البِيدُوفِيلي", "البيدوفيـــلي", "بيدوفيلى"],
    )
    def test_reads_arabic_without_what_is_written_onto_a_word(self, word):
        assert matches(word, "بيدوفيلي") == [word]

    def test_leaves_arabic_words_whole_that_only_begin_like_that(self):
        assert matches("ولد باب", "لد", "اب") == []

    @pytest.mark.parametrize(
        "text",
        [
            "“a child porn ring”",
            "„child porn“",
            "«child porn»",
            "« child porn »",
            "»child porn«",
            '"child porn"',
            "‘child porn’",
            "'child porn'",
            "‚child porn’",
            "›child porn‹",
        ],
    )
    def test_leaves_quotations_alone(self, text):
        assert matches(text, "child porn") == []

    def test_takes_an_apostrophe_for_no_quotation(self):
        assert matches("the children’s child porn isn’t", "child porn") == ["child porn"]

    @pytest.mark.parametrize("text", ["the boys' child porn and the girls' room", "in the '90s child porn, the boys'"])
    def test_takes_two_apostrophes_for_no_quotation(self, text):
        assert matches(text, "child porn") == ["child porn"]

    def test_hides_no_certain_term_behind_a_guess(self):
        forms = [("porn", 1, 1), ("virtual child porn", 2, YIELDS), ("child porn app", 3, YIELDS), ("robot", 4, YIELDS)]
        matcher = Matcher(WrittenForm(*form) for form in forms)

        found = [match.term for match in matcher.find("Virtual child porn app, child porn app, robot")]

        assert found == [1, 1, 4]

    def test_tells_an_arabic_ending_from_a_letter_of_the_word(self):
        assert matches("بيدوفيليًا", "بيدوفيلي") == ["بيدوفيليًا"]
        assert matches("البيدوفيليا", "بيدوفيلي") == []

    def test_takes_a_mark_that_is_not_closed_for_no_quotation(self):
        assert matches("“child porn", "child porn") == ["child porn"]


class TestFold:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("STRASSE", "Straße"),
            ("İstanbul", "istanbul"),
            ("ΠΑΙΔΟΦΙΛΟΣ", "παιδόφιλος"),
            ("e\N{COMBINING ACUTE ACCENT}", "é"),
            ("ﬁ", "FI"),
        ],
    )
    def test_makes_equal_what_is_the_same_word(self, one, other):
        assert fold(one) == fold(other)


class TestMarkup:
    HTML = (
        "<p>One &amp; a <b>child</b> <i>porn</i> ring.</p><blockquote><p>child porn</p></blockquote>"
        "<ul><li>child</li><li>porn</li></ul>"
    )

    def lines(self):
        return markup.lines(self.HTML, is_html=True)

    def test_is_read_line_by_line(self):
        assert [line.text for line in self.lines()] == [
            "One & a child porn ring.",
            "child porn",
            "child",
            "porn",
        ]

    def test_is_replaced_and_stays_in_order(self):
        line = self.lines()[0]
        start = line.text.index("child")
        new = markup.replace(self.HTML, line, start, start + len("child porn"), "A < B", is_html=True)

        assert new.startswith("<p>One &amp; a <b>A &lt; B</b><i></i> ring.</p>")

    def test_knows_what_is_quoted(self):
        assert [line.is_quoted(0, 5) for line in self.lines()] == [False, True, False, False]
