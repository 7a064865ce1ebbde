from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import URLValidator
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


# Where the quick exit leads unless an address is chosen.
DEFAULT_EXIT = "https://www.wikipedia.org/"


class ExitAddress(models.Model):
    """A neutral website to which the quick exit may lead once a second person has approved it.

    An address does not change: another one is proposed, and this one is deleted.
    """

    url = models.URLField(
        _("address"),
        unique=True,
        validators=[URLValidator(schemes=("https",))],
        help_text=_(
            "A neutral page that needs no explanation: news, weather, an encyclopedia. Not a personalised page."
        ),
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("proposed by"),
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("approved by"),
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, editable=False)

    class Meta:
        verbose_name = _("exit address")
        verbose_name_plural = _("exit addresses")
        ordering = ("url",)
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(approved_by=models.F("proposed_by")), name="exit_addresses_take_two_people"
            )
        ]

    def __str__(self) -> str:
        return self.url


@register_setting(icon="cog")
class SiteSettings(BaseSiteSetting):
    """The operator's settings for all pages of the site."""

    # The pages that every page links to in its footer, in this order.
    FOOTER = ("contact", "privacy", "accessibility", "legal_notice")
    # All that every page links to.
    LINKED = ("after_harm", *FOOTER)

    name = models.CharField(_("name of the site"), max_length=100, default="Waymark")
    exit = models.ForeignKey(
        ExitAddress,
        verbose_name=_("quick exit leads to"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        limit_choices_to={"approved_at__isnull": False},
        help_text=_(
            "An approved address of the list “Exit addresses” in the settings. Without a choice, it leads to Wikipedia."
        ),
    )
    after_harm = footer_page(_("page for people who were harmed"))
    contact = footer_page(_("contact"))
    privacy = footer_page(_("privacy notice"))
    accessibility = footer_page(_("accessibility statement"))
    legal_notice = footer_page(_("legal notice"))

    panels = [
        FieldPanel("name"),
        FieldPanel("exit"),
        MultiFieldPanel(
            [FieldPanel(name) for name in LINKED],
            heading=_("In the footer of every page"),
            help_text=_(
                "Choose the pages in the source language. "
                "Readers see them in their own language once they are translated."
            ),
        ),
    ]
    select_related = ("exit", *LINKED)

    class Meta:
        verbose_name = _("site settings")

    @property
    def exit_url(self) -> str:
        """Return where the quick exit leads: only to an address that two people have approved."""
        return self.exit.url if self.exit is not None and self.exit.approved_at is not None else DEFAULT_EXIT
