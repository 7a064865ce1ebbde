"""Collect translatable strings into locale/*/LC_MESSAGES/django.po.

Changes nothing on an unchanged tree.
Needs gettext.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Catalogues that exist only so that Django has the language, and are not translated yet.
EMPTY = ("mt",)


def main() -> None:
    if not shutil.which("xgettext"):
        sys.exit("gettext is not installed: collecting strings is the only step that needs it.")
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    ignored = ["tests", "var", ".venv", ".tools", "scripts", "bench", "docs"]
    subprocess.run(
        [
            sys.executable, "manage.py", "makemessages", *[f"--exclude={code}" for code in EMPTY],
            "--no-obsolete", "--no-wrap", "--add-location=file", "-v", "0", *[f"--ignore={name}" for name in ignored],
        ],
        cwd=ROOT, env=environment, check=True,
    )  # fmt: skip
    for po in (ROOT / "locale").glob("*/LC_MESSAGES/django.po"):
        # The extraction date would change on every run, and a header marked fuzzy would disable the whole catalogue.
        lines = po.read_text().split("\n")
        header = lines.index("", 1) if "" in lines[1:] else len(lines)
        head = [line for line in lines[:header] if not line.startswith(('"POT-Creation-Date', "#, fuzzy"))]
        po.write_text("\n".join([*head, *lines[header:]]))


if __name__ == "__main__":
    main()
