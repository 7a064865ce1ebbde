"""A newcomer adds a language, as CONTRIBUTING.md says."""

import pytest

# Conditions for the new language in the copy.
ASK = """
import gc, django; django.setup(); gc.freeze()
from django.conf import settings
from django.utils import translation
from rdflib import Graph
from core.http import errors
from helpline.exchange.open_data import dcat
from helpline.vocabulary import codes, wording

assert ("be", "беларуская") in settings.LANGUAGES
assert ("be", "беларуская") in settings.WAGTAILADMIN_PERMITTED_LANGUAGES
assert '<html lang="be" dir="ltr"' in errors.page(404, language="be").content.decode()
assert str(dcat.add_language(Graph(), "be")).endswith("/language/BEL")
assert dict(codes.languages())["be"] == "Belarusian"
assert wording.revealing_words("gewalt")
with translation.override("be"):
    assert translation.gettext("Key messages") == "Kernbotschaften"
"""


@pytest.fixture
def translated(project_copy):
    """The copy with a complete catalogue: the German one stands in for the translators' work."""
    german = project_copy.root / "locale/de/LC_MESSAGES/django.po"
    project_copy.write("locale/be/LC_MESSAGES/django.po", german.read_text())
    return project_copy


class TestLanguage:
    def test_takes_two_files_and_a_catalogue(self, translated):
        translated.follow("A new language")

        assert translated.changed() == {
            "site/config/languages.py",
            "site/static/css/components/finder-choices.css",
        }
        translated.succeeds("scripts/compile_catalogues.py")
        translated.succeeds("-c", ASK)
        tested = translated.pytest("tests/config/test_languages.py", "tests/config/test_catalogues.py")
        assert tested.returncode == 0, tested.stdout

    def test_names_the_missing_step(self, project_copy):
        row = '    Language(code="uk", iso3="ukr", autonym="українська"),\n'
        languages = project_copy.root / "site/config/languages.py"
        table = languages.read_text()
        languages.write_text(table.replace(row, f'{row}    Language(code="be", autonym="беларуская"),\n'))
        assert "missing 1 required keyword-only argument: 'iso3'" in project_copy.complaint("manage.py", "check")

        project_copy.write("site/config/languages.py", table)
        project_copy.follow("A new language")
        assert "test_are_whole[be]" in project_copy.pytest("tests/config/test_catalogues.py").stdout

        project_copy.write("site/static/css/components/finder-choices.css", "")
        assert "finder-choices.css is out of date" in project_copy.complaint("manage.py", "finder_css", "--check")
