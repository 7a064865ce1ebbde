from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import register_setting
from wagtail.models import Site

from core.models import ApprovedSettings
from core.models.settings import HELP


@register_setting(icon="help")
class HelplineSettings(ApprovedSettings):
    """Settings of the helpline for one site."""

    corrections_email = models.EmailField(
        _("address for corrections"),
        blank=True,
        help_text=_("Where people report a wrong number. Shown on the contact page."),
    )
    shows_coverage = models.BooleanField(
        _("show the public where and when services answer"),
        default=False,
        help_text=_(
            "A map and a table in every language, below the finder. They also show where no service answers yet."
        ),
    )

    panels = [HELP, FieldPanel("corrections_email", read_only=True), FieldPanel("shows_coverage")]

    class Meta:
        verbose_name = _("helpline settings")

    @classmethod
    def current(cls) -> HelplineSettings:
        """Return the settings of the default site, for code without a request."""
        return cls.for_site(Site.objects.get(is_default_site=True))
