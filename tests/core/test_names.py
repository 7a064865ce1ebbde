import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import translation

from core.languages import names

# Texts for readers in their own language, in which lists must not be joined with hard-coded commas.
PUBLIC = ("helpline/finder", "helpline/vocabulary", "helpline/records/facts.py")


class TestNames:
    def test_uses_the_language_of_the_reader(self):
        assert names.country_name("de", "fr") == "Allemagne"
        assert names.language_name("de", "fr") == "allemand"

    def test_offers_every_country_and_no_group_of_countries(self):
        codes = {code for code, _ in names.countries("en")}

        assert len(codes) == 250
        assert codes >= {"de", "xk", "lu"}
        assert not codes & {"eu", "un", "zz"}

    def test_puts_accented_names_where_readers_look_for_them(self):
        german = [name for _, name in names.countries("de")]

        assert german.index("Ägypten") < german.index("Albanien")

    def test_shows_an_unknown_code_as_it_is(self):
        assert names.country_name("q1", "en") == "Q1"
        assert names.language_name("nonsense", "en") == "nonsense"

    def test_names_languages_that_are_missing_from_the_tables(self):
        assert names.language_name("prs", "en") != "prs"


class TestPluralForms:
    @pytest.mark.parametrize(
        ("language", "samples"),
        [
            ("en", {"one": 1, "other": 0}),
            ("fr", {"one": 0, "other": 2}),
            ("ar", {"zero": 0, "one": 1, "two": 2, "few": 3, "many": 11, "other": 100}),
        ],
    )
    def test_have_the_names_that_browsers_give_them(self, language, samples):
        assert names.plural_samples(language) == samples


class TestLists:
    @pytest.mark.parametrize(
        ("language", "joined"),
        [("en", "A, B and C"), ("de", "A, B und C"), ("fr", "A, B et C"), ("ar", "A وB وC")],
    )
    def test_are_joined_as_the_language_does_it(self, language, joined):
        with translation.override(language):
            assert names.joined(["A", "B", "C"]) == joined
            assert names.joined(["A"]) == "A"
            assert names.joined([]) == ""

    def test_are_joined_in_every_language_that_the_site_may_have(self):
        for language in settings.LANGUAGE_TABLE:
            with translation.override(language):
                assert names.joined(["A", "B"]).startswith("A")

    def test_that_readers_see_are_joined_nowhere_else(self):
        files = [
            file
            for place in PUBLIC
            for file in ([settings.ROOT / place] if place.endswith(".py") else (settings.ROOT / place).rglob("*.py"))
        ]

        assert len(files) > 20
        assert [str(file) for file in files if '", ".join(' in file.read_text(encoding="utf-8")] == []


class TestLabels:
    @pytest.mark.parametrize(
        ("language", "line"),
        [("en", "Cost: free"), ("de", "Cost: free"), ("fr", "Cost\u202f: free"), ("ar", "Cost: free")],
    )
    def test_have_the_colon_of_the_language(self, language, line):
        with translation.override(language):
            assert names.labelled("Cost", "free") == line
            assert rendered('{% labelled "Cost" %}free{% endlabelled %}') == line

    def test_are_escaped_before_markup(self):
        assert rendered("{% labelled name %}<b>{{ value }}</b>{% endlabelled %}") == "a &lt; b: <b>c &lt; d</b>"
        assert rendered("{% labelled name isolate=True %}1{% endlabelled %}") == "<bdi>a &lt; b</bdi>: 1"

    def test_are_plain_in_mails(self):
        mail = "{% autoescape off %}{% labelled name %}{{ value }}{% endlabelled %}{% endautoescape %}"

        assert rendered(mail) == "a < b: c < d"


def rendered(template: str) -> str:
    return Template(template).render(Context({"name": "a < b", "value": "c < d"}))
