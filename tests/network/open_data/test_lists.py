"""Open data of the network: lists, single records, the OpenAPI description, and feeds."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from core.models import LanguageState
from network.members import services as members
from network.models import Member, Opportunity, Practice
from network.open_data.linked_data import CONTEXT
from network.opportunities import services as opportunities
from network.review import services as review
from network.routes import ApiRoute, NewestRoute
from network.vocabulary.details import Detail
from prerender import services as prerender
from prerender.store.files import FileStore
from tests.factories.helpline import ProgrammeFactory
from tests.factories.network import (
    CategoryFactory,
    DigestIndexPageFactory,
    DigestPageFactory,
    EventIndexPageFactory,
    EventPageFactory,
    EvidenceReviewFactory,
    MemberFactory,
    OpportunityFactory,
    PracticeFactory,
)
from tests.factories.users import UserFactory
from tests.network.conftest import same_queries

pytestmark = pytest.mark.usefixtures("directory")
LISTS = ("members", "practices", "digests", "needs", "offers", "events")
MEMBERS, PRACTICES, DIGESTS, NEEDS, OFFERS, EVENTS = (f"/api/en/{name}" for name in LISTS)
CARD = "/api/en/members/card"
ATOM = {"a": "http://www.w3.org/2005/Atom"}


def contents(answer) -> list[dict]:
    assert answer.status_code == 200
    return answer.json()["contents"]


class TestMembers:
    def test_are_described_as_everybody_sees_them(self, public):
        CategoryFactory(code="schools", name="Schools")
        member = MemberFactory(
            listed=True, name="Ana Lima", email="canary@example.org", country="pt", languages=["pt"],
            expertise=["schools"],
            about="Asks.", offers="Talks.", needs="Data.", affiliation="Institute", ror="https://ror.org/05gq02987",
            orcid="0000-0002-1825-0097", orcid_confirmed_at=timezone.now(), language="de",
        )  # fmt: skip

        (found,) = contents(public.get(MEMBERS))

        def german(words):
            return {"@language": "de", "@value": words}

        assert found == {
            "@context": CONTEXT,
            "@type": "Person",
            "@id": f"urn:uuid:{member.uuid}",
            "url": f"{django_settings.PUBLIC_URL}/en/network/{member.uuid}/",
            "name": german("Ana Lima"),
            "jobTitle": ["Researcher"],
            "affiliation": {
                "@type": "Organization",
                "@id": "https://ror.org/05gq02987",
                "name": german("Institute"),
            },
            "address": {"@type": "PostalAddress", "addressCountry": "PT"},
            "knowsLanguage": ["pt"],
            "knowsAbout": ["Schools"],
            "description": german("Asks."),
            "makesOffer": {"@type": "Offer", "description": german("Talks.")},
            "seeks": {"@type": "Demand", "description": german("Data.")},
            "sameAs": "https://orcid.org/0000-0002-1825-0097",
        }
        assert json.loads(embedded(public.get(f"/en/network/{member.uuid}/"))) == found

    def test_without_a_page_are_not_among_them(self, public):
        """They have no public page, so copies could not be withdrawn."""
        MemberFactory(listed=True, has_page=False)
        MemberFactory(listed=True, shown=[Detail.ABOUT])

        assert contents(public.get(MEMBERS)) == []

    def test_come_page_by_page_in_an_order_that_does_not_change(self, public):
        uuids = sorted(MemberFactory(listed=True).uuid for _ in range(5))

        pages = [public.get(f"{MEMBERS}?page={number}&per_page=2").json() for number in (1, 2, 3, 4)]
        Member.objects.order_by("-pk").first().save()  # the last change does not affect the order

        ids = [each["@id"] for page in pages for each in page["contents"]]
        assert ids == [f"urn:uuid:{uuid}" for uuid in uuids]
        assert [each["@id"] for each in contents(public.get(MEMBERS))] == ids
        assert [(page["first_page"], page["last_page"], page["empty"]) for page in pages] == [
            (True, False, False),
            (False, False, False),
            (False, True, False),
            (False, True, True),
        ]
        assert {(page["total_items"], page["total_pages"]) for page in pages} == {(5, 3)}

    def test_have_no_licence(self, public):
        assert public.get(MEMBERS).json()["license"] is None
        assert public.get(PRACTICES).json()["license"] == django_settings.OPEN_DATA_LICENCE["url"]

    @pytest.mark.parametrize("path", [MEMBERS, CARD])
    def test_are_answered_for_alike_whether_hidden_paused_gone_or_never_there(self, public, path):
        member = MemberFactory(listed=True, name="Canarius")

        def answer(uuid):
            found = public.get(f"{path}?id={uuid}")
            return found.status_code, dict(found.headers), found.content

        assert b"Canarius" in answer(member.uuid)[2]
        not_found = answer(uuid4())
        for state in Member.State:
            if state != Member.State.LISTED:
                Member.objects.filter(pk=member.pk).update(state=state)
                assert answer(member.uuid) == not_found, state
        Member.objects.filter(pk=member.pk).update(state=Member.State.LISTED)
        review.hide(member=member, by=UserFactory())
        assert answer(member.uuid) == not_found
        members.leave(member=member)
        assert answer(member.uuid) == not_found


class TestPractices:
    def test_are_described_with_what_is_known(self, public):
        programme = ProgrammeFactory(name="Line")
        practice = PracticeFactory(spoken=["en", "de"], listings=[programme.uuid])
        EvidenceReviewFactory(practice=practice, decided=True)
        EvidenceReviewFactory(practice=practice, outcome="risk", decided=True, expires_on=timezone.localdate())
        PracticeFactory(live=False)
        Practice.objects.create(name="Without words", live=True)

        (found,) = contents(public.get(PRACTICES))

        assert found["@id"] == f"urn:uuid:{practice.uuid}"
        assert found["name"] == practice.text_in("en").title
        assert found["url"].endswith(f"/en/network/practices/{practice.uuid}/")
        assert [each["reviewAspect"] for each in found["review"]] == ["Fewer children are abused"]
        assert contents(public.get(f"{PRACTICES}?id={practice.uuid}")) == [found]
        assert contents(public.get(f"{PRACTICES}?id={uuid4()}")) == []


class TestDigests:
    def test_are_those_of_the_language(self, public, home):
        digest = DigestPageFactory(parent=DigestIndexPageFactory(parent=home))

        (found,) = contents(public.get(DIGESTS))

        assert found["headline"] == digest.title
        assert contents(public.get(f"{DIGESTS}?id={digest.translation_key}")) == [found]


class TestOpportunities:
    def test_are_described_in_their_words_and_say_whose_they_are_if_the_owner_has_a_page(self, public):
        owner = MemberFactory(listed=True, name="Ana Lima", email="canary@example.org")
        need = OpportunityFactory(
            public=True, owner=owner, language="de", title="Gesucht", text="Daten.", languages=["de"], country="at"
        )  # fmt: skip

        (found,) = contents(public.get(NEEDS))

        assert found == {
            "@context": CONTEXT,
            "@type": "Demand",
            "@id": f"urn:uuid:{need.uuid}",
            "url": f"{django_settings.PUBLIC_URL}/en/network/opportunities/{need.uuid}/",
            "name": {"@language": "de", "@value": "Gesucht"},
            "description": {"@language": "de", "@value": "Daten."},
            "category": ["Evaluation", "Adults who worry about their own thoughts or behaviour"],
            "availabilityEnds": need.until.isoformat(),
            "eligibleRegion": {"@type": "Country", "identifier": "AT"},
            "itemOffered": {
                "@type": "Service",
                "availableChannel": {"@type": "ServiceChannel", "availableLanguage": ["de"]},
            },
            "seller": {
                "@type": "Person",
                "@id": f"urn:uuid:{owner.uuid}",
                "url": f"{django_settings.PUBLIC_URL}/en/network/{owner.uuid}/",
            },
        }
        assert json.loads(embedded(public.get(f"/en/network/opportunities/{need.uuid}/"))) == found
        Member.objects.filter(pk=owner.pk).update(has_page=False)
        assert "seller" not in contents(public.get(NEEDS))[0]

    def test_are_those_that_everybody_sees_and_go_with_their_page(self, public):
        offer = OpportunityFactory(public=True, kind="offer")
        OpportunityFactory(kind="offer")  # for members
        OpportunityFactory(kind="offer", is_for_everybody=True)  # not reviewed yet

        (found,) = contents(public.get(OFFERS))

        assert (found["@type"], found["@id"]) == ("Offer", f"urn:uuid:{offer.uuid}")
        assert contents(public.get(NEEDS)) == []
        not_found = public.get(f"{OFFERS}?id={uuid4()}").content
        for gone in ({"closed_at": timezone.now()}, {"until": timezone.localdate() - timedelta(days=1)}):
            Opportunity.objects.filter(pk=offer.pk).update(**gone)
            assert public.get(f"{OFFERS}?id={offer.uuid}").content == not_found
            Opportunity.objects.filter(pk=offer.pk).update(closed_at=None, until=offer.until)
        members.pause(member=offer.owner)
        assert public.get(f"{OFFERS}?id={offer.uuid}").content == not_found


class TestEvents:
    def test_are_those_of_the_language_with_the_time_there_and_without_the_way_to_them(self, public, home):
        page = EventPageFactory(
            parent=EventIndexPageFactory(parent=home), starts_at=datetime(2027, 7, 1, 7, 30, tzinfo=UTC), state="moved"
        )  # fmt: skip

        (found,) = contents(public.get(EVENTS))

        assert (found["@type"], found["name"]) == ("Event", page.title)
        assert (found["startDate"], found["endDate"]) == (
            "2027-07-01T09:30:00+02:00",
            "2027-07-01T11:30:00+02:00",
        )
        assert found["eventStatus"] == "https://schema.org/EventRescheduled"
        assert page.joining_details not in str(found)
        assert json.loads(embedded(public.get(page.path_at_public))) == found
        page.unpublish()
        assert contents(public.get(EVENTS)) == []


def embedded(page) -> str:
    """Return the schema.org data embedded in a page."""
    return page.text.partition('application/ld+json">')[2].partition("</script>")[0]


class TestAnswers:
    def test_have_a_tag_by_which_nothing_is_sent_twice(self, public):
        member = MemberFactory(listed=True)
        for path in (f"{MEMBERS}?page=1", f"{CARD}?id={member.uuid}"):
            first = public.get(path)
            again = public.get(path, headers={"if-none-match": first.headers["ETag"]})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["ETag"] == first.headers["ETag"]

        tag = public.get(MEMBERS).headers["ETag"]
        member.about = "Something else."
        member.save()
        assert public.get(MEMBERS, headers={"if-none-match": tag}).status_code == 200

    @pytest.mark.parametrize(
        "query",
        [
            "page=0",
            "page=x",
            "per_page=101",
            "per_page=-1",
            "page=99999999",
            "id=7",
            "id=",
            "q=canary",
            "page=1&token=canary",
        ],
    )
    def test_say_what_is_wrong_and_repeat_nothing(self, public, query):
        for path in (MEMBERS, PRACTICES, DIGESTS, NEEDS, OFFERS, EVENTS):
            answer = public.get(f"{path}?{query}")
            assert answer.status_code == 400
            assert "canary" not in answer.text
            assert answer.json()["detail"]

    @pytest.mark.parametrize("query", ["", "id=7", f"id={UUID(int=0)}&x=1"])
    def test_of_cards_take_an_identifier(self, public, query):
        assert public.get(f"{CARD}?{query}").status_code == 400

    @pytest.mark.parametrize("path", ["/api/en/nothing", "/api/xx/members", "/api/xx", "/api/", "/api/en/members/1"])
    def test_to_what_there_is_not_are_404(self, public, path):
        assert public.get(path).status_code == 404
        assert public.get(f"{path}?page=1").status_code == 404

    def test_may_be_read_by_pages_of_other_sites(self, public):
        sent = public.get(f"{MEMBERS}?page=1").headers

        assert sent["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in sent
        assert public.post(MEMBERS).status_code == 405

    @pytest.mark.parametrize(
        ("path", "make"),
        [
            (MEMBERS, lambda: MemberFactory(listed=True, roles=["researcher"])),
            (PRACTICES, lambda: EvidenceReviewFactory(decided=True).practice),
            (NEEDS, lambda: OpportunityFactory(public=True)),
            (EVENTS, EventPageFactory),
        ],
    )
    def test_take_the_same_queries_for_few_and_many(self, public, path, make):
        def ask():
            assert public.get(f"{path}?per_page=100").status_code == 200

        make()
        same_queries(ask, lambda: [make() for _ in range(9)])


class TestDescription:
    def test_is_valid_and_names_every_list(self, public):
        document = public.get("/api/en/openapi.json").json()

        assert document["openapi"].startswith("3.")
        names = {each["get"]["operationId"] for each in document["paths"].values()}
        assert names == {"network_about", "network_card", *(f"network_{name}" for name in LISTS)}
        assert {*document["paths"]} == {"/", "/members/card", *(f"/{name}" for name in LISTS)}
        (server,) = document["servers"]
        assert server["url"] == f"{django_settings.PUBLIC_URL}/api/en"
        assert "language" not in str([each["get"]["parameters"] for each in document["paths"].values()])

    def test_is_explained_on_a_page(self, public, home):
        DigestIndexPageFactory(parent=home)
        page = public.get("/en/network/data/").text

        for path in (
            *(f"/api/en/{name}" for name in LISTS),
            "/api/en/openapi.json",
            *(f"/en/feeds/{name}.atom" for name in ("practices", "digests", "opportunities")),
        ):
            assert f'href="{django_settings.PUBLIC_URL}{path}"' in page
        assert '/en/network/data/"' in public.get("/en/network/").text

    def test_leads_to_all_of_it(self, public):
        root = public.get("/api/en").json()

        for address in (root["documentation"], root["openapi_url"], *root["lists"].values()):
            assert public.get(address.removeprefix(django_settings.PUBLIC_URL)).status_code == 200


class TestFeeds:
    def entries(self, answer) -> list[tuple[str, str]]:
        assert answer.headers["Content-Type"].startswith("application/atom+xml")
        root = ET.fromstring(answer.content)  # noqa: S314  (our own)
        return [
            (entry.findtext("a:title", namespaces=ATOM), entry.find("a:link", ATOM).get("href"))
            for entry in root.findall("a:entry", ATOM)
        ]

    def test_hold_the_newest_practices_first(self, public):
        now = timezone.now()
        for days in (2, 1, 3):
            made = PracticeFactory(name=f"Practice {days} & more", first_published_at=now - timedelta(days=days))
        PracticeFactory(live=False)

        found = self.entries(public.get("/en/feeds/practices.atom"))

        assert [title for title, _url in found] == [f"Practice {days} & more (en)" for days in (1, 2, 3)]
        assert found[-1][1] == f"{django_settings.PUBLIC_URL}/en/network/practices/{made.uuid}/"

    def test_hold_the_digests_that_are_public(self, public, home):
        index = DigestIndexPageFactory(parent=home)
        digest = DigestPageFactory(parent=index)
        DigestPageFactory(parent=index).unpublish()

        found = self.entries(public.get("/en/feeds/digests.atom"))

        assert found == [(digest.title, f"{django_settings.PUBLIC_URL}{digest.path_at_public}")]
        assert "digests.atom" in public.get("/en/digests/").text

    def test_hold_needs_and_offers_until_they_are_closed_or_their_owner_is_paused(self, public):
        need, offer = (
            OpportunityFactory(public=True),
            OpportunityFactory(public=True, kind="offer", title="Data & more"),
        )
        OpportunityFactory()

        found = self.entries(public.get("/en/feeds/opportunities.atom"))

        assert {title for title, _url in found} == {f"Need: {need.title}", "Offer: Data & more"}
        assert f"{django_settings.PUBLIC_URL}/en/network/opportunities/{offer.uuid}/" in dict(found).values()
        members.pause(member=need.owner)
        opportunities.close_opportunity(opportunity=offer, outcome="")
        assert self.entries(public.get("/en/feeds/opportunities.atom")) == []
        assert "opportunities.atom" in public.get("/en/network/opportunities/").text

    def test_hold_the_events_that_are_public_and_what_has_become_of_them(self, public, home):
        index = EventIndexPageFactory(parent=home)
        page = EventPageFactory(parent=index, state="called_off")
        EventPageFactory(parent=index).unpublish()

        answer = public.get("/en/feeds/events.atom")

        assert self.entries(answer) == [(page.title, f"{django_settings.PUBLIC_URL}{page.path_at_public}")]
        assert "called off" in answer.text.lower()
        assert "events.atom" in public.get("/en/events/").text

    def test_are_there_in_languages_with_such_a_page(self, public):
        assert public.get("/en/feeds/digests.atom").status_code == 404
        assert public.get("/de/feeds/practices.atom").status_code == 404


class TestRendering:
    def test_renders_the_first_page_of_each_list_and_no_card(self, settings, home):
        settings.RENDER_ON_REQUEST = False
        DigestIndexPageFactory(parent=home)
        member, practice = MemberFactory(listed=True), PracticeFactory()
        prerender.render_all()
        root = FileStore().root

        prerendered = {str(file.relative_to(root)) for file in (root / "api").rglob("index.json")}
        assert prerendered == {
            "api/en/index.json",
            *(f"api/en/{name}/index.json" for name in LISTS),
        }
        assert (root / "api/en/openapi.json").exists()
        assert str(practice.uuid) in (root / "en/feeds/practices.atom").read_text()
        assert (root / "en/network/data/index.html").exists()
        assert str(member.uuid) in (root / "api/en/members/index.json").read_text()

    def test_follows_what_changes(self, home):
        member, practice = MemberFactory(listed=True), PracticeFactory()
        lists = {name: f"/api/en/{name}" for name in LISTS}
        digest = DigestPageFactory(parent=DigestIndexPageFactory(parent=home))
        api, feeds = ApiRoute(), NewestRoute()

        assert set(api.invalidated_by(member)) == {lists["members"], lists["practices"]}
        assert set(api.invalidated_by(MemberFactory(awaiting_review=True))) == set()
        assert set(api.invalidated_by(practice)) == {lists["practices"], "/open-data/practices.csv"}
        assert set(api.invalidated_by(digest)) == {lists["digests"]}
        assert set(feeds.invalidated_by(practice)) == {"/en/feeds/practices.atom"}
        assert set(feeds.invalidated_by(digest)) == {"/en/feeds/digests.atom"}
        assert set(feeds.invalidated_by(member)) == set()
        need, event = (
            OpportunityFactory(public=True),
            EventPageFactory(parent=EventIndexPageFactory(parent=home)),
        )
        assert set(api.invalidated_by(need)) == {lists["needs"]}
        assert set(api.invalidated_by(need.owner)) == {lists["members"], lists["practices"], lists["needs"]}
        assert set(api.invalidated_by(event)) == {lists["events"]}
        for changed, name in ((need, "opportunities"), (need.owner, "opportunities"), (event, "events")):
            assert set(feeds.invalidated_by(changed)) == {f"/en/feeds/{name}.atom"}

    def test_goes_with_the_directory_of_a_language(self, public, directory):
        assert set(ApiRoute().invalidated_by(directory)) == set(ApiRoute().addresses())
        assert "/en/feeds/practices.atom" in set(NewestRoute().invalidated_by(directory))
        LanguageState.objects.filter(locale=directory.locale).update(state=LanguageState.State.PREPARATION)

        assert set(ApiRoute().addresses()) == set()
        assert public.get(MEMBERS).status_code == 404

    def test_answers_a_query_at_lists_alone(self):
        answers = ApiRoute().answers_query

        assert [answers(path) for path in (MEMBERS, DIGESTS, "/api/en", "/api/en/openapi.json")] == [
            True,
            True,
            False,
            False,
        ]
