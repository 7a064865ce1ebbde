"""Downloads are shown by their first page, which is public only where the file is."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse

from campaigns.materials.routes import FileRoute
from core.models import Picture, UploadedDocument
from core.uploads import first_pages
from tests.support import files
from tests.support.second import held_elsewhere, waits_for_a_lock

pytestmark = pytest.mark.django_db


def upload(name: str = "a.pdf", data: bytes = files.PDF) -> UploadedDocument:
    return UploadedDocument.objects.create(title="A", file=ContentFile(data, name=name))


def shown(document: UploadedDocument) -> Picture | None:
    return Picture.objects.filter(first_page_of=document).first()


def look() -> None:
    """Run the scheduler's job."""
    for document in first_pages.due():
        first_pages.draw(document)


class TestFirstPage:
    @pytest.mark.parametrize(
        ("name", "data", "size"),
        # For a page of 612 by 792, and for the picture itself.
        [("a.pdf", files.PDF, (990, 1280)), ("a.png", files.picture(size=(60, 40)), (60, 40))],
    )
    def test_of_a_pdf_is_drawn_in_its_shape_and_of_a_picture_is_the_picture(self, name, data, size):
        document = upload(name, data)

        look()

        picture = shown(document)
        assert picture is not None
        assert (picture.width, picture.height) == size
        assert picture.title == "First page of “A”"

    @pytest.mark.parametrize(("name", "data"), [("a.mp3", files.MP3), ("a.txt", b"Words.")])
    def test_of_sound_and_text_is_nothing_and_is_looked_for_once(self, name, data):
        document = upload(name, data)

        look()

        assert shown(document) is None
        assert [*first_pages.due()] == []

    def test_is_drawn_once_where_two_processes_have_found_the_same_file(self):
        document = upload("a.png", files.picture(size=(60, 40)))
        [found], [found_too] = first_pages.due(), first_pages.due()

        first_pages.draw(found)
        before = shown(document)
        first_pages.draw(found_too)

        assert before is not None
        assert shown(document) == before

    def test_is_waited_for_while_another_process_draws_it(self):
        document = upload("a.png", files.picture(size=(60, 40)))

        with held_elsewhere(f"first page of {document.pk}"), transaction.atomic():
            assert waits_for_a_lock(lambda: first_pages.draw(document))
            transaction.set_rollback(True)

    def test_is_redrawn_when_the_file_is_replaced_and_deleted_with_it(self):
        document = upload("a.png", files.picture(size=(60, 40)))
        look()
        before = shown(document)
        assert before is not None
        document.refresh_from_db()
        document.file = ContentFile(files.picture(size=(30, 40)), name="b.png")
        document.save()

        look()

        after = shown(document)
        assert after is not None
        assert (after.pk == before.pk, after.width) == (False, 30)
        document.delete()
        assert not Picture.objects.exists()

    def test_is_not_offered_in_the_picture_chooser(self, private, admin_user):
        upload("a.png", files.picture())
        look()

        private.force_login(admin_user)

        found = private.get(reverse("wagtailimages_chooser:choose_results"))

        assert found.status_code == 200
        assert "First page of" not in found.content.decode()

    def test_does_not_make_its_file_public(self):
        """A reference from any object but a page or a material would make the file public."""
        document = upload("a.png", files.picture())

        look()

        assert document.pk in FileRoute().withheld()


@pytest.mark.process
class TestDangerousFile:
    """PDF files come from untrusted sources, so they are drawn in a separate process."""

    def test_of_an_extreme_size_is_drawn_small(self):
        document = upload(data=files.PDF.replace(b"0 0 612 792", b"0 0 1 9999"))

        look()

        picture = shown(document)
        assert picture is not None
        assert (picture.width, picture.height) == (1, 1280)

    def test_that_cannot_be_drawn_is_shown_without_a_picture(self, monkeypatch):
        document = upload()
        Path(document.file.path).write_bytes(b"%PDF-1.7 and nothing else")

        look()

        assert shown(document) is None
        assert [*first_pages.due()] == []

    def test_that_takes_too_long_is_left(self, monkeypatch, tmp_path):
        document = upload()
        slow = tmp_path / "slow.py"
        slow.write_text("import time\ntime.sleep(60)\n")
        monkeypatch.setattr(first_pages, "PROGRAM", slow)
        monkeypatch.setattr(first_pages, "LONGEST_WAIT", 0.1)

        look()

        assert shown(document) is None

    @pytest.mark.parametrize("harm", ["bytearray(2**31)", "__import__('pathlib').Path(sys.argv[1]).write_text('x')"])
    def test_has_no_memory_and_may_write_nothing(self, harm, tmp_path):
        code = f"import sys\nsys.path.insert(0, sys.argv[2])\nimport draw_first_page\ndraw_first_page.limit()\n{harm}"

        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "x"), str(first_pages.PROGRAM.parent)],
            stderr=subprocess.DEVNULL,
            check=False,
        )

        assert done.returncode != 0
