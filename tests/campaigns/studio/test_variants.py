"""Contents of outputs, read from the files."""

import datetime as dt
import io
import shutil
from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

import pikepdf
import pypdf
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from campaigns.models import Design, DesignPartner, StudioOutput
from campaigns.studio import batches, drawing, formats, variants
from campaigns.studio.drawing import Drawn
from campaigns.studio.formats import HUES, DesignFormat, Hue
from core.typesetting import missing_letters
from helpline.directory import PrintableNumber
from helpline.vocabulary.codes import Alert, Status
from tests.factories.campaigns import DesignFactory, MaterialFactory, PartnerFactory, PictureFactory
from tests.factories.helpline import ProgrammeFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.studio import draw_all_as_pdf

ROOT = Path(__file__).parents[3]
DAY = dt.date(2026, 11, 26)
State = StudioOutput.State
TWO_PAGES = (
    "# First page\nSome words that say a little more.\n- A point\n# Second page\nAnd some more words.\n- A point\n"
)
ALL = tuple(DesignFormat)


def drawn(design: Design, **options) -> list[Drawn]:
    """Return the outputs in the order of the plan."""
    planned = variants.to_draw(design)
    found = drawing.draw(planned, day=DAY, **options)
    order = [output.variant.key for output in planned]
    return sorted(found, key=lambda each: order.index(each.output.variant.key))


@pytest.fixture
@cached_fixture
def poster(db) -> Design:
    return DesignFactory(languages=("de",))


@pytest.fixture
def as_pdf(monkeypatch):
    draw_all_as_pdf(monkeypatch)


def reworded(design: Design, **words: str) -> None:
    """Change the texts of a design of one language, without saving them."""
    text = design.texts.get()
    for name, said in words.items():
        setattr(text, name, said)
    design.texts = [text]


def with_partner(design: Design) -> None:
    design.partners = [DesignPartner(partner=PartnerFactory(name="Lantern", logo=PictureFactory()))]
    design.save()


def lengthened(text: str, by: float = 1.4) -> str:
    """Return a text lengthened by repeating some of its words."""
    words, wanted = text.split(" "), by * len(text)
    while len(" ".join(words)) < wanted:
        words.append(words[len(words) % max(1, len(text.split(" ")))].replace("\n", " ").split(" ")[0])
    return " ".join(words)


class TestVariants:
    def test_are_each_format_in_each_language_for_each_country_and_partner_and_without(self, db):
        design = DesignFactory(
            languages=("en", "de"), formats=("poster-a4", "banner"), numbers={"at": ProgrammeFactory().uuid}
        )
        with_partner(design)

        found = {variant.key for variant in variants.variants(design)}

        assert len(found) == 2 * 2 * 2 * 2

    def test_of_a_blank_one_have_no_partner(self, db):
        design = DesignFactory(formats=("blank-a4",))
        with_partner(design)

        assert [variant.partner for variant in variants.variants(design)] == [None]

    def test_have_the_colours_of_the_site(self):
        css = "".join((ROOT / "site/static/css" / name).read_text() for name in ("tokens.css", "hues.css"))

        for hue in Hue:
            assert f"--{hue}-soft: {HUES[hue].soft};" in css
            assert f"--{hue}-edge: {HUES[hue].edge};" in css
            assert HUES[hue].strong in css


class TestAnEvaluationSheet:
    @pytest.mark.parametrize(("kind", "lines"), [("evaluation", 4), ("press_release", 0)])
    def test_has_two_lines_to_write_on_below_each_question(self, db, kind, lines):
        material = MaterialFactory(languages=(), kind=kind)

        (output,) = drawn(DesignFactory(material=material, formats=("text-a4",)))

        page = pypdfium2.PdfDocument(output.content)[0]
        ruled = [each for each in page.get_objects() if is_ruled(each, page.get_width())]
        assert len(ruled) == lines + 1  # that above the foot


