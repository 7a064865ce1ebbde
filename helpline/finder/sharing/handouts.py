"""Handouts (PDF): a country on two pages at most, or one programme, in their language.

A handout does not identify its owner, and has no space for notes.
The same facts give the same bytes, so a handout changes only when one of them does: its date is that of its newest
fact, not the current day.
"""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from core import typesetting
from core.http import public_url
from core.languages.names import labelled
from helpline.finder.content import crisis
from helpline.finder.content.listing.confidentiality import ConfidentialityCard
from helpline.finder.content.listing.contacts import Contact
from helpline.finder.content.listing.laws import ShownLaw
from helpline.finder.content.listing.reading import active_language
from helpline.finder.content.listing.rows import ListingRow
from helpline.finder.sharing import addresses
from helpline.finder.sharing.lookups import Place, as_of, lines_of, locations_of, newest, row
from helpline.records.programmes import Programme
from helpline.records.visibility import shows_unchecked

type Words = dict[str, Any]

# The place of a number that only the template can compute.
NUMBER = "{number}"
TEMPLATE = Path(__file__).resolve().parents[2] / "typst" / "handout.typ"


def typeset_country(place: Place, *, site: str) -> bytes:
    """Typeset the handout of a country.

    Raises typesetting.TypesettingError.
    """
    language = active_language()
    return typeset(
        site=site,
        title=gettext("Support: %(country)s") % {"country": place.name},
        services=[service(row, by_law=False) for row in place.rows],
        laws_title=gettext("The law in %(country)s") % {"country": place.name},
        laws=place.laws,
        urgent=place.urgent,
        other=place.other,
        day=place.as_of,
        path=addresses.country_path(language, place.code),
        is_brief=True,
    )


def typeset_programme(programme: Programme, *, site: str) -> bytes:
    """Typeset the handout of a programme.

    Raises typesetting.TypesettingError.
    """
    language = active_language()
    today = timezone.localdate()
    lines = lines_of(programme.countries)
    urgent = [line for line in lines if line.kind in crisis.URGENT]
    urgent_groups = crisis.by_country(urgent, crisis.URGENT, today, within=programme.countries)
    locations = locations_of(programme)
    shown = row(programme, locations)
    return typeset(
        site=site,
        title=gettext("Service information"),
        services=[service(shown)],
        urgent=urgent_groups,
        other=crisis.without_first(urgent_groups, urgent_groups),
        day=newest([as_of([programme, *locations, *urgent]), *(law.as_of for law in shown.confidentiality.by_law)]),
        path=addresses.listing_path(language, programme.uuid),
    )


def typeset(
    *,
    site: str,
    title: str,
    services: Iterable[Words],
    urgent: Iterable[crisis.CountryLines],
    other: Iterable[crisis.CountryLines],
    day: dt.date | None,
    path: str,
    laws_title: str = "",
    laws: Iterable[ShownLaw] = (),
    is_brief: bool = False,
) -> bytes:
    """Typeset a handout.

    A brief one has at most two pages: it gives the number of omitted services and the address of the full list.
    Raises typesetting.TypesettingError.
    """
    code = active_language()
    words = {
        "language": code.partition("-")[0],
        "direction": settings.LANGUAGE_TABLE[code].direction,
        "site": site,
        "title": title,
        "lead": gettext(
            "These services listen to people who are worried about their thoughts or about what they have done, and "
            "to those close to "
            "them. Before you say who you are, read what a service tells others."
        ),
        "demo": gettext("Demonstration: nothing here has been checked.") if shows_unchecked() else "",
        "urgent_title": gettext("If it cannot wait"),
        "urgent": [urgent_group(lines) for lines in urgent],
        "urgent_words": gettext(
            "If someone is in danger now, call the emergency number of the country you are in. In the European "
            "Union it is 112."
        ),
        "services_title": gettext("Services"),
        "services": list(services),
        "laws_title": laws_title,
        "laws": [law_words(law) for law in laws],
        "other_title": gettext("Other lines"),
        "other": [group(lines) for lines in other],
        "note": gettext("Write no name on this handout. It is not needed to help you."),
        "as_of": gettext("As of %(day)s.") % {"day": date_format(day, "DATE_FORMAT")} if day else "",
        "newest": gettext("The newest version of this handout:"),
        "address": public_url(path),
        "code": typesetting.qr_code(public_url(path)),
        "code_words": gettext("QR code of this address: %(address)s") % {"address": public_url(path)},
        "is_brief": is_brief,
        "left_out": gettext("Services that did not fit on this handout: %(number)s. The address has them all.")
        % {"number": NUMBER},
        "page": gettext("Page"),
    }
    return typesetting.pdf(TEMPLATE, words)


