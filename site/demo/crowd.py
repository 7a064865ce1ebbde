"""Invented members for the numbers: each of one country, with a name, a town, languages and a job that fit together.

The same on every run.
"""

import random
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import chain, zip_longest
from string import ascii_uppercase
from typing import Any

from django.utils import timezone

from demo.content import LANGUAGES, SOURCE, facts, stable_id
from network.joining.services import CONSENT_VERSION
from network.models import Member
from network.vocabulary.details import Detail

SEED = 20261118
State = Member.State

# States of the last members, in reverse order: in another state than listed, or showing nothing.
# All others can be found.
SITUATIONS = (
    *[State.IN_REVIEW] * 7,
    *[State.PAUSED] * 3,
    *[State.UNCONFIRMED] * 2,
    State.DECLINED,
    *["shows nothing"] * 3,
)
# Details that the others show: everything, with or without their own page; little; or their work without their name.
EVERYTHING = [str(detail) for detail in Detail]
LITTLE = [str(detail) for detail in (Detail.NAME, Detail.ROLES, Detail.COUNTRY, Detail.EXPERTISE)]
NAMELESS = [
    str(detail)
    for detail in (
        Detail.ROLES,
        Detail.COUNTRY,
        Detail.LANGUAGES,
        Detail.EXPERTISE,
        Detail.POPULATIONS,
        Detail.ABOUT,
    )
]
CHOICES = (
    (EVERYTHING, True),
    (EVERYTHING, False),
    (LITTLE, True),
    (LITTLE, False),
    (LITTLE, False),
    (NAMELESS, False),
)


def today() -> datetime:
    """Return the beginning of the day: requests of that time wait, whenever the demonstration is loaded."""
    return timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)


def members(count: int) -> list[dict[str, Any]]:
    """Return `count` invented members, each as the fields of a Member."""
    chance = random.Random(SEED)  # noqa: S311  (nothing here is a secret)
    countries, jobs = (_weighted(facts("crowd")[group]) for group in ("countries", "jobs"))
    born: Counter[int] = Counter()
    taken: set[str] = set()
    return [
        _member(number, count, chance.choice(countries), chance.choice(jobs), chance, born, taken)
        for number in range(count)
    ]


def _weighted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows for _one in range(row["weight"])]


def _member(
    number: int,
    count: int,
    country: dict[str, Any],
    job: dict[str, Any],
    chance: random.Random,
    born: Counter[int],
    taken: set[str],
) -> dict[str, Any]:
    speaks, languages = country["speaks"], country["languages"]
    place = _place(country, job, chance)
    is_organisation = chance.random() < 0.2 and "together" in job and place[speaks] not in taken
    if is_organisation:
        names = place
    else:
        names = _spelled(country, *_name(country, born[id(country)]))
        born[id(country)] += 1
    taken.add(names[speaks])
    words: dict[str, Mapping[str, str]] = {
        Detail.NAME: names,
        Detail.AFFILIATION: {} if is_organisation else place,
        Detail.ABOUT: chance.choice(job["together" if is_organisation else "about"]),
        Detail.OFFERS: chance.choice(job["offers"]) if chance.random() < 0.6 else {},
        Detail.NEEDS: chance.choice(job["needs"]) if chance.random() < 0.5 else {},
    }
    shown, has_page = chance.choice(CHOICES)
    asked = today() - timedelta(days=chance.randint(20, 700), minutes=chance.randint(0, 1400))
    data: dict[str, Any] = {
        "uuid": uuid.UUID(stable_id("member", number)),
        "state": State.LISTED,
        "email": f"member-{number + 1}@example.org",
        "kind": Member.Kind.ORGANISATION if is_organisation else Member.Kind.PERSON,
        "roles": job["roles"],
        "country": country["code"],
        "languages": [code for code in languages if code in (languages[0], speaks) or chance.random() < 0.8],
        "expertise": _some(job["expertise"], chance),
        "work_settings": job["work_settings"],
        "methods": _some(job["methods"], chance),
        "populations": _some(job["populations"], chance),
        "shown": shown,
        "has_page": has_page,
        **said(speaks, words),
        **times(asked),
    }
    if number % 3:
        # Many show members more than the public.
        data["shown_to_members"] = [detail for detail in EVERYTHING if detail not in shown]
    if count - number <= len(SITUATIONS):
        data |= _situation(SITUATIONS[count - number - 1], chance)
    return data


