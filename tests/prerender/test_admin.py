"""Status of the renderer in the admin."""

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from wagtail.models import Collection, CollectionViewRestriction

from core.admin import todo
from core.models import UploadedDocument
from home.models import StandardPage
from prerender import services
from prerender.models import PendingChange, PrerenderedPath
from tests.factories.core import StandardPageFactory
from tests.prerender.conftest import files
from tests.support.cached_fixtures import cached_fixture
from tests.support.queries import queries


@pytest.fixture
@cached_fixture
def about(home) -> StandardPage:
    page: StandardPage = StandardPageFactory(parent=home, slug="about")
    PendingChange.objects.all().delete()
    services.render_paths(["/en/about/"])
    return page


@pytest.fixture
def broken(about, monkeypatch) -> StandardPage:
    monkeypatch.setattr(StandardPage, "serve", lambda *args, **kwargs: {}["a broken block"])
    services.render_paths(["/en/about/"])
    return about


@pytest.fixture
def editor(private, admin_user):
    private.force_login(admin_user)
    return private


class TestReport:
    def test_lists_each_address_with_its_size(self, about, editor):
        page = editor.get(reverse("prerender:report")).content.decode()

        assert "/en/about/" in page
        assert f"{PrerenderedPath.objects.get(path='/en/about/').size:,}" in page

    @pytest.mark.parametrize(
        ("query", "is_there"),
        [({"refused": "true"}, True), ({"refused": "false"}, False), ({"path": "elsewhere"}, False)],
    )
    def test_gives_the_reason_of_a_refusal_unless_the_page_is_left_out(self, broken, editor, query, is_there):
        page = editor.get(reverse("prerender:report"), query).content.decode()

        assert ("/en/about/" in page, "a broken block" in page) == (is_there, is_there)

    @pytest.mark.parametrize(
        "nonsense", [{"kind": "x"}, {"refused": "x"}, {"p": "x"}, {"ordering": "x"}, {"path": "\0"}]
    )
    def test_bears_nonsense(self, about, editor, nonsense):
        assert editor.get(reverse("prerender:report"), nonsense).status_code == 200

    def test_can_be_taken_away_as_a_table(self, about, editor):
        response = editor.get(reverse("prerender:report"), {"export": "xlsx"})

        assert response.status_code == 200
        assert "spreadsheet" in response["Content-Type"]

    def test_takes_the_same_queries_for_few_and_many(self, about, editor):
        def visit() -> None:
            assert editor.get(reverse("prerender:report")).status_code == 200

        visit()
        few = queries(visit)
        PrerenderedPath.objects.bulk_create(PrerenderedPath(path=f"/en/{number}/", kind="page") for number in range(40))

        assert queries(visit) == few

    def test_is_for_staff_only(self, about, private):
        assert private.get(reverse("prerender:report")).status_code == 302

    def test_is_in_the_menu(self, about, editor):
        assert reverse("prerender:report") in editor.get(reverse("wagtailadmin_home")).content.decode()


class TestEditor:
    def test_sees_that_the_public_still_gets_the_old_page(self, broken, editor):
        page = editor.get(reverse("wagtailadmin_pages:edit", args=[broken.pk])).content.decode()

        assert "The public still sees the previous version" in page
        assert "a broken block" in page

    def test_sees_no_message_where_all_is_well(self, about, editor):
        page = editor.get(reverse("wagtailadmin_pages:edit", args=[about.pk])).content.decode()

        assert "could not be updated" not in page

    def test_finds_it_on_the_start_page(self, broken, admin_user):
        assert "Pages that could not be updated" in {str(line.title) for line in todo.lines(admin_user)}


@pytest.mark.usefixtures("only_pages")
class TestBulkAction:
    def test_that_moves_documents_to_a_closed_collection_withdraws_them(self, home, editor, commit):
        with commit():
            document = UploadedDocument.objects.create(
                title="Notes", file=ContentFile(b"Plain words.", name="notes.txt")
            )
        closed = document.collection.add_child(instance=Collection(name="Closed"))
        CollectionViewRestriction.objects.create(collection=closed, restriction_type=CollectionViewRestriction.LOGIN)
        assert files(f"/documents/{document.pk}/")
        address = reverse("wagtail_bulk_action", args=["core", "uploadeddocument", "add_to_collection"])

        with commit():
            response = editor.post(f"{address}?id={document.pk}", {"collection": closed.pk})

        assert response.status_code == 302
        document.refresh_from_db()
        assert document.collection == closed
        assert files(f"/documents/{document.pk}/") == set()
