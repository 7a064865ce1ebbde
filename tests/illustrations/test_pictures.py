"""The set: its files are what the code draws, they are small and harmless, and each can be read aloud in every language."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import brotli
import pytest
import typst
from django.utils import translation

from illustrations.palette import PALETTE, shade, values
from illustrations.pictures import FOLDER, files, for_print
from illustrations.scenes import SCENES

LANGUAGES = ("en", "de", "fr", "ar")
SVG = "{http://www.w3.org/2000/svg}"
NAMES = [scene.name for scene in SCENES]


class TestFiles:
    def test_are_what_the_scenes_say(self):
        """`manage.py draw_illustrations` writes them anew."""
        wanted = dict(files())

        assert set(FOLDER.glob("*.svg")) == set(wanted)
        assert [path.name for path, drawing in wanted.items() if path.read_text() != drawing] == []

    def test_are_small(self):
        heavy = {
            path.name: (size, packed)
            for path in FOLDER.glob("*.svg")
            if (size := path.stat().st_size) > 12_000
            or (packed := len(brotli.compress(path.read_bytes()))) > 4_000
        }

        assert heavy == {}

    def test_hold_shapes_and_colours_and_nothing_else(self):
        allowed = {SVG + tag for tag in ("svg", "style", "g", "path", "circle", "ellipse", "rect")}
        for path in FOLDER.glob("*.svg"):
            root = ET.fromstring(path.read_text())  # noqa: S314  (our own file)

            assert {element.tag for element in root.iter()} <= allowed, path.name
            assert not re.search(
                r"href|url\(|@import|on\w+=|http(?!://www\.w3\.org/2000/svg)", path.read_text()
            )

    def test_stay_within_a_few_colours(self):
        """Every colour has a partner for the dark, its shade included."""
        for name in PALETTE:
            for each in (name, shade(name)):
                light, dark = values(each)

                assert re.fullmatch(r"#[0-9a-f]{6}", light)
                assert re.fullmatch(r"#[0-9a-f]{6}", dark)

    def test_are_mirrored_where_the_scene_has_a_direction(self):
        for scene in SCENES:
            assert (FOLDER / f"{scene.name}-mirrored.svg").exists() is scene.directed


class TestDescriptions:
    def test_differ_from_scene_to_scene_in_every_language(self):
        said = {}
        for language in LANGUAGES:
            with translation.override(language):
                said[language] = [str(scene.alt) for scene in SCENES]

        assert {language for language, texts in said.items() if len(set(texts)) < len(SCENES)} == set()

    def test_are_translated(self):
        for scene in SCENES:
            texts = set()
            for language in LANGUAGES:
                with translation.override(language):
                    texts.add(str(scene.alt))

            assert len(texts) == len(LANGUAGES), scene.name


class TestForPrint:
    @pytest.mark.parametrize("name", NAMES)
    def test_is_typeset(self, name):
        drawing = for_print(name)
        page = f'#set page(width: 64mm, height: 40mm, margin: 0mm)\n#image(bytes({typst_text(drawing)}), format: "svg")'

        assert "<style" not in drawing
        assert typst.compile(page.encode(), format="pdf").startswith(b"%PDF-")


def typst_text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
