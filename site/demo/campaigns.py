"""Loads the demonstration's campaign pictures and materials: one record each, with text and a file in every language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from wagtail.models import Locale

from campaigns.models import Material, MaterialFile, MaterialText, Theme
from core import first_pages
from core.models import Picture, UploadedDocument
from demo import content, materials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.pages import Built

# The illustration of each campaign, and the colours around it.
MOTIFS = {
    "choose-what-happens-next": materials.Motif(scene="crossroads", tone="leaf"),
    "trusted-adults": materials.Motif(scene="kitchen-table", tone="clay"),
    "notice-ask-help": materials.Motif(scene="bench-talk", tone="sky"),
}
CREDIT = "Waymark demonstration site"
LICENCE = "CC-BY-4.0"


def load_pictures() -> dict[str, Picture]:
    """Create one drawing for each campaign. Returns them by campaign key."""
    pictures = {}
    for key, motif in MOTIFS.items():
        copy = materials.Copy(kind="picture", motif=motif, language=content.SOURCE, direction="ltr")
        pictures[key] = picture(
            content.read(key, content.SOURCE).title, materials.draw(copy, pixels=1600), f"{key}.png"
        )
    return pictures


def load_materials(built: Built) -> Iterator[str]:
    """Create every material of every campaign. Yields the name of each when it is done."""
    locales = {
        locale.language_code: locale for locale in Locale.objects.filter(language_code__in=content.LANGUAGES)
    }
    for key, motif in MOTIFS.items():
        words = {language: content.read(key, language) for language in content.LANGUAGES}
        theme = Theme.objects.create(name=words[content.SOURCE].more["theme"], locale=locales[content.SOURCE])
        for language in content.LANGUAGES[1:]:
            translated = theme.copy_for_translation(locales[language])
            translated.name = words[language].more["theme"]
            translated.save()
        for number, source in enumerate(words[content.SOURCE].more["materials"]):
            material = Material(
                name=source["title"],
                campaign_key=built.pages[key].translation_key,
                kind=source["kind"],
                theme=theme,
            )
            material.live = False
            for language, said in words.items():
                add_language(
                    material,
                    language,
                    motif,
                    said.more["materials"][number],
                    f"{key}-{source['kind']}-{language}",
                )
            material.save()
            material.save_revision().publish()
            yield material.name


def add_language(
    material: Material, language: str, motif: materials.Motif, words: dict[str, str], name: str
) -> None:
    copy = materials.Copy(
        kind=words["kind"],
        motif=motif,
        language=language,
        direction=settings.LANGUAGE_TABLE[language].direction,
        title=words["title"],
        headline=words["headline"],
        lines=tuple(words["lines"]),
        call=words["call"],
        address=f"{settings.PUBLIC_URL.partition('://')[2]}/{language}/help/",
        note=f"{CREDIT}, CC BY 4.0",
    )
    extension = materials.FORMATS[copy.kind].extension
    document = UploadedDocument(
        title=words["title"], file=ContentFile(materials.make(copy), name=f"{name}.{extension}")
    )
    document.save()
    first_pages.draw(document)  # as the clock would, a little later
    material.texts.add(
        MaterialText(language=language, title=words["title"], description=words["description"])
    )
    material.files.add(
        MaterialFile(
            language=language,
            document=document,
            alt_text=words["alt"],
        )
    )


def picture(title: str, data: bytes, name: str) -> Picture:
    made = Picture(title=title, file=ImageFile(ContentFile(data), name=name), credit=CREDIT, licence=LICENCE)
    made.save()
    return made
