"""The words of the demonstration site: TOML files, one for each page and language, in `content/<language>/`."""

from __future__ import annotations

import tomllib
import uuid
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

CONTENT = Path(__file__).parent / "content"
NAMESPACE = uuid.UUID("6f0e5c9e-4b7c-4a56-9f3e-2f9f1c6a7d10")
LANGUAGES = ("en", "de", "fr", "ar")
SOURCE = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What one page says in one language. `more` holds what only some pages have: dates, materials, routes."""

    key: str
    language: str
    title: str
    search_description: str
    introduction: str
    body: list[dict[str, Any]]
    more: dict[str, Any] = field(default_factory=dict)


@cache
def read(key: str, language: str) -> Words:
    """The words of page `key`. Raises FileNotFoundError where the page is not written in that language."""
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
    """An identifier that is the same in every language and on every run: what it marks can be found again."""
    return str(uuid.uuid5(NAMESPACE, "/".join(str(part) for part in parts)))


def stream(words: Words, link: dict[str, int]) -> list[dict[str, Any]]:
    """The body as a StreamField's raw value. `link` gives the id of the page for each key in `href="page:KEY"`."""

    def html(text: str) -> str:
        for key, page_id in link.items():
            text = text.replace(f'<a href="page:{key}">', f'<a linktype="page" id="{page_id}">')
        if 'href="page:' in text:
            raise LookupError(f"{words.language}/{words.key}.toml links to a page that does not exist: {text}")
        # Line breaks of the file are no words.
        return " ".join(text.split()).replace("> <", "><")

    raw = []
    for index, block in enumerate(words.body):
        block_id = stable_id(words.key, index)
        value: Any
        match block["type"]:
            case "heading":
                value = block["text"]
            case "text":
                value = html(block["html"])
            case "callout":
                value = {"title": block["title"], "html": html(block["html"])}
            case "steps" | "questions" | "facts":
                items = [{name: html(text) if name == "html" else text for name, text in item.items()} for item in block["items"]]
                value = {
                    "items": [
                        {"type": "item", "value": item, "id": stable_id(words.key, index, number)}
                        for number, item in enumerate(items)
                    ]
                }
            case "cards":
                value = {
                    "items": [
                        {
                            "type": "item",
                            "value": {"title": item["title"], "text": item["text"], "page": link[item["page"]]},
                            "id": stable_id(words.key, index, number),
                        }
                        for number, item in enumerate(block["items"])
                    ]
                }
            case "highlights":
                pages = [
                    {"type": "item", "value": link[key], "id": stable_id(words.key, index, number)}
                    for number, key in enumerate(block["pages"])
                ]
                value = {"title": block["title"], "pages": pages}
            case other:
                raise ValueError(f"{words.language}/{words.key}.toml has a block of unknown type: {other}")
        raw.append({"type": block["type"], "value": value, "id": block_id})
    return raw
