"""Publications in external registries: a member's ORCID record, and the DOI agencies.

Both are fetched while the member waits, for some seconds at most, and only where the operator has set it up.
The results are not stored, but shown to the member, who selects their own.
The ORCID record is read without signing in, so it contains only public data.
"""

import json
from collections.abc import Iterator
from ssl import SSLCertVerificationError
from typing import Any, Final
from urllib.parse import quote

from django.conf import settings

from core.outgoing.fetch import REDIRECTS, Deadline, Fetched, Limits, absolute, fetch
from core.outgoing.internet import FetchError, FetchProblem, Internet, target
from network.models import Member
from network.publications.models import CslItem, kept
from network.verification.orcid import OrcidResponseError, OrcidUnavailableError, is_set_up

LIMITS = Limits(request_seconds=8, redirects=3)
MAX_RECORD: Final = 3_000_000
MAX_WORK: Final = 200_000

TYPES = {
    "journal-article": "article-journal", "magazine-article": "article-journal", "book": "book", "edited-book": "book",
    "book-chapter": "chapter", "report": "report", "working-paper": "report", "conference-paper": "paper-conference",
    "conference-abstract": "paper-conference", "conference-poster": "paper-conference", "dissertation-thesis": "thesis",
    "dissertation": "thesis", "data-set": "dataset", "software": "software", "website": "webpage",
    "online-resource": "webpage", "newspaper-article": "article-newspaper", "preprint": "article",
}  # fmt: skip


def offers_orcid(member: Member) -> bool:
    """Return whether a member's publications can be read from ORCID: it is set up here, and has confirmed their iD."""
    return is_set_up() and member.orcid_confirmed_at is not None


def publications_at_orcid(orcid: str) -> list[CslItem]:
    """Return the public publications of an ORCID record, without authors, which this API does not return.

    Raises OrcidUnavailableError or OrcidResponseError.
    """
    try:
        answer = _ask(
            f"{settings.ORCID['url'].replace('https://', 'https://pub.')}/v3.0/{orcid}/works",
            "application/json",
            Deadline(LIMITS.request_seconds),
            MAX_RECORD,
        )
    except FetchError as error:
        raise (OrcidUnavailableError if error.problem == FetchProblem.UNAVAILABLE else OrcidResponseError) from error
    try:
        groups = json.loads(answer.body)["group"]
        # Of the versions of a publication, the one preferred by the person comes first.
        items = [kept(_orcid_item(group["work-summary"][0])) for group in groups]
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
        raise OrcidResponseError from error
    return [item for item in items if "title" in item]


def registered_publication(doi: str) -> CslItem | None:
    """Return the agency's metadata of a DOI, or None.

    There are no requests unless the operator has set `DOI_URL`.
    """
    if not settings.DOI_URL:
        return None
    try:
        answer = _ask(
            f"{settings.DOI_URL}/{quote(doi, safe='/')}",
            "application/vnd.citationstyles.csl+json",
            Deadline(LIMITS.request_seconds),
            MAX_WORK,
        )
        said = json.loads(answer.body)
    except (FetchError, ValueError, RecursionError):
        return None
    # Agencies also use the types of Crossref.
    if not isinstance(said, dict) or "title" not in said:
        return None
    return kept(said | {"type": TYPES.get(str(said.get("type")), said.get("type")), "DOI": doi})


def _ask(url: str, accept: str, deadline: Deadline, max_bytes: int) -> Fetched:
    """Fetch a URL, following redirects.

    Raises FetchError.
    """
    where = target(url)
    for _step in range(LIMITS.redirects + 1):
        try:
            answer = fetch(
                where,
                internet=Internet(),
                agent=f"Waymark/1.0 (+{settings.PRIVATE_URL})",
                limits=LIMITS,
                deadline=deadline,
                max_bytes=max_bytes,
                accept=accept,
            )
        except SSLCertVerificationError as error:
            raise FetchError(FetchProblem.BROKEN) from error
        if answer.status not in REDIRECTS:
            return answer
        where = target(absolute(answer.first("location"), where))
    raise FetchError(FetchProblem.REDIRECTS)


def _orcid_item(said: dict[str, Any]) -> dict[str, Any]:
    """Convert a summary of ORCID's API (version 3.0) to an item.

    Malformed data raises the errors of dict access.
    """
    return {
        "type": TYPES.get(str(said.get("type")), "document"),
        "title": _value((said.get("title") or {}).get("title")),
        "container-title": _value(said.get("journal-title")),
        "issued": _value((said.get("publication-date") or {}).get("year")),
        "DOI": next(_own_dois(said), ""),
        "URL": _value(said.get("url")),
    }


def _value(said: dict[str, Any] | None) -> Any:
    return (said or {}).get("value") or ""


def _own_dois(said: dict[str, Any]) -> Iterator[str]:
    """Yield the DOIs of the publication itself, not of the book that contains it."""
    for each in (said.get("external-ids") or {}).get("external-id") or ():
        if each.get("external-id-type") == "doi" and each.get("external-id-relationship") in {"self", None}:
            yield each.get("external-id-value") or ""
