"""Contents of an output for its template: texts, picture, number, address and code."""

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unicodedata import bidirectional
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext
from wagtail.models import Site

from campaigns.models import Design, DesignText, Material, Partner, StudioOutput
from campaigns.studio.destinations import Destinations
from campaigns.studio.formats import FORMATS, HUES, PROFILE, Format, print_profile
from core.http import public_url
from core.models import Picture, SiteSettings
from core.typesetting import missing_letters, qr_code
from helpline import directory
from helpline.directory import PrintableNumber
from illustrations import scenes

TEMPLATES = Path(__file__).parent / "templates"
CODE_LENGTH = 8
# Letters that are hard to confuse on paper: no 0, 1, I, L, O.
CODE_LETTERS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"ABCDEFGHJKMNPQRSTUVWXYZ23456789W")
LARGEST_PICTURE, LARGEST_LOGO = "max-2400x2400", "max-1000x1000"
SCENE_SIZE = (640, 400)
# Fields whose letters are checked against the fonts, by their names in the form.
WORDS = ("headline", "text", "call", "pages")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A combination of format, language, country or none, and partner or none."""

    design: Design
    format: str
    text: DesignText
    country: str = ""
    partner: Partner | None = None

    @property
    def key(self) -> tuple[str, str, str, int | None]:
        return (self.format, self.text.language, self.country, self.partner.pk if self.partner else None)

    @property
    def partner_name(self) -> str:
        return self.partner.name_in(self.text.language) if self.partner else ""

    @property
    def row(self) -> Format:
        return FORMATS[self.format]


@dataclass(slots=True, kw_only=True)
class ToDraw:
    """A variant with the data of its template. `files` are the pictures beside the template, by name."""

    variant: Variant
    data: dict[str, Any]
    files: dict[str, bytes]
    number: str
    problems: list[dict[str, Any]] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """Digest of everything that the output is drawn from, except its date. Equal digests make equal outputs."""
        made_of = [
            json.dumps(self.data, sort_keys=True, ensure_ascii=False),
            self.variant.format,
            made_with(),
        ]
        made_of += [f"{name} {hashlib.sha256(content).hexdigest()}" for name, content in sorted(self.files.items())]
        return hashlib.sha256("\n".join(made_of).encode()).hexdigest()

    @property
    def code(self) -> str:
        """The code printed on the output, such as “KQ7M-3FHT”. It changes with the digest."""
        letters = base64.b32encode(bytes.fromhex(self.digest))[:CODE_LENGTH].translate(CODE_LETTERS).decode()
        return f"{letters[: CODE_LENGTH // 2]}-{letters[CODE_LENGTH // 2 :]}"

    def dated(self, day: dt.date) -> dict[str, Any]:
        """Return the data with the line that identifies the output: code, month and licence."""
        parts = (self.code, f"{day.month}/{day.year}", self.data["licence"])
        return {**self.data, "which": " · ".join(parts)}


@cache
def made_with(names: str = "*.typ") -> str:
    """Return the other inputs of an output: the templates, and the versions of typst and the fonts."""
    templates = "".join(path.read_text() for path in sorted(TEMPLATES.glob(names)))
    packages = ("typst", "fontpkg-ibm-plex-sans", "fontpkg-ibm-plex-sans-arabic")
    return "\n".join([templates, *(f"{package} {version(package)}" for package in packages)])


def variants(design: Design) -> Iterator[Variant]:
    """Yield every variant of a design: in the languages of its texts, those without a country first."""
    countries = ["", *(each.country for each in design.countries.all())]
    keys = [each.partner_id for each in design.partners.all()]
    partners: list[Any] = [None, *(Partner.objects.for_drawing().filter(pk__in=keys) if keys else ())]
    for text in design.texts.all():
        for chosen in FORMATS:
            if chosen not in design.formats:
                continue
            for country in countries:
                # A blank output has an empty frame for a logo, so there is none for a partner.
                for partner in partners[:1] if FORMATS[chosen].is_blank else partners:
                    yield Variant(design=design, format=chosen, text=text, country=country, partner=partner)


def to_draw(design: Design) -> list[ToDraw]:
    """Return all variants of a design with their contents. A fixed number of queries."""
    maker = OutputMaker(design)
    return [maker.output(variant) for variant in variants(design)]


def first_of(design: Design, *, language: str, format: str) -> ToDraw | None:  # noqa: A002  (the name of the field)
    """Return the output nearest to a language and a format, preferably with a number; None if there are no texts."""
    found = [*variants(design)]
    found.sort(key=lambda each: (each.text.language != language, each.format != format, not each.country))
    return OutputMaker(design).output(found[0]) if found else None


def name_of_site() -> str:
    site = Site.objects.filter(is_default_site=True).first()
    return (SiteSettings.for_site(site).name if site else "") or settings.WAGTAIL_SITE_NAME


class OutputMaker:
    """Builds outputs from data shared by the variants of a design: pictures, logos, numbers, the site's name."""

    def __init__(self, design: Design, *, site: str = "") -> None:
        self.design = design
        self.programmes: dict[str, UUID] = {each.country: each.programme for each in design.countries.all()}
        self.numbers: Mapping[UUID, Mapping[str, PrintableNumber]] = (
            directory.numbers_of(set(self.programmes.values())) if self.programmes else {}
        )
        self.site = site or name_of_site()
        self.destinations = Destinations(design)
        self.profile = print_profile()
        self.kept: dict[str, tuple[str, bytes, tuple[int, int]]] = {}

    def number(self, country: str, language: str) -> PrintableNumber | None:
        found = self.numbers.get(self.programmes[country]) if country in self.programmes else None
        return (found.get(language) or found.get("")) if found else None

    def output(self, variant: Variant) -> ToDraw:
        language = variant.text.language
        files: dict[str, bytes] = {}
        with translation.override(language):
            number = self.number(variant.country, language)
            address = public_url(self.destinations.path(language))
            row = variant.row
            data = {
                "language": language.partition("-")[0],
                "direction": settings.LANGUAGE_TABLE[language].direction,
                "width": row.width,
                "height": row.height,
                "bleed": row.bleed,
                "hue": HUES[self.design.hue]._asdict(),
                "site": self.site,
                "licence": self.design.material.terms_of_licence.name,
                "headline": variant.text.headline,
                "text": paragraphs(variant.text.text),
                "call": variant.text.call,
                "address": address.partition("://")[2],
                "qr": qr_code(address) if row.has_code else "",
                "qr_words": gettext("QR code of this address: %(address)s") % {"address": address},
                "number": number.dialled_in(variant.country) if number else "",
                "number_name": number.name if number else "",
                "name_is_rtl": bool(number and begins_rtl(number.name)),
                "picture": self.picture(variant.text, files),
                "pages": self.pages(variant.text, files) if row.has_pages else [],
                "is_blank": row.is_blank,
                "has_lines": self.design.material.kind == Material.Kind.EVALUATION,
                # Translators: in the empty frame of a poster, where partners put their own.
                "logo_words": gettext("Your logo here"),
                "logo": self.logo(variant.partner, language, files),
            }
        if row.bleed and self.profile:
            files[PROFILE.name] = self.profile
        output = ToDraw(variant=variant, data=data, files=files, number=data["number"])
        output.problems = [*letters_missing(variant.text), *pages_missing(data["pages"], row)]
        return output

    def picture(self, text: DesignText, files: dict[str, bytes]) -> dict[str, Any] | None:
        chosen = self.design.picture
        if chosen is None:
            return scene(self.design.scene, text, files, alt=text.alt_text)
        name, content, (width, height) = self.rendition(chosen, LARGEST_PICTURE)
        files[name] = content
        focus = chosen.get_focal_point()
        return {
            "file": name,
            "width": width,
            "height": height,
            "x": focus.centroid_x / chosen.width if focus else 0.5,
            "y": focus.centroid_y / chosen.height if focus else 0.5,
            "alt": text.alt_text,
        }

    def logo(self, partner: Partner | None, language: str, files: dict[str, bytes]) -> dict[str, str] | None:
        if partner is None or partner.logo is None:
            return None
        name, content, _size = self.rendition(partner.logo, LARGEST_LOGO)
        files[name] = content
        return {"file": name, "name": partner.name_in(language)}

    def rendition(self, picture: Picture, spec: str) -> tuple[str, bytes, tuple[int, int]]:
        key = f"{picture.pk} {spec}"
        if key not in self.kept:
            drawn = picture.get_rendition(f"{spec}|format-png" if spec == LARGEST_LOGO else spec)
            with drawn.file.open("rb") as file:
                content = file.read()
            name = f"{hashlib.sha256(content).hexdigest()[:16]}{Path(drawn.file.name).suffix}"
            self.kept[key] = (name, content, (drawn.width, drawn.height))
        return self.kept[key]

    def pages(self, text: DesignText, files: dict[str, bytes]) -> list[dict[str, Any]]:
        parts = pages_of(text.pages)
        for part, name in zip(parts, self.design.page_scenes, strict=False):
            part["picture"] = scene(name, text, files)
        return parts


