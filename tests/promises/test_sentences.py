"""Every sentence of the pages that make promises rests on a proof, or makes no claim about the site.

`sentences.csv` has each English sentence of these pages once, with what it rests on: a promise (`P1`), a test, or one
of the words of `WORDS`.
Other languages say the same by their own tests (tests/demo/test_parity.py, tests/demo/test_content.py).
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.template.base import Lexer, TokenType
from django.utils.text import smart_split

from config.settings.base import ROOT
from demo import content
from tests.support.named import missing

HERE = Path(__file__).parent
TEMPLATES = ROOT / "helpline/templates/helpline"
OPERATORS = ROOT / "docs/operators"
# The texts of each page: templates, and keys of the demonstration's texts.
PAGES = {
    "How these pages work": ("check", "check_page.html"),
    "What stays on your device": ("traces.html", "limits.html"),
    "Your privacy on this device": ("safety-online",),
    "Privacy": ("privacy",),
}
# What a sentence may be instead of a claim that a test can prove.
WORDS = {
    "limit": "what the site cannot do, or what remains",
    "advice": "what readers can do, or how other software and other people behave",
    "operator": "what only the operator of an installation can confirm",
}
# Claims of the site about itself. Words of its limits ("we cannot") are none.
CLAIM = re.compile(
    r"""
    \b(?:we|servers?|site|pages|it|they)\ (?:
        (?:do|does)\ not\ (?:keep|record|store|count|find\ out|need|know)
        | (?:sets?|keeps?|stores?|uses?|loads?|needs?|learns?|holds?)\ (?:no|none|nothing)\b
        | (?:encrypt|erase|delete|protect|guarantee)s?\b)
    | \b(?:is|are)\ (?:not\ (?:recorded|stored|kept|sent|shown|told)
        | deleted | erased | encrypted | neutral | private | the\ same)\b
    | \bno\ (?:cookies?|accounts?|tracking|trace|record|script|line|response)\b
    | \bnot\ (?:what\ you\ read|which\ page|in\ it)\b
    | \bnothing\ (?:is|may|about)\b | \bnever\b | \bnobody\b | \bcannot\ (?:be\ )?read\b
    | \b(?:every|all)\ (?:page|response|control|file)s?\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
NO_TEXT = {"type", "kind"}
LABELS, LABELLED = {"title", "term"}, {"html", "description"}
BLOCK = re.compile(r"</?(?:p|ul|ol|li|h[1-6]|dt|dd|dl|div|section)\b[^>]*>|\n")
TAG = re.compile(r"<[^>]*>")
# A question belongs to its answer, and a label such as <b>Search.</b> to what follows it.
SPACE = re.compile(r"(?<=[.!])\s+|(?<=[.!][)”])\s+")
ROWS = list(csv.DictReader((HERE / "sentences.csv").read_text(encoding="utf-8").splitlines()))


def source(template: str) -> str:
    """Return the English text of all branches of a template, with its tags of HTML."""
    parts, is_comment = [], False
    for token in Lexer((TEMPLATES / template).read_text(encoding="utf-8")).tokenize():
        if token.token_type == TokenType.TEXT and not is_comment:
            parts.append(token.contents)
        elif token.token_type == TokenType.BLOCK:
            name, *rest = smart_split(token.contents)
            is_comment = name == "comment" or (is_comment and name != "endcomment")
            if name not in {"url", "pageurl"}:  # part of a tag
                parts.append(rest[0][1:-1] if name == "translate" else "\n")
    return "".join(parts)


def strings(value: Any) -> Iterator[str]:
    """Yield the texts within a value, the label of an entry together with what it introduces."""
    match value:
        case str():
            yield value
        case list():
            for part in value:
                yield from strings(part)
        case dict():
            [label] = [value[name] for name in value if name in LABELS] or [""]
            for name, part in value.items():
                if name in LABELLED and label:
                    yield f"{label}{'' if label.endswith('?') else ':'} {part.strip().removeprefix('<p>')}"
                elif name not in NO_TEXT | LABELS:
                    yield from strings(part)


def sentences(*texts: str) -> Iterator[str]:
    """Yield the sentences of texts.

    Questions and labels, which have no full stop, are none, unless they make a claim.
    """
    for text in texts:
        for part in BLOCK.split(text):
            for sentence in SPACE.split(part.strip()):
                plain = unescape(TAG.sub("", sentence)).strip()
                if re.search(r"[.,:;!][)”]*$", plain) or CLAIM.search(plain):
                    yield plain


def of_page(page: str) -> set[str]:
    found: set[str] = set()
    for place in PAGES[page]:
        if place.endswith(".html"):
            found.update(sentences(source(place)))
        else:
            words = content.read(place, content.SOURCE)
            texts = (words.title, words.search_description, words.introduction)
            found.update(sentences(*texts, *strings([words.body, words.more])))
    return found


def is_unknown(proof: str) -> bool:
    """Return whether there is no such promise, test, page that leaves something to operators, or word."""
    if re.fullmatch(r"P\d+", proof):
        return not list(HERE.glob(f"test_{proof.lower()}_*.py"))
    if proof.startswith("tests/"):
        return not (ROOT / proof.partition("::")[0]).exists() or bool(missing(proof))
    if proof.endswith(".md"):
        return "**you**" not in (OPERATORS / proof).read_text(encoding="utf-8").lower()
    return proof not in WORDS


def faults(sentence: str, rests_on: str) -> list[str]:
    """Return what is wrong with the proofs of a sentence."""
    proofs = rests_on.split()
    is_proven = any(re.match(r"P\d|tests/", proof) for proof in proofs)
    is_marked = re.search(r"operator|demonstration|invented", sentence, re.IGNORECASE) or ".md" in rests_on
    found = [f"there is no {proof}" for proof in proofs if is_unknown(proof)]
    if not proofs:
        found.append("rests on nothing")
    if CLAIM.search(sentence) and not is_proven:
        found.append("makes a claim about the site, which needs a promise or a test")
    if "operator" in proofs and not is_marked:
        found.append("neither says that an operator confirms it, nor names the page for operators that does")
    return found


class TestSentences:
    @pytest.mark.parametrize("name", PAGES)
    def test_of_each_page_are_those_of_the_table(self, name):
        listed = Counter(row["sentence"] for row in ROWS if row["page"] == name)

        assert of_page(name) - listed.keys() == set(), "not in the table"
        assert listed.keys() - of_page(name) == set(), "no longer on the page"
        assert [sentence for sentence, times in listed.items() if times > 1] == []

    def test_rest_on_what_is_there(self):
        wrong = {(row["page"], row["sentence"]): faults(row["sentence"], row["rests_on"]) for row in ROWS}

        assert {row["page"] for row in ROWS} == PAGES.keys()
        assert {place: found for place, found in wrong.items() if found} == {}

    @pytest.mark.parametrize(
        ("sentence", "rests_on"),
        [
            ("We do not record your visit.", "limit"),
            ("We encrypt everything.", "operator"),
            ("Nothing is sent.", "advice"),
            ("It sets no cookie.", "P99"),
            ("It sets no cookie.", "tests/promises/test_p5_no_cookie.py::TestNoCookie::test_is_gone"),
            ("It sets no cookie.", ""),
            ("The data is in Luxembourg.", "operator"),
            ("Close the tab as well.", "surely"),
        ],
    )
    def test_without_a_proof_are_noticed(self, sentence, rests_on):
        assert faults(sentence, rests_on) != []
