"""What the public search finds in the network: members by what they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from core.languages import tree
from core.search.sources import Hit
from network.models import categories
from network.models.members import Member
from network.public import directory, profiles
from network.public.pages import DirectoryPage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_MEMBERS = 3


class MemberAnswers:
    """The members who show all the words. Nothing is answered in a language without a public directory."""

    def names(self, language: str) -> Iterator[str]:
        if self._directory(language):
            yield from Member.objects.listed().shown_words()

    def answers(self, asked: Sequence[str], language: str) -> Iterator[Hit]:
        """Yield members with a page of their own, and then the directory with all who match."""
        page = self._directory(language)
        if page is None:
            return
        vocabulary = categories.vocabulary(language)
        named = directory.choice_names(language, vocabulary)
        found = Member.objects.listed().matching(asked, directory.matching_facets(asked, named))
        path = tree.page_path(page, language)
        for member in found.with_page().in_order()[:MAX_MEMBERS]:
            profile = profiles.public(member, vocabulary)
            text = " · ".join(each for each in (profile.summary, profile.affiliation) if each)
            yield Hit(title=profile.title, url=f"{path}{member.uuid}/", text=text)
        if count := found.count():
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
