"""The controls of the finder, made from its facets.

What a browser may keep of a form must betray nothing: names, ids and values are numbers. The codes by which the style sheet and the
tests know a choice stand in `data-` attributes, which no browser saves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpline.finder.content.facets import FACETS, Facet, FinderForm
from helpline.vocabulary.codes import ANY

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose. `value` is what the browser may keep of it."""

    code: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Control:
    """The choices of one facet, of which one is made; the first, "any", to begin with."""

    facet: Facet
    choices: tuple[Choice, ...]

    @property
    def any(self) -> Choice:
        return self.choices[0]


@dataclass(frozen=True, slots=True)
class Controls:
    """The controls of a page, by the form that they are in; a template also finds one by its code."""

    by_code: dict[str, Control]

    def __getitem__(self, code: str) -> Control:
        return self.by_code[code]

    def in_form(self, form: FinderForm) -> list[Control]:
        return [control for control in self.by_code.values() if control.facet.form is form]

    @property
    def in_where(self) -> list[Control]:
        return self.in_form(FinderForm.WHERE)

    @property
    def in_who(self) -> list[Control]:
        return self.in_form(FinderForm.WHO)

    @property
    def in_order(self) -> list[Control]:
        return self.in_form(FinderForm.ORDER)


def controls(own_words: Mapping[str, str] | None = None) -> Controls:
    """All controls in the active language. `own_words` replaces what an audience says of itself, by code."""
    return Controls({facet.code: control(facet, own_words or {}) for facet in FACETS})


def control(facet: Facet, own_words: Mapping[str, str]) -> Control:
    pairs = [(ANY, str(facet.any)), *((str(code), str(label)) for code, label in facet.values())]
    return Control(
        facet,
        tuple(
            Choice(code, own_words.get(code) or label, f"{facet.name}-{position:02}")
            for position, (code, label) in enumerate(pairs)
        ),
    )
