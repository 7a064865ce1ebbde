"""The pages of a country or a listing: their content, their metadata, and what renders them again."""

from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from core import sitemaps
from core.memo import batch
from core.models import LanguageState
from helpline.finder.publishing import HelpPages
from helpline.finder.sharing import addresses
from helpline.finder.sharing.publishing import SharedPages
from helpline.governance import services
from helpline.vocabulary.codes import LineKind, Status
from helpline.vocabulary.wording import revealing_words
from prerender import services as prerender
from prerender.invalidation import expand_changes
from prerender.models import PendingChange, PendingPath
from tests.factories.helpline import (
    FinderPageFactory,
    GuidePageFactory,
    ProgrammeFactory,
    ProgrammeTextFactory,
    StaffFactory,
    SupportLineFactory,
)
from tests.helpline.rows import same_queries
from tests.support import sitemap
from tests.support.cached_fixtures import cached_fixture
from tests.support.html import parse
from tests.support.languages import in_language
from tests.support.publishing import render_only

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_api")]
PHONE = {"channel": "phone", "number": "+493023125000", "languages": ["de"], "timezone": "Europe/Berlin"}


@pytest.fixture
@cached_fixture
def finders(home, languages):
    """The English finder; there is a German one, too."""
    in_language(home, languages["de"])
    finder = FinderPageFactory(parent=home)
    in_language(finder, languages["de"], title="Unterstützung finden")
    return finder


def written():
    """Return the addresses in the route."""
    return set(SharedPages().addresses())


class TestCountries:
    def test_shows_services_for_it_and_for_anywhere_and_urgent_lines(self, read, finders, lines):
        ProgrammeFactory(name="There", approved=True)
        ProgrammeFactory(name="Everywhere", countries=["xx"], approved=True)
        ProgrammeFactory(name="Elsewhere", countries=["at"], approved=True)
        SupportLineFactory(name="For children", kind=LineKind.CHILD_HELPLINE, approved=True)

        page = parse(read("/en/help/de/"))

        assert [row.one("h3").text for row in page.all("article")] == ["There", "Everywhere"]
        assert page.all("div", class_="finder-urgent")[0].text.startswith("Immediate help in Germany")
        assert "For children" in page.text

    def test_says_the_same_when_several_are_rendered_together(self, read, finders, lines):
        ProgrammeFactory(countries=["de", "at"], approved=True)
        alone = [read(path) for path in ("/en/help/de/", "/en/embed/de/")]

        with batch():
            together = [read(path) for path in ("/en/help/de/", "/en/embed/de/")]

        assert together == alone

    def test_a_line_alone_makes_a_page(self, read, finders, lines):
        assert "No service in this country is listed" in read("/en/help/de/")

    def test_a_country_with_nothing_has_none(self, read, finders, lines):
        ProgrammeFactory(countries=["xx"], approved=True)

        assert "/en/help/lu/" not in written()
        read("/en/help/lu/", status=404)
        read("/en/help/xx/", status=404)
        read("/en/embed/lu/", status=404)

    def test_nothing_that_two_people_have_not_approved(self, read, finders, lines):
        ProgrammeFactory(name="Nobody checked this", countries=["lu"])

        assert "/en/help/lu/" not in written()
        assert "Nobody checked this" not in read("/en/help/de/")

    def test_one_without_lines_gives_numbers_for_elsewhere(self, read, finders, lines):
        ProgrammeFactory(countries=["in"], approved=True, contacts=[{**PHONE, "languages": ["hi"]}])

        assert parse(read("/en/help/in/")).one("section", class_="crisis").one("a", class_="call")["href"] == "tel:112"

    def test_waits_for_its_crisis_lines_in_the_languages_of_its_services(self, read, finders, lines):
        ProgrammeFactory(countries=["at"], approved=True)

        assert "/en/help/at/" in written()
        assert not {"/de/help/at/", "/de/embed/at/", "/de/help/handouts/at-de.pdf"} & written()
        read("/de/help/at/", status=404)
        assert 'hreflang="de"' not in read("/en/help/at/").split("<body>")[0]

    def test_says_that_history_keeps_the_country_and_that_spyware_sees_everything(self, read, finders, lines):
        traces = parse(read("/en/help/de/")).one("section", class_="finder-traces").text

        assert "Germany" in traces
        assert "history" in traces
        assert "spyware" in traces

    def test_title_and_address_are_neutral_in_every_language(self, read, finders, lines, languages):
        page = parse(read("/de/help/de/"))

        assert page.one("title").text.startswith("Unterstützung: Deutschland")
        assert revealing_words(page.one("title").text) == []

    def test_has_the_way_out_and_no_social_card(self, read, finders, lines):
        page = parse(read("/en/help/de/"))

        assert page.all("a", class_="exit-button")
        assert not [meta for meta in page.all("meta") if meta.get("property") or "twitter" in (meta.get("name") or "")]

    def test_names_its_address_and_its_translations(self, read, finders, lines, settings):
        page = parse(read("/en/help/de/"))

        head, switch = page.one("head"), page.one("details", class_="languages")
        assert head.one("link", rel="canonical")["href"] == f"{settings.PUBLIC_URL}/en/help/de/"
        assert {link["hreflang"]: link["href"] for link in head.all("link", rel="alternate")} == {
            "en": f"{settings.PUBLIC_URL}/en/help/de/",
            "de": f"{settings.PUBLIC_URL}/de/help/de/",
            "x-default": f"{settings.PUBLIC_URL}/en/help/de/",
        }
        assert {link["href"] for link in switch.all("a")} == {"/en/help/de/", "/de/help/de/"}

    def test_are_in_the_map_of_the_site(self, finders, lines, settings):
        found = sitemap.text()

        assert f"<loc>{settings.PUBLIC_URL}/en/help/de/</loc>" in found
        assert f'hreflang="de" href="{settings.PUBLIC_URL}/de/help/de/"' in found
        assert "/listing/" not in found
        assert "/embed/" not in found
        assert ".pdf" not in found

    def test_takes_the_same_queries_for_few_listings_and_many(self, read, finders, lines):
        def visit():
            read("/en/help/de/")

        ProgrammeTextFactory(programme=ProgrammeFactory(approved=True), approved=True)
        with same_queries(visit):
            for _ in range(5):
                ProgrammeTextFactory(programme=ProgrammeFactory(approved=True), approved=True)
                SupportLineFactory(approved=True)

    def test_a_guide_cannot_take_its_address(self, finders):
        for slug in ("de", "listing", "handouts", "coverage"):
            guide = GuidePageFactory.build(slug=slug, title="Guide")
            with pytest.raises(ValidationError, match="Choose another"):
                guide.clean()


