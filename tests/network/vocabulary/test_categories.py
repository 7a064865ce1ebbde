"""Categories for members: renaming, retiring, restoring and merging, and their effects for members and readers."""

import threading

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from wagtail.models import Locale, ModelLogEntry

from core.background.locks import key
from network.directory import listing as directory_view
from network.joining import services as joining_services
from network.members import services as members_services
from network.models import Category, Member
from network.routes import MOST_PAGES, DirectoryRoute
from network.vocabulary import models as categories
from network.vocabulary import services as starter
from network.vocabulary import services as vocabulary_services
from network.vocabulary.details import CategoryGroup
from network.vocabulary.models import named, vocabulary
from prerender.models import PendingChange
from tests.conftest import LANGUAGES
from tests.factories.network import CategoryFactory, DirectoryPageFactory, MemberFactory
from tests.factories.users import UserFactory
from tests.support.languages import in_language
from tests.support.queries import queries
from tests.support.second import second_connection, waits_for_a_lock

URL = "/en/network/"
JOIN = "/en/members/join/"


@pytest.fixture
def by(db):
    return UserFactory()


@pytest.fixture
def two(db):
    """Two methods with the same meaning."""
    return (
        CategoryFactory(group="method", code="talks", name="Talks"),
        CategoryFactory(group="method", code="conversations", name="Conversations"),
    )


def merge(two, by):
    return vocabulary_services.merge(category=two[0], into=two[1], by=by)


def fresh(category: Category) -> Category:
    return Category.objects.get(pk=category.pk)


class TestStarterData:
    def test_gives_each_group_but_the_fields_its_first_categories(self, db):
        assert named("role", "en") == {
            "policy": "Policy maker",
            "practitioner": "Practitioner",
            "researcher": "Researcher",
        }
        assert {group: len(found) for group, found in vocabulary("en").names.items()} == {
            "role": 3, "field": 0, "setting": 11, "method": 13, "population": 8,
        }  # fmt: skip

    def test_has_a_name_in_every_language_of_the_demonstration(self):
        names = [words for found in starter.starter("categories").values() for words in found.values()]

        assert all(words.keys() == {*LANGUAGES} and all(words.values()) for words in names)

    def test_names_what_is_there_in_a_language_that_was_added_and_changes_nothing_else(self, languages):
        Category.objects.filter(locale=languages["de"]).delete()
        Category.objects.coded("role", "policy").update(name="Politician")
        Category.objects.coded("role", "practitioner").delete()

        said = starter.seed_categories()

        assert said == "34 names of categories were added."
        assert named("role", "de") == {
            "researcher": "In der Forschung tätig",
            "policy": "In der Politik tätig",
        }
        assert named("role", "en") == {"policy": "Politician", "researcher": "Researcher"}
        english, german = Category.objects.coded("role", "policy").filter(locale__language_code__in=["en", "de"])
        assert english.translation_key == german.translation_key
        assert starter.seed_categories() == ""

    def test_starts_an_empty_site(self, db):
        Category.objects.all().delete()

        starter.seed_categories()

        assert Category.objects.count() == 35


class TestNamed:
    def test_is_sorted_by_name_and_takes_one_query(self, db, django_assert_num_queries):
        CategoryFactory(code="z", name="Ähnliches")
        CategoryFactory(code="a", name="Zuletzt")

        with django_assert_num_queries(1):
            assert list(named("field", "en")) == ["z", "a"]

    @pytest.mark.parametrize(("group", "code", "name"), [("country", "de", "Allemagne"), ("language", "ar", "arabe")])
    def test_knows_countries_and_languages_as_well(self, group, code, name):
        assert named(group, "fr")[code] == name


