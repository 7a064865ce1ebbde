"""Permissions of roles, tested at the addresses of the admin."""

import re
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import translation
from wagtail.actions.copy_for_translation import CopyPageForTranslationAction
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupCollectionPermission,
    GroupPagePermission,
    Locale,
    Page,
    Workflow,
)
from wagtail.users.models import UserProfile
from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationSource

from campaigns.models import CampaignIndexPage, CampaignPage
from campaigns.roles import CAMPAIGN_EDITOR
from core import scheduler
from core.admin.roles import EVERYWHERE, PUBLISH, AdminRole, Grant, Review
from core.languages import translators
from core.models import LanguageState
from helpline.models import FinderPage, Programme, ProgrammeText, SupportLine, TwoPersonApprovalTask
from helpline.roles import LISTING_APPROVER, LISTING_DRAFTER
from home.models import HomePage, StandardPage
from network.roles import NETWORK_MANAGER
from tests.factories.core import StandardPageFactory
from tests.factories.users import UserFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.publishing import publish_page
from users import checks, roles

ADMIN, EDITOR, DRAFTER, APPROVER, NETWORK = (
    roles.ADMINISTRATOR, CAMPAIGN_EDITOR, LISTING_DRAFTER, LISTING_APPROVER, NETWORK_MANAGER,
)  # fmt: skip
GERMAN, FRENCH = "Translator: German", "Translator: French"
EVERYBODY = {ADMIN, EDITOR, DRAFTER, APPROVER, NETWORK, GERMAN, FRENCH}

# Addresses that are not in access.csv, and the roles that may open each. `{…}` is the primary key from `pages` below.
MAY_OPEN: dict[str, set[str]] = {
    "/admin/settings/core/sitesettings/": {ADMIN},
    "/admin/settings/helpline/helplinesettings/": {ADMIN},
    "/admin/settings/network/networksettings/": {ADMIN, NETWORK},
    "/admin/pages/{home}/edit/": {ADMIN},
    "/admin/pages/{about}/edit/": {ADMIN, EDITOR},
    "/admin/pages/{help}/edit/": {ADMIN, DRAFTER, APPROVER},
    "/admin/pages/{campaigns}/edit/": {ADMIN, EDITOR},
    "/admin/pages/add/campaigns/campaignpage/{campaigns}/": {ADMIN, EDITOR},
    "/admin/pages/add/helpline/guidepage/{help}/": {ADMIN, DRAFTER, APPROVER},
    "/admin/pages/add/home/standardpage/{home}/": {ADMIN},
    "/admin/pages/{home}/delete/": {ADMIN},
    "/admin/pages/{german}/edit/": {ADMIN, GERMAN},
    "/admin/pages/{german_about}/edit/": {ADMIN, EDITOR, GERMAN},
    "/admin/pages/{german_about}/unpublish/": {ADMIN, EDITOR, GERMAN},
    "/admin/pages/{german_help}/edit/": {ADMIN, DRAFTER, APPROVER, GERMAN},
    "/admin/pages/{german_help}/unpublish/": {ADMIN, APPROVER},
    "/admin/pages/add/home/standardpage/{german}/": {ADMIN},
    "/admin/localize/submit/page/{about}/": {ADMIN, EDITOR},
}


@pytest.fixture
@cached_fixture
def pages(all_roles: HomePage) -> dict[str, int]:
    """The primary keys of a page from each section, some in German; the roles are synced after that."""
    home = all_roles
    about = StandardPageFactory(parent=home, slug="about")
    german = CopyPageForTranslationAction(home, Locale.objects.get(language_code="de")).execute()
    german_about = CopyPageForTranslationAction(about, Locale.objects.get(language_code="de")).execute()
    german_about.save_revision().publish()
    finder = Page.objects.get(slug="help", locale=home.locale).specific
    german_help = CopyPageForTranslationAction(finder, Locale.objects.get(language_code="de")).execute()
    publish_page(german_help)
    roles.sync()
    return {
        "home": home.pk,
        "about": about.pk,
        "help": Page.objects.get(slug="help", locale=home.locale).pk,
        "campaigns": Page.objects.get(content_type__model="campaignindexpage", locale=home.locale).pk,
        "german": german.pk,
        "german_about": german_about.pk,
        "german_help": german_help.pk,
    }


