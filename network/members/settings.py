from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.models import Site


@register_setting(icon="group")
class NetworkSettings(BaseSiteSetting):
    """Settings of the network, one row per site."""

    contact_email = models.EmailField(
        _("address of the network's team"),
        blank=True,
        help_text=_("Replies to our emails go there, and people who cannot use the form write to it."),
    )

    panels = [FieldPanel("contact_email")]

    class Meta:
        verbose_name = _("network settings")

    @classmethod
    def contact(cls) -> str:
        """Return the address that members write to."""
        site = Site.objects.filter(is_default_site=True).first()
        own = cls.for_site(site).contact_email if site else ""
        return own or settings.DEFAULT_FROM_EMAIL
