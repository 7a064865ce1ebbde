"""Builds the demonstration's pages from their texts: first in English, then in the other languages as a translator would."""

from __future__ import annotations

import copy
import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

from django.apps import apps
from wagtail.models import Locale, Page

from demo import content, digests, events
from demo.translations import publish, translate
from home.models import PromotedPage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from campaigns.models import Partner
    from core.models import BasePage, Picture
    from demo.content import Words


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
    TreePosition("young-people", "helpline.GuidePage", "young-people", "help"),
    TreePosition("someone-close", "helpline.GuidePage", "family-and-friends", "help"),
    TreePosition("for-professionals", "helpline.GuidePage", "for-professionals", "help"),
    TreePosition("cannot-wait", "helpline.GuidePage", "if-it-cannot-wait", "help"),
    TreePosition("after-harm", "helpline.GuidePage", "you-are-not-alone", "help"),
    TreePosition("making-contact", "helpline.GuidePage", "making-contact", "help"),
    TreePosition("safety-online", "helpline.GuidePage", "privacy-on-this-device", "help"),
    TreePosition("how-we-choose", "helpline.GuidePage", "how-we-choose", "help"),
    TreePosition("check", "helpline.CheckPage", "how-these-pages-work", "help"),
    TreePosition("campaigns", "campaigns.CampaignIndexPage", "campaigns", "home", in_menus=True),
    TreePosition(
        "choose-what-happens-next", "campaigns.CampaignPage", "choose-what-happens-next", "campaigns"
    ),
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
    TreePosition("joining", "home.StandardPage", "joining", "home"),
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
    *(
        TreePosition(f"group-{key}", "network.GroupPage", key, "groups")
        for key in ("schools", "words", "partners")
    ),
    TreePosition("about", "home.StandardPage", "about", "home", in_menus=True),
    TreePosition("contact", "home.StandardPage", "contact", "home"),
    TreePosition("legal-notice", "home.StandardPage", "legal-notice", "home"),
    TreePosition("privacy", "home.StandardPage", "privacy", "home"),
    TreePosition("accessibility", "home.StandardPage", "accessibility", "home"),
)


# The longer guide for each route of the finder.
LONGER = {
    "self_thoughts": "first-steps",
    "self_behaviour": "first-steps",
    "young_person": "young-people",
    "family_or_friend": "someone-close",
    "professional": "for-professionals",
}


class Built(NamedTuple):
    """The English pages by key, and the pictures and partners that they show."""

    pages: dict[str, BasePage]
    pictures: dict[str, Picture]  # by the key of the campaign or the news
    partners: dict[str, Partner]

    @property
    def ids(self) -> dict[str, int]:
        return {key: page.pk for key, page in self.pages.items()}


def build_source(pictures: dict[str, Picture], partners: dict[str, Partner]) -> Built:
    """Create every page in English."""
    root = Page.objects.get(depth=1)
    built = Built(pages={}, pictures=pictures, partners=partners)
    locale = Locale.objects.get(language_code=content.SOURCE)
    for place in TREE:
        words = content.read(place.key, content.SOURCE)
        page: BasePage = apps.get_model(place.model)(
            title=words.title, slug=place.slug, locale=locale, show_in_menus=place.in_menus, live=False
        )
        if place.model in NOT_WITHOUT:
            NOT_WITHOUT[place.model](page, words, built)
        above = built.pages[place.above] if place.above else root
        # The text follows in a second pass, when all pages that it links to exist.
        page = above.add_child(instance=page)
        above.refresh_from_db()
        built.pages[place.key] = page
    for place in TREE:
        page = built.pages[place.key]
        page.refresh_from_db()
        write(page, content.read(place.key, content.SOURCE), built)
        write_review(page, place.key)
        publish(page.save_revision())
    return built


def build_language(language: str, built: Built) -> Iterator[str]:
    """Translate and publish every page in one more language. Yields the key of each page when it is done."""
    locale = Locale.objects.get(language_code=language)
    # Pages that refer to others in their language are written again when those exist.
    for key in (*(place.key for place in TREE), *REFERRING):
        source = built.pages[key]
        source.refresh_from_db()
        translated = copy.copy(source)
        write(translated, content.read(key, language), built)
        translate(source, translated, locale)
        yield key


