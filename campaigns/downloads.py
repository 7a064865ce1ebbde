"""The download list, as a reader of one language meets it: their own language first, the others at hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from django.conf import settings

from core.languages.tree import fallbacks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from campaigns.models import Material, MaterialFile, MaterialText


@dataclass(slots=True, kw_only=True)
class Download:
    """One material with its words and files.

    `text` is in the reader's language or, where that is missing, in the nearest; its own `language` says which.
    """

    material: Material
    text: MaterialText | None
    theme: str = ""
    own: list[MaterialFile] = field(default_factory=list)
    others: list[MaterialFile] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        material: Material,
        *,
        files: Iterable[MaterialFile],
        texts: Iterable[MaterialText],
        language: str,
    ) -> Download:
        """The material as a reader of `language` meets it."""
        by_language = {text.language: text for text in texts}
        order = [*fallbacks(language), *by_language]
        files = sorted(files, key=lambda file: (place(file.language), file.format))
        return cls(
            material=material,
            text=next((by_language[code] for code in order if code in by_language), None),
            theme=next((getattr(file, "theme_name", None) or "" for file in files), ""),
            own=[file for file in files if file.language == language],
            others=[file for file in files if file.language != language],
        )

    @property
    def title(self) -> str:
        return self.text.title if self.text else self.material.name

    @property
    def picture(self) -> MaterialFile | None:
        """The file whose small picture stands for the material: one in the reader's language if there is one."""
        return next((file for file in (*self.own, *self.others) if file.preview_id), None)

    @property
    def described(self) -> list[MaterialFile]:
        """The files that say in words what they show, in the reader's language."""
        return [file for file in self.own if file.alt_text or file.transcript]


def place(language: str) -> int:
    """Where a language stands in the site's own order."""
    return list(settings.LANGUAGE_TABLE).index(language)


def download_list(files: Iterable[MaterialFile], *, language: str) -> list[Download]:
    """What `MaterialFileQuerySet.for_downloads` gives, as one Download for each material, in the order of the kinds."""
    downloads = []
    for material, of_it in groupby(files, key=lambda file: file.material):
        downloads.append(Download.of(material, files=[*of_it], texts=material.texts.all(), language=language))
    kinds = type(downloads[0].material).Kind.values if downloads else []
    return sorted(downloads, key=lambda download: (kinds.index(download.material.kind), download.title))
