"""The illustrations: their files, in templates, in texts and in the admin."""

from __future__ import annotations

import re

import brotli
import pytest
import typst
from django import forms
from django.template import engines
from django.urls import reverse
from django.utils import translation

from illustrations.blocks import IllustrationBlock, SceneSelect, choices
from illustrations.scenes import FOLDER, SCENES, for_print, path_of
from tests.factories.users import UserFactory
from tests.support.html import parse


def shown(arguments: str, **context: object):
    template = engines["django"].from_string("{% load illustrations_tags %}{% illustration " + arguments + " %}")
    return parse(template.render(context)).one("img")


class TestFiles:
    def test_are_those_of_the_table(self):
        wanted = {path_of(scene.name, right_to_left=mirrored) for scene in SCENES for mirrored in (False, True)}

        assert {f"illustrations/{path.name}" for path in FOLDER.glob("*.svg")} == wanted

    @pytest.mark.parametrize("path", sorted(FOLDER.glob("*.svg")), ids=lambda path: path.stem)
    def test_are_small_and_harmless_with_each_colour_for_light_and_dark(self, path):
        drawing = path.read_text()
        light, dark = drawing.split("@media(prefers-color-scheme:dark)")

        assert path.stat().st_size <= 12_000
        assert len(brotli.compress(path.read_bytes())) <= 4_000
        assert set(re.findall(r"<(\w+)", drawing)) <= {
            "svg",
            "style",
            "g",
            "path",
            "circle",
            "ellipse",
            "rect",
        }
        assert not re.search(r"href|url\(|@import|\son\w+=|http(?!://www\.w3\.org/2000/svg)", drawing)
        classes = set(re.findall(r'class="(\w+)"', drawing))
        assert set(re.findall(r"\.(\w+)\{", light)) == set(re.findall(r"\.(\w+)\{", dark)) == classes

    def test_are_described_in_every_complete_language(self):
        said = {}
        for language in ("en", "de", "fr", "ar"):
            with translation.override(language):
                said[language] = {str(scene.alt) for scene in SCENES}

        assert len(set.union(*said.values())) == len(said) * len(SCENES)

    @pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
    def test_are_typeset_without_a_style_sheet(self, scene):
        drawing = for_print(scene.name, right_to_left=True)
        quoted = drawing.replace("\\", "\\\\").replace('"', '\\"')
        page = f'#set page(width: 64mm, height: 40mm, margin: 0mm)\n#image(bytes("{quoted}"), format: "svg")'

        assert not re.search("style|class", drawing)
        assert typst.compile(page.encode(), format="pdf").startswith(b"%PDF-")


class TestTag:
    def test_shows_a_scene_with_its_size_and_description(self):
        image = shown('"bench-talk"')

        assert "illustrations/bench-talk." in image["src"]
        assert (image["width"], image["height"]) == ("640", "400")
        assert (image["alt"], image["loading"]) == ("Two people talk on a park bench.", "lazy")

    def test_takes_other_words_or_none(self):
        assert shown('"bench-talk" alt=words', words='<b>"x"')["alt"] == '<b>"x"'
        assert shown('"bench-talk" decorative=True')["alt"] == ""

    @pytest.mark.parametrize(
        ("arguments", "is_help", "expected"),
        [
            ("", False, ("lazy", None, "async")),
            (' loading="eager"', False, ("eager", "high", None)),
            # On a help page nothing waits for the reader, and no picture comes first.
            ("", True, ("eager", None, "async")),
            (' loading="eager"', True, ("eager", None, "async")),
        ],
    )
    def test_is_loaded_when_it_should_be(self, arguments, is_help, expected):
        image = shown('"hills-path"' + arguments, page=type("Page", (), {"is_sensitive": is_help}))

        assert (image["loading"], image.get("fetchpriority"), image.get("decoding")) == expected

    def test_is_mirrored_where_people_read_from_right_to_left(self):
        with translation.override("ar"):
            assert "bench-talk-mirrored." in shown('"bench-talk"')["src"]
            assert "mirrored" not in shown('"desk-tea"')["src"]

    def test_refuses_a_scene_that_does_not_exist(self):
        with pytest.raises(KeyError):
            shown('"somewhere-else"')


class TestBlock:
    @pytest.mark.parametrize(
        ("scene", "words", "expected"),
        [
            ("library", "", ["A person reads in a library while another takes a book from a shelf."]),
            ("library", "Our library", ["Our library"]),
            ("gone", "", []),
        ],
    )
    def test_shows_its_scene_if_the_set_still_has_it(self, scene, words, expected):
        block = IllustrationBlock()
        value = block.to_python({"scene": scene, "decorative": False, "alt_text": words})

        assert [image["alt"] for image in parse(block.render(value)).all("img")] == expected

    def test_takes_the_scene_that_was_chosen(self):
        value = IllustrationBlock().value_from_datadict({"body-scene": "library"}, {}, "body")

        assert (value["scene"], value["decorative"]) == ("library", False)

    def test_offers_all_scenes_as_pictures(self):
        block = IllustrationBlock().child_blocks["scene"]
        form = parse(block.field.widget.render("scene", "library", {"id": "scene"}))

        assert len(form.all("img")) == len(SCENES)
        assert [radio["value"] for radio in form.all("input") if "checked" in radio.attributes] == ["library"]

    def test_offers_none_where_none_is_needed(self):
        class Form(forms.Form):
            scene = forms.ChoiceField(
                choices=lambda: [("", "---------"), *choices()], widget=SceneSelect, required=False
            )

        first, *others = parse(Form({"scene": ""}).as_p()).all("label", class_="scene-option")

        assert first.text == "No picture"
        assert "checked" in first.one("input").attributes
        assert len(others) == len(SCENES)


class TestAdmin:
    def test_shows_all_of_them_with_the_licence(self, private, home):
        private.force_login(UserFactory(is_superuser=True))

        html = parse(private.get(reverse("illustrations")).content.decode())

        assert len(html.one("ul", class_="scene-list").all("li")) == len(SCENES)
        assert "CC BY 4.0" in html.text
