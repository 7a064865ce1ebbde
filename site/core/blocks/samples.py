"""Words for the previews of blocks at the desk. They could stand on any page of the site, and suggest nothing about anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from wagtail.blocks import StructBlock

TITLE = _("What you can do")
SECOND_TITLE = _("Whom you can ask")
SENTENCE = _("Ask how somebody is, listen, and say what you have noticed.")
SECOND_SENTENCE = _("People who know the subject answer, and you need not say who you are.")
PARTS = ((TITLE, SENTENCE), (SECOND_TITLE, SECOND_SENTENCE))


def text() -> str:
    return format_html_join("", "<p>{}</p>", [(SENTENCE,), (SECOND_SENTENCE,)])


def parts(title: str, words: str) -> list[dict[str, object]]:
    """Return two titles with their texts, as the fields of a block are called."""
    return [{title: str(name), words: str(sentence)} for name, sentence in PARTS]


def filled(block: StructBlock, **values: object) -> Any:
    """Return the value of a block as it is when an editor has chosen it, with some of its fields filled in."""
    return block.normalize({**block.get_default(), **values})
