"""Public pictures are those that a prerendered page shows, for as long as the page shows them."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from wagtail.models import PageViewRestriction

from core.models import Picture, Rendition
from home.models import StandardPage
from prerender import services, tasks
from prerender.models import PrerenderedPath
from prerender.store import repair
from prerender.store.files import FileStore
from tests.factories.campaigns import CampaignIndexPageFactory, CampaignPageFactory, PictureFactory
from tests.factories.core import StandardPageFactory
from tests.factories.users import UserFactory
from tests.prerender.conftest import showing
from tests.support import files
from tests.support.cached_fixtures import cached_fixture
from tests.support.publishing import publish_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("only_pages")]
SHOWN = re.compile(r"/pictures/[0-9a-f]{24}\.webp")


def drawn(*, height: int = 48) -> Picture:
    """Return a picture that differs from those of other heights."""
    return PictureFactory(file=ContentFile(files.picture(size=(64, height)), name=f"path-{height}.png"))


def status(client: Client, address: str) -> int:
    answer = client.get(address)
    if answer.streaming:
        b"".join(answer)  # closes the file
    return answer.status_code


def shown_on(folder: FileStore, path: str) -> set[str]:
    return set(SHOWN.findall(folder.file(path).read_text()))


def public_pictures(folder: FileStore) -> set[str]:
    return {f"/pictures/{file.name}" for file in (folder.root / "pictures").glob("*")}


def uploads() -> list[str]:
    """Return the address of every stored file, as a stranger might guess it."""
    media = Path(settings.MEDIA_ROOT)
    return [f"/media/{file.relative_to(media)}" for file in media.rglob("*") if file.is_file()]


@pytest.fixture
@cached_fixture
def picture(home) -> Picture:
    return drawn()


@pytest.fixture
@cached_fixture
def about(home, picture) -> StandardPage:
    """A prerendered page that shows the picture."""
    about = StandardPageFactory(parent=home, slug="about", body=showing(picture))
    publish_page(about)
    services.render_all()
    return about


class TestPicture:
    def test_is_rendered_with_the_page_under_a_name_made_from_its_content(self, about, picture, folder, public):
        (address,) = shown_on(folder, "/en/about/")

        answer = public.get(address)

        assert answer.status_code == 200
        assert answer["Content-Type"] == "image/webp"
        rendition = picture.renditions.earliest("pk")
        assert b"".join(answer) == Path(rendition.file.path).read_bytes()
        assert rendition.digest.startswith(Path(address).stem)

    def test_is_nowhere_else(self, about, picture, public):
        assert len(uploads()) == 4  # as it was uploaded, and in three sizes
        for address in uploads():
            assert status(public, address) == 404, address

    def test_of_a_draft_an_embargo_a_restricted_or_an_unpublished_page_is_not_public(
        self, home, about, folder, public, private, commit
    ):
        """A crawl of every stored file, after a user has viewed all pictures in the admin."""
        seen = public_pictures(folder)
        draft = drawn(height=84)
        home.add_child(
            instance=StandardPage(title="Draft", slug="draft", body=showing(draft), live=False)
        ).save_revision()
        index = CampaignIndexPageFactory(parent=home)
        CampaignPageFactory(
            parent=index, embargo=timezone.now() + timedelta(days=9), picture=drawn(height=96), live=True
        )
        closed = StandardPageFactory(parent=home, slug="closed", body=showing(drawn(height=60)))
        gone = StandardPageFactory(parent=home, slug="gone", body=showing(drawn(height=72)))
        publish_page(closed)
        publish_page(gone)
        services.render_all()
        assert public_pictures(folder) > seen
        with commit():
            PageViewRestriction.objects.create(page=closed, restriction_type=PageViewRestriction.LOGIN)
            gone.unpublish()
        for one in Picture.objects.all():
            one.get_renditions("max-165x165", "max-800x600|format-webp", "original", "width-640|format-webp")

        assert public_pictures(folder) == seen
        assert len(uploads()) > 12
        for address in uploads():
            assert status(public, address) == 404, address
            assert status(private, address) == 404, address
        for rendition in Rendition.objects.exclude(image=draft):
            address = f"/pictures/{rendition.digest[:24]}{Path(rendition.file.name).suffix}"
            assert status(public, address) == (200 if address in seen else 404), address

    def test_keeps_its_file_and_its_date_when_the_page_is_rendered_again(self, about, folder):
        file = folder.root / shown_on(folder, "/en/about/").pop()[1:]
        before = file.stat()
        about.introduction = "Other words."
        publish_page(about)
        services.render_due()

        assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)

    def test_that_is_missing_keeps_the_page_from_being_rendered(self, home, picture):
        publish_page(StandardPageFactory(parent=home, slug="about", body=showing(picture)))
        services.render_all()
        Path(picture.renditions.earliest("pk").file.path).unlink()

        outcome = services.render_paths(["/en/about/"])

        assert "missing" in outcome.refused["/en/about/"]

    def test_of_another_site_is_left_as_it_is(self, home, folder):
        there = "https://other.example/media/images/poster.webp"
        body = [{"type": "text", "value": f'<p><a href="{there}">a poster</a></p>'}]
        publish_page(StandardPageFactory(parent=home, slug="about", body=body))
        services.render_all()

        assert there in folder.file("/en/about/").read_text()

    def test_is_put_back_by_a_render_of_its_page(self, about, folder):
        (address,) = shown_on(folder, "/en/about/")
        (folder.root / address[1:]).unlink()

        assert [(found.path, found.what) for found in repair.compare()] == [(address, "missing")]
        services.render_paths(["/en/about/"])
        assert (folder.root / address[1:]).is_file()


class TestGone:
    """A picture is removed together with the last page that shows it, before any task runs."""

    @pytest.fixture(autouse=True)
    def _no_tasks(self, about, monkeypatch):
        monkeypatch.setattr(tasks, "announce", lambda changes: None)

    @pytest.mark.parametrize(
        "change",
        [
            lambda page, picture: page.unpublish(),
            lambda page, picture: PageViewRestriction.objects.create(page=page, restriction_type="login"),
            lambda page, picture: picture.delete(),
        ],
        ids=["unpublished", "restricted", "deleted"],
    )
    def test_when_its_page_or_the_picture_is(self, about, picture, folder, commit, change):
        assert public_pictures(folder)
        with commit():
            change(about, picture)

        assert public_pictures(folder) == set()

    def test_only_with_the_last_page_that_shows_it(self, home, about, picture, folder, commit):
        publish_page(StandardPageFactory(parent=home, slug="other", body=showing(picture)))
        services.render_due()
        shown = public_pictures(folder)
        with commit():
            about.unpublish()

        assert public_pictures(folder) == shown
        assert shown_on(folder, "/en/other/") == shown

    @pytest.mark.parametrize("shows_another", [True, False])
    def test_when_its_page_shows_it_no_more(self, about, folder, shows_another):
        before = public_pictures(folder)
        about.body = showing(drawn(height=60)) if shows_another else []
        publish_page(about)
        services.render_due()

        now = public_pictures(folder)
        assert now == shown_on(folder, "/en/about/") == set(PrerenderedPath.objects.get(path="/en/about/").pictures)
        assert (bool(now), now & before) == (shows_another, set())

    def test_but_not_while_a_render_is_about_to_show_it(self, home, about, picture, folder, commit, monkeypatch):
        """Another process unpublishes its page after a second one was rendered and before it is put in place."""
        publish_page(StandardPageFactory(parent=home, slug="other", body=showing(picture)))
        stage = FileStore.stage

        def unpublish_then_stage(self, files):
            if about.live:
                with commit():
                    about.unpublish()
            return stage(self, files)

        monkeypatch.setattr(FileStore, "stage", unpublish_then_stage)
        services.render_paths(["/en/other/"])

        assert public_pictures(folder) == shown_on(folder, "/en/other/") != set()


class TestOnThePrivateSite:
    """Staff see all pictures, and readers of a restricted page see those on it."""

    @pytest.fixture
    def address(self, about, picture) -> str:
        return picture.renditions.earliest("pk").url

    def test_a_stranger_sees_none(self, address, private: Client):
        assert status(private, address) == 404

    @pytest.mark.parametrize("rights", [{}, {"is_superuser": True, "works_in_admin": False}], ids=["none", "no role"])
    def test_an_account_alone_is_not_enough(self, address, private: Client, rights):
        private.force_login(UserFactory(**rights))

        assert status(private, address) == 404

    def test_staff_see_them(self, address, private: Client, admin_user):
        private.force_login(admin_user)

        answer = private.get(address)

        assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
        assert b"".join(answer).startswith(b"RIFF")

    @pytest.mark.parametrize("is_member", [True, False])
    def test_readers_of_a_restricted_page_see_them(self, about, address, private: Client, is_member):
        group = Group.objects.create(name="Readers")
        PageViewRestriction.objects.create(page=about, restriction_type="groups").groups.add(group)
        reader = UserFactory()
        if is_member:
            reader.groups.add(group)
        private.force_login(reader)

        assert status(private, address) == (200 if is_member else 404)

    @pytest.mark.parametrize(
        "name", ["../original_images/picture-1.png", "nothing.webp", "%00.webp", "x" * 300 + ".webp"]
    )
    def test_nothing_else_is_there(self, name, about, private: Client, admin_user):
        private.force_login(admin_user)

        assert status(private, f"/media/images/{name}") == 404
