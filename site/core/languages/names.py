"""Names of countries, languages and time zones in the reader's language, and lists of them, from CLDR.

Countries are lower-case ISO 3166 codes, languages lower-case BCP 47 codes.
A code without a name is shown as it is.
"""

import datetime as dt
import unicodedata
import zoneinfo
from collections.abc import Iterable
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import get_timezone_name
from babel.languages import get_official_languages
from babel.lists import format_list
from django.utils import translation
from django.utils.functional import lazy
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext, pgettext

# Codes with a CLDR name that are not countries in ISO 3166 (islands, groups of countries, test codes).
# Kosovo (xk) stays.
NOT_COUNTRIES = frozenset({"ac", "cp", "cq", "dg", "ea", "eu", "ez", "ic", "qo", "ta", "un", "xa", "xb", "zz"})
# Norwegian apart from its two written forms, and Swiss German, which is spoken: no service answers “in” these alone.
NOT_WRITTEN = frozenset({"no", "gsw"})
# Codes for which Babel has a name only under another code.
SAME_LANGUAGE = {"prs": "fa_AF"}


@cache
def _cldr(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


@cache
def plural_samples(language: str) -> dict[str, int]:
    """Return the lowest number up to 1,000 of each plural form of a language, by the name of the form in CLDR.

    `Intl.PluralRules` of browsers has the same names.
    """
    form = _cldr(language).plural_form
    return {form(number): number for number in reversed(range(1001))}


def country_name(code: str, language: str | None = None) -> str:
    """Return the name of a country in `language`, or in the active one."""
    return _cldr(language or translation.get_language()).territories.get(code.upper(), code.upper())


def language_name(code: str, language: str | None = None) -> str:
    """Return the name of a language in `language`, or in the active one."""
    return _language_name(code, language or translation.get_language())


@lru_cache(maxsize=4096)
def _language_name(code: str, language: str) -> str:
    cldr = _cldr(language)
    code = SAME_LANGUAGE.get(code, code)
    try:
        return Locale.parse(code.replace("-", "_")).get_display_name(cldr) or code
    except (UnknownLocaleError, ValueError):
        return cldr.languages.get(code, code)


def countries(language: str | None = None) -> list[tuple[str, str]]:
    """Return every country as (code, name), sorted by name."""
    return _countries(language or translation.get_language())


@cache
def _countries(language: str) -> list[tuple[str, str]]:
    codes = (str(code).lower() for code in Locale("en").territories)
    codes = (code for code in codes if len(code) == 2 and code not in NOT_COUNTRIES)
    named = [(code, country_name(code, language)) for code in codes]
    return sorted(named, key=lambda pair: sort_key(pair[1]))


@cache
def country_codes() -> frozenset[str]:
    return frozenset(code for code, _name in countries("en"))


@cache
def languages_of_country(code: str) -> tuple[str, ...]:
    """Return the languages that are official in a whole country, by law or in fact: none if CLDR lacks the country."""
    found = get_official_languages(code.upper(), de_facto=True)
    # A language may be there once for each of its scripts.
    return tuple(dict.fromkeys(base for one in found if (base := one.partition("_")[0]) not in NOT_WRITTEN))


def joined(words: Iterable[str]) -> str:
    """Return words as a list in a sentence of the active language: `A, B and C`, `أ وب وج`.

    Between Arabic words there is no Latin comma.
    """
    language = translation.get_language()
    # Without a country, CLDR's English is American: `A, B, and C`.
    return format_list(list(words), locale=Locale("en", "GB") if language == "en" else _cldr(language))


def labelled(label: object, value: object) -> str:
    """Return a label and its value as one line of the active language: `Cost: free`, with a space before it in French.

    In templates: `{% labelled %}`.
    """
    return pgettext("label and value", "%(label)s: %(value)s") % {"label": label, "value": value}


@lru_cache(maxsize=4096)
def sort_key(name: str) -> str:
    """Return a sort key that ignores case and accents, as readers expect."""
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(letter)
    )


def zone_name(moment: dt.datetime, language: str | None = None) -> str:
    """Return the name of a datetime's time zone, with its season: “Central European Summer Time”.

    `moment` must be aware.
    """
    return get_timezone_name(moment, width="long", locale=_cldr(language or translation.get_language()))


def _times_in() -> str:
    return gettext("Times are in the time zone of your account: %(zone)s.") % {"zone": get_current_timezone_name()}


# For fields with a time: Wagtail takes and shows it in the time zone of the account.
TIMES_IN = lazy(_times_in, str)()


@cache
def known_zones() -> frozenset[str]:
    """Return the IANA names of all time zones, such as `Europe/Berlin`."""
    return frozenset(zoneinfo.available_timezones())