class TestListings:
    def test_shows_a_programme_with_the_crisis_lines_of_its_country(self, read, finders, lines):
        programme = ProgrammeFactory(name="Somebody listens", approved=True)

        page = parse(read(f"/en/help/listing/{programme.uuid}/"))

        assert page.one("article").one("h3").text == "Somebody listens"
        assert "116 123" in page.one("div", class_="finder-urgent").text

    def test_the_title_names_no_service(self, read, finders, lines):
        programme = ProgrammeFactory(name="Kein Täter werden", approved=True)

        title = parse(read(f"/en/help/listing/{programme.uuid}/")).one("title").text

        assert title.startswith("Service information")
        assert revealing_words(title) == []

    def test_is_not_for_search_engines(self, read, finders, lines):
        head = parse(read(f"/en/help/listing/{ProgrammeFactory(approved=True).uuid}/")).one("head")

        assert head.one("meta", name="robots")["content"] == "noindex"
        assert "ld+json" not in read(f"/en/help/listing/{lines[0].uuid}/")

    def test_shows_a_support_line(self, read, finders, lines):
        page = read(f"/en/help/listing/{lines[1].uuid}/")

        assert "Night line" in page
        assert 'href="tel:116123"' in page
        assert "Checked: " in page

    def test_says_that_one_is_closed(self, read, finders, lines):
        programme = ProgrammeFactory(approved=True, status=Status.CLOSED)

        page = read(f"/en/help/listing/{programme.uuid}/")

        assert '<span class="tag">Closed</span>' in page
        assert "tel:+4930" not in page

    @pytest.mark.parametrize("gone", ["hidden", "taken off the list"])
    def test_says_that_one_is_no_longer_listed_and_nothing_else_of_it(self, read, finders, lines, gone):
        programme = ProgrammeFactory(name="Not what it says", approved=True)
        if gone == "hidden":
            services.hide(listing=programme, by=StaffFactory(), reason="in doubt")
        else:
            services.delist(listing=programme, by=StaffFactory(), reason="It is a trap.")

        page = read(f"/en/help/listing/{programme.uuid}/")

        assert f"/en/help/listing/{programme.uuid}/" in written()
        assert f"/en/help/handouts/{programme.uuid}-en.pdf" not in written()
        assert "no longer listed" in page
        assert 'content="noindex"' in page
        assert 'href="/en/help/"' in page
        assert "Not what it says" not in page
        assert "+4930" not in page

    def test_what_was_never_approved_has_no_address_but_in_the_demonstration(self, read, finders, lines, settings):
        never = ProgrammeFactory(checked=True), SupportLineFactory()

        for uuid in (*(each.uuid for each in never), uuid4()):
            assert f"/en/help/listing/{uuid}/" not in written()
            read(f"/en/help/listing/{uuid}/", status=404)
        settings.DEMO = True
        draft = ProgrammeFactory()

        assert f"/en/help/listing/{draft.uuid}/" in written()
        assert "Unchecked" in read(f"/en/help/listing/{draft.uuid}/")

    def test_nothing_of_the_finder_leads_there_or_says_it_to_search_engines(self, read, finders, lines):
        ProgrammeFactory(approved=True)

        page = read("/en/help/")

        assert "/listing/" not in page
        assert "ld+json" not in page


