"""The pages of the demonstration site, and their texts.

The texts are TOML files in `content/<language>/`, one for each page and language.
"""

import re
import tomllib
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

CONTENT = Path(__file__).parent / "content"
NAMESPACE = uuid.UUID("6f0e5c9e-4b7c-4a56-9f3e-2f9f1c6a7d10")
LANGUAGES = ("en", "de", "fr", "ar")
SOURCE = "en"


class TreePosition(NamedTuple):
    """The position of a page in the tree."""

    key: str  # its file in content/<language>/
    model: str
    slug: str
    above: str | None  # the key of the page above
    in_menus: bool = False


# The slugs of help pages are as neutral as their titles, because both end up in the browser's history.
TREE: tuple[TreePosition, ...] = (
    TreePosition("home", "home.HomePage", "waymark", None),
    TreePosition("help", "helpline.FinderPage", "help", "home"),
    TreePosition("first-steps", "helpline.GuidePage", "first-steps", "help"),
    TreePosition("stopping", "helpline.GuidePage", "stopping", "help"),
    TreePosition("the-days-after", "helpline.GuidePage", "the-days-after", "help"),
    TreePosition("young-people", "helpline.GuidePage", "young-people", "help"),
    TreePosition("someone-close", "helpline.GuidePage", "family-and-friends", "help"),
    TreePosition("the-days-after-for-families", "helpline.GuidePage", "the-days-after-for-families", "help"),
    TreePosition("for-professionals", "helpline.GuidePage", "for-professionals", "help"),
    TreePosition("cannot-wait", "helpline.GuidePage", "if-it-cannot-wait", "help"),
    TreePosition("after-harm", "helpline.GuidePage", "you-are-not-alone", "help"),
    TreePosition("making-contact", "helpline.GuidePage", "making-contact", "help"),
    TreePosition("safety-online", "helpline.GuidePage", "privacy-on-this-device", "help"),
    TreePosition("how-we-choose", "helpline.GuidePage", "how-we-choose", "help"),
    TreePosition("check", "helpline.CheckPage", "how-these-pages-work", "help"),
    TreePosition("campaigns", "campaigns.CampaignIndexPage", "campaigns", "home", in_menus=True),
    TreePosition("choose-what-happens-next", "campaigns.CampaignPage", "choose-what-happens-next", "campaigns"),
    TreePosition("trusted-adults", "campaigns.CampaignPage", "trusted-adults", "campaigns"),
    TreePosition("notice-ask-help", "campaigns.CampaignPage", "notice-ask-help", "campaigns"),
    TreePosition(
        "choose-what-happens-next-journalists",
        "campaigns.ToolkitPage",
        "journalists",
        "choose-what-happens-next",
    ),
    TreePosition("trusted-adults-teachers", "campaigns.ToolkitPage", "teachers", "trusted-adults"),
    TreePosition("notice-ask-help-nurses", "campaigns.ToolkitPage", "nurses", "notice-ask-help"),
    TreePosition("materials", "campaigns.MaterialIndexPage", "materials", "home"),
    TreePosition("terms-of-use", "home.StandardPage", "terms-of-use", "home"),
    TreePosition("news", "campaigns.NewsIndexPage", "news", "home", in_menus=True),
    TreePosition("new-materials-in-four-languages", "campaigns.NewsPage", "new-materials", "news"),
    TreePosition("european-day-2026", "campaigns.NewsPage", "european-day-2026", "news"),
    TreePosition("network", "network.DirectoryPage", "network", "home", in_menus=True),
    TreePosition("joining", "home.StandardPage", "joining", "network"),
    TreePosition("digests", "network.DigestIndexPage", "digests", "home"),
    *(
        TreePosition(f"digest-{key}", "network.DigestPage", slug, "digests")
        for key, slug in (
            ("barriers", "asking-for-help"),
            ("therapists", "training-therapists"),
            ("online-therapy", "online-therapy"),
            ("therapy-before", "therapy-beforehand"),
            ("medication", "medication"),
            ("warnings", "warning-messages"),
            ("young-people", "young-people"),
            ("children", "children"),
            ("schools", "lessons"),
            ("helplines", "helplines"),
            ("suicide", "after-a-police-visit"),
            ("using-research", "using-research"),
        )
    ),
    TreePosition("worksheets", "network.WorksheetIndexPage", "worksheets", "home"),
    *(
        TreePosition(f"worksheet-{key}", "network.WorksheetPage", key, "worksheets")
        for key in ("strategy", "questions", "agreement")
    ),
    TreePosition("events", "network.EventIndexPage", "events", "home"),
    *(
        TreePosition(f"event-{key}", "network.EventPage", slug, "events")
        for key, slug in (
            ("first-call", "first-call"),
            ("writing", "writing"),
            ("members", "meeting"),
            ("helplines-research", "research-on-helplines"),
            ("lessons", "testing-lessons"),
            ("technology", "technology"),
        )
    ),
    TreePosition("groups", "network.GroupIndexPage", "groups", "home"),
    *(TreePosition(f"group-{key}", "network.GroupPage", key, "groups") for key in ("schools", "words", "partners")),
    TreePosition("about", "home.StandardPage", "about", "home", in_menus=True),
    TreePosition("contact", "home.StandardPage", "contact", "home"),
    TreePosition("legal-notice", "home.StandardPage", "legal-notice", "home"),
    TreePosition("privacy", "home.StandardPage", "privacy", "home"),
    TreePosition("accessibility", "home.StandardPage", "accessibility", "home"),
)


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


def blocks(kind: str, values: Iterable[Any], *key: object) -> list[dict[str, Any]]:
    """Return values as the blocks of one kind in a StreamField or ListBlock, with ids from their place below `key`."""
    return [{"type": kind, "value": value, "id": stable_id(*key, number)} for number, value in enumerate(values)]


def stream(words: Words, link: dict[str, int], partners: dict[str, int] | None = None) -> list[dict[str, Any]]:
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
        return re.sub(r"[ \n]+", " ", re.sub(r">\s*\n\s*<", "><", text)).strip()

    def items(self, values: Iterable[Any]) -> list[dict[str, Any]]:
        """Return the values as items of a ListBlock."""
        return blocks("item", values, self.words.key, self.index)


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
    """A section of the home page: its texts, the page that it leads to, and default numbers and choices."""
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
