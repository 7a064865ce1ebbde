"""Public search in the network: members by what they show, practices by their title, summary and audience."""

from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from operator import attrgetter
from typing import Any

from django.db.models import F
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from core.background.locks import snapshot
from core.languages import tree
from core.search.folding import words_of_name
from core.search.sources import Hit, Source, means
from network.directory import listing
from network.directory.member_index import KEEPERS
from network.directory.pages import DirectoryPage
from network.members import profiles
from network.members.models import Member
from network.open_data import lists
from network.practices.models import Practice, PracticeText
from network.vocabulary import models as categories
from network.vocabulary.details import DetailAudience

MAX_MEMBERS, MAX_PRACTICES = 3, 5
# Only the first of the members found, up to this number, are checked for a page.
MOST_ASKED = 2000


class MemberAnswers(Source):
    """The members who show all the words.

    There are no results in a language without a public directory.
    """

    def names(self, language: str) -> Iterator[str]:
        if self._directory(language):
            yield from Member.objects.listed().shown_words()
            for named in listing.choice_names(language, categories.vocabulary(language)).values():
                yield from map(str, named.values())

    def answers(self, asked: Sequence[str], language: str) -> Iterator[Hit]:
        """Yield members with a page, and then the directory filtered to all matching members."""
        page = self._directory(language)
        if page is None:
            return
        vocabulary = categories.vocabulary(language)
        named = listing.choice_names(language, vocabulary)
        with snapshot():  # so that no member is found by a detail that they have just withdrawn
            index = KEEPERS[DetailAudience.EVERYBODY].current()
            found = listing.showing_words(index, asked, named, DetailAudience.EVERYBODY)
            asked_first = index.keys(found, 0, MOST_ASKED)
            first = list(Member.objects.with_page().filter(pk__in=asked_first).in_order()[:MAX_MEMBERS])
        path = tree.page_path(page, language)
        for member in first:
            profile = profiles.public(member, vocabulary)
            text = " · ".join(each for each in (profile.summary, profile.affiliation) if each)
            yield Hit(title=profile.title, url=f"{path}{member.uuid}/", text=text)
        if count := found.bit_count():
            text = ngettext("%(count)s member matches.", "%(count)s members match.", count) % {"count": count}
            yield Hit(
                title=gettext("Members of the network"),
                url=f"{path}?{urlencode({'q': ' '.join(asked)})}",
                text=text,
            )

    @staticmethod
    def _directory(language: str) -> DirectoryPage | None:
        found = tree.public_pages().type(DirectoryPage).filter(locale__language_code=language).first()
        return found.specific if found else None


class PracticeAnswers(Source):
    """The practices whose texts contain all the words, archived ones last.

    There are no results in a language without a public directory.
    """

    def names(self, language: str) -> Iterator[str]:
        for text in self._found(language):
            yield self._words(text)

    def answers(self, asked: Sequence[str], language: str) -> Iterator[Hit]:
        matching = (text for text in self._found(language) if self._has_all(text, asked))
        for text in islice(matching, MAX_PRACTICES):
            yield Hit(title=text.title, url=f"/{language}/network/practices/{text.practice__uuid}/", text=text.summary)

    @staticmethod
    def _words(text: Any) -> str:
        return f"{text.title} {text.summary} {text.audience}"

    def _has_all(self, text: Any, asked: Sequence[str]) -> bool:
        there = set(words_of_name(self._words(text)))
        return all(any(means(word, [each]) or means(each, [word]) for word in there) for each in asked)

    @staticmethod
    def _found(language: str) -> Iterator[Any]:
        """Yield a row for each practice, with its text in the language or the nearest one."""
        if language not in lists.languages():
            return
        rows = PracticeText.objects.filter(practice__in=Practice.objects.public()).order_by(
            F("practice__archived_at").asc(nulls_first=True), "practice__name", "practice", "pk"
        )
        fields = ("practice__uuid", "language", "title", "summary", "audience")
        for _practice, texts in groupby(rows.values_list(*fields, named=True), attrgetter("practice__uuid")):
            known = {text.language: text for text in texts}
            yield next(known[code] for code in (*tree.fallbacks(language), *known) if code in known)


SOURCES = (MemberAnswers(), PracticeAnswers())
