"""Illustrations in templates, in texts and at the desk."""

from __future__ import annotations

import pytest
from django import forms
from django.template import engines
from django.urls import reverse
from django.utils import translation

from illustrations.blocks import IllustrationBlock, SceneSelect, choices
from illustrations.scenes import SCENES
from tests.factories.users import UserFactory
from tests.support.html import parse


def shown(arguments: str, **context: object):
    template = engines["django"].from_string(
        "{% load illustrations_tags %}{% illustration " + arguments + " %}"
    )
    return parse(template.render(context)).one("img")


class TestTag:
    def test_shows_a_scene_with_its_size_and_description(self):
        image = shown('"bench-talk"')

        assert "illustrations/bench-talk." in image["src"]
        assert (image["width"], image["height"]) == ("640", "400")
        assert (image["alt"], image["loading"]) == ("Two people talk on a park bench.", "lazy")

    def test_leaves_decoration_to_the_eye(self):
        assert shown('"bench-talk" decorative=True')["alt"] == ""

    def test_takes_other_words_and_another_time(self):
        image = shown('"bench-talk" alt=words loading="eager"', words='<b>"x"')

        assert (image["alt"], image["loading"]) == ('<b>"x"', "eager")

    def test_asks_first_for_a_picture_on_the_first_screen_and_shows_it_with_the_first_words(self):
        first, later = shown('"bench-talk" loading="eager"'), shown('"bench-talk"')

        assert (first.get("fetchpriority"), first.get("decoding")) == ("high", None)
        assert (later.get("fetchpriority"), later.get("decoding")) == (None, "async")

    def test_is_mirrored_where_people_read_from_right_to_left(self):
        with translation.override("ar"):
            assert "bench-talk-mirrored." in shown('"bench-talk"')["src"]
            assert "mirrored" not in shown('"desk-tea"')["src"]

    def test_does_not_wait_on_help_pages(self):
        class Page:
            is_sensitive = True

        image = shown('"hills-path"', page=Page())

        assert (image["loading"], image.get("fetchpriority")) == ("eager", None)

    def test_puts_no_picture_of_a_help_page_before_anything_else(self):
        class Page:
            is_sensitive = True

        assert shown('"hills-path" loading="eager"', page=Page()).get("fetchpriority") is None

    def test_refuses_a_scene_that_does_not_exist(self):
        with pytest.raises(KeyError):
            shown('"somewhere-else"')


class TestBlock:
    @staticmethod
    def rendered(**value: object):
        block = IllustrationBlock()
        return parse(block.render(block.to_python(value)))

    def test_shows_its_scene(self):
        html = self.rendered(scene="library", decorative=False, alt_text="")

        assert html.one("figure").one("img")["alt"].startswith("A person reads in a library")

    def test_prefers_the_words_of_the_editor(self):
        assert (
            self.rendered(scene="library", decorative=False, alt_text="Our library").one("img")["alt"]
            == "Our library"
        )

    def test_shows_nothing_for_a_scene_that_the_set_had_once(self):
        assert self.rendered(scene="gone", decorative=False, alt_text="").all("img") == []

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


class TestDesk:
    def test_shows_all_of_them_with_the_licence(self, desk, home):
        desk.force_login(UserFactory(is_superuser=True))

        html = parse(desk.get(reverse("illustrations")).content.decode())

        assert len(html.one("ul", class_="scene-list").all("li")) == len(SCENES)
        assert "CC BY 4.0" in html.text
