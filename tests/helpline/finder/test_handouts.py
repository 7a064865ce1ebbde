"""Handouts: their content, their accessibility, and that the same facts give the same bytes."""

import io

import pytest
from django.utils import translation
from pypdf import PdfReader

from core import typesetting
from core.http import public_url
from helpline.finder.sharing import handouts, lookups
from helpline.vocabulary.codes import LineKind
from tests.factories.helpline import ProgrammeFactory, ProgrammeTextFactory, SupportLineFactory, days_ago
from tests.support.cached_fixtures import cached_fixture

pytestmark = pytest.mark.django_db
PHONE = {
    "channel": "phone",
    "number": "+493023125000",
    "languages": ["de"],
    "opening_hours": "Mo-Fr 09:00-17:00",
    "timezone": "Europe/Berlin",
}


@pytest.fixture
@cached_fixture
def programme(home, lines):
    SupportLineFactory(approved=True, kind=LineKind.CHILD_HELPLINE, number="116111", name="Line for children")
    return ProgrammeFactory(
        name="Somebody listens",
        approved=True,
        not_for=["open_proceedings"],
        legal_basis="§ 138 StGB",
        contacts=[PHONE],
    )


def of_country(language="en"):
    with translation.override(language):
        return handouts.typeset_country(lookups.place("de"), site="Waymark")


def of_programme(programme, language="en"):
    with translation.override(language):
        return handouts.typeset_programme(lookups.programme(programme.uuid), site="Waymark")


def read(pdf):
    return PdfReader(io.BytesIO(pdf))


def text(pdf):
    return " ".join(" ".join(page.extract_text() for page in read(pdf).pages).split())


def figures(pdf):
    """Return the text alternatives of the pictures of a document."""
    found, left = [], [read(pdf).trailer["/Root"]["/StructTreeRoot"]]
    while left:
        node = left.pop()
        if not hasattr(node, "get"):
            continue
        if "/Alt" in node:
            found.append(str(node["/Alt"]))
        kids = node.get("/K", [])
        kids = kids if isinstance(kids, list) else [kids]
        left += [kid.get_object() for kid in kids if not isinstance(kid, int)]
    return " ".join(found)


class TestCountry:
    def test_says_what_the_page_of_the_country_says(self, programme):
        words = text(of_country())

        for expected in (
            "Support: Germany",
            "Night line",
            "116 123",
            "Somebody listens",
            "open police or court case",
            "What happens if I tell them",
            "§ 138 StGB",
            "030 23125000",
            "Mon",
            "time in Berlin",
            "Checked: ",
            "Line for children",
            "/en/help/de/",
        ):
            assert expected in words

    def test_leads_to_its_newest_version_by_a_code_to_be_photographed(self, programme):
        address = public_url("/en/help/de/")

        assert f"QR code of this address: {address}" in figures(of_country())
        assert typesetting.qr_code(address).startswith("<svg")

    def test_has_numbers_that_can_be_read_from_afar(self, programme):
        sizes = {}

        def note(words, _cm, _tm, _font, size):
            sizes[words.strip()] = max(size, sizes.get(words.strip(), 0))

        read(of_country()).pages[0].extract_text(visitor_text=note)

        assert sizes["112"] >= 24
        assert sizes["116 123"] >= 24

    def test_can_be_dialled_from_a_screen(self, programme):
        links = {
            note.get_object()["/A"]["/URI"] for page in read(of_country()).pages for note in page.get("/Annots", ())
        }

        assert {"tel:+493023125000", "tel:112", "https://programme.example/"} <= links

    def test_does_not_show_what_the_public_does_not_see(self, programme):
        ProgrammeFactory(name="Nobody checked this")
        ProgrammeFactory(name="Late", approved=True, checked_on=days_ago(400), next_check_due=days_ago(200))

        words = text(of_country())

        assert "Nobody checked this" not in words
        assert "This listing has not been checked for a long time" in words


class TestProgramme:
    def test_has_its_words_and_the_crisis_lines_of_its_country(self, programme):
        ProgrammeTextFactory(programme=programme, summary="They are trained.", approved=True)

        handout = of_programme(programme)

        words = text(handout)
        assert read(handout).metadata.title == "Service information"
        assert "They are trained." in words
        assert "Night line" in words
        assert "Line for children" not in words
        assert f"/en/help/listing/{programme.uuid}/" in words


class TestReaders:
    @pytest.mark.parametrize("language", ["en", "de", "fr", "ar"])
    def test_everybody_can_read_it(self, programme, language):
        found = read(of_country(language))

        root = found.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"]
        assert root["/StructTreeRoot"]
        assert root["/Lang"] == language
        assert root["/ViewerPreferences"]["/DisplayDocTitle"]
        assert root["/ViewerPreferences"]["/Direction"] == ("/R2L" if language == "ar" else "/L2R")
        assert found.metadata.title
        assert b"pdfuaid:part" in root["/Metadata"].get_data()

    def test_numbers_are_whole_in_arabic_too(self, programme):
        words = text(of_programme(programme, "ar"))

        assert "030 23125000" in words
        assert "116 123" in words
        assert read(of_programme(programme, "ar")).metadata.title == "معلومات عن خدمة"

    def test_numbers_in_texts_stay_whole_in_arabic_too(self, programme, languages):
        ProgrammeTextFactory(
            programme=programme,
            locale=languages["ar"],
            summary="اتصل بالرقم 116 111 أو (030) 231-25",
            approved=True,
        )

        words = text(of_programme(programme, "ar"))

        for whole in ("116 111", "(030) 231-25"):
            assert whole in words

    def test_has_letters_of_every_script_of_the_site(self, home):
        SupportLineFactory(
            approved=True,
            kind=LineKind.CHILD_HELPLINE,
            number="116111",
            name="Γραμμή · Линия · خط · Łódź · Ħ",
        )

        assert "Γραμμή · Линия" in text(of_country())

    def test_words_that_no_font_has_are_refused_with_their_name(self, programme):
        programme.name = "日本の相談"

        with pytest.raises(typesetting.TypesettingError, match="日"):
            handouts.typeset(
                site="Waymark",
                title=programme.name,
                services=[],
                urgent=[],
                other=[],
                day=None,
                path="/en/help/de/",
            )


class TestBytes:
    def test_are_the_same_for_the_same_facts_on_another_day(self, programme, time_machine):
        time_machine.move_to("2030-01-01T12:00:00Z")
        first = of_country()
        time_machine.move_to("2030-01-02T12:00:00Z")

        assert of_country() == first

    def test_carry_the_day_of_the_newest_fact(self, home):
        SupportLineFactory(approved=True, kind=LineKind.EMERGENCY, number="112")
        place = lookups.place("de")

        assert place.as_of == days_ago(0)
        assert f"As of {place.as_of.day} {place.as_of:%B %Y}." in text(of_country())
