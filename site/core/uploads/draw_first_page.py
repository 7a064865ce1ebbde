"""Draws the first page of a PDF: reads the file from standard input, and writes a PNG to standard output.

A separate program, started by `core.uploads.first_pages`: if a file exploits the library that reads it, this happens in
a process that has no secrets, may write nothing, and has little memory and time.
"""

import sys
from io import BytesIO

import pypdfium2

try:
    import resource
except ImportError:  # Windows has no such limits: there, only the time is bounded
    resource = None  # type: ignore[assignment]

LONGEST_SIDE = 1280  # pixels
MOST_MEMORY = 1024**3
MOST_SECONDS = 10


def limit() -> None:
    """Give up memory, time, and the right to write files.

    Limits that a system lacks are skipped.
    """
    for name, most in (
        ("RLIMIT_AS", MOST_MEMORY),
        ("RLIMIT_CPU", MOST_SECONDS),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0),
    ):
        try:
            resource.setrlimit(getattr(resource, name), (most, most))
        except (AttributeError, ValueError, OSError):
            continue


def draw(data: bytes) -> bytes:
    """Return the first page as a PNG whose longer side is LONGEST_SIDE, regardless of the page size."""
    page = pypdfium2.PdfDocument(data)[0]
    drawn = page.render(scale=LONGEST_SIDE / max(page.get_size()), draw_annots=False).to_pil()
    target = BytesIO()
    drawn.convert("RGB").save(target, format="PNG")
    return target.getvalue()


if __name__ == "__main__":
    limit()
    sys.stdout.buffer.write(draw(sys.stdin.buffer.read()))
