"""Report of pictures and files that need an editor's attention."""

import pytest
from bs4 import BeautifulSoup
from django.core.files.base import ContentFile
from django.urls import reverse
from wagtail.models import ReferenceIndex

from core.models import Picture, UploadedDocument
from core.uploads import first_pages
from tests.factories.campaigns import FileFactory, MaterialFactory, PictureFactory
from tests.factories.users import UserFactory
from tests.support import files
from tests.support.queries import queries
from users.roles import ADMINISTRATOR, sync

pytestmark = pytest.mark.django_db


@pytest.fixture
def parts(private):
    """Return the names under each heading of the report, as an administrator sees them."""
    sync()
    private.force_login(UserFactory(roles=[ADMINISTRATOR]))

    def read() -> list[list[str]]:
        html = BeautifulSoup(private.get(reverse("files_report")).content, "html.parser")
        return [[item.get_text(strip=True) for item in part.select("li a")] for part in html.select("main section")]

    return read


def content_of(kind: str) -> ContentFile:
    return ContentFile(files.picture("PNG", size=(30, 20)) if kind == "png" else files.PDF, name=f"a.{kind}")


class TestReport:
    def test_names_pictures_without_a_credit_but_no_first_pages(self, parts):
        PictureFactory(title="Of nobody")
        PictureFactory(title="Of Ida", credit="Ida Example")
        first_pages.draw(FileFactory())

        assert parts()[0] == ["Of nobody"]

    def test_lists_duplicates(self, parts):
        for model, kind, titles in (
            (Picture, "png", ("One", "The same")),
            (UploadedDocument, "pdf", ("A file", "Again")),
        ):
            for title in titles:
                file = model(title=title, file=content_of(kind))
                file.save()
                file.get_file_hash()

        assert parts()[1] == ["One", "The same", "A file", "Again"]

    def test_names_what_nothing_uses(self, parts):
        used = MaterialFactory()
        ReferenceIndex.create_or_update_for_object(used)
        FileFactory(title="Forgotten")

        assert parts()[2] == ["Forgotten"]

    def test_takes_the_same_queries_for_few_and_many(self, private, parts):
        FileFactory.create_batch(3)
        parts()
        few = queries(parts)
        FileFactory.create_batch(27)

        assert queries(parts) == few
