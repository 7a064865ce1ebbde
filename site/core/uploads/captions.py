"""Captions: WebVTT, parsed strictly and written again with nothing but times and text (W3C, WebVTT, 4).

Browsers do not report mistakes: they leave out the caption, or all of them.
So this module reports them, with the line. webvtt-py reads files, but skips what it cannot parse, and does not check
the order.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

ARROW = "-->"
TIME = re.compile(r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})")
TIMING = re.compile(rf"({TIME.pattern})[ \t]+-->[ \t]+({TIME.pattern})(?:[ \t]+(.*))?")
# SubRip, the format that most programs write by default.
COMMA = re.compile(r"\d{2}:\d{2},\d{3}")
SETTING = re.compile(r"(?:vertical|line|position|size|align):[\w%.,-]+")
TAG = re.compile(r"</?(?:[biuc]|ruby|rt|v|lang)(?:[.\s][^<>]*)?>|<(?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3}>")
HEAD = re.compile(r"WEBVTT(?:[ \t].*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One caption: its start and end in milliseconds, and its text.

    `settings` give its position.
    """

    start: int
    end: int
    text: str
    settings: str = ""


def clean(data: bytes) -> bytes:
    """Return the captions without comments, styles and names of cues.

    Raises ValidationError with the faulty line and the reason.
    """
    return write(parse(data)).encode()


def parse(data: bytes) -> list[Cue]:
    """Return the cues of a WebVTT file, in order.

    Raises ValidationError.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValidationError(_("Please save this text as UTF-8."), code="content") from error
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not HEAD.fullmatch(lines[0]):
        raise wrong(1, _("the first line of a WebVTT file is “WEBVTT”."))
    cues: list[Cue] = []
    for number, block in blocks(lines):
        if cue := read(number, block):
            if cues and cue.start < cues[-1].start:
                raise wrong(number, _("this caption begins before the one above it."))
            cues.append(cue)
    if not cues:
        raise wrong(len(lines), _("there is no caption in this file."))
    return cues


def blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the blocks between empty lines, each with the number of its first line.

    The head is left out.
    """
    block: list[str] = []
    for number, line in enumerate([*lines, ""], 1):
        if line.strip():
            block.append(line)
        elif block:
            first = number - len(block)
            if first > 1:
                yield first, block
            elif len(block) > 1 and any(ARROW in each for each in block):
                raise wrong(2, _("an empty line is missing below “WEBVTT”."))
            block = []


def read(number: int, block: list[str]) -> Cue | None:
    """Return the cue of a block; None for a comment, a style or a region.

    Raises ValidationError.
    """
    if ARROW not in block[0] and block[0].split()[0] in {"NOTE", "STYLE", "REGION"}:
        return None
    name = 0 if ARROW in block[0] else 1  # a cue may have a name, which is not shown
    if name >= len(block) or ARROW not in block[name]:
        raise wrong(number, _("this is no caption: a line such as “00:01.000 --> 00:04.000” is missing."))
    line = number + name
    match = TIMING.fullmatch(block[name].strip())
    if match is None:
        if COMMA.search(block[name]):
            raise wrong(line, _("before the milliseconds there must be a point: 00:01.000 and not 00:01,000."))
        raise wrong(line, _("these times are not written as 00:01.000 --> 00:04.000."))
    start, end = milliseconds(match[1]), milliseconds(match[6])
    if end <= start:
        raise wrong(line, _("this caption ends before it begins."))
    said = block[name + 1 :]
    if not said:
        raise wrong(line, _("this caption has no words."))
    for at, words in enumerate(said, line + 1):
        if ARROW in words:
            raise wrong(at, _("an empty line is missing above this caption."))
        if "<" in TAG.sub("", words):
            raise wrong(at, _("this is not allowed in captions: “<”. Write &lt; if you mean the sign."))
    settings = " ".join(each for each in (match[11] or "").split() if SETTING.fullmatch(each))
    return Cue(start=start, end=end, text="\n".join(said), settings=settings)


def write(cues: list[Cue]) -> str:
    parts = (
        f"{clock(cue.start)} {ARROW} {clock(cue.end)}{f' {cue.settings}' if cue.settings else ''}\n{cue.text}\n"
        for cue in cues
    )
    return "\n".join(["WEBVTT\n", *parts])


def milliseconds(time: str) -> int:
    hours, minutes, seconds, rest = TIME.fullmatch(time).groups()  # type: ignore[union-attr]  # TIME has matched it
    return ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(rest)


def clock(time: int) -> str:
    seconds, rest = divmod(time, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"


def wrong(line: int, reason: str) -> ValidationError:
    # Translators: what is wrong in a line of a file: “Line 12: this caption has no words.”
    return ValidationError(_("Line %(line)d: %(reason)s") % {"line": line, "reason": reason}, code="captions")
