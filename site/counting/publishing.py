"""What the press prints of the numbers: whenever a week is published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.languages import tree
from core.models import LanguageState
from core.publishing.routes import AppRoute
from counting import open_data
from counting.models import CountedWeek

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import Model


class PagesShown(AppRoute):
    """The files, and in each language the page that explains them."""

    unhurried = True
    watches: Sequence[type[Model]] = (CountedWeek, LanguageState)

    def addresses(self) -> Iterator[str]:
        if open_data.is_offered():
            yield from (open_data.CSV, open_data.CSVW, open_data.TURTLE, open_data.JSON_LD)
            yield from (open_data.about_path(code) for code in tree.public_codes())

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, LanguageState):
            yield open_data.about_path(changed.locale.language_code)
        elif isinstance(changed, CountedWeek) and changed.state == CountedWeek.State.PUBLISHED:
            yield from self.addresses()


ROUTES = (PagesShown(),)
