"""Write all files that are generated from a table in the code.

These are style sheets of filters, pages of the manuals, alert rules and the dashboard.
"""

from __future__ import annotations

import os
from pathlib import Path

import django
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = ("finder_css", "library_css", "practices_css", "fact_docs", "monitoring_files")


def write_settings() -> None:
    """Write the table of settings into docs/operators/settings.md, below its introduction."""
    from core import variables

    page = ROOT / "docs/operators/settings.md"
    introduction = page.read_text(encoding="utf-8").partition("| variable |")[0]
    page.write_text(introduction + variables.table(), encoding="utf-8")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    for command in COMMANDS:
        call_command(command)
    write_settings()


if __name__ == "__main__":
    main()
