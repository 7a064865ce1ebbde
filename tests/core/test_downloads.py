"""Downloads contain no personal names, and neither load nor run anything when a visitor opens them."""

import zipfile
import zlib
from io import BytesIO

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from pikepdf import Array, Dictionary, Name, String

from core.uploads import cleaning
from tests.support import documents, files
from tests.support.documents import CANARY, ELSEWHERE, action


def cleaned(name: str, data: bytes) -> bytes:
    return cleaning.clean_document(ContentFile(data, name=name)).read()


def refusal(name: str, data: bytes) -> ValidationError:
    with pytest.raises(ValidationError) as refused:
        cleaned(name, data)
    return refused.value


def part(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as package:
        return package.read(name)


def names(data: bytes) -> set[str]:
    with zipfile.ZipFile(BytesIO(data)) as package:
        return set(package.namelist())


class TestEveryKind:
    @pytest.mark.parametrize("name", documents.TELLING)
    def test_contains_no_personal_data(self, name):
        raw = documents.TELLING[name]()
        assert documents.says(raw)

        assert not documents.says(cleaned(name, raw))

    @pytest.mark.parametrize("name", ["a.pdf", "a.mp3", "a.mp4"])
    def test_is_not_changed_by_cleaning_it_again(self, name):
        once = cleaned(name, documents.TELLING[name]())

        assert cleaned(name, once) == once

    def test_keeps_the_title_of_a_pdf(self):
        assert b"How to ask for help" in documents.everything_in(cleaned("a.pdf", documents.telling_pdf()))


class TestPdf:
    RUNNING = {
        "script on opening": documents.on_opening(action("JavaScript", JS=String(ELSEWHERE))),
        "web page on opening": documents.on_opening(action("URI", URI=String(ELSEWHERE))),
        "program on opening": documents.on_opening(action("Launch", F=String(ELSEWHERE))),
        "script by name": documents.named("JavaScript", action("JavaScript", JS=String(ELSEWHERE))),
        "script on closing": documents.pdf(
            lambda made: made.Root.__setattr__("AA", Dictionary(WC=action("JavaScript", JS=String(ELSEWHERE))))
        ),
        "attached program": documents.attached(),
        "form that is sent": documents.annotated(
            Subtype=Name.Widget, FT=Name.Btn, T=String("go"), A=action("SubmitForm", F=String(ELSEWHERE))
        ),
        "form that is filled": documents.annotated(
            Subtype=Name.Link, A=action("ImportData", F=String(ELSEWHERE))
        ),
        "form of Adobe": documents.pdf(
            lambda made: made.Root.__setattr__(
                "AcroForm", Dictionary(Fields=Array([]), XFA=String(f"<xdp>{ELSEWHERE}</xdp>"))
            )
        ),
        "button to the web": documents.annotated(
            Subtype=Name.Widget, FT=Name.Btn, T=String("go"), A=action("URI", URI=String(ELSEWHERE))
        ),
        "link to a program": documents.annotated(Subtype=Name.Link, A=action("Launch", F=String(ELSEWHERE))),
        "link to another file": documents.annotated(
            Subtype=Name.Link, A=action("GoToR", F=String(ELSEWHERE))
        ),
        "link that runs a script": documents.annotated(
            Subtype=Name.Link, A=action("URI", URI=String("javascript:" + ELSEWHERE))
        ),
        "link and then a script": documents.annotated(
            Subtype=Name.Link,
            A=action("GoTo", D=String("a"), Next=action("JavaScript", JS=String(ELSEWHERE))),
        ),
        "film in the page": documents.annotated(
            Subtype=Name.RichMedia, RichMediaContent=Dictionary(Where=String(ELSEWHERE))
        ),
        "attached note": documents.annotated(
            Subtype=Name.FileAttachment, FS=Dictionary(F=String(ELSEWHERE), EF=Dictionary())
        ),
        "file of a page": documents.pdf(
            lambda made: made.pages[0].obj.__setattr__("AF", Array([Dictionary(Desc=String(ELSEWHERE))]))
        ),
        "file that hangs elsewhere": documents.pdf(
            lambda made: made.Root.__setattr__("Note", Dictionary(EF=Dictionary(F=String(ELSEWHERE))))
        ),
        "file that belongs to another": documents.pdf(
            lambda made: made.Root.__setattr__("Note", Dictionary(RF=Dictionary(F=String(ELSEWHERE))))
        ),
        "content elsewhere": documents.pdf(
            lambda made: made.pages[0].__setattr__(
                "Contents", pikepdf.Stream(made, b"", F=String(ELSEWHERE), Ref=Dictionary(F=String(ELSEWHERE)))
            )
        ),
        "base address": documents.pdf(
            lambda made: made.Root.__setattr__("URI", Dictionary(Base=String(ELSEWHERE)))
        ),
        "earlier version": documents.pdf() + b"9 0 obj\n(http://evil.example/t)\nendobj\n%%EOF\n",
    }  # fmt: skip

    @pytest.mark.parametrize("what", RUNNING)
    def test_loads_and_runs_nothing(self, what):
        raw = self.RUNNING[what]
        assert documents.says(raw, ELSEWHERE)

        assert not documents.says(cleaned("a.pdf", raw), ELSEWHERE)

    def test_keeps_links_that_a_reader_clicks(self):
        raw = documents.annotated(Subtype=Name.Link, A=action("URI", URI=String("https://help.example/")))

        assert documents.says(cleaned("a.pdf", raw), "https://help.example/")

    def test_keeps_all_bookmarks(self):
        def bookmark(made: pikepdf.Pdf) -> None:
            with made.open_outline() as outline:
                outline.root += [pikepdf.OutlineItem(f"Chapter {number}", 0) for number in range(3)]

        with (
            pikepdf.open(BytesIO(cleaned("a.pdf", documents.pdf(bookmark)))) as pdf,
            pdf.open_outline() as outline,
        ):
            assert [item.title for item in outline.root] == ["Chapter 0", "Chapter 1", "Chapter 2"]

    def test_keeps_what_screen_readers_need(self):
        def mark(made: pikepdf.Pdf) -> None:
            made.Root.MarkInfo = Dictionary(Marked=True)
            made.Root.StructTreeRoot = Dictionary(Type=Name.StructTreeRoot)
            made.Root.Lang = String("de")
            with made.open_metadata() as metadata:
                metadata["pdfuaid:part"] = "1"

        with pikepdf.open(BytesIO(cleaned("a.pdf", documents.pdf(mark)))) as pdf:
            assert (str(pdf.Root.Lang), pdf.Root.MarkInfo.Marked) == ("de", True)
            assert "/StructTreeRoot" in pdf.Root
            assert pdf.open_metadata()["pdfuaid:part"] == "1"

    @pytest.mark.parametrize(
        ("filters", "picture"),
        [
            (Name.DCTDecode, files.talkative("JPEG", CANARY)),
            (Array([Name.FlateDecode, Name.DCTDecode]), zlib.compress(files.talkative("JPEG", CANARY))),
            (
                Name.JPXDecode,
                documents.box(b"jP  ", b"")
                + documents.box(b"xml ", CANARY.encode())
                + documents.box(b"jp2c", b"x"),
            ),
        ],
    )  # fmt: skip
    def test_removes_notes_of_cameras(self, filters, picture):
        def show(made: pikepdf.Pdf) -> None:
            photo = pikepdf.Stream(made, picture, Type=Name.XObject, Subtype=Name.Image, Filter=filters)
            made.pages[0].Resources = Dictionary(XObject=Dictionary(Photo=photo))

        clean = cleaned("a.pdf", documents.pdf(show))

        assert not documents.says(clean)
        assert b"JFIF" in clean or b"jp2c" in clean

    @pytest.mark.parametrize(
        ("raw", "code", "words"),
        [
            (documents.pdf(encryption=pikepdf.Encryption(user="a", owner="b")), "locked", "password"),
            (
                documents.pdf(lambda made: made.Root.__setattr__("NeedsRendering", True)),
                "content",
                "Print it into a new PDF file",
            ),
            (b"%PDF-1.7\nnothing\n%%EOF\n", "damaged", "damaged"),
        ],
        ids=["locked", "shown by Adobe alone", "nothing to read"],
    )  # fmt: skip
    def test_is_refused_with_a_reason(self, raw, code, words):
        refused = refusal("a.pdf", raw)

        assert (refused.code, words in refused.messages[0]) == (code, True)

    def test_opens_one_that_only_forbids_print(self):
        raw = documents.pdf(encryption=pikepdf.Encryption(user="", owner="b"))

        with pikepdf.open(BytesIO(cleaned("a.pdf", raw))) as pdf:
            assert not pdf.is_encrypted


class TestOffice:
    """Editable sources: DOCX, PPTX and ODT."""

    def test_removes_links_to_remote_templates(self):
        raw = documents.templated()
        assert documents.says(raw, "evil.example")

        assert not documents.says(cleaned("a.docx", raw), "evil.example")

    def test_lists_no_part_that_was_left_out(self):
        clean = cleaned("a.docx", documents.telling_docx())

        lists = part(clean, "[Content_Types].xml") + part(clean, "_rels/.rels")
        assert b"docProps" not in lists
        assert b"word/document.xml" in lists
        assert names(clean) == {
            "[Content_Types].xml",
            "_rels/.rels",
            "word/document.xml",
            "word/_rels/document.xml.rels",
            "word/media/image1.jpeg",
        }

    @pytest.mark.parametrize(
        ("body", "row", "parts"),
        [
            ("", ("x", "oleObject", "embeddings/a.bin", False), {"word/embeddings/a.bin": b"x"}),
            ("", ("x", "package", "embeddings/a.xlsx", False), {"word/embeddings/a.xlsx": b"x"}),
            ("", ("x", "aFChunk", "a.html", False), {"word/a.html": files.PAGE}),
            ("", ("x", "image", "media/a.png", False), {"word/media/a.png": b"MZ"}),
            ("", ("x", "other", "a.exe", False), {"word/a.exe": b"MZ"}),
            ('<w:control r:id="x"/>', ("x", "control", "activeX/a.xml", False), {"word/activeX/a.xml": b"<a/>"}),
        ],
    )  # fmt: skip
    def test_refuses_what_is_embedded(self, body, row, parts):
        assert refusal("a.docx", documents.docx(body, row, parts=parts)).code == "embedded"

    @pytest.mark.parametrize(
        ("body", "rows"),
        [
            *(("", [("x", kind, ELSEWHERE, True)]) for kind in ("image", "oleObject", "subDocument", "frame")),
            ("", [("x", "hyperlink", "file:///C:/Users/a", True)]),
            (f'<v:imagedata src="{ELSEWHERE}"/>', []),
            (f'<w:fldSimple w:instr="INCLUDETEXT {ELSEWHERE}"/>', []),
        ],
    )
    def test_refuses_what_is_elsewhere(self, body, rows):
        assert refusal("a.docx", documents.docx(body, *rows)).code == "fetches"

    @pytest.mark.parametrize(
        ("body", "parts"),
        [
            ('<w:ins w:author="a"><w:r/></w:ins>', {}),
            ('<w:del w:author="a"><w:r/></w:del>', {}),
            ('<w:rPr><w:rPrChange w:author="a"/></w:rPr>', {}),
            ("<w:p/>", {"word/comments.xml": b"<a/>"}),
            ("<w:p/>", {"word/commentsExtended.xml": b"<a/>"}),
        ],
    )
    def test_refuses_comments_and_tracked_changes(self, body, parts):
        refused = refusal("a.docx", documents.docx(body, parts=parts))

        assert (refused.code, "Accept or reject all changes" in refused.messages[0]) == ("remarks", True)

    @pytest.mark.parametrize(
        "codes",
        [
            [f"INCLUDEPICTURE {ELSEWHERE}"],
            [f"INCLUDETEXT {ELSEWHERE}"],
            ["DDEAUTO c:\\\\windows\\\\cmd.exe"],
            ["D", "DE", " cmd"],
            ["LINK Excel.Sheet a"],
            ["DATABASE"],
            ["MACROBUTTON a"],
            ["HYPERLINK &quot;file://evil.example/a&quot;"],
            # A field whose name is generated by another field.
            ["</w:instrText></w:r>" + documents.field("SEQ a") + "<w:r><w:instrText>"],
        ],
    )
    def test_refuses_fields_that_load_or_start_something(self, codes):
        assert "Ctrl+Shift+F9" in refusal("a.docx", documents.docx(documents.field(*codes))).messages[0]

    @pytest.mark.parametrize(
        "code",
        [
            "PAGE",
            " TOC \\o &quot;1-3&quot; ",
            "HYPERLINK &quot;https://help.example/&quot;",
            "= 1 / 2",
            "TIME \\@ &quot;HH:mm&quot;",
        ],
    )
    def test_keeps_fields_that_count_and_refer(self, code):
        assert b"shown" in part(cleaned("a.docx", documents.docx(documents.field(code))), "word/document.xml")

    def test_refuses_entities(self):
        bomb = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><w:document>&b;</w:document>'
        raw = documents.docx(parts={"word/document.xml": bomb})

        assert refusal("a.docx", raw).code == "damaged"

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (f'<draw:frame><draw:image xlink:href="{ELSEWHERE}"/></draw:frame>', "fetches"),
            ('<draw:frame><draw:image xlink:href="../a.png"/></draw:frame>', "fetches"),
            ('<draw:frame><draw:object-ole xlink:href="./Object 1"/></draw:frame>', "embedded"),
            (f'<draw:frame><draw:plugin xlink:href="{ELSEWHERE}"/></draw:frame>', "embedded"),
            (f'<draw:frame><draw:floating-frame xlink:href="{ELSEWHERE}"/></draw:frame>', "embedded"),
            ("<office:annotation/>", "remarks"),
            ("<text:tracked-changes/>", "remarks"),
            (f'<office:scripts><script:event-listener xlink:href="{ELSEWHERE}"/></office:scripts>', "content"),
            (f'<text:execute-macro text:name="{ELSEWHERE}"/>', "content"),
            (f'<text:section><text:section-source xlink:href="{ELSEWHERE}"/></text:section>', "fetches"),
            (f'<office:dde-source office:dde-item="{ELSEWHERE}"/>', "fetches"),
            (f'<form:form xlink:href="{ELSEWHERE}"/>', "fetches"),
            ('<text:a xlink:href="file:///http://evil.example/t">shown</text:a>', "fetches"),
        ],
    )  # fmt: skip
    def test_refuses_in_text_documents_what_loads_runs_or_remarks(self, body, code):
        assert refusal("a.odt", documents.odt(body)).code == code

    def test_refuses_a_table_in_a_text_document(self):
        assert refusal("a.odt", documents.odt(Object_1__content_xml=b"<a/>")).code == "embedded"

    @pytest.mark.parametrize("name", ["a.docx", "a.odt"])
    def test_keeps_links_that_a_reader_clicks(self, name):
        address = "https://help.example/"
        raw = {
            "a.docx": documents.docx('<w:hyperlink r:id="x"/>', ("x", "hyperlink", address, True)),
            "a.odt": documents.odt(f'<text:p><text:a xlink:href="{address}">there</text:a></text:p>'),
        }[name]

        assert documents.says(cleaned(name, raw), address)

    def test_begins_with_what_it_is(self):
        assert cleaned("a.odt", documents.odt())[30:38] == b"mimetype"


