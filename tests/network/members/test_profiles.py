"""Profiles on the public site have no private details, whatever a template renders. No database is needed."""

from dataclasses import fields

import pytest
from django.utils import translation

from network.members.profiles import HUES, Profile, for_members, for_team, initials, public
from network.models import Member
from network.vocabulary.details import CategoryGroup, Detail
from network.vocabulary.models import Vocabulary

NAMES = Vocabulary(
    names={
        "role": {"policy": "Policy maker", "researcher": "Researcher"},
        "field": {"b": "Breath", "a": "Art", "unused": "Unused"},
        "setting": {"justice": "Prison or probation"},
        "method": {"trials": "Controlled trials"},
        "population": {"families": "Families and partners"},
    },
    retired={},
    replaced={},
)
NOTHING = Vocabulary(names={group: {} for group in CategoryGroup.values}, retired={}, replaced={})
# For each detail: the member's input, and the result in the profile.
WRITTEN = {
    Detail.NAME: ({"name": "Ines"}, {"name": "Ines"}),
    Detail.ROLES: ({"roles": ["policy", "researcher"]}, {"roles": ("Policy maker", "Researcher")}),
    Detail.AFFILIATION: (
        {"affiliation": "A university", "ror": "https://ror.org/05gq02987"},
        {"affiliation": "A university", "ror": "https://ror.org/05gq02987"},
    ),
    Detail.COUNTRY: ({"country": "is"}, {"country": "Iceland", "country_code": "is"}),
    Detail.LANGUAGES: (
        {"languages": ["cy", "de"]},
        {"languages": ("Welsh", "German"), "language_codes": ("cy", "de")},
    ),
    Detail.EXPERTISE: ({"expertise": ["a", "b"]}, {"expertise": ("Breath", "Art")}),
    Detail.WORK_SETTINGS: ({"work_settings": ["justice"]}, {"work_settings": ("Prison or probation",)}),
    Detail.METHODS: ({"methods": ["trials"]}, {"methods": ("Controlled trials",)}),
    Detail.POPULATIONS: ({"populations": ["families"]}, {"populations": ("Families and partners",)}),
    Detail.ABOUT: ({"about": "About."}, {"about": "About."}),
    Detail.OFFERS: ({"offers": "Offers."}, {"offers": "Offers."}),
    Detail.NEEDS: ({"needs": "Needs."}, {"needs": "Needs."}),
    # In a separate table: tests/network/publications/test_publications.py.
    Detail.PUBLICATIONS: ({}, {}),
    Detail.ORCID: ({"orcid": "0000-0002-1825-0097"}, {"orcid": "0000-0002-1825-0097"}),
}
EVERYTHING = {name: value for given, _told in WRITTEN.values() for name, value in given.items()}
EVERYTHING_TOLD = {name: value for _given, told in WRITTEN.values() for name, value in told.items()}
ALWAYS = {"uuid", "written_in", "has_page"}


def member(*shown: str, **changed: object) -> Member:
    facts = {"state": Member.State.LISTED, "language": "en", "email": "ines@example.org", **EVERYTHING}
    return Member(**{**facts, "shown": list(shown), **changed})


def told(profile: Profile) -> dict[str, object]:
    """Return the contents of the profile, without those that it always has."""
    values = {field.name: getattr(profile, field.name) for field in fields(Profile)}
    return {name: value for name, value in values.items() if value and name not in ALWAYS}


class TestPublic:
    def test_says_nothing_of_a_member_who_shows_nothing(self):
        assert told(public(member(), NAMES)) == {}

    @pytest.mark.parametrize("detail", WRITTEN)
    def test_says_one_detail_and_nothing_else(self, detail):
        assert told(public(member(detail), NAMES)) == WRITTEN[detail][1]

    @pytest.mark.parametrize("detail", WRITTEN)
    def test_leaves_one_detail_out_and_nothing_else(self, detail):
        shown = [other for other in WRITTEN if other != detail]
        expected = {name: value for other in shown for name, value in WRITTEN[other][1].items()}

        assert told(public(member(*shown), NAMES)) == expected

    def test_knows_every_detail_there_is(self):
        assert set(WRITTEN) == set(Detail)

    def test_never_has_the_address(self):
        assert "ines@example.org" not in repr(public(member(*Detail), NAMES))

    def test_names_only_the_fields_that_have_a_name_in_this_language(self):
        assert public(member(Detail.EXPERTISE, expertise=["a", "gone"]), NAMES).expertise == ("Art",)

    def test_uses_the_language_of_the_reader(self):
        with translation.override("de"):
            made = public(member(Detail.COUNTRY, Detail.LANGUAGES), NOTHING)

        assert (made.country, made.languages) == ("Island", ("Walisisch", "Deutsch"))

    def test_keeps_who_it_is_and_the_language_of_the_profile_texts(self):
        person = member(Detail.ABOUT, Detail.NEEDS, language="ar", translations={"en": {"about": "In English."}})

        made = public(person, NAMES)

        assert (made.uuid, made.about, made.written_in) == (
            person.uuid,
            "In English.",
            {"about": "en", "needs": "ar"},
        )

    def test_says_nothing_private_in_another_language(self):
        person = member(Detail.NAME, translations={"en": {"about": "In English."}})

        assert told(public(person, NAMES)) == {"name": "Ines"}

    @pytest.mark.parametrize(
        ("shown", "changed", "has_page"),
        [
            ([Detail.NAME], {"has_page": True}, True),
            ([Detail.NAME], {"has_page": False}, False),
            ([Detail.ABOUT], {"has_page": True}, False),
            ([Detail.NAME], {"has_page": True, "state": Member.State.PAUSED}, False),
        ],
    )
    def test_knows_whether_there_is_a_page(self, shown, changed, has_page):
        assert public(member(*shown, **changed), NAMES).has_page is has_page


