"""Films and sound: without the notes of cameras, phones and programs.

Picture and sound are not touched.

There is no maintained library for this with a compatible licence (mutagen is GPL).
This module reads only the length of each part of both formats, which is enough to leave parts out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from mmap import mmap

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.uploads import refusals

# Encoders sign their output: in the first frame, in unused bytes of a frame, and with all their settings in a film
# (ITU-T H.264, D.1.7).
# Spaces of the same length fit into each of these places, and no decoder reads them.
SIGNATURE = re.compile(
    rb"(?:LAME|GOGO|Lav[cf]) ?\d+\.[\d.]+(?: lib[ -~]{0,40})?|x26[45] (?:- core |\(build )[ -~]{0,4000}"
)
LONGEST_SIGNATURE = 4_100
PIECE = 1024 * 1024

# Bytes that can be changed: in memory, or in a memory-mapped file.
type Film = bytearray | mmap


def without_signatures(data: bytes) -> bytes:
    return SIGNATURE.sub(lambda found: b" " * len(found[0]), data)


# --- MP3: ID3 before the sound, other notes behind it -------------------------------------------------------------


def clean_mp3(data: bytes) -> bytes:
    """Return the sound alone, frame by frame, without any bytes in between.

    Raises ValidationError.
    """
    if not (data.startswith(b"ID3") or _is_frame(data)):
        raise refusals.wrong_type("mp3")
    start, end = 0, len(data)
    while data[start : start + 3] == b"ID3":
        start += _id3_length(data, start)
    while (shorter := _without_last_note(data, end)) < end:
        end = shorter
    while start < end and data[start] == 0:  # padding
        start += 1
    frames = list(_frames(data[start:end]))
    if not frames:
        raise refusals.damaged()
    return b"".join([_with_checksum(without_signatures(frames[0])), without_signatures(b"".join(frames[1:]))])


def _is_frame(data: bytes) -> bool:
    return data[:1] == b"\xff" and data[1:2] > b"\xe0" and bool(data[1] & 0x06)


# In kbit/s and Hz, by the version of MPEG: 1, and 2 with half the sample rates, and 2.5 with half of those (ISO/IEC
# 11172-3, 13818-3).
BIT_RATES = {
    1: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
SAMPLE_RATES = (44_100, 48_000, 32_000)
# A large picture in a note has some thousand.
MOST_MISSES = 100_000
VERSIONS = {0b11: 1, 0b10: 2, 0b00: 4}


def _frame_length(data: bytes, start: int) -> int:
    """Return the length of the layer III frame that begins here, or 0 if none does."""
    head = int.from_bytes(data[start : start + 4])
    version, rate = VERSIONS.get(head >> 19 & 3, 0), head >> 10 & 3
    bits = (head >> 12 & 15) - 1
    if head >> 21 != 0x7FF or not version or head >> 17 & 3 != 1 or not 0 <= bits < 14 or rate == 3:
        return 0
    samples = 144_000 if version == 1 else 72_000
    return samples * BIT_RATES[min(version, 2)][bits] * version // SAMPLE_RATES[rate] + (head >> 9 & 1)


def _frames(data: bytes) -> Iterator[bytes]:
    """Yield the frames.

    After other data, a frame counts only if another one, or the end, follows it.
    """
    start, is_in_step, misses = 0, True, 0
    while 0 <= start < len(data):
        length = _frame_length(data, start)
        end = start + length
        if length and end <= len(data) and (is_in_step or end == len(data) or _frame_length(data, end)):
            yield data[start:end]
            start, is_in_step = end, True
        else:
            start, is_in_step, misses = data.find(b"\xff", start + 1), False, misses + 1
            if misses > MOST_MISSES:
                raise refusals.damaged()


def _with_checksum(frame: bytes) -> bytes:
    """Return the first frame; if it is the tag of LAME, which gives the start of the sound, correct its checksum."""
    mark = max(frame.find(b"Xing", 0, 40), frame.find(b"Info", 0, 40))
    tag = mark + 120
    if mark < 0 or len(frame) < tag + 36 or frame[mark + 7] != 0x0F or not any(frame[tag + 9 : tag + 36]):
        return frame
    end, checksum = tag + 34, 0
    for byte in frame[:end]:  # CRC-16/ARC
        checksum ^= byte
        for _bit in range(8):
            checksum = checksum >> 1 ^ (0xA001 if checksum & 1 else 0)
    return frame[:end] + checksum.to_bytes(2) + frame[end + 2 :]


def _id3_length(data: bytes, start: int) -> int:
    """Return the length of an ID3v2 tag: four bytes of seven bits, and ten for its head and again for its foot."""
    size = 0
    for byte in data[start + 6 : start + 10]:
        size = size << 7 | byte & 0x7F
    has_foot = bool(data[start + 5 : start + 6] and data[start + 5] & 0x10)
    return size + (20 if has_foot else 10)


def _without_last_note(data: bytes, end: int) -> int:
    """Return the end of a file without its last note: ID3v1 and its extension, APE, Lyrics3, or ID3v2 with a footer."""
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


# --- MP4: boxes in boxes, each beginning with its length (ISO/IEC 14496-12) ---------------------------------------

CONTAINERS = frozenset(
    {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf", b"edts", b"mvex", b"moof", b"traf", b"mfra"}
)
# Notes: user data, metadata, additions of programs, empty space (which may still hold deleted data), and events.
NOTES = frozenset({b"udta", b"meta", b"uuid", b"free", b"skip", b"wide", b"emsg", b"pnot"})
# Times of making and changing follow the version and the flags.
DATED = frozenset({b"mvhd", b"tkhd", b"mdhd"})
# Picture, sound, subtitles of four kinds, and the time code of film editors.
# Others hold the data of sensors, location included.
TRACKS = frozenset({b"vide", b"soun", b"text", b"sbtl", b"subt", b"clcp", b"tmcd"})
# How pictures are encoded; the descriptions of sound and text have other fields.
PICTURES = frozenset(
    {
        b"avc1",
        b"avc2",
        b"avc3",
        b"hvc1",
        b"hev1",
        b"av01",
        b"vp08",
        b"vp09",
        b"mp4v",
        b"s263",
        b"encv",
        b"jpeg",
    }
)
DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Box:
    kind: bytes
    start: int  # of its content
    end: int
    head: int  # where its head begins


def clean_mp4(data: bytes) -> bytes:
    """Return a film of the same length in which notes are blank, so that the offsets in the index stay valid.

    Raises ValidationError.
    """
    film = bytearray(data)
    clean_in_place(film)
    return bytes(film)


def clean_in_place(film: Film) -> None:
    """Blank the notes of a film in place.

    A memory-mapped file takes no memory, however long it is.
    Raises ValidationError.
    """
    if film[4:8] != b"ftyp":
        raise refusals.wrong_type("mp4")
    kinds = {box.kind for box in _clean_boxes(film, 0, len(film), 0)}
    if b"moov" not in kinds:
        raise refusals.damaged()
    for beginning in (b"LAME", b"GOGO", b"Lavc", b"Lavf", b"x264", b"x265"):
        at = film.find(beginning)
        while at >= 0:
            found = SIGNATURE.match(bytes(film[at : at + LONGEST_SIGNATURE]))
            length = len(found[0]) if found else 0
            film[at : at + length] = b" " * length
            at = film.find(beginning, at + max(1, length))


def _blank(film: Film, start: int, end: int) -> None:
    for at in range(start, end, PIECE):
        film[at : min(at + PIECE, end)] = bytes(min(PIECE, end - at))


def _clean_boxes(film: Film, start: int, end: int, depth: int) -> list[Box]:
    boxes = list(_boxes(film, start, end))
    for box in boxes:
        if box.kind in NOTES:
            film[box.head + 4 : box.head + 8] = b"free"
            _blank(film, box.start, box.end)
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
        elif box.kind == b"stsd":
            _clean_descriptions(film, box)
        elif box.kind in REFUSED:
            raise REFUSED[box.kind]()
    return boxes


def _boxes(film: Film, start: int, end: int) -> Iterator[Box]:
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


def _check_track(film: Film, box: Box, depth: int) -> None:
    """Refuse a track that is not seen or heard, and blank the name that a program has given it."""
    is_track = depth == 3  # moov, trak, mdia: a handler deeper down describes how the data are stored
    if is_track and bytes(film[box.start + 8 : box.start + 12]) not in TRACKS:
        raise ValidationError(
            _(
                "This film has a track that is neither picture nor sound nor text; "
                "cameras write there where they were. Export the film again with picture and sound only."
            ),
            code="track",
        )
    name = box.start + 24
    film[name : box.end] = bytes(max(0, box.end - name))


def _clean_descriptions(film: Film, box: Box) -> None:
    """Blank the vendor and the name of a picture's encoder (ISO/IEC 14496-12, 12.1.3)."""
    for entry in _boxes(film, box.start + 8, box.end):
        if entry.end - entry.start >= 78 and entry.kind in PICTURES:
            film[entry.start + 12 : entry.start + 16] = bytes(4)
            film[entry.start + 42 : entry.start + 74] = bytes(32)


def _check_sources(film: Film, box: Box) -> None:
    """Refuse a film whose picture or sound is in another file, as shown by the last flag of each source."""
    for source in _boxes(film, box.start + 8, box.end):
        if not film[source.start + 3] & 1:
            raise _loads()


def _loads() -> ValidationError:
    return ValidationError(
        _("This film loads its picture or sound from another place. Export it again as one complete MP4 file."),
        code="fetches",
    )


# Films in other files, and compressed boxes, whose content cannot be blanked.
REFUSED = {b"rmra": _loads, b"cmov": refusals.damaged}
