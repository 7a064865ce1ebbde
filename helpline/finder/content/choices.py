"""The controls of the finder.

What a browser may keep of a form must betray nothing: names, ids and values are numbers. The codes by which the style sheet and the
tests know a choice stand in `data-` attributes, which no browser saves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.languages import names
from helpline.vocabulary import codes
from helpline.vocabulary.codes import ANY, ANYWHERE, NOW, Audience, Channel, Cost, YesNo

if TYPE_CHECKING:
    from collections.abc import Mapping

# Who somebody is, in words of their own. The finder page can say it in others.
OWN_WORDS = {
    Audience.SELF_THOUGHTS: gettext_lazy("I am worried about my thoughts"),
    Audience.SELF_BEHAVIOUR: gettext_lazy("I am worried about something I do or did"),
    Audience.YOUNG_PERSON: gettext_lazy("I am under 18"),
    Audience.FAMILY_OR_FRIEND: gettext_lazy("I am worried about someone close to me"),
    Audience.PROFESSIONAL: gettext_lazy("I work with people who need this"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose. `value` is what the browser may keep of it."""

    code: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Facet:
    """A group of choices, of which one is made; the first, "any", to begin with."""

    code: str
    name: str
    choices: tuple[Choice, ...]

    @property
    def any(self) -> Choice:
        return self.choices[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    country: Facet
    language: Facet
    audience: Facet
    channel: Facet
    cost: Facet
    anonymous: Facet
    open: Facet  # the page's script offers it
    order: Facet  # the page's script offers it; it narrows nothing


def _facet(code: str, name: str, pairs: list[tuple[str, str]]) -> Facet:
    return Facet(
        code, name, tuple(Choice(c, label, f"{name}-{at:02}") for at, (c, label) in enumerate(pairs))
    )


def choices(own_words: Mapping[str, str] | None = None) -> Choices:
    """All choices in the active language. `own_words` replaces what an audience says of itself, by code."""
    words = {code.value: str(label) for code, label in OWN_WORDS.items()}
    words.update({code: label for code, label in (own_words or {}).items() if label})
    return Choices(
        country=_facet(
            "country",
            "g1",
            [
                (ANY, _("All countries")),
                (ANYWHERE, _("Anywhere (only services that work everywhere)")),
                *names.countries(),
            ],
        ),
        language=_facet("language", "g2", [(ANY, _("Any language")), *codes.languages()]),
        audience=_facet(
            "audience",
            "g3",
            [
                (ANY, _("I would rather not say")),
                *((audience, str(words[audience])) for audience in Audience.in_finder()),
            ],
        ),
        channel=_facet(
            "channel",
            "g4",
            [(ANY, _("It does not matter")), *((channel.value, str(channel.label)) for channel in Channel)],
        ),
        cost=_facet("cost", "g5", [(ANY, _("It does not matter")), (Cost.FREE, _("Only what is free"))]),
        anonymous=_facet(
            "anonymous",
            "g6",
            [(ANY, _("It does not matter")), (YesNo.YES, _("Only where I need not say who I am"))],
        ),
        open=_facet("open", "g7", [(ANY, _("At any time")), (NOW, _("Only what is open now"))]),
        order=_facet(
            "order",
            "g8",
            [
                (ANY, _("As it is printed")),
                ("open", _("Open now first")),
                ("checked", _("Checked last first")),
                ("name", _("By name")),
            ],
        ),
    )
