from demo import logos
from demo.content import LANGUAGES, facts
from demo.pages import TREE

INVENTED = {"en": "invented", "de": "erfunden", "fr": "inventé", "ar": "اسم مخترع"}  # fmt: skip


class TestPartners:
    def test_say_in_every_language_that_they_are_invented(self):
        for row in facts("partners")["partners"]:
            assert {
                language: INVENTED[language] in row["name"][language] for language in LANGUAGES
            } == dict.fromkeys(LANGUAGES, True)
            assert set(row["about"]) == set(LANGUAGES)

    def test_have_a_logo_each(self):
        assert {row["key"] for row in facts("partners")["partners"]} == set(logos.LINES)

    def test_do_something_in_every_language_and_for_a_campaign(self):
        campaigns = {place.key for place in TREE if place.model == "campaigns.CampaignPage"}

        for row in facts("partners")["activities"]:
            assert set(row["title"]) == set(row["description"]) == set(LANGUAGES)
            assert row["campaign"] in campaigns
            assert row["partner"] in logos.LINES

    def test_told_one_thing_that_waits(self):
        assert [row["state"] for row in facts("partners")["used"]].count("waiting") == 1
