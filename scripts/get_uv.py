"""Download uv into .tools/ if it is missing.

Needs only Python's standard library: no pip, no venv, no root.

Prints the path of a working uv.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import shutil
import stat
import subprocess
import sys
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[1] / ".tools"
INDEX = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple"


def wanted_tags() -> list[str]:
    """Return the parts that the name of a wheel for this machine must contain."""
    machine = {"AMD64": "x86_64", "arm64": "arm64" if sys.platform == "darwin" else "aarch64"}.get(
        platform.machine(), platform.machine()
    )
    if sys.platform == "darwin":
        return ["macosx", machine]
    return ["manylinux", f"_{machine}."]


def download() -> Path:
    request = urllib.request.Request(
        f"{INDEX.rstrip('/')}/uv/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        files = json.load(answer)["files"]
    tags = wanted_tags()
    wheels = [
        f
        for f in files
        if f["filename"].endswith(".whl") and not f.get("yanked") and all(tag in f["filename"] for tag in tags)
    ]
    if not wheels:
        raise LookupError(f"There is no uv for {platform.platform()} on {INDEX}.")

    def version(file: dict[str, str]) -> tuple[int, ...]:
        return tuple(int(part) if part.isdigit() else -1 for part in file["filename"].split("-")[1].split("."))

    wheel = max(wheels, key=version)
    with urllib.request.urlopen(urllib.parse.urljoin(answer.url, wheel["url"]), timeout=300) as answer:
        data = answer.read()
    if hashlib.sha256(data).hexdigest() != wheel["hashes"]["sha256"]:
        raise ValueError("The download of uv is damaged. Nothing was installed; try again.")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".data/scripts/uv"))
        TOOLS.mkdir(exist_ok=True)
        target = TOOLS / "uv"
        unfinished = TOOLS / "uv.part"
        unfinished.write_bytes(archive.read(name))
    unfinished.chmod(unfinished.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    unfinished.replace(target)
    return target


def works(path: str | Path | None) -> bool:
    if not path or not Path(path).exists():
        return False
    return subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0


def main() -> None:
    for candidate in (TOOLS / "uv", shutil.which("uv")):
        if works(candidate):
            print(candidate)
            return
    print("Downloading uv into .tools/ …", file=sys.stderr)
    try:
        print(download())
    except (OSError, LookupError, ValueError) as error:
        sys.exit(f"uv could not be downloaded: {error}\nInstall it (https://docs.astral.sh/uv/) and try again.")


if __name__ == "__main__":
    main()
