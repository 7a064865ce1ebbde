"""The digests and worksheets of the demonstration: their words are in `content/<language>/`, what all languages share in `digests.toml`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from demo import content

if TYPE_CHECKING:
    from demo.content import Words

WORDS = ("certainty_why", "concerns", "reviewer_role", "review_fits", "review_does_not_fit")
SHARED = ("certainty", "areas", "written_by", "written_on", "due_on", "reviewer_name", "reviewed_on")


def write_digest(page: Any, words: Words, built: Any) -> None:
    known = content.facts("digests")["digests"][words.key.removeprefix("digest-")]
    for name in SHARED:
        setattr(page, name, known[name])
    for name in WORDS:
        setattr(page, name, words.more[name])
    page.actions = [
        {"type": "step", "value": action, "id": content.stable_id(words.key, "action", number)}
        for number, action in enumerate(words.more["actions"])
    ]
    page.works = [
        {
            "type": "work",
            "value": {"participants": None, **content.facts("digests")["works"][work]},
            "id": content.stable_id(words.key, "work", number),
        }
        for number, work in enumerate(known["works"])
    ]


def write_worksheet(page: Any, words: Words, built: Any) -> None:
    page.audience, page.minutes = words.more["audience"], words.more["minutes"]
    page.body = [
        {
            "type": part["type"],
            "value": _value(words.key, number, part),
            "id": content.stable_id(words.key, number),
        }
        for number, part in enumerate(words.more["parts"])
    ]


def _value(key: str, number: int, part: dict[str, Any]) -> Any:
    """Return a part as the raw value of its block: a plain text, or fields, of which `choices` have an identity of their own."""
    if set(part) == {"type", "text"}:
        return part["text"]
    value = {name: field for name, field in part.items() if name != "type"}
    if "choices" in value:
        value["choices"] = [
            {"type": "item", "value": choice, "id": content.stable_id(key, number, position)}
            for position, choice in enumerate(value["choices"])
        ]
    return value