class TestRename:
    def test_keeps_the_code_and_shows_the_name(self, two):
        two[0].name, two[0].code, two[0].group = "Counsel", "counsel", "field"
        two[0].save()

        assert named("method", "en")["talks"] == "Counsel"
        assert named("field", "en") == {}

    def test_by_an_old_draft_brings_nothing_back(self, two, by):
        draft = two[0].save_revision()
        merge(two, by)

        draft.publish()

        assert fresh(two[0]).replaced_by == "conversations"

    def test_a_code_is_used_once_in_a_group(self, two):
        other = Category(group="method", code="talks", name="Others", locale=Locale.objects.get(language_code="en"))

        with pytest.raises(Exception, match="There is a category with this code in this group"):
            other.full_clean()
        other.group = "field"
        other.full_clean()


class TestRetire:
    @pytest.fixture
    def retired(self, two, by):
        member = MemberFactory(listed=True, name="Ana", methods=["talks"])
        vocabulary_services.retire(category=two[0], by=by)
        return member

    def test_stays_with_those_who_have_it(self, retired, public, directory):
        retired.refresh_from_db()

        assert retired.methods == ["talks"]
        assert "Talks" in public.get(f"{URL}{retired.uuid}/").text

    def test_is_not_offered_to_others(self, retired, private):
        assert "Talks" not in private.get(JOIN).text
        assert "Conversations" in private.get(JOIN).text

    def test_can_be_kept_by_those_who_have_it_but_not_chosen_again(self, retired):
        known = vocabulary("en")

        assert "talks" in known.offered("method", retired.methods)
        assert "talks" not in known.offered("method", ["conversations"])

    def test_is_refused_in_a_request(self, retired, private, request_data):
        answer = private.post(JOIN, request_data(methods=["talks"]))

        assert "One of your choices is not in the list." in answer.text

    def test_is_true_of_every_language_and_of_later_translations(self, two, by, languages):
        german = two[0].copy_for_translation(languages["de"])
        german.save()

        vocabulary_services.retire(category=two[0], by=by)
        french = two[0].copy_for_translation(languages["fr"])
        french.save()

        assert {fresh(each).retired for each in (two[0], german, french)} == {True}

    def test_can_be_undone(self, retired, two, by, private):
        vocabulary_services.bring_back(category=two[0], by=by)

        assert "Talks" in private.get(JOIN).text

    def test_is_no_facet_once_it_is_unused(self, by, public, directory):
        field = CategoryFactory(code="schools", name="Schools")
        member = MemberFactory(listed=True, expertise=["schools"])
        vocabulary_services.retire(category=field, by=by)
        assert "Schools (1)" in public.get(URL).text

        members_services.update_profile(member=member, expertise=[])

        assert "Schools" not in public.get(URL).text

    def test_is_in_the_log(self, retired, two, by):
        vocabulary_services.bring_back(category=two[0], by=by)

        entries = ModelLogEntry.objects.for_instance(two[0]).filter(user=by)
        assert set(entries.values_list("action", flat=True)) == {
            "network.retire_category",
            "network.bring_back_category",
        }


