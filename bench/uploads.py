"""Measure how much processor time and memory it takes to clean the largest picture that is accepted.

    python bench/uploads.py [--megapixels 40]

Of kinds with a lower limit, the largest picture that is accepted is measured.
Each picture is handled in a separate process, so that the growth of its largest size is the memory that the picture
took.
Compared with Pillow alone, which decodes and encodes the same file.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.table import Row, machine, table  # noqa: E402

TURNED = Image.Exif()
TURNED[0x0112] = 6
SECONDS, MEGABYTES = "2 s", "150 MB"


class Kind(NamedTuple):
    """A way to save a picture.

    `most` is how many million pixels it may have, if not as many as JPEG.
    """

    format: str
    mode: str = "RGB"
    most: float = 40
    options: dict[str, Any] = {}


KINDS = {
    "JPEG": Kind("JPEG"),
    "JPEG, on its side": Kind("JPEG", options={"exif": TURNED}),
    "JPEG, on its side, not to be halved": Kind("JPEG", most=16, options={"exif": TURNED}),
    "JPEG, progressive": Kind("JPEG", options={"progressive": True}),
    "JPEG, progressive, all colours": Kind("JPEG", most=20, options={"progressive": True, "subsampling": 0}),
    "PNG": Kind("PNG", options={"compress_level": 1}),
    "PNG, seen through": Kind("PNG", mode="RGBA", most=12, options={"compress_level": 1}),
    "PNG, on its side": Kind("PNG", most=24, options={"compress_level": 1, "exif": TURNED}),
    "WEBP": Kind("WEBP"),
    "WEBP, seen through": Kind("WEBP", mode="RGBA", most=10),
    "WEBP, without loss": Kind("WEBP", most=10, options={"lossless": True, "method": 0}),
    "AVIF": Kind("AVIF", most=3.7, options={"speed": 10}),
    "AVIF, seen through": Kind("AVIF", mode="RGBA", most=3.7, options={"speed": 10}),
    "GIF": Kind("GIF", most=24),
    "TIFF": Kind("TIFF", most=9, options={"compression": "tiff_lzw"}),
}


class Took(NamedTuple):
    seconds: float
    megabytes: float


def measure(megapixels: float = 40, *, kinds: Iterable[str] = KINDS) -> str:
    """Return the table for pictures of this size, or of the largest that their kind may have."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name in kinds:
            kind = KINDS[name]
            path = Path(folder) / f"picture.{kind.format.lower()}"
            pixels = draw(path, kind, megapixels * 1_000_000)
            alone, cleaned = child("alone", path), child("cleaned", path)
            what = f"{name}, {pixels / 1_000_000:.1f} million pixels"
            rows += [
                Row(f"{what}: processor", alone.seconds, cleaned.seconds, "s", SECONDS),
                Row(f"{what}: memory", alone.megabytes, cleaned.megabytes, "MB", MEGABYTES),
            ]
    return table(rows, first="Pillow alone", second="cleaned")


def draw(path: Path, kind: Kind, pixels: float) -> int:
    """Draw a picture with areas, edges and grain, of the proportions of a photograph.

    Returns how many pixels it has.
    """
    pixels = min(pixels, kind.most * 1_000_000)
    height = int((pixels * 3 / 4) ** 0.5)
    width = int(pixels / height)
    picture = Image.merge(kind.mode, [Image.effect_noise((400, 300), 60).resize((width, height)) for _ in kind.mode])
    pen = ImageDraw.Draw(picture)
    for step in range(0, min(width, height), 40):
        pen.ellipse([step, step, step + 300, step + 300], fill=(step % 255, step * 7 % 255, step * 3 % 255))
    if kind.format == "GIF":  # which would spend time on choosing colours, unlike real uploads here
        picture = picture.quantize(method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    quality = {} if kind.format in {"GIF", "PNG", "TIFF"} else {"quality": 70}
    picture.save(path, format=kind.format, **(quality | kind.options))
    return width * height


def child(what: str, path: Path) -> Took:
    answer = subprocess.run(
        [sys.executable, __file__, f"--{what}", str(path)], capture_output=True, check=True, text=True
    ).stdout.split()
    return Took(float(answer[0]), float(answer[1]))


def handle(what: str, path: Path) -> Took:
    """Clean a picture in this process, or decode and encode it, and return its cost."""
    prepare()
    from core.uploads.pictures import reencode

    kind = path.suffix.removeprefix(".").upper()
    data = path.read_bytes()
    small = BytesIO()
    Image.new("RGB", (64, 64)).save(small, format=kind)
    reencode(small.getvalue(), kind.lower())  # loads the codecs
    before, started = largest(), time.process_time()
    if what == "cleaned":
        # As a document, which is not halved for pages: more is left to encode.
        reencode(data, kind.lower())
    else:
        with Image.open(BytesIO(data)) as picture:
            picture.save(BytesIO(), format=kind)
    return Took(time.process_time() - started, largest() - before)


def largest() -> float:
    """Return the largest size of this process so far, in megabytes."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux's other figure begins with the size of the parent process
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / (1024 * 1024 if sys.platform == "darwin" else 1024)


def prepare() -> None:
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--megapixels", type=float, default=40)
    parser.add_argument("--alone", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--cleaned", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone or options.cleaned:
        print(*handle("alone" if options.alone else "cleaned", options.alone or options.cleaned))
    else:
        prepare()
        print(measure(options.megapixels))
        print(machine())
