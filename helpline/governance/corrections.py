"""Corrections that the operator of a listing makes in a form: names, numbers and addresses, one by one. Anything else is free text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from core.languages.bidi import left_to_right
from helpline.records.listings import is_web_address
from helpline.records.programmes import Programme
from helpline.vocabulary import phones
from helpline.vocabulary.codes import Channel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from helpline.records.contact_points import ContactPoint
    from helpline.records.listings import Dialled, Listing
    from helpline.records.support_lines import SupportLine


@dataclass(frozen=True, slots=True)
class Slot:
    """One fact that can be corrected. `record` is the listing, or one of its contact points."""

    name: str
    label: str
    record: Listing | ContactPoint
    field: str
    required: bool = False

    @property
    def value(self) -> str:
        """Return the value as it is stored."""
        return str(getattr(self.record, self.field))

    @property
    def shown(self) -> str:
        """Return the value as people read and write it."""
        if self.field != "number":
            return self.value
        phone = self.record.phone
        return (phone.international() or phone.national()) if phone else self.value

    @property
    def longest(self) -> int:
        return self.record._meta.get_field(self.field).max_length  # type: ignore[union-attr,return-value]

    @property
    def is_address(self) -> bool:
        """Whether it is a number or an address, which runs from left to right in any language."""
        return self.field in {"number", "email", "url", "website"}

    def isolated(self, text: str) -> str:
        """Return `text` isolated for bidi, so that it can be placed among words."""
        return left_to_right(text) if self.is_address else text

    def clean(self, text: str) -> str:
        """Return what was entered, as it is stored. Raises ValidationError."""
        if not text:
            return ""
        match self.field:
            case "number":
                try:
                    return phones.parse(text, self.record.country_of_number()).digits
                except phones.CountryNeeded:
                    raise ValidationError(
                        _(
                            "Write the number with + and the country code. If it is a short number such as 116 123, tell us in the text field below."
                        )
                    ) from None
                except phones.PhoneError as error:
                    raise ValidationError(str(error)) from None
            case "email":
                validate_email(text)
            case "url" | "website":
                is_web_address(text)
        return text


def slots(listing: Listing) -> list[Slot]:
    """Return what can be corrected of a listing, in the order in which the public reads it."""
    return list(_programme(listing) if isinstance(listing, Programme) else _line(listing))


def _programme(programme: Programme) -> Iterator[Slot]:
    yield Slot("name", _("Name"), programme, "name", required=True)
    yield Slot("operator", _("Operator"), programme, "operator")
    yield Slot("website", _("Website"), programme, "website")
    for point in programme.contact_points.all():
        channel = str(Channel(point.channel).label) if point.channel else _("Contact")
        for field in ("number", "email", "url"):
            if getattr(point, field):
                yield Slot(f"{point.uuid}-{field}", channel, point, field)


def _line(line: SupportLine) -> Iterator[Slot]:
    yield Slot("name", _("Name"), line, "name", required=True)
    yield Slot("number", _("Number"), line, "number")
    yield Slot("website", _("Website"), line, "website")


def correction_lines(listing: Listing, changed: Mapping[str, str]) -> list[str]:
    """Return the corrections as lines of text: the new value, and the old one."""
    return [
        _("%(fact)s: %(now)s (before: %(before)s)")
        % {
            "fact": slot.label,
            "now": slot.isolated(changed[slot.name]) or _("nothing"),
            "before": slot.isolated(slot.value) or _("nothing"),
        }
        for slot in slots(listing)
        if slot.name in changed
    ]


def save_draft(listing: Listing, changed: Mapping[str, str]) -> bool:
    """Save the corrections as a draft without an author. Return False, and save nothing, if there is a draft already."""
    row = type(listing)._default_manager.select_for_update().get(pk=listing.pk)
    if row.has_unpublished_changes:
        return False
    points: list[Dialled] = list(row.contact_points.all()) if isinstance(row, Programme) else []
    records = {row.pk: row} | {f"point-{point.pk}": point for point in points}
    for slot in slots(listing):
        if slot.name in changed:
            of_listing = slot.record is listing
            record = records[row.pk if of_listing else f"point-{slot.record.pk}"]
            setattr(record, slot.field, changed[slot.name])
            if slot.field == "number":
                # How the service wrote the old number does not apply to the new one.
                record.number_written = ""
    if points:
        row.contact_points = points
    row.save_revision(user=None, clean=False)
    return True
