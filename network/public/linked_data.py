"""Digests and members as schema.org describes them, for search engines and reference managers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.doors import public_url
from network.models.csl import names_of, year_of
from network.public.works.citations import url_of

if TYPE_CHECKING:
    from network.models import DigestPage
    from network.models.csl import CslItem
    from network.public.profiles import Profile

# The types of CSL that schema.org has a type for.
TYPES = {
    "article-journal": "ScholarlyArticle", "article": "ScholarlyArticle", "paper-conference": "ScholarlyArticle", "book": "Book",
    "chapter": "Chapter", "report": "Report", "thesis": "Thesis", "dataset": "Dataset", "software": "SoftwareSourceCode",
    "webpage": "WebPage", "article-newspaper": "NewsArticle",
}  # fmt: skip


def digest(page: DigestPage) -> dict[str, Any]:
    """Describe a digest with the works that it cites."""
    url = public_url(page.path_at_public)
    return {
        "@context": "https://schema.org",
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


def member(profile: Profile) -> dict[str, Any]:
    """Describe a member who has a page, with nothing but what the page shows."""
    described = {
        "@context": "https://schema.org",
        "@type": "Organization" if profile.is_organisation else "Person",
        "name": profile.name,
        "description": profile.about,
        "sameAs": f"https://orcid.org/{profile.orcid}" if profile.orcid else "",
        "knowsLanguage": list(profile.languages),
        "knowsAbout": list(profile.expertise),
        ("parentOrganization" if profile.is_organisation else "affiliation"): (
            {"@type": "Organization", "name": profile.affiliation}
            | ({"@id": profile.ror} if profile.ror else {})
            if profile.affiliation
            else ""
        ),
        # schema.org says of a work who made it, and not of a person what they made: so the works are told by what is read backwards.
        "@reverse": {"author": works} if (works := [_work(each.item) for each in profile.works]) else "",
    }
    return {name: value for name, value in described.items() if value}


def _work(item: CslItem) -> dict[str, Any]:
    described = {
        "@type": TYPES.get(item["type"], "CreativeWork"),
        "@id": url_of(item),
        "name": item["title"],
        "datePublished": year_of(item),
        "inLanguage": item.get("language", ""),
        "creditText": "; ".join(names_of(item, "author")),
    }
    return {name: value for name, value in described.items() if value}
