"""Contrast: every ink is legible on every surface that it is declared for, in every mode."""

import re

import pytest
from django.conf import settings

from tests.support.palette import HUES, MODES, PAIRS, colour, contrast, tokens

CSS = settings.ROOT / "site" / "static" / "css"


class TestContrast:
    @pytest.mark.parametrize("mode", MODES)
    def test_of_every_pair_is_enough(self, mode):
        values = tokens(mode)
        more = "more" in mode

        weak = {}
        for ink, surface, words in PAIRS:
            found = contrast(colour(ink, values), colour(surface, values))
            if found < (7 if more else 4.5 if words else 3):
                weak[f"{ink} on {surface}"] = round(found, 2)
        assert weak == {}

    @pytest.mark.parametrize(("one", "other", "ratio"), [("#000", "#fff", 21), ("#777", "#ffffff", 4.48)])
    def test_is_that_of_the_guidelines(self, one, other, ratio):
        assert round(contrast(one, other), 2) == ratio


class TestTokens:
    def test_have_for_each_hue_a_soft_surface_a_strong_one_and_an_edge_that_is_its_own(self):
        for mode in MODES:
            values = tokens(mode)

            assert len({colour(f"{hue}-soft", values) for hue in HUES}) == len(HUES)
            assert len({colour(hue, values) for hue in HUES}) == len(HUES)

    def test_that_style_sheets_use_are_there(self):
        sheets = [path.read_text() for path in CSS.rglob("*.css") if path.name != "admin.css"]
        used = {name for sheet in sheets for name in re.findall(r"var\(--([\w-]+)", sheet)}
        there = {name for sheet in sheets for name in re.findall(r"--([\w-]+):", sheet)}

        assert used - there == set()

    def test_are_in_the_description_of_the_design(self):
        text = (settings.ROOT / "docs" / "design.md").read_text()
        named = set(re.findall(r"`--([\w-]+)`", text))

        assert set(tokens("light")) - named == set()
        assert named - set(tokens("light")) == set()
