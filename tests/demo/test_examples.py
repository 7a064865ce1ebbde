"""The invented programmes of the demonstration: approved by two of its people, and recognisable as invented."""

import csv
import io
import re
from itertools import product

import pytest
from django.core.management import call_command
from django.utils import timezone, translation
from pypdf import PdfReader

from campaigns.studio import drawing, variants
from demo import accounts, campaigns, content, examples
from helpline.exchange.imports.parsed import identifier
from helpline.exchange.open_data import exports
from helpline.finder import queries
from helpline.finder.content.coverage import always_available
from helpline.finder.content.listing.reading import NOTES_IN, FinderReading
from helpline.finder.content.listing.rows import row
from helpline.models import Programme, ProgrammeText, Report
from helpline.records.order import in_order
from helpline.records.visibility import is_reachable
from helpline.vocabulary.codes import ANY, Confidentiality, Trigger
from tests.factories.campaigns import DesignFactory
from tests.factories.helpline import ProgrammeFactory, SupportLineFactory
from tests.helpline.finder.matching import CHOSEN, OF_LISTING, matches
from tests.support.cached_fixtures import cached_fixture
from tests.support.reading import HARDEST, difficulty
from tests.support.studio import draw_all_as_pdf
from users import roles

pytestmark = [
    pytest.mark.django_db,
    # Wagtail 8.0 opens its mail connection in a way that Django 6.1 deprecates.
    pytest.mark.filterwarnings("ignore:get_connection"),
    pytest.mark.filterwarnings("ignore:.*connection.* is deprecated"),
]
# Numbers that Ofcom, the Bundesnetzagentur and Arcep reserve for films and books.
FREE = re.compile(r"\+44808157\d{4}|\+496990009\d{3}|\+331990\d{5}")
SAYS_SO = {"en": "invented", "de": "erfunden", "fr": "inventé", "ar": "مُختلَق"}


@pytest.fixture
@cached_fixture
def invented(languages):
    roles.sync()
    accounts.create()
    examples.load()
    return list(Programme.objects.public().prefetch_related("contact_points").order_by("name"))


@pytest.fixture
@cached_fixture
def with_real_ones(invented):
    call_command("import_listings", "programmes", verbosity=0)


@pytest.fixture
def shown(with_real_ones, settings):
    """All listings that the demonstration shows: the invented ones, and the real, unchecked ones."""
    settings.DEMO = True
    return list(queries.programmes(language="en"))


class TestReview:
    def test_is_by_two_people_for_each_programme_and_each_text(self, invented):
        texts = list(ProgrammeText.objects.filter(live=True))

        assert len(invented) == 4
        assert len(texts) == 4 * len(content.LANGUAGES)
        for listing in (*invented, *texts):
            approval = listing.approvals.get()
            assert approval.rule == "two"
            assert approval.by.email == examples.APPROVER
            assert listing.live_revision.user != approval.by
            assert listing.workflow_states.get().status == "approved"


class TestFacts:
    def test_are_complete_with_unassigned_contacts(self, invented):
        missing = [
            (programme.reference, name)
            for programme in invented
            for name, value in programme.serializable_data().items()
            if name in content.facts("examples")["programmes"][0] and value in ("", None, [], "unknown")
        ]
        points = [point for programme in invented for point in programme.contact_points.all()]
        numbers = [point.number for point in points if point.number]

        assert missing == []
        assert all(point.opening_hours for point in points if point.number)
        assert {code for programme in invented for code in programme.countries} == {"gb", "de", "fr", "be"}
        assert {code for point in points for code in point.languages} == {"en", "de", "fr"}
        assert all(FREE.fullmatch(number) for number in numbers)
        assert len(numbers) == 4
        assert all(point.email.endswith("@example.org") for point in points if point.email)
        assert all(programme.website.startswith("https://example.org/") for programme in invented)


class TestWords:
    @pytest.mark.parametrize("language", content.LANGUAGES)
    def test_are_plain(self, language):
        words = " ".join(content.facts("examples")["words"][language].values())

        assert difficulty(words, language) <= HARDEST[language]


