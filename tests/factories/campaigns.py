"""Campaigns, news and materials: minimal by default, traits for situations."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import factory
from django.core.files.base import ContentFile
from django.utils import timezone
from wagtail.models import Locale

from campaigns.materials.models import Readership
from campaigns.models import (
    Activity,
    ActivityText,
    CampaignIndexPage,
    CampaignPage,
    CampaignResult,
    Design,
    DesignCountry,
    DesignText,
    LaunchContact,
    Material,
    MaterialFile,
    MaterialIndexPage,
    MaterialText,
    NewsIndexPage,
    NewsPage,
    Partner,
    PartnerText,
    Term,
    Theme,
    ToolkitPage,
    UsageReport,
)
from core.models import Picture, UploadedDocument
from tests.factories.core import PageFactory
from tests.support import files


def chosen(*partners: Partner) -> list[dict[str, Any]]:
    """Return the stream value of the partners that an editor chose for a campaign."""
    return [{"type": "partner", "value": partner.pk} for partner in partners]


class CampaignIndexPageFactory(PageFactory):
    class Meta:
        model = CampaignIndexPage

    title = "Campaigns"
    slug = "campaigns"


class CampaignPageFactory(PageFactory):
    """A live campaign with an introduction and nothing else.

    Trait: `full` (all optional content).
    """

    class Meta:
        model = CampaignPage

    class Params:
        full = factory.Trait(
            audience="Parents and carers",
            period_start="2026-10-01",
            period_end="2026-12-31",
            content_note="This page speaks about harm.",
            key_messages=[{"type": "message", "value": "You can choose your actions."}],
            partners=factory.LazyFunction(
                lambda: chosen(PartnerFactory(name="Lantern", website="https://lantern.example/"))
            ),
            terms="<p>Name the source.</p>",
            picture=factory.SubFactory("tests.factories.campaigns.PictureFactory"),
            picture_alt="A path in the open country.",
            body=[{"type": "heading", "value": "Why this campaign"}],
        )

    title = factory.Sequence(lambda n: f"Campaign {n}")
    slug = factory.Sequence(lambda n: f"campaign-{n}")
    introduction = "Two sentences. They say what it is about."


class NewsIndexPageFactory(PageFactory):
    class Meta:
        model = NewsIndexPage

    title = "News"
    slug = "news"


class NewsPageFactory(PageFactory):
    class Meta:
        model = NewsPage

    title = factory.Sequence(lambda n: f"News {n}")
    slug = factory.Sequence(lambda n: f"news-{n}")
    introduction = "Something is new."


class MaterialIndexPageFactory(PageFactory):
    class Meta:
        model = MaterialIndexPage

    title = "Materials"
    slug = "materials"


class ToolkitPageFactory(PageFactory):
    """A toolkit for nurses."""

    class Meta:
        model = ToolkitPage

    title = factory.Sequence(lambda n: f"Toolkit {n}")
    slug = factory.Sequence(lambda n: f"toolkit-{n}")
    introduction = "Two sentences. They say how to use it."
    audience = Readership.HEALTH


class ThemeFactory(factory.django.DjangoModelFactory[Theme]):
    class Meta:
        model = Theme

    name = factory.Sequence(lambda n: f"Theme {n}")
    locale = factory.LazyFunction(Locale.get_default)


class TermFactory(factory.django.DjangoModelFactory[Term]):
    """A word to avoid in English."""

    class Meta:
        model = Term

    language = "en"
    level = Term.Level.AVOID
    word = factory.Sequence(lambda n: f"avoided{n}")
    forms = factory.SelfAttribute("word")
    concept = "something"


class FileFactory(factory.django.DjangoModelFactory[UploadedDocument]):
    class Meta:
        model = UploadedDocument

    title = factory.Sequence(lambda n: f"File {n}")
    file = factory.Sequence(lambda n: ContentFile(files.PDF, name=f"file-{n}.pdf"))


class PictureFactory(factory.django.DjangoModelFactory[Picture]):
    class Meta:
        model = Picture

    title = factory.Sequence(lambda n: f"Picture {n}")
    file = factory.Sequence(lambda n: ContentFile(files.picture("PNG", size=(64, 48)), name=f"picture-{n}.png"))


class MaterialFactory(factory.django.DjangoModelFactory[Material]):
    """A published poster.

    `campaign` attaches it to one, `languages` gives it a text and a PDF in each of them.
    """

    class Meta:
        model = Material

    name = factory.Sequence(lambda n: f"Poster {n}")
    kind = Material.Kind.POSTER

    @classmethod
    def _create(
        cls,
        model_class: type[Material],
        *args: Any,
        campaign: CampaignPage | None = None,
        languages: tuple[str, ...] = ("en",),
        **kwargs: Any,
    ) -> Material:
        if campaign is not None:
            kwargs["campaign_key"] = campaign.translation_key
        material = model_class(*args, **kwargs)
        material.texts = [MaterialText(language=code, title=f"{material.name} ({code})") for code in languages]
        material.files = [
            MaterialFile(language=code, document=FileFactory(), alt_text=f"What it shows ({code})")
            for code in languages
        ]
        material.save()
        return material


class PartnerFactory(factory.django.DjangoModelFactory[Partner]):
    """A public charity in Germany, with words in each of `languages` and without a logo."""

    class Meta:
        model = Partner

    name = factory.Sequence(lambda n: f"Partner {n}")
    kind = Partner.Kind.CHARITY
    country = "de"
    is_public = True

    @classmethod
    def _create(
        cls, model_class: type[Partner], *args: Any, languages: tuple[str, ...] = ("en",), **kwargs: Any
    ) -> Partner:
        partner = model_class(*args, **kwargs)
        partner.texts = [PartnerText(language=code, about=f"About {partner.name} ({code}).") for code in languages]
        partner.save()
        return partner


class ActivityFactory(factory.django.DjangoModelFactory[Activity]):
    """An activity of one future day in Germany, with words in each of `languages`.

    `campaign` attaches it to one.
    """

    class Meta:
        model = Activity

    partner = factory.SubFactory(PartnerFactory)
    starts = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=7))
    country = "de"
    place = "Exampletown"

    @classmethod
    def _create(
        cls,
        model_class: type[Activity],
        *args: Any,
        campaign: CampaignPage | None = None,
        title: str = "Evening talk",
        languages: tuple[str, ...] = ("en",),
        **kwargs: Any,
    ) -> Activity:
        if campaign is not None:
            kwargs["campaign_key"] = campaign.translation_key
        activity = model_class(*args, **kwargs)
        activity.texts = [
            ActivityText(language=code, title=title if code == "en" else f"{title} ({code})") for code in languages
        ]
        activity.save()
        return activity


class UsageReportFactory(factory.django.DjangoModelFactory[UsageReport]):
    """An unread report."""

    class Meta:
        model = UsageReport

    partner = factory.SubFactory(PartnerFactory)
    campaign_key = factory.LazyFunction(uuid4)
    country = "de"
    used_on = factory.LazyFunction(timezone.localdate)
    text = "We put up the posters in the library."
    language = "en"


# Headline, text and call of a design.
DESIGN_WORDS = {
    "en": ("You can tell me", "Four words that every child should know.\nListen. Believe. Get help.",
        "Find words and support"),
    "de": ("Mir kannst du alles sagen", "Fünf Wörter, die jedes Kind kennen sollte.\nZuhören. Glauben. Hilfe holen.",
        "Worte und Unterstützung finden"),
    "fr": ("Tu peux tout me dire",
        "Cinq mots que chaque enfant devrait connaître.\nÉcouter. Croire. Demander de l’aide.",  # noqa: RUF001
        "Trouver les mots et de l’aide"),  # noqa: RUF001
    "ar": ("يمكنك أن تخبرني", "ثلاث كلمات ينبغي أن يعرفها كل طفل.\nإصغاء. تصديق. طلب المساعدة.", "كلمات ودعم"),  # noqa: RUF001
}  # fmt: skip


class CampaignResultFactory(factory.django.DjangoModelFactory[CampaignResult]):
    """Printed and displayed copies of a campaign in Luxembourg.

    The results refer to the key of the campaign given.
    """

    class Meta:
        model = CampaignResult

    class Params:
        campaign = None

    campaign_key = factory.LazyAttribute(lambda result: result.campaign.translation_key)
    language = "de"
    country = "lu"
    first_day = "2026-09-01"
    last_day = "2026-09-30"
    channel = "print"
    source = "The printer's invoice"
    method = "Sheets that were delivered."
    put_up = 200


class DesignFactory(factory.django.DjangoModelFactory[Design]):
    """A design with short words in each of `languages`, for one format.

    `numbers` maps countries to programmes.
    """

    class Meta:
        model = Design

    scene = "kitchen-table"
    hue = "clay"
    formats = ("poster-a4",)

    @classmethod
    def _create(
        cls,
        model_class: type[Design],
        *args: Any,
        languages: tuple[str, ...] = ("en",),
        numbers: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Design:
        kwargs.setdefault("material", None)
        material = kwargs.pop("material") or MaterialFactory(languages=())
        design = model_class(*args, material=material, **{**kwargs, "formats": [*kwargs["formats"]]})
        design.texts = [
            DesignText(language=code, headline=headline, text=text, call=call, alt_text="A kitchen table.")
            for code in languages
            for headline, text, call in [DESIGN_WORDS[code]]
        ]
        design.countries = [
            DesignCountry(country=country, programme=programme) for country, programme in (numbers or {}).items()
        ]
        design.save()
        return design


class LaunchContactFactory(factory.django.DjangoModelFactory[LaunchContact]):
    """A partner who gets a letter in German about `campaign`."""

    class Meta:
        model = LaunchContact
        exclude = ("campaign",)

    campaign: Any = None
    campaign_key = factory.SelfAttribute("campaign.translation_key")
    name = "Lantern"
    email = factory.Sequence(lambda n: f"press-{n}@lantern.example")
    language = "de"
