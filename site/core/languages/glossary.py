"""Terms with a fixed translation: for machine translation, and beside the field of a translator."""

import re
from collections.abc import Iterable, Mapping

from wagtail import hooks

# A Wagtail hook: a function that takes the codes of both languages and returns pairs of a term and its translation.
TERMS = "terms_for_translation"


class Glossary:
    """Terms of one language with their translations into another."""

    def __init__(self, terms: Iterable[tuple[str, str]]) -> None:
        self.translations: Mapping[str, str] = {term.casefold(): translation for term, translation in terms}
        longest_first = sorted(self.translations, key=len, reverse=True)
        self.pattern = re.compile(rf"\b({'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE)

    def __bool__(self) -> bool:
        return bool(self.translations)

    def translation(self, term: str) -> str:
        return self.translations[term.casefold()]

    def found_in(self, text: str) -> dict[str, str]:
        """Return the terms in a text, as they are written there, with their translations."""
        if not self:
            return {}
        return {term: self.translation(term) for term in dict.fromkeys(self.pattern.findall(text))}


def glossary(source: str, target: str) -> Glossary:
    """Return the terms of all apps. Their hooks make the queries."""
    return Glossary(pair for listed in hooks.get_hooks(TERMS) for pair in listed(source, target))
