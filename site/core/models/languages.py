from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import Locale, Page, Site
from wagtail_localize.locales.components import LocaleComponentModelForm, register_locale_component

from core.languages import catalogues


class LanguageStateQuerySet(models.QuerySet["LanguageState"]):
    def public(self) -> LanguageStateQuerySet:
        return self.filter(state=LanguageState.State.PUBLIC)

    def codes(self) -> list[str]:
        """Return the language codes, sorted."""
        return list(self.order_by("locale__language_code").values_list("locale__language_code", flat=True))


class LanguageStateForm(LocaleComponentModelForm):
    """Refuse to make a language public before it has a home page and a complete interface."""

    def validate_with_locale(self, locale: Locale) -> None:
        super().validate_with_locale(locale)
        if self.cleaned_data.get("state") == LanguageState.State.PUBLIC:
            obstacles = LanguageState.obstacles(locale)
            if obstacles:
                raise ValidationError({"state": [gettext("This language cannot be public yet."), *obstacles]})


@register_locale_component(
    heading=_("Who sees this language"),
    help_text=_(
        "A language is prepared in the admin until it is public. "
        "A retired language keeps its pages, but the public cannot see them. "
        "Changing this publishes all pages of the language, or removes them from the public site."
    ),
    required=True,
)
class LanguageState(models.Model):
    """Publication state of a language.

    One row for each Wagtail Locale; a language without one is in preparation.
    """

    class State(models.TextChoices):
        PREPARATION = "preparation", _("in preparation")
        PUBLIC = "public", _("public")
        RETIRED = "retired", _("retired")

    locale = models.OneToOneField(Locale, on_delete=models.CASCADE, related_name="language_state", editable=False)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.PREPARATION)

    panels = [FieldPanel("state")]
    base_form_class = LanguageStateForm

    objects = LanguageStateQuerySet.as_manager()

    class Meta:
        verbose_name = _("state of a language")
        verbose_name_plural = _("states of languages")

    def __str__(self) -> str:
        return f"{self.locale.language_code}: {self.get_state_display()}"

    @classmethod
    def obstacles(cls, locale: Locale) -> list[str]:
        """Return why a language may not be public yet, as sentences; empty if it may."""
        found = catalogues.gaps(locale.language_code).sentences()
        site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
        homes = (
            Page.objects.live().filter(translation_key=site.root_page.translation_key) if site else Page.objects.none()
        )
        if not (locale.pk and homes.filter(locale_id=locale.pk).exists()):
            found.append(gettext("There is no published home page in this language."))
        return found
