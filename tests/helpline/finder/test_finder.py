"""The finder: its content, its order, and what it must never disclose."""

import datetime as dt
import re
from html.parser import HTMLParser
from itertools import count, product

import brotli
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone, translation
from wagtail.models import Locale

from helpline.exchange.imports.parsed import identifier
from helpline.finder.content import crisis
from helpline.finder.content.filters.choices import controls
from helpline.finder.content.filters.facets import FACETS, UNINHABITED, Level
from helpline.finder.content.filters.stylesheet import stylesheet
from helpline.finder.content.finder import MAX_BYTES, MAX_LISTINGS
from helpline.finder.content.listing import rows
from helpline.finder.content.listing.reading import FinderReading
from helpline.models import ContactPoint, FinderPage, Programme, ProgrammeText, SupportLine
from helpline.vocabulary import codes
from helpline.vocabulary.codes import ANY, Alert, Audience, LineKind, Status
from tests.factories.helpline import (
    FinderPageFactory,
    GuidePageFactory,
    ProgrammeFactory,
    ProgrammeTextFactory,
    SupportLineFactory,
    days_ago,
)
from tests.helpline.finder.matching import OF_LISTING, OF_POINT, choice, matches, visible
from tests.helpline.rows import same_queries
from tests.support.cached_fixtures import cached_fixture
from tests.support.publishing import publish_page, render_only
from tests.support.server import collected_static

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
CITIES = [
    "Aachen",
    "Bergen",
    "Cork",
    "Dresden",
    "Evora",
    "Fulda",
    "Graz",
    "Halle",
    "Innsbruck",
    "Jena",
    "Kiel",
    "Lund",
    "Metz",
]
ROUTES = [
    (
        "route",
        {
            "audience": "professional",
            "label": "I am a doctor",
            "text": "Good that you ask.",
            "steps": ["Read."],
        },
    ),
]


@pytest.fixture
@cached_fixture
def finder(home):
    return FinderPageFactory(parent=home, routes=ROUTES)


@pytest.fixture
def html(read, finder, lines):
    return lambda language="en": read(f"/{language}/help/")


class Elements(HTMLParser):
    """Collects every element with its attributes, and the text outside tags."""

    def __init__(self, html):
        super().__init__()
        self.found, self.text = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)

    def all(self, *tags):
        return [attributes for tag, attributes in self.found if not tags or tag in tags]


def articles(html):
    return [attributes["data-programme"] for attributes in Elements(html).all("article")]


class TestWhatIsShown:
    def test_nothing_that_two_people_have_not_approved(self, html):
        ProgrammeFactory(name="Nobody checked this")
        ProgrammeFactory(name="Somebody checked this", checked=True)
        shown = ProgrammeFactory(name="Two people did", approved=True)

        page = html()

        assert articles(page) == [str(shown.uuid)[:8]]
        assert "checked this" not in page

    def test_in_the_demonstration_unchecked_listings_marked_as_such(self, html, demo):
        ProgrammeFactory(name="Nobody checked this")

        page = html()

        assert "Nobody checked this" in page
        assert "Unchecked" in page
        assert "nothing here has been checked" in page

    def test_the_words_of_its_language_once_they_are_approved_and_facts_alone_until_then(self, html):
        text = ProgrammeTextFactory(programme=ProgrammeFactory(approved=True), summary="Not approved words")
        ProgrammeTextFactory(programme=ProgrammeFactory(approved=True), summary="Approved words", approved=True)

        page = html()

        assert text.programme.name in page
        assert "Approved words" in page
        assert "Not approved words" not in page

    def test_what_it_is_not_for_before_the_ways_to_make_contact(self, html):
        ProgrammeFactory(approved=True, not_for=["open_proceedings"])

        page = html()

        assert page.index("open police or court case") < page.index('href="tel:+493023125000"')

    def test_unknown_as_unknown(self, html):
        ProgrammeFactory(approved=True, contacts=[{"channel": "phone", "number": "+493023125000"}])

        page = html()

        for words in (
            "We do not know: the law that applies, who it is not for and the cost.",
            "We do not know if you can stay anonymous.",
            "Not known. Ask before you tell them who you are.",
            "Language not known",
            "opening hours not known",
        ):
            assert words in page

    def test_an_unconfirmed_note_as_unconfirmed(self, html, demo):
        ProgrammeTextFactory(note="They report <everything>.")

        page = html()

        assert "As stated on a public page, not confirmed:" in page
        assert "<q>They report &lt;everything&gt;.</q>" in page

    def test_a_note_on_an_alert_in_its_language_only_and_the_alert_in_every_one(self, html):
        ProgrammeFactory(approved=True, alert=Alert.WAITING_LIST, alert_note="Three weeks.")

        assert "There is a long waiting list." in html()
        assert "Three weeks." in html()
        assert "Es gibt eine lange Warteliste." in html("de")
        assert "Three weeks." not in html("de")

    def test_a_phone_without_a_number_by_its_website(self, html):
        ProgrammeFactory(approved=True, contacts=[{"channel": "phone", "languages": ["de"]}])

        page = html()

        assert "tel:+4930" not in page
        assert page.count('href="https://programme.example/"') == 1

    def test_links_lead_away_without_a_word_of_where_from(self, html):
        ProgrammeFactory(approved=True)
        SupportLineFactory(approved=True, number="", website="https://line.example/")

        away = [a for a in Elements(html()).all("a") if ".example/" in a.get("href", "")]

        assert len(away) == 2
        assert {a["rel"] for a in away} == {"noreferrer noopener nofollow"}

    def test_a_closed_one_as_closed_and_without_a_number(self, html):
        ProgrammeFactory(approved=True, status=Status.CLOSED_UNTIL, closed_until=dt.date(2030, 5, 3))

        page = html()

        assert "Closed until" in page
        assert "tel:+4930" not in page

    def test_no_number_with_a_long_overdue_check(self, html):
        ProgrammeFactory(name="Late", approved=True, checked_on=days_ago(400), next_check_due=days_ago(200))

        page = html()

        assert "Late" in page
        assert "tel:+4930" not in page
        assert "This listing has not been checked for a long time" in page

    def test_routes_in_the_words_of_the_page(self, html):
        page = html()

        assert "I am a doctor" in page
        assert "Good that you ask." in page
        assert "I am under 18" in page


