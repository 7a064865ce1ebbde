"""Rename a term in the whole tree by a table of scripts/renames/: `rename.py TABLE`.

Kept until all terms are renamed.

A table is a TOML file with

- `[moves]`: paths of files or folders, old = new;
- `[names]`: whole identifiers or plain words, old = new;
- `[parts]`: words inside identifiers (`wait_for_press`, `PressHost`, `PRESS_ROOT`), old = new, all in lower case;
- `keep`: identifiers that `[parts]` leaves alone (regular expressions that match the whole identifier);
- `[[rules]]`: `find` and `replace` (regular expressions over a whole file), and the globs `only` and `besides`.

Data, pictures and the demonstration's texts are left alone but for rules whose `only` names them.
In catalogues only messages are changed, but for rules whose `only` begins with `locale/`: those change translations.
"""

import fnmatch
import functools
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEFT_ALONE = (
    "uv.lock",
    "LICENSE",
    "*/data/*",
    "site/demo/content/*",
    "*/references/*",
    "scripts/rename.py",
    "scripts/renames/*",
)
IDENTIFIER = re.compile(r"(?<![\w])[A-Za-z_]\w*")
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+|[^A-Za-z]+")


def main() -> None:
    for name in sys.argv[1:]:
        rename(tomllib.loads((ROOT / "scripts" / "renames" / f"{name}.toml").read_text()))


def rename(table: dict) -> None:
    for old, new in table.get("moves", {}).items():
        move(old, new)
    keep = re.compile("|".join(table.get("keep", [])) or r"(?!)")
    for path in texts():
        text = path.read_text(encoding="utf-8")
        changed = change(text, str(path.relative_to(ROOT)), table, keep)
        if changed != text:
            path.write_text(changed, encoding="utf-8")


def all_moves() -> dict[str, str]:
    tables = sorted((ROOT / "scripts" / "renames").glob("*.toml"))
    return {old: new for table in tables for old, new in tomllib.loads(table.read_text()).get("moves", {}).items()}


MOVES = all_moves()


def below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + "/")


@functools.cache
def names_of(path: str) -> set[str]:
    """Return the path and the names that it has had, or gets, by the moves of all tables."""
    names, new = set(), {path}
    while new:
        names |= new
        new = {
            to + name.removeprefix(of)
            for name in names
            for old, renamed in MOVES.items()
            for of, to in ((old, renamed), (renamed, old))
            if below(name, of)
        } - names
        if len(names) > 200:
            break
    return names


def now(path: str) -> str:
    """Return the name that a path has now, after the moves that were made."""
    for _ in range(9):
        for old, new in sorted(MOVES.items(), key=lambda move: -len(move[0])):
            if below(path, old) and not (ROOT / old).exists():
                path = new + path.removeprefix(old)
                break
        else:
            return path
    return path


def move(old: str, new: str) -> None:
    """Move a file, or the files of a folder one by one: the new folder may exist."""
    if not git("ls-files", "-z", "--", old):
        parent, _slash, last = old.rpartition("/")
        old = f"{now(parent)}/{last}" if not git("ls-files", "-z", "--", now(old)) else now(old)
        parent, _slash, last = new.rpartition("/")
        new = f"{now(parent)}/{last}"
    listed = git("ls-files", "-z", "--", old).split("\0")
    if listed == [""]:
        print(f"{old} is not there, to become {new}")
    for name in filter(None, listed):
        to = ROOT / (new + name.removeprefix(old))
        if to.exists():
            raise SystemExit(f"{to} exists")
        to.parent.mkdir(parents=True, exist_ok=True)
        git("mv", name, str(to))


def texts() -> Iterator[Path]:
    for name in filter(None, git("ls-files", "-z").split("\0")):
        path = ROOT / name
        if path.parent.name == "renames" or path.is_symlink() or not path.is_file():
            continue
        try:
            path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        yield path


def matches(path: str, globs: list[str]) -> bool:
    return any(fnmatch.fnmatch(name, glob) for glob in globs for name in names_of(path))


def change(text: str, path: str, table: dict, keep: re.Pattern[str]) -> str:
    alone = any(fnmatch.fnmatch(path, glob) for glob in LEFT_ALONE)
    if not alone:
        names = table.get("names", {})
        if names:
            pattern = re.compile(
                r"(?<!\w)(" + "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) + r")(?!\w)"
            )
            text = in_messages(path, text, lambda part: pattern.sub(lambda found: names[found.group()], part))
        parts = table.get("parts", {})
        if parts:
            text = in_messages(
                path,
                text,
                lambda part: IDENTIFIER.sub(lambda found: change_parts(found.group(), parts, keep), part),
            )
    for rule in table.get("rules", []):
        only = rule.get("only")
        if matches(path, rule.get("besides", [])):
            continue
        if (only is None and not alone) or (only and matches(path, only)):
            pattern = re.compile(rule["find"], re.MULTILINE)
            if only and any(glob.startswith("locale/") for glob in only):
                text = in_translations(
                    text, lambda part, pattern=pattern, rule=rule: pattern.sub(rule["replace"], part)
                )
            else:
                text = in_messages(
                    path, text, lambda part, pattern=pattern, rule=rule: pattern.sub(rule["replace"], part)
                )
    return text


def change_parts(identifier: str, parts: dict[str, str], keep: re.Pattern[str]) -> str:
    words = WORD.findall(identifier)
    if len([word for word in words if word[0].isalpha()]) < 2 or keep.fullmatch(identifier):
        return identifier
    return "".join(in_case(word, parts[word.lower()]) if word.lower() in parts else word for word in words)


def in_case(word: str, new: str) -> str:
    if word.isupper() and len(word) > 1:
        return new.upper()
    if word[0].isupper():
        return "".join(part.capitalize() for part in new.split("_"))
    return new


def in_messages(path: str, text: str, changed: Callable[[str], str]) -> str:
    return blocks(text, changed, of=("msgid", "msgctxt")) if path.endswith(".po") else changed(text)


def in_translations(text: str, changed: Callable[[str], str]) -> str:
    return blocks(text, changed, of=("msgstr",))


def blocks(text: str, changed: Callable[[str], str], *, of: tuple[str, ...]) -> str:
    lines, ours = [], False
    for line in text.split("\n"):
        if line.startswith("msg"):
            ours = line.startswith(of)
        elif not line.startswith('"'):
            ours = False
        lines.append(changed(line) if ours else line)
    return "\n".join(lines)


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
