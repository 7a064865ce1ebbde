"""What is printed about members, and that it is gone when they are."""

import pytest
from django.conf import settings

from network import services
from network.models import Category, Member
from network.publishing import DirectoryPrinting
from tests.factories.network import CategoryFactory, DirectoryPageFactory, MemberFactory
from tests.support.scenes import scene
from users.models import User

URL = "/en/network/"


def files():
    """Return all printed files, including compressed copies, but not the press's own records."""
    return [file for file in settings.PRESS_ROOT.rglob("*") if file.is_file() and ".press" not in file.parts]


def printed(word):
    """Printed files that hold a word, or whose address does."""
    return [file for file in files() if word in str(file) or word.encode() in file.read_bytes()]


@pytest.fixture
@scene
def directory(home):
    return DirectoryPageFactory(parent=home)


class TestTouched:
    def test_are_the_directories_of_all_languages_and_the_members_own_pages(self, directory, languages):
        german = directory.get_parent().copy_for_translation(languages["de"])
        german.save_revision().publish()
        DirectoryPageFactory(parent=german, locale=languages["de"])
        member = MemberFactory(listed=True)

        touched = set(DirectoryPrinting().invalidated_by(member))

        own = {f"/{code}/network/{below}" for code in ("en", "de") for below in ("", f"{member.uuid}/")}
        assert touched == own | {"/sitemap.xml", "/sitemaps/1.xml"}

    @pytest.mark.parametrize("trait", ["awaiting_review", "declined"])
    def test_is_nothing_by_a_request(self, directory, trait):
        assert list(DirectoryPrinting().invalidated_by(MemberFactory(**{trait: True}))) == []

    def test_are_the_pages_that_name_a_field(self, directory):
        schools, other = CategoryFactory(), CategoryFactory()
        member = MemberFactory(listed=True, expertise=[schools])
        MemberFactory(listed=True, expertise=[other])

        assert set(DirectoryPrinting().invalidated_by(schools)) == {URL, f"{URL}{member.uuid}/"}


@pytest.mark.django_db(transaction=True)
class TestPrint:
    """What is printed about a member follows each change, with the press running."""

    @pytest.fixture
    def manager(self, db):
        return User.objects.create_superuser("manager@example.org", "a password for tests")

    @pytest.fixture
    @scene
    def member(self, directory, manager):
        member = MemberFactory(
            awaiting_review=True, name="Canaryname", shown=["name", "about"], has_page=True
        )
        return services.approve(member=member, by=manager)

    def test_lists_a_member_who_was_approved(self, public, member):
        assert "Canaryname" in public.get(URL).content.decode()
        assert "Canaryname" in public.get(f"{URL}{member.uuid}/").content.decode()

    @pytest.mark.parametrize("verb", ["pause", "leave", "hide"])
    def test_forgets_a_member_on_commit(self, public, member, manager, verb):
        uuid = str(member.uuid)
        assert printed(uuid)

        getattr(services, verb)(member=member, **({"by": manager} if verb == "hide" else {}))

        assert "Canaryname" not in public.get(URL).content.decode()
        assert public.get(f"{URL}{uuid}/").status_code == 404
        assert printed(uuid) == []
        assert printed("Canaryname") == []

    def test_forgets_a_detail_that_is_withdrawn(self, public, member):
        services.update_profile(member=member, shown=["about"])

        assert printed("Canaryname") == []
        assert public.get(f"{URL}{member.uuid}/").status_code == 404
        assert "Works on prevention." in public.get(URL).content.decode()

    def test_brings_a_member_back(self, public, member):
        services.pause(member=member)
        services.resume(member=member)

        assert "Canaryname" in public.get(f"{URL}{member.uuid}/").content.decode()

    def test_follows_the_name_of_a_field(self, public, member):
        field = CategoryFactory(code="schools", name="Schools")
        services.update_profile(member=member, expertise=["schools"], shown=["name", "expertise"])
        field.name = "Kindergartens"
        field.save()

        assert "Kindergartens" in public.get(URL).content.decode()
        assert "Kindergartens" in public.get(f"{URL}{member.uuid}/").content.decode()
        assert Category.objects.filter(group="field").count() == 1

    def test_answers_a_filter_on_request_without_a_cookie(self, public, member):
        response = public.get(URL, {"q": "canaryname"})

        assert "Canaryname" in response.content.decode()
        assert response.headers["Cache-Control"] == "no-store"
        assert not response.cookies
        assert "Cookie" not in response.headers.get("Vary", "")
        assert "form-action 'self'" in response.headers["Content-Security-Policy"]

    def test_prints_nothing_because_somebody_asks(self, public, directory, desk, request_data):
        public.get(URL)
        before = {file: file.stat().st_mtime_ns for file in files()}

        desk.post("/en/members/join/", request_data())

        assert Member.objects.count() == 1
        assert {file: file.stat().st_mtime_ns for file in files()} == before
