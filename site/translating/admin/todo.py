"""To-dos on the start page for translators, and for users who publish translations."""

import datetime as dt
from collections.abc import Iterator
from urllib.parse import urlencode

from django.contrib.auth.models import AbstractUser
from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.admin.todo import Rank, Suggestion, ToDoLine
from core.languages import names, translators
from translating.models import PAGES, Cell, CellQuerySet, CellState
from translating.services import SEND

TRANSLATE = pgettext_lazy("what to do with what is waiting", "Translate")
PUBLISH = pgettext_lazy("what to do with what is waiting", "Publish")
REVIEW = pgettext_lazy("what to do with what is waiting", "Review")
# Other texts have a separate line (`users.admin.todo`).
ON_PAGES = Q(subject__kind=PAGES, waits=False)
UNTRANSLATED = Q(state__in=(CellState.IN_WORK, CellState.STALE, CellState.MACHINE))
CHANGED = Q(changed__gt=0)
WHOLE = Q(state=CellState.WHOLE, translation_pk__isnull=False)


def cells() -> CellQuerySet:
    return Cell.objects.filter(ON_PAGES)


def by_language(found: CellQuerySet) -> Iterator[tuple[str, int, dt.datetime]]:
    """Yield language, number, and since when the oldest waits."""
    code = "locale__language_code"
    yield from found.values_list(code).annotate(Count("pk"), Min("waits_since")).order_by(code)


def queue_url(language: str, state: str = "") -> str:
    """Return the address of the queue of pages in a language."""
    query = {"kind": PAGES} | ({"state": state} if state else {})
    return f"{reverse('translate', args=[language])}?{urlencode(query)}"


def table_url(language: str, state: str) -> str:
    return f"{reverse('translation_table')}?{urlencode({'language': language, 'state': state})}"


def translations(user: AbstractUser) -> Iterator[ToDoLine]:
    """Yield a to-do for each language that this user translates into, or for all if they send pages to translators.

    For translators, outdated translations have a separate line.
    """
    todo = cells().filter(UNTRANSLATED)
    sends = user.has_perm(SEND)
    if not sends:
        todo = todo.filter(~CHANGED).in_languages(translators.own_languages(user))
    for language, count, since in by_language(todo):
        yield ToDoLine(
            title=_("To translate into %(language)s") % {"language": names.language_name(language)},
            count=count,
            since=since.date() if since else None,
            action=TRANSLATE,
            url=table_url(language, "to_do") if sends else queue_url(language),
            rank=Rank.TRANSLATION,
        )


def changed_sources(user: AbstractUser) -> Iterator[ToDoLine]:
    """Yield a to-do for each of this user's languages in which texts have changed since they were translated."""
    for language, count, since in by_language(cells().filter(CHANGED).in_languages(translators.own_languages(user))):
        yield ToDoLine(
            title=_("Changed in the source since it was translated into %(language)s")
            % {"language": names.language_name(language)},
            count=count,
            since=since.date() if since else None,
            action=TRANSLATE,
            url=queue_url(language, CellState.STALE),
            urgent=True,
            rank=Rank.CHECK,
        )


def to_submit(user: AbstractUser) -> Iterator[ToDoLine]:
    """Yield a to-do for each of this user's languages with complete translations to submit or publish."""
    for language, count, _since in by_language(cells().filter(WHOLE).in_languages(translators.own_languages(user))):
        yield ToDoLine(
            title=_("Translated into %(language)s, and not submitted or published")
            % {"language": names.language_name(language)},
            count=count,
            url=table_url(language, CellState.WHOLE),
            rank=Rank.TRANSLATION,
        )


def doubtful(user: AbstractUser) -> Iterator[ToDoLine]:
    """Yield a to-do for each language with doubtful texts, for its translators and for users who publish them."""
    found = cells().filter(doubtful__gt=0)
    if not user.has_perm(SEND):
        found = found.in_languages(translators.own_languages(user))
    for language, count, _since in by_language(found):
        yield ToDoLine(
            title=_("Doubtful translations into %(language)s") % {"language": names.language_name(language)},
            count=count,
            action=REVIEW,
            url=f"{reverse('translate', args=[language])}?show=doubtful",
            rank=Rank.TRANSLATION,
        )


def to_publish(user: AbstractUser) -> Iterator[ToDoLine]:
    """Yield a to-do for complete translations, for users who send pages to translators."""
    if user.has_perm(SEND) and (count := cells().filter(WHOLE).count()):
        yield ToDoLine(
            title=_("Translations that can be published"),
            count=count,
            action=PUBLISH,
            url=f"{reverse('translation_table')}?state={CellState.WHOLE}",
            rank=Rank.TRANSLATION,
        )


def translates(user: AbstractUser) -> bool:
    return bool(translators.languages_of(user))


TODOS = (changed_sources, translations, doubtful, to_submit, to_publish)
SUGGESTION = Suggestion(
    title=gettext_lazy("See what is translated, language by language"),
    url="translation_table",
    permission=translates,
)
