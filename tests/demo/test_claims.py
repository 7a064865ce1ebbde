"""Claims about most, many or some services are true of the starter data."""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass

import phonenumbers
import pytest
from phonenumbers import PhoneNumberType

from demo import content
from helpline.exchange.imports.kinds import DATA
from tests.demo.test_parity import HELP, written

type Row = dict[str, str]

MANY, MOST = 0.3, 0.5
# Statements of quantity about services, in the source language.
# Every one of them has to be among the claims.
QUANTIFIED = re.compile(
    r"\b(?:most|many|nearly all|almost all)\b(?: of)?(?: \w+){0,2} (?:services|are free|are anonymous|them|"
    r"helplines|lines)\b|\bcalls are usually\b",
    re.IGNORECASE,
)


def rows(name: str, **columns: str) -> list[Row]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if all(row[key] == value for key, value in columns.items())]


def services() -> list[Row]:
    return [row for row in rows("programmes.csv") if row["status"] != "closed"]


def child_helplines() -> list[Row]:
    return [row for row in rows("support_lines.csv", kind="child_helpline") if row["phone"]]


def costs_nothing(row: Row) -> bool:
    """Return whether a number is free of charge by its kind.

    116 numbers are by Decision 2007/116/EC, freephone numbers by their country's plan.
    """
    if not row["phone"].startswith("+"):
        return row["phone"].startswith("116")
    return phonenumbers.number_type(phonenumbers.parse(row["phone"])) == PhoneNumberType.TOLL_FREE


