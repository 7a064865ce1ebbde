"""The end of the finder lists what can be used at any hour, for every choice and at any time."""

import datetime as dt
from itertools import product

import pytest
from django.core.management import call_command

from helpline.finder.content.coverage import always_available
from helpline.finder.content.coverage.always_available import MAX_PER_PLACE
from helpline.finder.content.listing.reading import FinderReading
from helpline.models import Programme
from helpline.records.visibility import is_reachable
from helpline.vocabulary.codes import ANYWHERE, Alert, Status, YesNo
from tests.helpline.unsaved import CHAT, MAIL, PHONE, SCREEN, TODAY, programme

READING = FinderReading(today=TODAY, language="en")
NIGHT = {**PHONE, "opening_hours": "24/7"}


def told(*listings):
    return [(answer.name, answer.how, answer.target) for answer in always_available.answers(listings, READING)]


class TestAnswers:
    def test_are_services_available_day_and_night(self):
        found = told(programme(PHONE, NIGHT, MAIL, SCREEN, name="Service"))

        assert found == [
            ("Service", "Someone answers, day and night.", ("tel:+493023125000", "", "")),
            ("Service", "Write now, and get an answer later.", ("", "help@service.example", "")),
        ]

    def test_never_say_that_something_is_open_now(self):
        assert told(programme(PHONE, CHAT, {**CHAT, "opening_hours": "24/7; PH off"})) == []

    def test_leave_out_unreliable_services(self):
        late = {"checked_on": TODAY - dt.timedelta(400), "next_check_due": TODAY - dt.timedelta(90)}

        assert (
            told(
                programme(MAIL, status=Status.CLOSED),
                programme(MAIL, alert=Alert.IN_DOUBT),
                programme(MAIL, **late),
                programme(NIGHT, alert=Alert.PHONE_DISTURBED),
                programme(NIGHT, alert=Alert.SHORT_HOURS),
                programme({**MAIL, "languages": []}),
                programme({**NIGHT, "number": "08001", "number_country": "at"}),
            )
            == []
        )

    def test_stand_in_their_country_before_those_from_anywhere_and_the_best_first(self):
        found = always_available.answers(
            [
                programme({**SCREEN, "url": "https://a.example/"}, name="Anywhere", countries=[ANYWHERE]),
                programme({**SCREEN, "url": "https://b.example/"}, name="Screen"),
                programme(MAIL, name="Mail", countries=["at"]),
                programme(NIGHT, name="Phone", countries=["at"]),
            ],
            READING,
        )

        assert [answer.name for answer in found] == ["Phone", "Mail", "Screen", "Anywhere"]
        assert [answer.anywhere for answer in found] == [False, False, False, True]

    def test_are_few_for_one_country_and_language(self):
        many = [programme({**MAIL, "email": f"help-{n}@service.example"}, name=f"{n}") for n in range(9)]

        assert len(told(*many)) == MAX_PER_PLACE
        assert len(told(*many, programme({**MAIL, "languages": ["de", "tr"]}, name="Turkish"))) == MAX_PER_PLACE + 1

    def test_are_limited_per_audience_and_leave_no_audience_out(self):
        worried = [programme({**MAIL, "email": f"help-{n}@service.example"}, name=f"{n}") for n in range(9)]
        family = programme(
            {**MAIL, "email": "z@service.example"}, name="Z", audiences=["family_or_friend", "professional"]
        )

        assert [name for name, _how, _target in told(*worried, family)] == ["0", "1", "Z"]

    def test_lead_to_one_place_once(self):
        network = [programme(MAIL, name=f"Network in town {n}") for n in range(3)]

        assert len(told(*network)) == 1
        assert len(told(*network, programme(MAIL, name="Across the border", countries=["at"]))) == 2

    def test_state_exclusions_and_what_the_service_passes_on(self):
        [answer] = always_available.answers([programme(MAIL, not_for=["under_18"], anonymous=YesNo.YES)], READING)

        assert answer.not_for == "people under 18"
        assert answer.essence.startswith("You can stay anonymous.")

    def test_link_last_to_a_website_that_discloses_visits_and_say_so(self):
        telling = programme({**SCREEN, "url": "https://a.example/"}, name="A telling one")
        quiet = programme({**SCREEN, "url": "https://b.example/"}, name="Quiet")

        found = always_available.answers(
            [telling, quiet], FinderReading(today=TODAY, disclosing={"https://a.example/"})
        )

        assert [(answer.name, answer.discloses) for answer in found] == [
            ("Quiet", False),
            ("A telling one", True),
        ]


@pytest.mark.django_db
class TestStarterData:
    def test_include_the_best_at_any_hour_for_every_country_and_language(self):
        call_command("import_listings", "programmes", verbosity=0)
        programmes = [each for each in Programme.objects.prefetch_related("contact_points") if is_reachable(each)]
        everything = [
            answer
            for each in programmes
            if always_available.reliable(each, TODAY)
            for answer in always_available.ways_from(each, READING)
        ]

        assert best(always_available.answers(programmes, READING)) == best(everything)


def best(answers):
    """Return the best level for each country, language and audience of the answers."""
    found = {}
    for answer in answers:
        for place in product(answer.countries, answer.languages, answer.audiences):
            found[place] = min(answer.level, found.get(place, answer.level))
    return found
