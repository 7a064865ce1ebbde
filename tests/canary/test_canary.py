"""No rendered page and no response holds an unapproved word, a private detail or the name of a member of staff.

Every field of the site that holds words gets a marked value (`dataset.py`).
The whole site is rendered, and everything that a stranger can ask for is requested.
The values that the public may see prove that each kind of answer was read; no other value may appear.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pypdfium2
import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import Client, override_settings

from core.search import folding
from helpline.exchange.hsds import pages as hsds
from helpline.finder.content.listing import rows, state
from helpline.records import visibility
from helpline.records.querysets import ListingQuerySet, TextQuerySet
from home import search as site_search
from network.models import Member
from network.practices.models import PracticeQuerySet
from prerender import services as prerender
from prerender.rendering.renderer import PageRenderer
from prerender.store.files import FileStore
from tests.canary import dataset as datasets
from tests.canary.marks import Marks, fields_with_words

pytestmark = [
    pytest.mark.xdist_group("canary"),
    pytest.mark.django_db,
    pytest.mark.usefixtures("search_index"),
    pytest.mark.filterwarnings("ignore:get_connection"),
]

OURS = (
    "campaigns", "core", "analytics", "helpline", "home", "network", "operations", "translating", "users",
)  # fmt: skip
# Fields with words that are not marked, and why.
UNMARKED = {
    "analytics.PageCount.page": "a code, of a prerendered page",
    "campaigns.LinkedAddress.url": "an address in a public text",
    "campaigns.LinkedAddress.places": "numbers and titles of public pages",
    "core.JobRun.name": "the name of a scheduled job",
    "core.JobRun.failures": "what went wrong in a job: numbers of rows",
    "core.KeptText.kind": "the name of a kind of text",
    "core.KeptText.key": "an identifier",
    "core.KeptText.text": "a digest",
    "core.OutgoingMail.kind": "the name of a registered kind",
    "core.SettingProposal.setting": "the name of a setting",
    "helpline.ListingImport.kind": "the name of a kind of listing",
    "helpline.ListedSite.url": "the address of a listing",
    "helpline.PublicChange.name": "made of what was public",
    "helpline.PublicChange.columns": "names of columns",
    "helpline.PublicChange.row": "made of what was public",
    "helpline.Scan.findings": "codes of rules",
    "helpline.TwoPersonApprovalTask.name": "the name of a step of a workflow",
    "home.PromotedPage.phrases": "what people type into the search",
    "operations.OpenAlert.metric": "the name of a registered metric",
    "translating.Subject.kind": "pages, or the key of a wording",
    "translating.Subject.key": "a translation key",
    "translating.Subject.title": "the title of a page, or of what has words",
    "translating.StaleSubject.kind": "pages, or the key of a wording",
    "translating.StaleSubject.key": "a translation key",
    "translating.NotWanted.kind": "pages, or the key of a wording",
    "translating.NotWanted.key": "a translation key",
    "network.Event.time_zone": "the name of a time zone",
    "network.EventPage.time_zone": "the name of a time zone",
    "network.DigestReview.content_hash": "made of a digest",
    "network.Category.replaced_by": "a code",
    "network.EvidenceReview.answer_language": "the code of a language",
    "network.EvidenceReview.proposed_language": "the code of a language",
    "network.Member.translations": "marked by hand: it is language → detail → text",
    "network.Member.place_names": "derived from the table of ROR",
    "network.Publication.item": "marked by hand: it is CSL-JSON",
    "network.Publication.doi": "derived from the item",
    "network.Institution.ror": "an identifier",
    "network.Institution.names": "language → name, as ROR publishes it",
    "network.ProposedTexts.texts": "marked by hand: it is detail → text",
    "network.NetworkSettings.contact_email": "shown to people who want to join",
}
# Fields of Wagtail's with messages between users or unpublished content.
THEIRS = ("wagtail_localize.StringTranslation.data",)
# A search word that occurs nowhere.
CONTROL = "zqx999q"
PICTURES = {".png", ".jpg", ".webp", ".avif", ".ico", ".gif"}


@dataclass
class Site:
    """The dataset, and what the public gets of it: prerendered files and answers, by address."""

    dataset: datasets.Dataset
    prerendered: dict[str, str] = field(default_factory=dict)
    answered: dict[str, str] = field(default_factory=dict)

    def read(self, root: Path) -> None:
        """Read everything that was rendered."""
        for file in sorted(file for file in root.rglob("*") if file.is_file()):
            name = str(file.relative_to(root))
            if file.suffix not in {".br", ".gz"}:
                self.prerendered[f"/{name}"] = text_of(name, file.read_bytes())

    def ask(self) -> None:
        """Request what is rendered on demand: addresses with a query, and those of objects that are not public."""
        for host in (settings.PUBLIC_HOST, settings.PRIVATE_HOST):
            client = Client(headers={"host": host}, raise_request_exception=False)
            for path in [*self.addresses(), *QUERIES]:
                answer = client.get(path)
                body = b"".join(answer) if answer.streaming else answer.content
                # A response may repeat the address: the client knows it already.
                said = f"{answer.status_code} {answer.headers} {text_of(path, body)}"
                self.answered[f"{host} {path}"] = said.replace(unquote(path), "").replace(path, "")

    def addresses(self) -> Iterator[str]:
        """Yield the addresses that the dataset's secret things would have."""
        for page in self.dataset.pages:
            code = page.locale.language_code
            yield from (f"/{code}/{page.url_path.split('/', 2)[2]}{query}" for query in ("", "?x=1"))
            yield from (f"/oembed/{code}/pages/{page.pk}.json", f"/cards/{code}/pages/{page.pk}.png")
        for listing in self.dataset.listings:
            uuid = listing.uuid
            yield from (
                f"/en/help/listing/{uuid}/",
                f"/en/help/handouts/{uuid}-en.pdf",
                f"/en/report/{uuid}/",
            )
            yield f"/hsds/en/services/{uuid}"
            for point in getattr(listing, "contact_points", listing.reports).all():
                yield f"/hsds/en/service_at_locations/{getattr(point, 'uuid', uuid)}"
            if operator := getattr(listing, "operator", ""):
                yield f"/hsds/en/organizations/{hsds.organization_uuid(operator)}"
        for member in self.dataset.members:
            yield from (f"/en/network/{member.uuid}/", f"/en/network/{member.uuid}/?x=1")
            yield from (f"/api/en/members?id={member.uuid}", f"/api/en/members/card?id={member.uuid}")
        yield from (file.url for file in self.dataset.files)
        for job in self.dataset.imports:
            yield from (f"/admin/listings/import/{job.pk}/", f"{settings.MEDIA_URL}{job.upload.file.name}")

    def leaks(self, answers: dict[str, str]) -> dict[str, list[str]]:
        """Return where each secret value in these answers comes from, and the addresses where it appeared."""
        return met(self.dataset.secret, answers)


