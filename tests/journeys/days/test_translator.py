"""A translator's day: fifty texts by keyboard alone, a changed source, a file of a translation program."""

import re
import time
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Page, Route, expect
from wagtail_localize.models import StringTranslation, Translation, TranslationSource

from core.models import KeptText
from tests.factories.helpline import FinderPageFactory, GuidePageFactory
from tests.factories.users import UserFactory
from tests.journeys.days.conftest import Day
from tests.support.browser import axe
from tests.support.cached_fixtures import cached_fixture
from tests.support.server import SiteServer
from tests.translating.conftest import change, translated
from translating import states
from users import roles

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEXTS = 50
# A sentence that another page has, too, and the number of the text that is marked as doubtful.
KNOWN = "Talk to a person you trust."
DOUBTFUL = 30
CHANGED = "Talk to a person you trust, or to us."


@pytest.fixture
def site(working_site: SiteServer) -> SiteServer:
    return working_site


@pytest.fixture
@cached_fixture
def work(home: Any, languages: Any) -> Any:
    """A guide of fifty texts, sent to the German translators, and another whose source has changed."""
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
        change(known, f"<p>{CHANGED}</p>")
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


class TestTranslator:
    def test_day(self, day: Day, work: Any) -> None:
        page = day.sign_in("greta@example.org")
        self.confirm_changed_source(page)
        file = self.download(day, page)
        self.translate_fifty(day, page, work)
        self.upload(day, page, file)

    def confirm_changed_source(self, page: Page) -> None:
        """Open what has changed from the start page: the difference is shown, and the old words are in the field.

        She types before the script of the page has come, which the line holds back.
        """
        held: list[Route] = []
        page.route("**/translate*.js", lambda route: held.append(route))
        page.get_by_role("link", name=re.compile("Changed in the source")).click(no_wait_after=True)
        text = page.locator("[data-text]")
        expect(text.locator(".comparison")).to_contain_text("or to us")
        expect(text.locator("textarea")).to_have_value(f"{KNOWN} (de)")
        text.locator("textarea").fill("Sprechen Sie mit einem Menschen oder mit uns.")
        held.pop().continue_()
        page.unroute_all()
        page.wait_for_load_state()
        text.locator("textarea").blur()
        expect(text.get_by_role("status")).to_have_text("Saved")
        page.get_by_role("link", name="Show what is left").click()
        page.get_by_text("Nothing matches this filter.").wait_for()

    def download(self, day: Day, page: Page) -> bytes:
        """Take the guide away as a file, while nothing of it is translated."""
        page.goto(day.admin("translations/"))
        page.locator("tr", has_text="Fifty texts").locator("[name=cell]").check()
        with page.expect_download() as downloading:
            page.get_by_role("button", name="Download PO").click()
        return downloading.value.path().read_bytes()

    def translate_fifty(self, day: Day, page: Page, work: Any) -> None:
        page.goto(day.admin("translations/translate/de/?kind=pages&state=in_work"))
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

    def upload(self, day: Day, page: Page, file: bytes) -> None:
        """Bring the file back: cut off in the middle, then with a text that is older than the one in the admin."""
        page.goto(day.admin("translations/"))
        page.get_by_role("link", name="Upload translations").click()
        self.choose(page, file[: len(file) // 2] + b"\xff")
        expect(page.get_by_text("The file is damaged, or is not a PO file in UTF-8.")).to_be_visible()
        page.get_by_role("link", name="Choose another file").click()
        older = file.replace(b'msgid "Step 7: breathe."\nmsgstr ""', b'msgid "Step 7: breathe."\nmsgstr "Atmen."')
        assert older != file
        self.choose(page, older)
        expect(page.locator(".exchange-units")).to_contain_text("It was changed in the admin after the file was made.")
        assert axe(page) == []

    def choose(self, page: Page, file: bytes) -> None:
        page.get_by_label("File").set_input_files({"name": "fifty.po", "mimeType": "text/x-po", "buffer": file})
        page.get_by_role("button", name="Upload", exact=True).click()
