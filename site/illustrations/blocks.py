"""An illustration within a text."""

from typing import Any

from django import forms
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from illustrations.scenes import BY_NAME, SCENES, path_of


def choices() -> list[tuple[str, Any]]:
    """Return every scene with its description.

    A function, so that a new scene is no migration.
    """
    return [(scene.name, scene.alt) for scene in SCENES]


class SceneSelect(forms.RadioSelect):
    """All scenes to choose from, as small pictures."""

    template_name = "illustrations/scene_select.html"
    option_template_name = "illustrations/scene_option.html"

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["picture"] = static(path_of(value)) if value in BY_NAME else ""
        return option


class IllustrationValue(blocks.StructValue):
    @property
    def is_known(self) -> bool:
        """Return False for a scene that is no longer in the set."""
        return self["scene"] in BY_NAME


class IllustrationBlock(blocks.StructBlock):
    """A scene of the set, which may be used without permission."""

    scene = blocks.ChoiceBlock(choices=choices, widget=SceneSelect, label=_("Scene"))
    decorative = blocks.BooleanBlock(
        required=False,
        label=_("Decoration only"),
        help_text=_("The picture says nothing that the text does not: screen readers leave it out."),
    )
    alt_text = blocks.CharBlock(
        required=False,
        max_length=300,
        label=_("Alternative text"),
        help_text=_("Only if the description of the scene does not fit here."),
    )

    class Meta:
        icon = "image"
        label = _("Illustration")
        template = "illustrations/block.html"
        value_class = IllustrationValue
        preview_value = {"scene": "bench-talk", "decorative": True, "alt_text": ""}