def is_ruled(each, width: float) -> bool:
    """Return whether a part of a page is a line across it."""
    left, bottom, right, top = each.get_bounds()
    return right - left > width * 0.7 and top - bottom < 2


class TestPicture:
    def test_is_cut_around_its_focal_point(self, db):
        picture = PictureFactory(focal_point_x=48, focal_point_y=12, focal_point_width=8, focal_point_height=8)
        (output,) = variants.to_draw(DesignFactory(scene="", picture=picture))

        assert (output.data["picture"]["x"], output.data["picture"]["y"]) == (0.75, 0.25)

    def test_turns_with_the_direction_of_reading_if_it_is_an_illustration(self, db):
        files = [output.data["picture"]["file"] for output in variants.to_draw(DesignFactory(languages=("en", "ar")))]

        assert sorted(files) == ["kitchen-table-mirrored.svg", "kitchen-table.svg"]


class TestNumber:
    def test_of_no_known_country_is_printed_as_it_is_dialled_from_anywhere(self):
        number = PrintableNumber(programme=uuid4(), name="Line", national="030 1", international="+49 30 1", country="")

        assert number.dialled_in("de") == "+49 30 1"

    def number(self, **facts) -> str:
        programme = ProgrammeFactory(**{"approved": True, **facts})
        design = DesignFactory(languages=("de",), numbers={"de": programme.uuid})
        return variants.to_draw(design)[1].data["number"]

    @pytest.mark.parametrize(
        ("country", "place", "number"),
        [("de", 1, "030 23125000"), ("at", 1, "+49 30 23125000"), ("de", 0, "")],
        ids=["in its country", "elsewhere", "without a country"],
    )
    def test_is_printed_as_it_is_dialled_in_a_country_and_nowhere_without_one(self, db, country, place, number):
        design = DesignFactory(languages=("de",), numbers={country: ProgrammeFactory(approved=True).uuid})

        assert variants.to_draw(design)[place].data["number"] == number

    @pytest.mark.parametrize(
        "facts",
        [
            {"status": Status.CLOSED},
            {"next_check_due": dt.date(2020, 1, 1), "checked_on": dt.date(2019, 1, 1)},
            {"approved": False, "checked": True},
            {"alert": Alert.NO_NEW_PEOPLE},
            {"contacts": []},
        ],
        ids=["closed", "overdue", "unverified", "takes no callers", "no number"],
    )
    def test_is_left_out_of_a_programme_that_cannot_be_relied_on(self, db, facts):
        assert self.number(**facts) == ""

    def test_stands_below_its_name_in_the_order_of_its_own_script(self, db):
        programme = ProgrammeFactory(approved=True, name="Line (invented · خط)")
        design = DesignFactory(languages=("ar",), numbers={"de": programme.uuid})

        words = pypdfium2.PdfDocument(drawn(design)[1].content)[0].get_textpage()

        letters = [words.get_charbox(index) for index in range(words.count_chars())]
        first = letters[words.get_text_range().index("Line")]
        beside = [box for box in letters if first[1] <= (box[1] + box[3]) / 2 <= first[3]]
        beside = [box for box in beside if box[2] > box[0]]
        assert len(beside) > len("Line")
        assert min(box[0] for box in beside) == first[0]  # not that of the closing bracket

    @pytest.mark.parametrize(
        ("name", "is_rtl"),
        [
            ("Line (خط)", False),
            ("خط (Line)", True),
            ("(12) קו", True),
            ("(12) Line", False),
            ("116 123", False),
        ],
    )
    def test_is_read_from_where_its_name_begins(self, name, is_rtl):
        assert variants.begins_rtl(name) is is_rtl

    def test_of_the_demonstration_is_never_an_unchecked_one(self, db, settings):
        settings.DEMO = True

        assert self.number(approved=False, checked=True) == ""