class TestMerge:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (["talks"], ["conversations"]),
            (["surveys", "talks", "trials"], ["surveys", "conversations", "trials"]),
            (["talks", "conversations"], ["conversations"]),
            (["conversations", "trials", "talks"], ["conversations", "trials"]),
            (["trials"], ["trials"]),
            ([], []),
        ],
    )
    def test_puts_the_one_in_the_place_of_the_other_once(self, two, by, before, after):
        member = MemberFactory(listed=True, methods=before)

        merge(two, by)

        member.refresh_from_db()
        stored = member.methods, member.facets
        member.derive()
        assert stored == (after, member.facets)

    @pytest.mark.parametrize("trait", [None, "awaiting_review", "paused", "declined"])
    def test_reaches_members_and_requests_in_every_state_and_only_shows_what_they_show(self, two, by, trait):
        member = MemberFactory(**({trait: True} if trait else {}), shown=["roles"], methods=["talks"])

        assert merge(two, by) == 1

        member.refresh_from_db()
        assert (member.methods, member.facets) == (["conversations"], ["role:researcher"])

    @pytest.mark.parametrize("group", CategoryGroup.values)
    def test_reaches_every_group_and_none_but_that(self, by, group):
        old, new = CategoryFactory(group=group, code="old"), CategoryFactory(group=group, code="new")
        columns = {column.group: column.column for column in categories.columns(group)}
        everything = ["roles", "expertise", "work_settings", "methods", "populations"]
        member = MemberFactory(listed=True, **{name: ["old"] for name in everything})

        merge((old, new), by)

        member.refresh_from_db()
        changed = {name for name in everything if getattr(member, name) == ["new"]}
        assert changed == {columns[group]}
        assert [each for each in member.facets if each.endswith(":new")] == [f"{group}:new"]

    def test_reaches_all_other_tables_with_codes(self, two, by, monkeypatch):
        monkeypatch.setattr(Member, "code_columns", {"languages": "method"})
        member = MemberFactory(languages=["talks"], methods=["talks"])

        merge(two, by)

        member.refresh_from_db()
        assert (member.languages, member.methods) == (["conversations"], ["talks"])

    def test_takes_as_many_queries_for_many_members_as_for_few(self, by):
        def merging(number):
            two = (
                CategoryFactory(group="method", code=f"old-{number}"),
                CategoryFactory(group="method", code=f"new-{number}"),
            )
            MemberFactory.create_batch(number, listed=True, methods=[f"old-{number}"])
            return queries(lambda: merge(two, by))

        assert merging(2) == merging(30)

    def test_leads_from_all_that_was_merged_before_to_the_last(self, two, by):
        last = CategoryFactory(group="method", code="dialogue")
        merge(two, by)

        vocabulary_services.merge(category=two[1], into=last, by=by)

        assert vocabulary("en").replaced["method"] == {"talks": "dialogue", "conversations": "dialogue"}
        assert not {"talks", "conversations"} & named("method", "en").keys()

    def test_is_of_all_languages(self, two, by, languages):
        german = two[0].copy_for_translation(languages["de"])
        german.save()

        merge(two, by)

        assert fresh(german).replaced_by == "conversations"
        assert "talks" not in named("method", "de")

    @pytest.mark.parametrize("wrong", ["itself", "another group", "retired", "merged already", "deleted"])
    def test_is_refused_with_what_is_not_there(self, two, by, wrong):
        old, new = two
        match wrong:
            case "itself":
                new = old
            case "another group":
                new = CategoryFactory(group="field")
            case "retired":
                vocabulary_services.retire(category=new, by=by)
            case "merged already":
                vocabulary_services.merge(category=old, into=CategoryFactory(group="method", code="third"), by=by)
            case "deleted":
                Category.objects.filter(pk=new.pk).delete()
        member = MemberFactory(methods=["talks"])

        with pytest.raises(vocabulary_services.NotMergeableError):
            vocabulary_services.merge(category=old, into=new, by=by)

        member.refresh_from_db()
        assert member.methods == ["talks"]

    def test_is_in_the_log_with_who_did_it_and_how_many_changed(self, two, by):
        MemberFactory.create_batch(2, methods=["talks"])

        merge(two, by)

        entry = ModelLogEntry.objects.for_instance(two[0]).get(action="network.merge_category")
        assert (entry.user, entry.data["into"], entry.data["rows"]) == (by, "conversations", 2)
        assert entry.message == "Merged into conversations; entries changed: 2"

    @pytest.mark.parametrize("group", CategoryGroup.values)
    def test_has_no_index_of_members_to_follow(self, db, group):
        """PostgreSQL then uses heap-only tuples, if there is room: three times as fast (`bench/vocabulary.py`)."""
        changed = {
            name
            for column in categories.columns(group)
            if column.model is Member
            for name in (column.column, *column.facets)
        }
        with connection.cursor() as cursor:
            indexed = {
                name
                for index in connection.introspection.get_constraints(cursor, "network_member").values()
                for name in index["columns"] or ()
            }
            cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'network_member'")
            [[options]] = cursor.fetchall()

        assert changed
        assert not changed & indexed
        assert "order_key" in indexed
        assert options == ["fillfactor=45"]


