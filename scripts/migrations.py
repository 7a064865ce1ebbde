"""Compare the migrations with scripts/migrations.sha256.

A committed migration never changes, for a database may have applied it.
`migrations.py --add` adds new ones to the list.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HASHES = ROOT / "scripts" / "migrations.sha256"


def committed() -> dict[str, str]:
    """Return the hash of each migration of the list, which has the format of sha256sum."""
    lines = HASHES.read_text().splitlines() if HASHES.exists() else []
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


def present() -> dict[str, str]:
    """Return the hash of each migration in the tree."""
    pattern = ":(glob)**/migrations/[0-9]*.py"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", pattern],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    names = [name for name in listed.stdout.splitlines() if (ROOT / name).exists()]
    return {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in sorted(names)}


def problems() -> list[str]:
    there = present()
    known = committed()
    return [
        *(f"{name} was deleted." for name in known if name not in there),
        *(f"{name} was changed." for name in known if there.get(name, known[name]) != known[name]),
        *(f"{name} is new: `scripts/migrations.py --add`." for name in there if name not in known),
    ]


def main() -> None:
    if "--add" in sys.argv[1:]:
        hashes = present() | committed()
        HASHES.write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(hashes.items())))
    if found := problems():
        sys.exit("\n".join([*found, "Committed migrations never change. Restore the file, and make a new migration."]))


if __name__ == "__main__":
    main()
