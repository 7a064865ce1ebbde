"""The prerendered site follows every change: affected addresses only, and withdrawals at the commit."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.db.models.signals import m2m_changed
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail import signals
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import (
    Collection,
    CollectionViewRestriction,
    Page,
    PageViewRestriction,
    ReferenceIndex,
)

from campaigns.materials.routes import FileRoute
from campaigns.models import Material
from core.models import LanguageState, Picture, SiteSettings, UploadedDocument
from core.publishing.routes import AppRoute
from home.models import StandardPage
from prerender import addresses, changes, invalidation, services, tasks
from prerender.invalidation import expand_changes
from prerender.models import PendingChange, PendingPath, PrerenderedPath
from prerender.store.files import FileStore
from tests.factories.campaigns import (
    CampaignIndexPageFactory,
    CampaignPageFactory,
    MaterialFactory,
    PictureFactory,
)
from tests.factories.core import StandardPageFactory
from tests.factories.users import UserFactory
from tests.prerender.conftest import files, nothing_is_due, showing
from tests.support.cached_fixtures import cached_fixture
from tests.support.publishing import publish_page, store_setting

pytestmark = pytest.mark.usefixtures("only_pages")


def text(html: str) -> list[dict[str, str]]:
    return [{"type": "text", "value": html}]


def link(page: Page) -> list[dict[str, str]]:
    return text(f'<p><a linktype="page" id="{page.pk}">there</a></p>')


def publish(page: Page, **changes: object) -> None:
    for name, value in changes.items():
        setattr(page, name, value)
    publish_page(page)


def refer(setting: SiteSettings, thing: Page | Picture) -> None:
    """Index a reference from a setting, as Wagtail does: none of our settings names a picture yet."""
    base = Page if isinstance(thing, Page) else type(thing)
    of = ContentType.objects.get_for_model(type(setting))
    to = ContentType.objects.get_for_model(base)
    ReferenceIndex.objects.create(
        content_type=of,
        base_content_type=of,
        object_id=str(setting.pk),
        to_content_type=to,
        to_object_id=str(thing.pk),
        model_path="logo",
        content_path="logo",
        content_path_hash=ReferenceIndex._get_content_path_hash("logo"),
    )


def unpublish_branch(tree: dict[str, StandardPage]) -> None:
    somebody = UserFactory(is_superuser=True)
    UnpublishPageAction(tree["team"], include_descendants=True, user=somebody).execute(True)


def restrict(page: Page) -> PageViewRestriction:
    return PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)


def german(tree: dict[str, StandardPage]) -> LanguageState:
    return LanguageState.objects.get(locale=tree["de"].locale)


def save(row: Model, **changes: object) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
    row.save()


def closed_below(parent: Collection) -> Collection:
    """Make a collection whose files are for people who have signed in."""
    closed: Collection = parent.add_child(instance=Collection(name="Closed"))
    CollectionViewRestriction.objects.create(collection=closed, restriction_type=CollectionViewRestriction.LOGIN)
    return closed


@pytest.fixture
@cached_fixture
def tree(home, languages) -> dict[str, StandardPage]:
    """Three levels, a neighbour, a page that links to another, and a page in a second language; all rendered."""
    made = {"home": home, "de": home.copy_for_translation(languages["de"])}
    made["de"].save_revision().publish()
    made["about"] = StandardPageFactory(parent=home, slug="about")
    made["team"] = StandardPageFactory(parent=made["about"], slug="team")
    made["people"] = StandardPageFactory(parent=made["team"], slug="people")
    made["other"] = StandardPageFactory(parent=home, slug="other")
    made["linking"] = StandardPageFactory(parent=home, slug="linking", body=link(made["team"]))
    made["de about"] = made["about"].copy_for_translation(languages["de"])
    made["de about"].save_revision().publish()
    made["de alone"] = StandardPageFactory(parent=made["de about"], slug="alone", locale=languages["de"])
    for page in made.values():
        page.refresh_from_db()
    services.render_all()
    assert nothing_is_due()
    return made


class TestPage:
    def test_whose_words_change_is_rendered_with_the_listing_above_it(self, tree, commit, rerendered):
        with commit():
            publish(tree["about"], introduction="New words.")

        assert rerendered == {"/en/about/", "/en/"}

    def test_whose_title_changes_is_rendered_with_all_that_shows_the_title(self, tree, commit, rerendered):
        with commit():
            publish(tree["team"], title="The people")

        assert rerendered == {"/en/about/team/", "/en/about/team/people/", "/en/about/", "/en/linking/"}

    def test_that_becomes_public_is_rendered_before_the_editor_looks(self, tree, commit, folder: FileStore):
        with commit():
            StandardPageFactory(parent=tree["home"], slug="new", introduction="Just in.")

        assert "Just in." in folder.file("/en/new/").read_text()
        assert nothing_is_due()

    def test_in_a_menu_is_rendered_with_every_page_of_its_language(self, tree, commit, rerendered):
        with commit():
            publish(tree["other"], show_in_menus=True)

        english = {path for path in PrerenderedPath.objects.values_list("path", flat=True) if path.startswith("/en/")}
        assert rerendered == english

    def test_in_a_menu_leaves_every_menu_when_it_is_taken_out(self, tree, commit, rerendered):
        with commit():
            publish(tree["other"], show_in_menus=True)
        rerendered.clear()
        with commit():
            publish(tree["other"], show_in_menus=False)

        assert {"/en/about/team/people/", "/en/linking/"} <= rerendered
        assert "/de/about/" not in rerendered

    @pytest.mark.parametrize("how", ["deleted", "moved", "put in another order", "unpublished"])
    def test_in_a_menu_changes_every_menu_when_it_is(self, tree, commit, rerendered, how):
        with commit():
            publish(tree["other"], show_in_menus=True)
        rerendered.clear()
        page = Page.objects.get(pk=tree["other"].pk)
        with commit():
            if how == "deleted":
                page.delete()
            elif how == "moved":
                page.move(Page.objects.get(pk=tree["about"].pk), pos="last-child")
            elif how == "put in another order":
                page.move(Page.objects.get(pk=tree["about"].pk), pos="left")
            else:
                page.specific.unpublish()

        assert "/en/about/team/people/" in rerendered
        assert "/de/about/" not in rerendered

    def test_in_a_menu_whose_words_change_touches_no_menu(self, tree, commit, rerendered):
        with commit():
            publish(tree["other"], show_in_menus=True)
        rerendered.clear()
        with commit():
            publish(tree["other"], introduction="New words.")

        assert rerendered == {"/en/other/", "/en/"}

    def test_that_is_published_invalidates_its_translations_and_the_pages_below_them(self, tree, commit, rerendered):
        with commit():
            tree["about"].unpublish()
        rerendered.clear()
        with commit():
            publish(tree["about"])

        assert {"/de/about/", "/de/about/alone/", "/en/about/"} <= rerendered
        assert "/en/other/" not in rerendered

    def test_whose_draft_is_saved_stays_as_it_is(self, tree, commit, rerendered):
        with commit():
            tree["about"].introduction = "Not yet."
            tree["about"].save_revision()

        assert rerendered == set()
        assert nothing_is_due()

    @pytest.mark.parametrize(
        ("fields", "counts"),
        [
            (
                [
                    "latest_revision",
                    "latest_revision_created_at",
                    "has_unpublished_changes",
                    "draft_title",
                    "locked",
                    "locked_at",
                    "locked_by",
                    "go_live_at",
                    "expire_at",
                    "expired",
                ],
                False,
            ),
            (["title", "draft_title"], True),
        ],
    )
    def test_of_which_some_fields_are_saved_counts_if_the_public_sees_one_of_them(self, tree, fields, counts):
        PendingChange.objects.all().delete()

        tree["about"].save(update_fields=fields)

        assert PendingChange.objects.exists() is counts

    def test_that_is_loaded_from_a_fixture_is_not_rendered(self, tree):
        PendingChange.objects.all().delete()

        tree["about"].save_base(raw=True)

        assert not PendingChange.objects.exists()

    def test_that_was_never_public_touches_nothing(self, tree, commit):
        with commit():
            page = StandardPage(title="Draft", slug="draft", live=False, locale=tree["home"].locale)
            tree["home"].add_child(instance=page)
            page.save_revision()

        assert nothing_is_due()

    def test_that_mirrors_another_is_rendered_with_it(self, tree, commit, folder: FileStore):
        with commit():
            tree["about"].create_alias(parent=tree["other"], update_slug="mirror")
        with commit():
            publish(tree["about"], introduction="Both of us.")

        assert "Both of us." in folder.file("/en/other/mirror/").read_text()


TEAM, PEOPLE, ABOUT, GERMAN = (
    "/en/about/team/",
    "/en/about/team/people/",
    "/en/about/",
    ["/de/", "/de/about/"],
)
# Ways to remove a page, the addresses that are removed with it, and some that stay.
GONE: dict[str, tuple[Callable[[dict[str, StandardPage]], object], list[str], list[str]]] = {
    "unpublished": (lambda tree: tree["team"].unpublish(), [TEAM], [PEOPLE]),
    "unpublished with what is below it": (unpublish_branch, [TEAM, PEOPLE], [ABOUT]),
    "deleted": (lambda tree: Page.objects.get(pk=tree["about"].pk).delete(), [ABOUT, TEAM, PEOPLE], GERMAN),
    "for some people only": (lambda tree: restrict(tree["about"]), [ABOUT, PEOPLE], GERMAN),
    "moved": (lambda tree: tree["team"].move(tree["other"], pos="last-child"), [TEAM, PEOPLE], [ABOUT]),
    "renamed": (lambda tree: publish(tree["team"], slug="crew"), [TEAM, PEOPLE], [ABOUT]),
    "unpublished by a script": (lambda tree: save(tree["team"], live=False), [TEAM], [ABOUT]),
    "in a language that is retired": (lambda tree: save(german(tree), state="retired"), GERMAN, [ABOUT]),
    "in a language that is not public": (lambda tree: german(tree).delete(), GERMAN, [ABOUT]),
}


class TestImmediateRemoval:
    """A page that is no longer public disappears before any task runs, with every variant."""

    @pytest.fixture(autouse=True)
    def _no_tasks(self, tree, monkeypatch):
        monkeypatch.setattr(tasks, "announce", lambda changes: None)

    @pytest.mark.parametrize("how", GONE)
    def test_when_a_page_is(self, tree, commit, how):
        change, gone, there = GONE[how]
        with commit():
            change(tree)

        assert [path for path in (*gone, *there) if files(path)] == there

    def test_and_is_back_when_a_page_is_public_again(self, tree, commit):
        with commit():
            only = restrict(tree["about"])
        services.render_due()
        assert files("/en/about/") == set()

        with commit():
            only.delete()
        services.render_due()

        assert files("/en/about/") != set()
        assert files("/en/about/team/people/") != set()

    def test_when_a_page_moves(self, tree, commit):
        with commit():
            tree["team"].move(tree["other"], pos="last-child")

        assert files("/en/about/team/") == files("/en/about/team/people/") == set()

    def test_when_a_page_gets_another_address(self, tree, commit):
        with commit():
            publish(tree["team"], slug="crew")

        assert files("/en/about/team/") == files("/en/about/team/people/") == set()

    def test_when_a_script_unpublishes_a_page(self, tree, commit):
        with commit():
            tree["team"].live = False
            tree["team"].save()

        assert files("/en/about/team/") == set()

    def test_when_a_document_is_deleted_or_gets_another_file(self, tree, commit):
        with commit():
            one, other = (
                UploadedDocument.objects.create(title=name, file=ContentFile(b"Words.", name=f"{name}.txt"))
                for name in ("one", "other")
            )
        services.render_due()
        assert files(f"/documents/{one.pk}/")
        assert files(f"/documents/{other.pk}/") == {"other.txt"}

        with commit():
            key = one.pk
            one.delete()
            save(other, file=ContentFile(b"Words.", name="third.txt"))

        assert files(f"/documents/{key}/") == set()
        assert "other.txt" not in files(f"/documents/{other.pk}/")

    def test_when_a_material_is_withdrawn_that_a_file_was_public_for(self, tree, commit, declare):
        declare(routes=[FileRoute()])
        index = CampaignIndexPageFactory(parent=tree["home"], slug="campaigns")
        with commit():
            material = MaterialFactory(campaign=CampaignPageFactory(parent=index, slug="shows"))
        services.render_due()
        document = material.files.first().document
        assert files(f"/documents/{document.pk}/")

        with commit():
            material.unpublish()

        assert files(f"/documents/{document.pk}/") == set()

    @pytest.mark.parametrize("how", ["deleted", "for another address"])
    def test_when_a_redirect_is(self, tree, commit, how):
        with commit():
            redirect = Redirect.add_redirect("/en/short/", tree["about"])
        services.render_due()
        assert ".moved" in files("/en/short/")

        with commit():
            if how == "deleted":
                redirect.delete()
            else:
                save(redirect, old_path="/en/shorter")

        assert files("/en/short/") == set()

    @pytest.mark.parametrize("how", ["closed", "moved below a closed one"])
    def test_when_the_collection_of_a_document_is(self, tree, commit, how):
        root = Collection.get_first_root_node()
        closed = closed_below(root)
        collection = root.add_child(instance=Collection(name="Open"))
        with commit():
            document = UploadedDocument.objects.create(
                title="Notes", file=ContentFile(b"Words.", name="notes.txt"), collection=collection
            )
        services.render_due()
        assert files(f"/documents/{document.pk}/")

        with commit():
            if how == "closed":
                CollectionViewRestriction.objects.create(
                    collection=collection, restriction_type=CollectionViewRestriction.LOGIN
                )
            else:
                collection.move(Collection.objects.get(pk=closed.pk), pos="sorted-child")
                Collection.objects.get(pk=collection.pk).save()

        assert files(f"/documents/{document.pk}/") == set()

    def test_also_from_what_a_replica_finds(self, tree, commit, monkeypatch):
        waited: list[str] = []
        monkeypatch.setattr(changes.replica, "wait_until_replayed", lambda: waited.append("waited"))

        with commit():
            tree["team"].unpublish()

        assert waited

    def test_not_when_the_change_is_taken_back(self, tree, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
            tree["team"].unpublish()
            transaction.set_rollback(True)

        assert files("/en/about/team/") != set()
        assert nothing_is_due()


class TestMoved:
    def test_leaves_a_sign_at_each_old_address(self, tree, commit, folder: FileStore):
        with commit():
            tree["team"].move(tree["other"], pos="last-child")

        assert (folder.root / "en/about/team/.moved").read_text() == "301 /en/other/team/"
        assert (folder.root / "en/about/team/people/.moved").read_text() == "301 /en/other/team/people/"
        assert "/en/other/team/" in folder.file("/en/linking/").read_text()

    def test_leaves_a_sign_when_only_the_name_changes(self, tree, commit, folder: FileStore):
        with commit():
            publish(tree["team"], slug="crew")

        assert (folder.root / "en/about/team/.moved").read_text() == "301 /en/about/crew/"
        assert (folder.root / "en/about/team/people/.moved").read_text() == "301 /en/about/crew/people/"
        assert folder.file("/en/about/crew/people/").is_file()

    def test_and_moved_back_has_its_page_again(self, tree, commit, folder: FileStore):
        with commit():
            tree["team"].move(tree["other"], pos="last-child")
        with commit():
            Page.objects.get(pk=tree["team"].pk).move(Page.objects.get(pk=tree["about"].pk), pos="last-child")

        assert ".moved" not in files("/en/about/team/")
        assert tree["team"].title in folder.file("/en/about/team/").read_text()
        assert (folder.root / "en/other/team/.moved").read_text() == "301 /en/about/team/"

    def test_among_its_siblings_touches_the_listing(self, tree, commit, rerendered):
        with commit():
            tree["other"].move(tree["about"], pos="left")

        assert rerendered == {"/en/", "/en/other/"}

    def test_tells_the_listing_that_lost_it(self, tree, commit, rerendered):
        with commit():
            tree["team"].move(tree["other"], pos="last-child")

        assert {"/en/about/", "/en/other/"} <= rerendered


class TestLinks:
    """A page shows no link to an unpublished page: it is rendered again when its target goes."""

    @pytest.mark.parametrize(("page", "leads"), [("team", "/en/linking/"), ("about", "/de/about/")])
    def test_to_a_page_or_another_language_that_is_deleted(self, tree, commit, rerendered, page, leads):
        with commit():
            Page.objects.get(pk=tree[page].pk).delete()

        assert leads in rerendered

    def test_to_a_page_that_is_for_some_people_only(self, tree, commit, rerendered):
        with commit():
            restrict(tree["team"])

        assert "/en/linking/" in rerendered


class TestSignals:
    """Signals of Wagtail and Django for changes without a saved row."""

    @pytest.fixture(autouse=True)
    def _from_here_on(self, tree):
        PendingChange.objects.all().delete()

    def noted(self) -> set[tuple[str, bool]]:
        return set(PendingChange.objects.exclude(model="").values_list("model", "moved"))

    def test_of_a_publication_count(self, tree):
        signals.page_published.send(sender=StandardPage, instance=tree["about"])

        assert self.noted() == {("home.standardpage", False)}

    def test_of_an_unpublished_page_count_as_a_move(self, tree):
        signals.page_unpublished.send(sender=StandardPage, instance=tree["about"])

        assert self.noted() == {("wagtailcore.page", True)}

    def test_of_an_unpublished_snippet_count(self):
        material = MaterialFactory()
        PendingChange.objects.all().delete()

        signals.unpublished.send(sender=type(material), instance=material)

        assert self.noted() == {("campaigns.material", False)}

    @pytest.mark.parametrize("signal", [signals.published, signals.unpublished])
    def test_of_what_no_page_shows_do_not(self, signal, admin_user):
        PendingChange.objects.all().delete()

        signal.send(sender=type(admin_user), instance=admin_user)

        assert not PendingChange.objects.exists()

    @pytest.mark.parametrize(("action", "counts"), [("pre_add", False), ("post_add", True), ("post_remove", True)])
    def test_of_a_relation_count_once_it_has_changed(self, tree, admin_user, action, counts):
        for instance in (tree["about"], admin_user):
            m2m_changed.send(sender=type(instance), instance=instance, action=action)

        assert self.noted() == ({("home.standardpage", False)} if counts else set())


class TestShown:
    """A changed snippet, picture or document renders exactly the pages that show it."""

    @pytest.mark.parametrize("how", ["changed", "deleted"])
    def test_picture_that_is(self, tree, commit, rerendered, how):
        with commit():
            picture = PictureFactory()
            publish(tree["other"], body=showing(picture))
        rerendered.clear()

        with commit():
            if how == "changed":
                save(picture, credit="Somebody")
            else:
                picture.delete()

        assert rerendered == {"/en/other/"}

    def test_document(self, tree, commit, rerendered, folder: FileStore):
        with commit():
            document = UploadedDocument.objects.create(title="Notes", file=ContentFile(b"Old words.", name="notes.txt"))
            publish(tree["other"], body=text(f'<p><a linktype="document" id="{document.pk}">Notes</a></p>'))
        old = f"/documents/{document.pk}/{document.filename}"
        assert folder.file(old).read_bytes() == b"Old words."
        rerendered.clear()

        with commit():
            save(document, file=ContentFile(b"New words.", name="notes-2.txt"))

        assert rerendered == {"/en/other/"}
        assert not folder.file(old).exists()
        assert folder.file(f"/documents/{document.pk}/notes-2.txt").read_bytes() == b"New words."

    def test_snippet_before_wagtail_has_indexed_its_references(self, tree, commit, rerendered, monkeypatch):
        """Wagtail updates its reference index in a task; the renderer indexes the changed page itself."""
        picture = PictureFactory()
        with commit():
            publish(tree["other"], body=showing(picture))
        ReferenceIndex.objects.filter(object_id=str(tree["other"].pk)).delete()
        PendingChange.objects.create(model="wagtailcore.page", object_id=str(tree["other"].pk))
        services.render_due()
        rerendered.clear()

        with commit():
            save(picture, credit="Somebody")

        assert rerendered == {"/en/other/"}

    @pytest.fixture
    def material(self, tree, commit, rerendered) -> Material:
        """A material that a campaign shows in its text, and another one does not; all rendered."""
        index = CampaignIndexPageFactory(parent=tree["home"], slug="campaigns")
        shows = CampaignPageFactory(parent=index, slug="shows")
        CampaignPageFactory(parent=index, slug="does-not")
        with commit():
            material: Material = MaterialFactory()
            publish(shows, body=[{"type": "download", "value": material.pk}])
        services.render_all()
        rerendered.clear()
        return material

    def test_by_a_snippet_that_a_page_shows(self, material, commit, rerendered):
        """The document is a file of the material: two steps from the page."""
        with commit():
            save(material.files.first().document, title="Other words")

        assert rerendered == {"/en/campaigns/shows/"}

    def test_snippet_that_is_withdrawn_is_rendered_away(self, material, commit, rerendered):
        with commit():
            material.unpublish()

        assert "/en/campaigns/shows/" in rerendered

    @pytest.mark.parametrize("was_public", [False, True])
    def test_snippet_that_is_not_live_is_a_change_if_it_was_public_once(self, tree, was_public):
        material = MaterialFactory(live=False, first_published_at=timezone.now() if was_public else None)
        PendingChange.objects.all().delete()

        material.save()

        assert PendingChange.objects.filter(model="campaigns.material").exists() is was_public

    def test_by_no_page_touches_nothing(self, tree, commit, rerendered):
        with commit():
            PictureFactory()

        assert rerendered == set()
        assert nothing_is_due()


class TestSettings:
    @pytest.mark.parametrize("what", ["they", "a picture that they refer to"])
    def test_touch_every_page_when_there_is_a_change_of(self, tree, commit, rerendered, what):
        settings, picture = SiteSettings.for_site(tree["home"].get_site()), PictureFactory()
        refer(settings, picture)

        with commit():
            if what == "they":
                store_setting("core.SiteSettings.name", "Lantern")
            else:
                save(picture, credit="Somebody")

        pages = {f"/{page.locale.language_code}/{page.url_path.split('/', 2)[2]}" for page in tree.values()}
        assert pages <= rerendered

    def test_touch_no_page_when_the_words_of_a_page_change_that_they_refer_to(self, tree, commit, rerendered):
        refer(SiteSettings.for_site(tree["home"].get_site()), tree["other"])

        with commit():
            publish(tree["other"], introduction="New words.")

        assert "/en/about/" not in rerendered


class TestLanguage:
    def test_that_becomes_public_is_rendered_and_named_in_the_others(self, tree, commit, rerendered):
        with commit():
            german(tree).delete()
        assert "/en/about/" in rerendered
        rerendered.clear()

        with commit():
            LanguageState.objects.create(locale=tree["de"].locale, state=LanguageState.State.PUBLIC)

        assert {"/de/", "/de/about/", "/de/about/alone/", "/en/about/"} <= rerendered


class TestApps:
    """Apps may add to what a change invalidates, and one that fails does not stop the renderer."""

    class Notices(AppRoute):
        watches = (SiteSettings,)

        def __init__(self, touched: Iterable[str]) -> None:
            self.touched = touched

        def invalidated_by(self, changed: object) -> Iterable[str]:
            return self.touched

    def test_say_what_else_a_page_touches(self, tree, commit, rerendered, declare):
        declare(routes=[self.Notices(["/en/other/", "/en/nowhere/"])])
        with commit():
            publish(tree["people"], introduction="New words.")

        assert "/en/other/" in rerendered
        assert "/en/nowhere/" not in rerendered

    def test_may_touch_a_whole_language(self, tree, commit, rerendered, declare):
        declare(routes=[self.Notices(["/de/*"])])
        with commit():
            publish(tree["people"], introduction="New words.")

        assert {"/de/", "/de/about/", "/de/about/alone/"} <= rerendered
        assert "/en/other/" not in rerendered

    def test_see_the_address_of_a_page_before_it_moved(self, tree, commit, rerendered, declare):
        class WhereItWas(self.Notices):
            def invalidated_by(self, changed: Page) -> Iterable[str]:
                return self.touched if "/about/team/" in changed.url_path else []

        declare(routes=[WhereItWas(["/de/about/alone/"])])
        with commit():
            tree["team"].move(tree["other"], pos="last-child")

        assert "/de/about/alone/" in rerendered

    def test_that_fail_stop_neither_the_change_nor_the_rendering_nor_one_another(
        self, tree, commit, rerendered, declare, caplog
    ):
        class Failing(self.Notices):
            def invalidated_by(self, changed: Page) -> Iterable[str]:
                connection.cursor().execute("SELECT 1 / 0")
                return []

        declare(routes=[Failing([]), self.Notices(["/en/other/"]), Failing([])])
        with commit():
            publish(tree["people"], introduction="New words.")

        assert {"/en/about/team/people/", "/en/other/"} <= rerendered
        assert nothing_is_due()
        assert "could not say what a change" in caplog.text


class TestDocuments:
    @pytest.fixture
    def document(self, home, commit):
        with commit():
            document = UploadedDocument.objects.create(
                title="Notes", file=ContentFile(b"Plain words.", name="notes.txt")
            )
        self.path = f"/documents/{document.pk}/"
        assert files(self.path)
        return document

    def test_come_back_when_their_collection_is_opened(self, document, commit):
        with commit():
            closed = CollectionViewRestriction.objects.create(
                collection=document.collection, restriction_type=CollectionViewRestriction.LOGIN
            )
        with commit():
            closed.delete()

        assert files(self.path) == {document.filename}

    def test_come_back_when_their_collection_moves_out_of_a_closed_one(self, document, commit):
        root = Collection.get_first_root_node()
        closed = closed_below(root)
        moving = closed.add_child(instance=Collection(name="Moving"))
        with commit():
            save(document, collection=moving)
        assert files(self.path) == set()

        with commit():
            moving.move(Collection.objects.get(pk=root.pk), pos="sorted-child")
            Collection.objects.get(pk=moving.pk).save()

        assert files(self.path) == {document.filename}

    def test_go_when_they_move_to_a_closed_collection_and_come_back(self, document, commit):
        root = document.collection
        closed = closed_below(root)
        with commit():
            save(document, collection=closed)
        assert files(self.path) == set()

        with commit():
            save(document, collection=root)
        assert files(self.path) == {document.filename}


class TestQueue:
    def test_renders_what_was_changed_before_what_only_shows_it(self, tree):
        publish(tree["about"], introduction="New words.")
        publish(tree["team"], introduction="New words.")
        publish(tree["home"], introduction="New words.")
        expand_changes()

        urgent = PendingPath.objects.filter(urgency=PendingPath.Urgency.NOW).values_list("path", flat=True)
        assert set(urgent) == {"/en/", "/en/about/", "/en/about/team/"}

    def test_asks_once_about_a_page_that_was_edited_and_moved(self, tree, monkeypatch):
        asked: list[tuple[str, bool]] = []
        monkeypatch.setattr(
            invalidation,
            "patterns_for_change",
            lambda model, key, *, moved: asked.append((key, moved)) or {},
        )
        publish(tree["about"], introduction="New words.")
        publish(tree["about"], title="New title")

        expand_changes()

        assert asked == [(str(tree["about"].pk), True)]

    def test_locates_many_addresses_with_as_many_queries_as_few(self, tree):
        with CaptureQueriesContext(connection) as few:
            addresses.locate_all(["/en/about/", "/en/nothing/"])
        with CaptureQueriesContext(connection) as many:
            found = addresses.locate_all(
                ["/en/about/", "/en/about/team/", "/en/other/", "/de/about/", "/en/nothing/", "/nor/here/"]
            )

        assert found.keys() == {"/en/about/", "/en/about/team/", "/en/other/", "/de/about/"}
        assert len(many) == len(few) + 3  # whether the texts of each page may be rendered

    def test_renders_an_address_once_however_often_it_changed(self, tree, commit, rendered):
        with commit():
            for number in range(5):
                publish(tree["other"], introduction=f"Words {number}.")

        assert rendered.count("/en/other/") == 1

    def test_renders_again_what_changed_while_it_was_rendered(self, tree, commit, folder: FileStore, after_rendering):
        changed = []

        def change_meanwhile(path: str) -> None:
            if path == "/en/other/" and not changed:
                changed.append(path)
                publish(tree["other"], introduction="Second words.")

        after_rendering(change_meanwhile)
        with commit():
            publish(tree["other"], introduction="First words.")

        assert "Second words." in folder.file("/en/other/").read_text()
        assert nothing_is_due()

    def test_renders_again_what_was_requested_while_it_was_rendered(self, tree, folder: FileStore, after_rendering):
        """`manage.py prerender /en/other/` in another process finds the renderer busy, and its address stays due."""
        asked = []

        def ask_meanwhile(path: str) -> None:
            if path == "/en/other/" and not asked:
                asked.append(path)
                StandardPage.objects.filter(pk=tree["other"].pk).update(introduction="Changed in a script.")
                PendingPath.objects.create(path=path, kind="page", source=str(tree["other"].pk))

        after_rendering(ask_meanwhile)
        services.render_paths(["/en/other/"])

        assert "Changed in a script." in folder.file("/en/other/").read_text()
        assert nothing_is_due()

    def test_looks_everything_up_again_for_each_batch(self, tree, folder: FileStore, monkeypatch):
        """A change without a signal is missing from the batch being rendered, and visible in the next."""
        monkeypatch.setattr(services, "BATCH", 1)
        prerendered: list[str] = []

        def change_after_the_first(outcome: object, total: int) -> None:
            if not prerendered:
                QuerySet(SiteSettings).update(name="Lantern")
                Page.objects.filter(pk=tree["de"].pk).update(title="Startseite")
            prerendered.append("one more")

        services.render_all(progress=change_after_the_first)

        about = folder.file("/en/about/").read_text()
        assert "Lantern" in about
        assert 'href="/de/about/"' in about
        assert "Startseite" in folder.file("/de/about/").read_text()

    def test_does_not_bring_back_what_went_while_it_was_rendered(self, tree, commit, after_rendering):
        other = StandardPage.objects.filter(pk=tree["other"].pk)
        after_rendering(lambda path: path == "/en/other/" and other.update(live=False))
        with commit():
            publish(tree["other"], introduction="Words.")

        assert files("/en/other/") == set()

    def test_logs_the_reason_of_a_refusal(self, tree, commit, monkeypatch, caplog):
        """A render without a caller has no one to report to."""
        monkeypatch.setattr(StandardPage, "serve", lambda *args, **kwargs: {}["a broken block"])

        with commit():
            publish(tree["other"], introduction="Words.")

        assert "Not rendered: /en/other/. " in caplog.text
        assert "a broken block" in caplog.text

    def test_keeps_what_is_due_when_the_disk_is_full(self, tree, commit, monkeypatch, caplog):
        with monkeypatch.context() as full:
            full.setattr(
                "prerender.store.files.write",
                lambda *args: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left")),
            )
            with commit():
                publish(tree["other"], introduction="Words.")
        assert PendingPath.objects.filter(path="/en/other/").exists()
        assert "Nothing was rendered" in caplog.text

        services.render_due()
        assert nothing_is_due()


class TestConnect:
    def test_receives_each_change_once_however_often_it_is_called(self, tree):
        changes.connect()
        PendingChange.objects.all().delete()

        redirect = Redirect.objects.create(old_path="/en/short", redirect_page=tree["other"])

        noted = PendingChange.objects.filter(model="wagtailredirects.redirect", object_id=str(redirect.pk))
        assert noted.count() == 1

    def test_receives_none_while_a_whole_site_is_loaded_and_each_again_afterwards(self, tree):
        PendingChange.objects.all().delete()
        with changes.unrecorded():
            Redirect.objects.create(old_path="/en/first", redirect_page=tree["other"])
        assert not PendingChange.objects.exists()

        Redirect.objects.create(old_path="/en/second", redirect_page=tree["other"])

        assert PendingChange.objects.filter(model="wagtailredirects.redirect").count() == 1