class TestFilm:
    def test_keeps_the_offsets_in_the_index_valid(self):
        raw = documents.film(words=CANARY.encode())

        clean = cleaned("a.mp4", raw)

        assert len(clean) == len(raw)
        assert clean.index(b"mdat") == raw.index(b"mdat")

    def test_removes_the_time_of_its_making(self):
        assert b"\1\2\3\4\5\6\7\x08" not in cleaned("a.mp4", documents.film())

    @pytest.mark.parametrize("program", ["x264 - core", "threads=12", "Lavc60.3.100", "libx264"])
    def test_removes_the_name_of_its_encoder(self, program):
        raw = documents.film(words=b"Lavc60.3.100 libx264")

        clean = cleaned("a.mp4", raw)

        assert program.encode() in raw
        assert program.encode() not in clean
        assert clean[-200:] == bytes(200)
        assert b"avcC\1d\0\x1f" in clean

    @pytest.mark.parametrize(
        ("film", "code"), [(documents.film(b"meta"), "track"), (documents.film(source_flags=0), "fetches")]
    )
    def test_refuses_a_track_of_places_and_pictures_that_are_elsewhere(self, film, code):
        assert refusal("a.mp4", film).code == code


def checksum(data: bytes) -> int:
    """Return the CRC-16/ARC, computed bit by bit in reversed order."""
    remainder = 0
    for bit in (byte >> place & 1 for byte in data for place in range(8)):
        remainder = remainder >> 1 ^ (0xA001 if (remainder ^ bit) & 1 else 0)
    return remainder


