"""The handout of a country is one sheet of paper, printed on both sides: on the real data, in every language.

A run tests the countries with the longest handouts.
`WAYMARK_EVERY_HANDOUT=1` tests all of them, in two minutes.
"""

import io
import os

import pytest
from django.utils import translation
from pypdf import PdfReader

from core.languages import names
from helpline.finder.sharing import handouts
from helpline.finder.sharing.lookups import Place
from helpline.models import ProgrammeText
from helpline.records import order
from helpline.vocabulary.codes import ANYWHERE, Confidentiality
from tests.helpline.unsaved import TODAY

EVERY = bool(os.environ.get("WAYMARK_EVERY_HANDOUT"))
LANGUAGES = ("en", "de", "fr", "ar")


@pytest.fixture(scope="module")
def programmes(starter_programmes):
    """Return the programmes of the starter data, as the demonstration shows them."""
    for each in starter_programmes:
        each.said_at = None
        each._prefetched_objects_cache = {"texts": ProgrammeText.objects.none()}
    return starter_programmes


@pytest.fixture(scope="module")
def lines(starter_lines):
    for each in starter_lines:
        each.said_at = None
    return starter_lines


@pytest.fixture
def handout(db, programmes, lines, settings):
    """Return a function from a country to its handout in the active language, as pages of text."""
    settings.DEMO = True

    def handout(country):
        here = [each for each in programmes if {country, ANYWHERE} & {*each.countries}]
        place = Place(
            code=country,
            name=names.country_name(country),
            programmes=tuple(order.in_order(here, TODAY)),
            lines=tuple(each for each in lines if country in each.countries),
            laws=(),
            today=TODAY,
        )
        pages = PdfReader(io.BytesIO(handouts.typeset_country(place, site="Waymark"))).pages
        return [" ".join(page.extract_text().split()) for page in pages]

    return handout


def countries_of(programmes, lines):
    """Return the countries that have a handout, those with the longest first."""
    said = [code for each in (*programmes, *lines) for code in each.countries if code != ANYWHERE]
    return sorted(set(said), key=lambda code: (-said.count(code), code))


@pytest.mark.parametrize("language", LANGUAGES)
def test_has_two_pages_at_most(handout, programmes, lines, language):
    countries = countries_of(programmes, lines)

    with translation.override(language):
        pages = {code: len(handout(code)) for code in (countries if EVERY else countries[:4])}

    assert {code: number for code, number in pages.items() if number > 2} == {}


def test_says_how_many_services_did_not_fit(handout, programmes):
    here = [each for each in programmes if {"de", ANYWHERE} & {*each.countries}]
    for each in here:
        each.part_of = ""  # each has a separate row

    words = " ".join(handout("de"))

    shown = words.count("What happens if I tell them")
    assert f"Services that did not fit on this handout: {len(here) - shown}." in words
    assert shown >= 15


def test_states_confidentiality_before_each_number(handout):
    words = " ".join(handout("ie"))

    assert words.index("They tell the authorities about everyone") < words.index("oneinfour.ie")
    assert str(Confidentiality.UNKNOWN.label) not in words.partition("One in Four")[2].partition("Phone")[0]
