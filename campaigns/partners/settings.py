from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.models import Site


@register_setting(icon="bullhorn")
class CampaignSettings(BaseSiteSetting):
    """Settings of the campaigns, one row per site."""

    signatory = models.CharField(
        _("who signs certificates"),
        max_length=120,
        blank=True,
        help_text=_("Name of the person. Without one, the certificate names this site only."),
    )
    signatory_office = models.CharField(
        _("office of the person"),
        max_length=160,
        blank=True,
        help_text=_("As it is printed below the name, in every language."),
    )

    panels = [
        MultiFieldPanel(
            [FieldPanel("signatory"), FieldPanel("signatory_office")],
            heading=_("Certificates for partners"),
        )
    ]

    class Meta:
        verbose_name = _("campaign settings")

    @classmethod
    def current(cls) -> CampaignSettings:
        site = Site.objects.filter(is_default_site=True).first()
        return cls.for_site(site) if site else cls()
