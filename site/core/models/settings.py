from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting


@register_setting(icon="cog")
class SiteSettings(BaseSiteSetting):
    """What the operator of this site decides for all of its pages."""

    name = models.CharField(_("name of the site"), max_length=100, default="Waymark")
    corrections_email = models.EmailField(
        _("address for corrections"), blank=True, help_text=_("Where people report a wrong number. Shown on the contact page.")
    )
    exit_url = models.URLField(
        _("quick exit leads to"),
        default="https://www.wikipedia.org/",
        help_text=_("A neutral page that nobody needs to explain: news, weather, an encyclopedia. No personalised page."),
    )

    panels = [FieldPanel("name"), FieldPanel("corrections_email"), FieldPanel("exit_url")]

    class Meta:
        verbose_name = _("site settings")
