"""An editor's day: a campaign from draft to kit.

Written once, translated by three people, drawn, launched in four languages together, handed over.
"""

import io
import re
import time
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from campaigns.models import CampaignPage
from campaigns.roles import CAMPAIGN_EDITOR
from tests.campaigns.terms.conftest import BAD, GOOD, terms  # noqa: F401  (a fixture)
from tests.factories.campaigns import DESIGN_WORDS, CampaignIndexPageFactory
from tests.factories.users import UserFactory
from tests.journeys.days.conftest import Day
from tests.support.cached_fixtures import cached_fixture
from tests.support.languages import in_language
from tests.support.publishing import move_launches
from tests.support.server import SiteServer
from users import roles

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# Of the home page and the list of campaigns.
AROUND = {"de": ("Start", "Kampagnen"), "fr": ("Accueil", "Campagnes"), "ar": ("الرئيسية", "الحملات")}
TRANSLATORS = {"de": "Translator: German", "fr": "Translator: French", "ar": "Translator: Arabic"}
# Title and introduction of the page, in the order in which the admin asks for them.
WORDS = {
    "en": ("You can tell me", f"Whoever has seen {GOOD} can tell somebody."),
    "de": ("Mir kannst du alles sagen", "Wer Missbrauchsdarstellungen gesehen hat, kann es jemandem sagen."),
    "fr": ("Tu peux tout me dire", "Qui a vu de telles images peut en parler."),
    "ar": ("يمكنك أن تخبرني", "من رأى مواد كهذه يمكنه أن يتحدث عنها."),
}
MATERIAL = {"en": "Our poster", "de": "Unser Plakat", "fr": "Notre affiche", "ar": "ملصقنا"}
FORMATS = ("Poster A4 (PDF)", "Card 1:1 (PNG)")
# The code of a output, in the name of its file.
CODE_OF = re.compile(r"-[a-z0-9]{4}-[a-z0-9]{4}(?=\.)")
PATHS = {code: f"/{code}/campaigns/you-can-tell-me/" for code in WORDS}
# The scheduler looks every five seconds, and at embargoes every fifteen.
MINUTE = timedelta(seconds=60)


@pytest.fixture
@cached_fixture
def campaigns(home, languages, terms):  # noqa: F811
    """The list of campaigns in four languages, an editor, and a translator for each of the others."""
    with transaction.atomic():
        page = CampaignIndexPageFactory(parent=home, show_in_menus=True)
        for code, (start, title) in AROUND.items():
            in_language(home, languages[code], title=start)
            in_language(page, languages[code], title=title)
        roles.sync()
        for name, role in {"editor": CAMPAIGN_EDITOR, **TRANSLATORS}.items():
            UserFactory(email=f"{name}@example.org", roles=[role], with_password=True)
    return page


@pytest.fixture
def site(working_site: SiteServer, campaigns):
    """The site with its scheduler running, which launches due campaigns.

    The scheduler syncs roles too, so they are made before it starts.
    """
    working_site.start_scheduler()
    yield working_site
    working_site.stop("scheduler")


def hold_until(page: Page, minute: str) -> None:
    """Enter the embargo, and close the calendar, which opens a moment after its field is entered."""
    field = page.get_by_role("textbox", name="Not public before")
    field.fill(minute)
    calendar = page.locator(".xdsoft_datetimepicker:visible")
    calendar.wait_for()
    field.press("Tab")
    expect(calendar).to_have_count(0)


def publish(page: Page, button: str = "Publish") -> None:
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("button", name=button, exact=True).click()
    page.wait_for_url(re.compile(r"/(pages/\d+|material)/$"))