class TestSound:
    def test_begins_and_ends_with_the_sound(self):
        sound = cleaned("a.mp3", documents.telling_mp3())

        assert sound == files.MP3[10:] * 2

    def test_removes_the_name_of_its_encoder(self):
        sound = cleaned("a.mp3", documents.signed_mp3())

        assert len(sound) == 2 * 417
        assert b"LAME" not in sound
        assert sound[36:44] == b"Info\0\0\0\x0f"
        assert sound[186:190] == b"\1\2\3\4"
        # Players skip a tag with a wrong checksum: the CRC of the tag must match.
        assert checksum(sound[:190]) == int.from_bytes(sound[190:192])

    def test_is_cleaned_in_every_version_of_mpeg(self):
        # 64 kbit/s at 22,050 Hz, and 24 kbit/s at 11,025 Hz with a byte more.
        for head, length in ((b"\xff\xf3\x80\x00", 208), (b"\xff\xe3\x32\x00", 157)):
            frame = head.ljust(length, b"\0")

            assert cleaned("a.mp3", frame + b"between" + frame) == frame * 2

    def test_leaves_out_a_frame_that_is_not_whole(self):
        assert cleaned("a.mp3", files.MP3 + files.MP3[10:300]) == files.MP3[10:]

    def test_refuses_notes_without_sound(self):
        assert refusal("a.mp3", b"ID3\x04\0\0\0\0\0\x04abcd").code == "damaged"


