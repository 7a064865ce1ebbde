"""Words for what is written in codes and addresses, and words that give a page away."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

# Words that tell an onlooker what a page is about: title and address of a help page stay in the browser's history.
# Beginnings of words, without accents, in the languages that the interface speaks and some more. A warning, never a block.
TELLING = (
    "abus", "agress", "assault", "attract", "crimin", "csam", "delinquan", "harm", "molest", "offend", "offenc", "offens", "paed", "pedo",
    "peodo", "perpetrat", "porn", "predator", "prison", "rape", "sex", "suicid", "victim", "violen",  # English and much of Europe
    "auteur", "enfant", "mineur", "viol",  # French
    "gewalt", "kind", "missbrauch", "opfer", "padophil", "straf", "tater", "ubergriff",  # German
    "abuso", "delito", "menor", "nino", "victima",  # Spanish
    "child", "children", "minor", "police",
    "اعتداء", "جنس", "طفل", "اطفال", "اغتصاب", "تحرش", "ضحي",  # Arabic
)  # fmt: skip
# Words that begin like one of those and are harmless.
HARMLESS = frozenset({"kinder", "kindly", "kindness", "essex", "sussex", "harmony", "minority", "minor"})
WORD = re.compile(r"[^\W\d_]+")


def telling_words(text: str) -> list[str]:
    """The words of a title or an address that are not neutral."""
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(letter)
    )
    return [word for word in WORD.findall(plain) if word.startswith(TELLING) and word not in HARMLESS]


def host(url: str) -> str:
    """What to call a web address: `www.example.org/a/b` is example.org."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