class TestOrder:
    def names_of(self, *programmes):
        found = Programme.objects.filter(pk__in=[programme.pk for programme in programmes])
        shown = rows.listing_rows(found.prefetch_related("contact_points", "texts"), FinderReading(today=TODAY))
        return [row.programme.name for row in shown]

    def test_is_country_then_person_then_language_then_checked_and_doubt_last(self):
        numbers = (f"+4930231251{last:02}" for last in count())

        def made(name, *, spoken="en", channel="phone", number="", **facts):
            number = {
                "phone": {"number": number or next(numbers)},
                "email": {"email": "help@service.example"},
                "chat": {"url": "https://service.example/chat"},
            }.get(channel, {})
            return ProgrammeFactory(
                name=name,
                **{"checked": True, **facts},
                contacts=[{"channel": channel.removesuffix("_without"), "languages": [spoken], **number}],
            )

        closed = made("closed")
        listings = [
            closed,
            made("A doubtful", alert=Alert.IN_DOUBT),
            made("A numbers hidden", checked_on=days_ago(400), next_check_due=days_ago(200)),
            made("A other language", spoken="de"),
            made("A anywhere", countries=["xx"]),
            made("A in writing", channel="email"),
            made("A clinic", channel="face_to_face"),
            made("A self-help", channel="online_self_help"),
            made("A number not known", channel="phone_without"),
            made("A several", countries=["at", "de"]),
            made("A full", alert=Alert.NO_NEW_PEOPLE),
            made("A region", reach="regional"),
            made("never checked", checked=False),
            made("sunk", checked_on=days_ago(300), next_check_due=days_ago(40)),
            made("A same number", number="+493023125000", reach="regional"),
            made("A upper age", channel="chat", audiences=["self_thoughts"], maximum_age=22),
            made("A not after an offence", not_for=["has_acted"]),
            made("B older", checked_on=days_ago(5), number="+493023125000"),
            made("chat", channel="chat"),
            made("for professionals", audiences=["professional"]),
            made("é newest"),
            made("f newest"),
        ]
        closed.status = Status.CLOSED
        closed.save()

        assert self.names_of(*listings) == [
            "chat", "é newest", "f newest", "B older", "for professionals", "sunk", "never checked", "A region",
            "A not after an offence", "A other language", "A in writing", "A number not known", "A clinic",
            "A self-help", "A upper age", "A same number", "A full", "A numbers hidden", "closed",
            "A several",
            "A anywhere",
            "A doubtful",
        ]  # fmt: skip

    def test_begins_with_the_language_of_the_page(self):
        german = ProgrammeFactory(name="A", contacts=[{"channel": "phone", "languages": ["de"]}])
        french = ProgrammeFactory(name="B", contacts=[{"channel": "phone", "languages": ["fr"]}])

        with translation.override("fr"):
            assert self.names_of(german, french) == ["B", "A"]
        with translation.override("de"):
            assert self.names_of(german, french) == ["A", "B"]

    def test_does_not_depend_on_the_order_of_the_rows(self):
        made = [ProgrammeFactory(name="Same", checked=True) for _ in range(5)]
        reading = FinderReading(today=TODAY)
        shown = [rows.listing_rows(some, reading) for some in (made, reversed(made))]

        assert [row.programme for row in shown[0]] == [row.programme for row in shown[1]]

    def test_says_of_each_where_it_works(self):
        made = ProgrammeFactory(countries=["at", "de"])

        with translation.override("de"):
            assert rows.row(made, FinderReading(today=TODAY)).place == "Deutschland und Österreich"


