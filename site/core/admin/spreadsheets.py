"""CSV exports, protected against formula injection: cells that open as formulas in a spreadsheet."""

import codecs
import csv
from collections.abc import Callable, Iterable, Iterator

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from core.http import is_private_site

# Characters that can start a formula or command in a spreadsheet, including full-width and control characters.
FORMULA = tuple("=+-@|%\t\r\n\uff1d\uff0b\uff0d\uff20")


def csv_cell(value: object) -> object:
    """Return a value as a CSV cell, with an apostrophe before text that could be a formula.

    The project's importers drop one leading apostrophe, so nothing is lost on the way back.
    Numbers stay numbers.
    """
    if value is None or isinstance(value, int | float):
        return value
    text = str(value).replace("\0", "")
    risky = text.lstrip().startswith(FORMULA) or text.startswith(("'", *FORMULA))
    return f"'{text}" if risky else text


class SafeExportMiddleware:
    """Make the cells of every CSV file safe that lists and reports export in the admin, Wagtail's and the project's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if is_private_site(request) and response.get("Content-Type", "").startswith("text/csv") and response.streaming:
            response.streaming_content = safe_rows(response.streaming_content)  # type: ignore[attr-defined]
        return response


class Echo:
    def write(self, row: str) -> str:
        return row


def csv_table(name: str, rows: Iterable[Iterable[object]]) -> HttpResponse:
    """Return a table as a file to download, with safe cells."""
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
    csv.writer(response).writerows([csv_cell(cell) for cell in row] for row in rows)
    return response


def safe_rows(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield the rows of a CSV file in UTF-8 with safe cells.

    The file is streamed, because an export can be long.
    """
    writer = csv.writer(Echo())
    for row in csv.reader(lines(codecs.iterdecode(chunks, "utf-8"))):
        yield writer.writerow([csv_cell(cell) for cell in row])


def lines(pieces: Iterable[str]) -> Iterator[str]:
    """Yield lines with their ends from text in arbitrary pieces."""
    rest = ""
    for piece in pieces:
        *whole, rest = (rest + piece).split("\n")
        yield from (f"{line}\n" for line in whole)
    if rest:
        yield rest
