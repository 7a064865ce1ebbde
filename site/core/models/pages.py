from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Page
from wagtail_localize.fields import SynchronizedField


class BasePage(Page):
    """What every page of this site has in common. Kept small: a mixin for each further concern, in the app that needs it."""

    # Help pages carry the exit, the crisis lines and stricter headers; their text never goes out as unreviewed machine translation.
    is_help_page = False
    # Pages that answer a query (search) are rendered on request when there is one.
    answers_query = False

    promote_panels = [
        MultiFieldPanel(
            [FieldPanel("slug"), FieldPanel("seo_title"), FieldPanel("search_description")], heading=_("For search engines")
        ),
        MultiFieldPanel([FieldPanel("show_in_menus")], heading=_("For menus")),
    ]

    # The address stays the same in every language, so that a link survives the switch of language.
    override_translatable_fields = [SynchronizedField("slug")]

    class Meta:
        abstract = True

    def printed_paths(self) -> list[str]:
        """The paths below this page that are printed, from the page's own address on: `""` is the page itself."""
        return [""]
