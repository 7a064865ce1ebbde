"""The map of Europe has every country that it should, and nothing else."""

import json
import re

from core.languages import names
from core.maps import OUTLINES, FilledMap, drawn, europe


class TestDrawing:
    def test_holds_outlines_of_countries_and_nothing_else(self):
        drawing = json.loads(OUTLINES.read_text())
        known = {code for code, _name in names.countries("en")}

        assert set(drawing["outlines"]) | set(drawing["dots"]) <= known
        assert not set(drawing["outlines"]) & set(drawing["dots"])
        assert all(re.fullmatch(r"[mz0-9 -]+", path) for path in drawing["outlines"].values())

    def test_has_every_member_of_the_european_union_and_its_neighbours(self):
        drawn = set(europe()["outlines"]) | set(europe()["dots"])

        members = "at be bg cy cz de dk ee es fi fr gr hr hu ie it lt lu lv mt nl pl pt ro se si sk ch gb is no tr ua"
        assert set(members.split()) <= drawn

    def test_keeps_its_dots_within_the_frame(self):
        width, height = europe()["width"], europe()["height"]

        assert all(0 < x < width and 0 < y < height for x, y in europe()["dots"].values())

    def test_is_small(self):
        assert OUTLINES.stat().st_size < 10_000


class TestFilledMap:
    def test_is_darker_the_more_there_are_as_people_see_it(self, db):
        drawn_map = FilledMap.counting({"de": 1000, "fr": 100, "it": 10, "mt": 1, "es": 0, "nz": 9999})

        assert {opacity: [shape.code for shape in shapes] for opacity, shapes in drawn_map.shades} == {
            "0.25": ["mt"], "0.45": ["it"], "0.7": ["fr"], "1": ["de"],
        }  # fmt: skip
        assert len(drawn_map.empty) + len(drawn_map.filled) == len(drawn())
        assert [shape.label for shape in drawn_map.filled if shape.code == "mt"] == ["MT 1"]

    def test_fills_nothing_for_nothing(self):
        assert FilledMap.counting({}).shades == FilledMap.of([]).shades == []
