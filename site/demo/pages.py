"""Builds the demonstration's pages from their texts: first in English, then the translations, as a translator would."""

import copy
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.utils import timezone
from wagtail.models import Locale, Page, Revision
from wagtail_localize.models import StringTranslation, Translation, TranslationSource
from wagtail_localize.segments import StringSegmentValue
from wagtail_localize.segments.extract import extract_segments
from wagtail_localize.strings import StringValue, validate_translation_links

from campaigns.models import Partner
from core.languages.submission import as_translated
from core.models import BasePage, Picture
from demo import content, events
from demo.content import Words
from helpline.approval.mixins import SecondPerson
from helpline.approval.rule import record_approval
from home.models import PromotedPage
from network.models import DigestPage
from translating.models import DueDate

# The longer guide for each route of the finder.
LONGER = {
    "self_thoughts": "first-steps",
    "images": "stopping",
    "self_behaviour": "first-steps",
    "investigation": "the-days-after",
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
    for place in content.TREE:
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
    for place in content.TREE:
        page = built.pages[place.key]
        page.refresh_from_db()
        write(page, content.read(place.key, content.SOURCE), built)
        write_review(page, place.key)
        publish(page.save_revision())
    return built


def build_language(language: str, built: Built) -> Iterator[str]:
    """Translate and publish every page in one more language.

    Yields the key of each page when it is done.
    """
    locale = Locale.objects.get(language_code=language)
    # Pages that refer to others in their language are written again when those exist.
    for key in (*(place.key for place in content.TREE), *REFERRING):
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
    entrances = ({**each, "page": built.ids[each["page"]]} for each in words.more["entrances"])
    page.entrances = content.blocks("entrance", entrances, "home", "entrance")


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
                "steps": content.blocks("item", route["steps"], "help", "route", audience),
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
    page.key_messages = content.blocks("message", more["key_messages"], words.key, "message")
    partners = (built.partners[key].pk for key in more["partners"])
    page.partners = content.blocks("partner", partners, words.key, "partner")
    terms = content.read("terms-of-use", words.language)
    page.terms = f'<p>{terms.introduction} <a linktype="page" id="{built.ids["terms-of-use"]}">{terms.title}</a></p>'


def write_toolkit(page: Any, words: Words, built: Built) -> None:
    page.audience = words.more["audience"]
    page.content_note = words.more.get("content_note", "")


def write_news(page: Any, words: Words, built: Built) -> None:
    page.date = words.more["date"]
    page.picture = built.pictures[words.key]


WORDS = ("certainty_why", "concerns", "reviewer_role", "review_fits", "review_does_not_fit")
SHARED = ("certainty", "areas", "written_by", "written_on", "due_on", "reviewer_name", "reviewed_on")


def write_digest(page: Any, words: Words, built: Any) -> None:
    known = content.facts("digests")["digests"][words.key.removeprefix("digest-")]
    for name in SHARED:
        setattr(page, name, known[name])
    for name in WORDS:
        setattr(page, name, words.more[name])
    page.actions = content.blocks("step", words.more["actions"], words.key, "action")
    works = ({"participants": None, **content.facts("digests")["works"][work]} for work in known["works"])
    page.works = content.blocks("work", works, words.key, "work")


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
    """Return a part as the raw value of its block: plain text, or fields; each of `choices` gets its own id."""
    if set(part) == {"type", "text"}:
        return part["text"]
    value = {name: field for name, field in part.items() if name != "type"}
    if "choices" in value:
        value["choices"] = content.blocks("item", value["choices"], key, number)
    return value


WRITERS: dict[str, Callable[[Any, Words, Built], None]] = {
    "home.HomePage": write_home,
    "helpline.FinderPage": write_finder,
    "campaigns.CampaignPage": write_campaign,
    "campaigns.NewsPage": write_news,
    "campaigns.ToolkitPage": write_toolkit,
    "network.DigestPage": write_digest,
    "network.WorksheetPage": write_worksheet,
    "network.EventPage": events.write_event,
    "network.GroupPage": events.write_group,
}
# Fields without which a page cannot be stored.
NOT_WITHOUT = {"network.EventPage": events.write_event}
REFERRING = ("home", "help")


def write_review(page: Any, key: str) -> None:
    """Fill in the review of a help page.

    The people and the organisation are invented; one review is overdue.
    """
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


CHANGED = "new-materials-in-four-languages"
BEFORE, AFTER = "in four languages", "in four languages, free of charge"
DUE_IN = dt.timedelta(days=14)


def leave_unfinished(built: Built) -> None:
    """Change a source that is public in every language, and set due dates.

    Raises ValueError if the text is missing.
    """
    page = built.pages[CHANGED]
    page.refresh_from_db()
    if BEFORE not in page.introduction:
        raise ValueError(f"The introduction of {CHANGED} does not say: {BEFORE}")
    page.introduction = page.introduction.replace(BEFORE, AFTER, 1)
    publish(page.save_revision())
    for locale in Locale.objects.filter(language_code__in=content.LANGUAGES[1:]):
        DueDate.objects.create(
            page_key=page.get_parent().translation_key, locale=locale, day=timezone.localdate() + DUE_IN
        )


def translate(source: Page, translated: Page, locale: Locale) -> Page:
    """Publish `source` in `locale` with the text of `translated`, an unsaved translated copy.

    Returns the published page.

    Segments are paired by path, so both must have the same blocks with the same ids.
    Raises ValueError if they differ, or if a text is not allowed in its segment.
    """
    origin, _ = TranslationSource.update_or_create_from_instance(source)
    translation, _ = Translation.objects.get_or_create(source=origin, target_locale=locale)
    words = {
        (s.path, s.order): s.string.data for s in extract_segments(translated) if isinstance(s, StringSegmentValue)
    }
    entered: dict[tuple[int, int], StringTranslation] = {}
    for segment in origin.stringsegment_set.select_related("string", "context"):
        try:
            data = words.pop((segment.context.path, segment.order))
        except KeyError:
            raise ValueError(
                f"{source} in {locale}: nothing at {segment.context.path}, "
                f"number {segment.order}: {segment.string.data!r}"
            ) from None
        if "<" in data:
            StringValue.from_translated_html(data)
            validate_translation_links(segment.string.data, data)
        entered[segment.string_id, segment.context_id] = StringTranslation(
            translation_of=segment.string,
            locale=locale,
            context=segment.context,
            data=data,
            translation_type=StringTranslation.TRANSLATION_TYPE_MANUAL,
        )
    if words:
        raise ValueError(f"{source} in {locale}: more text than in the source: {min(words)}")
    StringTranslation.objects.bulk_create(
        entered.values(),
        update_conflicts=True,
        unique_fields=["locale", "translation_of", "context"],
        update_fields=["data", "translation_type"],
    )
    # wagtail-localize would publish after the commit, from an old copy of the page, and lose pages added below it in
    # the meantime from the tree's child count.
    # It also writes to a page that is public already, which takes two people.
    if source.has_translation(locale):
        publish(as_translated(translation).save_revision())
    else:
        translation.save_target(publish=False)
        publish(origin.get_translated_instance(locale).latest_revision)
    return origin.get_translated_instance(locale)


def publish(revision: Revision) -> None:
    """Publish a version of a page.

    Where it takes two people to approve it, they are invented like everything else.
    """
    page = revision.content_object
    if isinstance(page, SecondPerson):
        record_approval(page, revision, None, rule="two", reason="Part of the demonstration.")
    if isinstance(page, DigestPage) and page.is_source:
        page.reviews.create(revision=revision, content_hash=revision.as_object().content_hash())
    revision.publish()