def opens(client: Client, address: str) -> bool:
    """Return whether an address of the admin opens; otherwise it redirects with a message, or is refused."""
    response = client.get(address)
    assert response.status_code in {200, 302, 403}, (address, response.status_code)
    return response.status_code == 200 or (
        response.status_code == 302 and response["Location"] not in {"/admin/", reverse("wagtailadmin_home")}
    )


@pytest.mark.django_db
class TestMatrix:
    @pytest.mark.usefixtures("same_people", "nothing_is_rendered")
    @pytest.mark.parametrize("role", sorted(EVERYBODY))
    def test_opens_what_the_role_is_for_and_nothing_else(self, private, pages, role):
        private.force_login(UserFactory(roles=[role]))

        found = {address: opens(private, address.format(**pages)) for address in MAY_OPEN}

        assert found == {address: role in who for address, who in MAY_OPEN.items()}


@pytest.mark.django_db
class TestPublishing:
    def publish(self, client: Client, page: int) -> bool:
        """Return whether a user can publish a page with its form, unchanged."""
        form = {"title": "Changed", "slug": "changed", "introduction": "Some words.", "body-count": "0",
                "comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0", "comments-MIN_NUM_FORMS": "0",
                "comments-MAX_NUM_FORMS": "", "action-publish": "action-publish"}  # fmt: skip
        client.post(f"/admin/pages/{page}/edit/", form)
        return Page.objects.get(pk=page).title == "Changed"

    @pytest.mark.parametrize(
        ("page", "who"),
        [
            ("about", {ADMIN, EDITOR}),  # translators may not publish the source
            ("german_about", {ADMIN, GERMAN, EDITOR}),
        ],
    )
    @pytest.mark.parametrize("role", [ADMIN, EDITOR, GERMAN, FRENCH, DRAFTER])
    def test_is_for_editors_and_for_the_translators_of_that_language(self, private, pages, page, who, role):
        private.force_login(UserFactory(roles=[role]))

        assert self.publish(private, pages[page]) is (role in who)

    def test_a_translator_hands_a_help_page_in_for_review(self, private, pages):
        private.force_login(UserFactory(roles=[GERMAN]))

        page = private.get(f"/admin/pages/{pages['german_help']}/edit/").content.decode()

        assert "action-submit" in page
        assert "action-publish" not in page


@pytest.mark.django_db
class TestTranslating:
    """Only users who may translate into a language can translate a sentence into it."""

    @pytest.fixture
    @cached_fixture
    def sentence(self, all_roles: HomePage) -> tuple[int, int]:
        about = StandardPageFactory(parent=all_roles, slug="about", introduction="Some words.")
        source, _ = TranslationSource.update_or_create_from_instance(about)
        for code in ("de", "fr"):
            Translation.objects.create(source=source, target_locale=Locale.objects.get(language_code=code))
        for parent in (all_roles, about):
            for code in ("de", "fr"):
                if not parent.has_translation(Locale.objects.get(language_code=code)):
                    CopyPageForTranslationAction(
                        parent, Locale.objects.get(language_code=code), copy_parents=True
                    ).execute()
        roles.sync()
        german = Translation.objects.get(target_locale__language_code="de")
        return german.pk, StringSegment.objects.filter(source=source, context__path="introduction").get().pk

    @pytest.mark.parametrize(("role", "may"), [(GERMAN, True), (ADMIN, True), (FRENCH, False), (DRAFTER, False)])
    def test_is_for_the_translators_of_that_language(self, private, sentence, role, may):
        translation, segment = sentence
        private.force_login(UserFactory(roles=[role]))

        private.put(
            f"/admin/localize/translate/{translation}/strings/{segment}/edit/",
            "value=Einige+Worte.",
            content_type="application/x-www-form-urlencoded",
        )

        assert StringTranslation.objects.filter(data="Einige Worte.").exists() is may


