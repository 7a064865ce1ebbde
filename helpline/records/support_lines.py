import datetime as dt
from collections.abc import Iterable, Iterator

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.languages import names
from helpline.records import visibility
from helpline.records.fields import CountriesField, LanguagesField
from helpline.records.listings import Listing, is_web_address
from helpline.records.phone_numbers import PhoneNumberMixin
from helpline.records.querysets import ListingQuerySet
from helpline.vocabulary.codes import ANYWHERE, LineKind, LineTopic


class SupportLine(Listing, PhoneNumberMixin):
    """Line for immediate help or for other people: emergency, crisis, children, people who were harmed, reports.

    Most work in one country.
    A European number (112, 116 000) is one record with the countries where it works.
    The service that answers it in one of them, with its hours, is a separate record, shown there in its place
    (`in_countries`).
    """

    kind = models.CharField(_("kind"), max_length=20, choices=LineKind)
    about = models.CharField(
        _("what it is about"),
        max_length=20,
        blank=True,
        choices=LineTopic,
        default=LineTopic.ALL,
        help_text=_("Shown instead of the kind, in the reader's language."),
    )
    name = models.CharField(
        _("name"), max_length=200, help_text=_("What the line calls itself, in the language of its country.")
    )
    countries = CountriesField(
        _("countries"),
        blank=False,
        help_text=_("One, or all those in which a European number such as 112 works."),
    )
    website = models.CharField(_("website"), max_length=500, blank=True, validators=[is_web_address])
    languages = LanguagesField(_("languages"))
    number_country = None  # type: ignore[assignment]  # no such column: it is always the line's own

    objects = ListingQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("support line")
        verbose_name_plural = _("support lines")
        ordering = ("countries", "kind", "name", "pk")

    def __str__(self) -> str:
        only = self.countries[0] if len(self.countries) == 1 else ""
        return f"{self.name} ({names.country_name(only)})" if only else self.name

    def country_of_number(self) -> str:
        return self.countries[0] if self.countries else ""

    def clean(self) -> None:
        super().clean()
        if ANYWHERE in self.countries:
            raise ValidationError({"countries": gettext("Choose countries: no such number works everywhere.")})

    def can_be_called(self, today: dt.date) -> bool:
        """Return whether its number is shown: the line is not closed, and its check is not long overdue."""
        return self.phone is not None and not visibility.hides_contact(self, today)

    def visibility_blockers(self) -> Iterator[str]:
        yield from super().visibility_blockers()
        if not self.number and not self.website:
            yield gettext("It has neither a number nor a website.")


def in_countries(lines: Iterable[SupportLine], today: dt.date) -> Iterator[tuple[str, SupportLine]]:
    """Yield (country, line) for each country where a line works.

    The country's own line with the same number takes precedence over one of several countries, as it has the service,
    the hours and the languages.
    It does not if its check is so long overdue that its number is hidden.
    """
    lines = list(lines)
    own = {
        (line.countries[0], line.number)
        for line in lines
        if len(line.countries) == 1 and not visibility.is_stale(line, today)
    }
    for line in lines:
        for country in line.countries:
            if len(line.countries) == 1 or not line.number or (country, line.number) not in own:
                yield country, line
