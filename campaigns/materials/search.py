"""What the public search finds among the materials: by their titles, each with its page in the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from campaigns.models import MaterialFile, MaterialIndexPage, MaterialText
from core.search.folding import words
from core.search.sources import Hit, Source, means

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet

MAX_MATERIALS = 5


class MaterialAnswers(Source):
    """The materials whose titles have all the words. Nothing is answered in a language without a library."""

    def names(self, language: str) -> Iterator[str]:
        if MaterialIndexPage.path_in(language):
            yield from self._texts(language).values_list("title", flat=True)

    def answers(self, asked: Sequence[str], language: str) -> Iterator[Hit]:
        path = MaterialIndexPage.path_in(language)
        if not path:
            return
        found = [text for text in self._texts(language) if self._has_all(text.title, asked)]
        for text in found[:MAX_MATERIALS]:
            yield Hit(title=text.title, url=f"{path}{text.material_id}/", text=text.description)

    @staticmethod
    def _has_all(title: str, asked: Sequence[str]) -> bool:
        there = words(title)
        return all(any(means(word, [each]) or means(each, [word]) for word in there) for each in asked)

    @staticmethod
    def _texts(language: str) -> QuerySet[MaterialText]:
        shown = MaterialFile.objects.public().values("material")
        return MaterialText.objects.filter(language=language, material__in=shown).order_by("title", "pk")


SOURCE = MaterialAnswers()
