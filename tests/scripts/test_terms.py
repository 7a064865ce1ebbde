"""The check of terms finds each word that has a standard word, and leaves other meanings alone."""

import tomllib

import pytest

from tests.scripts.conftest import script

terms = script("terms")
TABLE = tomllib.loads(terms.TABLE.read_text(encoding="utf-8"))

SPECIMENS = [
    ("renderer", "The press renders the page again."),
    ("renderer", "lock = PressLock()"),
    ("render", "def print_due(): ..."),
    ("render", "Each printed page is a file."),
    ("public site", "It is answered at the public door."),
    ("public site", "from core.doors import headers"),
    ("admin", "Editors see it at the desk."),
    ("admin", "class DeskView: ..."),
    ("scheduler", "A job of the clock deletes them."),
    ("analytics", "WAYMARK_COUNTING=1"),
    ("metric", "Yield the gauges of the worker."),
    ("diagnostics", "import operations.diagnosis"),
    ("repository", "BACKUP_SHELF = None"),
    ("unavailable", "The database is away."),
    ("timed out", "A server that keeps silent is given up."),
    ("submit", "A translator hands it in."),
    ("submit", "{% url 'hand_in' %}"),
    ("unpublish", "Take the page off the site."),
    ("revert", "Nothing puts it back."),
    ("two-person", "class TwoPeopleMixin: ..."),
    ("request changes", "It is sent back to the author."),
    ("publication check", "def reasons_against(listing): ..."),
    ("required page", "pages that the site needs"),
    ("translation sibling", "counterparts = page.get_translations()"),
    ("terminology checker", "class KeptWord(Model): ..."),
    ("review queue", "Open the work list."),
    ("preflight", "A launch is rehearsed: rehearse_launch()"),
    ("favicons", "class MadeFileFinder: ..."),
    ("highlight", "The showcase of the home page."),
    ("confidentiality", "disclosure = row.disclosure"),
    ("audience", 'label = _("For whom")'),
    ("location", "Each place of a programme has a map."),
    ("handout", "The country sheet is a PDF."),
    ("output", "class StudioSheet(Model): ..."),
    ("coverage map", "{% include 'gap_map.html' %}"),
    ("reconfirm", "Owners say that it is still right."),
    ("recall", "Posters with numbers that rot."),
    ("filters", "The narrowing above the list."),
    ("member index", "The roll counts members."),
    ("avatar", '<span class="disc">AB</span>'),
    ("profile texts", "class ProposedWords(Model): ..."),
    ("opportunity", "Postings end after 90 days."),
    ("match", "Who fits is shown to the owner."),
    ("digest email", "The weekly letter goes out on Monday."),
    ("participant", "side_id = 1"),
    ("verification", "A proof of belonging is a link."),
    ("publication", "class PublishedWork(Model): ..."),
    ("evidence rating", "class EvidenceLabel(Model): ..."),
    ("cached fixture", "@scene"),
    ("how-to test", "tests/walks/test_language.py"),
    ("fault injection", "def frail_site(): ..."),
    ("flaky", "An unsteady test is repeated."),
    ("system check", "The house rules are checks."),
    ("form errors", "class BadFormMiddleware: ..."),
    ("ends in Error", "class Stopped(Exception):  # noqa: N818"),
]
OTHER_MEANINGS = [
    "Press releases are linked at the press of a button.",
    "@media print { .finder { display: none; } }",
    'print(f"{path} is written")',
    "Signposting, not counselling.",
    "The scene shows a desk-tea picture, with the clock on the wall.",
    "The transaction rolls back; logs are rotated by logrotate.",
    "Small cells are hidden for disclosure control.",
    "ul { list-style: disc; }",
]


def found(text):
    return [finding.use for finding in terms.findings("site/core/a.py", terms.plain(text), TABLE["term"])]


class TestSpecimen:
    @pytest.mark.parametrize(("use", "text"), SPECIMENS)
    def test_is_found_with_the_word_to_use(self, use, text):
        assert any(use in word for word in found(text))

    def test_of_every_term_is_here(self):
        assert [term["use"] for term in TABLE["term"] if not any(use in term["use"] for use, _ in SPECIMENS)] == []

    def test_in_the_name_of_a_file_is_found(self):
        assert [*terms.findings("site/core/desk/views.py", "", TABLE["term"])]


class TestOtherMeaning:
    @pytest.mark.parametrize("text", OTHER_MEANINGS)
    def test_is_left_alone(self, text):
        assert found(text) == []
