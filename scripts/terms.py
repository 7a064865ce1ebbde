"""Find words that the project has another word for, by the table scripts/terms.toml.

A `[[term]]` has the word to `use`, regular expressions to `find` and to `allow`, and globs of files
to leave out (`besides`).
They are matched line by line against text in lower case in which identifiers are taken apart: `PageView.wait_for`
reads "page view.wait for".
`[signs]` has words that are mostly signs of a sentence to rewrite, and how many of them there may be.
"""

from __future__ import annotations

import fnmatch
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "scripts" / "terms.toml"
# Words of others: data, texts of the demonstration, pictures, translations. Messages are read where the code has them.
OTHERS = (
    "uv.lock",
    "LICENSE",
    "*.po",
    "*.svg",
    "*/data/*",
    "locale/*.toml",
    "site/demo/content/*",
    "*/references/*",
    "tests/promises/sentences.csv",
    "scripts/terms.*",
    "tests/scripts/test_terms.py",
)
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Finding(NamedTuple):
    path: str
    line: int
    word: str
    use: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: “{self.word}”: use {self.use}"


def plain(text: str) -> str:
    """Take identifiers apart: at underscores, and where a capital begins a word."""
    return HUMP.sub(" ", text).replace("_", " ").lower()


def texts() -> Iterator[tuple[str, str]]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if any(fnmatch.fnmatch(name, glob) for glob in OTHERS) or path.is_symlink() or not path.is_file():
            continue
        try:
            yield name, plain(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue


def findings(name: str, text: str, terms: list[dict[str, Any]]) -> Iterator[Finding]:
    """Yield each word of a file, or of its name, that a term has another word for."""
    for term in terms:
        if any(fnmatch.fnmatch(name, glob) for glob in term.get("besides", ())):
            continue
        find = re.compile("|".join(term["find"]))
        allow = re.compile("|".join(term["allow"])) if term.get("allow") else None
        if not find.search(text) and not find.search(plain(name)):
            continue
        for number, line in enumerate([plain(name), *text.split("\n")]):
            for found in find.finditer(allow.sub(" ", line) if allow else line):
                yield Finding(name, number, found.group(), term["use"])


def main() -> None:
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    signs, limit = re.compile(rf"\b(?:{'|'.join(table['signs']['words'])})\b"), table["signs"]["limit"]
    found, count = [], 0
    for name, text in texts():
        found += findings(name, text, table["term"])
        count += len(signs.findall(text))
    for finding in found:
        print(finding)
    if count > limit:
        print(f"{count} times one of {', '.join(table['signs']['words'])}; {limit} are allowed: name the actor.")
    if found or count > limit:
        sys.exit(f"{len(found)} words to replace.")


if __name__ == "__main__":
    main()
