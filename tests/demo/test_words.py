"""Texts of the demonstration, the interface and the starter data contain no term that the checker flags.

Nor do they say "with a child" of what is done to a child, or "images of children" of child sexual abuse material.
"""

import csv
import re

import pytest

from campaigns.models import Term
from demo import content
from helpline.exchange.imports.kinds import DATA
from tests.campaigns.terms.test_matching import starter
from tests.support.reading import catalogue

# A child can take no part in what an adult does: acts are done to a child, and pictures of it show a crime.
ON_A_CHILD = {
    "en": r"\b(?:sex|sexual\w*|intercourse|acted|(?:did|do|done) something)\b[^.;]{0,9} with (?:an? |the |any )?"
    r"(?:younger |small |other |minor )?(?:child|children|minors?|boys?|girls?|kids?|teenagers?)\b(?! under)"
    r"|\bsexual(?:ised|ized)? (?:images?|pictures?|photos?|films?|videos?)(?: or films)? (?:of|with|showing) "
    r"|\b(?:nude|naked) (?:images?|pictures?|photos?|children)|(?:images?|pictures?|photos?) of (?:naked|nude)",
    "de": r"\bsex\w*\b[^.;]{0,25} mit (?:einem |dem |jüngeren |anderen )*"
    r"(?:Kind|Kindern|Minderjährigen|Jugendlichen)\b"
    r"|\bmit (?:einem |dem )?(?:jüngeren |kleinen )?(?:Kind|Kindern) (?:etwas|was)\b"
    r"|\bsexuelle[nrs]? (?:Bilder|Fotos|Aufnahmen|Filme)\w* (?:von|mit) |\bNackt(?:bild|foto)"
    r"|\bBilder\w* nackter Kinder",
    "fr": r"\b(?:sexe|sexuel\w*|rapports?|fait quelque chose)\b[^.;]{0,9} avec "
    r"(?:un |une |des |les |l.|d.autres )?(?:enfants?|mineure?s?|jeunes?|adolescente?s?)\b"
    r"|\b(?:images?|photos?|films?|vidéos?) sexuel\w* d|\b(?:images?|photos?) d.enfants nus|abus sexuels d.enfants",
    "ar": r"(?:جنس\S*|فعل\S* شيئًا|علاقة|أفعال\S*|فعلًا)[^.؛]{0,9} مع (?:ال)?(?:طفل|أطفال|قاصر|قاصرين|مراهق|مراهقين)"
    r"|صور\S* جنسية (?:ل|من)|صور\S* (?:أطفال|طفل) (?:عراة|عار)",
}
SPECIMENS = {
    "en": ["Sexual acts with a child do harm.", "You did something with a younger child.", "sexual images of children"],
    "de": [
        "Sexuelle Handlungen mit einem Kind",
        "Du hast mit einem jüngeren Kind etwas gemacht.",
        "sexuelle Bilder von Kindern",
    ],
    "fr": [
        "Les actes sexuels avec un enfant",
        "Tu as fait quelque chose avec un enfant plus jeune.",
        "des images sexuelles d'enfants",
    ],
    "ar": ["الأفعال الجنسية مع الأطفال", "فعلت شيئًا مع طفل أصغر", "صور جنسية لأطفال"],
}
# Examples of what to write, beside what not to write.
EXAMPLES = re.compile(r"\binstead_of = \"[^\"]*\"|^lines = \[\"(?:Rather|Besser|Plutôt|«).*")


def avoided(text: str, language: str) -> list[str]:
    terms, matchers = starter()
    said_of_a_child = re.finditer(ON_A_CHILD[language], EXAMPLES.sub("", text), re.IGNORECASE)
    return [match[0] for match in said_of_a_child] + [
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

    def test_of_invented_members_and_practices(self, language):
        found = {}
        for path in content.CONTENT.parent.glob("*.toml"):
            for line in path.read_text(encoding="utf-8").splitlines():
                if (said := re.match(rf"(\w+)\.{language} = ", line)) and (words := avoided(line, language)):
                    found[path.name, said[1]] = words

        assert found == {}

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


@pytest.mark.parametrize(("language", "text"), [(code, text) for code, some in SPECIMENS.items() for text in some])
def test_what_is_said_of_a_child_is_found(language, text):
    assert avoided(text, language)


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
            if not column.endswith("url") and (words := avoided(text or "", row.get("language", "en")))
        ]

        assert found == []
