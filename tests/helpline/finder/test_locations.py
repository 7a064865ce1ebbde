"""Locations of a programme are shown in one row, unless a statement of that row would be false for one of them."""

import pytest
from django.core.management import call_command
from django.template.loader import render_to_string
from django.utils import translation

from helpline.finder import queries
from helpline.finder.content.listing import rows
from helpline.finder.content.listing.reading import FinderReading
from helpline.finder.sharing import addresses, handouts, lookups
from helpline.finder.sharing.publishing import SharedPages
from helpline.records.programmes import location_name
from helpline.vocabulary.codes import Status
from tests.factories.helpline import FinderPageFactory, ProgrammeFactory, ProgrammeTextFactory
from tests.helpline.unsaved import TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]

WHOLE = {"name": "Many Locations", "website": "https://network.example/"}
FACE_TO_FACE = {"channel": "face_to_face", "languages": ["de"]}


def whole(**facts):
    return ProgrammeFactory(**{**WHOLE, "contacts": [FACE_TO_FACE], **facts})


def location(*contacts, **facts):
    given = {
        "name": "Many Locations, Berlin",
        "region": "Berlin",
        "part_of": "Many Locations",
        **WHOLE,
        **facts,
    }
    given["name"] = facts.get("name", "Many Locations, Berlin")
    return ProgrammeFactory(contacts=contacts or [FACE_TO_FACE], **given)


def listed(language="en"):
    return rows.listing_rows(queries.programmes(language=language), FinderReading(today=TODAY))


def html():
    """Return all rows as rendered, by the name of the listing."""
    return {each.programme.name: render_to_string("helpline/finder_row.html", {"row": each}) for each in listed()}


class TestRow:
    def test_holds_the_locations_of_a_programme(self):
        whole()
        location(operator="University hospital")

        (shown,) = html().values()

        assert "1 location" in shown
        assert "Berlin" in shown
        assert "University hospital" in shown

    def test_has_what_a_location_adds_and_is_found_by_it(self):
        whole()
        location({"channel": "phone", "number": "+493023125000", "languages": ["de"]})

        (shown,) = html().values()

        assert "tel:+493023125000" in shown
        (row,) = listed()
        assert {dict(point.codes)["channel"] for point in row.points} == {"face_to_face", "phone"}

    @pytest.mark.parametrize(
        ("status", "said"), [(Status.CLOSED, "Closed"), (Status.CLOSED_UNTIL, "Temporarily closed")]
    )
    def test_marks_a_closed_location_as_closed_and_does_not_link_to_it(self, status, said):
        """Beside it, another location of the same programme is open."""
        whole()
        location({"channel": "email", "email": "open@network.example", "languages": ["de"]})
        location(
            {"channel": "phone", "number": "+493023125000", "languages": ["de"]},
            {"channel": "chat", "url": "https://chat.example/", "languages": ["de"]},
            name="Many Locations, Ulm",
            region="Ulm",
            status=status,
        )

        (shown,) = html().values()

        assert "1 location" in shown
        assert said in shown
        assert "tel:" not in shown
        assert "chat.example" not in shown
        (row,) = listed()
        assert {dict(point.codes)["channel"] for point in row.points} == {"face_to_face", "email"}

    @pytest.mark.parametrize(
        "facts",
        [
            {"audiences": ["young_person"]},
            {"countries": ["at"]},
            {"anonymous": "yes"},
            {"cost": "paid"},
            {"not_for": ["open_proceedings"]},
            {"minimum_age": 18},
            {"confidentiality": "secrecy"},
            {"reporting_trigger": "always"},
            {"alert": "in_doubt"},
            {"contacts": [{"channel": "phone", "languages": ["tr"]}]},
        ],
        ids=lambda facts: next(iter(facts)),
    )
    def test_is_separate_for_a_location_with_different_facts(self, facts):
        whole()
        location(*facts.get("contacts", ()), **{name: value for name, value in facts.items() if name != "contacts"})

        assert set(html()) == {"Many Locations", "Many Locations, Berlin"}

    def test_is_separate_for_a_location_with_words_about_exclusions(self):
        whole()
        ProgrammeTextFactory(programme=location(), not_for="People who live elsewhere.")

        assert len(html()) == 2

    @pytest.mark.parametrize("state", [Status.CLOSED, Status.DELISTED])
    def test_is_separate_for_each_location_of_a_closed_programme(self, state):
        whole(status=state, delisted_reason="Gone.")
        location()

        assert "Many Locations, Berlin" in html()


class TestRealLocations:
    def test_are_one_row_where_they_are_alike(self):
        call_command("import_listings", "programmes", verbosity=0)

        with translation.override("de"):
            shown = listed("de")

        held = {row.programme.name: [location.name for location in row.locations] for row in shown if row.locations}
        assert len(held["Kein Täter werden"]) == 13
        assert held["Kein Täter werden"][-1] == "Regensburg"  # closed
        assert held["Kein Täter werden Schweiz"] == ["Basel", "Eastern Switzerland"]
        # Zurich takes young people, too, and Geneva answers in French.
        assert {"Präventionsstelle Pädosexualität", "Consultation spécialisée de sexologie"} <= {
            row.programme.name for row in shown
        }

    def test_name_their_locations_on_paper(self):
        made = whole()
        row = rows.row(
            made,
            FinderReading(today=TODAY),
            [location(), location(region="Ulm", name="Ulm", status=Status.CLOSED)],
        )

        facts = dict(handouts.service(row)["facts"])

        assert facts["Locations"] == "Berlin"
        assert location_name(location(region="", name="Many Locations, Kiel")) == "Many Locations, Kiel"


class TestPageOfTheProgramme:
    def test_has_its_locations_too(self):
        made, part = whole(), location()

        assert lookups.locations_of(lookups.programme(made.uuid)) == (part,)
        assert lookups.locations_of(lookups.programme(part.uuid)) == ()

    def test_is_rendered_again_when_a_location_changes(self, home):
        FinderPageFactory(parent=home)
        made, part = whole(), location()

        touched = set(SharedPages().invalidated_by(part))

        for uuid in (made.uuid, part.uuid):
            assert {addresses.listing_path("en", uuid), addresses.handout_path("en", uuid)} <= touched
