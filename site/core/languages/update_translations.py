"""wagtail-localize's view for updating translations, which publishes only complete ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext, gettext_lazy
from wagtail.admin import messages
from wagtail_localize.views.update_translations import UpdateTranslationsView

from core.languages import machine
from core.models import BasePage

if TYPE_CHECKING:
    from django.forms import Form
    from django.http import HttpResponse
    from wagtail_localize.models import Translation


class UpdateTranslations(UpdateTranslationsView):
    """Publish the complete translations. The others keep their public version, and a message lists them."""

    def get_form(self) -> Form:
        form: Form = super().get_form()
        field = form.fields["publish_translations"]
        field.help_text = gettext_lazy(
            "Publishes the translations that are complete. The others stay as they are until they are translated."
        )
        if getattr(self.object.specific_content_type.model_class(), "needs_second_person", False):
            field.disabled = True
            field.help_text = gettext_lazy(
                "A second person decides about each translation of this page, when it is handed in."
            )
        return form

    def form_valid(self, form: Form) -> HttpResponse:
        wants_machine = form.cleaned_data.pop("use_machine_translation", False)
        response: HttpResponse = super().form_valid(form)
        if wants_machine:
            for translation in self.object.translations.filter(enabled=True):
                if machine.provider_for(translation) is not None:
                    machine.ask(translation, by=self.request.user)
        if form.cleaned_data["publish_translations"]:
            for translation in self.object.translations.filter(enabled=True).select_related(
                "target_locale", "source"
            ):
                if reasons := reasons_against(translation):
                    messages.warning(self.request, self.explanation(translation, reasons))
        return response

    @staticmethod
    def explanation(translation: Translation, reasons: list[str]) -> str:
        return gettext(
            "Not published in %(language)s. The public still sees the previous version. %(reasons)s"
        ) % {
            "language": translation.target_locale,
            "reasons": " ".join(reasons),
        }


def reasons_against(translation: Translation) -> list[str]:
    """Return why a translation, in its current state, may not be published; empty if it may, or if it is not a page."""
    found: Any = translation.source.get_ephemeral_translated_instance(
        translation.target_locale, fallback=True
    )
    return found.reasons_not_to_publish() if isinstance(found, BasePage) else []
