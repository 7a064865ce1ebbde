"""Contact points in a row of a table.

Most programmes fit into plain columns: the channels, the numbers and email addresses, one set of languages and hours.
Others use one more column, a JSON list with an object for each contact point.
The plain columns then only repeat it for readers.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from helpline.exchange.csv import cells
from helpline.exchange.csv.tables import CsvRow
from helpline.exchange.imports.parsed import POINT_FIELDS, blank_point, identifier, without_contact_details
from helpline.records.programmes import ContactPoint
from helpline.vocabulary import codes, phones
from helpline.vocabulary.codes import Channel, YesNo

if TYPE_CHECKING:
    Point = dict[str, Any]

LIST = "contact_points"
# The opening hours of a row apply to the channels with a live answer.
LIVE = (Channel.PHONE, Channel.CHAT, Channel.SMS, Channel.VIDEO)
# The columns about calls, which apply to the numbers of a row: their fields of a contact point, and their parsers.
CALLED: dict[str, tuple[str, Callable[[CsvRow, str], Any]]] = {
    "phone_from_abroad": ("number_from_abroad", cells.parse_with(lambda text: phones.parse(text).digits)),
    "interpreter": ("interpreter", cells.code(YesNo.values, YesNo.UNKNOWN)),
    "interpreter_languages": ("interpreter_languages", cells.codes(codes.LANGUAGES)),
    "interpreter_count": ("interpreter_count", cells.parse_with(cells.count, None)),
}
MOST = 50


def parse_points(line: CsvRow, *, reference: str, countries: Sequence[str], cost: str) -> list[Point]:
    """Return the contact points of a row; without the JSON column, with only the fields that the plain columns have."""
    if line[LIST]:
        points = _parse_list(line)
        if not line.problems:
            _check_plain(line, points)
        return points
    points = _parse_plain(line, reference, countries[0] if countries else "", cost)
    return [{**blank_point(), **point} for point in points] if LIST in line else points


def serialize_points(
    points: Sequence[Point], *, reference: str, countries: Sequence[str], cost: str, withheld: bool
) -> dict[str, str]:
    """Return the cells for contact points. `withheld`: without what people could dial or write to."""
    if withheld:
        points = without_contact_details(points)
    plain = _plain_cells(points)
    line = CsvRow(0, {**plain, LIST: ""})
    again = parse_points(line, reference=reference, countries=countries, cost=cost) if points else []
    if again == list(points) and points and not line.problems:
        return {**plain, LIST: ""}
    return {**plain, LIST: json.dumps([_known(point) for point in points], ensure_ascii=False)}


# --- Plain columns --------------------------------------------------------------------------------


def _parse_plain(line: CsvRow, reference: str, country: str, cost: str) -> list[Point]:
    """Return a contact point for each number, each address and each other channel.

    Without any channel, return one with only the shared fields.
    """
    channels = line.codes("channels", Channel.values)
    numbers = cells.several(line, "phone", lambda text: phones.parse(text, country).digits)
    emails = cells.several(line, "email", cells.email_address)
    for column, needed, found in (("phone", Channel.PHONE, numbers), ("email", Channel.EMAIL, emails)):
        if found and needed not in channels:
            line.add_problem(
                column,
                _("This cell has a value, but “%(channel)s” is not among the channels.") % {"channel": needed.value},
            )
    shared = {
        "languages": line.codes("languages", codes.LANGUAGES),
        "timezone": line.read("timezone", cells.time_zone, ""),
        "cost": cost,
    }
    called = {field: read(line, column) for column, (field, read) in CALLED.items() if column in line}
    when = line.read("opening_hours", cells.opening_hours, "")
    timed = [channel for channel in channels if channel in LIVE] or channels
    made = []
    values_of: dict[str, list[str]] = {Channel.PHONE: numbers, Channel.EMAIL: emails}
    for channel in channels or [""]:
        for value in values_of.get(channel) or [""]:
            national = channel == Channel.PHONE and value and not value.startswith("+")
            made.append(
                {
                    "uuid": uuid.uuid5(identifier(reference), f"{channel}:{value}"),
                    "channel": channel,
                    "number": value if channel == Channel.PHONE else "",
                    "number_country": country if national else "",
                    "email": value if channel == Channel.EMAIL else "",
                    "opening_hours": when if channel in timed else "",
                    **shared,
                    **(called if channel == Channel.PHONE else {}),
                }
            )
    for column in CALLED:
        if line[column] and Channel.PHONE not in channels:
            line.add_problem(
                column,
                _("This cell has a value, but “%(channel)s” is not among the channels.")
                % {"channel": Channel.PHONE.value},
            )
    return made


def _plain_cells(points: Sequence[Point]) -> dict[str, str]:
    def each(name: str, *, on: str | None = None) -> list[Any]:
        found = [point[name] for point in points if on is None or point["channel"] == on]
        return list(dict.fromkeys(filter(None, found)))

    spoken = list(dict.fromkeys(code for point in points for code in point["languages"]))
    times, zones = each("opening_hours"), each("timezone")
    return {
        "channels": cells.joined(each("channel")),
        "phone": cells.joined(each("number", on=Channel.PHONE)),
        "email": cells.joined(each("email", on=Channel.EMAIL)),
        "languages": cells.joined(spoken),
        "opening_hours": times[0] if len(times) == 1 else "",
        "timezone": zones[0] if len(zones) == 1 else "",
        **{column: _of_calls(points, field) for column, (field, _read) in CALLED.items()},
    }


def _of_calls(points: Sequence[Point], field: str) -> str:
    """Return the cell for a field that all numbers have in common, or an empty one if they differ."""
    blank = blank_point()[field]
    values = [point[field] for point in points if point["channel"] == Channel.PHONE]
    return cells.to_cell(values[0]) if values and values[0] != blank and values.count(values[0]) == len(values) else ""


# --- The list -------------------------------------------------------------------------------------


def _known(point: Point) -> dict[str, Any]:
    """Return the known facts of a contact point, as an object of the JSON list."""
    blank = blank_point()
    known = {name: point[name] for name in POINT_FIELDS if name != "uuid" and point[name] != blank[name]}
    return {"id": str(point["uuid"]), **known}


def _parse_list(line: CsvRow) -> list[Point]:
    try:
        found = json.loads(line[LIST])
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found) or len(found) > MOST:
        line.add_problem(LIST, _("This is not a list of contact points in JSON."))
        return []
    points = []
    for number, item in enumerate(found, 1):
        point, problems = from_json(item)
        for name, message in problems:
            line.add_problem(f"{LIST}[{number}].{name}", message)
        points.append(point)
    if len({point["uuid"] for point in points}) < len(points):
        line.add_problem(LIST, _("Two contact points have the same id."))
    return points


def from_json(item: dict[str, Any]) -> tuple[Point, list[tuple[str, str]]]:
    """Return the contact point of a JSON object, and its problems as pairs of name and reason."""
    point = blank_point()
    problems = [(name, _("This is not known.")) for name in item if name not in POINT_FIELDS and name != "id"]
    if any(name == "uuid" for name in item):
        problems.append(("uuid", _("This is not known.")))
    try:
        point["uuid"] = uuid.UUID(str(item.get("id", "")))
    except ValueError:
        problems.append(("id", _("This is not an identifier.")))
    for name in POINT_FIELDS[1:]:
        value = item.get(name, point[name])
        if isinstance(point[name], list):
            if not isinstance(value, list) or not all(isinstance(code, str) for code in value):
                problems.append((name, _("This is not a list of codes.")))
                continue
        elif point[name] is None:
            if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
                problems.append((name, _("This is not a whole number.")))
                continue
        elif not isinstance(value, str):
            problems.append((name, _("This is not text.")))
            continue
        point[name] = value
    return point, [*problems, *point_problems(point)]


def point_problems(point: Point) -> Iterator[tuple[str, str]]:
    """Yield the problems of a contact point as pairs of name and reason.

    If there are none, normalise its numbers in place.
    """
    made = ContactPoint(**point)
    try:
        made.clean_fields(exclude=["programme"])
        made.clean()
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            yield name, " ".join(messages)
    else:
        point |= {name: getattr(made, name) for name in ("number", "number_from_abroad")}


def _check_plain(line: CsvRow, points: Sequence[Point]) -> None:
    """Report plain columns that differ from the list: otherwise an edit there would be silently ignored."""
    for column, expected in _plain_cells(points).items():
        if line[column] and line[column].replace(" ", "").lower() != expected.replace(" ", "").lower():
            message = _("This differs from %(list)s, which takes precedence. Change it there, or clear one of the two.")
            line.add_problem(column, message % {"list": LIST})
