"""Prerendered data of members, and their removal."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from django.conf import settings

from home import sitemap
from home.sitemap import MapPart
from network.members import services as members_services
from network.models import Category, DirectoryPage, Member
from network.review import services as review
from network.routes import DirectoryRoute, MemberSitemap
from prerender import addresses
from prerender.rendering.renderer import PageRenderer, RenderRejectedError
from tests.factories.network import (
    CategoryFactory,
    DirectoryPageFactory,
    EventIndexPageFactory,
    GroupIndexPageFactory,
    MemberFactory,
)
from tests.network.conftest import same_queries
from tests.support.cached_fixtures import cached_fixture
from tests.support.sitemap import LOCATION
from users.models import User

URL = "/en/network/"


def files():
    """Return all prerendered files, including compressed copies, but not the renderer's own records."""
    return [file for file in settings.PRERENDER_ROOT.rglob("*") if file.is_file() and ".prerender" not in file.parts]


def prerendered(word):
    """Return the prerendered files with a word in their contents or address."""
    return [file for file in files() if word in str(file) or word.encode() in file.read_bytes()]


@pytest.fixture
@cached_fixture
def directory(home):
    return DirectoryPageFactory(parent=home)


class TestTouched:
    def test_are_the_directories_of_all_languages_and_the_members_own_pages(self, directory, languages):
        german = directory.get_parent().copy_for_translation(languages["de"])
        german.save_revision().publish()
        DirectoryPageFactory(parent=german, locale=languages["de"])
        member = MemberFactory(listed=True)

        touched = set(DirectoryRoute().invalidated_by(member))

        own = {f"/{code}/network/{below}" for code in ("en", "de") for below in ("", f"{member.uuid}/")}
        assert touched == own

    @pytest.mark.parametrize("trait", ["awaiting_review", "declined"])
    def test_is_nothing_by_a_request(self, directory, trait):
        assert list(DirectoryRoute().invalidated_by(MemberFactory(**{trait: True}))) == []

    def test_are_the_pages_that_name_a_field(self, directory):
        schools, other = CategoryFactory(), CategoryFactory()
        member = MemberFactory(listed=True, expertise=[schools])
        MemberFactory(listed=True, expertise=[other])

        assert set(DirectoryRoute().invalidated_by(schools)) == {URL, f"{URL}{member.uuid}/"}


class TestSitemap:
    """Members' pages are in separate parts of the sitemap; each always stays in the same part."""

    FIRST = "00000000-0000-4000-8000-000000000000"
    SAME = "003fffff-ffff-4fff-bfff-ffffffffffff"
    NEXT = "00400000-0000-4000-8000-000000000000"
    LAST = "ffffffff-ffff-4fff-bfff-ffffffffffff"

    @pytest.fixture
    def members(self, directory):
        return [MemberFactory(listed=True, uuid=UUID(uuid)) for uuid in (self.FIRST, self.SAME, self.NEXT, self.LAST)]

    def listed(self, path):
        return LOCATION.findall(PageRenderer().render(path).decode())

    def test_lists_each_member_in_one_part_and_no_part_without(self, members):
        parts = [f"/sitemaps/{name}.xml" for name in ("1", "members-0", "members-1", "members-1023")]

        assert self.listed("/sitemap.xml") == [f"{settings.PUBLIC_URL}{part}" for part in parts]
        own = [[path.split("/")[-2] for path in self.listed(part)] for part in parts[1:]]
        assert own == [[self.FIRST, self.SAME], [self.NEXT], [self.LAST]]
        assert not any(uuid in path for path in self.listed(parts[0]) for uuid in (self.FIRST, self.LAST))
        assert list(MemberSitemap().addresses()) == parts[1:]

    def test_names_a_member_in_all_languages(self, members, languages):
        german = DirectoryPage.objects.get().get_parent().copy_for_translation(languages["de"])
        german.save_revision().publish()
        DirectoryPageFactory(
            parent=german, locale=languages["de"], translation_key=DirectoryPage.objects.get().translation_key
        )

        text = PageRenderer().render("/sitemaps/members-1.xml").decode()

        assert [path.partition("/network/")[0][-3:] for path in LOCATION.findall(text)] == ["/en", "/de"]
        assert text.count('hreflang="de"') == text.count('hreflang="x-default"') == 2

    def test_is_touched_by_a_member_in_one_part_only(self, members):
        assert set(MemberSitemap().invalidated_by(members[2])) == {"/sitemap.xml", "/sitemaps/members-1.xml"}
        assert not list(MemberSitemap().invalidated_by(MemberFactory(awaiting_review=True)))
        assert len(set(MemberSitemap().invalidated_by(DirectoryPage.objects.get()))) == 1025

    def test_knows_which_parts_there_are(self, members, public):
        asked = [
            f"/sitemaps/{name}.xml"
            for name in ("1", "members-0", "members-2", "members-1023", "members-1024", "members-9999")
        ]

        assert list(MemberSitemap().existing(asked)) == [asked[1], asked[3]]
        for name in ("members-2", "members-1024", "members-x", "nothing", "9" * 5000):
            assert public.get(f"/sitemaps/{name}.xml").status_code == 404
        DirectoryPage.objects.get().unpublish()
        assert list(MemberSitemap().existing(asked)) == list(MemberSitemap().addresses()) == []
        assert public.get(asked[1]).status_code == 404

    @pytest.mark.parametrize(
        ("limit", "what"), [((MapPart, "limit", 1), "2 addresses"), ((sitemap, "LARGEST", 99), "bytes")]
    )
    def test_is_refused_rather_than_cut_off(self, members, monkeypatch, limit, what):
        monkeypatch.setattr(*limit)

        with pytest.raises(RenderRejectedError, match=rf"TooLongError: .*{what} in /sitemaps/members-0\.xml"):
            PageRenderer().render("/sitemaps/members-0.xml")

    def test_takes_the_same_queries_for_few_and_many(self, members):
        def more():
            for number in range(1, 9):
                MemberFactory(listed=True, uuid=f"00{number}00000-0000-4000-8000-00000000000{number}")

        same_queries(lambda: self.listed("/sitemaps/members-0.xml"), more)