QUERIES = [
    "/en/search/?q=page", "/de/search/?q=page", "/en/network/?q=member", "/en/network/?country=de",
    "/en/network/?page=2", "/hsds/en/services?per_page=100", "/hsds/en/services?minimal=true",
    "/hsds/en/services?modified_after=2000-01-01", "/hsds/de/services?full=false",
    "/hsds/en/organizations?full_service=true", "/hsds/en/service_at_locations?page=1", "/api/en/members?per_page=100",
    "/api/en/practices?per_page=100", "/api/en/digests?per_page=100", "/api/en/needs?per_page=100",
    "/api/en/offers?per_page=100", "/api/en/events?per_page=100", "/en/report/?q=Hidden", "/en/members/join/",
    "/en/members/link/", "/en/members/link/opened/none/", "/en/members/confirm/opened/none/", "/en/members/profile/",
    "/en/reconfirmation/opened/none/", "/account/login/", "/admin/", "/admin/reports/", "/nothing/", "/fr/", "/ar/",
]  # fmt: skip
# Each search: its host, the origins of the words to search for, and how many at once (site search also finds pages
# with only some of them).
SEARCHES: dict[str, tuple[str, str | tuple[str, ...], int]] = {
    "/en/search/?q={}": (settings.PUBLIC_HOST, "", 60),
    "/en/network/?q={}": (settings.PUBLIC_HOST, "network.", 1),
    "/hsds/en/services?minimal=true&search={}": (settings.PUBLIC_HOST, "helpline.Programme", 1),
    "/hsds/en/organizations?search={}": (settings.PUBLIC_HOST, "helpline.Programme.operator", 1),
    "/en/report/?q={}": (settings.PRIVATE_HOST, ("helpline.Programme.name", "helpline.SupportLine.name"), 1),
}


def text_of(name: str, body: bytes) -> str:
    """Return a file's name and text; a PDF's text is extracted, and the lines of a calendar are in one piece."""
    if name.endswith(".ics"):
        body = body.replace(b"\r\n ", b"")
    if body.startswith(b"%PDF") and b"/Page" in body:
        pages = pypdfium2.PdfDocument(body)
        body = "\n".join(page.get_textpage().get_text_range() for page in pages).encode()
    return f"{name} {body.decode(errors='replace')}"


def met(marks: Any, answers: dict[str, str]) -> dict[str, list[str]]:
    found = defaultdict(list)
    for address, text in answers.items():
        for origin in marks.found(text):
            found[origin].append(address)
    return dict(found)