class TestSharingFromTheFinder:
    def test_names_countries_under_share_or_print_with_a_warning(self, read, finders, lines):
        ProgrammeFactory(countries=["at"], approved=True, contacts=[{**PHONE, "languages": ["fr"]}])

        page = parse(read("/en/help/"))

        folded = page.one("details", class_="sharing")
        leading = [link for link in page.all("a") if link["href"] in {"/en/help/de/", "/en/help/at/"}]
        assert folded.all("a") == leading
        assert [item["data-country"] for item in folded.all("li")] == ["at", "de"]
        assert "history keeps both" in folded.text


class TestEmbedding:
    def test_a_frame_has_no_script_and_every_link_leaves_it(self, read, finders, lines):
        ProgrammeFactory(
            approved=True,
            website="https://programme.example/",
            contacts=[{"channel": "chat", "languages": ["de"]}],
        )

        page = parse(read("/en/embed/de/"))

        assert not page.all("script")
        assert page.one("base").attributes == {"target": "_top"}
        assert not [link for link in page.all("a") if link.get("target")]
        away = [link for link in page.all("a") if link["href"].startswith("http")]
        assert away
        assert all("noreferrer" in (link.get("rel") or "") for link in away)

    def test_has_the_number_of_its_services_in_words_without_those_in_doubt(self, read, finders, lines):
        ProgrammeFactory(approved=True)
        counted = parse(read("/en/embed/de/")).one("p", class_="finder-count")
        ProgrammeFactory(approved=True)
        ProgrammeFactory(approved=True, alert="in_doubt")

        assert counted.text == "1 service"
        assert parse(read("/en/embed/de/")).one("p", class_="finder-count").text == "2 services"

    def test_filters_itself_without_sending_anything(self, read, finders, lines):
        forms = parse(read("/en/embed/de/")).all("form")

        assert [form["class"] for form in forms] == ["finder-who", "finder-more"]
        for form in forms:
            assert form["autocomplete"] == "off"
            assert not form.all("button")
            assert {control["autocomplete"] for control in [*form.all("input"), *form.all("select")]} == {"off"}

    def test_the_page_for_partners_hands_out_lines_that_show_it(self, read, finders, lines, settings):
        page = parse(read("/en/embed/"))

        line = page.one("details", class_="question").one("pre").text
        frame = parse(line).one("iframe")
        assert frame["src"] == f"{settings.PUBLIC_URL}/en/embed/de/"
        assert frame["referrerpolicy"] == "no-referrer"
        assert "You can see the visit" in page.text


class TestAddresses:
    def test_are_of_languages_with_a_finder_only(self, finders, lines, languages):
        LanguageState.objects.filter(locale=languages["de"]).update(state=LanguageState.State.PREPARATION)

        assert {path.split("/")[1] for path in written()} == {"en"}

    def test_take_the_same_queries_for_few_listings_and_many(self, finders, lines):
        with same_queries(written):
            for country in ("at", "ch", "fr"):
                ProgrammeFactory(approved=True, countries=[country])
                SupportLineFactory(approved=True, country=country)

    def test_each_is_rendered(self, read, finders, lines):
        ProgrammeFactory(approved=True)
        read("/en/help/de/")  # creates the site's settings, which every page shows
        PendingChange.objects.all().delete()

        outcome = prerender.render_paths(written())

        assert outcome.refused == {}
        assert set(outcome.written) == written()


def of(country, *languages):
    return {path for language in languages for path in addresses.paths_of_country(language, country)}


