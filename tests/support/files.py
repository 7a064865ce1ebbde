"""Files to upload, good and bad, made on the spot."""

import struct
import zipfile
import zlib
from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, PngImagePlugin

PLACE = "GPS 49.6116 N 6.1319 E"
# A page without anything on it, just as it is written when it has been cleaned.
PDF = (
    b"%PDF-1.3\n%\xbf\xf7\xa2\xfe\n1 0 obj\n<< /Pages 2 0 R /Type /Catalog >>\nendobj\n"
    b"2 0 obj\n<< /Count 1 /Kids [ 3 0 R ] /Type /Pages >>\nendobj\n"
    b"3 0 obj\n<< /MediaBox [ 0 0 612 792 ] /Parent 2 0 R /Resources << >> /Type /Page >>\nendobj\n"
    b"xref\n0 4\n0000000000 65535 f \n0000000015 00000 n \n0000000064 00000 n \n0000000123 00000 n \n"
    b"trailer << /Root 1 0 R /Size 4 /ID [<0cfc534a27f9dcd10e3f10b6a5965092><0cfc534a27f9dcd10e3f10b6a5965092>] >>\n"
    b"startxref\n213\n%%EOF\n"
)
MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" + bytes(413)
PAGE = b"<!DOCTYPE html><html><script>alert(1)</script></html>"


def picture(kind: str = "PNG", *, size: tuple[int, int] = (60, 40), **options: Any) -> bytes:
    """Return a picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    target = BytesIO()
    image.save(target, format=kind, **options)
    return target.getvalue()


def talkative(kind: str, words: str = PLACE) -> bytes:
    """Return a picture with its place and photographer in all the metadata that its format has."""
    exif = Image.Exif()
    exif[0x010E] = words
    exif[0x013B] = "A name"
    options: dict[str, Any] = {"exif": exif, "icc_profile": profile()}
    if kind in {"JPEG", "GIF"}:
        options["comment"] = words.encode()
    if kind in {"JPEG", "WEBP", "AVIF"}:
        options["xmp"] = f"<x:xmpmeta>{words}</x:xmpmeta>".encode()
    if kind == "PNG":
        options["pnginfo"] = text = PngImagePlugin.PngInfo()
        text.add_text("Description", words)
        text.add_itxt("XML:com.adobe.xmp", f"<x:xmpmeta>{words}</x:xmpmeta>")
    if kind == "GIF":
        del options["exif"], options["icc_profile"]
    return picture(kind, **options)


def sideways(size: tuple[int, int] = (60, 40), *, kind: str = "JPEG") -> bytes:
    """Return a picture that is stored on its side, with a rotation tag: 60 wide and 40 high as stored."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return picture(kind, size=size, exif=exif)


@cache
def profile() -> bytes:
    """Return a colour profile.

    It contains its creation time, to the second, so there is only one.
    """
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_that_claims(width: int, height: int, *, interlaced: bool = False) -> bytes:
    """Return a small file with a huge picture's header."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, interlaced)
    rows = zlib.compress(bytes(1000 * 1000))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def gif_of_frames(count: int) -> bytes:
    frame = b"\x21\xf9\x04\x00\x01\x00\x00\x00" + b"\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00"
    return b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff" + frame * count + b"\x3b"


def archive(entries: dict[str, bytes], *, stored: bool = False) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as package:
        for name, content in entries.items():
            package.writestr(name, content)
    return target.getvalue()