class TestMatching:
    """The finder shows exactly the listings that match, for every choice.

    Tested on the starter data.
    Facets of the listing filter independently, so each of their codes is tested alone: several choices leave the
    listings that match all of them.
    Facets of a contact point work together, so every combination of their codes is tested.
    """

    def test_codes_say_what_matches(self):
        call_command("import_listings", "programmes", verbosity=0)
        found = Programme.objects.prefetch_related("contact_points", "texts")
        shown = {row.programme: row for row in rows.listing_rows(found, FinderReading(today=TODAY))}
        # The locations of a programme are shown in its row.
        programmes = [programme for programme, _places in rows.grouped(found)]
        alone = [{facet.code: code} for facet in OF_LISTING for code in [ANY, *facet.codes()]]
        together = [
            dict(zip((facet.code for facet in OF_POINT), chosen, strict=True))
            for chosen in product(*([ANY, *facet.codes()] for facet in OF_POINT))
        ]

        wrong = [
            (programme.reference, chosen)
            for chosen in (choice(**codes) for codes in [*alone, *together])
            for programme in programmes
            if matches(programme, chosen) != visible(shown[programme], chosen)
        ]

        assert len(programmes) > 70
        assert len(together) > 900
        assert not wrong

    def test_language_channel_and_cost_are_of_one_contact_point(self):
        programme = ProgrammeFactory(
            contacts=[
                {"channel": "phone", "languages": ["de"], "cost": "free"},
                {"channel": "email", "languages": ["en"], "cost": "paid"},
            ]
        )

        shown = rows.row(programme, FinderReading(today=TODAY))

        assert visible(shown, choice(language="de", channel="phone", cost="free"))
        assert not visible(shown, choice(language="de", channel="email"))
        assert not visible(shown, choice(language="en", cost="free"))


class TestStyleSheet:
    def test_is_current(self):
        call_command("finder_css", check=True)

    def test_check_fails_on_an_old_one(self, settings, tmp_path):
        (tmp_path / "css" / "components").mkdir(parents=True)
        (tmp_path / "css" / "components" / "finder-choices.css").write_text("old")
        settings.STATICFILES_DIRS = [tmp_path]

        with pytest.raises(CommandError, match="out of date"):
            call_command("finder_css", check=True)

    def test_has_a_rule_for_every_choice(self):
        css = stylesheet()

        for facet in (*OF_LISTING, *OF_POINT):
            for code in [ANY, *facet.codes()]:
                assert f"[data-code={code}]:checked" in css, (facet.code, code)

    def test_loads_nothing_and_contains_no_listing(self):
        assert "url(" not in stylesheet()

    def test_is_small(self):
        assert len(brotli.compress(stylesheet().encode())) < 2100


