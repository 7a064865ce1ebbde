"""Numbers and addresses within right-to-left text.

Between Arabic words a browser shows `0800 222 333` as `333 222 0800`, and `+4930` as `4930+`: readers would dial a
wrong number.
In templates `dir="ltr"` or `<bdi>` keep the digits in order.
Where no element can wrap them (emails, names, editors' text), Unicode isolates do (UAX 9, LRI and PDI).
An address or a DOI is isolated as a whole by an element, because invisible characters would be copied with it.
Nothing is added if the active language runs from left to right.
"""

import re

from django.utils.translation import get_language_bidi

# After a plus or a zero, digits with the usual separators, `(030) 231-25`; otherwise groups separated by spaces,
# `116 111`.
# A year followed by a time is no number, nor are digits within an identifier: `05gq02987`, `CD004380`, `978-0-12`.
NUMBER = (
    r"(?<![A-Za-z\d])(?<![A-Za-z\d][./_-])"
    r"(?:(?:\+(?=\d)|\(?0)[\d \u00a0\u202f()/.-]*\d|\d+(?:[ \u00a0\u202f]\d+)+)(?![A-Za-z\d:_])"
)
# `https://ror.org/05gq02987`, `10.1002/14651858.CD004380`, as escaped in a page, without a full stop after it.
ADDRESS = r"(?<![A-Za-z\d./])(?:https?://|www\.|10\.\d{4,9}/)(?:[!#-%'-;=?-~]|&amp;)*[A-Za-z\d/]"
# Parts to skip (markup, elements with their own direction, isolated text); otherwise an address or a number.
# The text of `title` and `option` is plain: elements do not work there.
IN_PAGE = re.compile(
    r"<(script|style|textarea)\b.*?</\1>|<(a|bdi|code|pre)\b[^>]*\sdir=\"ltr\"[^>]*>.*?</\2>"
    r"|<(?P<plain>title|option)\b[^>]*>.*?</(?P=plain)>"
    r"|<[^>]*>|\u2066[^\u2069]*\u2069|(?P<address>" + ADDRESS + ")|(?P<number>" + NUMBER + ")",
    re.DOTALL,
)
IN_PLAIN_TEXT = re.compile(r"<[^>]*>|" + ADDRESS + "|(?P<number>" + NUMBER + ")")
# The fewest digits of a number dialled in groups; groups with fewer are two separate numbers.
DIGITS = 5


def left_to_right(text: str) -> str:
    """Isolate a number or an address for use in text of the active language."""
    return f"\u2066{text}\u2069" if text and get_language_bidi() else text


def isolate_numbers(html: str) -> str:
    """Isolate each phone number and address in the text of a page, and keep each number on one line.

    Tags stay as they are, and so do identifiers that have letters and digits.

    On two lines, `(+33 806 …)` falls apart: the second half would appear on the other side of the bracket.
    """
    return IN_PAGE.sub(_isolated, html) if get_language_bidi() else html


def _isolated(found: re.Match[str]) -> str:
    if found["plain"]:
        return IN_PLAIN_TEXT.sub(lambda part: _number(part[0]) if part["number"] else part[0], found[0])
    if found["address"]:
        return f'<bdi dir="ltr">{found[0]}</bdi>'
    return _number(found[0]) if found["number"] else found[0]


def _number(text: str) -> str:
    if text.startswith("(") and ")" not in text:  # of a bracket around the number, which stays outside
        return "(" + _number(text[1:])
    if not text.startswith("+") and sum(map(str.isdigit, text)) < DIGITS:
        return text
    return left_to_right(text.replace(" ", "\u00a0"))
