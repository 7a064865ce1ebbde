"""Groups, which are accessible to their members only."""

import uuid

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from wagtail.models import Collection

from core.models import UploadedDocument
from network import row_locks
from network.groups import services as groups
from network.members import services as members
from network.models import GroupMembership, GroupPage
from prerender import services as prerender
from prerender.store.files import FileStore
from tests.factories.network import (
    GroupIndexPageFactory,
    GroupMembershipFactory,
    GroupPageFactory,
    MemberFactory,
    with_account,
)
from tests.factories.users import UserFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.mail import delivered


def document(title: str, **kwargs: object) -> UploadedDocument:
    return UploadedDocument.objects.create(
        title=title, file=ContentFile(b"What was said.", name=f"{title.lower()}.txt"), **kwargs
    )


@pytest.fixture
@cached_fixture
def page(home, _on_request) -> GroupPage:
    """A group with a file, on the public list."""
    groups.seed_group_files()
    kept = document(title="Notes", collection=Collection.objects.get(name="Files of groups"))
    return GroupPageFactory(
        parent=GroupIndexPageFactory(parent=home),
        title="Guide for schools",
        slug="guide",
        is_announced=True,
        files=[{"type": "file", "value": {"title": "Notes", "file": kept.pk}}],
    )


@pytest.fixture
def member(db):
    return with_account(MemberFactory(listed=True, name="Ana Lima", email="ana@example.org"))


def address(page: GroupPage) -> str:
    return reverse("network:group", args=[page.translation_key])


def file_address(page: GroupPage) -> str:
    return reverse("network:group-file", args=[page.translation_key, page.files[0].id])


class TestOutside:
    def test_nothing_of_it_is_rendered_found_or_served_but_name_and_purpose_on_the_list(
        self, page, public, private, search_index
    ):
        listed = public.get("/en/groups/").text
        prerender.render_paths(["/en/groups/", "/sitemap.xml"])
        prerendered = [file.read_bytes() for file in FileStore().root.rglob("*") if file.is_file()]

        assert "Guide for schools" in listed
        assert "Writes a guide together." in listed
        assert "We agreed." not in listed
        assert public.get("/en/groups/guide/").status_code == 404
        assert not FileStore().file("/en/groups/guide/").exists()
        assert not any(b"groups/guide" in content for content in prerendered)
        assert page.render_blockers() != []
        assert "groups/guide" not in public.get("/en/search/", {"q": "guide schools"}).text
        document = page.files[0].value["file"]
        assert public.get(document.url).status_code == 404
        # The private site does not disclose that the group exists before signing in.
        assert private.get("/en/groups/guide/").status_code == 404

    def test_is_not_listed_unless_it_wants_to_be(self, page, public):
        page.is_announced = False
        page.save_revision().publish()

        assert "Guide for schools" not in public.get("/en/groups/").text

    def test_is_not_open_to_a_member_who_is_not_in_it(self, page, signed_in, member):
        asked = GroupMembershipFactory(group_key=page.translation_key, member=member, asking=True)
        waiting = signed_in.get(address(page)).text
        asked.delete()
        shown = signed_in.get(address(page)).text

        for text in (waiting, shown):
            assert "Writes a guide together." in text
            assert "We agreed." not in text
        assert "Ask to join this group" in shown
        assert signed_in.get(file_address(page)).status_code == 404
        # Wagtail's own URLs give no access either.
        assert signed_in.get("/en/groups/guide/").status_code in {302, 403}
        document = page.files[0].value["file"]
        assert signed_in.get(document.url).status_code in {302, 403}

    def test_is_not_there_if_it_is_not_public_or_never_was(self, page, signed_in, member):
        GroupMembershipFactory(group_key=page.translation_key, member=member)
        unknown = str(uuid.uuid4())
        missing = reverse("network:group-file", args=[page.translation_key, unknown])
        page.unpublish()

        assert signed_in.get(missing).status_code == 404
        assert signed_in.get(address(page)).status_code == 404
        assert signed_in.get(reverse("network:group", args=[unknown])).status_code == 404
        with pytest.raises(row_locks.InvalidStateError):
            groups.ask_for_group(group_key=page.translation_key, member=member)


