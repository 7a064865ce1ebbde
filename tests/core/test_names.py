from core.languages import names


class TestNames:
    def test_speaks_the_language_of_the_reader(self):
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

    def test_shows_a_code_that_nobody_knows_as_it_is(self):
        assert names.country_name("q1", "en") == "Q1"
        assert names.language_name("nonsense", "en") == "nonsense"

    def test_names_languages_that_are_missing_from_the_tables(self):
        assert names.language_name("prs", "en") != "prs"
