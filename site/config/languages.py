"""The languages that exist, in one table.

Codes are BCP 47 in lower case, names are written in the language itself (CLDR). Which of them the public sees is decided at
the desk: a language has a state (in preparation, public, retired) that lives with Wagtail's Locale.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language that the site can speak."""

    code: str
    autonym: str
    direction: Literal["ltr", "rtl"] = "ltr"
    fallback: str = "en"


LANGUAGES: tuple[Language, ...] = (
    # English is the source that all others are translated from.
    Language(code="en", autonym="English"),
    # The official languages of the European Union.
    Language(code="bg", autonym="български"),
    Language(code="cs", autonym="čeština"),
    Language(code="da", autonym="dansk"),
    Language(code="de", autonym="Deutsch"),
    Language(code="el", autonym="Ελληνικά"),
    Language(code="es", autonym="español"),
    Language(code="et", autonym="eesti"),
    Language(code="fi", autonym="suomi"),
    Language(code="fr", autonym="français"),
    Language(code="ga", autonym="Gaeilge"),
    Language(code="hr", autonym="hrvatski"),
    Language(code="hu", autonym="magyar"),
    Language(code="it", autonym="italiano"),
    Language(code="lt", autonym="lietuvių"),
    Language(code="lv", autonym="latviešu"),
    Language(code="mt", autonym="Malti"),
    Language(code="nl", autonym="Nederlands"),
    Language(code="pl", autonym="polski"),
    Language(code="pt", autonym="português"),
    Language(code="ro", autonym="română"),
    Language(code="sk", autonym="slovenčina"),
    Language(code="sl", autonym="slovenščina"),
    Language(code="sv", autonym="svenska"),
    # Others that people in Europe read.
    Language(code="uk", autonym="українська"),
    Language(code="tr", autonym="Türkçe"),
    Language(code="ar", autonym="العربية", direction="rtl"),
    Language(code="ru", autonym="русский"),
    Language(code="nb", autonym="norsk bokmål"),
    Language(code="is", autonym="íslenska"),
    Language(code="sq", autonym="shqip"),
    Language(code="sr", autonym="српски"),
    Language(code="ca", autonym="català", fallback="es"),
    Language(code="eu", autonym="euskara", fallback="es"),
    Language(code="gl", autonym="galego", fallback="es"),
    Language(code="cy", autonym="Cymraeg"),
)

# The languages whose interface strings are complete: no other may become public (`core.languages.catalogues` checks, and so does the
# test suite). English needs no catalogue, its words stand in the code.
LANGUAGES_COMPLETE: tuple[str, ...] = ("de", "fr", "ar")

BY_CODE: dict[str, Language] = {language.code: language for language in LANGUAGES}

# What Django and Wagtail want: (code, name) pairs.
CHOICES: list[tuple[str, str]] = [(language.code, language.autonym) for language in LANGUAGES]
RIGHT_TO_LEFT: list[str] = [language.code for language in LANGUAGES if language.direction == "rtl"]
# What error pages are printed in.
INTERFACE: tuple[str, ...] = ("en", *LANGUAGES_COMPLETE)
