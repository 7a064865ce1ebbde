"""One number may work in several countries: it is one record, shown in every country."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from helpline.exchange.csv.columns import SUPPORT_LINES
from helpline.exchange.imports.drafts import import_table
from helpline.exchange.open_data.exports import to_csv
from helpline.finder import queries
from helpline.finder.content import crisis
from helpline.models import SupportLine
from helpline.records.support_lines import in_countries
from helpline.vocabulary.codes import LineKind, Status
from tests.factories.helpline import (
    FinderPageFactory,
    ProgrammeFactory,
    SupportLineFactory,
    days_ago,
)
from tests.helpline.unsaved import TODAY, line

EUROPEAN = ["de", "fr", "pl"]
MEMBERS = "at be bg cy cz de dk ee es fi fr gr hr hu ie it lt lu lv mt nl pl pt ro se si sk"
A_YEAR = TODAY - dt.timedelta(days=365)


def european(**facts):
    return line(countries=EUROPEAN, name="European number", **facts)


def own(**facts):
    return line(country="pl", name="Telefon", **facts)


def names(*lines):
    return [(country, each.name) for country, each in in_countries(lines, TODAY)]


class TestInCountries:
    def test_is_there_wherever_its_number_works(self):
        assert names(european()) == [(code, "European number") for code in EUROPEAN]

    def test_gives_way_to_the_line_of_the_country_that_answers_it(self):
        assert names(european(), own()) == [
            ("de", "European number"),
            ("fr", "European number"),
            ("pl", "Telefon"),
        ]

    def test_stays_beside_another_number_of_the_country(self):
        assert ("pl", "European number") in names(european(), own(number="+48800702222"))

    def test_replaces_a_line_with_a_long_overdue_check(self):
        assert ("pl", "European number") in names(european(), own(checked_on=A_YEAR))

    def test_does_not_deny_that_the_line_of_a_country_is_closed(self):
        assert names(european(), own(status=Status.CLOSED))[-1] == ("pl", "Telefon")

    def test_is_shown_only_for_the_chosen_country(self):
        (group,) = crisis.by_country([european()], crisis.URGENT, TODAY, within={"fr"})

        assert (group.country, [each.uri for each in group.lines]) == ("fr", ["tel:116123"])

    @pytest.mark.parametrize(("language", "name"), [("en", "Missing children"), ("de", "Vermisste Kinder")])
    def test_is_named_in_the_language_of_the_page(self, language, name):
        children = european(kind=LineKind.CHILD_HELPLINE, number=crisis.MISSING_CHILDREN)

        with translation.override(language):
            shown = crisis.shown_line(children, TODAY)

            (shared,) = crisis.shared([children], TODAY)

        assert shown is not None
        assert (shown.kind, shown.name) == (name, "")
        assert shared.kind == name

    def test_works_in_countries_and_never_just_anywhere(self):
        with pytest.raises(ValidationError, match="no such number works everywhere"):
            line(countries=["de", "xx"]).clean()


@pytest.mark.django_db
class TestRecord:
    def test_leaves_and_comes_back_with_its_countries(self):
        made = SupportLineFactory(approved=True, countries=EUROPEAN)
        file = to_csv(SUPPORT_LINES, [SUPPORT_LINES.serialize(made)])
        SupportLine.objects.get().delete()

        import_table(SUPPORT_LINES, file.encode())

        back = SupportLine.objects.get()
        assert (back.countries, back.number, back.live) == (EUROPEAN, "116123", False)


@pytest.mark.django_db
class TestGate:
    """A help page is public if a crisis line can be called, and not if there is only a row."""

    @pytest.fixture
    def finder(self, home):
        ProgrammeFactory(approved=True, countries=["fr"], contacts=[{"channel": "phone", "languages": ["en"]}])
        SupportLineFactory(approved=True, country="fr", kind=LineKind.EMERGENCY, number="112")
        return FinderPageFactory(parent=home)

    @pytest.mark.parametrize(
        "facts",
        [
            {"country": "fr", "number": "", "website": "https://line.example/"},
            {"country": "fr", "number": "3114", "checked_on": days_ago(400), "next_check_due": days_ago(200)},
            {"country": "de"},
        ],
        ids=["no number", "not checked for too long", "elsewhere"],
    )
    def test_stays_shut(self, finder, facts):
        SupportLineFactory(approved=True, **facts)

        assert queries.missing_lines("en") == [("fr", LineKind.SUICIDE_CRISIS)]
        assert len(finder.render_blockers()) == 1

    @pytest.mark.parametrize("facts", [{"country": "fr", "number": "3114"}, {"countries": EUROPEAN}])
    def test_opens(self, finder, facts):
        SupportLineFactory(approved=True, **facts)

        assert finder.render_blockers() == []


class TestStarterData:
    @pytest.mark.parametrize(
        "kind",
        [LineKind.EMERGENCY, LineKind.SUICIDE_CRISIS, LineKind.CHILD_HELPLINE, LineKind.VICTIM_SUPPORT],
    )
    def test_has_a_number_to_call_in_every_member_of_the_european_union(self, starter_lines, kind):
        asked = [each for each in starter_lines if each.number != crisis.MISSING_CHILDREN]

        called = {lines.country for lines in crisis.callable_lines(asked, TODAY, kinds=(kind,))}

        assert [code for code in MEMBERS.split() if code not in called] == []

    def test_has_the_website_for_every_country_beside_those_of_the_country(self, starter_lines):
        (austria,) = crisis.by_country(starter_lines, (LineKind.VICTIM_SUPPORT,), TODAY, within={"at"})

        assert "Take It Down" in [each.name for each in austria.lines]

    def test_has_each_european_number_once(self, starter_lines):
        shared = [each for each in starter_lines if each.number and len(each.countries) > 1]

        assert sorted(each.number for each in shared) == ["112", "116000", "116006", "116111", "116123"]
        assert len(next(each for each in shared if each.number == "112").countries) == 37

    def test_includes_every_country_with_a_european_number(self, starter_lines):
        where = {each.number: set(each.countries) for each in starter_lines if each.number and len(each.countries) > 1}

        answered = [each for each in starter_lines if len(each.countries) == 1 and each.number in where]

        assert [str(each) for each in answered if not where[each.number].issuperset(each.countries)] == []

    def test_says_nothing_of_a_european_number_where_it_does_not_work(self, starter_lines):
        (french,) = crisis.by_country(starter_lines, (LineKind.CHILD_HELPLINE,), TODAY, within={"fr"})

        numbers = {each.uri for each in french.lines}
        assert "tel:119" in numbers
        assert "tel:116111" not in numbers
