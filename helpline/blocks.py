"""The blocks that only the helpline uses."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from helpline.codes import Audience


class Route(blocks.StructBlock):
    """What somebody reads who has said who they are: a few sentences in the right tone, and the first steps."""

    audience = blocks.ChoiceBlock(
        choices=[(audience.value, audience.label) for audience in Audience.in_finder()], label=_("for")
    )
    label = blocks.CharBlock(
        label=_("what they say of themselves"), max_length=80, help_text=_("I am worried about my thoughts")
    )
    text = blocks.TextBlock(label=_("text"), max_length=800)
    steps = blocks.ListBlock(blocks.CharBlock(max_length=200), label=_("first steps"))

    class Meta:
        icon = "user"
        label = _("Route")


class Routes(blocks.StreamBlock):
    """One route for each audience of the finder."""

    route = Route()

    class Meta:
        required = False
        max_num = len(Audience.in_finder())
