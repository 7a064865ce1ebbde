"""Prerendering with uploads in a bucket: withdrawals do not need it, renders that need it wait, others do not."""

import re
import zipfile
from datetime import timedelta
from http.cookies import SimpleCookie
from io import BytesIO, StringIO

import pytest
from django.conf import settings as site_settings
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from core.models import Picture
from prerender import services
from prerender.models import PendingPath, PrerenderedPath
from prerender.store import repair
from prerender.store.files import FileStore
from tests.factories.campaigns import (
    CampaignIndexPageFactory,
    CampaignPageFactory,
    MaterialFactory,
    PictureFactory,
)
from tests.factories.core import StandardPageFactory
from tests.factories.users import UserFactory
from tests.prerender.conftest import showing
from tests.support import files
from tests.support.bucket import KEY, SECRET, ObjectStore, nowhere, use
from tests.support.publishing import publish_page
from tests.support.server import SiteServer, collected_static, environment, free_port

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("bucket")]
PICTURE = re.compile(r"/pictures/[0-9a-f]{24}\.webp")
KIT = "/en/campaigns/path/kits/all.zip"


@pytest.fixture(autouse=True)
def _in_bucket(in_bucket: ObjectStore, without_api: None) -> None:
    pass


def packed(kit: bytes) -> dict[str, bytes]:
    """Return the contents of a kit, without the page that names the address of the site."""
    with zipfile.ZipFile(BytesIO(kit)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith(".html")}


@pytest.mark.django_db
class TestStorageUnavailable:
    @pytest.fixture
    def _another_machine(self, about, settings, tmp_path):
        """Leave this machine without any copy, and the storage unavailable."""
        settings.MEDIA_ROOT = tmp_path / "another"
        use(settings, nowhere())

    @pytest.fixture
    def about(self, home, only_pages, in_bucket):
        about = StandardPageFactory(parent=home, slug="about", introduction="Before.", body=showing(PictureFactory()))
        StandardPageFactory(parent=home, slug="words", introduction="Before.")
        publish_page(about)
        services.render_all()
        return about

    @pytest.mark.usefixtures("_another_machine")
    @pytest.mark.parametrize("drawn", [True, False])
    def test_leaves_a_page_with_a_picture_as_it_is_until_it_is_back(self, about, folder, settings, in_bucket, drawn):
        if not drawn:  # then Wagtail would show that a picture is missing
            Picture.objects.get().renditions.all().delete()
        FileStore().file("/en/words/").unlink()
        before = folder.file("/en/about/").read_bytes()
        type(about).objects.update(introduction="After.")

        with pytest.raises(CommandError, match=r"storage of uploads is unavailable\. 1 addresses"):
            call_command("prerender", "/en/about/", "/en/words/", stdout=StringIO())

        assert "After." in folder.file("/en/words/").read_text()
        assert folder.file("/en/about/").read_bytes() == before
        assert list(PendingPath.objects.values_list("path", flat=True).distinct()) == ["/en/about/"]
        assert PrerenderedPath.objects.get(path="/en/about/").refused == ""
        assert ("/en/about/", "unknown") in {(each.path, each.what) for each in repair.compare()}

        use(settings, in_bucket.url)
        services.render_due()

        assert "After." in folder.file("/en/about/").read_text()
        assert PICTURE.search(folder.file("/en/about/").read_text())
        assert not PendingPath.objects.exists()

    @pytest.mark.usefixtures("_another_machine")
    def test_removes_a_page_with_its_picture_immediately(self, about, folder, commit):
        (picture,) = PICTURE.findall(folder.file("/en/about/").read_text())[:1]

        with commit():
            about.unpublish()

        assert not folder.file("/en/about/").exists()
        assert not folder.file(picture).exists()


@pytest.mark.django_db(transaction=True)
class TestTwoMachines:
    """Two machines: this process with its disk, and another with separate processes and a separate disk.

    They share database and bucket.
    """

    @pytest.fixture
    def other(self, in_bucket, tmp_path):
        own = environment(port=(port := free_port()), static=collected_static(), tasks="immediate", scratch=tmp_path)
        own |= {
            "WAYMARK_STORAGE": site_settings.STORAGE["address"],
            "WAYMARK_STORAGE_ENDPOINT": in_bucket.url,
            "WAYMARK_STORAGE_KEY": KEY,
            "WAYMARK_STORAGE_SECRET": SECRET,
        }
        machine = SiteServer(port=port, folder=tmp_path, environment=own, workers=1)
        machine.start()
        yield machine
        machine.stop()

    def test_show_and_hide_the_same(self, other, home, private, public, in_bucket):
        private.force_login(UserFactory(is_superuser=True))
        upload = {"title": "Path", "description": "A path", "collection": 1}
        upload["file"] = ContentFile(files.picture(), name="path.png")
        assert private.post(reverse("wagtailimages:add"), upload).status_code == 302
        picture = Picture.objects.get()
        about = StandardPageFactory(parent=home, slug="about", body=showing(picture))
        publish_page(about)
        campaigns = CampaignIndexPageFactory(parent=home)
        path = CampaignPageFactory(parent=campaigns, slug="path")
        secret = CampaignPageFactory(parent=campaigns, slug="secret", embargo=timezone.now() + timedelta(days=1))
        MaterialFactory(campaign=path)
        hidden = MaterialFactory(campaign=secret).files.get().document
        services.render_due()
        other.manage("prerender", "/en/about/", KIT)

        here = public.get("/en/about/").getvalue().decode()
        (address, *_) = PICTURE.findall(here)
        shown = other.get(address)
        assert (shown.status, shown.body) == (200, public.get(address).getvalue())
        assert packed(other.get(KIT).body) == packed(public.get(KIT).getvalue()) != {}
        assert address in other.get("/en/about/").text
        # A file that no page refers to is served by no site, and is not in the bucket.
        assert other.get(hidden.url).status == public.get(hidden.url).status_code == 404
        assert hidden.file.name in {name.removeprefix("site/") for name in in_bucket.objects()}
        # The private site of the other machine shows this one's uploads to users who have signed in.
        drawn = picture.renditions.earliest("pk").url
        cookie = SimpleCookie({name: each.value for name, each in private.cookies.items()}).output(header="", sep=";")
        assert other.get(drawn, host="private", headers={"Cookie": cookie.strip()}).status == 200
        assert other.get(drawn, host="private").status == 404

        about.unpublish()
        assert public.get("/en/about/").status_code == public.get(address).status_code == 404
        # Its scheduler does this every five minutes.
        other.manage("shell", "--no-imports", "-c", "from prerender import services; services.remove_strays()")
        assert other.get("/en/about/").status == other.get(address).status == 404
