"""Texts as their translators left them: marked as doubtful, or not yet saved in their record (`KeptText`)."""

from hashlib import blake2b
from typing import Any

from django.db import transaction
from wagtail.models import Locale

from core.languages.wordings import WordingRow
from core.models import KeptText


def text_key(place: str, source: str) -> str:
    """Return the key of a text: the digest of its place (a path, or the name of a field) and of its source."""
    return blake2b(f"{place}\0{source}".encode(), digest_size=16).hexdigest()


@transaction.atomic
def keep(*, locale: Locale, kind: str, key: str, text: str, words: str, is_doubtful: bool) -> None:
    """Keep a text; without words and doubts, forget it."""
    where = {"locale": locale, "kind": kind, "key": key, "text": text}
    if words or is_doubtful:
        KeptText.objects.update_or_create(**where, defaults={"words": words, "is_doubtful": is_doubtful})
    elif (kept := KeptText.objects.filter(**where).first()) is not None:
        kept.delete()


def unsaved_words(row: WordingRow, locale: Locale) -> dict[str, str]:
    """Return the words of a row that are not saved in it yet, by field."""
    kept = KeptText.objects.filter(locale=locale, **of_row(row)).exclude(words="")
    words = dict(kept.values_list("text", "words"))
    keys = {name: text_key(name, source) for name, _label, source in row.words()}
    return {name: words[key] for name, key in keys.items() if key in words}


def forget_words(row: WordingRow, locale: Locale) -> None:
    """Forget the words of a row that has been saved. Doubts stay."""
    kept = KeptText.objects.filter(locale=locale, **of_row(row))
    kept.filter(is_doubtful=False).delete()
    kept.update(words="")


def of_row(row: WordingRow) -> dict[str, Any]:
    return {"kind": row.wording.key, "key": str(row.wording.key_of(row.source))}