class TestInside:
    @pytest.fixture
    def own(self, page, member) -> GroupMembership:
        return GroupMembershipFactory(group_key=page.translation_key, member=member)

    def test_shows_text_files_and_minutes(self, page, own, signed_in):
        shown = signed_in.get(address(page)).text
        file = signed_in.get(file_address(page))

        assert "We agreed." in shown
        assert "2 November 2026" in shown
        assert file_address(page) in shown
        assert file.getvalue() == b"What was said."
        assert "attachment" in file["Content-Disposition"]
        assert "You are in this group." in signed_in.get(reverse("network:groups")).text

    def test_ends_when_one_leaves_or_is_not_listed_any_more(self, page, own, signed_in, member):
        members.pause(member=member)
        paused = signed_in.get(address(page)).status_code
        members.resume(member=member)
        left = signed_in.post(address(page), {"action": "leave"}, follow=True).text

        assert paused == 403
        assert "You are not in this group any more." in left
        assert "We agreed." not in left
        assert signed_in.get(file_address(page)).status_code == 404

    def test_is_asked_for_and_the_chair_decides(self, page, own, signed_in, member):
        groups.make_chair(membership=own, is_chair=True)
        newcomer = with_account(MemberFactory(listed=True, name="Ben", email="ben@example.org"))
        stranger = Client(headers={"host": settings.PRIVATE_HOST})
        stranger.force_login(newcomer.user)

        stranger.post(address(page), {"action": "ask"})
        stranger.post(address(page), {"action": "ask"})
        (letter,) = delivered()
        asked = GroupMembership.objects.get(member=newcomer)
        seen = signed_in.get(address(page)).text
        signed_in.post(address(page), {"action": "admit", "membership": str(asked.uuid)})
        again = signed_in.post(address(page), {"action": "admit", "membership": str(asked.uuid)}, follow=True).text

        assert (letter.to, "Ben" in letter.body) == (["ana@example.org"], False)
        assert "Ben" in seen
        assert "We agreed." in stranger.get(address(page)).text
        assert delivered()[-1].to == ["ben@example.org"]
        assert "not possible at the moment" in again

    def test_is_not_decided_by_others(self, page, own, signed_in):
        asked = GroupMembershipFactory(group_key=page.translation_key, asking=True)

        for action in ("admit", "turn_away", "nonsense"):
            signed_in.post(address(page), {"action": action, "membership": str(asked.uuid)})

        assert GroupMembership.objects.asking().get() == asked
        assert asked.member.name not in signed_in.get(address(page)).text

    def test_can_be_refused_without_a_letter(self, page, own, signed_in):
        groups.make_chair(membership=own, is_chair=True)
        asked = GroupMembershipFactory(group_key=page.translation_key, asking=True)

        signed_in.post(address(page), {"action": "turn_away", "membership": str(asked.uuid)})

        assert GroupMembership.objects.get() == own
        assert delivered() == []


class TestAdmin:
    def test_admits_names_a_chair_and_removes(self, page, team):
        asked = GroupMembershipFactory(group_key=page.translation_key, asking=True)
        url = reverse("group-members")

        def press_button(action: str) -> str:
            return team.post(url, {"action": f"{action}:{asked.uuid}"}, follow=True).text

        early = press_button("chair")
        press_button("admit")
        press_button("chair")
        led = GroupMembership.objects.chairs().count()
        press_button("no_chair")
        shown = team.get(url).text
        press_button("remove")

        assert "Another person changed this first" in early
        assert led == 1
        assert asked.member.name in shown
        assert not GroupMembership.objects.exists()
        nonsense = team.post(url, {"action": "admit:nonsense"}, follow=True).text
        assert "There is no such action." in nonsense

    def test_has_no_button_that_opens_a_group_to_others(self, page):
        editor = UserFactory(is_superuser=True)

        assert not page.permissions_for_user(editor).can_set_view_restrictions()
        assert page.get_parent().permissions_for_user(editor).can_set_view_restrictions()

    def test_refuses_a_file_that_everybody_can_read(self, page):
        public_file = document(title="Open")
        page.minutes = [
            {
                "type": "entry",
                "value": {"date": "2026-11-02", "title": "T", "text": "T", "file": public_file.pk},
            }
        ]

        (reason,) = page.publication_blockers()

        assert "“Open” is public" in reason

    def test_is_notified_of_requests_to_groups_without_a_chair(self, page, team):
        GroupMembershipFactory(group_key=page.translation_key, asking=True)
        alone = team.get("/admin/").text
        GroupMembershipFactory(group_key=page.translation_key, is_chair=True)
        led = team.get("/admin/").text

        assert "a group without a chair" in alone
        assert "a group without a chair" not in led