def serves(audience: str) -> Callable[[Row], bool]:
    return lambda row: audience in row["audience"].split(";")


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A claim of page `key`.

    `words` is its text in each language; `share` is how many of `among` must satisfy it (0: at least one).
    """

    key: str
    words: dict[str, str]
    among: Callable[[], list[Row]]
    so: Callable[[Row], bool]
    share: float

    def holds(self) -> bool:
        found = self.among()
        true = sum(map(self.so, found))
        return true > 0 and true >= self.share * len(found)


CLAIMS = [
    Claim(
        key="help", among=services, share=MANY, so=lambda row: row["cost"] == "free",
        words={"en": "Many services are free", "de": "Viele Angebote sind kostenlos",
            "fr": "Beaucoup de services sont gratuits", "ar": "كثير من الخدمات مجاني"},
    ),
    Claim(
        key="help", among=services, share=MANY, so=lambda row: row["anonymous"] == "yes",
        words={"en": "many are anonymous", "de": "viele sind anonym", "fr": "beaucoup sont anonymes",
            "ar": "وكثير منها لا يطلب اسمكم"},
    ),
    Claim(
        key="help", among=services, share=0, so=lambda row: row["reporting_trigger"] in {"offence", "always"},
        words={"en": "some must report more than that", "de": "Manche müssen noch mehr melden",
            "fr": "certains ont une obligation de signalement plus large", "ar": "وبعضها ملزم بالإبلاغ عن أكثر من ذلك"},
    ),
    Claim(
        key="help", among=services, share=MANY, so=serves("self_behaviour"),
        words={"en": "Many services also talk with people who have broken the law",
               "de": "Viele Angebote sprechen auch mit Menschen, die gegen das Gesetz verstoßen haben",
               "fr": "De nombreux services parlent aussi avec des personnes qui ont enfreint la loi",
               "ar": "وكثير من الخدمات تتحدث أيضًا مع من خالفوا القانون"},
    ),
    Claim(
        key="first-steps", among=services, share=0, so=lambda row: "open_proceedings" in row["not_for"],
        words={"en": "Some services cannot take people while police or a court are dealing with a case",
               "de": "Manche Angebote können niemanden aufnehmen, solange Polizei oder Gericht mit dem Fall befasst "
                   "sind",
               "fr": "Certains services ne peuvent pas accueillir quelqu",
               "ar": "بعض الخدمات لا تستطيع استقبال أشخاص ما دامت قضيتهم لدى الشرطة أو المحكمة"},
    ),
    Claim(
        key="stopping", among=services, share=MANY, so=lambda row: row["anonymous"] == "yes",
        words={"en": "At many services you can get help without giving your name",
            "de": "Bei vielen Angeboten können Sie Hilfe bekommen, ohne Ihren Namen zu nennen",
            "fr": "sans donner votre nom",
            "ar": "لدى كثير من الخدمات يمكنكم الحصول على المساعدة دون ذكر أسمائكم"},
    ),
    Claim(
        key="the-days-after", among=services, share=0, so=lambda row: "open_proceedings" in row["not_for"],
        words={"en": "Some services do not take people while a case is open",
            "de": "Manche Angebote nehmen niemanden auf, solange ein Verfahren läuft",
            "fr": "accueillent personne tant qu",
            "ar": "بعض الخدمات لا تستقبل أحدًا ما دامت القضية مفتوحة"},
    ),
    Claim(
        key="someone-close", among=services, share=MANY, so=serves("family_or_friend"),
        words={"en": "Many services also talk with partners",
            "de": "Viele Angebote sprechen auch mit Partnerinnen und Partnern",
            "fr": "De nombreux services parlent aussi avec les partenaires",
            "ar": "تتحدث خدمات كثيرة أيضًا مع الشركاء"},
    ),
    Claim(
        key="someone-close", among=services, share=MANY, so=lambda row: row["anonymous"] == "yes",
        words={"en": "You can stay anonymous with many of them", "de": "Bei vielen können Sie anonym bleiben",
            "fr": "entre eux, vous pouvez garder", "ar": "وفي كثير منها لا حاجة إلى ذكر اسمكم"},
    ),
    Claim(
        key="making-contact", among=services, share=MANY, so=lambda row: row["anonymous"] == "yes",
        words={"en": "At many services you can get help without giving your name",
            "de": "Bei vielen Angeboten können Sie Hilfe bekommen, ohne Ihren Namen zu nennen",
            "fr": "Dans de nombreux services, vous pouvez recevoir de l",
            "ar": "لدى كثير من الخدمات يمكنكم الحصول على المساعدة دون ذكر أسمائكم"},
    ),
    Claim(
        key="young-people", among=services, share=0, so=serves("young_person"),
        words={"en": "Some services are made for young people", "de": "Manche Angebote sind für junge Menschen",
            "fr": "Certains services sont faits pour des jeunes", "ar": "بعض الخدمات مخصصة ليافعين ويافعات"},
    ),
    *(
        Claim(
            key=key, among=child_helplines, share=MOST, so=costs_nothing,
            words={"en": "Calls are usually free", "de": "Der Anruf ist meist kostenlos",
                "fr": "appel est en général gratuit", "ar": "الاتصال مجاني غالبًا"},
        )
        for key in ("young-people", "after-harm")
    ),
    *(
        Claim(
            key=key, among=child_helplines, share=0, so=lambda row: row["hours"] not in {"", "24/7"},
            words={"en": "Not all of them answer at night", "de": "Nicht überall geht nachts jemand ans Telefon",
                "fr": "Toutes ne répondent pas la nuit", "ar": "ولا تجيب كلها ليلًا"},
        )
        for key in ("young-people", "after-harm")
    ),
]  # fmt: skip


class TestClaims:
    @pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"{claim.key}: {claim.words['en']}")
    def test_are_true_of_the_data(self, claim):
        assert claim.holds()

    @pytest.mark.parametrize("language", content.LANGUAGES)
    def test_are_made_in_every_language(self, language):
        missing = [
            claim.words for claim in CLAIMS if claim.words[language] not in "\n".join(written(claim.key, language))
        ]

        assert missing == []

    def test_of_quantity_are_all_read_against_the_data(self):
        known = {(claim.key, claim.words["en"].casefold()) for claim in CLAIMS}
        found = [
            (key, text, match[0])
            for key in HELP
            for text in written(key, content.SOURCE)
            for match in QUANTIFIED.finditer(text)
            if not any(one == key and words in text.casefold() and match[0].casefold() in words for one, words in known)
        ]

        assert found == []

    @pytest.mark.parametrize("sentence", ["Most services are free.", "You are welcome at nearly all of them."])
    def test_of_quantity_are_found(self, sentence):
        assert QUANTIFIED.search(sentence)
