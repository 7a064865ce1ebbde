"""Phone numbers of helplines.

Pure: no database, no request.
There are two kinds. *International* numbers are E.164 (`+4930…`), parsed and formatted by phonenumbers. *National*
numbers are short codes that exist in one country only (116 123, 3919, 112). phonenumbers rejects most of them and would
write `tel:+49-116123`, which no phone can dial.
They are stored as country and digits, and dialled as they are.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from django.utils.translation import gettext as _
from phonenumbers import PhoneNumberFormat, PhoneNumberType

DIGITS = re.compile(r"[0-9]{2,8}")
E164 = re.compile(r"\+[1-9][0-9]{4,14}")
# Kinds of number that are free or cost the same all over a country: networks abroad do not usually connect them.
DOMESTIC = frozenset({PhoneNumberType.TOLL_FREE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN})
ORDINARY = frozenset({PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
LONGEST = 32
# Characters that people write between digits, and bidi marks that are copied with a number from Arabic text.
FILLING = str.maketrans("", "", " \u00a0\u202f-\u2013./()\u200e\u200f\u202a\u202c\u202d\u2066\u2069")


class PhoneKind(StrEnum):
    INTERNATIONAL = "international"
    NATIONAL = "national"


class PhoneError(ValueError):
    """Raised if the text is not a phone number.

    The message tells an editor why.
    """


class CountryRequiredError(PhoneError):
    """Raised for a short number without the country in which it works."""


@dataclass(frozen=True, slots=True)
class Phone:
    """Number that can be dialled.

    `country` is where a national number works.
    """

    kind: PhoneKind
    digits: str
    country: str = ""

    @property
    def uri(self) -> str:
        return f"tel:{self.digits}"

    def region(self) -> str:
        """Return the code of the country of the number.

        Returns an empty string for one without a country, such as an international freephone number.
        """
        if self.kind is PhoneKind.NATIONAL:
            return self.country
        found = phonenumbers.region_code_for_number(phonenumbers.parse(self.digits)) or ""
        return found.lower() if found.isalpha() else ""

    def is_domestic(self) -> bool:
        """Return whether it probably works only in its own country: freephone, shared cost, one number for a country.

        A short number never works elsewhere, and an international freephone number has no country.
        """
        return self.kind is PhoneKind.NATIONAL or (bool(self.region()) and self._type() in DOMESTIC)

    def is_ordinary(self) -> bool:
        """Return whether a call costs what any call to its country costs."""
        return self.kind is PhoneKind.INTERNATIONAL and self._type() in ORDINARY

    def _type(self) -> int:
        return phonenumbers.number_type(phonenumbers.parse(self.digits))

    def national(self) -> str:
        """Return the number as it is written in its country: `0800 14 112`, `116 123`."""
        if self.kind is PhoneKind.NATIONAL:
            return f"{self.digits[:3]} {self.digits[3:]}" if len(self.digits) == 6 else self.digits
        return phonenumbers.format_number(phonenumbers.parse(self.digits), PhoneNumberFormat.NATIONAL)

    def international(self) -> str:
        """Return the number as it is dialled from abroad: `+32 800 14 112`.

        Returns an empty string if it works only in its own country.
        """
        if self.kind is PhoneKind.NATIONAL:
            return ""
        return phonenumbers.format_number(phonenumbers.parse(self.digits), PhoneNumberFormat.INTERNATIONAL)


def parse(text: str, country: str = "") -> Phone:
    """Parse a number.

    `country` is the code of the country in which a short one works.
    Raises PhoneError, and CountryRequiredError for a short number without a country.
    """
    if len(text) > LONGEST:
        raise PhoneError(_("This is too long for a phone number."))
    digits = text.strip().translate(FILLING)
    if digits.startswith("+"):
        if not E164.fullmatch(digits):
            raise PhoneError(_("An international number is a + followed by 5 to 15 digits, for example +4930123456."))
        try:
            possible = phonenumbers.is_possible_number(phonenumbers.parse(digits))
        except phonenumbers.NumberParseException:
            possible = False
        if not possible:
            raise PhoneError(_("No such number exists: the country code or the length is wrong."))
        return Phone(PhoneKind.INTERNATIONAL, digits)
    if not DIGITS.fullmatch(digits):
        raise PhoneError(_("Write +, country code and number, or the digits of a short number such as 112 or 116123."))
    if not country or country == "xx":
        raise CountryRequiredError(_("A short number works in one country only: say which one."))
    return Phone(PhoneKind.NATIONAL, digits, country)


# The fewest digits of a part of a number.
# Fewer are a short number, or a house number.
PART = 5


def typed(text: str) -> str:
    """Return the digits for a search by number, without prefixes that depend on where it is dialled.

    `+32 (0)800 14 112`, `0800 14 112` and `14112` are all in `+3280014112`.
    Returns an empty string if the text is not a number.
    """
    digits = text.replace("(0)", "").strip().translate(FILLING).removeprefix("+")
    return digits.lstrip("0") if digits.isascii() and digits.isdecimal() else ""


def is_number(number: str, digits: str) -> bool:
    """Return whether digits (of `typed`) are a stored number, or a long enough part of it."""
    return bool(digits) and (number.lstrip("+0") == digits or (len(digits) >= PART and digits in number))