class TestFitting:
    """Checks positions of letters in the files instead of the templates' own measurements."""

    def outside(self, made: Iterable[Drawn]) -> list[str]:
        found = []
        for each in made:
            row = each.output.variant.row
            left, bottom = (row.bleed * 72 / 25.4,) * 2
            right, top = (left + row.width * 72 / 25.4, bottom + row.height * 72 / 25.4)
            for page in pypdfium2.PdfDocument(each.content):
                words = page.get_textpage()
                for index in range(words.count_rects()):
                    box = words.get_rect(index)
                    if box[0] < left + 3 or box[1] < bottom + 3 or box[2] > right - 3 or box[3] > top - 3:
                        found.append(f"{each.output.variant.key}: {words.get_text_bounded(*box)}")
        return found

    @pytest.mark.parametrize("language", ["de", "ar"])
    def test_holds_in_every_format_with_texts_that_are_longer_by_two_fifths(self, db, as_pdf, language):
        programme = ProgrammeFactory(approved=True)
        design = DesignFactory(languages=(language,), formats=ALL, numbers={"de": programme.uuid})
        with_partner(design)
        text = design.texts.get()
        text.headline, text.call = lengthened(text.headline), lengthened(text.call)
        text.text = "\n".join(lengthened(line) for line in text.text.splitlines())
        text.pages = TWO_PAGES
        design.texts = [text]

        made = drawn(design)

        assert {each.output.variant.key: each.problems for each in made if each.state != State.DRAWN} == {}
        assert self.outside(made) == []

    def test_makes_the_headline_smaller_before_it_gives_up(self, poster, as_pdf):
        heights = []
        for headline in ("Kurz", "Ein Satz, der viel länger ist und zwei oder drei Zeilen braucht"):
            reworded(poster, headline=headline)
            page = pypdfium2.PdfDocument(drawn(poster)[0].content)[0].get_textpage()
            page.count_rects()
            heights.append(page.get_rect(0)[3] - page.get_rect(0)[1])

        assert heights[0] > heights[1]

    def test_leaves_the_text_a_middle_size_before_the_headline_takes_the_largest(self, poster, as_pdf):
        words = "You cannot choose your feelings.\nYou can choose your actions.\nThere is someone to talk to."
        reworded(poster, headline="Choose what happens next", text=words)

        page = pypdfium2.PdfDocument(drawn(poster)[0].content)[0].get_textpage()

        first, _count = page.search("You cannot").get_next()
        size = pypdfium2.raw.FPDFText_GetFontSize(page.raw, first)
        # The middle of its sizes, from 2.5 to 4.3 hundredths of the shorter side.
        assert size >= 3.4 / 100 * 210 * 72 / 25.4

    def test_is_refused_with_the_field_and_how_much_it_lacks(self, poster):
        reworded(poster, text="Viele Worte. " * 45)
        poster.formats = ["card-link"]

        (made,) = drawn(poster)

        assert (made.state, made.content) == (State.UNFIT, b"")
        assert [problem["field"] for problem in made.problems] == ["text"]
        assert made.problems[0]["over"] > 10

    def test_is_refused_for_a_word_that_is_broader_than_the_page(self, poster):
        reworded(poster, headline="Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenbescheid")

        (made,) = drawn(poster)

        assert [problem["field"] for problem in made.problems] == ["headline"]

    def test_of_a_leaflet_needs_two_or_six_pages(self, poster):
        poster.formats = ["leaflet-a5"]

        (made,) = drawn(poster)

        assert (made.state, made.problems) == (State.UNFIT, [{"field": "pages", "count": 0}])