class TestOneMember:
    """A change of one member does not list the addresses of all."""

    @pytest.fixture
    def member(self, directory):
        return MemberFactory(listed=True)

    def test_is_looked_up_without_listing_the_others(self, member, monkeypatch):
        def fail(*args):
            raise AssertionError

        paths = [URL, f"{URL}{member.uuid}/", f"{URL}{uuid4()}/", f"{URL}nonsense/"]
        monkeypatch.setattr(DirectoryPage, "prerendered_paths", fail)

        found = addresses.locate_all(paths)

        assert set(found) == set(paths[:2])
        assert set(addresses.existing([*found.values(), replace(found[paths[1]], path=paths[2])])) == set(paths[:2])

    def test_is_found_among_all_the_same(self, member):
        page = DirectoryPage.objects.get()

        assert page.prerendered_paths_among({"", *page.prerendered_paths(), "x/"}) == page.prerendered_paths()
        assert page.prerendered_paths_among(set()) == []


@pytest.mark.django_db(transaction=True)
class TestRender:
    """Prerendered data of a member is updated after each change, with rendering switched on."""

    @pytest.fixture
    def manager(self, db):
        return User.objects.create_superuser("manager@example.org", "a password for tests")

    @pytest.fixture
    @cached_fixture
    def member(self, directory, manager):
        member = MemberFactory(awaiting_review=True, name="Canaryname", shown=["name", "about"], has_page=True)
        return review.approve(member=member, by=manager)

    @pytest.mark.parametrize("verb", [members_services.pause, members_services.leave, review.hide])
    def test_forgets_a_member_on_commit(self, public, member, manager, verb):
        uuid = str(member.uuid)
        assert prerendered(uuid)

        verb(member=member, **({"by": manager} if verb == review.hide else {}))

        assert "Canaryname" not in public.get(URL).text
        assert public.get(f"{URL}{uuid}/").status_code == 404
        assert prerendered(uuid) == []
        assert prerendered("Canaryname") == []

    def test_forgets_a_detail_that_is_withdrawn(self, public, member):
        members_services.update_profile(member=member, shown=["about"])

        assert prerendered("Canaryname") == []
        assert public.get(f"{URL}{member.uuid}/").status_code == 404
        assert "Works on prevention." in public.get(URL).text

    def test_brings_a_member_back(self, public, member):
        members_services.pause(member=member)
        members_services.resume(member=member)

        assert "Canaryname" in public.get(f"{URL}{member.uuid}/").text

    def test_follows_the_name_of_a_field(self, public, member):
        field = CategoryFactory(code="schools", name="Schools")
        members_services.update_profile(member=member, expertise=["schools"], shown=["name", "expertise"])
        field.name = "Kindergartens"
        field.save()

        assert "Kindergartens" in public.get(URL).text
        assert "Kindergartens" in public.get(f"{URL}{member.uuid}/").text
        assert Category.objects.filter(group="field").count() == 1

    def test_answers_a_filter_on_request_without_a_cookie(self, public, member):
        response = public.get(URL, {"q": "canaryname"})

        assert "Canaryname" in response.text
        assert response.headers["Cache-Control"] == "no-store"
        assert not response.cookies
        assert "Cookie" not in response.headers.get("Vary", "")
        assert "form-action 'self'" in response.headers["Content-Security-Policy"]

    def test_leads_to_the_other_parts_of_the_network_while_they_are_public(self, public, directory, home):
        assert "/en/groups/" not in public.get(URL).text
        groups = GroupIndexPageFactory(parent=home)
        EventIndexPageFactory(parent=home)

        text = public.get(URL).text
        assert -1 < text.find("/en/events/") < text.find("/en/groups/")
        groups.unpublish()
        assert "/en/groups/" not in public.get(URL).text

    def test_renders_nothing_because_of_a_request_to_join(self, public, directory, private, request_data):
        public.get(URL)
        before = {file: file.stat().st_mtime_ns for file in files()}

        private.post("/en/members/join/", request_data())

        assert Member.objects.count() == 1
        assert {file: file.stat().st_mtime_ns for file in files()} == before