class TestAudiences:
    """Each audience sees everything that the previous one sees, and more."""

    @pytest.mark.parametrize("detail", WRITTEN)
    def test_of_a_detail_for_members_are_members_and_the_team(self, detail):
        person = member(shown_to_members=[detail])

        assert told(public(person, NAMES)) == {}
        assert told(for_members(person, NAMES)) == WRITTEN[detail][1]
        assert told(for_team(person, NAMES)) == EVERYTHING_TOLD

    @pytest.mark.parametrize("detail", WRITTEN)
    def test_of_a_private_detail_are_the_team_alone(self, detail):
        others = [other for other in WRITTEN if other != detail]
        person = member(*others)

        assert set(told(public(person, NAMES))) == set(told(for_members(person, NAMES)))
        assert not set(WRITTEN[detail][1]) & set(told(for_members(person, NAMES)))
        assert told(for_team(person, NAMES)) == EVERYTHING_TOLD

    @pytest.mark.django_db  # for the names of the place of work
    def test_of_what_can_be_found_are_everybody(self):
        person = member(shown_to_members=Detail.values)
        person.derive()

        assert (person.facets, person.words, person.order_key) == ([], "", "1")


class TestTitleAndSummary:
    @pytest.mark.parametrize(
        ("shown", "title", "summary"),
        [
            ([Detail.NAME, Detail.ROLES, Detail.COUNTRY], "Ines", "Policy maker · Researcher · Iceland"),
            # The replacement of a hidden name is not repeated.
            ([Detail.ROLES, Detail.COUNTRY], "Policy maker", "Researcher · Iceland"),
            ([Detail.ABOUT], "A member who does not show a name", ""),
        ],
    )
    def test_are_made_of_what_is_shown(self, shown, title, summary):
        made = public(member(*shown), NAMES)

        assert (made.title, made.summary) == (title, summary)


class TestLists:
    def test_have_headings_and_are_left_out_where_they_are_empty(self):
        made = public(member(Detail.METHODS, Detail.LANGUAGES, Detail.ABOUT), NAMES)

        assert made.lists == [("Methods", ("Controlled trials",))]

    def test_are_in_one_order(self):
        headings = [heading for heading, _items in public(member(*Detail), NAMES).lists]

        assert headings == ["Where", "Methods", "Groups of people"]


class TestKind:
    @pytest.mark.parametrize(
        ("shown", "kind", "is_organisation"),
        [
            ([Detail.NAME], Member.Kind.ORGANISATION, True),
            ([Detail.NAME], Member.Kind.PERSON, False),
            ([Detail.AFFILIATION, Detail.ABOUT], Member.Kind.ORGANISATION, False),
        ],
    )
    def test_is_told_with_the_name_alone(self, shown, kind, is_organisation):
        assert public(member(*shown, kind=kind), NAMES).is_organisation is is_organisation


class TestMark:
    @pytest.mark.parametrize(
        ("name", "letters"),
        [
            ("Ana Lima", "AL"),
            ("Ana María de la Vega", "AV"),
            ("jörg müller", "JM"),
            ("Ana", "A"),
            ("Άννα Παπαδοπούλου", "ΆΠ"),
            ("Ἀλέξανδρος", "Ἀ"),
            ("A\u0301lvaro R\u0323uiz", "ÁṚ"),
            ("M\u0307\u0323aria", "\u1e42\u0307"),
            ("أحمد الحسن", "أ"),
            ("Шевченко Оксана", "ШО"),
            ("ßig Ana", "ßA"),
            ("O'Neill, Síle", "OS"),
            ("„Haus“ e. V.", "HV"),
            ("112 Hilfe", "H"),
            ("42", ""),
            ("", ""),
        ],
    )
    def test_has_whole_letters_of_any_script(self, name, letters):
        assert initials(name) == letters

    def test_does_not_change_for_a_member(self):
        person = member(Detail.NAME)

        before = public(person, NAMES).hue
        person.name, person.country, person.email = "Another", "fr", "another@example.org"

        assert before in HUES
        assert public(person, NAMES).hue == before

    def test_is_one_for_all_who_show_no_name(self):
        made = [public(member(Detail.ABOUT), NAMES) for _ in range(20)]

        assert {(each.hue, each.initials) for each in made} == {("", "")}


class TestLabels:
    def test_come_in_the_order_of_the_vocabulary_and_once(self):
        assert NAMES.labels("role", ["researcher", "policy", "researcher"]) == ("Policy maker", "Researcher")

    def test_leave_out_codes_that_are_gone(self):
        assert NAMES.labels("role", ["astronaut", "policy"]) == ("Policy maker",)
