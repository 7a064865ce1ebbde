"""Terms that the checker finds in a text, and words that it leaves alone."""

from collections import defaultdict
from functools import cache

import pytest

from campaigns.models import Term
from campaigns.terms import markup
from campaigns.terms.checker import RANKS
from campaigns.terms.exchange import starter_terms
from campaigns.terms.matching import Matcher, WrittenForm, fold
from tests.campaigns.terms.sentences import CAUGHT, LEFT_ALONE


@cache
def starter() -> tuple[dict[int, Term], dict[str, Matcher]]:
    terms = dict(enumerate(starter_terms()))
    forms = defaultdict(list)
    for number, term in terms.items():
        if term.level != Term.Level.USE:
            forms[term.language] += [
                WrittenForm(form, number, RANKS[Term.Level(term.level)]) for form in term.forms.split("\n")
            ]
    return terms, {language: Matcher(each) for language, each in forms.items()}


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
        ],
    )
    def test_leaves_quotations_alone(self, text):
        assert matches(text, "child porn") == []

    def test_takes_an_apostrophe_for_no_quotation(self):
        assert matches("the children’s child porn isn’t", "child porn") == ["child porn"]

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