@pytest.mark.django_db
class TestSync:
    def test_changes_nothing_the_second_time(self, all_roles):
        assert roles.sync().changes == []

    def test_reverts_what_was_changed_by_hand(self, all_roles):
        group = Group.objects.get(name=GERMAN)
        group.permissions.add(Permission.objects.get(codename="change_user"))
        group.permissions.remove(Permission.objects.get(codename="access_admin"))

        changes = roles.sync().changes

        assert changes == [
            f"{GERMAN}: may wagtailadmin.access_admin",
            f"{GERMAN}: may no longer users.change_user",
        ]

    def test_leaves_other_groups_alone(self, all_roles):
        group = Group.objects.create(name="Choir")
        group.permissions.add(Permission.objects.get(codename="access_admin"))

        roles.sync()

        assert group.permissions.count() == 1

    def test_makes_a_translator_for_a_new_language_and_gives_them_its_tree(self, all_roles, declare):
        declare(jobs=[job for job in scheduler.declared() if job.name == "keep-roles"])
        bulgarian = Locale.objects.create(language_code="bg")
        roles.sync()
        group = Group.objects.get(name="Translator: Bulgarian")
        assert not GroupPagePermission.objects.filter(group=group).exists()

        page = CopyPageForTranslationAction(all_roles, bulgarian).execute()
        scheduler.tick()

        assert GroupPagePermission.objects.get(group=group).page_id == page.pk

    def test_makes_none_for_the_source_nor_for_a_retired_language(self, all_roles):
        retired = Locale.objects.create(language_code="mt")
        LanguageState.objects.create(locale=retired, state=LanguageState.State.RETIRED)

        roles.sync()

        names = set(Group.objects.values_list("name", flat=True))
        assert not {"Translator: English", "Translator: Maltese"} & names

    def test_takes_the_place_of_what_wagtail_brings(self, all_roles):
        assert not Group.objects.filter(name__in=roles.STOCK_GROUPS).exists()
        assert not Workflow.objects.filter(name=roles.STOCK_WORKFLOW).exists()
        task = GroupApprovalTask.objects.get(name="Review")
        assert set(task.groups.values_list("name", flat=True)) == {ADMIN, EDITOR}
        assert all_roles.get_workflow() == Workflow.objects.get(name="Review")

    def test_sends_help_pages_to_those_who_answer_for_them(self, all_roles):
        workflow = Page.objects.get(slug="help").get_workflow()

        assert workflow.name == "Review of help pages"
        groups = workflow.tasks[0].specific.groups
        assert set(groups.values_list("name", flat=True)) == {ADMIN, APPROVER}

    def test_complains_of_what_does_not_exist_and_does_the_rest(self, trees, monkeypatch, capsys):
        odd = AdminRole(
            name="Odd",
            label="Odd",
            permissions=(roles.ENTER, "helpline.fly_*"),
            pages=(("home.Nowhere", ("add_page",)),),
        )
        monkeypatch.setattr(roles, "ROLES", (*roles.ROLES, odd))

        with pytest.raises(CommandError) as error:
            call_command("roles")

        assert "Odd: there is no permission helpline.fly_*" in str(error.value)
        assert "Odd: there is no page type home.Nowhere" in str(error.value)
        assert Group.objects.get(name="Odd").permissions.get().codename == "access_admin"

    def test_renders_what_changed(self, trees, capsys):
        call_command("roles")
        assert "Campaign editor: created" in capsys.readouterr().out

        call_command("roles")

        assert capsys.readouterr().out == "The roles are up to date.\n"


