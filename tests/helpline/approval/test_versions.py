"""Changes of a listing count if they concern public facts, and not if they concern only its bookkeeping."""

import datetime as dt
from types import SimpleNamespace

import pytest

from helpline.approval.versions import changed_facts, changed_fields, digest, part_facts
from helpline.models import ContactPoint, Programme


def revision(**content):
    return SimpleNamespace(content=content)


class TestChangedFields:
    def test_have_another_value(self):
        before, after = {"name": "Line", "region": "Vienna"}, {"name": "Line of trust", "region": "Vienna"}

        assert list(changed_fields(before, after)) == [("name", ("Line", "Line of trust"))]

    def test_have_come_or_gone(self):
        before, after = {"region": "Vienna"}, {"alert": "in_doubt"}

        assert list(changed_fields(before, after)) == [
            ("alert", (None, "in_doubt")),
            ("region", ("Vienna", None)),
        ]

    def test_do_not_have_the_same_codes_in_another_order(self):
        assert list(changed_fields({"countries": '["de", "at"]'}, {"countries": '["at", "de"]'})) == []

    def test_do_not_have_a_date_that_is_written_as_a_text(self):
        before, after = {"checked_on": dt.date(2026, 11, 26)}, {"checked_on": "2026-11-26"}

        assert list(changed_fields(before, after)) == []

    def test_are_not_those_that_are_noted_about_the_record(self):
        noted = {"pk", "standing", "scan_grade", "checked_by", "locked_by", "go_live_at", "latest_revision"}

        assert list(changed_fields(dict.fromkeys(noted, 1), dict.fromkeys(noted, 2))) == []

    def test_are_not_the_place_of_a_contact_point_or_the_row_that_holds_it(self):
        before = {"contact_points": [{"uuid": "a", "pk": 1, "sort_order": 0, "programme": 1}]}
        after = {"contact_points": [{"uuid": "a", "pk": 2, "sort_order": 1, "programme": 2}]}

        assert list(changed_fields(before, after)) == []

    def test_are_the_programme_that_a_text_is_about(self):
        assert list(changed_fields({"programme": "a"}, {"programme": "b"})) == [("programme", ("a", "b"))]


class TestChangedFacts:
    def test_of_a_listing_are_its_fields(self):
        before = {"name": "Line", "countries": ["de"], "region": "Vienna"}
        after = {"name": "Line of trust", "countries": ["de", "at"], "region": "Vienna"}

        assert changed_facts(before, after) == {"name", "countries"}

    def test_of_a_contact_point_say_which_of_its_facts(self):
        before = {"contact_points": [{"uuid": "a", "number": "116123", "cost": "free"}]}
        after = {"contact_points": [{"uuid": "a", "number": "116000", "cost": "free"}]}

        assert changed_facts(before, after) == {"contact_points.number"}

    def test_of_contact_points_are_found_in_any_order(self):
        first, second = {"uuid": "a", "number": "116123"}, {"uuid": "b", "number": "116000"}

        assert changed_facts(
            {"contact_points": [first, second]}, {"contact_points": [second, {**first, "number": "112"}]}
        ) == {"contact_points.number"}

    @pytest.mark.parametrize("none", [{"contact_points": []}, {}])
    def test_of_a_contact_point_that_has_come_or_gone_are_all_of_it(self, none):
        one = {"contact_points": [{"uuid": "a", "number": "116123"}]}

        assert changed_facts(none, one) == {"contact_points.uuid", "contact_points.number"}
        assert changed_facts({"contact_points": []}, one) == changed_facts(one, {"contact_points": []})

    def test_go_on_after_those_of_a_contact_point(self):
        before = {"alert": "", "contact_points": [{"uuid": "a", "number": "116123"}], "website": ""}
        after = {
            "alert": "in_doubt",
            "contact_points": [{"uuid": "a", "number": "112"}],
            "website": "https://service.example/",
        }

        assert changed_facts(before, after) == {"alert", "contact_points.number", "website"}

    def test_are_the_order_of_the_contact_points(self):
        first, second = {"uuid": "a", "number": "116123"}, {"uuid": "b", "number": "116000"}
        before = {"alert": "", "contact_points": [first, second]}
        after = {"alert": "in_doubt", "contact_points": [second, first]}

        assert changed_facts(before, after) == {"alert", "contact_points"}

    def test_are_none_where_nothing_differs(self):
        assert changed_facts({"name": "Line"}, {"name": "Line"}) == set()


class TestDigest:
    def test_is_another_for_other_words(self):
        assert digest(revision(name="Line")) != digest(revision(name="Line of trust"))

    def test_is_independent_of_the_order_of_fields_in_the_database(self):
        assert digest(revision(name="Line", region="Vienna")) == digest(revision(region="Vienna", name="Line"))

    def test_is_the_same_before_a_date_is_stored_and_after_it(self):
        assert digest(revision(checked_on=dt.date(2026, 11, 26))) == digest(revision(checked_on="2026-11-26"))

    def test_does_not_depend_on_what_is_noted_about_the_record(self):
        assert digest(revision(name="Line", live=True)) == digest(revision(name="Line", live=False))


class TestPartFacts:
    def test_are_those_that_a_version_of_the_programme_holds(self):
        point = ContactPoint(channel="phone", number="116123", sort_order=3)
        held = Programme(contact_points=[point]).serializable_data()["contact_points"][0]

        facts = part_facts(point)

        assert facts["number"] == "116123"
        assert list(changed_fields(held, facts | {"programme": held["programme"]})) == []
        assert facts.keys().isdisjoint({"pk", "sort_order", "programme"})