class TestTouchedBy:
    def touched(self, changed):
        return set(SharedPages().invalidated_by(changed)) - {
            *sitemaps.invalidated_paths(),
            "/en/embed/",
            "/de/embed/",
        }

    def own(self, programme, *languages):
        uuid = programme.uuid
        return {
            path
            for language in languages
            for path in (addresses.listing_path(language, uuid), addresses.handout_path(language, uuid))
        }

    def test_a_programme_shows_on_its_own_pages_and_those_of_its_countries(self, finders, lines):
        programme = ProgrammeFactory(countries=["at", "de"], approved=True)

        assert self.touched(programme) == self.own(programme, "en", "de") | of("at", "en", "de") | of("de", "en", "de")

    def test_and_of_those_in_which_it_worked_before(self, finders, lines):
        programme = ProgrammeFactory(countries=["at"], approved=True)
        programme.countries = ["de"]
        programme.save_revision()

        assert of("at", "en") | of("de", "en") <= self.touched(programme)

    def test_one_that_works_anywhere_shows_in_every_country(self, finders, lines):
        ProgrammeFactory(countries=["fr"], approved=True)

        touched = self.touched(ProgrammeFactory(countries=["xx"], approved=True))

        assert of("de", "en") | of("fr", "en") <= touched
        assert of("xx", "en").isdisjoint(touched)

    def test_a_text_shows_in_its_language(self, finders, lines, languages):
        programme = ProgrammeFactory(approved=True)

        touched = self.touched(ProgrammeTextFactory(programme=programme, locale=languages["de"]))

        assert touched == self.own(programme, "de") | of("de", "de")

    def test_a_line_shows_in_its_country_and_beside_each_programme_there(self, finders, lines):
        programme = ProgrammeFactory(approved=True)
        ProgrammeFactory(countries=["at"], approved=True)

        touched = self.touched(lines[0])

        assert touched == {
            addresses.listing_path("en", lines[0].uuid),
            addresses.listing_path("de", lines[0].uuid),
            # The other line's page shows it at its top.
            addresses.listing_path("en", lines[1].uuid),
            addresses.listing_path("de", lines[1].uuid),
            *self.own(programme, "en", "de"),
            *of("de", "en", "de"),
            addresses.lines_path("en", "de"),
            addresses.lines_path("de", "de"),
        }

    def test_a_finder_invalidates_all_pages_of_its_language(self, finders, lines):
        assert set(SharedPages().invalidated_by(finders)) == {
            *sitemaps.invalidated_paths(), *(path for path in written() if path.startswith("/en/"))
        }  # fmt: skip

    def test_comes_after_what_people_wait_for(self, read, finders, lines):
        programme = ProgrammeFactory(approved=True)
        read("/en/help/de/")
        PendingChange.objects.all().delete()
        programme.save()

        expand_changes()

        urgent = PendingPath.objects.filter(urgency=PendingPath.Urgency.SOON).values_list("path", flat=True)
        later = set(PendingPath.objects.filter(urgency=PendingPath.Urgency.WHOLE_SITE).values_list("path", flat=True))
        assert "/en/help/" in urgent
        assert of("de", "en", "de") | self.own(programme, "en", "de") <= later
        assert later.isdisjoint(urgent)

    def test_takes_the_same_queries_for_few_listings_and_many(self, finders, lines):
        programme = ProgrammeFactory(approved=True)
        with same_queries(lambda: self.touched(programme)):
            for country in ("at", "ch", "fr"):
                ProgrammeFactory(approved=True, countries=[country])


class TestPublicCopies:
    """End to end with the renderer: the public gets files."""

    @pytest.fixture(autouse=True)
    def _nothing_else(self, declare):
        declare(routes=[HelpPages(), SharedPages()])

    def test_a_country_whose_last_listing_is_hidden_is_taken_away_and_the_listing_says_so(
        self, public, finders, lines, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            programme = ProgrammeFactory(
                name="Not for ever",
                countries=["at"],
                approved=True,
                contacts=[{**PHONE, "languages": ["fr"]}],
            )
        own = [f"/en/help/listing/{programme.uuid}/", f"/en/help/handouts/{programme.uuid}-en.pdf"]
        of_country = ["/en/help/at/", "/en/embed/at/", "/en/help/handouts/at-en.pdf"]
        assert [public.get(path).status_code for path in own + of_country] == [200] * 5
        assert "Not for ever" in public.get("/en/help/at/").text

        with django_capture_on_commit_callbacks(execute=True):
            services.hide(listing=programme, by=StaffFactory(), reason="in doubt")

        assert [public.get(path).status_code for path in own + of_country] == [200, 404, 404, 404, 404]
        assert "no longer listed" in public.get(own[0]).text

    def test_a_language_that_is_withdrawn_takes_them_with_it(
        self, public, finders, lines, languages, django_capture_on_commit_callbacks
    ):
        render_only(*written())
        assert public.get("/de/help/de/").status_code == 200

        with django_capture_on_commit_callbacks(execute=True):
            state = LanguageState.objects.get(locale=languages["de"])
            state.state = LanguageState.State.RETIRED
            state.save()

        assert public.get("/de/help/de/").status_code == 404
        assert public.get("/en/help/de/").status_code == 200
