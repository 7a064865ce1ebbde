"""For whom a service is, and whom it turns away, in the active language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.languages import names
from helpline.vocabulary.codes import Audience, NotFor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpline.records.programmes import Programme

ADULT = 18


@dataclass(frozen=True, slots=True)
class ShownAudience:
    """The people whom a service is for, and those whom it is not for. `not_for_words`: what its text adds."""

    programme: Programme
    not_for_words: str = ""

    @property
    def people(self) -> str:
        programme = self.programme
        people, years = capfirst(names.joined(Audience.in_words(programme.audiences))), age(programme)
        if people and years:
            # Translators: for whom a service is, and of what age: “Family and friends, aged 18 or over”
            return _("%(people)s, %(years)s") % {"people": people, "years": years}
        return people or capfirst(years)

    @property
    def not_for(self) -> str:
        return capfirst(names.joined(turned_away(self.programme)))


def age(programme: Programme) -> str:
    low, high = programme.minimum_age, programme.maximum_age
    if low and high:
        return _("aged %(low)s to %(high)s") % {"low": low, "high": high}
    if low:
        return _("aged %(low)s or over") % {"low": low}
    return _("aged up to %(high)s") % {"high": high} if high else ""


def turned_away(programme: Programme) -> Iterator[str]:
    """Yield whom it does not accept, with those whom the ages that it names leave out."""
    low, high = programme.minimum_age, programme.maximum_age
    if low and not (NotFor.UNDER_18 in programme.not_for and low <= ADULT):
        yield _("people under %(age)s") % {"age": low}
    yield from (str(NotFor(code).label) for code in programme.not_for)
    if high and NotFor.ADULTS not in programme.not_for:
        yield _("people over %(age)s") % {"age": high}
