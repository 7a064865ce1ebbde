"""The members of the demonstration's network, with their messages, needs and offers.

Some are written by hand; a generated crowd adds the numbers.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone
from wagtail.models import Locale

from demo import crowd
from demo.accounts import PASSWORD
from demo.content import LANGUAGES, SOURCE, facts, stable_id
from network.institutions import services as institutions
from network.members.models import DERIVED, TEXTS
from network.members.services import open_account
from network.messages.services import report_conversation
from network.models import (
    Category,
    Conversation,
    InboxShare,
    Match,
    Member,
    Message,
    Opportunity,
    Publication,
    RecordedOutcome,
    ReviewEntry,
    Verification,
)
from network.opportunities import matches
from network.opportunities.models import CATEGORIES, MatchOutcome, OpportunityKind
from network.opportunities.services import answer_outcome, take_up
from network.publications.models import year_of
from network.review.models import REMIND_AFTER
from network.vocabulary.details import CategoryGroup, Detail
from users.models import User

BATCH = 1000
INSTITUTIONS = Path(__file__).with_name("institutions.json")
# Number of members with publications, beginning with the first.
WITH_WORKS = 30
KEY_OUTPUTS = 2
# The members written by hand come first.
USUAL = 424
State = Member.State
# Fields with the same name in the file and in a Member.
SAME = (
    "country",
    "languages",
    "roles",
    "expertise",
    "work_settings",
    "methods",
    "populations",
)


def fields() -> dict[str, dict[str, str]]:
    """Return the fields of work: the name of each code in each language of the demonstration."""
    found: dict[str, dict[str, str]] = facts("members")["fields"]
    return found


def members(count: int = USUAL) -> list[dict[str, Any]]:
    """Return `count` invented members, each as the fields of a Member.

    At least 400 of the usual number are in the directory.
    """
    written = [_written(row) for row in facts("members")["members"][:count]]
    return written + crowd.members(count - len(written))


def _written(row: dict[str, Any]) -> dict[str, Any]:
    shows = facts("members")["shows"][row["shows"]]
    state = State(row.get("state", State.LISTED))
    data = {
        "uuid": identity(row["key"]),
        "state": state,
        "email": f"{row['key']}@example.org",
        "kind": Member.Kind(row.get("kind", Member.Kind.PERSON)),
        "orcid": row.get("orcid", ""),
        "shown": shows["everybody"],
        "shown_to_members": shows["members"],
        "has_page": row.get("has_page", False),
        **{name: row[name] for name in SAME},
        **crowd.said(row["language"], {detail: _by_language(row.get(detail, {})) for detail in TEXTS}),
        **crowd.times(_ago(row["asked"])),
    }
    if state == State.IN_REVIEW:
        data["decided_at"] = None
    return data


def identity(key: str) -> uuid.UUID:
    """Return the UUID of a member who was written by hand."""
    return uuid.UUID(stable_id("member", key))


def _by_language(text: Any) -> dict[str, str]:
    return dict.fromkeys(LANGUAGES, text) if isinstance(text, str) else text


def _ago(days: int) -> datetime:
    return crowd.today() - timedelta(days=days)


@transaction.atomic
def load_members(count: int = USUAL) -> int:
    """Create the fields of work, and the missing members with their verifications.

    Returns how many members were new.

    They are created in bulk, so no page is rendered: render the directory afterwards.
    """
    _load_fields()
    there = set(Member.objects.values_list("uuid", flat=True))
    new = [Member(**data) for data in members(count) if data["uuid"] not in there]
    for member in new:
        member.derive()
    Member.objects.bulk_create(new, batch_size=BATCH)
    _load_verifications({member.uuid: member for member in new})
    _load_works(new[:WITH_WORKS])
    return len(new)


def _load_works(holders: list[Member]) -> None:
    """Give members invented publications, so that the directory can find them."""
    Publication.objects.bulk_create(
        publication for number, member in enumerate(holders) for publication in _publications(number, member)
    )
    prefetch_related_objects(holders, "publications")
    for member in holders:
        member.derive()
    Member.objects.bulk_update(holders, DERIVED)


def _publications(number: int, member: Member) -> Iterator[Publication]:
    """Yield an article, a book and a report of a member, the first two of them key outputs."""
    words = facts("members")["publications"][member.language]
    family, _space, given = member.name.rpartition(" ")[::-1]
    author = {"literal": member.name} if member.kind == Member.Kind.ORGANISATION else {"family": family, "given": given}
    for place, title in enumerate(words["titles"]):
        item = {
            "type": ("article-journal", "book", "report")[place],
            "title": title,
            "author": [author],
            "issued": {"date-parts": [[2018 + (number + place) % 8]]},
            "language": member.language,
            # The prefix for tests: such a DOI leads nowhere.
            "DOI": f"10.5555/waymark-{number + 1}-{place + 1}",
        }
        item["container-title"] = words["publisher" if place else "container"]
        yield Publication(
            member=member,
            item=item,
            doi=item["DOI"],
            year=int(year_of(item)),
            is_key=place < KEY_OUTPUTS,
            position=place + 1 if place < KEY_OUTPUTS else 0,
        )


def load_institutions() -> int:
    """Load a few institutions in the format of the ROR dump.

    Their ids are real; no member of the demonstration works there.
    """
    return institutions.load(INSTITUTIONS).kept


def _load_fields() -> None:
    locales = {locale.language_code: locale for locale in Locale.objects.filter(language_code__in=LANGUAGES)}
    fields_of_work = Category.objects.filter(group=CategoryGroup.FIELD)
    there = set(fields_of_work.values_list("code", "locale__language_code"))
    Category.objects.bulk_create(
        Category(
            group=CategoryGroup.FIELD,
            code=code,
            name=names[language],
            locale=locale,
            translation_key=stable_id("field", code),
        )
        for code, names in fields().items()
        for language, locale in sorted(locales.items(), key=lambda item: item[0] != SOURCE)
        if (code, language) not in there
    )


def _load_verifications(new: dict[uuid.UUID, Member]) -> None:
    """Give new members the verifications of their affiliation that the file has."""
    Verification.objects.bulk_create(
        Verification(
            member=new[identity(row["member"])],
            kind=row["kind"],
            what=row.get("what", ""),
            nominator=new.get(identity(row["by"])) if "by" in row else None,
            asked_at=_ago(row.get("confirmed", 0)),
            confirmed_at=_ago(row["confirmed"]) if "confirmed" in row else None,
            # Just read, so that the demonstration fetches no page.
            read_at=crowd.today() if "problem" in row else None,
            problem=row.get("problem", ""),
        )
        for row in facts("members")["verifications"]
        if identity(row["member"]) in new
    )


@transaction.atomic
def load_reviews() -> None:
    """Create new profile texts that wait for review, and requests that wait for a decision.

    Once; the accounts are needed.
    """
    if ReviewEntry.objects.exists():
        return
    author, now = User.objects.get(email="network@example.org"), crowd.today()
    known = {member.uuid: member for member in Member.objects.all()}
    for row in facts("members")["members"]:
        member = known[identity(row["key"])]
        for kind in (ReviewEntry.Kind.QUESTION, ReviewEntry.Kind.NOTE):
            if kind in row:
                # Already reminded, so that the demonstration sends no mail on its own.
                member.review.create(
                    kind=kind, text=row[kind], author=author, written_at=now, reminded_at=now + REMIND_AFTER
                )
        for language in LANGUAGES:
            new = {detail: texts[language] for detail, texts in row.get("proposed", {}).items() if language in texts}
            if new:
                texts = member.texts_in(language) | new
                member.proposals.create(language=language, texts=texts, proposed_at=now)


# Days since the oldest conversation began, and hours between two messages.
FIRST_DAY = 12
PAUSE = timedelta(hours=5)


def accounts() -> list[Member]:
    """Return the members whose addresses can be used to sign in."""
    found = Member.objects.filter(user__isnull=False, user__groups=None)
    return list(found.order_by("kind", "pk"))


@transaction.atomic
def load_conversations() -> None:
    """Give three members an account, one of them an organisation, and create messages between members.

    Once; the members are needed.
    """
    if Conversation.objects.exists():
        return
    named = Member.objects.listed().filter(shown__contains=[Detail.NAME, Detail.ABOUT], user=None)
    people = named.filter(kind=Member.Kind.PERSON).order_by("pk")
    house = named.filter(kind=Member.Kind.ORGANISATION).order_by("pk")[0]
    owners = {
        "person": people.filter(language=SOURCE)[0],
        "colleague": people.filter(language=LANGUAGES[1])[0],
        "organisation": house,
    }
    password = make_password(PASSWORD)
    for member in owners.values():
        user = open_account(member=member)
        user.password = password
        user.save()
    # Not with the services, so that the demonstration sends no mail on its own.
    InboxShare.objects.create(organisation=house, colleague=owners["colleague"], accepted_at=timezone.now())
    taken = [member.pk for member in owners.values()]
    for number, row in enumerate(facts("conversations")["conversations"]):
        writer = people.filter(language=row["language"]).exclude(pk__in=taken)[0]
        taken.append(writer.pk)
        _write(row, writer, owners[row["to"]], FIRST_DAY - 2 * number)


def _write(row: dict[str, Any], writer: Member, owner: Member, days: int) -> None:
    start = timezone.now() - timedelta(days=days)
    end = start + PAUSE * (len(row["messages"]) - 1)
    made = Conversation.objects.create(
        starter=writer, recipient=owner, subject=row["subject"], starter_read_at=end, last_message_at=end
    )
    for number, text in enumerate(row["messages"]):
        participant = owner if number % 2 else writer
        Message.objects.create(
            conversation=made,
            sender=participant,
            author=participant,
            text=text,
            written_at=start + PAUSE * number,
        )
    if reported := row.get("reported"):
        report_conversation(conversation=made, reporter=owner, text=reported)


# Of each language, every n-th is for members alone, and the last n of the others still wait for review.
FOR_MEMBERS, UNREAD = 5, 2
# Number of needs with matches.
# Then, for each contact, days since the first message and its outcome; the outcome of the last ones is still being
# requested.
MATCHED = 8
CONTACTS = ((95, MatchOutcome.RESULT), (64, MatchOutcome.COLLABORATION), (40, ""), (33, ""), (3, ""))
# Outcomes of matches of earlier months, by how many months ago.
OUTCOMES = (
    (3, MatchOutcome.CONTACT, 7),
    (2, MatchOutcome.CONTACT, 6),
    (2, MatchOutcome.COLLABORATION, 5),
    (1, MatchOutcome.NONE, 6),
)


def load_opportunities() -> None:
    """Create the opportunities, then matches, contacts and outcomes.

    The members are needed.
    """
    for language in LANGUAGES:
        Opportunity.objects.bulk_create(_opportunities(language))
    needs = Opportunity.objects.open().filter(kind=OpportunityKind.NEED).order_by("pk")
    for opportunity in needs[:MATCHED]:
        matches.matches_for(opportunity)
    _get_in_contact()
    month = timezone.localdate().replace(day=1)
    for ago, outcome, times in OUTCOMES:
        first = (month - timedelta(days=30 * ago)).replace(day=1)
        RecordedOutcome.objects.bulk_create(RecordedOutcome(outcome=outcome, month=first) for _each in range(times))


def _opportunities(language: str) -> Iterator[Opportunity]:
    members = Member.objects.listed("members").filter(language=language).order_by("pk")
    rows = [row for row in facts("opportunities")["opportunities"] if row["language"] == language]
    now, today = timezone.now(), timezone.localdate()
    for number, (row, owner) in enumerate(zip(rows, cycle(members), strict=False)):
        is_for_everybody = number % FOR_MEMBERS != FOR_MEMBERS - 1
        is_read = is_for_everybody and number < len(rows) - UNREAD - 1
        yield Opportunity(
            uuid=uuid.UUID(stable_id("opportunity", language, number)),
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
    """Let the owners of some needs have written to their matches."""
    found = (
        Match.objects.order_by("opportunity_id", "pk").distinct("opportunity_id").select_related("opportunity__owner")
    )
    for match, (days, outcome) in zip(found, CONTACTS, strict=False):
        owner = match.opportunity.owner
        take_up(opportunity=match.opportunity, by=owner, other=match.member)
        moment = timezone.now() - timedelta(days=days)
        Match.objects.filter(pk=match.pk).update(matched_at=moment, taken_up_at=moment)
        if outcome:
            answer_outcome(match=match, by=owner, outcome=outcome)
