"""Access to the private site: GET and POST of every address as each kind of user, compared with a reviewed table.

`access.csv` has a row for each address of the private site and a column for each kind of user, with two letters:
the response to GET and to an empty POST.
After a change, `WAYMARK_WRITE_ACCESS=1 pytest -p no:xdist tests/users/test_access.py` writes it again:
read the difference before you commit it.

    o  opens, or has an effect          .  refused: redirected to sign-in or to the start page, or an error message
    0  not found                        m  method not allowed
    !  the request is incomplete        x  server error
"""

import csv
import os
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Collection, Locale, Page

from campaigns.roles import CAMPAIGN_EDITOR
from helpline.roles import LISTING_APPROVER, LISTING_DRAFTER
from network.roles import NETWORK_MANAGER
from tests.factories.campaigns import (
    ActivityFactory,
    CampaignResultFactory,
    DesignFactory,
    FileFactory,
    MaterialFactory,
    PartnerFactory,
    PictureFactory,
    TermFactory,
    ThemeFactory,
    UsageReportFactory,
)
from tests.factories.core import StandardPageFactory
from tests.factories.helpline import (
    CountryLawFactory,
    LawTextFactory,
    ProgrammeFactory,
    ProgrammeTextFactory,
    SupportLineFactory,
)
from tests.factories.network import (
    CategoryFactory,
    DigestIndexPageFactory,
    DigestPageFactory,
    EventIndexPageFactory,
    EventPageFactory,
    EvidenceCriterionFactory,
    EvidenceReviewFactory,
    GroupIndexPageFactory,
    GroupPageFactory,
    MemberFactory,
    PracticeFactory,
    ReviewTemplateFactory,
)
from tests.factories.users import UserFactory
from tests.support.cached_fixtures import cached_fixture
from tests.users.addresses import NO_KEY, private_addresses
from users import roles

TABLE = Path(__file__).with_name("access.csv")
WRITES = os.environ.get("WAYMARK_WRITE_ACCESS") == "1"
NOT_SIGNED_IN, NO_ROLE, MEMBER = "not signed in", "without a role", "a member of the network"
WHO = (
    NOT_SIGNED_IN, MEMBER, NO_ROLE, "Translator: French", LISTING_DRAFTER, LISTING_APPROVER,
    CAMPAIGN_EDITOR, NETWORK_MANAGER, roles.ADMINISTRATOR,
)  # fmt: skip
AWAY = ("/account/login/", "/admin/login/", "/account/start/")
# Signing out is tested in test_asking_again.py.
LEFT_OUT = {"/account/logout/", "/admin/logout/"}


OURS = {"localhost", "private.localhost"}
# Attributes whose address is loaded without a click.
LOADS = {"src", "srcset", "data", "poster", "background", "action", "formaction", "href"}


