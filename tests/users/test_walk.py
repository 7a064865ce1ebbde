"""Every role opens what its menu leads to: lists, their first, last and newest row, and every filter.

Nothing fails, nothing leads to what the user may not open, every button has words, every date field has its script,
and no page takes more than 60 queries.
An administrator goes all the way, and the other roles to the forms of the rows: what lies behind them is the same.
"""

import re
from urllib.parse import urlsplit

import pytest
from django.contrib.admin.utils import quote
from django.test import Client
from django.urls import reverse
from lxml import html
from wagtail.models import Page
from wagtail.snippets.models import get_snippet_models

from campaigns.models import CampaignIndexPage
from campaigns.roles import CAMPAIGN_EDITOR
from helpline.roles import LISTING_APPROVER, LISTING_DRAFTER
from network.roles import NETWORK_MANAGER
from tests.factories import campaigns, helpline, network
from tests.factories.core import StandardPageFactory
from tests.factories.users import UserFactory
from tests.support.cached_fixtures import cached_fixture
from tests.translating.conftest import translated
from tests.users.walk import Walk, without_script, wordless
from users import roles
from users.models import User

MANY = 20  # rows of each kind: three queries for each are too many
MOST_QUERIES = 60
# What takes more, and why. The defects of libraries are in docs/upstream.md.
MORE = {
    # Files: a query for each kind of record, and for each version.
    r"/admin/account/data/|/admin/users/\d+/data/|/admin/practices/table/practices\.csv": 100,
    # Lists of pages: wagtail-localize asks four for each page.
    r"/admin/pages/\d+/(results/)?|/admin/pages/usage/.*": 160,
    # Forms of pages: the rights on each translation, each page that was chosen; six for each text that is translated.
    r"/admin/pages/\d+/edit/": 140,
}
# Faults of libraries: a link to the root of all pages, which has no form, and the link of a page whose title is empty.
KNOWN = ("/admin/pages/1/edit/, linked by /admin/workflows/", "/admin/localize/update/")
EVERY = (
    campaigns.MaterialFactory,
    campaigns.DesignFactory,
    campaigns.ThemeFactory,
    campaigns.TermFactory,
    campaigns.PartnerFactory,
    campaigns.ActivityFactory,
    campaigns.UsageReportFactory,
    helpline.ProgrammeTextFactory,
    helpline.LawTextFactory,
    helpline.SupportLineFactory,
    network.MemberFactory,
    network.PracticeFactory,
    network.EvidenceReviewFactory,
    network.EvidenceCriterionFactory,
    network.ReviewTemplateFactory,
)
OTHERS = (
    CAMPAIGN_EDITOR, "Translator: German", LISTING_DRAFTER, LISTING_APPROVER, NETWORK_MANAGER,
)  # fmt: skip
BEHIND = re.compile(r"/(history|usage|copy|delete|move|unpublish[a-z-]*|inspect|results|convert_alias)/")


@pytest.fixture
@cached_fixture
def rows(all_roles, languages) -> Page:
    for make in EVERY:
        make.create_batch(MANY)
    campaign = campaigns.CampaignPageFactory(parent=CampaignIndexPage.objects.first())
    campaigns.CampaignResultFactory.create_batch(MANY, campaign_key=campaign.translation_key)
    pages = [StandardPageFactory(parent=all_roles, slug=f"page-{number}") for number in range(MANY)]
    for page in (all_roles, *pages[:2]):
        translated(page, languages["de"])
    return all_roles


def limit(address: str) -> int:
    return next((most for pattern, most in MORE.items() if re.fullmatch(pattern, urlsplit(address).path)), MOST_QUERIES)


def newest_rows(walk: Walk, user: User) -> list[str]:
    """Return the form of the newest row of each list that was opened and that the user may change."""
    found = []
    for model in get_snippet_models():
        viewset = model.snippet_viewset
        row = model._default_manager.order_by("pk").last()
        may_change = viewset.permission_policy.user_has_permission(user, "change")
        if row is not None and may_change and reverse(viewset.get_url_name("list")) in walk.opened:
            found.append(reverse(viewset.get_url_name("edit"), args=[quote(row.pk)]))
    return found


def walked(client: Client, role: str, **how: object) -> Walk:
    client.raise_request_exception = False
    user = UserFactory(roles=[role])
    client.force_login(user)
    walk = Walk(client, most_queries=limit, **how)
    walk.through("/admin/")
    walk.depth = 0
    walk.through(*newest_rows(walk, user))
    walk.faults = [fault for fault in walk.faults if not fault.startswith(KNOWN)]
    return walk


@pytest.mark.long
@pytest.mark.django_db
class TestWalk:
    def test_of_an_administrator_finds_no_fault(self, rows, private):
        walk = walked(private, roles.ADMINISTRATOR, depth=3)

        assert not walk.faults, "\n".join(walk.faults)
        assert len(walk.opened) > 200

    @pytest.mark.parametrize("role", OTHERS)
    def test_of_the_other_roles_finds_no_fault(self, rows, private, role):
        walk = walked(private, role, depth=2, skips=BEHIND)

        assert not walk.faults, "\n".join(walk.faults)
        assert len(walk.opened) > 20


class TestFaults:
    def test_are_links_and_buttons_without_words(self):
        page = html.fromstring(
            '<div><a href="/x"><svg></svg></a><button aria-label="Close"></button><a href="/y"><img alt="Go"></a></div>'
        )

        assert [*wordless(page)] == ['<a href="/x"><svg></svg></a>']

    def test_are_fields_whose_script_is_missing(self):
        field = "<div><script>initDateChooser('id')</script></div>"

        assert [*without_script(html.fromstring(field))] == ["initDateChooser(…) is not defined"]
        assert [*without_script(html.fromstring(f'{field}<script src="/date-time-chooser.js"></script>'))] == []