class TestFormsThatWereOpen:
    """Forms opened before a merge and submitted afterwards, with a category that was merged."""

    def test_of_a_request_are_taken(self, two, by, private, request_data):
        merge(two, by)

        private.post(JOIN, request_data(methods=["talks", "conversations", "trials"]))

        assert Member.objects.get().methods == ["conversations", "trials"]

    @pytest.mark.parametrize("verb", ["update_profile", "request_to_join"])
    def test_are_stored_with_the_new_code_even_if_the_form_had_been_read(self, two, by, verb):
        member = MemberFactory(listed=True)
        merge(two, by)

        if verb == "update_profile":
            members_services.update_profile(member=member, methods=["talks"], country="fr")
        else:
            member = joining_services.request_to_join(
                email="a@example.org",
                language="en",
                name="A",
                roles=["policy"],
                methods=["talks"],
                country="fr",
            )

        member.refresh_from_db()
        assert (member.methods, member.country) == (["conversations"], "fr")


class TestOldAddresses:
    @pytest.fixture
    def merged(self, by, directory):
        two = CategoryFactory(code="schools", name="Schools"), CategoryFactory(code="classes", name="Classes")
        MemberFactory(listed=True, name="Ana", expertise=["schools"])
        MemberFactory(listed=True, name="Bea", expertise=["classes"])
        MemberFactory(listed=True, name="Cy")
        merge(two, by)

    def test_show_what_the_new_ones_show(self, merged, public):
        old = public.get(URL, {"field": "schools", "country": "de"}).text

        assert old == public.get(URL, {"field": "classes", "country": "de"}).text
        assert ("Ana" in old, "Bea" in old, "Cy" in old) == (True, True, False)
        assert "schools" not in old

    def test_lead_back_from_a_member_to_the_new_ones(self, merged, public):
        ana = Member.objects.get(name="Ana")

        page = public.get(f"{URL}{ana.uuid}/", {"field": "schools"}).text

        assert "field=classes" in page

    @pytest.mark.parametrize("field", ["nothing", "\0", "schools' --"])
    def test_that_never_were_are_reported_as_before(self, merged, public, field):
        answer = public.get(URL, {"field": field})

        assert answer.status_code in {200, 400}
        assert "Ana" not in answer.text


class TestRendered:
    def test_pages_of_a_merge_are_those_who_have_the_new_one(self, two, by, home):
        DirectoryPageFactory(parent=home)
        was, had = (
            MemberFactory(listed=True, methods=["talks"]),
            MemberFactory(listed=True, methods=["conversations"]),
        )
        MemberFactory(listed=True)
        merge(two, by)

        found = set(DirectoryRoute().invalidated_by(fresh(two[0])))

        assert found == {URL, f"{URL}{was.uuid}/", f"{URL}{had.uuid}/"}

    def test_pages_of_those_who_do_not_show_it_are_left(self, two, home):
        DirectoryPageFactory(parent=home)
        MemberFactory(listed=True, methods=["talks"], shown=["name", "roles"])

        assert set(DirectoryRoute().invalidated_by(two[0])) == {URL}

    def test_pages_are_not_named_one_by_one_if_they_are_many(self, two, by, home, monkeypatch):
        assert MOST_PAGES == 500
        monkeypatch.setattr("network.routes.MOST_PAGES", 3)
        DirectoryPageFactory(parent=home)
        MemberFactory.create_batch(4, listed=True, methods=["talks"])
        PendingChange.objects.all().delete()

        merge(two, by)

        assert list(DirectoryRoute().invalidated_by(fresh(two[0]))) == [URL, f"{URL}*"]
        assert PendingChange.objects.count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_pages_say_the_new_name_after_the_commit(self, home, two, by, public):
        with transaction.atomic():
            DirectoryPageFactory(parent=home)
            member = MemberFactory(listed=True, methods=["talks"])
        assert "Talks" in public.get(f"{URL}{member.uuid}/").text

        merge(two, by)

        page = public.get(f"{URL}{member.uuid}/").text
        assert "Conversations" in page
        assert "Talks" not in page


