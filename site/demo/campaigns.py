"""Loads the demonstration's campaign pictures, and its materials: one record each, with a design that the studio draws in every language."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from wagtail.models import Locale

from campaigns.models import (
    Design,
    DesignCountry,
    DesignPartner,
    DesignText,
    Material,
    MaterialText,
    StudioSheet,
    Theme,
)
from campaigns.models.designs import DesignFormat, Hue
from campaigns.studio import batches, tasks
from core import first_pages, typesetting
from core.models import Picture
from demo import content
from helpline.exchange.parsed import identifier
from illustrations import pictures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.pages import Built

TEMPLATE = Path(__file__).parent / "typst" / "picture.typ"
PPI = 180  # 1,600 pixels


class Motif(NamedTuple):
    """The illustration of a campaign, those inside its leaflet, and the colour around them."""

    scene: str
    hue: str
    inside: tuple[str, ...] = ()


MOTIFS = {
    "choose-what-happens-next": Motif("crossroads", Hue.LEAF),
    "trusted-adults": Motif(
        "kitchen-table",
        Hue.CLAY,
        ("kitchen-evening", "park-walk", "family-walk", "bench-talk", "desk-tea", "phone-window"),
    ),
    "notice-ask-help": Motif("bench-talk", Hue.SKY, ("team-table", "phone-window")),
}
F = DesignFormat
FORMATS = {
    "poster": [F.POSTER_A4, F.POSTER_A3, F.BLANK_A4],
    "leaflet": [F.LEAFLET],
    "social_card": [F.CARD_SQUARE, F.CARD_STORY, F.CARD_LINK, F.BANNER, F.MAIL_HEADER],
    "press_release": [F.PRESS_RELEASE],
}
# The material that is also made for a country, and with a partner's logo. The programme is invented, and has an alert: no number is printed.
WITH_COUNTRY = ("notice-ask-help", "poster")
COUNTRY, PROGRAMME, PARTNER = "de", "example-de", "Example Institute"
CREDIT = "Waymark demonstration site"
LICENCE = "CC-BY-4.0"


def load_pictures() -> dict[str, Picture]:
    """Create one drawing for each campaign. Returns them by campaign key."""
    made = {}
    for key, motif in MOTIFS.items():
        drawn = typesetting.picture(TEMPLATE, {"drawing": pictures.for_print(motif.scene)}, ppi=PPI)
        made[key] = picture(content.read(key, content.SOURCE).title, drawn, f"{key}.png")
    return made


def load_materials(built: Built, logo: Picture) -> Iterator[str]:
    """Create every material of every campaign, and its design. Yields the name of each when it is done."""
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
                live=False,
            )
            said = {language: each.more["materials"][number] for language, each in words.items()}
            material.texts = [
                MaterialText(language=language, title=each["title"], description=each["description"])
                for language, each in said.items()
            ]
            material.save()
            material.save_revision().publish()
            add_design(material, motif, said, logo=logo if (key, source["kind"]) == WITH_COUNTRY else None)
            yield material.name


def add_design(
    material: Material, motif: Motif, said: dict[str, dict[str, str]], *, logo: Picture | None
) -> None:
    design = Design(
        material=material,
        scene=motif.scene,
        hue=motif.hue,
        page_scenes=[*motif.inside],
        formats=FORMATS[material.kind],
    )
    design.texts = [
        DesignText(
            language=language,
            headline=each["headline"],
            text="\n".join(each["lines"]),
            call=each["call"],
            pages=each.get("pages", ""),
            alt_text=each["alt"],
        )
        for language, each in said.items()
    ]
    if logo is not None:
        design.countries = [DesignCountry(country=COUNTRY, programme=identifier(PROGRAMME))]
        design.partners = [DesignPartner(name=PARTNER, logo=logo)]
    design.save()


def draw_materials() -> Iterator[str]:
    """Draw the first format of every design, as the worker would, and what shows it, as the clock would. The rest is `draw_the_rest`."""
    for design in Design.objects.select_related("material"):
        whole = (design.formats, [*design.countries.all()], [*design.partners.all()])
        design.formats, design.countries, design.partners = design.formats[:1], [], []
        for _done, _total in batches.redraw(design):
            pass
        for sheet in StudioSheet.objects.filter(design=design, document__isnull=False).select_related(
            "document"
        ):
            if sheet.document is not None:
                first_pages.draw(sheet.document)
        design.formats, design.countries, design.partners = whole
        yield str(design)


def draw_the_rest() -> None:
    """Have the worker draw all other sheets, once the site is there."""
    for design in Design.objects.all():
        tasks.draw_batch.enqueue(batches.start(design).pk)


def picture(title: str, data: bytes, name: str) -> Picture:
    made = Picture(title=title, file=ImageFile(ContentFile(data), name=name), credit=CREDIT, licence=LICENCE)
    made.save()
    return made