def write(page: BasePage, words: Words, built: Built) -> None:
    """Set the fields of the page from its text, without saving it."""
    page.title = words.title
    page.search_description = words.search_description
    page.introduction = words.introduction
    page.body = content.stream(words, built.ids, {key: partner.pk for key, partner in built.partners.items()})
    more = WRITERS.get(page._meta.label)
    if more:
        more(page, words, built)


def write_home(page: Any, words: Words, built: Built) -> None:
    for name in ("headline", "scene", "help_title", "help_text", "emergency"):
        setattr(page, name, words.more[name])
    page.entrances = [
        {
            "type": "entrance",
            "id": content.stable_id("home", "entrance", number),
            "value": {**entrance, "page": built.ids[entrance["page"]]},
        }
        for number, entrance in enumerate(words.more["entrances"])
    ]


def write_finder(page: Any, words: Words, built: Built) -> None:
    page.danger_page_id = built.ids["cannot-wait"]
    page.safety_page_id = built.ids["safety-online"]
    page.routes = [
        {
            "type": "route",
            "id": content.stable_id("help", "route", audience),
            "value": {
                "audience": audience,
                "label": route["label"],
                "text": route["text"],
                "steps": [
                    {
                        "type": "item",
                        "value": step,
                        "id": content.stable_id("help", "route", audience, number),
                    }
                    for number, step in enumerate(route["steps"])
                ],
                "guide": built.ids[LONGER[audience]],
            },
        }
        for audience, route in words.more["routes"].items()
    ]


def write_campaign(page: Any, words: Words, built: Built) -> None:
    more = words.more
    page.audience = more["audience"]
    page.period_start, page.period_end = more["period_start"], more["period_end"]
    page.picture = built.pictures[words.key]
    page.key_messages = [
        {"type": "message", "value": message, "id": content.stable_id(words.key, "message", number)}
        for number, message in enumerate(more["key_messages"])
    ]
    page.partners = [
        {
            "type": "partner",
            "value": built.partners[key].pk,
            "id": content.stable_id(words.key, "partner", number),
        }
        for number, key in enumerate(more["partners"])
    ]
    terms = content.read("terms-of-use", words.language)
    page.terms = (
        f'<p>{terms.introduction} <a linktype="page" id="{built.ids["terms-of-use"]}">{terms.title}</a></p>'
    )


def write_toolkit(page: Any, words: Words, built: Built) -> None:
    page.audience = words.more["audience"]
    page.content_note = words.more.get("content_note", "")


def write_news(page: Any, words: Words, built: Built) -> None:
    page.date = words.more["date"]
    page.picture = built.pictures[words.key]


WRITERS: dict[str, Callable[[Any, Words, Built], None]] = {
    "home.HomePage": write_home,
    "helpline.FinderPage": write_finder,
    "campaigns.CampaignPage": write_campaign,
    "campaigns.NewsPage": write_news,
    "campaigns.ToolkitPage": write_toolkit,
    "network.DigestPage": digests.write_digest,
    "network.WorksheetPage": digests.write_worksheet,
    "network.EventPage": events.write_event,
    "network.GroupPage": events.write_group,
}
# What a page cannot be stored without.
NOT_WITHOUT = {"network.EventPage": events.write_event}
REFERRING = ("home", "help")


def write_review(page: Any, key: str) -> None:
    """Say who has read a help page. The people and the organisation are invented; one review is overdue."""
    if key in REVIEWED:
        page.clinician, page.survivors, page.reviewed_on, page.next_review = REVIEWED[key]


REVIEWED = {
    "first-steps": ("Dr. Ida Example", "Example Lantern", dt.date(2026, 10, 1), dt.date(2027, 10, 1)),
    "cannot-wait": ("Dr. Ida Example", "Example Lantern", dt.date(2025, 11, 10), dt.date(2026, 11, 10)),
}


def promote(built: Built) -> None:
    """Let the phrases of `promoted.toml` lead from the search to a guide in the language of the reader."""
    for key, in_languages in content.facts("promoted").items():
        pages = built.pages[key].get_translations(inclusive=True).select_related("locale")
        by_language = {page.locale.language_code: page for page in pages}
        PromotedPage.objects.bulk_create(
            PromotedPage(page=by_language[language], phrases="\n".join(phrases))
            for language, phrases in in_languages.items()
        )
