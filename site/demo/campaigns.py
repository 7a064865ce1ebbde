"""Loads the campaigns of the demonstration: pictures and materials, partners, and a coming launch.

The studio draws the materials in every language.
"""

import copy
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.utils import timezone
from django.utils.html import strip_tags
from wagtail.models import Locale, Page, Revision
from wagtail_localize.models import StringTranslation

from campaigns.launches import services
from campaigns.models import (
    Activity,
    ActivityText,
    CampaignPage,
    Design,
    DesignCountry,
    DesignPartner,
    DesignText,
    LaunchContact,
    Material,
    MaterialFile,
    MaterialText,
    Partner,
    PartnerText,
    Theme,
    UsageReport,
)
from campaigns.studio import batches
from campaigns.studio.formats import DesignFormat, Hue
from core import typesetting
from core.models import Picture, SettingProposal, UploadedDocument
from core.uploads import captions
from demo import content
from demo.pages import Built, publish, translate
from helpline.exchange.imports.parsed import identifier
from illustrations.scenes import for_print

TEMPLATE = Path(__file__).parent / "typst" / "picture.typ"
PPI = 180  # 1,600 pixels


class Motif(NamedTuple):
    """The illustration of a campaign, those inside its leaflet, the colour around them, and the page they lead to."""

    scene: str
    hue: str
    inside: tuple[str, ...] = ()
    leads_to: str = ""  # the key of the page; by its audience if empty


MOTIFS = {
    "choose-what-happens-next": Motif("crossroads", Hue.LEAF),
    "trusted-adults": Motif(
        "kitchen-table",
        Hue.CLAY,
        ("kitchen-evening", "park-walk", "family-walk", "bench-talk", "desk-tea", "phone-window"),
        leads_to="trusted-adults",
    ),
    "notice-ask-help": Motif("bench-talk", Hue.SKY, ("team-table", "phone-window"), leads_to="for-professionals"),
}
F = DesignFormat
FORMATS = {
    "poster": [F.POSTER_A4, F.POSTER_A3, F.BLANK_A4],
    "leaflet": [F.LEAFLET],
    "social_card": [F.CARD_SQUARE, F.CARD_STORY, F.CARD_LINK, F.BANNER, F.MAIL_HEADER],
    "press_release": [F.TEXT_A4],
    "guide_to_words": [F.TEXT_A4],
    "evaluation": [F.TEXT_A4],
}
# The illustration of each piece of news.
NEWS_SCENES = {"european-day-2026": "ministry", "new-materials-in-four-languages": "street"}
# The material that is also made for a country, and with a partner's logo.
# Its number is that of an invented programme (`examples.toml`), which two people have approved; no real programme has
# been.
WITH_COUNTRY = ("notice-ask-help", "poster")
FOR_A_COUNTRY = (F.POSTER_A4, F.BLANK_A4)
COUNTRY, PROGRAMME, PARTNER = "be", "example-be", "institute"
CREDIT = "Waymark demonstration site"
# Made by scripts/draw_film.py: milliseconds for each of its scenes.
FILM = Path(__file__).parent / "films" / "you-can-tell-me.mp4"
SCENE = 5_000
FILM_STILL = "family-walk"
LICENCE = "CC-BY-4.0"


def load_pictures() -> dict[str, Picture]:
    """Create one drawing for each campaign and each piece of news.

    Returns them by the key of the page.
    """
    scenes = {key: motif.scene for key, motif in MOTIFS.items()} | NEWS_SCENES
    return {
        key: picture(content.read(key, content.SOURCE).title, drawn(scene), f"{key}.png")
        for key, scene in scenes.items()
    }


def load_materials(built: Built) -> Iterator[str]:
    """Create every material of every campaign, and its design.

    Yields the name of each when it is done.
    """
    locales = {locale.language_code: locale for locale in Locale.objects.filter(language_code__in=content.LANGUAGES)}
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
                audiences=source["audiences"],
                theme=theme,
                live=False,
            )
            spoken = {language: each.more["materials"][number] for language, each in words.items()}
            if source["kind"] == "press_release":
                spoken = {language: with_announcement(said, key, language) for language, said in spoken.items()}
            material.texts = [
                MaterialText(language=language, title=each["title"], description=each["description"])
                for language, each in spoken.items()
            ]
            if source["kind"] == "film":
                add_film(material, spoken)
            material.save()
            material.save_revision().publish()
            if source["kind"] in FORMATS:
                with_country = (key, source["kind"]) == WITH_COUNTRY
                partner = built.partners[PARTNER] if with_country else None
                page = built.pages[motif.leads_to] if motif.leads_to else None
                add_design(material, motif, spoken, leads_to=page, partner=partner)
            yield material.name


