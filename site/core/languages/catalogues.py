"""Completeness of the interface in a language: every message of the catalogue translated, and none fuzzy.

gettext falls back to English for missing and fuzzy messages without a warning, and a catalogue whose header is fuzzy is
not compiled.
So these are counted here, before a language becomes public and in the test suite.
"""

from dataclasses import dataclass
from pathlib import Path

from babel.messages.pofile import PoFileError, read_po
from django.conf import settings
from django.utils.translation import gettext, ngettext, to_locale


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """The missing parts of a catalogue."""

    absent: bool = False
    unreadable: bool = False
    fuzzy_header: bool = False
    missing: tuple[str, ...] = ()
    fuzzy: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.absent or self.unreadable or self.fuzzy_header or bool(self.missing or self.fuzzy)

    def sentences(self) -> list[str]:
        """Return what is missing, as sentences for staff."""
        if self.absent:
            return [gettext("There is no catalogue of interface texts in this language.")]
        if self.unreadable:
            return [gettext("The catalogue of interface texts in this language cannot be read.")]
        said = []
        if self.fuzzy_header:
            said.append(gettext("The header of the catalogue is marked as fuzzy, so nothing in it is used."))
        if count := len(self.missing):
            said.append(
                ngettext("%(count)d interface text is missing.", "%(count)d interface texts are missing.", count)
                % {"count": count}
            )
        if count := len(self.fuzzy):
            said.append(
                ngettext(
                    "%(count)d interface text is marked as fuzzy: its English original has changed.",
                    "%(count)d interface texts are marked as fuzzy: their English originals have changed.",
                    count,
                )
                % {"count": count}
            )
        return said


def catalogue_path(code: str, root: Path | None = None) -> Path:
    """Return the path of a language's catalogue."""
    return (root or Path(settings.LOCALE_PATHS[0])) / to_locale(code) / "LC_MESSAGES" / "django.po"


def gaps(code: str, root: Path | None = None) -> Gaps:
    """Return the gaps of the interface in a language.

    The source language needs no catalogue: its texts are in the code.
    """
    if code == settings.LANGUAGE_CODE:
        return Gaps()
    file = catalogue_path(code, root)
    if not file.exists():
        return Gaps(absent=True)
    try:
        with file.open("rb") as lines:
            found = read_po(lines, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError, ValueError):
        return Gaps(unreadable=True)
    entries = [message for message in found if message.id]
    if not entries:
        return Gaps(absent=True)
    return Gaps(
        fuzzy_header=found.fuzzy,
        missing=tuple(_name(message.id) for message in entries if not _is_whole(message.string)),
        fuzzy=tuple(_name(message.id) for message in entries if message.fuzzy),
    )


def _is_whole(string: str | tuple[str, ...] | list[str] | None) -> bool:
    return all(string) if isinstance(string, (tuple, list)) else bool(string)


def _name(message_id: str | tuple[str, ...] | list[str]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]