class TestPromises:
    """A browser keeps, sends and shows no choice (privacy-security §1)."""

    @pytest.fixture
    def elements(self, html, demo):
        ProgrammeFactory()
        SupportLineFactory()
        return Elements(html())

    def test_no_form_and_no_control_may_be_kept(self, elements):
        controls = elements.all("form", "input", "select")

        assert len(controls) > 15
        assert {control.get("autocomplete") for control in controls} == {"off"}

    def test_names_ids_and_values_are_numbers(self, elements):
        kept = [
            value
            for control in elements.all("input", "select", "option")
            for name, value in control.items()
            if name in {"id", "name", "value"} and value != ""
        ]

        assert len(kept) > 300
        assert [value for value in kept if not re.fullmatch(r"g\d+(-\d+)?", value)] == []

    def test_a_guide_may_keep_no_more(self, read, finder, lines):
        GuidePageFactory(parent=finder, slug="first-steps")

        controls = Elements(read("/en/help/first-steps/")).all("form", "select", "option", "input", "button")

        assert {control.get("autocomplete") for control in controls} == {"off", None}
        assert {control[name] for control in controls for name in ("id", "name", "value") if name in control} == {"g1"}
        assert [name for control in controls for name in ("action", "method", "type") if name in control] == []

    def test_nothing_can_be_submitted(self, elements):
        assert {button["type"] for button in elements.all("button")} == {"reset"}
        assert not elements.all("textarea")
        assert {control["type"] for control in elements.all("input")} == {"radio"}
        assert [form for form in elements.all("form") if "action" in form or "method" in form] == []

    def test_no_link_names_a_choice(self, elements):
        own = [a["href"] for a in elements.all("a") if a.get("href", "").startswith(("/", "#", "?"))]

        assert not [href for href in own if "?" in href or ("#" in href and href != "#main")]

    def test_nothing_is_loaded_late(self, elements):
        assert not elements.all("img", "iframe", "object", "video", "audio", "source")
        assert not [attributes for attributes in elements.all() if "style" in attributes or "loading" in attributes]

    @pytest.mark.process
    def test_no_style_loads_anything(self):
        """Styles load a file only when it is needed, which would reveal a choice."""
        for name in ("site", "help"):
            [sheet] = collected_static().glob(f"css/{name}.*[0-9a-f].css")

            assert not re.search(r"url\(|image-set\(|@font-face", sheet.read_text())

    def test_title_is_neutral_and_the_same_for_everybody(self, html):
        assert re.findall(r"<title>(.*?)</title>", html()) == ["Find support · Waymark"]

    def test_says_the_truth_about_history_and_monitoring(self, html):
        page = html()

        assert "cannot erase it" in page
        assert "spyware" in page

    def test_people_who_were_harmed_have_no_place_in_the_list(self, elements):
        options = [option["data-code"] for option in elements.all("input", "option")]

        assert "victim_survivor" not in options

    def test_every_facet_can_be_found_by_tests(self, elements):
        facets = {attributes["data-facet"]: tag for tag, attributes in elements.found if "data-facet" in attributes}

        # Regions are shown for countries with many of them (tests/helpline/finder/test_regions.py).
        asked = [facet for facet in FACETS if facet.level is not Level.LOCATION]
        assert facets == {facet.code: "select" if facet.is_long else "fieldset" for facet in asked}

    def test_every_country_is_offered_in_the_readers_order(self):
        with translation.override("de"):
            german = [choice.label for choice in controls()["country"].choices]

        assert len(german) >= 249 - len(UNINHABITED) + 2
        assert german.index("Ägypten") < german.index("Albanien") < german.index("Österreich") < german.index("Zypern")


class TestCrisis:
    def test_lines_of_each_country_that_has_any(self, html):
        SupportLineFactory(approved=True, name="Jugendtelefon", kind=LineKind.CHILD_HELPLINE, number="116111")

        page = html()

        assert 'href="tel:112"' in page
        assert page.index("Immediate help in Germany") < page.index('href="tel:116123"')
        assert page.index("Other lines in Germany") < page.rindex("Jugendtelefon")
        assert page.index("<h2>Nothing suitable?") < page.rindex("Jugendtelefon")

    def test_no_unapproved_line(self, html):
        SupportLineFactory(name="Unchecked line", checked=True)

        assert "Unchecked line" not in html()

    def test_a_line_with_nothing_to_call_is_not_shown(self):
        assert crisis.by_country([SupportLineFactory(number="", website="")], crisis.URGENT, TODAY) == []

    def test_is_on_a_guide_too(self, read, finder, lines):
        GuidePageFactory(parent=finder, slug="first-steps")

        page = read("/en/help/first-steps/")

        assert 'href="tel:112"' in page
        assert 'href="tel:116123"' in page


