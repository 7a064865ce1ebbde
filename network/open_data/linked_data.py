"""Members, needs and offers, events and digests in the vocabulary of schema.org.

For search engines, reference managers and the API.
"""

from typing import Any

from core.http import public_url
from network.digests.models import DigestPage
from network.events.facts import EventState
from network.events.models import EventPage
from network.members.profiles import Profile
from network.opportunities.board import OpportunityReading
from network.opportunities.models import OpportunityKind
from network.publications.models import CslItem, authors_of, url_of, year_of

type Node = dict[str, Any]
CONTEXT = "https://schema.org"
# The types of CSL with an equivalent in schema.org.
TYPES = {
    "article-journal": "ScholarlyArticle", "article": "ScholarlyArticle", "paper-conference": "ScholarlyArticle",
    "book": "Book", "chapter": "Chapter", "report": "Report", "thesis": "Thesis", "dataset": "Dataset",
    "software": "SoftwareSourceCode", "webpage": "WebPage", "article-newspaper": "NewsArticle",
}  # fmt: skip


def member(profile: Profile, language: str) -> Node:
    """Describe a member's profile, without empty values.

    `language` is that of the page and of the names of codes.
    """
    url = public_url(f"/{language}/network/{profile.uuid}/")
    words = {detail: _words(profile, detail) for detail in ("name", "about", "offers", "needs")}
    affiliation = _words(profile, "affiliation")
    orcid = f"https://orcid.org/{profile.orcid}" if profile.orcid else ""
    described = {
        "@context": CONTEXT,
        "@type": "Organization" if profile.is_organisation else "Person",
        "@id": f"urn:uuid:{profile.uuid}",
        "url": url,
        "name": words["name"],
        "jobTitle": list(profile.roles),
        "affiliation": affiliation and {"@type": "Organization", "name": affiliation, **_identified(profile.ror)},
        "address": profile.country_code and {"@type": "PostalAddress", "addressCountry": profile.country_code.upper()},
        "knowsLanguage": list(profile.language_codes),
        "knowsAbout": [*profile.expertise, *profile.work_settings, *profile.methods, *profile.populations],
        "description": words["about"],
        "makesOffer": words["offers"] and {"@type": "Offer", "description": words["offers"]},
        "seeks": words["needs"] and {"@type": "Demand", "description": words["needs"]},
        # An iD confirmed by ORCID identifies the same person; one entered by the member is only an identifier.
        "sameAs" if profile.orcid_is_confirmed else "identifier": orcid,
        # schema.org has a property for the author of a work, but none for the works of a person, so publications are in
        # a reverse property.
        "@reverse": {"author": publications}
        if (publications := [_publication(each.item) for each in profile.publications])
        else "",
    }
    return {name: value for name, value in described.items() if value}


def _words(profile: Profile, detail: str) -> Node | str:
    """Return a text with its language."""
    text = getattr(profile, detail)
    return {"@language": profile.written_in[detail], "@value": text} if text else ""


def _identified(address: str) -> Node:
    return {"@id": address} if address else {}


def digest(page: DigestPage) -> Node:
    """Describe a digest with the works that it cites."""
    url = public_url(page.path_at_public)
    return {
        "@context": CONTEXT,
        "@type": "Article",
        "@id": url,
        "url": url,
        "headline": page.title,
        "abstract": page.introduction,
        "inLanguage": page.language,
        "isAccessibleForFree": True,
        "author": {"@type": "Organization", "name": page.written_by},
        "dateCreated": page.written_on.isoformat(),
        "citation": [
            {
                "@type": "ScholarlyArticle",
                "@id": work.value.url,
                "name": work.value["citation"],
                "datePublished": str(work.value["year"]),
                "isAccessibleForFree": work.value["open_access"],
            }
            for work in page.works
        ],
        "encoding": {
            "@type": "MediaObject",
            "contentUrl": public_url(page.pdf_path),
            "encodingFormat": "application/pdf",
            "inLanguage": page.language,
        },
    }


def opportunity(reading: OpportunityReading, language: str) -> Node:
    """Describe a need (Demand) or an offer (Offer).

    Its owner is only linked, and only if they have a page.
    `language` is that of the page.
    """
    found, owner = reading.opportunity, reading.owner
    categories = [name for _heading, names in reading.categories for name in names]
    described = {
        "@context": CONTEXT,
        "@type": "Demand" if found.kind == OpportunityKind.NEED else "Offer",
        "@id": f"urn:uuid:{found.uuid}",
        "url": public_url(f"/{language}/network/opportunities/{found.uuid}/"),
        "name": {"@language": found.language, "@value": found.title},
        "description": {"@language": found.language, "@value": found.text},
        "category": [str(found.get_subject_display()), *categories],
        "availabilityEnds": found.until.isoformat(),
        "eligibleRegion": found.country and {"@type": "Country", "identifier": found.country.upper()},
        # The languages in which it can be worked on.
        "itemOffered": {
            "@type": "Service",
            "availableChannel": {"@type": "ServiceChannel", "availableLanguage": list(found.languages)},
        },
        "seller": owner.has_page
        and {
            "@type": "Organization" if owner.is_organisation else "Person",
            "@id": f"urn:uuid:{owner.uuid}",
            "url": public_url(f"/{language}/network/{owner.uuid}/"),
        },
    }
    return {name: value for name, value in described.items() if value}


EVENT_STATUS = {
    EventState.PLANNED: "https://schema.org/EventScheduled",
    EventState.MOVED: "https://schema.org/EventRescheduled",
    EventState.CALLED_OFF: "https://schema.org/EventCancelled",
}


def event(page: EventPage) -> Node:
    """Describe an event, without the joining details, which are only for registrations with a place."""
    facts, url = page.published, public_url(page.path_at_public)
    described = {
        "@context": CONTEXT,
        "@type": "Event",
        "@id": f"urn:uuid:{page.translation_key}",
        "url": url,
        "name": page.title,
        "description": page.introduction,
        "inLanguage": page.language,
        "startDate": facts.begins.isoformat(),
        "endDate": facts.ends.isoformat(),
        "eventStatus": EVENT_STATUS[EventState(facts.state)],
        "location": {"@type": "Place", "name": page.place},
        "maximumAttendeeCapacity": facts.capacity,
    }
    return {name: value for name, value in described.items() if value}


def _publication(item: CslItem) -> Node:
    described = {
        "@type": TYPES.get(item["type"], "CreativeWork"),
        "@id": url_of(item),
        "name": item["title"],
        "datePublished": year_of(item),
        "inLanguage": item.get("language", ""),
        "creditText": "; ".join(authors_of(item)),
    }
    return {name: value for name, value in described.items() if value}
