"""Public search in the network: members by what they show, practices by their title, summary and audience."""

from collections.abc import Iterator, Sequence
from itertools import islice

from django.db.models import F
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from core.background.locks import snapshot
from core.languages import tree
from core.search.folding import words
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
        for _practice, text in self._found(language):
            yield text.title

    def answers(self, asked: Sequence[str], language: str) -> Iterator[Hit]:
        matching = ((practice, text) for practice, text in self._found(language) if self._has_all(text, asked))
        for practice, text in islice(matching, MAX_PRACTICES):
            yield Hit(title=text.title, url=f"/{language}/network/practices/{practice.uuid}/", text=text.summary)

    @staticmethod
    def _has_all(text: PracticeText, asked: Sequence[str]) -> bool:
        there = {*words(f"{text.title} {text.summary} {text.audience}")}
        return all(any(means(word, [each]) or means(each, [word]) for word in there) for each in asked)

    @staticmethod
    def _found(language: str) -> Iterator[tuple[Practice, PracticeText]]:
        if language not in lists.languages():
            return
        practices = Practice.objects.public().prefetch_related("texts")
        for practice in practices.order_by(F("archived_at").asc(nulls_first=True), "name", "pk"):
            if (text := practice.text_in(language)) is not None:
                yield practice, text


SOURCES = (MemberAnswers(), PracticeAnswers())