class TestTranslated:
    """A translation keeps the pages chosen for its source, and links to their versions in its language."""

    @pytest.fixture
    @cached_fixture
    def chosen(self, home, finder, lines, languages):
        danger = GuidePageFactory(parent=finder, slug="if-it-cannot-wait", title="If it cannot wait")
        guide = GuidePageFactory(parent=finder, slug="first-steps", title="First steps")
        safety = GuidePageFactory(parent=finder, slug="privacy", title="Your privacy")
        route = {**ROUTES[0][1], "guide": guide.pk}
        finder.routes = [("route", finder.routes.stream_block.child_blocks["route"].to_python(route))]
        finder.danger_page, finder.safety_page = danger, safety
        publish_page(finder)
        publish_page(home.copy_for_translation(languages["de"]))
        publish_page(finder.copy_for_translation(languages["de"]))
        return [danger, guide, safety]

    @pytest.fixture
    @cached_fixture
    def translated(self, chosen, languages):
        for page, title in zip(chosen, ["Dringend", "Anfang", "Privat"], strict=True):
            copy = page.copy_for_translation(languages["de"])
            copy.title = title
            publish_page(copy)

    @pytest.mark.usefixtures("translated")
    def test_leads_to_pages_in_its_language(self, read):
        html = read("/de/help/")

        assert re.findall(r'href="/(\w\w)/help/(if-it-cannot-wait|first-steps|privacy)/"', html) == [
            ("de", "if-it-cannot-wait"),
            ("de", "first-steps"),
            ("de", "privacy"),
        ]
        assert ">Anfang</a>" in html

    @pytest.mark.usefixtures("translated")
    def test_a_guide_does_too(self, read):
        guide, danger = read("/de/help/first-steps/"), read("/de/help/if-it-cannot-wait/")

        assert 'href="/de/help/if-it-cannot-wait/"' in guide
        assert "was tun</a>" in guide
        assert "was tun</a>" not in danger

    @pytest.mark.usefixtures("chosen")
    def test_leads_to_the_source_of_what_is_not_translated_yet(self, read):
        html = read("/de/help/")

        assert 'href="/en/help/if-it-cannot-wait/"' in html
        assert 'href="/en/help/first-steps/"' in html


class TestGoingPublic:
    def test_waits_for_crisis_lines_where_its_language_leads(self, finder):
        ProgrammeFactory(approved=True, countries=["gb"], contacts=[{"channel": "phone", "languages": ["en"]}])
        SupportLineFactory(approved=True, country="de", kind=LineKind.EMERGENCY)

        reasons = finder.render_blockers()

        assert len(reasons) == 2
        assert all("United Kingdom" in reason for reason in reasons)

    @pytest.mark.parametrize(
        ("facts", "in_demo", "waits_for"),
        [({"approved": True}, False, 0), ({"checked": True}, False, 2), ({}, True, 0)],
        ids=["approved", "not approved", "in the demonstration"],
    )
    def test_a_language_that_leads_nowhere_waits_for_one_of_each(self, finder, settings, facts, in_demo, waits_for):
        settings.DEMO = in_demo
        assert len(finder.render_blockers()) == 2

        for kind in (LineKind.EMERGENCY, LineKind.SUICIDE_CRISIS):
            SupportLineFactory(kind=kind, **facts)

        assert len(finder.render_blockers()) == waits_for

    def test_a_guide_waits_as_well(self, finder):
        assert len(GuidePageFactory(parent=finder).render_blockers()) == 2

    def test_refuses_more_listings_than_a_phone_can_take(self, finder, demo):
        Programme.objects.bulk_create(
            Programme(name=f"x {n}", countries=["de"], website="https://service.example/", live=False)
            for n in range(MAX_LISTINGS + 1)
        )

        assert any("up to 1000 listings" in reason for reason in finder.render_blockers())

    def test_refuses_a_page_that_is_too_heavy(self, finder, demo, monkeypatch):
        monkeypatch.setattr("helpline.finder.pages.MAX_BYTES", 1000)
        monkeypatch.setattr("helpline.finder.content.finder.MAX_BYTES", 1000)
        ProgrammeFactory()

        SupportLineFactory(kind=LineKind.EMERGENCY)
        SupportLineFactory(kind=LineKind.SUICIDE_CRISIS)

        assert "but the limit is" in render_only("/en/help/").refused["/en/help/"]

    def test_its_address_is_fixed(self, home):
        page = FinderPageFactory(parent=home, slug="something-else")

        assert page.slug == "help"

    def test_there_is_one_in_a_language(self, home, finder):
        assert not FinderPage.can_create_at(home)