def scene(name: str, text: DesignText, files: dict[str, bytes], *, alt: str = "") -> dict[str, Any] | None:
    """Return an illustration in the direction of the text; None if it is no longer in the set."""
    if name not in scenes.BY_NAME:
        return None
    mirrored = text.direction == "rtl"
    file = f"{name}{'-mirrored' if mirrored else ''}.svg"
    files[file] = scenes.for_print(name, right_to_left=mirrored).encode()
    width, height = SCENE_SIZE
    return {"file": file, "width": width, "height": height, "x": 0.5, "y": 0.5, "alt": alt}


def begins_rtl(text: str) -> bool:
    """Return whether a text begins in a right-to-left script: its first letter decides, as in browsers."""
    strong = (bidirectional(letter) for letter in text)
    return next((kind != "L" for kind in strong if kind in {"L", "R", "AL"}), False)


def paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def pages_of(text: str) -> list[dict[str, Any]]:
    """Return the pages of a leaflet: a line that begins with `#` is the title of the next, one with `-` a point."""
    pages: list[dict[str, Any]] = []
    for line in paragraphs(text):
        if line.startswith("#"):
            pages.append({"title": line.lstrip("# "), "blocks": [], "picture": None})
        elif pages:
            kind = "point" if line.startswith("-") else "text"
            pages[-1]["blocks"].append({"kind": kind, "text": line.removeprefix("-").strip()})
    return pages


def letters_missing(text: DesignText) -> Iterator[dict[str, str]]:
    for name in WORDS:
        if letters := missing_letters(getattr(text, name)):
            yield {"field": name, "letters": letters}


def pages_missing(pages: list[dict[str, Any]], row: Format) -> Iterator[dict[str, Any]]:
    """Yield a problem if the leaflet cannot be folded: four or eight pages, two of which are the cover and the back."""
    if row.has_pages and len(pages) not in {2, 6}:
        yield {"field": "pages", "count": len(pages)}


def of_variant(variant: Variant) -> StudioOutput:
    """Return an unsaved row for a variant."""
    chosen, language, country, partner = variant.key
    return StudioOutput(
        design=variant.design,
        format=chosen,
        language=language,
        country=country,
        partner_key=partner,
        partner_name=variant.partner_name,
    )