@pytest.fixture(autouse=True)
def _long_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the site search take all the words of a query, and not only the first twelve."""
    monkeypatch.setattr(folding, "MAX_WORDS", 100)
    monkeypatch.setattr(site_search, "MAX_QUERY_LENGTH", 1000)


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker) -> Iterator[Site]:
    """The dataset, built and rendered once; no request changes it."""
    with (
        django_db_blocker.unblock(),
        override_settings(RENDER_ON_REQUEST=True, INTERFACE_LANGUAGES=["en"]),
        transaction.atomic(),
        pytest.MonkeyPatch.context() as patch,
    ):
        cache.clear()
        made = datasets.build()
        # Render only two of the hundreds of addresses that merely explain the codes.
        patch.setattr(hsds, "_term_objects", lambda: hsds.taxonomies.term_objects()[:2])
        prerender.render_all()
        found = Site(made)
        found.read(FileStore().root)
        found.ask()
        yield found
        transaction.set_rollback(True)


class TestEverything:
    def test_that_is_rendered_holds_no_secret(self, site):
        assert site.leaks(site.prerendered) == {}

    def test_that_is_answered_holds_no_secret(self, site):
        assert site.leaks(site.answered) == {}

    @pytest.mark.parametrize("search", SEARCHES)
    def test_is_found_by_no_secret(self, site, search):
        """A search for a secret word gets the same answer as one for a word that occurs nowhere."""
        answers = list(found_by(site.dataset.secret, search))

        assert len(answers) > 1
        assert [words for words, changed in answers if changed] == []


def found_by(marks: Marks, search: str) -> Iterator[tuple[str, bool]]:
    """Yield the words searched for, and whether the answer differs from that for as many words that occur nowhere."""
    host, origins, at_once = SEARCHES[search]
    client = Client(headers={"host": host})
    words = [word for word, origin in marks.origins.items() if word.startswith("zqx") and origin.startswith(origins)]
    nothing = {
        number: client.get(search.format("+".join([CONTROL] * number))).text
        for number in {at_once, len(words) % at_once} - {0}
    }
    for some in batched(words, at_once):
        text = client.get(search.format("+".join(some))).text
        for word in some:
            text = text.replace(word, CONTROL)
        yield " ".join(some), text != nothing[len(some)]


class TestReach:
    """The canary reaches everything it watches: what the public may see turns up wherever the public sees it."""

    def test_meets_everything_that_the_public_may_see(self, site):
        assert set(site.dataset.shown.origins.values()) - met(site.dataset.shown, site.prerendered).keys() == set()

    @pytest.mark.parametrize("format_", [".html", ".pdf", ".atom", ".rss", ".json", ".jsonld", ".ttl", ".csv"])
    def test_reads_every_format(self, site, format_):
        met_in = {address for addresses in met(site.dataset.shown, site.prerendered).values() for address in addresses}

        assert any(address.endswith(format_) for address in met_in)

    @pytest.mark.parametrize("search", SEARCHES)
    def test_includes_search_results(self, site, search):
        assert any(changed for _words, changed in found_by(site.dataset.shown, search))

    def test_has_a_mark_in_every_field_that_holds_words(self, site):
        """No new field is forgotten: it is marked automatically in the dataset's rows, or left out with a reason."""
        models = [model for model in apps.get_models() if model._meta.app_label in OURS]
        fields = {f"{model._meta.label}.{field.name}" for model in models for field in fields_with_words(model)}
        marked = site.dataset.shown.fields | site.dataset.secret.fields

        assert fields | set(THEIRS) == marked | UNMARKED.keys()
        assert marked & UNMARKED.keys() == set()


# Leaks, each with the patch that causes it and the address where it shows.
FAULTS: dict[str, tuple[Callable[[pytest.MonkeyPatch, Any], None], str]] = {
    "unapproved texts in the open API": (
        lambda patch, dataset: patch.setattr(TextQuerySet, "public", lambda texts: texts),
        "/hsds/de/services",
    ),
    "unapproved listings in the finder": (
        lambda patch, dataset: patch.setattr(ListingQuerySet, "shown", lambda listings: listings),
        "/en/help/",
    ),
    "unapproved listings in the table": (
        lambda patch, dataset: patch.setattr(ListingQuerySet, "public", lambda listings: listings),
        "/open-data/programmes.csv",
    ),
    "numbers with an overdue check": (
        lambda patch, dataset: patch.setattr(visibility, "is_stale", lambda listing, today: False),
        "/en/help/",
    ),
    "who checked a listing": (
        lambda patch, dataset: patch.setattr(state, "checked", lambda on: f"{on}, {dataset.approver.first_name}"),
        "/en/help/",
    ),
    "unpublished practices": (
        lambda patch, dataset: patch.setattr(PracticeQuerySet, "public", lambda found: found),
        "/en/network/practices/",
    ),
    "private details of members in the open interface": (
        lambda patch, dataset: patch.setattr(Member, "shows", lambda member, detail, to=None: True),
        "/api/en/members",
    ),
    "private details of members": (
        lambda patch, dataset: patch.setattr(Member, "shows", lambda member, detail, to=None: True),
        "/en/network/",
    ),
    "why a listing was taken off the list": (
        lambda patch, dataset: patch.setattr(
            rows.ListingRow, "where", property(lambda row: row.programme.delisted_reason)
        ),
        "/en/help/",
    ),
}  # fmt: skip


class TestFaults:
    @pytest.mark.parametrize("fault", FAULTS)
    def test_make_it_sing(self, site, monkeypatch, fault):
        put_in, address = FAULTS[fault]
        before = site.leaks({address: text_of(address, PageRenderer().render(address))})
        put_in(monkeypatch, site.dataset)

        after = site.leaks({address: text_of(address, PageRenderer().render(address))})

        assert before == {}
        assert after