class TestPackage:
    def test_cleans_what_is_in_it(self):
        raw = files.archive({"a.docx": documents.templated(), "b.pdf": documents.attached()})

        assert not documents.says(cleaned("a.zip", raw), "evil.example")

    def test_names_the_faulty_file_in_the_error(self):
        raw = files.archive({"folder/a.docx": documents.docx(documents.field("DDE a"))})

        assert refusal("a.zip", raw).messages[0].startswith("folder/a.docx: ")

    @pytest.mark.parametrize(
        "drawing",
        [
            f'<image href="{ELSEWHERE}"/>',
            f"<style>@import '{ELSEWHERE}'</style>",
            f'<rect style="fill: url({ELSEWHERE})"/>',
            '<a href="javascript:alert(1)"/>',
        ],
    )
    def test_refuses_a_drawing_that_loads_something(self, drawing):
        raw = files.archive({"a.svg": f'<svg xmlns="http://www.w3.org/2000/svg">{drawing}</svg>'.encode()})

        assert refusal("a.zip", raw).code == "fetches"

    def test_takes_scripts_out_of_a_drawing(self):
        raw = files.archive(
            {
                "a.svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="a()"><script>a()</script>'
                b'<rect fill="url(#b)"/></svg>'
            }
        )

        assert part(cleaned("a.zip", raw), "a.svg").endswith(
            b'<svg xmlns="http://www.w3.org/2000/svg"><rect fill="url(#b)"/></svg>'
        )

    @pytest.mark.parametrize("name", documents.ARTWORK)
    def test_has_artwork_without_personal_data(self, name):
        raw = documents.ARTWORK[name]()

        clean = part(cleaned("a.zip", files.archive({name: raw})), name)

        assert documents.says(raw)
        assert not documents.says(clean)
        assert len(part(cleaned("a.zip", files.archive({name: clean})), name)) == len(clean)

    def test_keeps_what_programs_need_of_artwork(self):
        made = {name: make() for name, make in documents.ARTWORK.items()}
        package = cleaned("a.zip", files.archive(made))
        ai, eps, idml, psd = (part(package, name) for name in ("a.ai", "a.eps", "a.idml", "a.psd"))

        assert len(eps) == len(made["a.eps"])
        assert b"%%BoundingBox: 0 0 9 9\r%%EndComments\r0 0 moveto" in eps
        assert documents.says(ai, "%%BoundingBox: 0 0 9 9")
        assert names(idml) == names(made["a.idml"])
        assert idml[30:38] == b"mimetype"
        assert b'Words<?ACE 18?><Link LinkResourceURI="file:photo.jpg"/>' in part(idml, "Stories/Story_u1.xml")
        assert files.profile() in psd
        assert psd.endswith(b"8BIM\x07\xd0\x03odd\0\0\0\x04path" + bytes(4) + b"\0\0rgb")

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("a.psd", b"hello"),
            ("a.psd", documents.telling_psd()[:200]),
            ("a.psd", b"8BPS" + bytes(22) + bytes(4) + b"\0\0\0\x10" + b"8BIM\x04\x0f\0\0\0\0\xff\0abcd"),
            ("a.ai", b"%PDF-1.7 and nothing more"),
            ("a.idml", b"hello"),
            ("a.indd", bytes(100)),
        ],
    )
    def test_refuses_artwork_that_cannot_be_opened_or_cleaned(self, name, data):
        assert refusal("a.zip", files.archive({name: data})).code in {"content", "damaged"}

    def test_has_not_too_many_pixels(self):
        raw = files.archive({f"{number}.png": files.png_that_claims(4_000, 6_000) for number in range(11)})

        assert refusal("a.zip", raw).code == "size"

    def test_is_the_same_whenever_it_was_packed(self):
        raw = files.archive({"a.txt": b"Words"})

        with zipfile.ZipFile(BytesIO(cleaned("a.zip", raw))) as package:
            assert package.getinfo("a.txt").date_time == (1980, 1, 1, 0, 0, 0)

    def test_keeps_the_size_of_files_that_others_understand(self):
        raw = files.archive({"old.ai": f'xx<?xpacket begin=""?>{CANARY}<?xpacket end="w"?>yy'.encode()})

        assert part(cleaned("a.zip", raw), "old.ai") == (
            b'xx<?xpacket begin=""?>' + b" " * len(CANARY) + b'<?xpacket end="w"?>yy'
        )
