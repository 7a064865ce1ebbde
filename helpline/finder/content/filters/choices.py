"""The controls of the finder, built from its facets.

The form data that a browser may save must reveal nothing: names, ids and values are numbers.
The style sheet and the tests identify a choice by codes in `data-` attributes, which no browser saves.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from helpline.finder.content.filters.facets import ALL, FACETS, Facet, FinderForm, Level, facets_at
from helpline.finder.content.filters.regions import COUNTRY_CODES, CountryRegions, Regions
from helpline.records.programmes import Programme
from helpline.vocabulary.codes import ANY


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a control.

    `value` is what the browser may save.
    """

    code: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Control:
    """The choices of one facet, exactly one of which is selected: initially the first, "any"."""

    facet: Facet
    choices: tuple[Choice, ...]
    first: int = 0  # number of choices after "any" with listings; 0 if not known
    without_line: Collection[str] = ()  # codes of the countries without a known number
    country: str = ""  # the only one for which the control is shown, or empty if it is always shown
    name: str = ""  # of its group, in the browser

    @property
    def general(self) -> tuple[Choice, ...]:
        """Return the choices that stand for no single value."""
        return tuple(choice for choice in self.choices if choice.code in {ANY, ALL})

    @property
    def leading(self) -> tuple[Choice, ...]:
        start = len(self.general)
        return self.choices[start : start + self.first]

    @property
    def others(self) -> tuple[Choice, ...]:
        return self.choices[len(self.general) + self.first :]

    @property
    def any(self) -> Choice:
        return self.choices[0]

    @property
    def is_hidden(self) -> bool:
        """Return whether there is nothing to choose, or not without the script."""
        return self.facet.is_scripted or len(self.choices) == 1


@dataclass(frozen=True, slots=True)
class Controls:
    """The controls of a page: by the form that they are in or, in a template, by their code."""

    by_code: dict[str, Control]
    regions: tuple[Control, ...] = ()

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
    def in_more(self) -> list[Control]:
        return self.in_form(FinderForm.MORE)


def controls(
    own_words: Mapping[str, str] | None = None,
    first: Collection[str] = (),
    without_line: Collection[str] = (),
    regions: Regions | None = None,
    programmes: Iterable[Programme] = (),
) -> Controls:
    """Build all controls in the active language.

    `own_words` overrides the labels of audiences, by code.
    Countries in `first` come first.
    `without_line` has the countries without a known number.
    `regions` adds a control for each country that has many.
    `programmes` has the listings of the page, as some choices are offered only where several listings match them.
    """
    programmes = list(programmes)
    return Controls(
        {
            facet.code: control(facet, own_words or {}, first, without_line)
            if facet.form is FinderForm.WHERE
            else control(facet, own_words or {}, programmes=programmes)
            for facet in FACETS
            if facet.level is not Level.LOCATION
        },
        tuple(
            control_of_regions(facet, of_country)
            for facet in facets_at(Level.LOCATION)
            for of_country in (regions or Regions()).by_country.values()
        ),
    )


def control_of_regions(facet: Facet, of_country: CountryRegions) -> Control:
    name = f"{facet.name}-{COUNTRY_CODES.index(of_country.code) + 1}"
    pairs = [(of_country.code, str(facet.any)), *of_country.regions]
    choices = tuple(Choice(code, label, name) for code, label in pairs)
    return Control(facet, choices, country=of_country.country, name=name)


def control(
    facet: Facet,
    own_words: Mapping[str, str],
    first: Collection[str] = (),
    without_line: Collection[str] = (),
    programmes: Collection[Programme] = (),
) -> Control:
    offered = Counter(code for each in programmes for code in facet.codes_of(each).split()) if facet.least else {}
    pairs = [(ANY, str(facet.any)), *((str(code), str(label)) for code, label in facet.values())]
    choices = [
        # The options of a list share a name, as a browser saves nothing by which they could be distinguished.
        Choice(code, own_words.get(code) or label, facet.name if facet.is_long else f"{facet.name}-{position:02}")
        for position, (code, label) in enumerate(pairs)
        if code == ANY or offered.get(code, 0) >= facet.least
    ]
    before = [choice for choice in choices if choice.code in first]
    # What stands for no single value comes first; the other choices keep their order.
    choices.sort(key=lambda choice: (choice.code not in {ANY, ALL}, choice not in before))
    return Control(
        facet,
        tuple(choices),
        first=len(before),
        without_line=without_line,
        name=facet.name,
    )
