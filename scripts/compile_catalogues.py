"""Compile each locale/*/LC_MESSAGES/django.po whose .mo is missing or older.

Pure Python: needs no gettext.
"""

import re
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

LOCALE = Path(__file__).resolve().parents[1] / "locale"
LINE = re.compile(r'\s*(?:#.*|(?:msg\S+ +)?"(?:[^"\\]|\\.)*"\s*)?')


def main() -> None:
    for po in sorted(LOCALE.glob("*/LC_MESSAGES/django.po")):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        print(f"Compiling the translations: {po.parts[-3]}")
        with po.open("rb") as source:
            catalogue = read_po(source, locale=po.parts[-3], abort_invalid=True)
        # Babel accepts a string without its closing quote, and drops its last character.
        for number, line in enumerate(po.read_text(encoding="utf-8").split("\n"), start=1):
            if not LINE.fullmatch(line):
                raise PoFileError("Malformed line", catalogue, line, number)
        catalogue.fuzzy = False  # a header marked fuzzy would exclude the whole catalogue
        unfinished = mo.with_suffix(".part")
        with unfinished.open("wb") as target:
            write_mo(target, catalogue)
        unfinished.replace(mo)


if __name__ == "__main__":
    main()
