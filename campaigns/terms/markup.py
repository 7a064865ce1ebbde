"""Rich text for the checker: lines without markup, whose letters are mapped to positions in the HTML."""

import html
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from html import escape

PIECE = re.compile(r"<!--.*?-->|<[^>]*>|&(?:#\d+|#x[0-9a-f]+|\w+);|[^<&]+|[<&]", re.DOTALL | re.IGNORECASE)
TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*)", re.IGNORECASE)
MARKUP = re.compile(r"<[^>]+>")
PAGE_LINK = re.compile(r"""<a\b(?=[^>]*\blinktype="page")[^>]*\bid="(\d+)"[^>]*>(.*?)</a>""", re.DOTALL)
WEB_LINK = re.compile(r"""<a\b[^>]*\bhref="(https?://[^"]+)"[^>]*>(.*?)</a>""", re.DOTALL | re.IGNORECASE)
# Elements within a line. All others begin a new one.
INLINE = frozenset(
    {
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "code",
        "em",
        "i",
        "mark",
        "q",
        "cite",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "u",
    }
)
# Elements for words of others: quotations, and titles of works or laws.
QUOTING = frozenset({"blockquote", "q", "cite"})


@dataclass(slots=True)
class Line:
    """A paragraph, a heading or an item of a list, without markup. Plain text is one line."""

    text: str = ""
    # Start of each part of `text`; its start and end in the source, and whether it is the same there (not an entity).
    starts: list[int] = field(default_factory=list)
    places: list[tuple[int, int, bool]] = field(default_factory=list)
    quoted: list[tuple[int, int]] = field(default_factory=list)

    def add(self, text: str, start: int, end: int, *, literal: bool, quoting: bool) -> None:
        if quoting:
            self.quoted.append((len(self.text), len(self.text) + len(text)))
        self.starts.append(len(self.text))
        self.places.append((start, end, literal))
        self.text += text

    def place(self, at: int, *, is_end: bool = False) -> int:
        """Return the position of a letter in the source; for an end, the end of the letter before it."""
        at -= is_end
        part = bisect_right(self.starts, at) - 1
        start, end, literal = self.places[part]
        if not literal:
            return end if is_end else start
        return start + at - self.starts[part] + is_end

    def is_quoted(self, start: int, end: int) -> bool:
        return any(a <= start and end <= b for a, b in self.quoted)


def lines(source: str, *, is_html: bool) -> list[Line]:
    """Return the lines of a text that are not blank."""
    if not is_html:
        line = Line()
        line.add(source, 0, len(source), literal=True, quoting=False)
        return [line] if source.strip() else []
    found = [Line()]
    quoting = 0
    for match in PIECE.finditer(source):
        piece, (start, end) = match.group(), match.span()
        if piece.startswith("<") and len(piece) > 1:
            tag = TAG.match(piece)
            if tag is None:
                continue
            closes, name = tag.group(1), tag.group(2).lower()
            if name in QUOTING:
                quoting = max(0, quoting - 1) if closes else quoting + 1
            if name not in INLINE and found[-1].text:
                found.append(Line())
            continue
        text = html.unescape(piece) if piece.startswith("&") else piece
        found[-1].add(text, start, end, literal=not piece.startswith("&"), quoting=quoting > 0)
    return [line for line in found if line.text.strip()]


def replace(source: str, line: Line, start: int, end: int, words: str, *, is_html: bool) -> str:
    """Return a text with the letters from `start` to `end` of one of its lines replaced. Markup between them stays."""
    first, last = line.place(start), line.place(end, is_end=True)
    between = "".join(MARKUP.findall(source[first:last])) if is_html else ""
    return source[:first] + (escape(words, quote=False) if is_html else words) + between + source[last:]


def page_links(source: str) -> list[tuple[int, str]]:
    """Return the pages that a rich text links to, each with the text of the link."""
    return [(int(pk), " ".join(html.unescape(MARKUP.sub("", text)).split())) for pk, text in PAGE_LINK.findall(source)]


def web_links(source: str) -> list[tuple[str, str]]:
    """Return the web addresses that a rich text links to, without their fragments, each with the text of the link."""
    return [
        (html.unescape(url).partition("#")[0], " ".join(html.unescape(MARKUP.sub("", text)).split()))
        for url, text in WEB_LINK.findall(source)
    ]