@pytest.mark.django_db
class TestChanges:
    """The report of `sync`, role by role, which an administrator reads after each update."""

    @pytest.fixture
    def declare(self, all_roles, monkeypatch) -> Callable[..., None]:
        """Declare an additional role, and reviews."""
        usual = roles.ROLES

        def declare(role: AdminRole, *reviews: Review) -> None:
            monkeypatch.setattr(roles, "ROLES", (*usual, role))
            monkeypatch.setattr(roles, "REVIEWS", reviews, raising=False)

        return declare

    def choir(self, **facts) -> AdminRole:
        return AdminRole(**{"name": "Choir", "label": "Choir", "permissions": (), **facts})

    def test_name_all_that_a_role_may_and_may_no_longer(self, declare, all_roles):
        declare(
            self.choir(
                permissions=(roles.ENTER, "users.*_user"),
                withheld=("users.delete_*", "users.add_user"),
                pages=(("home.HomePage", ("add_page",)),),
                collections=("wagtailimages.add_image",),
            )
        )
        given = roles.sync().changes
        group = Group.objects.get(name="Choir")
        pages, folders = group.page_permissions, group.collection_permissions
        assert {each.codename for each in group.permissions.all()} == {
            "access_admin",
            "change_user",
            "view_user",
        }
        assert list(pages.values_list("page_id", "permission__codename")) == [(all_roles.pk, "add_page")]
        assert [each.permission.codename for each in folders.all()] == ["add_image"]
        declare(self.choir())
        taken = roles.sync().changes

        assert given == [
            "Choir: created",
            "Choir: may users.change_user",
            "Choir: may users.view_user",
            "Choir: may wagtailadmin.access_admin",
            f"Choir: may add_page ({all_roles.pk})",
            "Choir: may wagtailimages.add_image",
        ]
        assert taken == [change.replace("may", "may no longer") for change in given[1:]]
        assert not any(each.exists() for each in (group.permissions, pages, folders))

    def test_take_away_what_a_role_may_with_one_folder_of_pictures(self, all_roles):
        group = Group.objects.get(name=GERMAN)
        permission = Permission.objects.get(codename="add_image")
        folder = Collection.get_first_root_node().add_child(name="Posters")
        GroupCollectionPermission.objects.create(group=group, collection=folder, permission=permission)

        roles.sync()

        assert not folder.group_permissions.exists()
        assert group.collection_permissions.count() == 2

    def test_name_what_is_reviewed_by_whom(self, trees):
        changes = roles.sync().changes

        about = ("Review", "Two-person approval", *roles.STOCK_GROUPS)
        assert [change for change in changes if change.startswith(about)] == [
            "Review of help pages: created",
            "Review of help pages: reviewed by Administrator, Listing approver",
            f"Review of help pages: assigned to page {Page.objects.get(slug='help').pk}",
            "Two-person approval: created",
            "Two-person approval: reviewed by Administrator, Listing approver",
            "Two-person approval: assigned to programmes",
            "Two-person approval: assigned to texts of programmes",
            "Two-person approval: assigned to support lines",
            "Two-person approval: assigned to laws of countries",
            "Two-person approval: assigned to texts of laws",
            "Review: created",
            "Review: reviewed by Administrator, Campaign editor",
            "Review of the network: created",
            "Review of the network: reviewed by Administrator, Network manager",
            "Editors: deleted, because it had no members",
            "Moderators: deleted, because it had no members",
        ]

    def test_leave_wagtails_own_groups_to_those_who_are_in_them(self, trees):
        UserFactory(roles=["Editors"])

        roles.sync()

        assert set(Group.objects.filter(name__in=roles.STOCK_GROUPS)) == {Group.objects.get(name="Editors")}

    def test_restore_who_reviews(self, all_roles):
        task = GroupApprovalTask.objects.get(name="Review")
        task.groups.set([Group.objects.get(name=GERMAN)])

        assert roles.sync().changes == ["Review: reviewed by Administrator, Campaign editor"]
        assert set(task.groups.values_list("name", flat=True)) == {ADMIN, EDITOR}

    def test_name_what_is_not_there_and_go_on_to_the_next(self, declare, all_roles):
        declare(
            self.choir(
                permissions=("choir.sing",),
                pages=(
                    ("home.Nowhere", ("add_page",)),
                    ("core.*", ("add_page",)),
                    ("home.HomePage", ("add_page",)),
                ),
            ),
            Review(name="Tuning", by=(), pages="home.Nowhere"),
        )

        outcome = roles.sync()

        assert outcome.changes == ["Choir: created", f"Choir: may add_page ({all_roles.pk})"]
        assert outcome.missing == [
            "Choir: there is no permission choir.sing",
            "Choir: there is no page type home.Nowhere",
            "Choir: there is no page type core.*",
            "Tuning: not found: App 'home' doesn't have a 'Nowhere' model.",
        ]
        assert not Workflow.objects.filter(name="Tuning").exists()

    def test_are_all_made_or_none(self, declare):
        declare(self.choir(collections=("wagtailimages.sing",)))

        with pytest.raises(KeyError):
            roles.sync()

        assert not Group.objects.filter(name="Choir").exists()


@pytest.mark.django_db
class TestNames:
    def test_of_roles_are_in_the_language_of_the_reader(self, all_roles):
        with translation.override("de"):
            found = roles.labels()

        assert (found[GERMAN], found[ADMIN]) == ("Übersetzung: Deutsch", "Administration")
        assert set(found) == EVERYBODY | {"Translator: Arabic"}

    def test_of_groups_have_the_languages_of_a_translator(self, all_roles):
        user = UserFactory()
        user.groups.add(*Group.objects.filter(name__in=[GERMAN, ADMIN]), Group.objects.create(name="Choir"))

        assert list(translators.own_languages(user)) == ["de"]