class TestEditor:
    def write(self, editor: Page, campaigns: Any) -> None:
        """Write it in English, with a term to avoid, and replace that with one click."""
        title, introduction = WORDS["en"]
        editor.goto(f"{editor.url.partition('/admin/')[0]}/admin/pages/add/campaigns/campaignpage/{campaigns.pk}/")
        editor.get_by_role("textbox", name="Title*").first.fill(title)
        editor.get_by_role("textbox", name="Introduction*").fill(introduction.replace(GOOD, BAD))
        hold_until(editor, "2099-01-01 10:00")
        editor.get_by_role("button", name="Save draft").click()
        editor.locator(".messages a", has_text="Words").click()
        expect(editor.locator("mark")).to_have_text(BAD)
        editor.get_by_role("button", name="Replace", exact=True).click()
        expect(editor.get_by_text("No word stands in the way of publication.")).to_be_visible()

    def make_poster(self, editor: Page, key: Any) -> None:
        """Add a material and its design, in English."""
        private = editor.url.partition("/admin/")[0]
        editor.goto(f"{private}/admin/snippets/campaigns/material/add/?campaign_key={key}")
        editor.get_by_role("textbox", name="Internal name*").fill(MATERIAL["en"])
        editor.get_by_label("Kind*").select_option("Poster")
        editor.get_by_role("checkbox", name="Teachers and educators").check()
        editor.get_by_role("tab", name="Text").click()
        editor.locator("#id_texts-0-language").select_option("en")
        editor.locator("#id_texts-0-title").fill(MATERIAL["en"])
        publish(editor)
        editor.goto(f"{private}/admin/snippets/campaigns/design/add/")
        editor.get_by_role("button", name="Choose material").click()
        editor.get_by_role("link", name=MATERIAL["en"]).first.click()
        for name in FORMATS:
            editor.get_by_role("checkbox", name=name).check()
        editor.locator("[name=scene][value=kitchen-table]").check(force=True)
        editor.get_by_role("tab", name="Words").click()
        editor.locator("#id_texts-0-language").select_option("en")
        for field, said in zip(("headline", "text", "call"), DESIGN_WORDS["en"], strict=True):
            editor.locator(f"#id_texts-0-{field}").fill(said)
        editor.get_by_role("button", name="Save", exact=True).click()
        editor.get_by_text("created").first.wait_for()

    def send(self, editor: Page) -> None:
        """Send it to all translators, from the table."""
        editor.get_by_role("link", name="Translations").first.click()
        editor.get_by_role("checkbox", name=f"All of “{WORDS['en'][0]}”").check()
        editor.get_by_role("button", name="Send to translators").click()
        expect(editor.get_by_text("3 are done.")).to_be_visible()

    def translate(self, translator: Page, code: str) -> None:
        """Translate the page, and the words of the material and of its design, from the table."""
        translator.get_by_role("link", name="Translations", exact=True).first.click()
        translator.locator("tr", has_text="Campaign page").locator("a.translation-do").click()
        fields = translator.locator("[data-text] textarea")
        expect(fields).to_have_count(len(WORDS[code]))
        # Until the script has shown the keys, each text is a form of its own, whose button sends no other text.
        expect(translator.locator("[data-key]").first).to_be_visible()
        for number, text in enumerate(WORDS[code]):
            fields.nth(number).fill(text)
        # The first text is saved before she presses the button beside the last one, as it is for a person.
        expect(translator.locator("[data-text] [role=status]").first).to_have_text("Saved")
        translator.get_by_role("button", name="Save and publish").click()
        expect(translator.locator(".messages .success")).to_be_visible()
        translator.get_by_role("link", name="Words to translate").click()
        translator.get_by_role("link", name=MATERIAL["en"]).first.click()
        translator.locator("[name=title]").fill(MATERIAL[code])
        translator.get_by_role("button", name="Save", exact=True).click()
        translator.get_by_text("Saved.").wait_for()
        translator.get_by_role("link", name=MATERIAL["en"]).last.click()
        for field, said in zip(("headline", "text", "call"), DESIGN_WORDS[code], strict=True):
            translator.locator(f"[name={field}]").fill(said)
        translator.get_by_role("button", name="Save", exact=True).click()
        translator.get_by_text("Saved.").wait_for()

    def draw(self, editor: Page) -> None:
        editor.goto(f"{editor.url.partition('/admin/')[0]}/admin/snippets/campaigns/design/")
        editor.get_by_role("link", name=MATERIAL["en"]).click()
        editor.get_by_role("button", name="Draw what has changed").click()
        editor.get_by_role("button", name="Draw what has changed").wait_for()
        expect(editor.get_by_role("link", name="Download")).to_have_count(len(FORMATS) * len(WORDS))

    def launch(self, editor: Page, page: CampaignPage) -> Any:
        """Set the go-live minute and publish.

        Return that time once it is seconds away, to shorten the wait.
        """
        editor.goto(f"{editor.url.partition('/admin/')[0]}/admin/pages/{page.pk}/edit/")
        hold_until(editor, f"{timezone.localtime() + timedelta(hours=1):%Y-%m-%d %H:%M}")
        publish(editor, "Schedule to publish")
        hour = timezone.now() + timedelta(seconds=8)
        move_launches(hour)
        return hour

    def test_day(self, day: Day, campaigns: Any) -> None:
        site = day.site
        editor = day.sign_in("editor@example.org")
        self.write(editor, campaigns)
        page = CampaignPage.objects.get(slug="you-can-tell-me")
        self.make_poster(editor, page.translation_key)
        self.send(editor)
        for code in TRANSLATORS:
            self.translate(day.sign_in(f"{code}@example.org"), code)
        self.draw(editor)

        hour = self.launch(editor, page)
        assert {site.get(path).status for path in PATHS.values()} == {404}
        waiting, seen = dict(PATHS), {}
        while waiting:
            assert timezone.now() < hour + 2 * MINUTE, site.output()
            for code, path in list(waiting.items()):
                if site.get(path).status == 200:
                    seen[code] = timezone.now()
                    del waiting[code]
            time.sleep(0.2)

        assert all(hour <= at < hour + MINUTE for at in seen.values())
        site.wait_until_idle()  # a page is rendered a moment before its kit
        for code in WORDS:
            self.download(day.open(site.public_url + PATHS[code], width=360, scripts=False), code)

    def download(self, partner: Page, code: str) -> None:
        """Download the kit of a language, with its public files and none of another language."""
        title, introduction = WORDS[code]
        expect(partner.get_by_role("heading", level=1)).to_have_text(title)
        expect(partner.get_by_text(introduction)).to_be_visible()
        with partner.expect_download() as downloading:
            partner.locator("a[type='application/zip']").first.click()

        names = zipfile.ZipFile(io.BytesIO(downloading.value.path().read_bytes())).namelist()
        files = sorted(CODE_OF.sub("", name.rpartition("/")[2]) for name in names)
        assert len([name for name in files if name.endswith(".html")]) == 1  # in the language of the kit
        assert [name for name in files if not name.endswith(".html")] == [
            f"our-poster-card-square-{code}.png",
            f"our-poster-poster-a4-{code}.pdf",
        ]
