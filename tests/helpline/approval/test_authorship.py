"""Authors of the changes in a version: the users whose values it holds, without those whose change was taken back."""

from helpline.approval.authorship import ABSENT, WrittenVersion, authorships

ANNA, BEN, CARLA, NOBODY = 1, 2, 3, None
APPROVED = {"name": "Line", "region": "Vienna", "contact_points": [{"uuid": "a", "number": "116123"}]}


def authors(*steps, approved=APPROVED):
    """Return the authors after these steps, each with an author and their changes."""
    content, history = approved, []
    for author, changed in steps:
        content = {**content, **changed}
        history.append(WrittenVersion(content, author))
    return {fact: change.author for fact, change in authorships(approved, history).items()}


def points(*numbers):
    return {"contact_points": [{"uuid": uuid, "number": number} for uuid, number in numbers]}


class TestAuthorships:
    def test_name_the_person_of_each_fact(self):
        assert authors((ANNA, {"name": "Line of trust"}), (BEN, {"region": "Graz"})) == {
            ("name",): ANNA,
            ("region",): BEN,
        }

    def test_leave_out_those_who_saved_without_changes(self):
        assert authors((ANNA, {"name": "Line of trust"}), (BEN, {})) == {("name",): ANNA}

    def test_leave_out_those_who_chose_the_same_codes_in_another_order(self):
        """A form orders codes differently: a user who saved it unchanged could not approve later changes by others."""
        approved = {
            "not_for": '["adults", "convicted"]',
            "contact_points": [{"uuid": "a", "languages": '["fr", "de"]'}],
        }
        reordered = {
            "not_for": '["convicted", "adults"]',
            "contact_points": [{"uuid": "a", "languages": '["de", "fr"]'}],
        }

        assert authors((ANNA, reordered), approved=approved) == {}
        assert authors((ANNA, {"not_for": '["adults"]'}), approved=approved) == {("not_for",): ANNA}
        assert authors((ANNA, {"not_for": '["adults"]'}), (BEN, reordered), approved=approved) == {}

    def test_leave_out_those_whose_change_was_taken_back_by_any_user(self):
        for person in (ANNA, BEN):
            assert authors((ANNA, {"name": "Lime"}), (person, {"name": "Line"})) == {}

    def test_name_the_person_whose_value_it_is_and_not_whose_value_it_was(self):
        assert authors((ANNA, {"name": "Lime"}), (BEN, {"name": "Line of trust"})) == {("name",): BEN}

    def test_name_the_earlier_author_once_the_later_one_takes_theirs_back(self):
        steps = (ANNA, {"region": "Graz"}), (BEN, {"region": "Linz"}), (BEN, {"region": "Graz"})

        assert authors(*steps) == {("region",): ANNA}

    def test_name_the_user_who_enters_again_what_its_author_gave_up(self):
        given_up = (BEN, {"region": "Graz"}), (BEN, {"region": "Linz"})

        assert authors(*given_up, (ANNA, {"region": "Graz"})) == {("region",): ANNA}
        again = (ANNA, {"region": "Wels"}), (BEN, {"region": "Linz"}), (BEN, {"region": "Wels"})
        assert authors((BEN, {"region": "Graz"}), *again, (ANNA, {"region": "Graz"})) == {("region",): ANNA}

    def test_name_the_user_who_enters_again_what_was_taken_back(self):
        back = (ANNA, {"name": "Lime"}), (BEN, {"name": "Line"})

        assert authors(*back, (BEN, {"name": "Lime"})) == {("name",): BEN}

    def test_name_no_user_for_what_an_import_wrote(self):
        assert authors((NOBODY, {"name": "Line of trust"})) == {("name",): NOBODY}

    def test_of_a_contact_point_are_those_of_its_facts(self):
        steps = (ANNA, points(("a", "112"))), (BEN, points(("a", "112"), ("b", "113")))

        assert authors(*steps) == {
            ("contact_points", "a", "number"): ANNA,
            ("contact_points", "b", ""): BEN,
            ("contact_points", "b", "number"): BEN,
        }

    def test_of_a_contact_point_that_is_gone_are_those_of_who_deleted_it(self):
        gone = authors((ANNA, points()))

        assert set(gone.values()) == {ANNA}
        assert authors((ANNA, points()), (BEN, points(("a", "116123")))) == {}

    def test_name_only_the_author_of_the_contact_point_that_is_left(self):
        steps = (
            (ANNA, points(("a", "116123"), ("b", "112"))),
            (BEN, points(("a", "116123"), ("b", "112"), ("c", "113"))),
            (ANNA, points(("a", "116123"), ("c", "113"))),
        )

        assert set(authors(*steps).values()) == {BEN}

    def test_name_the_user_who_reordered_the_contact_points(self):
        approved = points(("a", "112"), ("b", "113"))

        assert authors((ANNA, points(("b", "113"), ("a", "112"))), approved=approved) == {("contact_points", ""): ANNA}

    def test_go_on_from_the_draft_after_one_person_has_closed_what_is_shown(self):
        closed = {**APPROVED, "status": "closed"}
        history = [
            WrittenVersion({**APPROVED, "name": "Line of trust"}, ANNA),
            WrittenVersion({**APPROVED, "name": "Line of trust", "region": "Graz"}, BEN),
            WrittenVersion(closed, CARLA, by_one=True),
            WrittenVersion({**closed, "name": "Line of trust", "region": "Graz"}, BEN),
        ]

        found = authorships(APPROVED, history)

        assert {fact: change.author for fact, change in found.items()} == {("name",): ANNA, ("region",): BEN}

    def test_include_the_value_without_the_change(self):
        history = [
            WrittenVersion({**APPROVED, "region": "Graz"}, ANNA),
            WrittenVersion({**APPROVED, "region": "Linz", "name": "Lime", **points(("a", "116123"), ("b", "1"))}, BEN),
        ]

        found = authorships(APPROVED, history)

        assert found["region",].otherwise == "Graz"
        assert found["name",].otherwise == "Line"
        assert found["contact_points", "b", ""].otherwise is ABSENT
