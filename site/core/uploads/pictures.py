"""Pictures: encoded anew from their pixels, upright, and no larger than the site can use."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

from core.uploads import refusals

# What may be on a page or a document of its own.
PICTURE_FORMATS = {"avif": "AVIF", "gif": "GIF", "jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}
# In packages, for those who print.
PRINT_FORMATS = {"tif": "TIFF", "tiff": "TIFF"}
EXTENSIONS = frozenset({*PICTURE_FORMATS, *PRINT_FORMATS})
FORMATS = tuple({*PICTURE_FORMATS.values(), *PRINT_FORMATS.values()})
# Nearly lossless, and quick rather than small: renditions are made from what is stored, and are smaller anyway.
SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    "AVIF": {"quality": 85, "speed": 9},
    "GIF": {},
    "JPEG": {"quality": 92},
    "PNG": {"compress_level": 4},
    "TIFF": {"compression": "tiff_lzw"},
    "WEBP": {"quality": 92, "method": 2},
}
# Pillow needs four bytes for a pixel, and the decoders of WebP and AVIF need three times as much. A larger JPEG is halved while it is
# decoded; the other formats cannot be, so what would take too much memory is refused. PNG: A3 at 300 dots per inch.
MOST_PIXELS = {"AVIF": 4_500_000, "PNG": 24_000_000, "WEBP": 8_500_000}
DECODED_PIXELS = 24_000_000
# Of a picture on a page. The largest that any page shows is 1,200 wide, cut from the middle: this leaves room to cut.
LONGEST_SIDE = 4_000
# Rows that are halved at a time.
STRIP = 64
ORIENTATION = 0x0112
# Markup that a browser could be tricked into running. No picture format uses any of it.
MARKUP = re.compile(rb"<(?:!doctype\s|html[\s>]|script[\s>]|iframe[\s>]|svg[\s>])", re.IGNORECASE)


def reencode(data: bytes, extension: str, *, longest: int | None = None) -> bytes:
    """Return a picture with nothing but its pixels and colour profile. Raises ValidationError.

    If a side is longer than `longest`, the picture is halved until it is not.
    """
    if MARKUP.search(data):
        raise ValidationError(
            _("This file contains a web page or a script as well as the picture."), code="content"
        )
    source = _open(data, extension)
    kind = {**PICTURE_FORMATS, **PRINT_FORMATS}[extension]
    if profile := source.info.get("icc_profile"):
        _check_profile(profile)
    factor = _factor(source.size, longest)
    try:
        if kind == "JPEG" and factor > 1:
            source.draft(None, (source.width // factor, source.height // factor))
            factor = _factor(source.size, longest)
        source.load()
        orientation = source.getexif().get(ORIENTATION, 1)
        upright = _reduced(source, factor) if factor > 1 else source
        if orientation != 1:
            upright.getexif()[ORIENTATION] = orientation
            upright = ImageOps.exif_transpose(upright)
    except Exception as error:  # decoders raise whatever they like
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


def _factor(size: tuple[int, int], longest: int | None) -> int:
    """Return by how much both sides are divided: a power of two, which decoders of JPEG do at no cost."""
    factor = 1
    while factor < 8 and (
        size[0] * size[1] > DECODED_PIXELS * factor**2 or (longest and max(size) > longest * factor)
    ):
        factor *= 2
    return factor


def _reduced(image: Image.Image, factor: int) -> Image.Image:
    """Return a smaller copy. It is made in strips, because Pillow would convert a copy of the whole picture first."""
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
        raise _too_many_pixels(kind) from error
    except Exception as error:  # decoders raise whatever they like
        raise refusals.wrong_type(extension) from error
    # Cameras that store a second view in the same file call it MPO; the first view is a JPEG.
    if ("JPEG" if image.format == "MPO" else image.format) != kind:
        raise refusals.wrong_type(extension)
    if width * height > _most_pixels(kind):
        raise _too_many_pixels(kind)
    if not width * height:
        raise refusals.damaged()
    if moving:
        raise ValidationError(
            _(
                "Animated pictures are not accepted, because readers cannot stop them. Offer a video for download, or a still picture."
            ),
            code="moving",
        )
    return image


def _most_pixels(kind: str) -> int:
    return min(
        MOST_PIXELS.get(kind, settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS),
        settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS,
    )


def _too_many_pixels(kind: str) -> ValidationError:
    return ValidationError(
        _(
            "This picture has too many pixels. The limit is %(limit)d million for this type of file, and %(jpeg)d million for JPEG."
        )
        % {"limit": _most_pixels(kind) // 1_000_000, "jpeg": _most_pixels("JPEG") // 1_000_000},
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