class TestMark:
    def test_is_on_every_card_in_every_language(self, invented):
        for language, says_so in SAYS_SO.items():
            with translation.override(language):
                rows = [
                    row(each, FinderReading(today=timezone.localdate()))
                    for each in queries.programmes(language=language)
                ]

            assert len(rows) == 4
            for each in rows:
                assert all(word in each.programme.name for word in SAYS_SO.values())
                assert says_so in each.lead.lower()
                assert each.audience.not_for_words == content.facts("examples")["words"][language]["not_for"]
                assert each.state.alert
                assert each.state.alert_note == (examples.INVENTED if language == NOTES_IN else "")
                assert not each.unreviewed

    def test_stands_before_nothing_that_is_real(self, shown, invented):
        first = []
        for language in content.LANGUAGES:
            with translation.override(language):
                ordered = in_order(shown, timezone.localdate())
            for mine in invented:
                for chosen in choices_that_find(mine):
                    found = [each for each in ordered if matches(each, chosen)]
                    if found[:1] == [mine] and len(found) > 1:
                        first.append((language, chosen, [each.name for each in found[1:]]))

        assert first == []

    def test_keeps_them_from_being_anybodys_answer_at_any_hour(self, shown, invented):
        today = timezone.localdate()
        names = {answer.name for answer in always_available.answers(shown, FinderReading(today=today))}
        counted = queries.coverage_of_week(today=today)["worried"].services

        assert names.isdisjoint({each.name for each in invented})
        assert counted.keys().isdisjoint({each.uuid for each in invented})


class TestThePoster:
    """The poster for Belgium carries a number, and its page states that it is invented."""

    @pytest.mark.parametrize("language", content.LANGUAGES)
    def test_has_the_number_of_the_invented_programme(self, invented, language, monkeypatch):
        draw_all_as_pdf(monkeypatch)
        design = DesignFactory(
            languages=(language,),
            numbers={campaigns.COUNTRY: identifier(campaigns.PROGRAMME)},
            formats=("poster-a4", "blank-a4"),
        )
        planned = [output for output in variants.to_draw(design) if output.variant.country]

        made = [*drawing.draw(planned, day=timezone.localdate())]

        assert [each.state for each in made] == ["drawn", "drawn"]
        for each in made:
            words = " ".join(PdfReader(io.BytesIO(each.content)).pages[0].extract_text().split())
            assert "+33 1 99 00 00 43" in words
            assert "invented" in words


def choices_that_find(programme):
    """Yield the choices of the finder that match a programme."""
    points = list(programme.contact_points.all())
    offered = [
        facet.of_listing(programme)
        if facet in OF_LISTING
        else {code for point in points for code in facet.of_point(programme, point)}
        for facet in CHOSEN
    ]
    for codes in product(*[(ANY, *each) for each in offered]):
        yield dict(zip([facet.code for facet in CHOSEN], codes, strict=True))


class TestOpenData:
    def test_has_them_and_no_unchecked_listing(self, public, shown, invented):
        names = {each.name for each in invented}
        rows = csv.DictReader(io.StringIO(exports.public_csv("programmes")))

        assert {each["name"] for each in rows} == names
        for language, says_so in SAYS_SO.items():
            found = public.get(f"/hsds/{language}/services", {"minimal": "false"}).json()["contents"]
            assert {each["name"] for each in found} == names
            assert all(says_so in each["description"].lower() for each in found)


class TestWhatIsPassedOn:
    def test_is_said_by_35_listings_at_least(self, shown):
        known = [
            each for each in shown
            if is_reachable(each)
            and (each.confidentiality != Confidentiality.UNKNOWN or each.reporting_trigger != Trigger.UNKNOWN)
        ]  # fmt: skip

        assert len(known) >= 35


class TestReports:
    def test_are_marked_as_invented_and_are_about_different_listings(self):
        ProgrammeFactory.create_batch(3)
        SupportLineFactory()

        examples.load_reports()

        made = Report.objects.all()
        assert all(report.text.startswith("Invented for the demonstration.") for report in made)
        assert len({report.listing for report in made}) == len(made) == 3
