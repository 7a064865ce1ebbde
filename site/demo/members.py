"""The invented members of the demonstration's network: the same on every run, from many countries, in every state."""

from __future__ import annotations

import random
import tomllib
import uuid
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import prefetch_related_objects
from wagtail.models import Locale

from demo.content import LANGUAGES, SOURCE, stable_id
from network.desk import ror
from network.models import Category, Member, PublishedWork, ReviewEntry, ReviewTemplate
from network.models.csl import year_of
from network.models.members import DERIVED
from network.models.vocabulary import CategoryGroup, Detail
from network.services import CONSENT_VERSION, starter
from users.models import User

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTS = Path(__file__).with_suffix(".toml")
INSTITUTIONS = Path(__file__).with_name("institutions.json")
SEED = 20261118
# So many members have works, from the first on.
WITH_WORKS = 30
KEY_OUTPUTS = 2
BATCH = 1000
TODAY = datetime(2026, 11, 18, 9, tzinfo=UTC)
State = Member.State

# The last members, in reverse order: those in another state than listed, or who show nothing. All others can be found.
SITUATIONS = (
    *[State.IN_REVIEW] * 7,
    *[State.PAUSED] * 3,
    *[State.UNCONFIRMED] * 2,
    State.DECLINED,
    *["shows nothing"] * 3,
)
# What the others show: everything with or without a page of their own, little, or what they do but not their name.
EVERYTHING = list(Detail.values)
LITTLE = [Detail.NAME, Detail.ROLES, Detail.COUNTRY, Detail.EXPERTISE]
NAMELESS = [
    Detail.ROLES,
    Detail.COUNTRY,
    Detail.LANGUAGES,
    Detail.EXPERTISE,
    Detail.POPULATIONS,
    Detail.ABOUT,
]
CHOICES = (
    (EVERYTHING, True),
    (EVERYTHING, False),
    (LITTLE, True),
    (LITTLE, False),
    (LITTLE, False),
    (NAMELESS, False),
)
# So many members have names of their countries. Those after them are told apart by family names of these syllables, of which there are enough.
CROWD = 500
SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
# The iD of Josiah Carberry, a fictitious person that ORCID provides for examples.
FICTITIOUS_ORCID = "0000-0002-1825-0097"


@cache
def parts() -> dict[str, Any]:
    with PARTS.open("rb") as file:
        return tomllib.load(file)


def fields() -> dict[str, dict[str, str]]:
    """Return the fields of work: the name of each code in each language of the demonstration."""
    found: dict[str, dict[str, str]] = parts()["fields"]
    return found


@cache
def starter_codes(group: str) -> list[str]:
    """Return the codes of a group of categories that every new site starts with."""
    return list(starter("categories")[group])


def members(count: int = 220, seed: int = SEED) -> list[dict[str, Any]]:
    """Return `count` invented members, each as the fields of a Member. At least 200 of the usual 220 are in the directory."""
    chance = random.Random(seed)  # noqa: S311  (nothing here is a secret)
    taken: set[str] = set()
    return [_member(number, count, chance, taken) for number in range(count)]


def _member(number: int, count: int, chance: random.Random, taken: set[str]) -> dict[str, Any]:
    origin = chance.choice(parts()["origins"])
    speaks = origin["speaks"]
    roles = chance.choice([["researcher"], ["practitioner"], ["researcher", "practitioner"], ["policy"]])
    places, words = parts()["places"][speaks], parts()["words"][speaks]
    kind_of_place = {"researcher": "university", "practitioner": "practice", "policy": "policy"}[roles[0]]
    place = chance.choice(places[kind_of_place]).format(town=chance.choice(places["towns"]))
    is_organisation = chance.random() < 0.1 and place not in taken
    name = place if is_organisation else _name(origin, chance, taken)
    taken.add(name)
    own_fields = sorted(chance.sample(sorted(fields()), chance.randint(1, 3)))
    shown, has_page = chance.choice(CHOICES)
    asked = TODAY - timedelta(days=chance.randint(20, 700), minutes=chance.randint(0, 1400))
    languages = origin["languages"]
    data: dict[str, Any] = {
        "uuid": uuid.UUID(stable_id("member", number)),
        "state": State.LISTED,
        "email": f"member-{number + 1}@example.org",
        "language": speaks,
        "kind": Member.Kind.ORGANISATION if is_organisation else Member.Kind.PERSON,
        "name": name,
        "roles": roles,
        "country": chance.choice(origin["countries"]),
        "languages": [languages[0], *(code for code in languages[1:] if chance.random() < 0.6)],
        "expertise": own_fields,
        "work_settings": _some(starter_codes(CategoryGroup.SETTING), chance),
        "methods": _some(starter_codes(CategoryGroup.METHOD), chance),
        "populations": _some(starter_codes(CategoryGroup.POPULATION), chance),
        "about": chance.choice(words["about"]).format(field=fields()[own_fields[0]][speaks]),
        "offers": chance.choice(words["offers"]) if chance.random() < 0.6 else "",
        "needs": chance.choice(words["needs"]) if chance.random() < 0.5 else "",
        "affiliation": "" if is_organisation else place,
        "orcid": FICTITIOUS_ORCID if number == 0 else "",
        "shown": [str(detail) for detail in (EVERYTHING if number == 0 else shown)],
        "has_page": number == 0 or has_page,
        "consent_version": CONSENT_VERSION,
        "consented_at": asked,
        "shown_changed_at": asked,
        "created_at": asked,
        "confirmed_at": asked + timedelta(hours=2),
        "decided_at": asked + timedelta(days=3),
    }
    if number % 3:
        # Many let members see more than everybody.
        data["shown_to_members"] = [detail for detail in EVERYTHING if detail not in data["shown"]]
    if count - number <= len(SITUATIONS):
        data |= _situation(SITUATIONS[count - number - 1], chance)
    return data


