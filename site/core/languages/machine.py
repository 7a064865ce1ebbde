"""Machine translation of the missing texts of a page, by a provider of wagtail-localize, in the worker.

If a provider is down, slow, or returns only some of the texts, nothing changes: the texts of a page are stored together
or not at all, and the screen of the translation shows the error.
Stored texts are labelled as machine translations (`core.publishing.safety`).
Sensitive pages are never sent.

Terms with a fixed translation are protected (`core.languages.glossary`).
The provider gets the translation of the term in place of the term, marked as not to be translated.
"""

import logging
import queue
import threading
import time
from typing import Any

from bs4 import BeautifulSoup
from django.db import transaction
from django.tasks import task
from django.utils import timezone
from wagtail.models import Locale
from wagtail_localize.machine_translators import get_machine_translator
from wagtail_localize.models import StringSegment, StringTranslation, Translation
from wagtail_localize.strings import StringValue

from core.languages.exchange.inline import markup_problem
from core.languages.glossary import Glossary, glossary
from core.models import BasePage
from core.models.translations import MachineAttempt

log = logging.getLogger(__name__)
State = MachineAttempt.State
# The number of texts in one request: providers refuse long ones.
MOST_TEXTS = 40
LONGEST = 60  # seconds for the texts of one page


class MachineTranslationError(Exception):
    """The provider has failed, or its response is incomplete."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


def provider_for(translation: Translation) -> Any:
    """Return the provider for the missing texts; None if none is configured, or the page is sensitive."""
    translator = get_machine_translator()
    page = translation.source.get_source_instance()
    if translator is None or not isinstance(page, BasePage) or page.is_sensitive:
        return None
    languages = (translation.source.locale, translation.target_locale)
    return translator if translator.can_translate(*languages) else None


# --- Requests of users --------------------------------------------------------------------------------------------


def ask(translation: Translation, *, by: Any) -> MachineAttempt:
    """Queue the missing texts for the provider."""
    attempt, _made = MachineAttempt.objects.update_or_create(
        translation=translation, defaults={"state": State.WAITING, "by": by, "at": timezone.now()}
    )
    transaction.on_commit(lambda: translate_missing.enqueue(attempt.pk))
    return attempt


# --- The worker ---------------------------------------------------------------------------------------------------


@task(priority=-20)
def translate_missing(key: int) -> None:
    """Translate the missing texts in the background."""
    attempt = MachineAttempt.objects.filter(pk=key, state=State.WAITING).first()
    if attempt is None:
        return
    try:
        state = _translate(attempt)
    except MachineTranslationError as failed:
        state = failed.state
    except Exception:
        _set(attempt, State.DOWN)
        raise
    _set(attempt, state)


def _set(attempt: MachineAttempt, state: str) -> None:
    MachineAttempt.objects.filter(pk=attempt.pk).update(state=state, at=timezone.now())


def _translate(attempt: MachineAttempt) -> str:
    translation = attempt.translation
    provider = provider_for(translation)
    if provider is None:
        raise MachineTranslationError(State.DOWN)
    missing = [
        segment
        for segment in StringSegment.objects.filter(source=translation.source_id)
        .annotate_translation(translation.target_locale, include_errors=True)
        .select_related("string", "context")
        .order_by("order")
        if segment.translation is None
    ]
    if not missing:
        return State.NOTHING
    texts = list(dict.fromkeys(segment.string.data for segment in missing))
    answers = translated(provider, translation.source.locale, translation.target_locale, texts)
    whole = {text: answer for text, answer in answers.items() if not markup_problem(text, answer)}
    with transaction.atomic():
        for segment in missing:
            if segment.string.data in whole:
                # A translation that a person has entered meanwhile takes precedence.
                StringTranslation.objects.get_or_create(
                    translation_of_id=segment.string_id,
                    context_id=segment.context_id,
                    locale=translation.target_locale,
                    defaults={
                        "data": whole[segment.string.data],
                        "translation_type": StringTranslation.TRANSLATION_TYPE_MACHINE,
                        "tool_name": str(provider.display_name),
                        "last_translated_by": attempt.by,
                    },
                )
    return State.DONE if len(whole) == len(texts) else State.PARTLY


def translated(provider: Any, source: Locale, target: Locale, texts: list[str]) -> dict[str, str]:
    """Return the translation of every text.

    Raises MachineTranslationError if one is missing.

    Providers limit the wait for the next byte, which a slow trickle never reaches.
    This limit is for all requests together.
    """
    terms = glossary(source.language_code, target.language_code)
    until = time.monotonic() + LONGEST
    found: dict[str, str] = {}
    for start in range(0, len(texts), MOST_TEXTS):
        part = texts[start : start + MOST_TEXTS]
        asked = {text: StringValue(protected(text, terms)) for text in part}
        answers = _answer(provider, source, target, [*asked.values()], until - time.monotonic())
        for text, value in asked.items():
            said = getattr(answers.get(value), "data", None) if isinstance(answers, dict) else None
            if not isinstance(said, str) or not said.strip():
                raise MachineTranslationError(State.HALF)
            found[text] = unprotected(said)
    return found


def _answer(provider: Any, source: Locale, target: Locale, texts: list[StringValue], seconds: float) -> Any:
    """Call a provider with a time limit.

    It does not use the database, so a thread can be left behind.
    """
    answers: queue.Queue[tuple[str, Any]] = queue.Queue()

    def ask_it() -> None:
        try:
            answers.put(("", provider.translate(source, target, texts)))
        except ValueError:  # `zip(…, strict=True)`: the response has too few texts, or is not JSON
            answers.put((State.HALF, None))
        except Exception:
            log.exception("The provider of machine translation failed.")
            answers.put((State.DOWN, None))

    threading.Thread(target=ask_it, daemon=True).start()
    try:
        problem, found = answers.get(timeout=max(seconds, 0.01))
    except queue.Empty:
        raise MachineTranslationError(State.SLOW) from None
    if problem:
        raise MachineTranslationError(problem)
    return found


# --- Terms ----------------------------------------------------------------------------------------------------------


def protected(html: str, terms: Glossary) -> str:
    """Replace each term by its translation, marked as not to be translated.

    Providers of HTML keep marked text.
    """
    if not terms:
        return html
    soup = BeautifulSoup(html, "html.parser")
    for text in soup.find_all(string=terms.pattern):
        parts = BeautifulSoup("", "html.parser")
        for number, piece in enumerate(terms.pattern.split(str(text))):
            if number % 2 == 0:
                parts.append(piece)
                continue
            mark = parts.new_tag("span", attrs={"translate": "no", "class": "notranslate"})
            mark.string = terms.translation(piece)
            parts.append(mark)
        text.replace_with(parts)
    return str(soup)


def unprotected(html: str) -> str:
    """Remove the marks again."""
    soup = BeautifulSoup(html, "html.parser")
    for mark in soup.find_all("span"):
        mark.unwrap()
    return str(soup)
