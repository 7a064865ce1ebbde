"""The texts of the demonstration site: TOML files, one for each page and language, in `content/<language>/`."""

from __future__ import annotations

import re
import tomllib
import uuid
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CONTENT = Path(__file__).parent / "content"
NAMESPACE = uuid.UUID("6f0e5c9e-4b7c-4a56-9f3e-2f9f1c6a7d10")
LANGUAGES = ("en", "de", "fr", "ar")
SOURCE = "en"


@cache
def facts(name: str) -> dict[str, Any]:
    """Return what `<name>.toml` beside this module says."""
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The text of one page in one language. `more` holds what only some pages have: dates, materials, routes."""

    key: str
    language: str
    title: str
    search_description: str
    introduction: str
    body: list[dict[str, Any]]
    more: dict[str, Any] = field(default_factory=dict)


@cache
def read(key: str, language: str) -> Words:
    """Return the text of page `key`. Raises FileNotFoundError if there is none in that language."""
    with (CONTENT / language / f"{key}.toml").open("rb") as file:
        data = tomllib.load(file)
    return Words(
        key=key,
        language=language,
        title=data.pop("title"),
        search_description=data.pop("search_description", ""),
        introduction=data.pop("introduction", ""),
        body=data.pop("body", []),
        more=data,
    )


def stable_id(*parts: object) -> str:
    """Return an identifier that is the same in every language and on every run."""
    return str(uuid.uuid5(NAMESPACE, "/".join(str(part) for part in parts)))


def stream(
    words: Words, link: dict[str, int], partners: dict[str, int] | None = None
) -> list[dict[str, Any]]:
    """Return the body as a StreamField's raw value.

    `link` maps each KEY in `href="page:KEY"` to the id of its page, `partners` each key of a partner to its id.
    """
    raw = []
    for index, block in enumerate(words.body):
        here = Here(words, index, link, partners or {})
        try:
            value = BLOCKS[block["type"]](block, here)
        except KeyError as error:
            raise ValueError(
                f"{words.language}/{words.key}.toml, block {index + 1}: unknown or missing {error}"
            ) from None
        raw.append({"type": block["type"], "value": value, "id": stable_id(words.key, index)})
    return raw


@dataclass(frozen=True, slots=True)
class Here:
    """The position of a block, and the pages that it may link to and the partners that it may name."""

    words: Words
    index: int
    link: dict[str, int]
    partners: dict[str, int] = field(default_factory=dict)

    def html(self, text: str) -> str:
        """Return HTML with links to pages, without the line breaks of the file."""
        for key, page_id in self.link.items():
            text = text.replace(f'<a href="page:{key}">', f'<a linktype="page" id="{page_id}">')
        if 'href="page:' in text:
            raise LookupError(
                f"{self.words.language}/{self.words.key}.toml links to a page that does not exist: {text}"
            )
        return " ".join(re.sub(r">\s*\n\s*<", "><", text).split())

    def items(self, values: Iterable[Any]) -> list[dict[str, Any]]:
        """Return the values as items of a ListBlock."""
        return [
            {"type": "item", "value": value, "id": stable_id(self.words.key, self.index, number)}
            for number, value in enumerate(values)
        ]


def _parts(block: dict[str, Any], here: Here) -> dict[str, Any]:
    return {
        "items": here.items(
            {name: here.html(text) if name == "html" else text for name, text in item.items()}
            for item in block["items"]
        )
    }


def _cards(block: dict[str, Any], here: Here) -> dict[str, Any]:
    return {"items": here.items({**item, "page": here.link[item["page"]]} for item in block["items"])}


def _highlights(block: dict[str, Any], here: Here) -> dict[str, Any]:
    return {"title": block["title"], "pages": here.items(here.link[key] for key in block["pages"])}


def _section(block: dict[str, Any], here: Here) -> dict[str, Any]:
    """A section of the home page: its own words, the page that it leads to, and what is counted or chosen by default."""
    page = here.link[block["page"]] if "page" in block else None
    return {"title": block.get("title", ""), "text": block.get("text", ""), "page": page}


def _promises(block: dict[str, Any], here: Here) -> dict[str, Any]:
    return {**_section(block, here), "items": here.items(block["items"])}


def _partners(block: dict[str, Any], here: Here) -> dict[str, Any]:
    return {**_section(block, here), "items": here.items(here.partners[key] for key in block["partners"])}


BLOCKS: dict[str, Callable[[dict[str, Any], Here], Any]] = {
    "heading": lambda block, here: block["text"],
    "text": lambda block, here: here.html(block["html"]),
    "callout": lambda block, here: {"title": block["title"], "html": here.html(block["html"])},
    "steps": _parts,
    "questions": _parts,
    "facts": _parts,
    "cards": _cards,
    "highlights": _highlights,
    "campaigns": lambda block, here: {**_section(block, here), "pages": [], "count": 3},
    "news": lambda block, here: {**_section(block, here), "count": 3, "dates": True},
    "checked": _section,
    "promises": _promises,
    "partners": _partners,
    "languages": _section,
    "note": lambda block, here: here.html(block["html"]),
    "illustration": lambda block, here: {
        "scene": block["scene"],
        "decorative": block.get("decorative", False),
        "alt_text": "",
    },
    "listing_rules": lambda block, here: None,
    "messages": lambda block, here: {"items": here.items(block["items"])},
    "text_to_copy": lambda block, here: {"title": block["title"], "text": block["text"]},
    "announcement": lambda block, here: {
        **{name: block[name] for name in ("title", "lead", "about", "contact")},
        "html": here.html(block["html"]),
    },
    "ideas": lambda block, here: {"items": here.items(block["items"])},
    "word_guide": lambda block, here: {"items": here.items(block["items"])},
}
