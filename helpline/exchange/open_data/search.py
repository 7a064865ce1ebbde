"""What the public search finds of the open data: the page that describes them, by what developers call it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext

from core.search.sources import Destination, Source
from helpline.exchange.open_data import exports

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.search.sources import Hit


class OpenDataAnswers(Source):
    def names(self, language: str) -> Iterator[str]:
        yield self._page(language).phrases

    def answers(self, asked: Sequence[str], language: str) -> Iterator[Hit]:
        return self._page(language).hit(asked)

    @staticmethod
    def _page(language: str) -> Destination:
        return Destination(
            title=gettext("Open data"),
            url=exports.about_path(language),
            # Translators: what people type into the search who want to download or use our data, one phrase a line.
            phrases=gettext(
                "open data\ndata set\ndataset\napi\ncsv\njson\nexport\ndownload list\nhsds\ndcat\nfeed"
            ),
        )


SOURCE = OpenDataAnswers()
