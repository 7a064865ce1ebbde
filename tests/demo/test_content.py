"""The demonstration's texts have the same structure in every language, and neutral titles in a browser's history."""

import datetime as dt
import re
from collections import Counter
from types import SimpleNamespace

import pytest
from django.core.management import call_command

from campaigns.models import Design
from campaigns.studio import drawing, variants
from demo import campaigns, content
from demo.campaigns import MOTIFS, PARTNER, load_materials
from demo.content import TREE
from tests.factories.campaigns import CampaignIndexPageFactory, CampaignPageFactory, PartnerFactory, PictureFactory
from tests.support.languages import in_language
from tests.support.studio import draw_all_as_pdf

TAGS = re.compile(r"<[^>]+>")
LOADED = re.compile(r'href="page:([a-z0-9-]+)"')
# Words that titles of help pages must not contain, in the four languages: titles stay in the history of shared phones.
TELLING = {
    "en": r"abuse|offend|sex|child|porn|crime|paedo|victim",
    "de": r"missbrauch|tat|täter|sex|kind|porno|verbrechen|opfer",
    "fr": r"abus|auteur|sex|enfant|porno|crime|victime|viol",
    "ar": r"اعتداء|جنس|طفل|أطفال|جريمة|ضحي|إباح",
}
TRANSLATIONS = content.LANGUAGES[1:]


