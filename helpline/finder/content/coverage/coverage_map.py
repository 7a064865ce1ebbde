"""The coverage map, as a table and as a map of Europe.

It grades the answers that people get in each country in its own languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import maps
from core.languages import names
from core.languages.lazy import StrOrPromise
from helpline.finder.content.coverage.answers import GROUPS, AnswerLevel, Answers, Coverage
from helpline.vocabulary.codes import ANYWHERE, Audience
from helpline.vocabulary.hours import HOURS

WORRIED = next(iter(GROUPS))

LEVELS = {
    AnswerLevel.OPEN: gettext_lazy("Someone answers"),
    AnswerLevel.WRITE: gettext_lazy("You can write"),
    AnswerLevel.SELF_HELP: gettext_lazy("Self-help on a screen"),
    AnswerLevel.ANYWHERE: gettext_lazy("A service in another language"),
    AnswerLevel.CRISIS: gettext_lazy("Only a crisis line or the emergency number"),
    AnswerLevel.EMERGENCY: gettext_lazy("We do not have a number for this country"),
}
UNCERTAIN = gettext_lazy("A service exists, but we do not know when it answers")


class Grade(IntEnum):
    """Grade of a country: the best answer of its week.

    Each grade has its own pattern and letter, so that the map can be read without colours.
    """

    ALWAYS = 1
    OFTEN = 2
    WRITE = 3
    UNCERTAIN = 4
    SELF_HELP = 5
    ANYWHERE = 6
    CRISIS = 7

    @classmethod
    def of(cls, answers: Answers, uncertain: int = 0) -> Grade:
        """Return the grade of a week.

        `uncertain`: the hours in which someone may answer, as far as is known.
        """
        best = next(level for level in AnswerLevel if answers.count(level))
        if best is AnswerLevel.OPEN:
            return cls.ALWAYS if answers.count(best) == HOURS else cls.OFTEN
        if best is AnswerLevel.WRITE:
            return cls.WRITE
        if uncertain:
            return cls.UNCERTAIN
        return cls(min(best + 2, cls.CRISIS))

    @property
    def letter(self) -> str:
        return "ABCDEFG"[self - 1]

    @property
    def words(self) -> str:
        return {
            Grade.ALWAYS: _("Someone answers at every hour of the week."),
            Grade.OFTEN: _("Someone answers at some hours of the week."),
            Grade.WRITE: _("We know of no one who answers immediately, but you can write at any hour."),
            Grade.UNCERTAIN: _("A service exists, but we do not know its hours, or it needs an appointment."),
            Grade.SELF_HELP: _("Only self-help on a screen."),
            Grade.ANYWHERE: _("Nothing in this language, only a service from elsewhere in another language."),
            Grade.CRISIS: _("Only a crisis line or the emergency number."),
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageMapRow:
    """One country, or all countries that are alike.

    `grades` has the grade of each group.
    `week` has the share of each answer in each language, best first.
    """

    name: str
    code: str
    grade: Grade
    grades: tuple[Grade, ...]
    services: str
    week: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GradedShape:
    """A country on the map with its grade."""

    country: maps.CountryShape
    grade: Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageMap:
    """The map for one group of people, in one language or in the languages of each country, in the active language."""

    language: str  # its name; empty for the languages of each country
    people: StrOrPromise
    groups: list[StrOrPromise]
    width: int
    height: int
    shapes: list[GradedShape]
    rows: list[CoverageMapRow]
    services: int
    checked: int

    @classmethod
    def of(cls, found: Mapping[str, Coverage], language: str = "", group: str = WORRIED) -> CoverageMap:
        """Build the map of a week.

        `found`: the coverage for each group.
        Without a language, each country is graded in its own languages.
        """
        drawing, drawn = maps.europe(), maps.drawn()
        named = {*drawn, *(code for coverage in found.values() for code in coverage.countries())}
        rows = {code: row(name, code, found, language, group) for code, name in names.countries() if code in named}
        # All others are alike: they only have services for anywhere.
        others = row(_("All other countries"), "", found, language, group)
        return cls(
            language=names.language_name(language) if language else "",
            people=group_names()[group],
            groups=list(group_names().values()),
            width=drawing["width"],
            height=drawing["height"],
            shapes=[GradedShape(country=maps.CountryShape.of(code), grade=rows[code].grade) for code in drawn],
            rows=[*rows.values(), others],
            services=len(services_in(found)),
            checked=sum(services_in(found)),
        )

    @property
    def outlines(self) -> dict[Grade, list[GradedShape]]:
        return {grade: [shape for shape in self.of_grade(grade) if shape.country.outline] for grade in Grade}

    @property
    def dots(self) -> list[GradedShape]:
        return [shape for shape in self.shapes if shape.country.dot]

    @property
    def names(self) -> list[maps.CountryShape]:
        return [shape.country for shape in self.shapes]

    @property
    def legend(self) -> list[tuple[Grade, int]]:
        """Return (grade, number of countries on the map that have it), for each grade."""
        return [(grade, len(self.of_grade(grade))) for grade in Grade]

    def of_grade(self, grade: Grade) -> list[GradedShape]:
        return [shape for shape in self.shapes if shape.grade is grade]


def group_names() -> dict[str, StrOrPromise]:
    """Return the name of each group."""
    return {
        group: _("people who look for help for themselves") if group == WORRIED else Audience(group).label
        for group in GROUPS
    }


def row(name: str, code: str, found: Mapping[str, Coverage], language: str, group: str) -> CoverageMapRow:
    spoken = [language] if language else asked_in(code)
    grades = {
        of: min(Grade.of(coverage.answers(code, one), coverage.uncertain(code, one)) for one in spoken)
        for of, coverage in found.items()
    }
    chosen = found[group]
    return CoverageMapRow(
        name=name,
        code=code.upper(),
        grade=grades[group],
        grades=tuple(grades.values()),
        services=number_of_services(services_in(found, code or ANYWHERE)),
        week=tuple(week(chosen, code, one, named=not language and bool(code) and len(spoken) > 1) for one in spoken),
    )


def asked_in(country: str) -> list[str]:
    """Return the official languages of a country, in which it is graded.

    If none are known, return the code for an undetermined language.
    """
    return list(names.languages_of_country(country)) or ["und"]


def services_in(found: Mapping[str, Coverage], country: str = "") -> list[bool]:
    """Return for each service, or each that names a country, whether it has been checked.

    A service for several groups counts once.
    """
    every = {uuid: service for coverage in found.values() for uuid, service in coverage.services.items()}
    return [checked for countries, checked in every.values() if not country or country in countries]


def number_of_services(checked: list[bool]) -> str:
    if not checked:
        return number_format(0)
    return f"{number_format(len(checked))} ({number_format(sum(checked))})"


def week(coverage: Coverage, country: str, language: str, *, named: bool) -> str:
    """Return for how many hours each answer is the best, in words.

    `named`: whether to name the language.
    """
    answers, uncertain = coverage.answers(country, language), coverage.uncertain(country, language)
    parts = []
    for level in AnswerLevel:
        bits = answers.hours[level - 1]
        if level is AnswerLevel.SELF_HELP:
            unsure = uncertain & ~(answers.hours[0] | answers.hours[1])
            parts.append((str(UNCERTAIN), unsure.bit_count()))
        if level > AnswerLevel.WRITE:
            bits &= ~uncertain
        parts.append((str(LEVELS[level]), bits.bit_count()))
    some = [(words, number) for words, number in parts if number]
    # What is so all week long needs no count, unless it is what people hope for.
    alone = len(some) == 1 and not answers.count(AnswerLevel.OPEN)
    said = some[0][0] if alone else ". ".join(share(words, number) for words, number in some)
    return names.labelled(names.language_name(language), f"{said}.") if named else f"{said}."


def share(answer: str, number: int) -> str:
    """Return for how many hours of the week an answer is the best, as a count and a percentage."""
    return _("%(answer)s: %(hours)s of 168 hours (%(share)s%%)") % {
        "answer": answer,
        "hours": number_format(number),
        "share": number_format(round(100 * number / HOURS)),
    }
