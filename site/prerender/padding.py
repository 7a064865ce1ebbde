"""Padding: the files of an address get one of the sizes of its kind (`core.publishing.size_classes`).

Encryption hides what a page says and not how many bytes it has, and those bytes used to name it.
The padding is always the same, so that nothing depends on chance; it comes after the content, so that it delays
nothing; and programs that read the file ignore it:

- HTML: a comment after the document.
- PDF: lines of comment before the last `startxref`, so that no object moves (ISO 32000-2, 7.2.4 and 7.5.5).
- Brotli: empty metadata blocks (RFC 7932, 9.2).
- gzip: empty stored blocks (RFC 1951, 3.2.4) and, for the remainder, a comment in the header (RFC 1952, 2.3.1).

Compressed files are padded as such, so that no compression shrinks the padding and a web server sends them as they are.
They decompress to the content without the padding of the uncompressed file.
"""

import re
import struct
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import brotli
from django.conf import settings

from core.publishing.size_classes import Sizes, sizes_for

PDF = ".pdf"
SHORTEST_COMMENT = len(b"<!---->")
HTML_PADDING = re.compile(rb"(?:<!-- *-->| {1,6})\Z")
PDF_LINE = 100  # bytes
EMPTY_STORED_BLOCK = b"\0\0\0\xff\xff"
EMPTY_METADATA, LAST_BLOCK = b"\x06", b"\x03"  # of Brotli
# Content that is larger than all sizes of its kind gets a multiple of this one.
GRID = 4096
TIGHTEST = 11


class Padded(NamedTuple):
    """The files of an address: the content, and its compressed variants by their suffix.

    `fill`: how much of the largest size of its kind the content takes; above 1, the files have none of these sizes.
    None if its kind has no sizes.
    """

    body: bytes
    variants: dict[str, bytes]
    fill: float | None


def padded(path: str, body: bytes) -> Padded | None:
    """Return the files of an address with one of the sizes of its kind; None if its kind has no sizes.

    All files of an address get the same class: the smallest that holds each of them.
    Content is compressed as tightly as possible before it counts as too large.
    """
    if not (sizes := sizes_for(path)):
        return None
    if not (largest := sizes[-1]).brotli:
        size = chosen(sizes, Sizes(len(body)))
        return Padded(padded_pdf(body, size.plain), {}, len(body) / largest.plain)
    deflated, compressed = Deflated(body), brotli_blocks(body, settings.PRERENDER_BROTLI_QUALITY)
    if len(compressed) >= largest.brotli:
        compressed = brotli_blocks(body, TIGHTEST)
    own = Sizes(len(body), len(deflated), len(compressed) + len(LAST_BLOCK))
    size = chosen(sizes, own)
    variants = {
        ".br": compressed + brotli_padding(size.brotli - own.brotli) + LAST_BLOCK,
        ".gz": deflated.padded(size.gzip - own.gzip),
    }
    return Padded(
        padded_html(body, size.plain), variants, max(each / most for each, most in zip(own, largest, strict=True))
    )


def chosen(sizes: Sequence[Sizes], own: Sizes) -> Sizes:
    """Return the smallest of these sizes that holds files of their own size, or the next ones on the grid."""
    fitting = (size for size in sizes if all(each <= most for each, most in zip(own, size, strict=True)))
    return next(fitting, Sizes(*(-(-each // GRID) * GRID for each in own)))


def stripped(path: str, body: bytes) -> bytes:
    """Return the uncompressed HTML of an address without its padding."""
    return HTML_PADDING.sub(b"", body) if sizes_for(path) and not path.endswith(PDF) else body


def is_content(path: str, found: bytes, body: bytes) -> bool:
    """Return whether an uncompressed file consists of this content, with or without padding."""
    if not sizes_for(path):
        return found == body
    return found == (padded_pdf if path.endswith(PDF) else padded_html)(body, len(found))


# --- Formats --------------------------------------------------------------------------------------


def padded_html(body: bytes, size: int) -> bytes:
    missing = size - len(body)
    return body + (
        b"<!--" + b" " * (missing - SHORTEST_COMMENT) + b"-->" if missing >= SHORTEST_COMMENT else b" " * missing
    )


def padded_pdf(body: bytes, size: int) -> bytes:
    before, end, after = body.rpartition(b"startxref")
    whole, rest = divmod(max(size - len(body), 0), PDF_LINE)
    lines = [b"%" + b" " * (PDF_LINE - 2) + b"\n"] * whole
    if rest:
        lines.append(b"%" + b" " * (rest - 2) + b"\n" if rest > 1 else b"\n")
    return before + b"".join(lines) + end + after


class Deflated:
    """Content compressed as gzip, with the place where blocks can be added."""

    def __init__(self, body: bytes) -> None:
        compressor = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
        self.blocks = compressor.compress(body) + compressor.flush(zlib.Z_SYNC_FLUSH)
        self.end = compressor.flush() + struct.pack("<LL", zlib.crc32(body), len(body) & 0xFFFFFFFF)

    def __len__(self) -> int:
        return len(self.padded(0))

    def padded(self, missing: int) -> bytes:
        """Return the file, larger by this number of bytes."""
        blocks, rest = divmod(missing, len(EMPTY_STORED_BLOCK))
        comment = b" " * (rest - 1) + b"\0" if rest else b""
        flags = 0x10 if rest else 0  # FCOMMENT
        # Method, flags, no time, the tightest compression, no system.
        header = b"\x1f\x8b" + struct.pack("<BBLBB", 8, flags, 0, 2, 255)
        return header + comment + self.blocks + EMPTY_STORED_BLOCK * blocks + self.end


def brotli_blocks(body: bytes, quality: int) -> bytes:
    """Return content compressed with Brotli up to a byte boundary, without the last, empty block."""
    compressor = brotli.Compressor(mode=brotli.MODE_TEXT, quality=quality)
    blocks: bytes = compressor.process(body) + compressor.flush()
    if compressor.finish() != LAST_BLOCK:
        raise ValueError("The compressor ended with another block than the last, empty one.")
    return blocks


def brotli_padding(missing: int) -> bytes:
    """Return metadata blocks of this number of bytes together."""
    for width in (1, 2, 3):
        length = missing - 1 - width
        # The last byte of a length may not be 0.
        if 1 << 8 * (width - 1) < length <= 1 << 8 * width or (width, length) == (1, 1):
            header = 0b0110 | width << 4 | (length - 1) << 6
            return header.to_bytes(1 + width, "little") + b"\0" * length
    return EMPTY_METADATA + brotli_padding(missing - 1) if missing else b""