class Loaded(HTMLParser):
    """Collects every address that a page loads, submits to or links to."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: set[str] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if not value:
                continue
            if name == "href" and tag in {"a", "area"}:
                self.links.add(value)
            elif name in LOADS:
                self.addresses.add(value)
            elif name == "style":
                self.addresses.update(re.findall(r"url\(['\"]?([^'\")]+)", value))


def foreign(addresses: set[str]) -> set[str]:
    return {address for address in addresses if (host := urlsplit(address).hostname) and host not in OURS}


@pytest.fixture
@cached_fixture
def about(all_roles) -> Page:
    """A page, and one object of each kind with the primary key 1."""
    about = StandardPageFactory(parent=all_roles, slug="about")
    DesignFactory(pk=1, material=MaterialFactory(pk=1))
    partner = PartnerFactory(pk=1)
    ActivityFactory(pk=1, partner=partner)
    UsageReportFactory(pk=1, partner=partner)
    CampaignResultFactory(pk=1, campaign_key=NO_KEY)
    ProgrammeTextFactory(pk=1)
    LawTextFactory(pk=1)
    EvidenceReviewFactory(pk=1, practice=PracticeFactory(pk=1))
    DigestPageFactory(parent=DigestIndexPageFactory(parent=all_roles), translation_key=NO_KEY)
    # Each in its own language, because the key is unique in a language.
    rooms = {"de": (EventIndexPageFactory, EventPageFactory), "ar": (GroupIndexPageFactory, GroupPageFactory)}
    for code, (index, make) in rooms.items():
        locale, _made = Locale.objects.get_or_create(language_code=code)
        make(parent=index(parent=all_roles, locale=locale), locale=locale, translation_key=NO_KEY)
    for make in (
        TermFactory,
        ThemeFactory,
        FileFactory,
        PictureFactory,
        ProgrammeFactory,
        SupportLineFactory,
        CountryLawFactory,
        CategoryFactory,
        EvidenceCriterionFactory,
        MemberFactory,
        ReviewTemplateFactory,
    ):
        if not make._meta.model.objects.filter(pk=1).exists():
            make(pk=1)
    Redirect.objects.create(pk=1, old_path="/old", redirect_link="https://example.org/")
    Collection.objects.get(pk=1)
    Group.objects.get_or_create(pk=1, defaults={"name": "Choir"})
    roles.sync()
    return about


def letter(response: HttpResponse, address: str) -> str:
    match response.status_code:
        case 404:
            return "0"
        case 405:
            return "m"
        case 400:
            return "!"
        case 403:
            return "."
        case 302 if response["Location"].split("?")[0] in AWAY:
            return "."
        case 302 if response["Location"].startswith(f"/en{response.request['PATH_INFO']}"):
            return "0"  # redirected to a path with a language prefix
        case 302 if response["Location"] == "/admin/" and address != "/admin/":
            return "."
        case 500:
            return "x"
        case _:
            return "o"


def table() -> dict[str, dict[str, str]]:
    with TABLE.open(newline="") as file:
        return {row.pop("address"): row for row in csv.DictReader(file)}


def found(client: Client, page: Page, read: Callable[[str], None]) -> dict[str, str]:
    answers = {}
    for address in private_addresses():
        if address in LEFT_OUT:
            continue
        letters = ""
        with transaction.atomic():
            for ask in (client.get, client.post):
                cookies = client.cookies.copy()
                response = ask(address.format(page=page.pk))
                letters += letter(response, address)
                if response.streaming:
                    b"".join(response)
                elif ask == client.get and response["Content-Type"].startswith("text/html"):
                    read(response.text)
                client.cookies = cookies
            transaction.set_rollback(True)
        answers[address] = letters
    return answers


def test_says_that_nothing_breaks():
    assert [address for address, answers in table().items() if "x" in "".join(answers.values())] == []


def test_has_a_row_for_each_address(db):
    assert WRITES or set(table()) == set(private_addresses()) - LEFT_OUT


# wagtail-localize 1.14 does not order its translations.
@pytest.mark.filterwarnings("ignore:Pagination may yield inconsistent results")
@pytest.mark.parametrize("who", WHO)
@pytest.mark.long
@pytest.mark.django_db
def test_gives_everybody_what_the_table_says(about, who, real, settings, same_people, request):
    real.SECOND_FACTOR_REQUIRED = False
    settings.ACCOUNT_RATE_LIMITS = False
    if who != roles.ADMINISTRATOR:  # whose pages are rendered
        request.getfixturevalue("nothing_is_rendered")
    client = Client(headers={"host": settings.PRIVATE_HOST}, raise_request_exception=False)
    if who == MEMBER:
        user = UserFactory(pk=1, works_in_admin=False)
        MemberFactory(pk=2, listed=True, user=user)
        client.force_login(user)
    elif who != NOT_SIGNED_IN:
        client.force_login(UserFactory(pk=1, roles=[] if who == NO_ROLE else [who]))

    page = Loaded()
    answers = found(client, about, page.feed)

    if WRITES:
        write(who, answers)
    told = table()
    assert {address: letters for address, letters in answers.items() if letters != told[address][who]} == {}
    # Pages of the private site load nothing from another origin, which could track users.
    assert (len(page.addresses) > 50) == (who == roles.ADMINISTRATOR)
    assert foreign(page.addresses) == set()
    # Allowed links: Wagtail's list of content checks, help for browsers without scripts, a licence, listed sites.
    assert foreign(page.links) <= {
        "https://creativecommons.org/licenses/by/4.0/",
        "https://guide.wagtail.org/content-checks/",
        "https://www.enable-javascript.com/",
        "https://programme.example/",
        "https://doi.org/10.1000/182",
    }


def write(who: str, answers: dict[str, str]) -> None:
    before = table() if TABLE.exists() else {}
    with TABLE.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["address", *WHO], lineterminator="\n")
        writer.writeheader()
        for address, letters in answers.items():
            writer.writerow({"address": address, **before.get(address, {}), who: letters})
