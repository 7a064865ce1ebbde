"""A member's own words as they see them: what has been read, and what waits for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

from core.languages import names
from network.members.models import OWN_WORDS
from network.review.models import label_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from network.models import Member, ProposedWords
    from network.review.models import WordsDifference


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnText:
    """What a member says in one language: label and text of each detail, and what would change."""

    language: str
    name: str
    direction: str
    details: list[tuple[str, str]]
    proposal: ProposedWords | None
    differences: list[WordsDifference]


def own_texts(member: Member) -> Iterator[OwnText]:
    """Yield what a member says in each language, their own first. Two queries at most."""
    proposals = {proposal.language: proposal for proposal in member.proposals.select_related("member")}
    for language in dict.fromkeys([*member.written_languages, *proposals]):
        words, proposal = member.words_in(language), proposals.get(language)
        yield OwnText(
            language=language,
            name=names.language_name(language),
            direction=settings.LANGUAGE_TABLE[language].direction,
            details=[(label_of(detail), words[detail]) for detail in OWN_WORDS if detail in words],
            proposal=proposal,
            differences=list(proposal.differences()) if proposal else [],
        )