class TestBelowHome:
    def test_is_what_stands_below_a_home_page_but_no_home_page_and_nothing_deeper(self):
        found = set(roles.below_home())

        assert {StandardPage, CampaignIndexPage, FinderPage} <= found
        assert found.isdisjoint({HomePage, CampaignPage, Page})


class TestEditors:
    def test_are_there_for_every_part_of_the_tree(self):
        assert list(checks.check_pages_have_editors(None)) == []

    def test_of_no_kind_are_found(self):
        """Neither administrators nor users who may only publish count as editors."""
        roles_ = [
            AdminRole(name=ADMIN, label="", permissions=(), pages=((EVERYWHERE, PUBLISH),)),
            AdminRole(name="All of it", label="", permissions=(), pages=(("campaigns.*", PUBLISH),)),
            Grant(to="Translator", pages=(("home.StandardPage", ("publish_page",)),)),
        ]

        found = checks.without_editors([CampaignIndexPage, StandardPage], roles_)

        assert [(each.id, each.obj) for each in found] == [("users.E001", StandardPage)]


@pytest.mark.django_db
class TestListings:
    def test_are_approved_in_a_workflow_of_their_own(self, all_roles):
        workflow = Workflow.objects.get(name="Two-person approval")

        assert {model.get_default_workflow() for model in (Programme, ProgrammeText, SupportLine)} == {workflow}
        task = workflow.tasks[0].specific
        assert isinstance(task, TwoPersonApprovalTask)
        assert set(task.groups.values_list("name", flat=True)) == {ADMIN, APPROVER}


@pytest.mark.django_db
class TestPageTree:
    """The page explorer opens at a home page, because users cannot edit its ancestors."""

    @pytest.mark.parametrize(
        ("role", "at"),
        [(ADMIN, "home"), (EDITOR, "home"), (DRAFTER, "home"), (APPROVER, "home"), (GERMAN, "german")],
    )
    def test_opens_at_a_home_page(self, private, pages, role, at):
        private.force_login(UserFactory(roles=[role]))

        opened = private.get("/admin/pages/", follow=True)

        assert opened.redirect_chain[-1][0] == f"/admin/pages/{pages[at]}/"
        assert opened.status_code == 200
        assert "Root" not in BeautifulSoup(opened.content, "html.parser").h1.get_text()
        assert menu_opens_at(opened) == pages[at]

    def test_opens_there_for_superusers_too(self, private, pages):
        private.force_login(UserFactory(is_superuser=True))

        assert private.get("/admin/pages/").url == f"/admin/pages/{pages['home']}/"

    def test_opens_in_the_language_of_the_admin(self, private, pages):
        editor = UserFactory(roles=[EDITOR])
        UserProfile.objects.create(user=editor, preferred_language="de")
        private.force_login(editor)

        assert private.get("/admin/pages/").url == f"/admin/pages/{pages['german']}/"

    def test_stays_closed_to_those_who_have_no_pages(self, private, pages):
        private.force_login(UserFactory(roles=[FRENCH]))

        assert private.get("/admin/pages/", follow=True).redirect_chain[-1][0] == "/admin/"

    def test_leads_from_one_home_page_to_those_in_other_languages(self, private, pages):
        def links(user: object, page: int) -> list[str]:
            private.force_login(user)
            html = BeautifulSoup(private.get(f"/admin/pages/{page}/").content, "html.parser")
            return [link["href"] for link in html.select("header a[href]") if "German" in link.get_text()]

        assert links(UserFactory(roles=[EDITOR]), pages["home"]) == [f"/admin/pages/{pages['german']}/"]
        assert links(UserFactory(roles=[GERMAN]), pages["german"]) == []

    def test_can_still_be_searched_as_a_whole(self, private, pages):
        private.force_login(UserFactory(roles=[EDITOR]))

        assert private.get("/admin/pages/", {"q": "about"}).status_code == 200


def menu_opens_at(response: HttpResponse) -> int:
    """Return the page at which the menu opens the explorer."""
    told = BeautifulSoup(response.content, "html.parser").select_one("#wagtail-sidebar-props").get_text()
    [start] = re.findall(r'PageExplorerMenuItem", "_args": \[\{.*?\}, (\d+)\]', told)
    return int(start)
