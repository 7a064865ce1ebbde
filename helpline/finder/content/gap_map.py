"""The gap map: how good an answer is in each country for somebody who speaks one language, as a table and as a drawing of Europe."""

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
    AnswerLevel.OPEN: gettext_lazy("Somebody answers"),
    AnswerLevel.WRITE: gettext_lazy("You can write"),
    AnswerLevel.SELF_HELP: gettext_lazy("Self-help on a screen"),
    AnswerLevel.ANYWHERE: gettext_lazy("A service in another language"),
    AnswerLevel.CRISIS: gettext_lazy("Only a crisis line or the emergency number"),
    AnswerLevel.EMERGENCY: gettext_lazy("We know no number of the country"),
}


class Grade(IntEnum):
    """What a country is drawn as: the best that its week has. Each has a pattern and a letter of its own, so that colour is not needed."""

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
            Grade.ALWAYS: _("Somebody answers at every hour of the week."),
            Grade.OFTEN: _("Somebody answers at some hours of the week."),
            Grade.WRITE: _("Nobody is known to answer at once, but you can write at any hour."),
            Grade.SELF_HELP: _("Nothing but self-help on a screen."),
            Grade.ANYWHERE: _("Nothing in this language, but a service from elsewhere in another one."),
            Grade.CRISIS: _("Nothing but a crisis line or the emergency number."),
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class GapMapRow:
    """One country, or all that are alike."""

    name: str
    grade: Grade
    week: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A country as it is drawn: an outline, or a dot where it is too small to be found."""

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
        # All others are alike: they have what works anywhere, and nothing else that we know.
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
        """Each grade, and how many of the countries on the map have it."""
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
    """For how many hours of the week an answer is the best, as a count and as a share."""
    return _("%(answer)s: %(hours)s of 168 hours (%(share)s%%)") % {
        "answer": LEVELS[level],
        "hours": number_format(number),
        "share": number_format(round(100 * number / HOURS)),
    }


class Drawing(TypedDict):
    """Europe as scripts/make_map.py has drawn it: paths and dots by the code of the country."""

    width: int
    height: int
    outlines: dict[str, str]
    dots: dict[str, tuple[int, int]]


@cache
def europe() -> Drawing:
    drawing: Drawing = json.loads(OUTLINES.read_text())
    return drawing