def group(lines: crisis.CountryLines) -> Words:
    return {"name": lines.name, "lines": [line(each) for each in lines.lines]}


def urgent_group(lines: crisis.CountryLines) -> Words:
    return group(crisis.CountryLines(lines.country, lines.name, lines.first)) | {"missing": lines.missing}


def line(each: crisis.ShownLine) -> Words:
    return {
        "name": labelled(each.kind, each.name) if each.name else each.kind,
        "number": each.number,
        "uri": each.uri,
        "web": web(each.url) if each.url and not each.uri else None,
        "detail": [part for part in (each.hours, each.languages) if part],
    }


def law_words(law: ShownLaw) -> Words:
    unread = "" if law.reviewed or not law.words else gettext("Not yet reviewed.")
    return {
        "line": law.line,
        "words": law.words,
        "detail": [part for part in (law.cited, law.checked, unread, *law.doubts) if part],
    }


def service(row: ListingRow, *, by_law: bool = True) -> Words:
    """Return a listing for print, in the order of its card.

    Exclusions and what the service passes on come before the numbers, in the words of the card, with their condition.
    `by_law`: whether to include the law.
    The handout of a country has it once for all services.
    """
    words, told = row.text, row.confidentiality
    not_for = ". ".join(part for part in (row.audience.not_for, row.audience.not_for_words) if part)
    facts = [
        (gettext("For"), row.audience.people or gettext("Not known")),
        (gettext("Not for"), "" if not_for or told.is_used_alone else gettext("Not known. Ask first.")),
        (gettext("Cost"), row.cost),
        (
            gettext("Locations"),
            " · ".join(location.name for location in row.locations if not location.state.closed),
        ),
        (gettext("Who answers"), words.answers if words and not told.is_used_alone else ""),
        (gettext("What happens when you make contact"), words.contact if words else ""),
    ]
    return {
        "name": row.programme.name,
        "where": [part for part in (row.state.closed, row.place, row.where, row.operator) if part],
        "alert": row.state.alert,
        "summary": words.summary if words else "",
        "facts": [fact for fact in facts if fact[1]],
        "not_for": (gettext("Not for"), not_for) if not_for else (),
        "confidentiality_title": gettext("What happens if I tell them"),
        "secret_title": gettext("What stays secret"),
        "facts_title": gettext("More about this service"),
        "essence": " ".join(part for part in (told.essence, told.law) if part),
        "confidentiality": confidentiality_facts(told, by_law=by_law),
        "hidden": gettext(
            "This listing has not been checked for a long time, so we do not show its numbers. See the website."
        )
        if row.state.is_stale
        else "",
        "ways": [way(contact) for contact in row.contacts.ways],
        "website": web(row.programme.website) if row.website_apart else None,
        "website_label": gettext("Website:"),
        "checked": [part for part in (row.state.checked, row.unreviewed) if part],
    }


def confidentiality_facts(card: ConfidentialityCard, *, by_law: bool) -> list[tuple[str, str]]:
    told = [card.statement, *(law.line_and_law for law in card.by_law if by_law)]
    sees = " ".join(labelled(sight.channels, sight.words) if sight.channels else sight.words for sight in card.sees)
    facts = [
        (gettext("What they can see about you"), sees or gettext("Not known.")),
        (gettext("What they ask"), card.asks),
        (gettext("Who they may inform"), " ".join(told)),
        (gettext("Under which law"), card.law or ("" if card.by_law else gettext("Not known."))),
        (gettext("How we know"), card.reviewed),
        (gettext("Ask them first"), " ".join(card.questions)),
    ]
    return [fact for fact in facts if fact[1]]


def web(url: str) -> Words:
    """Return a web address, with a short form to be typed from paper."""
    return {"url": url, "written": url.partition("://")[2].removesuffix("/").removeprefix("www.")}


def way(contact: Contact) -> Words:
    hours = contact.hours_there
    if contact.uri and not hours:
        hours = gettext("opening hours not known")
    return {
        "channels": contact.channels,
        "number": contact.number,
        "uri": contact.uri,
        "abroad": contact.abroad,
        "email": contact.email,
        "web": web(contact.url) if contact.url else None,
        "address": contact.address,
        "unknown": gettext("How to make contact is not known."),
        "detail": [
            part
            for part in (
                contact.languages or gettext("Language not known"),
                hours,
                *contact.remarks,
                contact.abroad_remark,
            )
            if part
        ],
    }
