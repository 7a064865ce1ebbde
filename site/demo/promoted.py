"""The phrases of `promoted.toml`, which lead from the search to a guide in the language of the reader."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from home.models import PromotedPage

if TYPE_CHECKING:
    from demo.pages import Built

PHRASES = Path(__file__).with_name("promoted.toml")


def load(built: Built) -> None:
    """Promote the guides in every language that they are in."""
    with PHRASES.open("rb") as file:
        promoted = tomllib.load(file)
    for key, in_languages in promoted.items():
        pages = built.pages[key].get_translations(inclusive=True).select_related("locale")
        by_language = {page.locale.language_code: page for page in pages}
        PromotedPage.objects.bulk_create(
            PromotedPage(page=by_language[language], phrases="\n".join(phrases))
            for language, phrases in in_languages.items()
        )