@pytest.mark.django_db(transaction=True)
class TestReaders:
    """Readers see all of a merge or nothing of it."""

    SEEN = (
        "SELECT (SELECT count(*) FROM network_member WHERE methods @> '{talks}' OR facets @> '{method:talks}'),\n"
        "                     (SELECT count(*) FROM network_member"
        " WHERE methods @> '{conversations}' AND facets @> '{method:conversations}'),\n"
        "                     (SELECT count(*) FROM network_category WHERE code = 'talks' AND replaced_by <> '')"
    )

    def test_on_another_connection_see_nothing_before_the_commit_and_all_after_it(self, two, by):
        MemberFactory.create_batch(3, listed=True, methods=["talks"])

        with second_connection() as other, other.cursor() as cursor:
            with transaction.atomic():
                merge(two, by)
                cursor.execute(self.SEEN)
                before = cursor.fetchone()
            cursor.execute(self.SEEN)
            after = cursor.fetchone()

        assert (before, after) == ((3, 0, 0), (0, 3, 1))

    def test_see_nothing_of_a_merge_that_fails(self, two, by, monkeypatch):
        member = MemberFactory(listed=True, methods=["talks"])

        def fail(*args, **kwargs):
            raise RuntimeError

        monkeypatch.setattr("network.vocabulary.services.log", fail)

        with pytest.raises(RuntimeError):
            merge(two, by)

        member.refresh_from_db()
        assert (member.methods, fresh(two[0]).replaced_by) == (["talks"], "")

    def test_see_the_directory_of_one_moment(self, nothing_is_rendered, by, directory, public, monkeypatch):
        two = CategoryFactory(code="schools", name="Schools"), CategoryFactory(code="classes", name="Classes")
        MemberFactory(listed=True, name="Ana", expertise=["schools"])

        def merge_elsewhere(language):
            known = vocabulary(language)
            monkeypatch.undo()
            elsewhere = threading.Thread(target=lambda: (merge(two, by), connection.close()))
            elsewhere.start()
            elsewhere.join()
            return known

        monkeypatch.setattr(directory_view.categories, "vocabulary", merge_elsewhere)

        page = public.get(URL, {"field": "schools"}).text

        assert fresh(two[0]).replaced_by == "classes"
        assert "Ana" in page


class TestWriters:
    """Writes of a code wait while it is being replaced."""

    @pytest.mark.parametrize("verb", ["update_profile", "request_to_join", "save"])
    @pytest.mark.django_db(transaction=True)
    def test_wait_for_a_merge(self, two, verb):
        member = MemberFactory(listed=True)
        joining = {"email": "a@example.org", "language": "en", "name": "A", "country": "fr"}
        verbs = {
            "update_profile": lambda: members_services.update_profile(member=member, methods=["talks"]),
            "request_to_join": lambda: joining_services.request_to_join(methods=["talks"], **joining),
            "save": two[0].save,
        }

        with second_connection() as other, other.cursor() as cursor, transaction.atomic():
            cursor.execute("SELECT pg_advisory_lock(%s)", [key(categories.LOCK)])
            assert waits_for_a_lock(verbs[verb])
            transaction.set_rollback(True)

    @pytest.mark.django_db(transaction=True)
    def test_do_not_wait_for_each_other_but_a_merge_waits_for_them(self, two, by):
        member = MemberFactory(listed=True)

        with second_connection() as other, other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock_shared(%s)", [key(categories.LOCK)])
            members_services.update_profile(member=member, methods=["talks"])
            with transaction.atomic():
                assert waits_for_a_lock(lambda: merge(two, by))
                transaction.set_rollback(True)


