from typing import Any

import pytest
from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationSource

from tests.factories.campaigns import CampaignIndexPageFactory, CampaignPageFactory
from tests.factories.helpline import FinderPageFactory, GuidePageFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.publishing import publish_page
from translating import states
from translating.models import Cell
from users import roles

FIRST = "<p>Breathe in, then breathe out.</p><p>Call somebody you trust.</p>"


def change(guide: Any, words: str) -> None:
    """Publish a guide with another text in the same block."""
    guide.body = [{"type": "text", "id": guide.body[0].id, "value": words}]
    publish_page(guide)


def cell(page: Any, code: str) -> Cell:
    states.write_noted()
    return Cell.objects.get(subject__key=str(page.translation_key), locale__language_code=code)


def translated(page: Any, locale: Any, *, publish: bool = True) -> Translation:
    """Enter a translation of every text of a page, and publish it."""
    source, _made = TranslationSource.update_or_create_from_instance(page)
    translation, _made = Translation.objects.get_or_create(source=source, target_locale=locale)
    enter(translation)
    translation.save_target(publish=False)
    if publish:
        publish_page(page.get_translation(locale))
    return translation


def enter(translation: Translation, **fields: Any) -> None:
    """Enter a translation of what has none."""
    locale = translation.target_locale
    for segment in StringSegment.objects.filter(source=translation.source).select_related("string"):
        StringTranslation.objects.get_or_create(
            translation_of=segment.string,
            locale=locale,
            context=segment.context,
            defaults={"data": f"{segment.string.data} ({locale.language_code})", **fields},
        )


@pytest.fixture
@cached_fixture
def site(home, languages) -> Any:
    """A guide and a campaign, public in English and German, and nothing in French and Arabic."""
    finder = FinderPageFactory(parent=home)
    guide = GuidePageFactory(parent=finder, slug="first-steps", title="First steps", body=[("text", FIRST)])
    campaigns = CampaignIndexPageFactory(parent=home)
    campaign = CampaignPageFactory(parent=campaigns, title="Speak up", slug="speak-up")
    for page in (home, finder, guide, campaigns, campaign):
        translated(page, languages["de"])
    roles.sync()
    states.write_noted()
    return {"home": home, "guide": guide, "campaigns": campaigns, "campaign": campaign}
