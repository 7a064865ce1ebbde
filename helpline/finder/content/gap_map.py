"""The gap map: how good an answer speakers of one language get in each country, as a table and as a map of Europe."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.languages import names
from helpline.finder.content.coverage import AnswerLevel
from helpline.vocabulary.hours import HOURS

if TYPE_CHECKING:
    from helpline.finder.content.coverage import Answers, Coverage

OUTLINES = Path(__file__).resolve().parents[2] / "data" / "europe.json"

LEVELS = {
    AnswerLevel.OPEN: gettext_lazy("Someone answers"),
    AnswerLevel.WRITE: gettext_lazy("You can write"),
    AnswerLevel.SELF_HELP: gettext_lazy("Self-help on a screen"),
    AnswerLevel.ANYWHERE: gettext_lazy("A service in another language"),
    AnswerLevel.CRISIS: gettext_lazy("Only a crisis line or the emergency number"),
    AnswerLevel.EMERGENCY: gettext_lazy("We do not have a number for this country"),
}


class Grade(IntEnum):
    """How a country is drawn: the best answer of its week. Each grade has its own pattern and letter, so that colour is not needed."""

    ALWAYS = 1
    OFTEN = 2
    WRITE = 3
    SELF_HELP = 4
    ANYWHERE = 5
    CRISIS = 6

    @classmethod
    def of(cls, answers: Answers) -> Grade:
        best = next(level for level in AnswerLevel if answers.count(level))
        if best is AnswerLevel.OPEN:
            return cls.ALWAYS if answers.count(best) == HOURS else cls.OFTEN
        return cls(min(best + 1, cls.CRISIS))

    @property
    def letter(self) -> str:
        return "ABCDEF"[self - 1]

    @property
    def words(self) -> str:
        return {
            Grade.ALWAYS: _("Someone answers at every hour of the week."),
            Grade.OFTEN: _("Someone answers at some hours of the week."),
            Grade.WRITE: _("We know of no one who answers at once, but you can write at any hour."),
            Grade.SELF_HELP: _("Only self-help on a screen."),
            Grade.ANYWHERE: _("Nothing in this language, only a service from elsewhere in another language."),
            Grade.CRISIS: _("Only a crisis line or the emergency number."),
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class GapMapRow:
    """One country, or all those that are alike. `week`: the share of each answer, best first."""

    name: str
    grade: Grade
    week: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A country as it is drawn: an outline, or a dot if it is too small to see."""

    name: str
    grade: Grade
    outline: str
    dot: tuple[int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GapMap:
    """The map of one language, in the active language."""

    language: str
    width: int
    height: int
    shapes: list[Shape]
    rows: list[GapMapRow]

    @classmethod
    def of(cls, coverage: Coverage, language: str) -> GapMap:
        drawing = europe()
        drawn = [*drawing["outlines"], *drawing["dots"]]
        named = {*drawn, *coverage.countries()}
        rows = [
            row(name, coverage.answers(code, language)) for code, name in names.countries() if code in named
        ]
        # All others are alike: we know of nothing there but what works anywhere.
        rows.append(row(_("All other countries"), coverage.answers("", language)))
        shapes = [
            Shape(
                name=names.country_name(code),
                grade=Grade.of(coverage.answers(code, language)),
                outline=drawing["outlines"].get(code, ""),
                dot=drawing["dots"].get(code),
            )
            for code in drawn
        ]
        return cls(
            language=names.language_name(language),
            width=drawing["width"],
            height=drawing["height"],
            shapes=shapes,
            rows=rows,
        )

    @property
    def outlines(self) -> dict[Grade, list[Shape]]:
        return {grade: [shape for shape in self.of_grade(grade) if shape.outline] for grade in Grade}

    @property
    def dots(self) -> list[Shape]:
        return [shape for shape in self.shapes if shape.dot]

    @property
    def legend(self) -> list[tuple[Grade, int]]:
        """(grade, number of countries on the map that have it), for each grade."""
        return [(grade, len(self.of_grade(grade))) for grade in Grade]

    def of_grade(self, grade: Grade) -> list[Shape]:
        return [shape for shape in self.shapes if shape.grade is grade]


def row(name: str, answers: Answers) -> GapMapRow:
    return GapMapRow(
        name=name,
        grade=Grade.of(answers),
        week=tuple(share(level, answers.count(level)) for level in AnswerLevel if answers.count(level)),
    )


def share(level: AnswerLevel, number: int) -> str:
    """Return for how many hours of the week an answer is the best, as a count and a percentage."""
    return _("%(answer)s: %(hours)s of 168 hours (%(share)s%%)") % {
        "answer": LEVELS[level],
        "hours": number_format(number),
        "share": number_format(round(100 * number / HOURS)),
    }


class Drawing(TypedDict):
    """The map of Europe drawn by scripts/make_map.py: paths and dots by country code."""

    width: int
    height: int
    outlines: dict[str, str]
    dots: dict[str, tuple[int, int]]


@cache
def europe() -> Drawing:
    drawing: Drawing = json.loads(OUTLINES.read_text())
    return drawing