class TestAdmin:
    @pytest.fixture
    def inside(self, private: Client, by) -> Client:
        by.is_superuser = True
        by.save()
        private.force_login(by)
        return private

    @staticmethod
    def address(category: Category) -> str:
        return reverse("wagtailsnippets_network_category:merge", args=[category.pk])

    def test_leads_from_the_list_to_what_can_become_of_each(self, inside, two):
        page = inside.get(reverse("wagtailsnippets_network_category:list"), {"group": "method"})

        assert self.address(two[0]) in page.text

    def test_says_how_many_would_change_and_changes_nothing(self, inside, two):
        MemberFactory.create_batch(2, methods=["talks"])
        MemberFactory(methods=["talks", "conversations"])

        page = inside.get(self.address(two[0]), {"into": "conversations"}).text

        assert "“Talks” would be merged into “Conversations”." in page
        members, practices, opportunities = ["3", "1"], ["0", "0"], ["0", "0"]
        assert [" ".join(cell.split()) for cell in cells(page)] == [*members, *practices, *opportunities]
        assert Member.objects.filter(methods__contains=["talks"]).count() == 3

    def test_merges_after_a_confirmation(self, inside, two, by):
        member = MemberFactory(methods=["talks"])

        answer = inside.post(self.address(two[0]), {"action": "merge", "into": "conversations"}, follow=True)

        member.refresh_from_db()
        assert member.methods == ["conversations"]
        assert "Merged. 1 entry was changed" in answer.text
        assert "merged into conversations" in answer.text
        assert "It was merged into “Conversations”." in inside.get(self.address(two[0])).text

    def test_reports_a_concurrent_merge(self, inside, two, by):
        vocabulary_services.retire(category=two[1], by=by)

        answer = inside.post(self.address(two[0]), {"action": "merge", "into": "conversations"}, follow=True)

        assert "Nothing was merged" in answer.text
        assert fresh(two[0]).replaced_by == ""

    @pytest.mark.parametrize("into", ["", "talks", "researcher", "\0", "x" * 5000])
    def test_refuses_what_cannot_be_merged_into(self, inside, two, into):
        assert inside.get(self.address(two[0]), {"into": into}).status_code == 200
        inside.post(self.address(two[0]), {"action": "merge", "into": into})

        assert fresh(two[0]).replaced_by == ""

    def test_retires_and_brings_back(self, inside, two):
        inside.post(self.address(two[0]), {"action": "retire"})
        assert "Bring back" in inside.get(self.address(two[0])).text
        assert fresh(two[0]).retired

        inside.post(self.address(two[0]), {"action": "bring_back"})
        assert not fresh(two[0]).retired

    def test_knows_no_other_action(self, inside, two):
        answer = inside.post(self.address(two[0]), {"action": "x"}, follow=True)

        assert "There is no such action." in answer.text

    def test_does_not_let_a_code_change(self, inside, two):
        edit = reverse("wagtailsnippets_network_category:edit", args=[two[0].pk])

        inside.post(edit, {"name": "Counsel", "code": "other", "group": "field", "action-publish": "yes"})

        assert (fresh(two[0]).name, fresh(two[0]).code, fresh(two[0]).group) == ("Counsel", "talks", "method")

    def test_is_for_those_who_may_change_categories(self, private, two):
        private.force_login(UserFactory())

        private.post(self.address(two[0]), {"action": "retire"})

        assert not fresh(two[0]).retired


def cells(page: str) -> list[str]:
    """Return the numbers in the table of a page."""
    from bs4 import BeautifulSoup

    return [cell.get_text() for cell in BeautifulSoup(page, "html.parser").select("table.listing td")]


class TestSearch:
    @pytest.mark.usefixtures("_on_request")
    def test_finds_members_by_the_name_of_any_category_in_the_readers_language(self, home, languages, public):
        DirectoryPageFactory(parent=in_language(home, languages["de"]), locale=languages["de"])
        MemberFactory(listed=True, name="Ana", populations=["survivors"])
        MemberFactory(listed=True, name="Bea", populations=["public"])

        page = public.get("/de/network/", {"q": "betroffene"}).text

        assert "Ana" in page
        assert "Bea" not in page
