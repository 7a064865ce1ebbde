from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Locale
from wagtail_localize.locales.components import register_locale_component


class LanguageStateQuerySet(models.QuerySet["LanguageState"]):
    def public(self) -> "LanguageStateQuerySet":
        return self.filter(state=LanguageState.State.PUBLIC)

    def codes(self) -> list[str]:
        """Language codes, in order."""
        return list(self.order_by("locale__language_code").values_list("locale__language_code", flat=True))


@register_locale_component(
    heading=_("Who sees this language"),
    help_text=_("A language is prepared at the desk until it is public. A retired one keeps its pages, unseen."),
    required=True,
)
class LanguageState(models.Model):
    """Whether the public sees a language. One row for each Wagtail Locale; without a row a language is in preparation."""

    class State(models.TextChoices):
        PREPARATION = "preparation", _("in preparation")
        PUBLIC = "public", _("public")
        RETIRED = "retired", _("retired")

    locale = models.OneToOneField(Locale, on_delete=models.CASCADE, related_name="language_state", editable=False)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.PREPARATION)

    objects = LanguageStateQuerySet.as_manager()

    class Meta:
        verbose_name = _("state of a language")
        verbose_name_plural = _("states of languages")

    def __str__(self) -> str:
        return f"{self.locale.language_code}: {self.get_state_display()}"
