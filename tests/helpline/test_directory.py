"""The helpline's interface for other apps."""

from helpline import directory
from tests.factories.helpline import ProgrammeFactory

PHONE = {"channel": "phone", "number": "+493023125000", "languages": ["de"], "timezone": "Europe/Berlin"}
TURKISH = {"channel": "phone", "number": "+493023125001", "languages": ["tr"], "timezone": "Europe/Berlin"}
MAIL = {"channel": "email", "email": "help@service.example"}


class TestProgrammes:
    def test_with_a_number_are_offered(self, db):
        programme = ProgrammeFactory(contacts=[PHONE, MAIL])
        ProgrammeFactory(contacts=[MAIL])

        assert [uuid for uuid, _name, _countries in directory.programmes_of()] == [programme.uuid]

    def test_of_a_country_are_those_that_work_there(self, db):
        ProgrammeFactory(countries=["de"])

        assert directory.programmes_of("at") == []


class TestNumbers:
    def test_are_those_that_answer_in_the_language(self, db):
        programme = ProgrammeFactory(contacts=[PHONE, TURKISH], approved=True)

        found = directory.numbers_of([programme.uuid])[programme.uuid]

        assert found["tr"].national.endswith("001")
        assert found[""] == found["de"]

    def test_are_written_for_the_country_that_they_are_dialled_in(self, db):
        programme = ProgrammeFactory(contacts=[PHONE], approved=True)

        number = directory.numbers_of([programme.uuid])[programme.uuid]["de"]

        assert (number.dialled_in("de"), number.dialled_in("ch")) == ("030 23125000", "+49 30 23125000")

    def test_of_a_short_number_are_the_same_everywhere(self, db):
        short = {**PHONE, "number": "116123", "number_country": "de"}
        programme = ProgrammeFactory(contacts=[short], approved=True)

        assert directory.numbers_of([programme.uuid])[programme.uuid][""].dialled_in("de") == "116 123"


class TestAddress:
    def test_is_that_of_the_finder(self):
        assert directory.finder_path("de") == "/de/help/"
