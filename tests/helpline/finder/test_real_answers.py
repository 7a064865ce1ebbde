"""Answers from the starter data: listings in doubt come after certain ones, and confidentiality is always stated."""

import html
from itertools import product

import pytest
from django.core.management import call_command
from django.template.loader import render_to_string
from django.utils import translation

from helpline.exchange.csv.columns import serialize_programme
from helpline.exchange.hsds.services import PublishedService, serialize_service
from helpline.finder import queries
from helpline.finder.content.coverage import always_available
from helpline.finder.content.filters.facets import inhabited
from helpline.finder.content.listing.confidentiality import ConfidentialityCard
from helpline.finder.content.listing.reading import FinderReading
from helpline.finder.content.listing.rows import row as row_of
from helpline.finder.sharing import handouts
from helpline.records.order import in_order
from helpline.vocabulary.codes import ANYWHERE, Alert, Audience, Confidentiality, Cost, Status, Trigger
from tests.helpline.unsaved import TODAY

LANGUAGES = ("en", "de", "fr", "ar")
READING = FinderReading(today=TODAY, language="en")
CLOSED = (Status.CLOSED, Status.CLOSED_UNTIL)
# The text for a service whose confidentiality is unknown.
NOT_KNOWN = ("We do not know who they may inform: ask before you say who you are.", str(Confidentiality.UNKNOWN.label))


def is_certain(programme):
    return programme.alert != Alert.IN_DOUBT and programme.status not in CLOSED


@pytest.fixture
def programmes(db, settings):
    settings.DEMO = True
    call_command("import_listings", "programmes", verbosity=0)
    return list(queries.programmes(language="en"))


class TestDoubt:
    """StepTo.Support may no longer exist, so it is never preferred to another service."""

    def test_is_never_the_first_answer_if_another_is_certain(self, programmes):
        wrong = []
        for language in LANGUAGES:
            with translation.override(language):
                ordered = in_order(programmes, TODAY)
            for (country, _name), audience in product(inhabited("en"), ("", *Audience.in_finder())):
                fitting = [
                    each for each in ordered
                    if {country, ANYWHERE} & {*each.countries} and (not audience or audience in each.audiences)
                ]  # fmt: skip
                if any(map(is_certain, fitting)) and not is_certain(fitting[0]):
                    wrong.append((language, country, audience, fitting[0].name))

        assert wrong == []
        assert len([each for each in programmes if not is_certain(each)]) >= 4

    def test_is_never_called_available_at_any_hour(self, programmes):
        certain = {each.name for each in programmes if is_certain(each)}

        for language in LANGUAGES:
            with translation.override(language):
                found = {answer.name for answer in always_available.answers(programmes, FinderReading(today=TODAY))}

            assert found
            assert found <= certain


class TestRepeatedNumbers:
    """A helpline and the courses that are booked through it are one answer: the first of them, then other services."""

    def test_come_after_other_ways_to_make_contact(self, programmes):
        british = in_order([each for each in programmes if each.countries == ["gb"] and is_certain(each)], TODAY)
        numbers = [{point.number for point in each.contact_points.all() if point.number} for each in british]
        repeated = [bool(found) and found <= set().union(*numbers[:at]) for at, found in enumerate(numbers)]

        assert british[0].name == "Stop It Now helpline"
        assert repeated.count(True) >= 5
        assert repeated == sorted(repeated)


