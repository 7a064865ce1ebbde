"""A translator at work: fifty texts by keyboard alone, and what every text costs besides its own letters."""

import time
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Page
from wagtail_localize.models import StringTranslation, Translation, TranslationSource

from core.models import KeptText
from tests.factories.helpline import FinderPageFactory, GuidePageFactory
from tests.factories.users import UserFactory
from tests.journeys.conftest import open_admin
from tests.support.browser import Opener, axe
from tests.support.cached_fixtures import cached_fixture
from tests.support.server import SiteServer
from tests.translating.conftest import translated
from translating import states
from users import roles

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEXTS = 50
# A sentence that another page has, too, and the number of the text that is marked as doubtful.
KNOWN = "Talk to a person you trust."
DOUBTFUL = 30


@pytest.fixture
@cached_fixture
def work(home: Any, languages: Any) -> Any:
    """A guide of fifty texts, sent to the German translators, and another that is translated."""
    with transaction.atomic():
        finder = FinderPageFactory(parent=home)
        known = GuidePageFactory(parent=finder, title="Known", slug="known", body=[("text", f"<p>{KNOWN}</p>")])
        for page in (home, finder, known):
            translated(page, languages["de"])
        body = "".join(f"<p>{KNOWN if number == 3 else f'Step {number}: breathe.'}</p>" for number in range(1, TEXTS))
        guide = GuidePageFactory(parent=finder, title="Fifty texts", slug="fifty", body=[("text", body)])
        source, _made = TranslationSource.update_or_create_from_instance(guide)
        translation = Translation.objects.create(source=source, target_locale=languages["de"])
        translation.save_target(publish=False)
        roles.sync()
        UserFactory(email="greta@example.org", roles=["Translator: German"], with_password=True)
        list(states.rebuild())
    return translation


class Keyboard:
    """A keyboard that counts what is pressed besides the text."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = 0

    def press(self, keys: str) -> None:
        self.pressed += 1
        self.page.keyboard.press(keys)

    def type(self, words: str) -> None:
        self.page.keyboard.insert_text(words)


class TestKeyboard:
    def test_translates_fifty_texts_with_little_more_than_a_key_for_each(
        self, work: Any, site_server: SiteServer, open_page: Opener
    ) -> None:
        page = open_admin(open_page, site_server, "greta@example.org")
        page.goto(f"{site_server.private_url}/admin/translations/translate/de/?kind=pages")
        assert axe(page) == []
        keyboard = Keyboard(page)
        number_of_texts = work.source.stringsegment_set.count()
        started = time.monotonic()
        for number in range(number_of_texts):
            source = page.locator("[data-text]:focus-within [data-source]").inner_text()
            if source == KNOWN:
                keyboard.press("Control+m")
            elif number == 0:
                keyboard.press("Control+o")
            else:
                keyboard.type(f"Deutsch {number}")
            if number == DOUBTFUL:
                keyboard.press("Control+y")
            keyboard.press("Control+Enter")
            page.wait_for_function(
                "source => document.activeElement.closest('[data-text]')?.querySelector('[data-source]').textContent"
                " !== source",
                arg=source,
            )
        page.get_by_text("Nothing matches this filter.").wait_for()
        seconds = time.monotonic() - started

        left = work.source.stringsegment_set.annotate_translation(work.target_locale).filter(translation=None)
        assert not left.exists()
        assert StringTranslation.objects.filter(data=f"{KNOWN} (de)").count() == 2
        assert KeptText.objects.filter(is_doubtful=True).count() == 1
        # One key for each text, and one more each to copy, to accept and to doubt.
        assert keyboard.pressed == number_of_texts + 3
        assert seconds < number_of_texts