def shape(value, key=""):
    """Return a value without its words: types, keys, lengths and the tags of marked-up text, in their order."""
    if isinstance(value, dict):
        return {name: shape(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [shape(part, key) for part in value]
    if isinstance(value, str):
        return value if key in {"type", "kind"} else TAGS.findall(value)
    return value


def whole(words):
    return {"body": words.body, **words.more}


def strings(value):
    if isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)
    elif isinstance(value, str):
        yield value


class TestWords:
    @pytest.mark.parametrize("language", content.LANGUAGES)
    def test_are_there_for_every_page_and_for_no_other(self, language):
        files = {path.stem for path in (content.CONTENT / language).glob("*.toml")}

        assert files == {place.key for place in TREE}

    @pytest.mark.parametrize("language", TRANSLATIONS)
    @pytest.mark.parametrize("key", [place.key for place in TREE])
    def test_have_the_same_shape_in_every_language(self, key, language):
        source, translated = content.read(key, content.SOURCE), content.read(key, language)

        assert shape(whole(translated)) == shape(whole(source))

    @pytest.mark.parametrize("language", content.LANGUAGES)
    def test_link_to_pages_that_exist(self, language):
        keys = {place.key for place in TREE}
        linked = {
            key
            for place in TREE
            for text in strings(whole(content.read(place.key, language)))
            for key in LOADED.findall(text)
        }

        assert linked <= keys

    def test_lose_the_lines_of_their_file_and_no_space_between_words(self):
        here = content.Here(content.read("contact", "en"), 0, {"contact": 7})
        written = '<ul>\n  <li><b>One:</b> <a href="page:contact">two</a>,\n  three</li>\n</ul>\n'

        assert here.html(written) == '<ul><li><b>One:</b> <a linktype="page" id="7">two</a>, three</li></ul>'

    @pytest.mark.parametrize("language", content.LANGUAGES)
    def test_give_help_pages_titles_that_tell_nothing(self, language):
        titles = {
            content.read(place.key, language).title for place in TREE if place.key == "help" or place.above == "help"
        }

        assert [title for title in titles if re.search(TELLING[language], title, re.IGNORECASE)] == []

    @pytest.mark.parametrize("language", content.LANGUAGES)
    def test_fit_into_search_results(self, language):
        pages = {place.key: content.read(place.key, language) for place in TREE}

        assert {key: words.title for key, words in pages.items() if not 0 < len(words.title) <= 60} == {}
        assert {
            key: len(words.search_description)
            for key, words in pages.items()
            if not 0 < len(words.search_description) <= 160
        } == {}

    def test_of_a_telling_title_are_found(self):
        assert re.search(TELLING["en"], "Help before you offend", re.IGNORECASE)

    @pytest.mark.parametrize("language", content.LANGUAGES)
    def test_speak_of_monitoring_software_wherever_they_speak_of_the_history(self, language):
        history = {"en": "history", "de": "Verlauf", "fr": "historique", "ar": "سجل المتصفح|سجل متصفحكم"}[language]
        monitoring = {
            "en": "[Mm]onitoring software",
            "de": "Überwachung",
            "fr": "surveillance",
            "ar": "برامج (ال)?مراقبة",
        }[language]
        silent = [
            place.key
            for place in TREE
            for text in [" ".join(strings(whole(content.read(place.key, language))))]
            if re.search(history, text) and not re.search(monitoring, text)
        ]

        assert silent == []


class TestMaterials:
    @pytest.fixture
    def as_pdf(self, monkeypatch):
        draw_all_as_pdf(monkeypatch)

    @pytest.fixture
    def pages(self, home, languages):
        """The pages that the designs lead to, in every language: their addresses must fit too."""
        above = CampaignIndexPageFactory(parent=home)
        keys = {*MOTIFS, *(motif.leads_to for motif in MOTIFS.values() if motif.leads_to)}
        found = {key: CampaignPageFactory(parent=above, slug=key) for key in sorted(keys)}
        for code in content.LANGUAGES[1:]:
            for page in (home, above, *found.values()):
                in_language(page, languages[code])
        return found

    @pytest.fixture
    def designs(self, pages):
        built = SimpleNamespace(
            pages=pages,
            partners={PARTNER: PartnerFactory(logo=PictureFactory())},
        )
        for _name in load_materials(built):
            pass
        return Design.objects.select_related("material")

    def test_fit_on_every_output_in_every_language(self, designs, as_pdf):
        planned = [output for design in designs for output in variants.to_draw(design)]

        made = [*drawing.draw(planned, day=dt.date(2026, 11, 26))]

        assert Counter(each.output.variant.text.language for each in made) == dict.fromkeys(content.LANGUAGES, 40)
        assert {each.output.variant.key: each.problems for each in made if each.state != "drawn"} == {}

    def test_carry_no_number_that_is_real(self, designs):
        """The starter data has one for Belgium, which is unchecked."""
        call_command("import_listings", "programmes", verbosity=0)

        planned = [output for design in designs for output in variants.to_draw(design)]

        assert any(output.variant.country for output in planned)
        assert {output.number for output in planned} == {""}

    @pytest.mark.parametrize("language", content.LANGUAGES)
    def test_have_a_sentence_for_each_scene_of_the_film(self, language):
        films = [
            words
            for key in MOTIFS
            for words in content.read(key, language).more["materials"]
            if words["kind"] == "film"
        ]

        assert [len(words["lines"]) for words in films] == [6]


INVENTED = {"en": "invented", "de": "erfunden", "fr": "inventé", "ar": "اسم مخترع"}  # fmt: skip


class TestPartners:
    def test_are_marked_as_invented_in_every_language(self):
        for row in content.facts("partners")["partners"]:
            assert {
                language: INVENTED[language] in row["name"][language] for language in content.LANGUAGES
            } == dict.fromkeys(content.LANGUAGES, True)
            assert set(row["about"]) == set(content.LANGUAGES)

    def test_have_a_logo_each(self):
        assert {row["key"] for row in content.facts("partners")["partners"]} == set(campaigns.LINES)

    def test_do_something_in_every_language_and_for_a_campaign(self):
        keys = {place.key for place in TREE if place.model == "campaigns.CampaignPage"}

        for row in content.facts("partners")["activities"]:
            assert set(row["title"]) == set(row["description"]) == set(content.LANGUAGES)
            assert row["campaign"] in keys
            assert row["partner"] in campaigns.LINES

    def test_told_one_thing_that_waits(self):
        assert [row["state"] for row in content.facts("partners")["used"]].count("waiting") == 1