class TestWhomItIsNotFor:
    """Exclusions are shown before the contacts, in the row and in the list of services for any hour."""

    def test_is_known_wherever_an_age_is_known(self, programmes):
        with_age = [each for each in programmes if each.minimum_age or each.maximum_age]
        rows = {each.name: row_of(each, READING).audience.not_for for each in with_age}

        assert [name for name, said in rows.items() if not said] == []
        assert rows["Du träumst von ihnen"] == "people under 12 and people over 18"
        assert rows["Kein Täter werden"] == "people under 18 and people with an open police or court case"
        assert rows["Det finnes hjelp"].count("under 18") == 1

    def test_nothing_is_called_not_known_that_is_known(self, programmes):
        """Cards call facts unknown only if they are: audience, cost, law, languages."""
        wrong = []
        for each in programmes:
            row, points = row_of(each, READING), list(each.contact_points.all())
            called_unknown = {
                "for": not row.audience.people and (each.audiences or each.minimum_age or each.maximum_age),
                "cost": each.cost == Cost.UNKNOWN and {point.cost for point in points} - {Cost.UNKNOWN},
                "law": not row.confidentiality.law and not row.confidentiality.by_law and each.legal_basis,
                "languages": not all(way.languages for way in row.contacts.ways)
                and all(point.languages for point in points),
                "place": not each.countries,
            }
            wrong += [(each.name, what) for what, is_wrong in called_unknown.items() if is_wrong]

        assert wrong == []


class TestWhatIsPassedOn:
    """It is stated in the row, on the handout, in the list of services for any hour, in the API and in the files."""

    @pytest.fixture
    def known(self, programmes):
        found = [
            each for each in programmes
            if each.reporting_trigger != Trigger.UNKNOWN or each.confidentiality != Confidentiality.UNKNOWN
        ]  # fmt: skip
        assert len(found) >= 33
        return found

    def test_is_never_called_not_known_where_it_is_known(self, known):
        silent = []
        for language, programme in product(LANGUAGES, known):
            with translation.override(language):
                not_known = [translation.gettext(words) for words in NOT_KNOWN]
                if programme.reporting_trigger != Trigger.UNKNOWN:
                    not_known.append(str(Trigger.UNKNOWN.label))
                silent += [
                    (language, where, programme.name)
                    for where, words, said in self.shown(programme)
                    if said not in words or any(each in words for each in not_known)
                ]

        assert silent == []

    def shown(self, programme):
        """Yield every text about a programme, with what it passes on in the words that belong there.

        These are the line of the card, which names the condition, and inside the card all that is known.
        An embedded list and the page of a country have the same row.
        """
        card = ConfidentialityCard(programme, programme.contact_points.all(), READING)
        row = row_of(programme, FinderReading(today=TODAY))
        yield "row", html.unescape(render_to_string("helpline/finder_row.html", {"row": row})), card.tells
        yield (
            "opened row",
            html.unescape(render_to_string("helpline/finder_card.html", {"card": card, "row": row})),
            card.statement,
        )
        handout = handouts.service(row)
        yield "handout of the programme", " ".join(map(str, self.flat(handout["confidentiality"]))), card.statement
        yield "handout of a country", handout["essence"], card.tells
        for answer in always_available.answers([programme], FinderReading(today=TODAY)):
            context = {"answer": answer}
            yield "any hour", html.unescape(render_to_string("helpline/finder_answer.html", context)), card.tells

    def flat(self, words):
        if isinstance(words, dict):
            words = words.values()
        if isinstance(words, str) or not hasattr(words, "__iter__"):
            return [words]
        return [part for each in words for part in self.flat(each)]

    def test_is_in_the_api_and_the_files(self, known):
        silent = []
        for language, each in product(LANGUAGES, known):
            # The API lists no draft; its codes are the same.
            each.status = Status.VERIFIED
            published = PublishedService(programme=each, text=None, modified=None, withheld=False, today=TODAY)
            with translation.override(language):
                attributes = serialize_service(published)["attributes"]
                terms = {attribute["taxonomy_term"]["name"] for attribute in attributes}
                cells = serialize_programme(each)
                for field, kind in (("confidentiality", Confidentiality), ("reporting_trigger", Trigger)):
                    code = kind(getattr(each, field))
                    if code.value != "unknown" and (code.label not in terms or cells[field] != code):
                        silent.append((language, each.name, field))

        assert silent == []
