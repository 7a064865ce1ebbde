"""Search for listings in the admin: by name, by number in any notation, by address."""

from collections.abc import Iterator

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.utils.translation import gettext_lazy as _

from core.admin.search import Findable, Found, Typed
from core.languages.bidi import left_to_right
from core.languages.names import joined
from helpline.admin.permissions import edit_url, models_for
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.vocabulary import codes, phones, regions

# The searchable fields of a contact point: its numbers and addresses.
NUMBERS = ("number", "number_from_abroad")
ADDRESSES = ("url", "email")
CALLED = ("name", "operator", "region", "reference")


def programmes(user: AbstractUser | AnonymousUser, typed: Typed) -> Iterator[Found]:
    if Programme not in models_for(user):
        return
    found = Programme.objects.with_contacts(*NUMBERS, *ADDRESSES, "address")
    for listing in found.order_by("name", "pk"):
        numbers = [number for name in NUMBERS for number in getattr(listing, f"its_{name}")]
        addresses = [address for name in ADDRESSES for address in getattr(listing, f"its_{name}")]
        names = [getattr(listing, name) for name in CALLED]
        names += [name for code in listing.regions for name in regions.called(code)]
        where = " · ".join(codes.country_name(code) for code in listing.countries)
        yield from one(listing, typed, [*names, *listing.its_address], numbers, [*addresses, listing.website], where)


def support_lines(user: AbstractUser | AnonymousUser, typed: Typed) -> Iterator[Found]:
    if SupportLine not in models_for(user):
        return
    for line in SupportLine.objects.order_by("countries", "name", "pk"):
        countries = [codes.country_name(code) for code in line.countries]
        names = [line.name, line.reference, *countries]
        where = f"{joined(countries)} · {line.get_kind_display()}"
        yield from one(line, typed, names, [line.number, line.number_from_abroad], [line.website], where)


def one(
    listing: Programme | SupportLine,
    typed: Typed,
    names: list[str | None],
    numbers: list[str],
    addresses: list[str],
    where: str,
) -> Iterator[Found]:
    """Yield a listing if it is what was typed, with the number or the address that was found."""
    digits = phones.typed(typed.text)
    number = next((each for each in numbers if phones.is_number(each, digits)), "")
    address = next((each for each in addresses if typed.is_in(each)), "")
    if number or address or typed.names(*names):
        found = left_to_right(number or address)
        detail = " · ".join(each for each in (found, where, listing.get_status_display()) if each)
        yield Found(title=listing.name, url=edit_url(listing), detail=detail)


FINDABLES = (
    Findable(title=_("Programmes"), find=programmes),
    Findable(title=_("Support lines"), find=support_lines),
)
