"""The languages of the site, in one table.

Codes are BCP 47 in lower case; names are in the language itself (CLDR).
Which languages are public is decided in the admin: each has a state (in preparation, public, retired), stored with
Wagtail's Locale.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language that the site can have."""

    code: str
    # ISO 639-3, the code in open data catalogues.
    iso3: str
    autonym: str
    direction: Literal["ltr", "rtl"] = "ltr"
    fallback: str = "en"


LANGUAGES: tuple[Language, ...] = (
    # The source language.
    Language(code="en", iso3="eng", autonym="English"),
    # The official languages of the European Union.
    Language(code="bg", iso3="bul", autonym="български"),
    Language(code="cs", iso3="ces", autonym="čeština"),
    Language(code="da", iso3="dan", autonym="dansk"),
    Language(code="de", iso3="deu", autonym="Deutsch"),
    Language(code="el", iso3="ell", autonym="Ελληνικά"),
    Language(code="es", iso3="spa", autonym="español"),
    Language(code="et", iso3="est", autonym="eesti"),
    Language(code="fi", iso3="fin", autonym="suomi"),
    Language(code="fr", iso3="fra", autonym="français"),
    Language(code="ga", iso3="gle", autonym="Gaeilge"),
    Language(code="hr", iso3="hrv", autonym="hrvatski"),
    Language(code="hu", iso3="hun", autonym="magyar"),
    Language(code="it", iso3="ita", autonym="italiano"),
    Language(code="lt", iso3="lit", autonym="lietuvių"),
    Language(code="lv", iso3="lav", autonym="latviešu"),
    Language(code="mt", iso3="mlt", autonym="Malti"),
    Language(code="nl", iso3="nld", autonym="Nederlands"),
    Language(code="pl", iso3="pol", autonym="polski"),
    Language(code="pt", iso3="por", autonym="português"),
    Language(code="ro", iso3="ron", autonym="română"),
    Language(code="sk", iso3="slk", autonym="slovenčina"),
    Language(code="sl", iso3="slv", autonym="slovenščina"),
    Language(code="sv", iso3="swe", autonym="svenska"),
    # Other languages spoken in Europe.
    Language(code="uk", iso3="ukr", autonym="українська"),
    Language(code="tr", iso3="tur", autonym="Türkçe"),
    Language(code="ar", iso3="ara", autonym="العربية", direction="rtl"),
    Language(code="ru", iso3="rus", autonym="русский"),
    Language(code="nb", iso3="nob", autonym="norsk bokmål"),
    Language(code="is", iso3="isl", autonym="íslenska"),
    Language(code="sq", iso3="sqi", autonym="shqip"),
    Language(code="sr", iso3="srp", autonym="српски"),
    Language(code="ca", iso3="cat", autonym="català", fallback="es"),
    Language(code="eu", iso3="eus", autonym="euskara", fallback="es"),
    Language(code="gl", iso3="glg", autonym="galego", fallback="es"),
    Language(code="cy", iso3="cym", autonym="Cymraeg"),
)

# The languages with a complete catalogue, of error pages and the admin: no other may become public
# (`core.languages.catalogues` checks this, and so does the test suite).
# English needs none: its texts are in the code.
INTERFACE: tuple[str, ...] = ("en", "de", "fr", "ar")

BY_CODE: dict[str, Language] = {language.code: language for language in LANGUAGES}

# For Django and Wagtail: (code, name) pairs.
CHOICES: list[tuple[str, str]] = [(language.code, language.autonym) for language in LANGUAGES]
# The languages that people can choose for the admin.
ADMIN: list[tuple[str, str]] = [(code, BY_CODE[code].autonym) for code in INTERFACE]
