"""Films and sound: without the notes of cameras, phones and programs. What is seen and heard is not touched.

There is no maintained library for this whose licence fits ours (mutagen is GPL). What is known of both formats here is how long each part
is, which is all that is needed to leave parts out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.uploads import refusals

if TYPE_CHECKING:
    from collections.abc import Iterator

# --- MP3: ID3 before the sound, other notes behind it ---------------------------------------------------------------------------


def clean_mp3(data: bytes) -> bytes:
    """Return the sound alone. Raises ValidationError."""
    if not (data.startswith(b"ID3") or _is_frame(data)):
        raise refusals.wrong_type("mp3")
    start, end = 0, len(data)
    while data[start : start + 3] == b"ID3":
        start += _id3_length(data, start)
    while (shorter := _without_last_note(data, end)) < end:
        end = shorter
    while start < end and data[start] == 0:  # padding
        start += 1
    sound = data[start:end]
    if not _is_frame(sound):
        raise refusals.damaged()
    return sound


def _is_frame(data: bytes) -> bool:
    return data[:1] == b"\xff" and data[1:2] > b"\xe0" and bool(data[1] & 0x06)


def _id3_length(data: bytes, start: int) -> int:
    """Return the length of an ID3v2 tag: four bytes of seven bits, and ten for its head and again for its foot."""
    size = 0
    for byte in data[start + 6 : start + 10]:
        size = size << 7 | byte & 0x7F
    has_foot = bool(data[start + 5 : start + 6] and data[start + 5] & 0x10)
    return size + (20 if has_foot else 10)


def _without_last_note(data: bytes, end: int) -> int:
    """Return where a file ends without the note at its end: ID3v1 and its extension, APE, Lyrics3, or ID3v2 with a foot."""
    if data[max(0, end - 128) : end].startswith(b"TAG"):
        return end - 128
    if data[max(0, end - 227) : end].startswith(b"TAG+"):
        return end - 227
    if data[max(0, end - 32) : end].startswith(b"APETAGEX"):
        length = int.from_bytes(data[end - 20 : end - 16], "little")
        has_head = bool(data[end - 9] & 0x80)
        return max(0, end - length - (32 if has_head else 0))
    if data[max(0, end - 9) : end] == b"LYRICS200" and data[end - 15 : end - 9].isdigit():
        return max(0, end - 15 - int(data[end - 15 : end - 9]))
    if data[max(0, end - 10) : end].startswith(b"3DI"):
        return max(0, end - _id3_length(data, end - 10))
    return end


# --- MP4: boxes in boxes, each beginning with its length (ISO/IEC 14496-12) -------------------------------------------------------

CONTAINERS = frozenset(
    {b"moov", b"trak", b"mdia", b"minf", b"dinf", b"edts", b"mvex", b"moof", b"traf", b"mfra"}
)
# Notes: user data, metadata, whatever else programs add, empty space (which may still hold what was deleted), and events.
NOTES = frozenset({b"udta", b"meta", b"uuid", b"free", b"skip", b"wide", b"emsg", b"pnot"})
# Times of making and changing follow the version and the flags.
DATED = frozenset({b"mvhd", b"tkhd", b"mdhd"})
# Picture, sound, subtitles of four kinds, and the time code of film editors. Others hold what sensors measured, the place among it.
TRACKS = frozenset({b"vide", b"soun", b"text", b"sbtl", b"subt", b"clcp", b"tmcd"})
DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Box:
    kind: bytes
    start: int  # of its content
    end: int
    head: int  # where its head begins


def clean_mp4(data: bytes) -> bytes:
    """Return a film of the same length in which notes are blank, so that every part stays where the index says. Raises ValidationError."""
    if data[4:8] != b"ftyp":
        raise refusals.wrong_type("mp4")
    film = bytearray(data)
    kinds = {box.kind for box in _clean_boxes(film, 0, len(film), 0)}
    if b"moov" not in kinds:
        raise refusals.damaged()
    return bytes(film)


def _clean_boxes(film: bytearray, start: int, end: int, depth: int) -> list[Box]:
    boxes = list(_boxes(film, start, end))
    for box in boxes:
        if box.kind in NOTES:
            film[box.head + 4 : box.head + 8] = b"free"
            film[box.start : box.end] = bytes(box.end - box.start)
        elif box.kind in CONTAINERS:
            if depth == DEEPEST:
                raise refusals.damaged()
            _clean_boxes(film, box.start, box.end, depth + 1)
        elif box.kind in DATED:
            size = 16 if film[box.start] == 1 else 8
            film[box.start + 4 : box.start + 4 + size] = bytes(size)
        elif box.kind == b"hdlr":
            _check_track(film, box, depth)
        elif box.kind == b"dref":
            _check_sources(film, box)
        elif box.kind == b"rmra":
            raise _loads()
        elif box.kind == b"cmov":  # compressed, so nothing in it can be blanked
            raise refusals.damaged()
    return boxes


def _boxes(film: bytearray, start: int, end: int) -> Iterator[Box]:
    while start < end:
        length, head = int.from_bytes(film[start : start + 4]), 8
        if length == 1:
            length, head = int.from_bytes(film[start + 8 : start + 16]), 16
        elif length == 0:  # to the end of the file
            length = end - start
        if length < head or start + length > end:
            raise refusals.damaged()
        yield Box(bytes(film[start + 4 : start + 8]), start + head, start + length, start)
        start += length


def without_boxes(picture: bytes) -> bytes:
    """Return a JPEG 2000 whose notes are blank: it is made of the same kind of boxes (ISO/IEC 15444-1, annex I)."""
    blank = bytearray(picture)
    if picture[4:8] == b"jP  ":
        for box in _boxes(blank, 0, len(blank)):
            if box.kind in {b"xml ", b"uuid", b"uinf"}:
                blank[box.head + 4 : box.head + 8] = b"free"
                blank[box.start : box.end] = bytes(box.end - box.start)
    return bytes(blank)


def _check_track(film: bytearray, box: Box, depth: int) -> None:
    """Refuse a track that is not seen or heard, and blank the name that a program gave it."""
    is_track = depth == 3  # moov, trak, mdia: a handler deeper down says how the data are stored
    if is_track and bytes(film[box.start + 8 : box.start + 12]) not in TRACKS:
        raise ValidationError(
            _(
                "This film has a track that is neither picture nor sound nor text; cameras write there where they were. Export the film again with picture and sound only."
            ),
            code="track",
        )
    name = box.start + 24
    film[name : box.end] = bytes(max(0, box.end - name))


def _check_sources(film: bytearray, box: Box) -> None:
    """Refuse a film whose picture or sound is in another file: the last flag of each source says that it is in this one."""
    for source in _boxes(film, box.start + 8, box.end):
        if not film[source.start + 3] & 1:
            raise _loads()


def _loads() -> ValidationError:
    return ValidationError(
        _(
            "This film loads its picture or sound from another place. Export it again as one complete MP4 file."
        ),
        code="fetches",
    )
