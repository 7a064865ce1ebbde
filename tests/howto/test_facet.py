"""CONTRIBUTING.md, "A new facet of the finder", performed on a copy: two files, one of them written by a command."""

import pytest

FACETS = "helpline/finder/content/filters/facets.py"
STYLES = "site/static/css/components/finder-choices.css"
ROW = """\
    Facet(
        code="interpreter",
        number=11,
        level=Level.POINT,
        question=_("Do you need an interpreter?"),
        any=_("Any"),
        values=lambda: [("interpreted", _("Only where one can be called in"))],
        of_point=lambda programme, point: ["interpreted"] if point.interpreter == YesNo.YES else [],
    ),
"""
ASKED = """
from django.template.loader import render_to_string
from helpline.finder.content.filters.choices import controls
from helpline.finder.content.listing.contacts import point_codes
from helpline.records.programmes import ContactPoint
from helpline.records.programmes import Programme

form = render_to_string("helpline/finder_choices.html", {"controls": controls()})
print('data-facet="interpreter"' in form and "Do you need an interpreter?" in form)
for said in ("yes", "no"):
    print(dict(point_codes(Programme(), ContactPoint(interpreter=said)))["interpreter"])
"""


class TestNewFacet:
    @pytest.fixture(autouse=True)
    def _row(self, project_copy):
        project_copy.insert(FACETS, before='    Facet(\n        code="open",\n', text=ROW)

    def test_takes_two_files_and_is_then_offered_and_matched(self, project_copy):
        forgotten, *done = project_copy.manage_all("finder_css --check", "finder_css", "check", "finder_css --check")

        assert "run manage.py finder_css" in forgotten
        assert done == [""] * 3
        assert project_copy.changed() == {FACETS, STYLES}
        assert "[data-interpreter~=interpreted]" in (project_copy.root / STYLES).read_text()
        assert project_copy.python(ASKED).split() == ["True", "interpreted"]

    def test_with_a_code_of_another_facet_fails_loudly(self, project_copy):
        file = project_copy.root / FACETS
        file.write_text(file.read_text().replace('"interpreted"', "YesNo.YES.value"))

        assert "helpline.E011" in project_copy.manage("check").stderr
