from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.models import Page

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def footer_page(label: _StrPromise) -> models.ForeignKey[Page | None]:
    return models.ForeignKey(
        "wagtailcore.Page",
        verbose_name=label,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )


@register_setting(icon="cog")
class SiteSettings(BaseSiteSetting):
    """The operator's settings for all pages of the site."""

    # The pages that every page links to in its footer, in this order.
    FOOTER = ("contact", "privacy", "accessibility", "legal_notice")
    # All that every page links to.
    LINKED = ("after_harm", *FOOTER)

    name = models.CharField(_("name of the site"), max_length=100, default="Waymark")
    exit_url = models.URLField(
        _("quick exit leads to"),
        default="https://www.wikipedia.org/",
        help_text=_(
            "A neutral page that needs no explanation: news, weather, an encyclopedia. Not a personalised page."
        ),
    )
    after_harm = footer_page(_("page for people who were harmed"))
    contact = footer_page(_("contact"))
    privacy = footer_page(_("privacy notice"))
    accessibility = footer_page(_("accessibility statement"))
    legal_notice = footer_page(_("legal notice"))

    panels = [
        FieldPanel("name"),
        FieldPanel("exit_url"),
        MultiFieldPanel(
            [FieldPanel(name) for name in LINKED],
            heading=_("In the footer of every page"),
            help_text=_(
                "Choose the pages in the source language. "
                "Readers see them in their own language once they are translated."
            ),
        ),
    ]
    select_related = LINKED

    class Meta:
        verbose_name = _("site settings")
