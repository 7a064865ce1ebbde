"""The map of Europe has every country that it should, and nothing else."""

import json
import re

from core.languages import names
from core.maps import OUTLINES, europe


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
