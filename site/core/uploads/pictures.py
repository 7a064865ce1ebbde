"""Pictures: re-encoded from their pixels, upright, and no larger than the site can use.

Pictures that are too large to be decoded whole are read piece by piece by libvips, which reduces them meanwhile.
"""

import re
from io import BytesIO
from math import ceil
from typing import Any

import pyvips
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

from core.uploads import refusals

# Markers of frames, except those of lossless JPEG, which no decoder here supports (ITU T.81, table B.1).
FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
START_OF_SCAN = 0xDA
# Neither is followed by a length.
ALONE = frozenset({0x01, 0xD8, *range(0xD0, 0xD8)})


def coefficients(jpeg: bytes) -> int:
    """Return the size in bytes of the coefficients that a decoder holds until the last pass, two bytes each.

    0 if there is only one pass.
    """
    at, held, components, progressive = 2, 0, 0, False
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        marker = jpeg[at + 1]
        if marker == 0xFF or marker in ALONE:
            at += 1 if marker == 0xFF else 2
            continue
        body = jpeg[at + 4 : at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")]
        if marker in FRAMES:
            progressive, components, held = marker in PROGRESSIVE, body[5], _of_frame(body)
        elif marker == START_OF_SCAN:
            # A picture whose colours are stored one after the other has as many passes.
            return held if progressive or body[0] < components else 0
        at += 4 + len(body)
    return 0


def _of_frame(body: bytes) -> int:
    height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    sampled = [divmod(factors, 16) for factors in body[7 : 6 + 3 * body[5] : 3]]
    # Each colour has blocks of 8 by 8.
    # The most detailed one determines the size of a unit.
    units = ceil(width / (8 * max(h for h, _ in sampled))) * ceil(height / (8 * max(v for _, v in sampled)))
    return 2 * 64 * units * sum(h * v for h, v in sampled)


# Of the formats that libvips can read and write, only those that Pillow has checked.
VIPS_FORMATS = ("VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp", "VipsForeignSaveJpeg")
pyvips.operation_block_set("VipsForeign", True)
for operation in VIPS_FORMATS:
    pyvips.operation_block_set(operation, False)
# Each thread would have separate buffers, and nothing is read twice.
pyvips.concurrency_set(1)
pyvips.cache_set_max(0)

MODES = ("L", "LA", "RGB", "RGBA")


def reduced(data: bytes, size: tuple[int, int], *, most_pixels: int, longest: int | None) -> Image.Image:
    """Return a picture of this size reduced to `most_pixels`, and to `longest` on each side, upright.

    Raises pyvips.Error.
    """
    width, height = size
    scale = min((most_pixels / (width * height)) ** 0.5, (longest or max(size)) / max(size))
    # A square to fit into: which side is longer is known only when the picture is upright.
    side = max(1, int(max(size) * scale))
    # Truncated data is an error only with this option: an argument of the same name is not passed on.
    picture = pyvips.Image.thumbnail_buffer(data, side, height=side, size="down", option_string="[fail_on=error]")
    if picture.format != "uchar":  # 16 bits a channel
        picture = picture.colourspace("srgb" if picture.bands > 2 else "b-w")
    return Image.frombytes(MODES[picture.bands - 1], (picture.width, picture.height), picture.write_to_memory())


def in_one_pass(jpeg: bytes, *, factor: int) -> bytes:
    """Return a JPEG divided by 1, 2, 4 or 8, in its stored orientation.

    It is written while it is read.
    Raises pyvips.Error.
    """
    picture = pyvips.Image.jpegload_buffer(jpeg, shrink=factor, access="sequential", fail_on="error")
    # It is encoded once more after this, so nothing of its colours is left out here.
    return picture.jpegsave_buffer(Q=96, subsample_mode="off", keep="icc")


# Formats of pictures on pages, and of picture files offered for download.
PICTURE_FORMATS = {"avif": "AVIF", "gif": "GIF", "jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}
# Formats in packages, for print shops.
PRINT_FORMATS = {"tif": "TIFF", "tiff": "TIFF"}
EXTENSIONS = frozenset({*PICTURE_FORMATS, *PRINT_FORMATS})
FORMATS = tuple({*PICTURE_FORMATS.values(), *PRINT_FORMATS.values()})
# Nearly lossless, and fast rather than small: renditions are made from the stored file, and are smaller anyway.
SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    "AVIF": {"quality": 85, "speed": 9},
    "GIF": {},
    "JPEG": {"quality": 92},
    "PNG": {"compress_level": 1},
    "TIFF": {"compression": "tiff_lzw"},
    "WEBP": {"quality": 92, "method": 2},
}
# The most pixels that Pillow can decode and encode in 150 MB: it needs four bytes for a pixel, and the decoders of WebP
# and AVIF need three times as much and more.
# Of larger pictures, JPEG is halved by its decoder, PNG and WebP are reduced by libvips, and the rest is refused,
# because no decoder reads it in pieces.
# PNG: A3 at 300 dots per inch.
WHOLE_PIXELS = {"AVIF": 3_700_000, "GIF": 24_000_000, "PNG": 24_000_000, "TIFF": 9_000_000, "WEBP": 8_000_000}
DECODED_PIXELS = 24_000_000
REDUCED_PIXELS = 8_000_000
# Lossless or transparent WebP is decoded whole or in part, even though it can be reduced while it is loaded.
MOST_PIXELS_LOSSLESS = 10_000_000
MOST_PIXELS_SEEN_THROUGH = 10_000_000
# The coefficients of a progressive JPEG, in bytes: with its pixels, and alone, when libvips rewrites it in one pass.
# They allow 40 million pixels with the usual chroma subsampling of cameras, 20 million without.
MOST_HELD = 120_000_000
MOST_COEFFICIENTS = 122_000_000
# For a picture on a page.
# The largest on any page is 1,200 wide, cut from the middle: this leaves room to cut.
LONGEST_SIDE = 4_000
# Rows that are halved at a time.
STRIP = 64
ORIENTATION = 0x0112
# Markup that a browser could be tricked into running.
# No picture format uses any of it.
MARKUP = re.compile(rb"<(?:!doctype\s|html[\s>]|script[\s>]|iframe[\s>]|svg[\s>])", re.IGNORECASE)


def reencode(data: bytes, extension: str, *, longest: int | None = None) -> bytes:
    """Return a picture with nothing but its pixels and colour profile.

    Raises ValidationError.

    If a side is longer than `longest`, the picture is halved until it is not.
    """
    if MARKUP.search(data):
        raise ValidationError(_("This file contains a web page or a script as well as the picture."), code="content")
    source = _open(data, extension)
    kind = {**PICTURE_FORMATS, **PRINT_FORMATS}[extension]
    if source.width * source.height > (limit := _most_pixels(source, data)):
        raise _too_many_pixels(limit)
    if kind == "JPEG" and coefficients(data) > MOST_COEFFICIENTS:
        raise ValidationError(
            _(
                "This picture is too large for a progressive JPEG. "
                "Save it again without the option “progressive” (in some programs “interlaced”) or make it smaller, "
                "and upload it again."
            ),
            code="dots",
        )
    if profile := source.info.get("icc_profile"):
        _check_profile(profile)
    try:
        upright = _upright(source, data, kind, longest)
    except Exception as error:  # decoders raise many types of exceptions
        raise refusals.damaged() from error
    options = dict(SAVE_OPTIONS[kind])
    if kind == "JPEG" and upright is source:
        # Not rotated, so its own quantization tables still fit: hardly anything is lost.
        options["quality"] = "keep"
    if "transparency" in upright.info:
        options["transparency"] = upright.info["transparency"]
    if profile:
        options["icc_profile"] = profile
    upright.info = {}
    target = BytesIO()
    upright.save(target, format=kind, exif=b"", **options)
    return target.getvalue()


def _upright(source: Image.Image, data: bytes, kind: str, longest: int | None) -> Image.Image:
    """Decode a picture, turn it as its camera was held, and make it as small as it has to be."""
    # Transparency is encoded beside the picture, in twice as much memory.
    share = 3 if kind == "WEBP" and source.mode == "RGBA" else 1
    most = WHOLE_PIXELS.get(kind, DECODED_PIXELS) // share
    is_reduced_at_once = kind in {"PNG", "WEBP"} and source.width * source.height > most
    # Pillow decodes a PNG to read its orientation, so this is skipped for those that are too large for that.
    orientation = 1 if is_reduced_at_once else source.getexif().get(ORIENTATION, 1)
    if orientation != 1 and kind in {
        "JPEG",
        "PNG",
        "WEBP",
    }:  # it is held twice, before and after the rotation
        most = most * 2 // 3
    if kind in {"PNG", "WEBP"} and source.width * source.height > most:
        return reduced(data, source.size, most_pixels=REDUCED_PIXELS // share, longest=longest)
    factor = _factor(source.size, most, longest)
    if kind == "JPEG":
        pixels = 4 * source.width * source.height // factor**2 * (1 if orientation == 1 else 2)
        if (held := coefficients(data)) and held + pixels > MOST_HELD:
            source = Image.open(BytesIO(in_one_pass(data, factor=factor)), formats=["JPEG"])
        elif factor > 1:
            source.draft(None, (source.width // factor, source.height // factor))
        factor = _factor(source.size, most, longest)
    source.load()
    upright = _reduced(source, factor) if factor > 1 else source
    if orientation != 1:
        upright.getexif()[ORIENTATION] = orientation
        upright = ImageOps.exif_transpose(upright)
    return upright


def _factor(size: tuple[int, int], most: int, longest: int | None) -> int:
    """Return the divisor of both sides: a power of two, which JPEG decoders apply at no cost."""
    factor = 1
    while factor < 8 and (size[0] * size[1] > most * factor**2 or (longest and max(size) > longest * factor)):
        factor *= 2
    return factor


def _reduced(image: Image.Image, factor: int) -> Image.Image:
    """Return a smaller copy.

    It is made in strips, because Pillow would convert a copy of the whole picture first.
    """
    mode = {"P": "RGB", "1": "L", "PA": "RGBA"}.get(image.mode, image.mode)
    if "transparency" in image.info:
        mode = "RGBA"
    target = Image.new(mode, (-(-image.width // factor), -(-image.height // factor)))
    for top in range(0, image.height, STRIP * factor):
        strip = image.crop((0, top, image.width, min(top + STRIP * factor, image.height)))
        target.paste(strip.convert(mode).reduce(factor), (0, top // factor))
    return target


def _open(data: bytes, extension: str) -> Image.Image:
    """Open a picture and read its header without decoding it, which is where a decompression bomb is recognised."""
    kind = {**PICTURE_FORMATS, **PRINT_FORMATS}[extension]
    try:
        image = Image.open(BytesIO(data), formats=[kind])
        width, height = image.size
        moving = getattr(image, "is_animated", False) and image.format != "MPO"
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS) from error
    except Exception as error:  # decoders raise many types of exceptions
        raise refusals.wrong_type(extension) from error
    # Cameras that store a second view in the same file call it MPO; the first view is a JPEG.
    if ("JPEG" if image.format == "MPO" else image.format) != kind:
        raise refusals.wrong_type(extension)
    if not width * height:
        raise refusals.damaged()
    if moving:
        raise ValidationError(
            _(
                "Animated pictures are not accepted, because readers cannot stop them. "
                "Offer a video for download, or a still picture."
            ),
            code="moving",
        )
    return image


def _most_pixels(source: Image.Image, data: bytes) -> int:
    most = settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS
    if source.format == "WEBP":
        is_seen_through = source.mode == "RGBA"
        if _is_lossless(data):
            return min(most, MOST_PIXELS_LOSSLESS // (2 if is_seen_through else 1))
        return min(most, MOST_PIXELS_SEEN_THROUGH) if is_seen_through else most
    if source.format == "PNG" and _is_seen_through(source):
        # libvips would multiply its colours by the transparency, in four times the memory.
        # Half, because a fourth channel takes Pillow longer to write, and because the picture may have to be rotated:
        # Pillow has to decode a PNG to read its orientation.
        return min(most, WHOLE_PIXELS["PNG"] // 2)
    if source.format in {"AVIF", "GIF", "TIFF"} or (source.format == "PNG" and source.info.get("interlace")):
        return min(most, WHOLE_PIXELS[source.format])
    return most


def _is_seen_through(source: Image.Image) -> bool:
    return source.mode in {"LA", "PA", "RGBA"} or "transparency" in source.info


def _is_lossless(webp: bytes) -> bool:
    """Return whether a WebP is lossless, by the name of the chunk with the picture.

    Profile, transparency and notes may precede it (RFC 9649, 2.7).
    """
    start = 12
    while start < len(webp) and webp[start : start + 4] not in {b"VP8 ", b"VP8L"}:
        length = int.from_bytes(webp[start + 4 : start + 8], "little")
        start += 8 + length + length % 2
    return webp[start : start + 4] == b"VP8L"


def _too_many_pixels(limit: int) -> ValidationError:
    most = settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS
    if limit == most:
        return ValidationError(
            _("This picture has too many pixels. The limit is %(limit)d million. Make it smaller, and upload it again.")
            % {"limit": most // 1_000_000},
            code="dots",
        )
    return ValidationError(
        _(
            "This picture has too many pixels for the way in which it was saved. "
            "The limit is %(limit)d million here, and %(jpeg)d million for JPEG. "
            "Save it as JPEG or make it smaller, and upload it again."
        )
        % {"limit": limit // 1_000_000, "jpeg": most // 1_000_000},
        code="dots",
    )


def _check_profile(profile: bytes) -> None:
    try:
        ImageCms.ImageCmsProfile(BytesIO(profile))
    except (ImageCms.PyCMSError, OSError, ValueError) as error:
        raise ValidationError(
            _("The colour profile of this picture is damaged. Please export it again as sRGB."),
            code="profile",
        ) from error
