"""Pictures too large to be decoded whole: libvips reads them piece by piece, and makes them smaller on the way."""

from __future__ import annotations

import pyvips
from PIL import Image

# Of the formats that libvips can read and write, none but those that Pillow has looked at.
FORMATS = ("VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp", "VipsForeignSaveJpeg")
pyvips.operation_block_set("VipsForeign", True)
for operation in FORMATS:
    pyvips.operation_block_set(operation, False)
# Each thread would have buffers of its own, and nothing is read twice.
pyvips.concurrency_set(1)
pyvips.cache_set_max(0)

MODES = ("L", "LA", "RGB", "RGBA")


def reduced(data: bytes, size: tuple[int, int], *, most_pixels: int, longest: int | None) -> Image.Image:
    """Return a picture of this size reduced to `most_pixels`, and to `longest` on each side, upright. Raises pyvips.Error."""
    width, height = size
    scale = min((most_pixels / (width * height)) ** 0.5, (longest or max(size)) / max(size))
    # A square to fit into: which side is longer is known only when the picture is upright.
    side = max(1, int(max(size) * scale))
    # What is cut off is an error only by this option: an argument of the same name is not passed on.
    picture = pyvips.Image.thumbnail_buffer(
        data, side, height=side, size="down", option_string="[fail_on=error]"
    )
    if picture.format != "uchar":  # 16 bits a channel
        picture = picture.colourspace("srgb" if picture.bands > 2 else "b-w")
    return Image.frombytes(
        MODES[picture.bands - 1], (picture.width, picture.height), picture.write_to_memory()
    )


def in_one_pass(jpeg: bytes, *, factor: int) -> bytes:
    """Return a JPEG divided by 1, 2, 4 or 8, as it was stored, not turned. It is written while it is read. Raises pyvips.Error."""
    picture = pyvips.Image.jpegload_buffer(jpeg, shrink=factor, access="sequential", fail_on="error")
    # It is encoded once more after this, so nothing of its colours is left out here.
    return picture.jpegsave_buffer(Q=96, subsample_mode="off", keep="icc")
