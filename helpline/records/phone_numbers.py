"""Phone numbers of contact points and support lines: what is stored, and how it is validated."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.languages import names
from helpline.vocabulary import hours, phones
from helpline.vocabulary.phones import Phone, PhoneError


def is_opening_hours(value: str) -> None:
    try:
        hours.check(value)
    except hours.HoursError as error:
        raise ValidationError(str(error)) from None


def is_time_zone(value: str) -> None:
    if value not in names.known_zones():
        raise ValidationError(_("Unknown time zone. Write it like this: Europe/Berlin."))


class PhoneNumberMixin(models.Model):
    """Phone number of one of two kinds (`helpline.vocabulary.phones`), with its opening hours and conditions."""

    number = models.CharField(
        _("phone number"),
        max_length=32,
        blank=True,
        help_text=_("+, country code and number; or the digits of a short number such as 112 or 116123."),
    )
    number_country = models.CharField(
        _("country of a short number"),
        max_length=2,
        blank=True,
        help_text=_("Lower-case code. A short number works in one country only."),
    )
    number_written = models.CharField(
        _("as the service writes it"),
        max_length=40,
        blank=True,
        help_text=_("If that differs from the usual way."),
    )
    number_from_abroad = models.CharField(
        _("number from abroad"), max_length=32, blank=True, help_text=_("With + and country code.")
    )
    opening_hours = models.CharField(
        _("opening hours"),
        max_length=hours.LONGEST,
        blank=True,
        validators=[is_opening_hours],
        help_text=_("OpenStreetMap syntax: Mo-Th 09:00-21:00; Fr 09:00-17:00; PH off. Always: 24/7."),
    )
    timezone = models.CharField(
        _("time zone"),
        max_length=40,
        blank=True,
        validators=[is_time_zone],
        help_text=_("For example Europe/Berlin."),
    )

    class Meta:
        abstract = True

    def country_of_number(self) -> str:
        return self.number_country

    def clean(self) -> None:
        super().clean()
        errors = {}
        if self.number:
            try:
                self.number = phones.parse(self.number, self.country_of_number()).digits
            except PhoneError as error:
                errors["number"] = str(error)
        if self.number_from_abroad:
            try:
                self.number_from_abroad = phones.parse(self.number_from_abroad).digits
            except PhoneError as error:
                errors["number_from_abroad"] = str(error)
        if errors:
            raise ValidationError(errors)

    @property
    def phone(self) -> Phone | None:
        """Return the number, or None if there is none, or only an unchecked one that cannot be dialled."""
        try:
            return phones.parse(self.number, self.country_of_number()) if self.number else None
        except PhoneError:
            return None
