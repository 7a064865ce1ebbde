"""The one door: values to read, and nothing that two people have not approved."""

import dataclasses
import uuid

import pytest

from helpline import directory
from tests.factories.helpline import FinderPageFactory, ProgrammeFactory, days_ago
from tests.support.queries import queries

pytestmark = pytest.mark.django_db


class TestProgrammes:
    def test_are_those_that_two_people_approved(self):
        ProgrammeFactory(checked=True)
        shown = ProgrammeFactory(approved=True)

        assert [facts.uuid for facts in directory.programmes()] == [shown.uuid]

    def test_in_the_demonstration_are_all_and_say_that_they_are_not_verified(self, settings):
        settings.DEMO = True
        ProgrammeFactory()

        assert [facts.verified for facts in directory.programmes()] == [False]

    def test_of_a_country_are_also_those_that_work_anywhere(self):
        ProgrammeFactory(approved=True, name="French", countries=["fr"])
        ProgrammeFactory(approved=True, name="German", countries=["at", "de"])
        ProgrammeFactory(approved=True, name="Anywhere", countries=["xx"])

        assert [facts.name for facts in directory.programmes(country="de")] == ["Anywhere", "German"]

    def test_of_a_language_answer_in_it(self):
        ProgrammeFactory(approved=True, name="German")
        both = [{"channel": "phone", "languages": ["de", "en"]}, {"channel": "chat", "languages": ["en"]}]
        ProgrammeFactory(approved=True, name="Both", contacts=both)

        assert [facts.name for facts in directory.programmes(language="en")] == ["Both"]

    @pytest.mark.parametrize("given", [{"country": "zz"}, {"country": "'"}, {"language": "xx-y" * 50}])
    def test_nonsense_finds_nothing(self, given):
        ProgrammeFactory(approved=True)

        assert directory.programmes(**given) == ()

    def test_give_no_number_that_nobody_checked_for_long(self):
        ProgrammeFactory(approved=True, checked_on=days_ago(400), next_check_due=days_ago(200))

        assert [contact.number for contact in directory.programmes()[0].contacts] == [""]

    def test_cannot_be_written(self):
        ProgrammeFactory(approved=True)

        with pytest.raises(dataclasses.FrozenInstanceError):
            directory.programmes()[0].name = "Other"

    def test_take_the_same_queries_for_few_and_many(self):
        ProgrammeFactory.create_batch(2, approved=True)
        few = queries(directory.programmes)
        ProgrammeFactory.create_batch(10, approved=True)

        assert queries(directory.programmes) == few

    def test_one_by_its_identifier(self):
        shown, hidden = ProgrammeFactory(approved=True), ProgrammeFactory()

        assert directory.programme(uuid=shown.uuid).name == shown.name
        assert directory.programme(uuid=hidden.uuid) is None
        assert directory.programme(uuid=uuid.uuid4()) is None


class TestWayToHelp:
    def test_is_the_finder_of_the_language(self, home):
        FinderPageFactory(parent=home)

        assert directory.find_help_path(language="en") == "/en/help/"

    def test_is_that_of_the_nearest_language_where_there_is_none(self, home):
        FinderPageFactory(parent=home)

        assert directory.find_help_path(language="ca") == "/en/help/"

    def test_never_fails(self, db):
        assert directory.find_help_path(language="de") == "/de/help/"
