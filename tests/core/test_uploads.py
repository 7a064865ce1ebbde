"""Uploads: a corpus of good and bad files, sent through every way into the storage."""

import resource
import tracemalloc
import warnings
import zipfile
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import pyvips
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image, PngImagePlugin

from bench import uploads
from core.models import Picture, UploadedDocument
from core.uploads import cleaning, pictures
from tests.factories.campaigns import NewsIndexPageFactory, NewsPageFactory, PictureFactory
from tests.factories.helpline import FinderPageFactory, GuidePageFactory
from tests.support import documents, files
from users.models import User


@cache
def large_package() -> bytes:
    """Return a package of 300 MB when unpacked.

    Built only on demand: packing it takes a second, and each worker collects all tests.
    """
    return files.archive({f"{n}.txt": bytes(100 * 1024 * 1024) for n in range(3)})


@cache
def package_of_packages() -> bytes:
    """Return three documents, each of which may be unpacked, but not all together."""
    document = documents.docx(parts={"word/fonts/font1.odttf": bytes(80 * 1024 * 1024)})
    return files.archive({f"{n}.docx": document for n in range(3)})


def half_locked() -> bytes:
    """Return a package whose second file is locked by a password, according to its flags."""
    data = bytearray(files.archive({"a.txt": b"open", "b.txt": b"locked"}))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def with_twins(first: str, second: str) -> bytes:
    """Return a package with two files that some readers take for the same one."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as package, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        package.writestr(first, b"clean")
        package.writestr(second, b"not looked at")
    return target.getvalue()


PNG = files.picture("PNG")
JPEG = files.picture("JPEG")
BAD_PICTURES = {
    "empty": ("a.png", b"", "empty"),
    "truncated PNG": ("a.png", PNG[: len(PNG) // 2], "damaged"),
    "truncated JPEG": ("a.jpg", files.picture("JPEG", size=(600, 400))[:1500], "damaged"),
    "truncated WebP": ("a.webp", files.picture("WEBP", size=(600, 400))[:200], "damaged or content"),
    "truncated AVIF": ("a.avif", files.picture("AVIF")[:150], "damaged or content"),
    "only the first bytes of a PNG": ("a.png", PNG[:12], "content"),
    "JPEG called PNG": ("a.png", JPEG, "content"),
    "text called PNG": ("a.png", b"hello", "content"),
    "page called JPEG": ("a.jpg", files.PAGE, "content"),
    "PNG with a page behind it": ("a.png", PNG + files.PAGE, "content"),
    "GIF that is a script": ("a.gif", b"GIF89a/*" + files.PAGE + b"*/=1;", "content"),
    "no width": ("a.png", files.png_that_claims(0, 0), "damaged or content"),
    "50,000 by 50,000": ("a.png", files.png_that_claims(50_000, 50_000), "dots"),
    "9,000 by 9,000": ("a.png", files.png_that_claims(9_000, 9_000), "dots"),
    "10,000 frames": ("a.gif", files.gif_of_frames(10_000), "moving"),
    "broken colour profile": ("a.jpg", files.picture("JPEG", icc_profile=b"x" * 200), "profile"),
    "SVG": ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "extension"),
    "no extension": ("picture", PNG, "extension"),
    "two extensions": ("a.png.html", PNG, "extension"),
}
BAD_DOCUMENTS = {
    "empty": ("a.pdf", b"", "empty"),
    "truncated PDF": ("a.pdf", files.PDF[:60], "damaged"),
    "half a PDF, after an earlier version": ("a.pdf", files.PDF + b"%" * 3000, "damaged"),
    "page called PDF": ("a.pdf", files.PAGE, "content"),
    "page before a PDF": ("a.pdf", files.PAGE + files.PDF, "content"),
    "page": ("a.html", files.PAGE, "extension"),
    "SVG": ("a.svg", b"<svg/>", "extension"),
    "program": ("a.exe", b"MZ", "extension"),
    "page called text": ("a.txt", files.PAGE, "content"),
    "SVG called text": ("a.txt", b"\xef\xbb\xbf  <svg onload=alert(1)>", "content"),
    "bytes called text": ("a.txt", b"abc\0def", "content"),
    "text in another encoding": ("a.txt", "Grüße".encode("latin-1"), "content"),
    "SVG called PNG": ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "content"),
    "PNG with a page behind it": ("a.png", PNG + files.PAGE, "content"),
    "huge PNG": ("a.png", files.png_that_claims(50_000, 50_000), "dots"),
    "text called MP3": ("a.mp3", b"hello there", "content"),
    "one byte called MP3": ("a.mp3", b"\xff", "content"),
    "text called film": ("a.mp4", b"hello there", "content"),
    "truncated film": ("a.mp4", documents.film()[:200], "damaged"),
    "film with a box of length 3": ("a.mp4", documents.film() + b"\0\0\0\3free", "damaged"),
    "text called package": ("a.zip", b"hello", "content"),
    "truncated package": ("a.zip", files.archive({"a.pdf": files.PDF})[:80], "damaged"),
    "page in a package": ("a.zip", files.archive({"index.html": files.PAGE}), "content"),
    "package in a package": (
        "a.zip",
        files.archive({"b.zip": files.archive({"a.pdf": files.PDF})}),
        "content",
    ),
    "package that leaves its folder": ("a.zip", files.archive({"../../a.pdf": files.PDF}), "content"),
    "package with a drive": ("a.zip", files.archive({"C:\\a.pdf": files.PDF}), "content"),
    "package that unpacks to 300 MB": (
        "a.zip",
        large_package,
        "size",
    ),
    "package of packages that unpack to 240 MB": ("a.zip", package_of_packages, "size"),
    "package with two files of one name": ("a.zip", with_twins("a.txt", "a.txt"), "damaged"),
    "package with two files of one name but for its case": ("a.zip", with_twins("a.txt", "A.TXT"), "damaged"),
    "package half of which is locked": ("a.zip", half_locked(), "locked"),
    "package of 3,000 files": ("a.zip", files.archive({f"{n}.txt": b"" for n in range(3000)}), "size"),
    "package called DOCX": ("a.docx", files.archive({"a.pdf": files.PDF}), "content"),
    "DOCX with macros": (
        "a.docx",
        files.archive({"[Content_Types].xml": b"", "word/document.xml": b"", "word/vbaProject.bin": b""}),
        "content",
    ),
    "package called ODT": ("a.odt", documents.docx(), "content"),
}
GOOD_DOCUMENTS = {
    "a.pdf": files.PDF, "a.mp3": files.MP3, "a.mp4": documents.film(), "a.txt": "Grüße\n".encode(),
    "a.docx": documents.docx(),
    "a.odt": documents.odt(), "a.zip": files.archive({"poster/a.pdf": files.PDF, "artwork.ai": b"x"}), "a.png": PNG,
}  # fmt: skip


def named(corpus: dict[str, tuple[str, Any, str]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("name", "content", "code"), corpus.values(), ids=corpus.keys(), indirect=["content"]
    )


@pytest.fixture
def content(request: pytest.FixtureRequest) -> bytes:
    return request.param() if callable(request.param) else request.param


def turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def content_of(file: UploadedDocument | Picture) -> bytes:
    with file.open_file() as opened:
        return opened.read()


def stored() -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


@pytest.fixture
def editor(private, db):
    private.force_login(User.objects.create_superuser("editor@example.org"))
    return private


class TestPicture:
    @named(BAD_PICTURES)
    def test_refuses_content_that_does_not_match_the_name(self, name, content, code):
        with pytest.raises(ValidationError) as refused:
            cleaning.clean_picture(ContentFile(content, name=name))

        assert refused.value.code in code.split(" or ")

    @pytest.mark.parametrize("name", ["50,000 by 50,000", "10,000 frames", "no width"])
    def test_refuses_a_bomb_unopened_and_in_little_memory(self, name, monkeypatch):
        monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("It was decoded."))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

        with pytest.raises(ValidationError):
            cleaning.clean_picture(ContentFile(BAD_PICTURES[name][1], name=BAD_PICTURES[name][0]))

        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
    def test_keeps_the_dots_and_the_profile_and_nothing_else(self, kind):
        raw = files.talkative(kind)
        assert files.PLACE.encode() in raw

        clean = cleaning.clean_picture(ContentFile(raw, name=f"a.{kind.lower()}")).read()

        image = Image.open(BytesIO(clean))
        assert files.PLACE.encode() not in clean
        assert b"A name" not in clean
        assert not image.getexif()
        assert image.info.get("icc_profile") == (None if kind == "GIF" else files.profile())
        assert image.convert("RGB").getpixel((10, 10))[0] > 240

    def test_drops_what_hangs_behind_the_picture(self):
        clean = cleaning.clean_picture(ContentFile(JPEG + b"motion picture of a child", name="a.jpg")).read()

        assert b"motion" not in clean

    @pytest.mark.parametrize(
        ("raw", "size", "red"),
        [(files.sideways(), (40, 60), (20, 5)), (files.sideways((4200, 300)), (150, 2100), (75, 100))],
        ids=["as it is", "halved"],
    )
    def test_is_rotated_upright(self, raw, size, red):
        image = Image.open(cleaning.clean_picture(ContentFile(raw, name="a.jpg")))

        assert image.size == size
        assert image.getpixel(red)[0] > 200

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
    def test_is_halved_until_the_site_can_use_it(self, kind):
        raw = files.picture(kind, size=(9001, 30))

        clean = cleaning.clean_picture(ContentFile(raw, name=f"a.{kind.lower()}"))

        image = Image.open(clean).convert("RGB")
        assert image.size == (2251, 8)
        assert image.getpixel((100, 4))[0] > 200
        assert image.getpixel((2200, 4))[2] > 200

    @pytest.mark.parametrize(
        ("kind", "size", "kept"),
        [("GIF", (4, 4), (4, 4)), ("PNG", (4100, 4), (2050, 2))],
        ids=["as it is", "halved"],
    )
    def test_keeps_what_can_be_seen_through(self, kind, size, kept):
        target = BytesIO()
        Image.new("P", size).save(target, format=kind, transparency=0)

        image = Image.open(cleaning.clean_picture(ContentFile(target.getvalue(), name=f"a.{kind.lower()}")))

        assert image.size == kept
        assert image.convert("RGBA").getpixel((0, 0))[3] == 0

    def test_keeps_its_size_as_a_document(self):
        raw = files.picture("PNG", size=(4200, 10))

        clean = cleaning.clean_document(ContentFile(raw, name="poster.png"))

        assert Image.open(clean).size == (4200, 10)

    @pytest.mark.parametrize(
        ("name", "plain"),
        [
            ("Ünïque näme.PNG", "unique-name.png"),
            ("../../etc/passwd.png", "passwd.png"),
            ("C:\\Users\\Someone Private\\me.jpeg", "me.jpg"),
            ("<script>.png", "script.png"),
            ("عنوان.png", "file.png"),
            ("a\r\nSet-Cookie: x.png", "a-set-cookie-x.png"),
            ("x" * 300 + ".png", "x" * 80 + ".png"),
        ],
    )
    def test_takes_a_plain_name(self, name, plain):
        assert cleaning.plain_name(name, plain.rpartition(".")[2].replace("jpg", "jpeg")) == plain


class TestLargePicture:
    """Pictures too large to be decoded whole.

    The limits are lowered, so that the pictures can be small.
    """

    @pytest.fixture(autouse=True)
    def limits(self, monkeypatch):
        for kind in ("AVIF", "GIF", "PNG", "WEBP"):
            monkeypatch.setitem(pictures.WHOLE_PIXELS, kind, 2000)
        monkeypatch.setattr(pictures, "REDUCED_PIXELS", 600)
        monkeypatch.setattr(pictures, "MOST_PIXELS_LOSSLESS", 2000)

    @pytest.mark.parametrize("kind", ["PNG", "WEBP"])
    @pytest.mark.parametrize("clean", [cleaning.clean_picture, cleaning.clean_document])
    def test_is_reduced_and_keeps_its_profile_and_nothing_else(self, kind, clean):
        raw = files.talkative(kind)

        made = clean(ContentFile(raw, name=f"a.{kind.lower()}")).read()

        image = Image.open(BytesIO(made))
        assert image.size == (30, 20)
        assert image.info.get("icc_profile") == files.profile()
        assert image.convert("RGB").getpixel((5, 5))[0] > 200
        assert image.convert("RGB").getpixel((25, 5))[2] > 200
        assert not image.getexif()
        assert files.PLACE.encode() not in made
        assert b"A name" not in made

    @pytest.mark.parametrize("kind", ["PNG", "WEBP"])
    def test_stands_upright(self, kind):
        clean = cleaning.clean_picture(ContentFile(files.sideways(kind=kind), name=f"a.{kind.lower()}"))

        image = Image.open(clean).convert("RGB")
        assert image.size == (20, 30)
        assert image.getpixel((10, 3))[0] > 200

    @pytest.mark.parametrize("mode", ["P", "LA", "RGBA"])
    def test_is_refused_as_a_png_that_can_be_seen_through(self, mode, monkeypatch):
        target = BytesIO()
        Image.new(mode, (60, 40)).save(target, format="PNG", **({"transparency": 0} if mode == "P" else {}))
        monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("It was decoded."))

        with pytest.raises(ValidationError, match="Save it as JPEG or make it smaller"):
            cleaning.clean_picture(ContentFile(target.getvalue(), name="a.png"))

    @pytest.mark.parametrize(
        ("data", "size"),
        # One has its orientation before its pixels; in the other, Pillow would look for it behind them.
        [(files.sideways(kind="PNG"), (20, 30)), (files.picture("PNG", size=(60, 40)), (30, 20))],
    )
    def test_is_never_decoded_whole(self, data, size, monkeypatch):
        monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", lambda self: pytest.fail("It was decoded."))

        clean = cleaning.clean_picture(ContentFile(data, name="a.png"))

        assert Image.open(clean).size == size

    def test_has_eight_bits_a_channel(self):
        target = BytesIO()
        Image.new("I;16", (60, 40), 0x8000).save(target, format="PNG")

        clean = cleaning.clean_picture(ContentFile(target.getvalue(), name="a.png"))

        image = Image.open(clean)
        assert image.mode == "L"
        assert 120 < image.getpixel((5, 5)) < 136

    def test_of_webp_is_a_third_as_large_if_it_can_be_seen_through(self):
        target = BytesIO()
        Image.new("RGBA", (50, 30), (255, 0, 0, 9)).save(target, format="WEBP")

        clean = cleaning.clean_picture(ContentFile(target.getvalue(), name="a.webp"))

        assert Image.open(clean).size == (18, 11)

    def test_of_transparent_webp_is_refused_beyond_a_separate_limit(self, monkeypatch):
        monkeypatch.setattr(pictures, "MOST_PIXELS_SEEN_THROUGH", 1000)
        target = BytesIO()
        Image.new("RGBA", (50, 30), (255, 0, 0, 9)).save(target, format="WEBP")

        with pytest.raises(ValidationError, match="Save it as JPEG or make it smaller"):
            cleaning.clean_picture(ContentFile(target.getvalue(), name="a.webp"))

    @pytest.mark.parametrize("kind", ["PNG", "WEBP"])
    def test_is_refused_if_it_ends_too_early(self, kind):
        raw = files.picture(kind, size=(600, 400))

        with pytest.raises(ValidationError) as refused:
            cleaning.clean_picture(ContentFile(raw[: len(raw) * 2 // 3], name=f"a.{kind.lower()}"))

        assert refused.value.code in {"damaged", "content"}

    @pytest.mark.parametrize(
        ("name", "raw"),
        [
            ("a.avif", files.picture("AVIF")),
            ("a.png", files.png_that_claims(60, 40, interlaced=True)),
            ("a.webp", files.picture("WEBP", lossless=True, icc_profile=files.profile())),
            ("a.gif", files.picture("GIF")),
        ],
    )
    def test_is_refused_if_it_can_only_be_decoded_whole(self, name, raw, monkeypatch):
        monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("It was decoded."))

        with pytest.raises(ValidationError, match="Save it as JPEG or make it smaller"):
            cleaning.clean_picture(ContentFile(raw, name=name))

    @pytest.mark.parametrize("kind", ["GIF", "TIFF", "AVIF"])
    def test_is_not_read_by_libvips_in_other_formats(self, kind):
        with pytest.raises(pyvips.Error):
            pyvips.Image.new_from_buffer(files.picture(kind), "")


class TestJpegInPasses:
    """A decoder holds the coefficients of the whole picture, two bytes each."""

    @pytest.mark.parametrize(
        ("mode", "options", "held"),
        [
            # 64 by 48 pixels; half of the colours in both directions; 65 by 49 fill up another unit of 16 by 16.
            ("RGB", {"size": (64, 48)}, 2 * 64 * 48 * 3 // 2),
            ("RGB", {"size": (65, 49)}, 2 * 80 * 64 * 3 // 2),
            ("RGB", {"size": (64, 48), "subsampling": 0}, 2 * 64 * 48 * 3),
            ("L", {"size": (64, 48)}, 2 * 64 * 48),
            ("CMYK", {"size": (64, 48)}, 2 * 64 * 48 * 4),
        ],
    )
    def test_is_known_by_its_head(self, mode, options, held):
        size = options.pop("size")
        target = BytesIO()
        Image.new(mode, size).save(target, format="JPEG", progressive=True, **options)

        assert pictures.coefficients(target.getvalue()) == held

    def test_holds_nothing_in_one_pass(self):
        assert pictures.coefficients(JPEG) == 0
        assert pictures.coefficients(JPEG[:40]) == 0

    def test_is_rewritten_in_one_pass_if_it_has_too_many_pixels(self, monkeypatch):
        monkeypatch.setattr(pictures, "MOST_HELD", 1000)
        raw = files.picture("JPEG", progressive=True, exif=turned(), icc_profile=files.profile())

        clean = cleaning.clean_picture(ContentFile(raw, name="a.jpg"))

        image = Image.open(clean)
        assert image.size == (40, 60)
        assert image.info.get("icc_profile") == files.profile()
        assert not image.getexif()
        assert image.getpixel((20, 10))[0] > 240
        assert image.getpixel((20, 50))[2] > 240

    def test_is_refused_in_time_if_it_ends_too_early(self, monkeypatch):
        monkeypatch.setattr(pictures, "MOST_HELD", 1000)
        raw = files.picture("JPEG", size=(600, 400), progressive=True)

        with pytest.raises(ValidationError) as refused:
            cleaning.clean_picture(ContentFile(raw[: len(raw) * 2 // 3], name="a.jpg"))

        assert refused.value.code == "damaged"

    def test_is_refused_with_the_way_out_if_it_holds_too_much(self, monkeypatch):
        raw = files.picture("JPEG", progressive=True)
        monkeypatch.setattr(pictures, "MOST_COEFFICIENTS", 1000)
        monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("It was decoded."))

        with pytest.raises(ValidationError, match="without the option “progressive”"):
            cleaning.clean_picture(ContentFile(raw, name="a.jpg"))


@pytest.mark.process
class TestMemory:
    """The memory for the largest accepted picture of each kind, in a separate process."""

    # The kinds at the limits; the benchmark measures all.
    @pytest.mark.parametrize("name", [name for name in uploads.KINDS if name not in {"JPEG", "PNG", "WEBP"}])
    def test_of_the_largest_picture_is_150_megabytes(self, name, tmp_path):
        kind = uploads.KINDS[name]
        path = tmp_path / f"picture.{kind.format.lower()}"
        uploads.draw(path, kind, 40_000_000)

        assert uploads.child("cleaned", path).megabytes <= 150


class TestDocument:
    @named(BAD_DOCUMENTS)
    def test_refuses_content_that_does_not_match_the_name(self, name, content, code):
        with pytest.raises(ValidationError) as refused:
            cleaning.clean_document(ContentFile(content, name=name))

        assert refused.value.code in code.split(" or ")

    @pytest.mark.parametrize("name", GOOD_DOCUMENTS)
    def test_accepts_content_that_matches_the_name(self, name):
        assert cleaning.clean_document(ContentFile(GOOD_DOCUMENTS[name], name=name)).name == name

    def test_refuses_what_is_too_large(self, monkeypatch):
        monkeypatch.setattr(cleaning, "DOCUMENT_MAX_SIZE", 50)

        with pytest.raises(ValidationError, match="limit is 50"):
            cleaning.clean_document(ContentFile(files.PDF, name="a.pdf"))

    def test_has_a_separate_limit_for_films(self, settings, monkeypatch):
        monkeypatch.setattr(cleaning, "DOCUMENT_MAX_SIZE", 50)
        settings.WAGTAILDOCS_MAX_UPLOAD_SIZE = 60

        with pytest.raises(ValidationError, match="limit is 60"):
            cleaning.clean_document(ContentFile(documents.film(), name="a.mp4"))

    def test_cleans_a_film_without_having_it_in_memory(self, tmp_path):
        # A sparse file with 100 MB of empty space at the end, which takes no room on the disk.
        length = 100 * 1024 * 1024
        path = tmp_path / "long.mp4"
        with path.open("wb") as film:
            film.write(documents.film() + (length).to_bytes(4) + b"mdat")
            film.seek(length - 9, 1)
            film.write(b"\0")
        tracemalloc.start()
        try:
            with path.open("rb") as opened:
                clean = cleaning.clean_document(File(opened, name="long.mp4"))
            most = tracemalloc.get_traced_memory()[1]
            size = clean.size
            clean.close()
        finally:
            tracemalloc.stop()

        assert size == path.stat().st_size
        assert most < 5_000_000


@pytest.mark.django_db
class TestStorage:
    def test_takes_a_picture_without_a_form_only_when_clean(self):
        picture = Picture(title="Path", file=ContentFile(files.sideways(), name="Päth 1.jpg"))

        picture.save()

        assert (picture.width, picture.height) == (40, 60)
        assert picture.file.name == "original_images/path-1.jpg"
        assert not Image.open(BytesIO(content_of(picture))).getexif()

    @named(BAD_PICTURES)
    def test_takes_no_bad_picture_without_a_form(self, name, content, code):
        with pytest.raises(ValidationError):
            Picture(title="Bad", file=ContentFile(content, name=name)).save()

        assert not stored()
        assert not Picture.objects.exists()

    @pytest.mark.parametrize("name", ["page called PDF", "SVG", "truncated package", "PNG with a page behind it"])
    def test_takes_no_bad_document_without_a_form(self, name):
        with pytest.raises(ValidationError):
            UploadedDocument(title="Bad", file=ContentFile(BAD_DOCUMENTS[name][1], name=BAD_DOCUMENTS[name][0])).save()

        assert not stored()
        assert not UploadedDocument.objects.exists()

    def test_refuses_a_bad_file_in_the_second_step_of_several(self):
        with pytest.raises(ValidationError):
            UploadedDocument().file.save("a.pdf", ContentFile(files.PAGE), save=False)

        assert not stored()


class TestAdmin:
    """The upload forms of the admin: one file, several files, and the second step of the latter."""

    @named(BAD_PICTURES)
    def test_refuses_a_picture_with_a_reason(self, editor, name, content, code):
        upload = SimpleUploadedFile(name, content, "image/png")

        response = editor.post(reverse("wagtailimages:add"), {"title": "Bad", "file": upload})

        assert response.status_code == 200
        assert response.context["form"].errors["file"]
        assert not Picture.objects.exists()
        assert not stored()

    @named(BAD_PICTURES)
    def test_refuses_one_of_several_pictures_with_a_reason(self, editor, name, content, code):
        upload = SimpleUploadedFile(name, content, "image/png")

        response = editor.post(reverse("wagtailimages:add_multiple"), {"files[]": upload, "title": "Bad"})

        assert response.json()["error_message"]
        assert not Picture.objects.exists()
        assert not stored()

    @named(BAD_DOCUMENTS)
    def test_refuses_a_document_with_a_reason(self, editor, name, content, code):
        upload = SimpleUploadedFile(name, content, "application/pdf")

        response = editor.post(reverse("wagtaildocs:add"), {"title": "Bad", "file": upload})

        assert response.status_code == 200
        assert response.context["form"].errors["file"]
        assert not UploadedDocument.objects.exists()
        assert not stored()

    def test_stores_a_good_picture_clean(self, editor):
        upload = SimpleUploadedFile("a.jpg", files.talkative("JPEG"), "image/jpeg")

        editor.post(reverse("wagtailimages:add_multiple"), {"files[]": upload, "title": "Good"})

        picture = Picture.objects.get()
        assert files.PLACE.encode() not in content_of(picture)
        assert picture.file_size == len(content_of(picture))

    @pytest.mark.parametrize("used", [True, False])
    def test_asks_for_the_text_alternatives_before_it_replaces_a_picture_that_is_used(self, editor, home, used):
        picture = PictureFactory(title="Path")
        if used:
            NewsPageFactory(parent=NewsIndexPageFactory(parent=home), picture=picture, picture_alt="A path.")
        before = content_of(picture)
        address = reverse("wagtailimages:edit", args=[picture.pk])
        form = {"title": "Path", "collection": picture.collection_id}

        def post(**more):
            upload = SimpleUploadedFile("b.png", files.picture("PNG", size=(80, 50)), "image/png")
            return editor.post(address, {**form, "file": upload, **more})

        kept = editor.post(address, {**form, "title": "Road"})
        asked = post()
        picture.refresh_from_db()
        unread = content_of(picture) == before
        confirmed = post(words_fit="on")

        assert kept.status_code == confirmed.status_code == 302
        assert unread is used
        if used:
            assert "Read the text alternatives first." in asked.content.decode()
            assert "could not be found" not in asked.content.decode()
        picture.refresh_from_db()
        assert content_of(picture) != before

    @pytest.mark.parametrize("live", [True, False])
    def test_changes_nothing_that_a_public_help_page_shows(self, editor, home, live):
        picture = PictureFactory(title="Path", description="A path.")
        before = content_of(picture)
        picture.contextual_alt_text, picture.decorative = "A path.", False
        page = GuidePageFactory(parent=FinderPageFactory(parent=home), body=[("picture", picture)])
        if not live:
            page.unpublish()
        upload = SimpleUploadedFile("b.png", files.picture("PNG", size=(80, 50)), "image/png")
        form = {"title": "Path", "collection": picture.collection_id, "words_fit": "on"}

        response = editor.post(
            reverse("wagtailimages:edit", args=[picture.pk]), {**form, "description": "Call 123.", "file": upload}
        )

        picture.refresh_from_db()
        is_kept = (content_of(picture), picture.description) == (before, "A path.")
        assert is_kept is live
        assert ("choose it on the page" in response.text) is live

    def test_reports_errors_in_the_new_file_of_a_used_picture(self, editor, home):
        picture = PictureFactory(title="Path")
        NewsPageFactory(parent=NewsIndexPageFactory(parent=home), picture=picture, picture_alt="A path.")
        upload = SimpleUploadedFile("b.png", files.PAGE, "image/png")
        form = {"title": "Path", "collection": picture.collection_id, "file": upload}

        response = editor.post(reverse("wagtailimages:edit", args=[picture.pk]), form)

        assert response.status_code == 200
        assert set(response.context["form"].errors) == {"file"}

    def test_stores_a_good_document_under_a_plain_name(self, editor):
        upload = SimpleUploadedFile("Ein Plakat ☀.pdf", files.PDF, "application/pdf")

        editor.post(reverse("wagtaildocs:add"), {"title": "Good", "file": upload})

        assert UploadedDocument.objects.get().filename == "ein-plakat.pdf"

    def test_replaces_a_document_by_a_good_one_only(self, editor):
        document = UploadedDocument.objects.create(title="Poster", file=ContentFile(files.PDF, name="poster.pdf"))
        upload = SimpleUploadedFile("poster.pdf", files.PAGE, "application/pdf")

        editor.post(reverse("wagtaildocs:edit", args=[document.pk]), {"title": "Poster", "file": upload})

        document.refresh_from_db()
        assert content_of(document) == files.PDF

    def test_reports_further_errors_in_one_of_several_documents(self, editor):
        upload = SimpleUploadedFile("a.pdf", files.PDF, "application/pdf")

        first = editor.post(reverse("wagtaildocs:add_multiple"), {"files[]": upload, "title": "x" * 300}).json()
        second = editor.post(
            reverse("wagtaildocs:create_multiple_from_uploaded_document", args=[first["uploaded_file_id"]]),
            {f"uploaded-document-{first['uploaded_file_id']}-title": "y" * 300},
        )

        assert second.json()["success"] is False
