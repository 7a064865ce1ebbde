"""Digests as schema.org describes them, for search engines and reference managers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.doors import public_url

if TYPE_CHECKING:
    from network.models import DigestPage


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
