"""The invented practices of the demonstration, with their evidence: every rating, by two or three reviewers.

Some ratings are expired, some practices are archived.
One practice waits for publication, and the evidence for one outcome waits for a second reviewer.
"""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone
from wagtail.models import Locale

from demo.content import LANGUAGES, SOURCE, facts, stable_id
from helpline.exchange.imports.parsed import identifier
from network.models import (
    EvidenceAssessment,
    EvidenceCriterion,
    EvidenceReview,
    Member,
    Practice,
    PracticeMember,
    PracticeText,
)
from network.practices import services as practices
from network.practices.codes import EvidenceRating, PracticeOutcome
from network.practices.evidence import EVIDENCE_LASTS
from network.practices.models import ARCHIVE_AFTER
from network.vocabulary.details import Detail
from users.models import User

WRITER, READER = "network@example.org", "admin@example.org"
# The fields of a practice that hold lists of codes, and those that hold numbers.
CODES = (
    "levels",
    "modes",
    "populations",
    "work_settings",
    "methods",
    "professions",
    "languages",
    "countries",
)
NUMBERS = ("posts", "sessions", "minutes", "weeks", "cost", "cost_year")
# Parts of members in a practice.
ROLES = {PracticeMember.Part.RUNS: "practitioner", PracticeMember.Part.STUDIES: "researcher"}
# The criteria that an invented study meets, by the rating that it leads to.
MET = {
    EvidenceRating.EFFECTIVE: ["described", "reasoned", "compared", "followed", "independent"],
    EvidenceRating.PROMISING: ["described", "reasoned", "compared"],
    EvidenceRating.PRUDENT: ["described", "reasoned", "heard"],
    EvidenceRating.PIONEERING: ["reasoned", "heard"],
    EvidenceRating.NO_EFFECT: ["described", "compared", "independent"],
    EvidenceRating.HARM: ["compared", "independent", "unwanted"],
}


def title(row: dict[str, Any], language: str) -> str:
    """Return the title of a practice, marked as invented."""
    marked: str = facts("practices")["invented"][language]
    return marked.format(title=row["title"][language])


def load() -> None:
    """Create criteria, practices and their evidence.

    The accounts, members and invented programmes are needed.
    """
    people = {user.email: user for user in User.objects.filter(email__in=[WRITER, READER])}
    _load_criteria()
    members = [*Member.objects.listed().filter(shown__contains=[Detail.NAME]).order_by("pk")]
    programmes = [identifier(row["reference"]) for row in facts("examples")["programmes"]]
    rows = facts("practices")["practices"]
    for number, row in enumerate(rows):
        practice = _practice(row, number, members, programmes)
        practice.save_revision(user=people[WRITER])
        practice.refresh_from_db()
        if number == len(rows) - 1:
            continue  # it waits for an editor to publish it
        practices.publish_practice(practice=practice, seen=practice.latest_revision_id or 0, by=people[READER])
        _set_days(practice, number, is_archived=row.get("archived", False))
        for each, (outcome, rating, studies, days, *effect) in enumerate(row["evidence"]):
            _review(
                practice,
                PracticeOutcome(outcome),
                EvidenceRating(rating),
                studies,
                days,
                effect="".join(effect),
                is_by_third=(number + each) % 7 == 0,
            )
    said = facts("practices")["answer"]
    practices.answer_rating(
        review=EvidenceReview.objects.get(practice__name=_name(said["practice"]), outcome=said["outcome"]),
        text=said["text"],
        language=said["language"],
        by=people[WRITER],
    )
    _leave_one_open(people)


def _load_criteria() -> None:
    locales = {locale.language_code: locale for locale in Locale.objects.filter(language_code__in=LANGUAGES)}
    EvidenceCriterion.objects.bulk_create(
        EvidenceCriterion(
            code=row["code"],
            name=row["name"][language],
            order=order,
            locale=locale,
            translation_key=stable_id("criterion", row["code"]),
        )
        for order, row in enumerate(facts("practices")["criteria"], start=1)
        for language, locale in locales.items()
    )


def _name(key: str) -> str:
    row = next(row for row in facts("practices")["practices"] if row["key"] == key)
    return title(row, SOURCE)


def _practice(row: dict[str, Any], number: int, members: Sequence[Member], programmes: Sequence[uuid.UUID]) -> Practice:
    practice = Practice(
        uuid=uuid.UUID(stable_id("practice", row["key"])),
        name=title(row, SOURCE),
        live=False,
        owner=_suitable_member(members, row["countries"], "practitioner", number) if members else None,
        would_again=row.get("would_again", ""),
        listings=[programmes[number % len(programmes)]] if number % 3 == 0 else [],
        **{name: row[name] for name in CODES},
        **{name: row.get(name) for name in NUMBERS},
    )
    practice.texts = [
        PracticeText(
            language=language,
            title=title(row, language),
            **{name: row[name][language] for name in PracticeText.WORDS[1:] if name in row},
        )
        for language in LANGUAGES
    ]
    if members:
        practice.people = [
            PracticeMember(member=_suitable_member(members, row["countries"], role, number), part=part)
            for part, role in ROLES.items()
        ]
    practice.full_clean()
    practice.save()
    return practice


def _suitable_member(members: Sequence[Member], countries: list[str], role: str, number: int) -> Member:
    """Return a member with this role, from one of the countries if there is one; not always the same."""
    able = [member for member in members if role in member.roles] or members
    near = [member for member in able if member.country in countries] or able
    return near[number % len(near)]


def _set_days(practice: Practice, number: int, *, is_archived: bool) -> None:
    """Confirm a practice some time ago; one that is archived, before that."""
    ago = ARCHIVE_AFTER + timedelta(days=60) if is_archived else timedelta(days=20 + 7 * number)
    Practice.objects.filter(pk=practice.pk).update(
        confirmed_on=timezone.localdate() - ago,
        archived_at=timezone.now() - timedelta(days=60) if is_archived else None,
    )


def _review(
    practice: Practice,
    outcome: PracticeOutcome,
    rating: EvidenceRating,
    studies: int,
    days: int,
    *,
    effect: str,
    is_by_third: bool,
) -> None:
    decided = timezone.localdate() - timedelta(days=days)
    EvidenceReview.objects.create(
        practice=practice,
        outcome=outcome,
        rating=rating,
        studies=studies,
        effect=effect,
        references="\n".join(
            f"Example and others ({decided.year - 1 - each}). {practice.name}. Invented study."
            for each in range(studies)
        ),
        criteria=MET[rating],
        is_by_third=is_by_third,
        conflicts=1 if is_by_third else 0,
        opened_at=timezone.now() - timedelta(days=days + 60),
        decided_on=decided,
        expires_on=decided + EVIDENCE_LASTS,
        expiry_noted=decided + EVIDENCE_LASTS <= timezone.localdate(),
    )


def _leave_one_open(people: dict[str, User]) -> None:
    """Let the evidence for one outcome wait for a second reviewer."""
    practice = Practice.objects.public().filter(reviews=None).order_by("pk").first()
    if practice is None:
        return
    review = practices.open_review(
        practice=practice, outcome=PracticeOutcome.SKILLS, studies=1, references="", by=people[WRITER]
    )
    EvidenceAssessment.objects.create(
        review=review,
        reviewer=people[READER],
        rating=EvidenceRating.PRUDENT,
        text="One careful study, no comparison.",
    )
