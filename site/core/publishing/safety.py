"""Safety classes of pages: the conditions on which their text is published.

Source texts are not restricted.
Translations are: wagtail-localize fills gaps with the source text, and a machine can fill them with anything.
So each page type has a class that determines what may be published.
"""

import enum
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext, ngettext
from wagtail.models import Page
from wagtail_localize.models import StringSegment, StringTranslation, Translation
from wagtail_localize.segments import StringSegmentValue
from wagtail_localize.segments.extract import extract_segments
from wagtail_localize.strings import StringValue

from core.memo import per_batch

# A text without markup, after its path.
type Text = tuple[str, str]


class SafetyClass(enum.Enum):
    """The purpose of a page type, which determines how strict the checks of its text are."""

    # For people in need: help, confidentiality, crisis.
    # Also every page with `is_sensitive`.
    SENSITIVE = "sensitive"
    # On behalf of the operator: about, contact, legal notice, privacy.
    ORDINARY = "ordinary"
    # Material to share: may be machine-translated, and the page is then labelled.
    MACHINE_TRANSLATABLE = "machine-translatable"


MACHINE_MAY_TRANSLATE = frozenset({SafetyClass.MACHINE_TRANSLATABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The numbers of texts of a page that no person has translated."""

    untranslated: int = 0
    machine_translated: int = 0


@per_batch
def translation_state(page: Page) -> State:
    """Compare the texts on `page` with what its translators entered.

    Three queries, one for a source page.
    """
    translation = (
        Translation.objects.filter(source__object_id=page.translation_key, target_locale=page.locale_id)
        .only("source_id", "target_locale_id")
        .first()
    )
    if translation is None:
        return State()
    by_people: set[Text] = set()
    by_machines: set[Text] = set()
    entered = StringTranslation.objects.filter(
        context__object_id=page.translation_key, locale=page.locale_id, has_error=False
    ).values_list("context__path", "data", "translation_type")
    for path, data, kind in entered:
        entry = (path, plain(data))
        (by_machines if kind == StringTranslation.TRANSLATION_TYPE_MACHINE else by_people).add(entry)
    source = {
        (path, plain(data))
        for path, data in StringSegment.objects.filter(source=translation.source_id).values_list(
            "context__path", "string__data"
        )
    }
    return compare(texts(page), by_people=by_people, by_machines=by_machines, source=source)


def compare(
    on_page: Iterable[Text],
    *,
    by_people: Container[Text],
    by_machines: Container[Text],
    source: Container[Text],
) -> State:
    """Count the texts on a page that no person has translated, by the stored translations and the source."""
    untranslated = machine_translated = 0
    for text in on_page:
        if text in by_people:
            continue
        if text in by_machines:
            machine_translated += 1
        elif text in source:
            untranslated += 1
    return State(untranslated=untranslated, machine_translated=machine_translated)


def texts(page: Page) -> Iterator[Text]:
    """Yield the texts now on the page, each with its path."""
    for segment in extract_segments(page):
        if isinstance(segment, StringSegmentValue):
            yield segment.path, plain(segment.string.data)


@lru_cache(maxsize=4096)
def plain(html: str) -> str:
    """Return a text without markup.

    Cached, because the same text is compared as source, as translation and on the page.
    """
    if "<" not in html and "&" not in html:
        return " ".join(html.split())
    return " ".join(StringValue(html).render_text().split())


def blockers(page: Page, safety_class: SafetyClass) -> list[str]:
    """Return the reasons why the text of `page` may not be published yet, as sentences for staff; empty if it may."""
    if page.alias_of_id and page.alias_of.locale_id != page.locale_id:
        return [gettext("This page mirrors one in another language. It has not been translated yet.")]
    state = translation_state(page)
    reasons = []
    if state.untranslated:
        reasons.append(
            ngettext(
                "%(count)d text is still in the language of the source page.",
                "%(count)d texts are still in the language of the source page.",
                state.untranslated,
            )
            % {"count": state.untranslated}
        )
    if state.machine_translated and safety_class not in MACHINE_MAY_TRANSLATE:
        reasons.append(
            ngettext(
                "%(count)d text was translated by a machine, and has not been reviewed.",
                "%(count)d texts were translated by a machine, and have not been reviewed.",
                state.machine_translated,
            )
            % {"count": state.machine_translated}
        )
    return reasons
