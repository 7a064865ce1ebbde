"""Rendering a page costs few queries, independent of the number of things on it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from wagtail.models import Page, get_page_models

from campaigns.materials.models import Readership
from campaigns.models import NewsPage
from core import memo
from core.models import BasePage, SiteSettings
from helpline.models import CheckPage
from home.models import HomePage
from network.models import GroupPage
from prerender import addresses
from prerender.rendering import batches
from prerender.rendering.renderer import PageRenderer
from tests.factories.campaigns import (
    CampaignIndexPageFactory,
    CampaignPageFactory,
    FileFactory,
    MaterialFactory,
    MaterialIndexPageFactory,
    NewsIndexPageFactory,
    NewsPageFactory,
    PartnerFactory,
    PictureFactory,
    ThemeFactory,
    ToolkitPageFactory,
    chosen,
)
from tests.factories.core import StandardPageFactory
from tests.factories.helpline import (
    CheckPageFactory,
    FinderPageFactory,
    GuidePageFactory,
    ProgrammeFactory,
    SupportLineFactory,
)
from tests.factories.network import (
    WORK,
    DigestIndexPageFactory,
    DigestPageFactory,
    DirectoryPageFactory,
    EventIndexPageFactory,
    EventPageFactory,
    GroupIndexPageFactory,
    GroupPageFactory,
    MemberFactory,
    WorksheetIndexPageFactory,
    WorksheetPageFactory,
)
from tests.support.publishing import publish_page
from tests.support.queries import queries

type Fill = Callable[[int], object]

pytestmark = pytest.mark.django_db

MOST = 8
FEW, MANY = 3, 6


def cost(path: str) -> int:
    """Return the number of queries for a page in a batch that has loaded the site, its settings and its menu."""
    renderer = PageRenderer()

    def of_batch() -> int:
        with memo.batch():
            asked = [address for one in ("/en/", path) if (address := addresses.locate(one))]
            batches.prefetch(addresses.existing(asked, loaded=True).values())
            renderer.render("/en/")
            return queries(lambda: renderer.render(path))

    of_batch()  # image renditions are made once
    return of_batch()


def links(count: int) -> list[dict[str, Any]]:
    """Return paragraphs of running text, each with a link to a different page."""
    return [
        {"type": "text", "value": f'<p><a linktype="page" id="{StandardPageFactory().pk}">More</a></p>'}
        for _ in range(count)
    ]


def republish(page: Page, **values: Any) -> None:
    for name, value in values.items():
        setattr(page, name, value)
    publish_page(page)


def below(page: Page, more: Callable[..., object], **values: Any) -> Fill:
    return lambda count: [more(parent=page, **values) for _ in range(count)]


def home_page(home: HomePage) -> tuple[str, Fill]:
    campaigns, news = CampaignIndexPageFactory(), NewsIndexPageFactory()

    def fill(count: int) -> None:
        pages = [StandardPageFactory().pk for _ in range(count)]
        for _ in range(count):
            CampaignPageFactory(parent=campaigns, picture=PictureFactory(), period_end=timezone.localdate())
            NewsPageFactory(parent=news, picture=PictureFactory())
            ProgrammeFactory()
        partners = [PartnerFactory(logo=PictureFactory()).pk for _ in range(count)]
        entrance = {"icon": "spread", "title": "Mine", "text": "Yours.", "action": "See"}
        sections = {
            "highlights": {"title": "Now", "pages": pages[:6]},
            "campaigns": {"count": min(count, 6), "pages": [], "page": pages[0]},
            "news": {"count": min(count, 6), "dates": True, "page": pages[1]},
            "checked": {"page": pages[2]},
            "promises": {"items": [{"title": "No cookies"}] * min(count, 8), "page": pages[0]},
            "partners": {"items": partners, "page": pages[1]},
            "languages": {},
        }
        body = [*links(count), *({"type": name, "value": value} for name, value in sections.items())]
        home.refresh_from_db()
        entrances = [{"type": "entrance", "value": {**entrance, "page": page}} for page in pages[: min(count, 4)]]
        republish(home, entrances=entrances, picture=PictureFactory(), body=body)

    return "/en/", fill


def standard_page(home: HomePage) -> tuple[str, Fill]:
    page = StandardPageFactory(slug="about")

    def fill(count: int) -> None:
        republish(page, body=links(count))
        below(page, StandardPageFactory)(count)

    return "/en/about/", fill


def campaign_index_page(home: HomePage) -> tuple[str, Fill]:
    index = CampaignIndexPageFactory()
    return "/en/campaigns/", lambda count: [
        CampaignPageFactory(parent=index, picture=PictureFactory()) for _ in range(count)
    ]


def campaign_page(home: HomePage) -> tuple[str, Fill]:
    page = CampaignPageFactory(parent=CampaignIndexPageFactory(), slug="path", full=True)

    def fill(count: int) -> None:
        republish(page, partners=chosen(*(PartnerFactory(logo=PictureFactory()) for _ in range(count))))
        for _ in range(count):
            material = MaterialFactory(campaign=page, theme=ThemeFactory(), languages=("en", "de"))
            material.files.update(preview=PictureFactory(), document=FileFactory())

    return "/en/campaigns/path/", fill


def toolkit_page(home: HomePage) -> tuple[str, Fill]:
    campaign = CampaignPageFactory(parent=CampaignIndexPageFactory(), slug="path", full=True)
    page = ToolkitPageFactory(parent=campaign, slug="nurses")

    def fill(count: int) -> None:
        republish(page, body=links(count))
        for _ in range(count):
            audiences = [Readership.HEALTH]
            material = MaterialFactory(campaign=campaign, theme=ThemeFactory(), audiences=audiences)
            material.files.update(preview=PictureFactory(), document=FileFactory())

    return "/en/campaigns/path/nurses/", fill


def material_index_page(home: HomePage) -> tuple[str, Fill]:
    campaign = CampaignPageFactory(parent=CampaignIndexPageFactory(), full=True)
    MaterialIndexPageFactory()

    def fill(count: int) -> None:
        for _ in range(count):
            material = MaterialFactory(campaign=campaign, theme=ThemeFactory(), languages=("en", "de"))
            material.files.update(preview=PictureFactory(), document=FileFactory())

    return "/en/materials/", fill


def news_index_page(home: HomePage) -> tuple[str, Fill]:
    index = NewsIndexPageFactory()
    return "/en/news/", lambda count: [NewsPageFactory(parent=index, picture=PictureFactory()) for _ in range(count)]


def news_page(home: HomePage) -> tuple[str, Fill]:
    page = NewsPageFactory(parent=NewsIndexPageFactory(), slug="new")
    return "/en/news/new/", lambda count: republish(page, body=links(count))


def directory_page(home: HomePage) -> tuple[str, Fill]:
    page = DirectoryPageFactory()

    def fill(count: int) -> None:
        republish(page, body=links(count))
        for _ in range(count):
            MemberFactory()

    return "/en/network/", fill


def digest_index_page(home: HomePage) -> tuple[str, Fill]:
    return "/en/digests/", below(DigestIndexPageFactory(), DigestPageFactory)


def digest_page(home: HomePage) -> tuple[str, Fill]:
    page = DigestPageFactory(parent=DigestIndexPageFactory(), slug="barriers")
    works = {"type": "work", "value": dict(WORK)}
    return "/en/digests/barriers/", lambda count: republish(page, works=[works] * count)


def worksheet_index_page(home: HomePage) -> tuple[str, Fill]:
    return "/en/worksheets/", below(WorksheetIndexPageFactory(), WorksheetPageFactory)


def worksheet_page(home: HomePage) -> tuple[str, Fill]:
    page = WorksheetPageFactory(parent=WorksheetIndexPageFactory(), slug="steps")
    part = {"type": "text", "value": "Sit together."}
    return "/en/worksheets/steps/", lambda count: republish(page, body=[part] * count)


def event_index_page(home: HomePage) -> tuple[str, Fill]:
    return "/en/events/", below(EventIndexPageFactory(), EventPageFactory)


def event_page(home: HomePage) -> tuple[str, Fill]:
    page = EventPageFactory(parent=EventIndexPageFactory(), slug="school")
    session = {"begins": "10:00", "ends": None, "day": None, "title": "Welcome", "speaker": ""}
    part = {"type": "session", "value": session}
    return "/en/events/school/", lambda count: republish(page, programme=[part] * count)


def group_index_page(home: HomePage) -> tuple[str, Fill]:
    return "/en/groups/", below(GroupIndexPageFactory(), GroupPageFactory, is_announced=True)


def fill_helpline(count: int) -> None:
    for _ in range(count):
        ProgrammeFactory()
        SupportLineFactory(country="fr", number="+33140000000")


def finder_page(home: HomePage) -> tuple[str, Fill]:
    page = FinderPageFactory()
    guide = GuidePageFactory(parent=page)
    page.danger_page = page.safety_page = guide

    def fill(count: int) -> None:
        fill_helpline(count)
        republish(page, body=links(count))

    return "/en/help/", fill


def guide_page(home: HomePage) -> tuple[str, Fill]:
    finder = FinderPageFactory()
    page = GuidePageFactory(parent=finder, slug="first-steps")
    republish(finder, danger_page=GuidePageFactory(parent=finder), safety_page=GuidePageFactory(parent=finder))
    CheckPageFactory(parent=finder)

    def fill(count: int) -> None:
        fill_helpline(count)
        republish(page, body=links(count))

    return "/en/help/first-steps/", fill


def check_page(home: HomePage) -> tuple[str, Fill]:
    page = CheckPageFactory(parent=FinderPageFactory())
    return "/en/help/how-these-pages-work/", lambda count: republish(page, body=links(count))


# Members alone read the page of a group.
MODELS = [model for model in get_page_models() if issubclass(model, BasePage) and model is not GroupPage]


def of(model: type[BasePage]) -> Callable[[HomePage], tuple[str, Fill]]:
    """Return the function above that is named for a type of page, such as `home_page`."""
    return globals()[re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower()]


class TestPage:
    @pytest.fixture(autouse=True)
    def _demonstration(self, settings) -> None:
        settings.DEMO = True  # show unapproved listings: approving each one would take longer than the rest

    @pytest.fixture(autouse=True)
    def _footer(self, home) -> None:
        chosen = SiteSettings.for_site(home.get_site())
        chosen.contact = StandardPageFactory(slug="contact", show_in_menus=True)
        chosen.save()

    @pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
    def test_takes_few_queries_and_the_same_for_few_things_and_many(self, home, model):
        path, fill = of(model)(home)
        fill(FEW)
        few = cost(path)
        fill(MANY - FEW if model not in {HomePage, NewsPage, CheckPage} else MANY)

        assert cost(path) == few
        assert few <= MOST


class TestPagesOfListings:
    """There are hundreds of these pages, so a batch looks up together what all of them show."""

    @pytest.fixture(autouse=True)
    def _listings(self, home, settings) -> None:
        settings.DEMO = True
        FinderPageFactory()
        for country in ("de", "fr", "at"):
            ProgrammeFactory(countries=[country])
            SupportLineFactory(country=country)

    def taken(self, beginning: str, count: int) -> int:
        """Return how many queries a batch takes for the first `count` addresses that start with `beginning`."""
        found = [address for address in addresses.of_apps() if address.path.startswith(beginning)]
        asked = [address for address in found if not address.path.startswith("/en/help/handouts/")][:count]
        assert len(asked) == count
        renderer = PageRenderer()

        def together() -> None:
            with memo.batch():
                batches.prefetch(addresses.existing(asked, loaded=True).values())
                for address in asked:
                    renderer.render(address.path)

        together()
        return queries(together)

    @pytest.mark.parametrize(
        ("beginning", "few", "many"), [("/en/help/listing/", 4, 6), ("/en/help/", 1, 3), ("/en/embed/", 2, 4)]
    )
    def test_take_the_same_queries_for_few_and_for_many(self, beginning, few, many):
        assert self.taken(beginning, many) <= self.taken(beginning, few)
