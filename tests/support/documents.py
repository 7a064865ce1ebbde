"""Documents, films and sound with their authors in metadata, and documents that load or run something."""

import struct
import zipfile
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from tests.support import files

CANARY = "canary-7f3a"
ELSEWHERE = "http://evil.example/t"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
NAMESPACES = (
    f'xmlns:w="{WORD}" xmlns:r="{OFFICE}" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
)


def everything_in(data: bytes) -> bytes:
    """Return the content of a file with all compressed parts unpacked."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(data)) as package:
            infos = package.infolist()
            notes = [package.comment, *(info.comment + info.extra + info.filename.encode() for info in infos)]
            return b"".join([data, *notes, *(everything_in(package.read(info)) for info in infos)])
    if data.startswith(b"%PDF"):
        with pikepdf.open(BytesIO(data)) as pdf:
            return data + b"".join(unpacked(each) for each in pdf.objects)
    return data


def unpacked(thing: Any) -> bytes:
    if not isinstance(thing, pikepdf.Stream):
        return thing.unparse(resolved=True) if hasattr(thing, "unparse") else b""
    try:
        content = thing.read_bytes()
    except pikepdf.PdfError:  # a picture
        content = thing.read_raw_bytes()
    return bytes(thing.stream_dict.unparse(resolved=True)) + content


def says(data: bytes, words: str = CANARY) -> bool:
    found = everything_in(data)
    return any(words.encode(encoding) in found for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


# --- PDF ---


def pdf(change: Any = None, **saving: Any) -> bytes:
    """Return a PDF of a page, changed by a function."""
    made = pikepdf.new()
    made.add_blank_page()
    if change:
        change(made)
    target = BytesIO()
    made.save(target, **saving)
    return target.getvalue()


def telling_pdf() -> bytes:
    def tell(made: pikepdf.Pdf) -> None:
        made.trailer.Info = made.make_indirect(
            Dictionary({f"/{key}": CANARY for key in ("Author", "Creator", "Producer", "Company", "Keywords")})
        )
        made.docinfo["/Title"] = "How to ask for help"
        with made.open_metadata() as metadata:
            metadata["dc:creator"] = [CANARY]
            metadata["xmp:CreatorTool"] = CANARY
            metadata["dc:title"] = "How to ask for help"
        made.Root.Lang = String("en")
        made.Root.PieceInfo = Dictionary(Illustrator=Dictionary(Private=String(CANARY)))
        photo = pikepdf.Stream(made, files.talkative("JPEG", CANARY))
        photo.update(
            Dictionary(
                Type=Name.XObject,
                Subtype=Name.Image,
                Width=60,
                Height=40,
                Filter=Name.DCTDecode,
                ColorSpace=Name.DeviceRGB,
                BitsPerComponent=8,
            )
        )
        made.pages[0].Resources = Dictionary(XObject=Dictionary(Photo=photo))
        made.pages[0].Annots = Array(
            [
                Dictionary(
                    Type=Name.Annot,
                    Subtype=Name.Text,
                    Rect=Array([0, 0, 1, 1]),
                    Contents=String("A note"),
                    T=String(CANARY),
                )
            ]
        )

    return pdf(tell)


def action(kind: str, **more: Any) -> Dictionary:
    return Dictionary(S=Name(f"/{kind}"), **more)


def on_opening(what: Dictionary) -> bytes:
    return pdf(lambda made: made.Root.__setattr__("OpenAction", what))


def annotated(**note: Any) -> bytes:
    def change(made: pikepdf.Pdf) -> None:
        annotation = made.make_indirect(Dictionary(Type=Name.Annot, Rect=Array([0, 0, 9, 9]), **note))
        made.pages[0].Annots = Array([annotation])
        if note["Subtype"] == Name.Widget:
            made.Root.AcroForm = Dictionary(Fields=Array([annotation]))

    return pdf(change)


def named(tree: str, value: Any) -> bytes:
    return pdf(
        lambda made: made.Root.__setattr__(
            "Names", Dictionary({f"/{tree}": Dictionary(Names=Array([String("a"), value]))})
        )
    )


def attached() -> bytes:
    return pdf(lambda made: made.attachments.__setitem__("a.exe", b"MZ " + ELSEWHERE.encode()))


# --- Word ---


def relations(*rows: tuple[str, str, str, bool]) -> bytes:
    """Return relationships: identity, kind, target, and whether it is outside."""
    inner = "".join(
        f'<Relationship Id="{identity}" Type="{OFFICE}/{kind}" '
        f'Target="{target}"{" TargetMode='External'" if outside else ""}/>'
        for identity, kind, target, outside in rows
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{inner}</Relationships>'.encode()


def docx(
    body: str = "<w:p/>",
    *rows: tuple[str, str, str, bool],
    parts: dict[str, bytes] | None = None,
    types: str = "",
) -> bytes:
    """Return a document with a text, what it refers to, and more parts."""
    given = parts or {}
    return files.archive(
        {
            "[Content_Types].xml": (
                f'<Types xmlns="{PACKAGE}/content-types">'
                '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                '<Default Extension="xml" ContentType="application/xml"/>'
                '<Default Extension="png" ContentType="image/png"/>'
                '<Default Extension="jpeg" ContentType="image/jpeg"/>'
                '<Override PartName="/word/document.xml" '
                'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
                f"{types}</Types>"
            ).encode(),
            "_rels/.rels": relations(
                ("main", "officeDocument", "word/document.xml", False),
                ("custom", "custom-properties", "docProps/custom.xml", False),
                ("app", "extended-properties", "docProps/app.xml", False),
                ("core", "metadata/core-properties", "docProps/core.xml", False),
            ),
            "word/document.xml": f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>".encode(),
            "word/_rels/document.xml.rels": relations(*rows),
            **given,
        }
    )


def telling_docx() -> bytes:
    told = {
        name: f"<p>{CANARY}</p>".encode()
        for name in ("docProps/app.xml", "docProps/custom.xml", "word/people.xml", "customXml/item1.xml")
    }
    photo = files.talkative("JPEG", CANARY)
    return docx(
        '<w:p><w:r><w:t>Words</w:t></w:r></w:p><a:blip r:embed="photo"/>'
        f'<a:cNvPr name="Picture 1" descr="C:\\Users\\{CANARY}\\poster.jpg"/>',
        ("people", "people", "people.xml", False),
        ("photo", "image", "media/image1.jpeg", False),
        ("data", "customXml", "../customXml/item1.xml", False),
        parts={
            **told,
            "docProps/core.xml": (
                f'<c:coreProperties xmlns:c="{PACKAGE}/metadata/core-properties" '
                f'xmlns:dc="http://purl.org/dc/elements/1.1/">'
                f"<dc:creator>{CANARY}</dc:creator><c:lastModifiedBy>{CANARY}</c:lastModifiedBy><dc:title>How to "
                f"ask for help</dc:title></c:coreProperties>"
            ).encode(),
            "word/media/image1.jpeg": photo,
        },
    )


def templated() -> bytes:
    """Return a document that loads its template from elsewhere as soon as it is opened."""
    return docx(
        "<w:p/>",
        ("settings", "settings", "settings.xml", False),
        parts={
            "word/settings.xml": f'<w:settings {NAMESPACES}><w:attachedTemplate r:id="t"/></w:settings>'.encode(),
            "word/_rels/settings.xml.rels": relations(("t", "attachedTemplate", f"{ELSEWHERE}.dotm", True)),
        },
    )


def field(*codes: str) -> str:
    """Return a field whose code is spread over several elements."""
    inner = "".join(f"<w:r><w:instrText>{code}</w:instrText></w:r>" for code in codes)
    return (
        f'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>{inner}<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        '<w:r><w:t>shown</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )


# --- LibreOffice ---

ODF = "urn:oasis:names:tc:opendocument:xmlns"


def odt(body: str = "<text:p/>", **parts: bytes) -> bytes:
    """Return a text document; further parts by their names with `__` for a slash and `_` for a dot."""
    spaces = " ".join(
        f'xmlns:{prefix}="{ODF}:{name}:1.0"'
        for prefix, name in {
            "office": "office",
            "text": "text",
            "draw": "drawing",
            "script": "script",
            "form": "form",
        }.items()
    )
    spaces += (
        ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:oo="http://openoffice.org/2009/office"'
    )
    content = (
        f"<office:document-content {spaces}><office:body><office:text>{body}</office:text></office:body>"
        "</office:document-content>"
    )
    return files.archive(
        {
            "mimetype": b"application/vnd.oasis.opendocument.text",
            "content.xml": content.encode(),
            **{name.replace("__", "/").replace("_", "."): data for name, data in parts.items()},
        },
        stored=True,
    )


def telling_odt() -> bytes:
    photo = files.talkative("JPEG", CANARY)
    return odt(
        '<text:p>Words</text:p><draw:frame><draw:image xlink:href="Pictures/a.jpg"/></draw:frame>',
        Pictures__a_jpg=photo,
        meta_xml=(
            f'<office:document-meta xmlns:office="{ODF}:office:1.0" xmlns:meta="{ODF}:meta:1.0" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>'
            f"<dc:title>How to ask for help</dc:title><dc:creator>{CANARY}</dc:creator>"
            f"<meta:generator>{CANARY}</meta:generator></office:meta></office:document-meta>"
        ).encode(),
        settings_xml=(
            f'<office:document-settings xmlns:office="{ODF}:office:1.0" xmlns:config="{ODF}:config:1.0">'
            f'<office:settings><config:config-item config:name="PrinterName">{CANARY}</config:config-item>'
            "</office:settings></office:document-settings>"
        ).encode(),
        Thumbnails__thumbnail_png=CANARY.encode(),
        manifest_rdf=CANARY.encode(),
    )


# --- Sound and films ---


def telling_mp3() -> bytes:
    words = CANARY.encode()
    frame = b"TPE1" + struct.pack(">I", len(words) + 1) + b"\0\0\0" + words
    before = b"ID3\x04\0\0" + bytes([0, 0, 0, len(frame)]) + frame
    lyrics = b"LYRICSBEGIN" + words
    ape = b"APETAGEX" + struct.pack("<IIII", 2000, 32 + len(words), 1, 0x80000000) + bytes(8)
    behind = ape + words + ape
    behind += lyrics + f"{len(lyrics):06d}".encode() + b"LYRICS200"
    return before + before + files.MP3 + before + files.MP3 + behind + b"TAG" + words.ljust(125, b"\0")


def signed_mp3() -> bytes:
    """Return two frames as encoders leave them.

    The first has the tag of LAME and its checksum, the second the encoder's name in its padding.
    """
    head = b"\xff\xfb\x90\x00" + bytes(32)
    tag = b"Info\0\0\0\x0f" + bytes(112) + b"LAME3.100" + b"\x04" + bytes(20) + b"\1\2\3\4"
    first = (head + tag + b"\x12\x34").ljust(417, b"\0")
    return first + (head + bytes(300) + b"LAME3.100" * 3).ljust(417, b"U")


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


# As x264 writes them into each film, behind the identifier of such notes.
SETTINGS = (
    b"\0\0\1\x06\x05\x5b\xdc\x45\xe9\xbd\xe6\xd9\x48\xb7\x96\x2c\xd8\x20\xd9\x23\xee\xef"
    b"x264 - core 164 r3095 baee400 - H.264/MPEG-4 AVC codec - options: threads=12 crf=23.0\0\x80"
)


def film(handler: bytes = b"vide", *, source_flags: int = 1, words: bytes = b"") -> bytes:
    """Return a film with one track; `words` stand in all the places that have room for notes."""
    source = box(b"url ", bytes([0, 0, 0, source_flags]) + (b"" if source_flags else ELSEWHERE.encode()))
    name = words[:31]
    description = bytes(12) + words[:4].ljust(4, b"\0") + bytes(26) + (bytes([len(name)]) + name).ljust(32, b"\0")
    description += b"\0\x18\xff\xff" + box(b"avcC", b"\1d\0\x1f")
    track = box(
        b"trak",
        box(b"tkhd", bytes(84))
        + box(
            b"mdia",
            box(b"mdhd", bytes(24))
            + box(b"hdlr", bytes(8) + handler + bytes(12) + words + b"\0")
            + box(
                b"minf",
                box(b"dinf", box(b"dref", bytes(7) + b"\1" + source))
                + box(b"stbl", box(b"stsd", bytes(7) + b"\1" + box(b"avc1", description))),
            ),
        )
        + box(b"udta", box(b"name", words)),
    )
    notes = box(b"udta", box(b"\xa9xyz", words) + box(b"meta", words))
    return (
        box(b"ftyp", b"isom\0\0\2\0isomiso2mp41")
        + box(b"moov", box(b"mvhd", bytes(4) + b"\1\2\3\4\5\6\7\x08" + bytes(88)) + track + notes)
        + box(b"uuid", bytes(16) + words)
        + box(b"free", words)
        + box(b"mdat", bytes(200) + SETTINGS + bytes(200))
    )


# --- Packages ---


def telling_zip() -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.comment = CANARY.encode()
        info = zipfile.ZipInfo("poster.pdf", (2026, 11, 26, 10, 0, 0))
        info.comment, info.extra = CANARY.encode(), struct.pack("<HH", 0x7075, len(CANARY)) + CANARY.encode()
        package.writestr(info, telling_pdf())
        package.writestr("text.docx", telling_docx())
        package.writestr("__MACOSX/._text.docx", CANARY)
        package.writestr(
            "drawing.svg",
            f'<svg xmlns="http://www.w3.org/2000/svg"><metadata>{CANARY}</metadata><!-- {CANARY} --></svg>',
        )
        for name, made in ARTWORK.items():
            package.writestr(name, made())
        package.writestr("old.ai", f'xx<?xpacket begin="" id="W5M0"?><x>{CANARY}</x><?xpacket end="w"?>yy')
    return target.getvalue()


def telling_eps() -> bytes:
    return (
        f"%!PS-Adobe-3.0 EPSF-3.0\r%%Creator: A program\r%%For: ({CANARY}) ()\r%%Title: C:/{CANARY}.eps\r%%+ {CANARY}\r"
        f"%%CreationDate: {CANARY}\r%%BoundingBox: 0 0 9 9\r%%EndComments\r0 0 moveto\r"
    ).encode()


def telling_illustrator() -> bytes:
    """Return a file as Illustrator writes it since version 9: a PDF with the native file in streams of the page."""

    def tell(made: pikepdf.Pdf) -> None:
        streams = {f"/AI{name}": pikepdf.Stream(made, telling_eps()) for name in ("MetaData", "PrivateData1")}
        made.pages[0].obj.PieceInfo = Dictionary(
            Illustrator=Dictionary(LastModified=String("D:2026"), Private=Dictionary(streams))
        )
        made.pages[0].obj.Metadata = pikepdf.Stream(made, CANARY.encode(), Type=Name.Metadata)
        made.docinfo["/Author"] = CANARY
        with made.open_metadata() as metadata:
            metadata["dc:creator"] = [CANARY]

    return pdf(tell)


def telling_psd() -> bytes:
    """Return a picture of Photoshop of one pixel, with a colour profile and everything that has room for words."""

    def resource(number: int, content: bytes, name: bytes = b"") -> bytes:
        named = bytes([len(name)]) + name
        return (
            b"8BIM" + struct.pack(">H", number) + named + b"\0" * (len(named) % 2)
            + struct.pack(">I", len(content)) + content + b"\0" * (len(content) % 2)
        )  # fmt: skip

    told = [resource(number, CANARY.encode()) for number in (1008, 1028, 1036, 1050, 1058, 1060, 1082, 1086, 8000)]
    resources = resource(1039, files.profile()) + b"".join(told) + resource(2000, b"path", b"odd")
    head = b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 1, 1, 8, 3)
    return head + bytes(4) + struct.pack(">I", len(resources)) + resources + bytes(4) + b"\0\0rgb"


def telling_idml() -> bytes:
    story = (
        f'<Story><Change UserName="{CANARY}"/><Note UserName="{CANARY}"/>Words<?ACE 18?>'
        f'<Link LinkResourceURI="file:/Users/{CANARY}/photo.jpg"/></Story>'
    )
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("mimetype", "application/vnd.adobe.indesign-idml-package")
        package.writestr("META-INF/metadata.xml", f"<x>{CANARY}</x>", zipfile.ZIP_DEFLATED)
        package.writestr("Stories/Story_u1.xml", story, zipfile.ZIP_DEFLATED)
    return target.getvalue()


ARTWORK = {
    "a.ai": telling_illustrator, "a.eps": telling_eps, "a.idml": telling_idml, "a.psd": telling_psd,
}  # fmt: skip


def telling_picture(kind: str) -> bytes:
    return files.talkative(kind, CANARY)


TELLING = {
    "a.pdf": telling_pdf, "a.docx": telling_docx, "a.odt": telling_odt, "a.mp3": telling_mp3,
    "a.mp4": lambda: film(words=CANARY.encode()), "a.zip": telling_zip, "a.png": lambda: telling_picture("PNG"),
    "a.jpg": lambda: telling_picture("JPEG"), "a.webp": lambda: telling_picture("WEBP"),
}  # fmt: skip