def _name(origin: dict[str, Any], chance: random.Random, taken: set[str]) -> str:
    """Return a name of this origin that is not taken, while there are any; in a crowd, one that nobody ever had."""
    if len(taken) >= CROWD:
        family = "".join(chance.choice(SYLLABLES) for _syllable in range(4)).title()
        return f"{chance.choice(origin['given'])} {family}"
    free = [f"{given} {family}" for given in origin["given"] for family in origin["family"]]
    return chance.choice([name for name in free if name not in taken] or free)


def _situation(situation: str, chance: random.Random) -> dict[str, Any]:
    if situation == "shows nothing":
        return {"shown": [], "shown_to_members": [], "has_page": False}
    asked = TODAY - timedelta(days=chance.randint(1, 5), minutes=chance.randint(0, 1400))
    times: dict[str, Any] = {"created_at": asked, "consented_at": asked, "shown_changed_at": asked}
    if situation == State.UNCONFIRMED:
        times |= {"confirmed_at": None, "decided_at": None}
    elif situation == State.IN_REVIEW:
        times |= {"confirmed_at": asked + timedelta(hours=1), "decided_at": None}
    elif situation == State.DECLINED:
        times |= {"confirmed_at": asked + timedelta(hours=1), "decided_at": asked + timedelta(days=1)}
    else:
        times = {}
    return {"state": situation, **times}


def _some(choices: list[str], chance: random.Random) -> list[str]:
    return sorted(chance.sample(choices, chance.randint(1, 3)))


@transaction.atomic
def load_members(count: int = 220, seed: int = SEED) -> int:
    """Create the fields of work and the members that do not exist yet. Returns how many members were new.

    They are created in bulk, so no page is printed: print the directory afterwards.
    """
    _load_fields()
    there = set(Member.objects.values_list("uuid", flat=True))
    new = [Member(**data) for data in members(count, seed) if data["uuid"] not in there]
    for member in new:
        member.derive()
    added = Member.objects.bulk_create(new, batch_size=BATCH)
    _load_works(added[:WITH_WORKS])
    return len(added)


def _load_works(holders: list[Member]) -> None:
    """Give members works that do not exist, and let those who see them find them."""
    PublishedWork.objects.bulk_create(
        work for number, member in enumerate(holders) for work in _works(number, member)
    )
    prefetch_related_objects(holders, "works")
    for member in holders:
        member.derive()
    Member.objects.bulk_update(holders, DERIVED)


def _works(number: int, member: Member) -> Iterator[PublishedWork]:
    """Yield an article, a book and a report of a member, the first two of them key outputs."""
    words = parts()["works"][member.language]
    family, _space, given = member.name.rpartition(" ")[::-1]
    author = (
        {"literal": member.name}
        if member.kind == Member.Kind.ORGANISATION
        else {"family": family, "given": given}
    )
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
        item |= (
            {"container-title": words["container"], "volume": str(number + 1)}
            if not place
            else {"publisher": words["publisher"]}
        )
        yield PublishedWork(
            member=member,
            item=item,
            doi=item["DOI"],
            year=int(year_of(item)),
            is_key=place < KEY_OUTPUTS,
            position=place + 1 if place < KEY_OUTPUTS else 0,
        )


def load_institutions() -> int:
    """Load a few institutions as ROR names them, from a file in the form of its dump. Their ids are real; nobody of the demonstration works there."""
    return ror.load(INSTITUTIONS).kept


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


@transaction.atomic
def load_reviews() -> None:
    """Let two members wait for a person to read their words, and one request for the answer to a question. Once; the accounts are needed."""
    if ReviewEntry.objects.exists():
        return
    asked_by = User.objects.get(email="network@example.org")
    listed = Member.objects.filter(state=State.LISTED, shown__contains=[Detail.NAME, Detail.ABOUT])
    first, second = listed.filter(language=SOURCE).order_by("pk")[1:3]
    new, others = parts()["reviews"], [language for language in LANGUAGES if language != SOURCE]
    first.proposals.create(
        language=SOURCE, words=first.words_in(SOURCE) | {"offers": new["offers"]}, proposed_at=TODAY
    )
    for language in others[:2]:
        second.proposals.create(language=language, words={"about": new["about"][language]}, proposed_at=TODAY)
    for language in others:
        first.set_words(language, {"about": new["about"][language]})
    first.save()
    request = Member.objects.awaiting_review().order_by("pk")[0]
    template = ReviewTemplate.objects.for_member(request).filter(use=ReviewTemplate.Use.QUESTION)[0]
    # Already reminded, so that the demonstration mails nobody by itself.
    about = {"member": request, "author": asked_by, "written_at": TODAY}
    ReviewEntry.objects.create(
        kind=ReviewEntry.Kind.QUESTION, text=template.text, reminded_at=TODAY + timedelta(days=7), **about
    )
    ReviewEntry.objects.create(kind=ReviewEntry.Kind.NOTE, text=new["note"], **about)
