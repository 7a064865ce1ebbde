"""Profiles as vCards (RFC 6350), for address books."""

from collections.abc import Iterable

from icalendar import Component, vText, vUri

from network.members.profiles import Profile
from network.models import Member

VERSION = "4.0"
CONTENT_TYPE = "text/vcard; charset=utf-8"


class VCard(Component):
    """The lines of one card. vCards share the escaping of iCalendar (RFC 5545), and its folding at 75 octets."""

    name = "VCARD"

    def write(self, name: str, text: str, language: str = "") -> None:
        """Add a line, unless the text is empty.

        `language` is that of the text, if it has one.
        """
        if text:
            self.add(name, vText(text), parameters={"LANGUAGE": language} if language else {})

    def write_list(self, name: str, items: Iterable[str]) -> None:
        """Add a line of several texts with commas between them."""
        self._write_parts(name, items, ",")

    def write_country(self, country: str) -> None:
        """Add a postal address with only the country, the last of its seven parts."""
        if country:
            self._write_parts("adr", ["", "", "", "", "", "", country], ";")

    def write_address(self, name: str, address: str) -> None:
        if address:
            self.add(name, vUri(address))

    def _write_parts(self, name: str, parts: Iterable[str], between: str) -> None:
        # Written as a URI, which is not escaped again.
        if joined := between.join(vText(part).to_ical().decode() for part in parts):
            self.add(name, vUri(joined))


def of_profile(profile: Profile, page: str = "") -> bytes:
    """Return an audience's view of a member as a card; `page` is the URL of their public page.

    It has no email address, which only the team sees.
    """
    card = _card(profile)
    card.write_address("source", page)
    return bytes(card.to_ical(sorted=False))


def of_oneself(member: Member, profile: Profile) -> bytes:
    """Return all of a member's own data, in every language, as a card.

    `profile` is the team's view.
    """
    card = _card(profile)
    card.write("email", member.email)
    for language in sorted(member.translations):
        for detail, text in member.texts_in(language).items():
            card.write({"name": "fn", "affiliation": "org"}.get(detail, "note"), text, language)
    return bytes(card.to_ical(sorted=False))


def _card(profile: Profile) -> VCard:
    card = VCard()
    card.add("version", vText(VERSION))  # has to be the first line
    card.add("kind", vText("org" if profile.is_organisation else "individual"))
    card.write("fn", profile.title, profile.written_in.get("name", ""))
    card.add("uid", vUri(f"urn:uuid:{profile.uuid}"))
    card.write("org", profile.affiliation, profile.written_in.get("affiliation", ""))
    for role in profile.roles:
        card.write("role", role)
    card.write_country(profile.country)
    subjects = (*profile.expertise, *profile.work_settings, *profile.methods, *profile.populations)
    card.write_list("categories", subjects)
    for detail in ("about", "offers", "needs"):
        card.write("note", getattr(profile, detail), profile.written_in.get(detail, ""))
    for code in profile.language_codes:
        card.write("lang", code)
    for address in (f"https://orcid.org/{profile.orcid}" if profile.orcid else "", profile.ror):
        card.write_address("url", address)
    return card
