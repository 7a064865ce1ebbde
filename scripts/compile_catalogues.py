"""Compile each locale/*/LC_MESSAGES/django.po whose .mo is missing or older. Pure Python: needs no gettext."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).resolve().parents[1] / "locale"


def main() -> None:
    for po in sorted(LOCALE.glob("*/LC_MESSAGES/django.po")):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        with po.open("rb") as source:
            catalogue = read_po(source, locale=po.parts[-3], abort_invalid=True)
        catalogue.fuzzy = False  # a header marked fuzzy would exclude the whole catalogue
        unfinished = mo.with_suffix(".part")
        with unfinished.open("wb") as target:
            write_mo(target, catalogue)
        unfinished.replace(mo)


if __name__ == "__main__":
    main()
