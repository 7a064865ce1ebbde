"""The blocks that only the helpline uses."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from core.blocks import Prose
from helpline.governance.review import policy
from helpline.vocabulary.codes import Audience, Situation


class Route(blocks.StructBlock):
    """Route for one audience or situation of the finder: a few sentences in the right tone, and the first steps."""

    audience = blocks.ChoiceBlock(
        choices=[(choice.value, choice.label) for choice in (*Audience.in_finder(), *Situation)], label=_("for")
    )
    label = blocks.CharBlock(
        label=_("how they describe themselves"), max_length=80, help_text=_("I am worried about my thoughts")
    )
    text = blocks.TextBlock(label=_("text"), max_length=800)
    steps = blocks.ListBlock(blocks.CharBlock(max_length=200), label=_("first steps"))
    guide = blocks.PageChooserBlock(
        page_type="helpline.GuidePage",
        required=False,
        label=_("longer guide"),
        help_text=_("Linked with a note that its title stays in the browser history."),
    )

    class Meta:
        icon = "user"
        label = _("Route")


class Routes(blocks.StreamBlock):
    """One route for each audience and situation of the finder."""

    route = Route()

    class Meta:
        required = False
        max_num = len(Audience.in_finder()) + len(Situation)


class ListingRules(blocks.StaticBlock):
    """The rules that a listing must meet, taken from the reviewer's checklist itself, in the language of the page."""

    class Meta:
        icon = "tasks"
        label = _("Rules for listings")
        admin_text = _("The rules of the checklist, in the language of the page. They are set in the code.")
        template = "helpline/listing_rules.html"
        preview_value = None

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, object]:
        kinds = (policy.PROGRAMME, policy.SUPPORT_LINE, policy.TEXT, policy.LAW, policy.LAW_TEXT)
        asked = {f"of_a_{kind}": policy.points(kind) for kind in kinds}
        return {**super().get_context(value, parent_context=parent_context), **asked}


class Guide(Prose):
    """The text of a guide."""

    listing_rules = ListingRules()