def add_design(
    material: Material, motif: Motif, said: dict[str, dict[str, Any]], *, leads_to: Page | None, partner: Partner | None
) -> None:
    design = Design(
        material=material,
        scene=motif.scene,
        hue=motif.hue,
        page_scenes=[*motif.inside],
        formats=FORMATS[material.kind],
        leads_to=leads_to,
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
    if partner is not None:
        design.countries = [DesignCountry(country=COUNTRY, programme=identifier(PROGRAMME))]
        design.partners = [DesignPartner(partner=partner)]
    design.save()


def draw_materials(*, whole: bool) -> Iterator[str]:
    """Draw every design, as the worker would: whole, or its first format only.

    Then the rest is `draw_the_rest`.

    Outputs for a country are always drawn, and with them the output with a partner's logo.
    """
    for design in Design.objects.select_related("material"):
        before = (design.formats, [*design.countries.all()], [*design.partners.all()])
        if not whole:
            for_a_country = [each for each in design.formats if each in FOR_A_COUNTRY] if design.countries.all() else []
            design.formats, design.partners = for_a_country or design.formats[:1], []
        for _done, _total in batches.redraw(design):
            pass
        design.formats, design.countries, design.partners = before
        yield str(design)


def draw_the_rest() -> None:
    """Have the worker draw all other outputs, once the site exists."""
    for design in Design.objects.all():
        batches.draw_batch.enqueue(batches.start(design).pk)


def with_announcement(words: dict[str, Any], key: str, language: str) -> dict[str, Any]:
    """Return the text of a press release, with the paragraphs of the campaign's press kit if there is one."""
    if f"{key}-journalists" not in {place.key for place in content.TREE}:
        return words
    body = content.read(f"{key}-journalists", language).body
    block = next(block for block in body if block["type"] == "announcement")
    paragraphs = [strip_tags(text) for text in block["html"].strip().splitlines()]
    lines = [block["lead"], *paragraphs, block["about"], " · ".join(block["contact"].splitlines())]
    return {**words, "headline": block["title"], "lines": lines}


def add_film(material: Material, spoken: dict[str, dict[str, Any]]) -> None:
    """Add the film once, and for each language its captions and its transcript.

    It has neither sound nor words in the picture.
    """
    document = UploadedDocument(
        title=spoken[content.SOURCE]["title"], file=ContentFile(FILM.read_bytes(), name=FILM.name)
    )
    document.save()
    preview = picture(spoken[content.SOURCE]["title"], drawn(FILM_STILL), f"{FILM.stem}.png")
    for language, words in spoken.items():
        captions = UploadedDocument(
            title=words["title"],
            file=ContentFile(captions_of(words["lines"]).encode(), name=f"{FILM.stem}-{language}.vtt"),
        )
        captions.save()
        material.files.add(
            MaterialFile(
                language=language,
                document=document,
                captions=captions,
                transcript="\n".join(words["lines"]),
                preview=preview,
            )
        )


def captions_of(lines: list[str]) -> str:
    """Return captions as WebVTT: a sentence for each scene of the film, shown a little shorter than the scene."""
    return captions.write(
        [
            captions.Cue(start=number * SCENE + 300, end=(number + 1) * SCENE - 200, text=line)
            for number, line in enumerate(lines)
        ]
    )


def drawn(scene: str) -> bytes:
    """Return an illustration as a picture."""
    return typesetting.picture(TEMPLATE, {"drawing": for_print(scene)}, ppi=PPI)


def picture(title: str, data: bytes, name: str) -> Picture:
    made = Picture(title=title, file=ImageFile(ContentFile(data), name=name), credit=CREDIT, licence=LICENCE)
    made.save()
    return made


SIGNATORY, OFFICE = "Ida Example (invented)", "Waymark"


def load_partners(logos: dict[str, Picture]) -> dict[str, Partner]:
    """Create the partners with their logos.

    Returns them by key.
    """
    return {row["key"]: partner(row, logos[row["key"]]) for row in content.facts("partners")["partners"]}


def partner(row: dict[str, Any], logo: Picture) -> Partner:
    names = row["name"]
    made = Partner(
        name=names[content.SOURCE],
        kind=row["kind"],
        country=row["country"],
        language=row["language"],
        website=f"https://example.org/{row['key']}",
        logo=logo,
        is_public=True,
        contact_name="Robin Example",
        contact_email=f"{row['key']}@example.org",
    )
    made.texts = [
        PartnerText(
            language=language,
            name="" if language == content.SOURCE else names[language],
            about=row["about"][language],
        )
        for language in content.LANGUAGES
    ]
    made.save()
    return made


def load_activities(built: Built) -> None:
    """Create activities of the partners, and the reports of two of them; one report waits for an editor."""
    today = timezone.localdate()
    for row in content.facts("partners")["activities"]:
        starts = today + dt.timedelta(days=row["from"])
        activity = Activity(
            partner=built.partners[row["partner"]],
            campaign_key=built.pages[row["campaign"]].translation_key,
            starts=starts,
            ends=starts + dt.timedelta(days=row["days"] - 1) if row["days"] > 1 else None,
            country=row["country"],
            place=row["place"],
            is_public=row.get("is_public", True),
        )
        activity.texts = [
            ActivityText(language=language, title=row["title"][language], description=row["description"][language])
            for language in content.LANGUAGES
        ]
        activity.save()
    for row in content.facts("partners")["used"]:
        UsageReport.objects.create(
            partner=built.partners[row["partner"]],
            campaign_key=built.pages[row["campaign"]].translation_key,
            used_on=today + dt.timedelta(days=row["from"]),
            **{name: row[name] for name in ("state", "country", "copies", "people", "language", "text")},
        )
    for field, value in {"signatory": SIGNATORY, "signatory_office": OFFICE}.items():
        SettingProposal(setting=f"campaigns.CampaignSettings.{field}", value=value).approve(by=None)


LOGO = Path(__file__).parent / "typst" / "logo.typ"
LOGO_PPI = 220
# The two lines of each logo, in English everywhere, as logos are.
LINES = {
    "lantern": ("Lantern", "Counselling Exampletown"),
    "institute": ("Example Institute", "for Prevention"),
    "ministry": ("Fictional Ministry", "of Family Affairs"),
    "parents": ("Invented Councils", "of Parents"),
    "library": ("Public Library", "Exampletown"),
    "family": ("Riverbank", "Family Centre"),
    "sports": ("Fictional", "Sports Clubs"),
    "nursing": ("Example College", "of Nursing"),
    "teachers": ("Imaginary Union", "of Teachers"),
}


def draw(name: str) -> bytes:
    """Return a logo as PNG on white, three times as large as it is shown."""
    first, second = LINES[name]
    return typesetting.picture(LOGO, {"emblem": name, "first": first, "second": second}, ppi=LOGO_PPI)


def load_logos() -> dict[str, Picture]:
    """Create the logos.

    Returns them by name.
    """
    return {name: picture(" ".join(lines), draw(name), f"{name}.png") for name, lines in LINES.items()}


# The launch is at ten in the morning, this many days after the demonstration was loaded.
DAYS, HOUR = 12, dt.time(10)
NOT_READY = "ar"
LAUNCH_CONTACT = ("Example Institute", "press@example.org", "de")


def load_launch(built: Built) -> None:
    """Create a campaign that goes public in some days, schedule it, and leave one language unfinished."""
    said = content.facts("launch")
    day = timezone.localdate() + dt.timedelta(days=DAYS)
    page = CampaignPage(
        slug=said["slug"],
        locale=Locale.objects.get(language_code=content.SOURCE),
        live=False,
        embargo=timezone.make_aware(dt.datetime.combine(day, HOUR)),
        period_start=day,
        period_end=day + dt.timedelta(days=6),
        picture=built.pictures["notice-ask-help"],
    )
    write_launch(page, said[content.SOURCE])
    above = built.pages["campaigns"]
    above.refresh_from_db()
    page = above.add_child(instance=page)
    publish(page.save_revision())
    for code in content.LANGUAGES[1:]:
        page.refresh_from_db()
        translated = copy.copy(page.get_latest_revision_as_object())
        write_launch(translated, said[code])
        translate(page, translated, Locale.objects.get(language_code=code))
    leave_unfinished(page)
    name, email, language = LAUNCH_CONTACT
    LaunchContact.objects.create(campaign_key=page.translation_key, name=name, email=email, language=language)
    services.preflight(page.translation_key)


def write_launch(page: CampaignPage, words: dict[str, Any]) -> None:
    for name in ("title", "search_description", "introduction", "audience"):
        setattr(page, name, words[name])
    page.key_messages = content.blocks("message", words["key_messages"], "launch", "message")
    page.body = [
        {"type": "heading", "value": words["heading"], "id": content.stable_id("launch", "heading")},
        {"type": "text", "value": words["text"], "id": content.stable_id("launch", "text")},
    ]


def leave_unfinished(page: CampaignPage) -> None:
    """Remove the last text of one language's translation, and the schedule of that page.

    Incomplete pages are not published.
    """
    locale = Locale.objects.get(language_code=NOT_READY)
    unfinished = page.get_translation(locale)
    texts = StringTranslation.objects.filter(context__object_id=page.translation_key, locale=locale)
    texts.filter(context__path__startswith="body").order_by("-pk")[:1].get().delete()
    Revision.objects.filter(object_id=str(unfinished.pk), approved_go_live_at__isnull=False).update(
        approved_go_live_at=None
    )
    CampaignPage.objects.filter(pk=unfinished.pk).update(go_live_at=None)
