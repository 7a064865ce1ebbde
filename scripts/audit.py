"""Report known vulnerabilities of the locked packages, from a file of advisories and without the internet.

    uv export … | python scripts/audit.py var/advisories.zip

The file is the export of osv.dev for PyPI (`make advisories` fetches it), in the format of
https://ossf.github.io/osv-schema/.
The exit status is 1 for a vulnerability, and 2 if nothing could be compared.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

OLD = dt.timedelta(days=14)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A vulnerability of a locked package; `fixed` has the versions without it, `ids` its names."""

    package: str
    version: str
    ids: str
    fixed: str
    summary: str


def locked(lines: Iterable[str]) -> dict[str, Version]:
    """Return the version of each package that `uv export` lists, for all platforms."""
    named = (line.partition(" #")[0].strip(" \\\n") for line in lines if line[:1].isalnum())
    pinned = ((each.name, next(iter(each.specifier)).version) for each in map(Requirement, named) if each.specifier)
    return {canonicalize_name(name): Version(version) for name, version in pinned}


def advisories(file: Path) -> Iterator[dict[str, Any]]:
    """Yield the advisories in a file that are still valid."""
    with zipfile.ZipFile(file) as archive:
        for name in sorted(archive.namelist()):
            advisory = json.loads(archive.read(name))
            if not advisory.get("withdrawn"):
                yield advisory


def is_affected(version: Version, affected: dict[str, Any]) -> bool:
    """Return whether a version is listed, or in one of the ranges of versions."""
    for listed in affected.get("versions", ()):
        with suppress(InvalidVersion):  # of the time before PEP 440
            if Version(listed) == version:
                return True
    return any(
        is_in_range(version, each["events"]) for each in affected.get("ranges", ()) if each["type"] == "ECOSYSTEM"
    )


def is_in_range(version: Version, events: Iterable[dict[str, str]]) -> bool:
    """Return whether a version is between an event that introduces a fault and the next that ends it."""
    # At the same version, the end of a fault comes before the beginning of the next.
    order = {"fixed": 0, "limit": 0, "introduced": 1, "last_affected": 2}
    try:
        steps = sorted((Version(at), order[kind], kind) for event in events for kind, at in event.items())
    except InvalidVersion:
        return True  # a person has to compare it
    found = False
    for at, _rank, kind in steps:
        if at > version or (at == version and kind == "last_affected"):
            break
        found = kind == "introduced"
    return found


def examine(packages: dict[str, Version], known: Iterable[dict[str, Any]]) -> list[Finding]:
    """Return the vulnerabilities of these packages, each once, although several databases may name it."""
    found: dict[tuple[str, str], Finding] = {}
    for advisory in known:
        for affected in advisory.get("affected", ()):
            package = canonicalize_name(affected.get("package", {}).get("name", ""))
            version = packages.get(package)
            is_ours = affected.get("package", {}).get("ecosystem") == "PyPI"
            if version is None or not is_ours or not is_affected(version, affected):
                continue
            names = sorted({advisory["id"], *advisory.get("aliases", ())})
            events = [event for each in affected.get("ranges", ()) for event in each["events"]]
            ends = ", ".join(sorted(event["fixed"] for event in events if "fixed" in event)) or "no version"
            summary = advisory.get("summary") or advisory.get("details", "").partition("\n")[0]
            finding = Finding(package, str(version), " ".join(names), ends, summary[:100])
            first = next((found[package, name] for name in names if (package, name) in found), finding)
            found |= dict.fromkeys(((package, name) for name in names), first)
    return sorted(set(found.values()))


def main() -> int:
    file = Path(sys.argv[1])
    try:
        packages, known = locked(sys.stdin), list(advisories(file))
    except (OSError, ValueError, zipfile.BadZipFile) as problem:
        print(f"Nothing was compared: {file} cannot be read ({problem}). `make advisories` fetches it.")
        return 2
    if not packages or not known:
        print(f"Nothing was compared: {len(packages)} packages, {len(known)} advisories in {file}.")
        return 2
    newest = max(dt.datetime.fromisoformat(each["modified"]) for each in known)
    found = examine(packages, known)
    for each in found:
        print(f"{each.package} {each.version}  {each.ids}\n    fixed in {each.fixed}: {each.summary}")
    print(f"{len(packages)} packages, {len(known):,} advisories of {newest:%-d %B %Y}: {len(found)} vulnerabilities.")
    if dt.datetime.now(dt.UTC) - newest > OLD:
        print("These advisories are old: fetch them again, with `make advisories`.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
