from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.languages import names
from helpline.records.fields import LanguagesField
from helpline.records.listings import Dialled, Listing, is_web_address
from helpline.records.querysets import SupportLineQuerySet
from helpline.vocabulary.codes import LineKind

if TYPE_CHECKING:
    from collections.abc import Iterator


def countries() -> list[tuple[str, str]]:
    return names.countries()


class SupportLine(Listing, Dialled):
    """A line for immediate help or for other people: emergency, crisis, children, people who were harmed, reports. It works in one country."""

    kind = models.CharField(_("kind"), max_length=20, choices=LineKind)
    name = models.CharField(_("name"), max_length=200)
    country = models.CharField(_("country"), max_length=2, choices=countries)
    website = models.CharField(_("website"), max_length=500, blank=True, validators=[is_web_address])
    languages = LanguagesField(_("languages"))
    number_country = None  # type: ignore[assignment]  # no such column: it is always the line's own country

    objects = SupportLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("support line")
        verbose_name_plural = _("support lines")
        ordering = ("country", "kind", "name", "pk")

    def __str__(self) -> str:
        return f"{self.name} ({names.country_name(self.country)})"

    def country_of_number(self) -> str:
        return self.country

    def reasons_not_to_show(self) -> Iterator[str]:
        yield from super().reasons_not_to_show()
        if not self.number and not self.website:
            yield gettext("It has neither a number nor a website.")
