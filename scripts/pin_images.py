"""Write the digest behind each image's name into Dockerfile and compose.yaml, so that all builds use the same images.

    python scripts/pin_images.py            fetches the current digests from the registries, and writes them
    python scripts/pin_images.py --check    fails if an image has no digest

A digest names one content for ever: to get a new version of an image, run this again, and review the change.
It uses docker or skopeo, whichever is installed; images that are built here have no digest and need none.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILES = ("Dockerfile", "compose.yaml")
# `FROM name:tag …` and `image: name:tag`; a name without a registry is one of ours.
IMAGE = re.compile(
    r"^(?P<before>FROM\s+|\s+image:\s+)(?P<name>[\w.-]+\.[\w-]+/[^\s@]+)(?P<digest>@sha256:[0-9a-f]{64})?",
    re.MULTILINE,
)
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def digest_of(name: str) -> str:
    """Return the current digest of an image, that of all its architectures together.

    Exits if no program can fetch it.
    """
    commands = {
        "docker": ["docker", "buildx", "imagetools", "inspect", name, "--format", "{{.Manifest.Digest}}"],
        "skopeo": ["skopeo", "inspect", "--format", "{{.Digest}}", f"docker://{name}"],
    }
    command = next((each for program, each in commands.items() if shutil.which(program)), None)
    if command is None:
        sys.exit("Neither docker nor skopeo was found: one of them has to ask for the digests.")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = DIGEST.search(done.stdout)
    if done.returncode or found is None:
        sys.exit(f"{command[0]} could not say the digest of {name}. Nothing was changed.\n{done.stderr}")
    return found[0]


def unpinned(text: str) -> list[str]:
    return [found["name"] for found in IMAGE.finditer(text) if not found["digest"]]


def pinned(text: str, digests: dict[str, str]) -> str:
    """Return a file with these digests behind the names of its images."""
    return IMAGE.sub(lambda found: f"{found['before']}{found['name']}@{digests[found['name']]}", text)


def main() -> None:
    texts = {name: (ROOT / name).read_text() for name in FILES}
    if "--check" in sys.argv[1:]:
        missing = {image for text in texts.values() for image in unpinned(text)}
        sys.exit(f"Without a digest: {', '.join(sorted(missing))}" if missing else 0)
    images = {found["name"] for text in texts.values() for found in IMAGE.finditer(text)}
    digests = {image: digest_of(image) for image in sorted(images)}
    for name, text in texts.items():
        (ROOT / name).write_text(pinned(text, digests))
    for image, digest in digests.items():
        print(f"{image} {digest}")


if __name__ == "__main__":
    main()
