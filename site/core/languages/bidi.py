"""Numbers and addresses within right-to-left text.

Between Arabic words a browser shows `0800 222 333` as `333 222 0800`, and `+4930` as `4930+`: readers would dial a
wrong number.
In templates `dir="ltr"` or `<bdi>` keep the digits in order.
Where no element can wrap them (emails, names, editors' text), Unicode isolates do (UAX 9, LRI and PDI).
Nothing is added if the active language runs from left to right.
"""

import re

from django.utils.translation import get_language_bidi

# After a plus or a zero, digits with the usual separators, `(030) 231-25`; otherwise groups separated by spaces,
# `116 111`.
# A year followed by a time is no number.
NUMBER = r"(?<!\d)(?:(?:\+(?=\d)|\(?0)[\d \u00a0\u202f()/.-]*\d|\d+(?:[ \u00a0\u202f]\d+)+)(?![\d:])"
# Parts to skip (markup, elements with their own direction, isolated text); otherwise a number.
IN_PAGE = re.compile(
    r"<(script|style|textarea)\b.*?</\1>|<(a|bdi|code|pre)\b[^>]*\sdir=\"ltr\"[^>]*>.*?</\2>"
    r"|<[^>]*>|\u2066[^\u2069]*\u2069|(?P<number>" + NUMBER + ")",
    re.DOTALL,
)
# The fewest digits of a number dialled in groups; groups with fewer are two separate numbers.
DIGITS = 5


def left_to_right(text: str) -> str:
    """Isolate a number or an address for use in text of the active language."""
    return f"\u2066{text}\u2069" if text and get_language_bidi() else text


def isolate_numbers(html: str) -> str:
    """Isolate each phone number in the text of a page, regardless of its source, and keep it on one line.

    Tags stay as they are.

    On two lines, `(+33 806 …)` falls apart: the second half would appear on the other side of the bracket.
    """
    if not get_language_bidi():
        return html
    return IN_PAGE.sub(lambda found: _number(found[0]) if found["number"] else found[0], html)


def _number(text: str) -> str:
    if text.startswith("(") and ")" not in text:  # of a bracket around the number, which stays outside
        return "(" + _number(text[1:])
    if not text.startswith("+") and sum(map(str.isdigit, text)) < DIGITS:
        return text
    return left_to_right(text.replace(" ", "\u00a0"))
