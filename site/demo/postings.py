"""What the invented members look for and offer: written by hand, in the languages of the demonstration. Some were matched, and something came of it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from itertools import cycle
from typing import TYPE_CHECKING

from django.utils import timezone

from demo.content import LANGUAGES, facts, stable_id
from network.models import Member, Posting, Proposal, RecordedOutcome
from network.opportunities import matches
from network.opportunities import services as opportunities
from network.opportunities.models import CATEGORIES, MatchOutcome, PostingKind

if TYPE_CHECKING:
    from collections.abc import Iterator

# Of each language, every so many is for members alone, and so many of the others still wait for a reader.
FOR_MEMBERS, UNREAD = 5, 2
# For so many needs somebody has looked who fits. How many days ago somebody wrote to whom they found, and what came of it; the last are being asked.
MATCHED = 8
CONTACTS = ((95, MatchOutcome.RESULT), (64, MatchOutcome.COLLABORATION), (40, ""), (33, ""), (3, ""))
# What came of matches of earlier months, by how many months ago.
OUTCOMES = (
    (3, MatchOutcome.CONTACT, 7),
    (2, MatchOutcome.CONTACT, 6),
    (2, MatchOutcome.COLLABORATION, 5),
    (1, MatchOutcome.NONE, 6),
)


def load() -> None:
    """Create the postings, then proposals, contacts and outcomes. The members are needed."""
    for language in LANGUAGES:
        Posting.objects.bulk_create(_postings(language))
    needs = Posting.objects.open().filter(kind=PostingKind.NEED).order_by("pk")
    for posting in needs[:MATCHED]:
        matches.matches_for(posting)
    _get_in_contact()
    month = timezone.localdate().replace(day=1)
    for ago, outcome, times in OUTCOMES:
        first = (month - timedelta(days=30 * ago)).replace(day=1)
        RecordedOutcome.objects.bulk_create(
            RecordedOutcome(outcome=outcome, month=first) for _each in range(times)
        )


def _postings(language: str) -> Iterator[Posting]:
    members = Member.objects.listed("members").filter(language=language).order_by("pk")
    rows = [row for row in facts("postings")["postings"] if row["language"] == language]
    now, today = timezone.now(), timezone.localdate()
    for number, (row, owner) in enumerate(zip(rows, cycle(members), strict=False)):
        is_for_everybody = number % FOR_MEMBERS != FOR_MEMBERS - 1
        is_read = is_for_everybody and number < len(rows) - UNREAD - 1
        yield Posting(
            uuid=uuid.UUID(stable_id("posting", language, number)),
            owner=owner,
            languages=[*dict.fromkeys([language, *owner.languages])],
            country=owner.country,
            until=today + timedelta(days=20 + 19 * number),
            is_for_everybody=is_for_everybody,
            read_at=now - timedelta(days=1) if is_read else None,
            created_at=now - timedelta(days=2 + 3 * number),
            **{name: row[name] for name in ("kind", "subject", "language", "title", "text", *CATEGORIES)},
        )


def _get_in_contact() -> None:
    """Let the owners of some needs have written to whom they were proposed."""
    found = (
        Proposal.objects.order_by("posting_id", "pk").distinct("posting_id").select_related("posting__owner")
    )
    for proposal, (days, outcome) in zip(found, CONTACTS, strict=False):
        owner = proposal.posting.owner
        opportunities.take_up(posting=proposal.posting, by=owner, other=proposal.member)
        moment = timezone.now() - timedelta(days=days)
        Proposal.objects.filter(pk=proposal.pk).update(proposed_at=moment, taken_up_at=moment)
        if outcome:
            opportunities.answer_outcome(proposal=proposal, by=owner, outcome=outcome)