class TestLeaflet:
    WORDS = (
        "# Von drei bis sechs\nKleine Kinder lernen die Wörter von Ihnen. Dass ihr Körper ihnen gehört, "
        "lernen sie aus dem, was Sie tun.\n"
        "- Nennen Sie alle Körperteile bei ihrem richtigen Namen.\n"
        "- Fragen Sie vor dem Kitzeln, und hören Sie beim ersten Stopp auf.\n"
        "- Eine Überraschung endet und macht froh. Ein Geheimnis, das sich schlecht anfühlt, darf man weitersagen.\n"
    )

    def has_pictures(self, design: Design) -> list[bool]:
        """Return for each inner page whether it has a picture at its foot."""
        pages = [page.render().to_pil() for page in pypdfium2.PdfDocument(drawn(design)[0].content)]
        inner = pages[1:-1]
        return [
            any(each.getpixel((each.width * x // 10, each.height * 88 // 100)) != (255, 255, 255) for x in range(2, 9))
            for each in inner
        ]

    @pytest.mark.parametrize("more", [0, 6])
    def test_has_smaller_words_rather_than_a_page_without_its_picture(self, db, more):
        design = DesignFactory(languages=("de",), formats=["leaflet-a5"], page_scenes=["kitchen-evening", "park-walk"])
        reworded(design, pages=self.WORDS + "Noch ein Satz, der hier nicht fehlen darf.\n" * more + self.WORDS)

        # With even more text, pages without room have no picture.
        assert self.has_pictures(design) == [more == 0, True]


class TestLetters:
    def test_that_the_fonts_lack_are_named(self, poster):
        reworded(poster, text="Guten Tag 日本")

        (made,) = drawn(poster)

        assert (made.state, made.problems) == (State.LETTERS, [{"field": "text", "letters": "日本"}])

    def test_of_every_language_of_the_site_are_there(self):
        assert missing_letters("Ďakujem, щоб, ελληνικά, ţărănesc, ij, ŵ, ŷ, İstanbul, þ, يمكنك\u200f\u00a0«»") == ""


class TestPdf:
    def read(self, design: Design) -> pypdf.PdfReader:
        return pypdf.PdfReader(io.BytesIO(drawn(design)[0].content))

    def test_says_its_language_and_is_tagged(self, poster):
        read = self.read(poster)
        root = read.trailer["/Root"]

        assert root["/Lang"] == "de"
        assert root["/MarkInfo"]["/Marked"]
        assert b"pdfuaid" in root["/Metadata"].get_data()
        assert read.metadata.title == "Mir kannst du alles sagen"

    def test_is_read_in_the_order_of_what_matters(self, poster):
        text = " ".join(self.read(poster).pages[0].extract_text().split())

        places = [
            text.index(part) for part in ("Mir kannst du", "Fünf Wörter", "Zuhören", "Worte und Unterst", "/de/help/")
        ]
        assert places == sorted(places)

    def test_has_one_heading_of_the_first_level(self, poster):
        def kinds(element):
            if isinstance(element, pypdf.generic.IndirectObject):
                element = element.get_object()
            if isinstance(element, list):
                for each in element:
                    yield from kinds(each)
            elif isinstance(element, dict) and "/S" in element:
                yield element["/S"]
                yield from kinds(element.get("/K", []))

        tree = self.read(poster).trailer["/Root"]["/StructTreeRoot"]
        found = list(kinds(tree["/K"]))

        assert found.count("/H1") == 1
        assert "/Figure" in found

    def test_for_a_print_shop_says_where_it_is_cut(self, poster):
        poster.formats = ["poster-a3"]

        page = self.read(poster).pages[0]

        assert "/BleedBox" in page  # first, as pypdf stores inferred boxes when they are read

        assert [round(float(side) * 25.4 / 72) for side in (page.trimbox.width, page.trimbox.height)] == [
            297,
            420,
        ]
        assert [round(float(side) * 25.4 / 72) for side in (page.bleedbox.width, page.bleedbox.height)] == [
            303,
            426,
        ]

    @pytest.mark.parametrize(("kind", "is_pdfx"), [(b"prtrCMYK", True), (b"mntrRGB ", False)])
    def test_for_a_print_shop_is_pdfx4_with_a_profile_of_an_output_device_alone(
        self, poster, tmp_path, monkeypatch, kind, is_pdfx
    ):
        """A screen is no output condition: a file that named its profile would be refused."""
        profile = bytes(12) + kind + bytes(108)
        (tmp_path / "output.icc").write_bytes(profile)
        monkeypatch.setattr(formats, "PROFILE", tmp_path / "output.icc")
        poster.formats = ["poster-a3"]
        (made,) = drawn(poster)

        with pikepdf.open(io.BytesIO(made.content)) as pdf:
            intents = [
                (str(each.S), each.DestOutputProfile.read_bytes(), str(each.OutputConditionIdentifier))
                for each in pdf.Root.get("/OutputIntents", [])
            ]
            said = pdf.open_metadata()
            assert intents == ([("/GTS_PDFX", profile, "FOGRA39")] if is_pdfx else [])
            assert (said.pdfx_status, said["pdfuaid:part"]) == ("PDF/X-4" if is_pdfx else "", "1")
            assert (pdf.pdf_version == "1.6") is is_pdfx
        name = batches.file_name(variants.of_variant(made.output.variant), made.output)
        assert name.endswith("-pdfx4-rgb.pdf" if is_pdfx else "-rgb.pdf")
        assert ("pdfx4" in name) is is_pdfx


class TestCode:
    @pytest.mark.parametrize("language", ["de", "ar"])
    def test_leads_to_the_finder_in_the_language_of_the_output(self, db, language):
        design = DesignFactory(languages=(language,), formats=("card-square", "poster-a4"))
        poster, card = drawn(design)
        pictures = [
            Image.open(io.BytesIO(card.content)),
            pypdfium2.PdfDocument(poster.content)[0].render(scale=2).to_pil(),
        ]

        found = [zxingcpp.read_barcode(picture).text for picture in pictures]

        assert [address.endswith(f"/{language}/help/") for address in found] == [True, True]

    def test_of_an_output_and_its_month_stand_on_it(self, poster):
        (made,) = drawn(poster)
        text = pypdf.PdfReader(io.BytesIO(made.content)).pages[0].extract_text()

        assert f"{made.output.code} · 11/2026" in text


class TestSameness:
    def test_the_same_design_gives_the_same_bytes(self, db):
        design = DesignFactory(formats=("poster-a3", "card-link", "blank-svg"))

        assert [each.content for each in drawn(design)] == [each.content for each in drawn(design)]

    def test_another_word_is_another_code(self, poster):
        (before,) = variants.to_draw(poster)
        reworded(poster, call="Etwas anderes")
        (after,) = variants.to_draw(poster)

        assert (before.digest, before.code) != (after.digest, after.code)


class TestTemplates:
    @pytest.fixture
    def templates(self, tmp_path):
        folder = tmp_path / "templates"
        shutil.copytree(variants.TEMPLATES, folder)
        return folder

    def test_that_never_end_are_stopped_and_the_rest_goes_on(self, db, templates, monkeypatch):
        monkeypatch.setattr(drawing, "LONGEST", 3)
        (templates / "wide.typ").write_text("#for a in range(100000) { for b in range(100000) { let c = a * b } }")
        design = DesignFactory(formats=("card-link", "poster-a4"))

        made = drawn(design, templates=templates, processes=1)

        assert {each.output.variant.format: each.state for each in made} == {
            "card-link": State.STOPPED,
            "poster-a4": State.DRAWN,
        }

    def test_that_fail_cost_their_own_outputs_only(self, db, templates):
        (templates / "wide.typ").write_text('#panic("no")')
        design = DesignFactory(formats=("card-link", "poster-a4"))

        made = drawn(design, templates=templates, processes=1)

        assert [each.state for each in made] == [State.DRAWN, State.FAILED]

    @pytest.mark.parametrize("path", ["/etc/hostname", "../../../etc/hostname"])
    def test_read_nothing_outside_of_their_folder(self, db, templates, path):
        (templates / "wide.typ").write_text(f'#read("{path}")')
        design = DesignFactory(formats=("card-link",))

        assert [each.state for each in drawn(design, templates=templates)] == [State.FAILED]