def said(speaks: str, words: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Return texts (detail → language → text) as the fields of a Member who writes in `speaks`.

    A text equal to the first one is left out.
    """
    own = {str(detail): texts.get(speaks, "") for detail, texts in words.items()}
    others = {
        language: {
            str(detail): texts[language]
            for detail, texts in words.items()
            if language in texts and texts[language] != own[detail]
        }
        for language in LANGUAGES
        if language != speaks
    }
    return {
        "language": speaks,
        **own,
        "translations": {language: texts for language, texts in others.items() if texts},
    }


def times(asked: datetime) -> dict[str, Any]:
    """Return the times of a member who applied then, and whom the team listed three days later."""
    return {
        "consent_version": CONSENT_VERSION,
        "consented_at": asked,
        "shown_changed_at": asked,
        "created_at": asked,
        "confirmed_at": asked + timedelta(hours=2),
        "decided_at": asked + timedelta(days=3),
    }


def _place(country: dict[str, Any], job: dict[str, Any], chance: random.Random) -> dict[str, str]:
    """Return the workplace of a member, by language; empty if the job has none."""
    town, town_abroad = _spellings(chance.choice(country["towns"]))
    if "place" not in job:
        return {}
    here = _template(country.get("places", country["languages"][0]), job).format(town=town)
    if town == town_abroad:
        return _spelled(country, here, here)
    # Written in another script: abroad it has a name in English or French.
    abroad = {code: _template(code, job).format(town=town_abroad) for code in (SOURCE, "fr")}
    return _spelled(country, here, abroad[country.get("abroad", SOURCE)]) | {
        code: name for code, name in abroad.items() if code != country["speaks"]
    }


def _template(language: str, job: dict[str, Any]) -> str:
    template: str = facts("crowd")["places"][language][job["place"]]
    return template


def _spelled(country: dict[str, Any], here: str, abroad: str) -> dict[str, str]:
    return {language: here if language == country["speaks"] else abroad for language in LANGUAGES}


def _spellings(text: str) -> tuple[str, str]:
    """Return a name in its own script, and in Latin letters."""
    here, _, abroad = text.partition(" / ")
    return here, abroad or here


def _name(country: dict[str, Any], born: int) -> tuple[str, str]:
    """Return the name of the member born as number `born` of a country, in both spellings.

    No two have the same.

    When all given names have met all family names, people have two family names; when those are used up, initials as
    well.
    """
    given = list(_alternating(country))
    turn, who = divmod(born, len(given))
    first, families = given[who]
    turn, place = divmod(turn, len(families))
    initial, second = divmod(turn, len(families))
    family = families[(who + place) % len(families)]
    other = families[(who + place + second) % len(families)]
    spelled = []
    for spelling in (0, 1):
        names = [_spellings(name)[spelling] for name in (family, other)]
        last = country.get("joiner", "-").join(names) if second else names[0]
        spelled.append(f"{_spellings(first)[spelling]}{_initials(initial)} {last}")
    return spelled[0], spelled[1]


def _initials(number: int) -> str:
    """Return the initials for a number: none for 0, one letter up to 26, two from 27."""
    found = ""
    while number:
        number, letter = divmod(number - 1, 26)
        found = f" {ascii_uppercase[letter]}.{found}"
    return found


def _alternating(country: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield the given names of women and men by turns, each with the family names in their form."""
    family = country["family"]
    women = [(name, country.get("family_women", family)) for name in country["women"]]
    men = [(name, family) for name in country["men"]]
    return (name for name in chain.from_iterable(zip_longest(women, men)) if name)


def _situation(situation: str, chance: random.Random) -> dict[str, Any]:
    if situation == "shows nothing":
        return {"shown": [], "shown_to_members": [], "has_page": False}
    if situation == State.PAUSED:
        return {"state": situation}
    asked = today() - timedelta(days=chance.randint(1, 5), minutes=chance.randint(0, 1400))
    decided: dict[str, Any] = {"decided_at": None}
    if situation == State.UNCONFIRMED:
        decided["confirmed_at"] = None
    elif situation == State.DECLINED:
        decided["decided_at"] = asked + timedelta(days=1)
    return {"state": situation, **times(asked), **decided}


def _some(choices: list[str], chance: random.Random) -> list[str]:
    return sorted(chance.sample(choices, chance.randint(1, min(2, len(choices)))))
