import pytest
from wagtail.models import Locale, Page
from wagtail_localize.models import StringTranslation, Translation
from wagtail_localize.operations import translate_object

from campaigns.models import Term
from tests.factories.campaigns import CampaignPageFactory
from tests.support.cached_fixtures import cached_fixture

BAD, GOOD = "child pornography", "child sexual abuse material"


@pytest.fixture
@cached_fixture
def terms(home):
    """A word to avoid in English and in German, and one to use with caution."""
    return [
        Term.objects.create(
            language=language, level=level, word=forms[0], forms="\n".join(forms), instead=instead,
            why="It is abuse.", concept="material",
        )
        for language, level, forms, instead in (
            ("en", "avoid", [BAD, "child porn*"], f"{GOOD}\nimages of abuse"),
            ("de", "avoid", ["Kinderpornografie"], "Missbrauchsdarstellungen"),
            ("en", "caution", ["predator*"], ""),
        )
    ]  # fmt: skip


@pytest.fixture
@cached_fixture
def story(campaigns, terms):
    """A public campaign without words to avoid."""
    page = CampaignPageFactory(parent=campaigns, slug="path", title="Path", full=True)
    page.save_revision().publish()
    page.refresh_from_db()
    return page


def newest(page: Page) -> Page:
    return Page.objects.get(pk=page.pk).specific


def translate(page: Page, locale: Locale, introduction: str) -> Translation:
    """Translate a page: its introduction by this text, everything else by one word."""
    translate_object(page, [locale])
    translation = Translation.objects.get(source__object_id=page.translation_key)
    for segment in translation.source.stringsegment_set.all():
        said = introduction if segment.context.path == "introduction" else "Text"
        StringTranslation.objects.create(
            translation_of=segment.string, locale=locale, context=segment.context, data=said
        )
    return translation