class TestCost:
    """A visit costs the reader few bytes, and the server a fixed number of queries."""

    def make(self, number, countries=("de",)):
        """Make listings as an import does, in networks of four places that share a website and a way of working.

        Their identifiers are derived from ids, as in an import, so the page has the same size on every machine.
        """
        start = Programme.objects.count()
        programmes, contacts, texts = [], [], []
        for n in range(start, start + number):
            network, place = divmod(n, 4)
            spoken = codes.LANGUAGES[network % 20]
            programme = Programme(
                pk=1000 + n,
                uuid=identifier(f"network-{network}-{place}"),
                name=f"Network {network} of {CITIES[(network + place) % len(CITIES)]}",
                operator=f"Foundation {network} for people",
                countries=[countries[network % len(countries)]],
                region=CITIES[(network + place) % len(CITIES)],
                audiences=[
                    Audience.in_finder()[network % 5].value,
                    Audience.in_finder()[(network + 2) % 5].value,
                ],
                cost=("free", "unknown")[network % 2],
                anonymous=("yes", "unknown", "no")[network % 3],
                website=f"https://www.network-{network}.example/",
                live=False,
            )
            programmes.append(programme)
            phone = {
                "channel": "phone",
                "number": f"+4930{23125000 + network}",
                "languages": [spoken],
                "opening_hours": f"Mo-Fr {8 + network % 4:02}:00-{16 + network % 4}:00",
                "timezone": "Europe/Berlin",
            }
            mail = {
                "channel": "email",
                "email": f"help@network-{network}.example",
                "languages": [spoken, "en"],
            }
            contacts += [
                ContactPoint(programme_id=programme.pk, sort_order=at, **point)
                for at, point in enumerate([phone, mail, {"channel": "chat", "languages": ["en"]}])
            ]
            note = f"Note {network}: they keep what you say, unless a child is in danger."
            texts.append(ProgrammeText(programme_id=programme.uuid, locale=Locale.get_default(), note=note, live=False))
        Programme.objects.bulk_create(programmes)
        ContactPoint.objects.bulk_create(contacts)
        ProgrammeText.objects.bulk_create(texts)

    def test_takes_the_same_queries_for_few_and_many(self, html, demo):
        self.make(2)
        SupportLineFactory.create_batch(2)
        with same_queries(html):
            self.make(20)
            SupportLineFactory.create_batch(20)

    @pytest.fixture
    def weigh(self, html, demo):
        """Return a function from a number of listings, in countries with crisis lines, to compressed sizes in bytes.

        The sizes are those of the page alone, and of everything.
        """
        call_command("import_listings", "support-lines", verbosity=0)
        call_command("import_listings", "laws", verbosity=0)
        call_command("import_listings", "law-texts", verbosity=0)
        lines = [(c, line.kind) for line in SupportLine.objects.all() for c in line.countries]
        countries = {c for c, kind in lines if kind == LineKind.EMERGENCY} & {
            c for c, kind in lines if kind == LineKind.SUICIDE_CRISIS
        }
        static = collected_static()
        shared = sum(
            next(static.glob(name)).stat().st_size
            for name in (
                "css/site.*.css.br",
                "css/help.*.css.br",
                "js/site.*.js.br",
                "icons/favicon.*.svg.br",
            )
        )

        def weigh(number):
            self.make(number, sorted(countries))
            page = html()
            assert len(articles(page)) == number
            alone = len(brotli.compress(page.encode()))
            return alone, alone + shared

        return weigh

    @pytest.mark.process
    def test_weighs_no_more_than_45_kilobytes_with_three_hundred_listings(self, weigh):
        _alone, everything = weigh(300)

        assert everything < 45_000

    @pytest.mark.process
    def test_weighs_no_more_than_the_renderer_takes_with_a_thousand(self, weigh):
        alone, _everything = weigh(MAX_LISTINGS)

        assert alone < MAX_BYTES


class TestArabic:
    def test_shows_arabic_from_right_to_left(self, read, home, languages, lines, demo):
        arabic = home.copy_for_translation(languages["ar"])
        arabic.save_revision().publish()
        FinderPageFactory(parent=arabic, locale=languages["ar"], title="البحث عن دعم")
        phone = {"channel": "phone", "number": "+493023125000", "languages": ["ar"]}
        ProgrammeFactory(contacts=[{**phone, "opening_hours": "Mo 10:00-12:00", "timezone": "Europe/Berlin"}])

        page = read("/ar/help/")

        assert '<html lang="ar" dir="rtl">' in page
        assert "ألمانيا" in page
        assert "العربية" in page
        assert "الاثنين" in page
        assert '<a class="call" dir="ltr" href="tel:+493023125000">030 23125000</a>' in page
