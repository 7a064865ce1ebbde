"""Admin screens for translators of texts that are not pages (`core.languages.wordings`).

Translators edit their language only.
"""

from collections.abc import Iterator

from django import forms
from django.conf import settings
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.models import Locale

from core.admin.views import AdminFormView, AdminView
from core.languages import kept, names, translators, wordings
from core.languages.lazy import StrOrPromise
from core.languages.wordings import Wording, WordingRow

TITLE = gettext_lazy("Words to translate")


def to_do(locale: Locale) -> list[WordingRow]:
    """Return the texts that wait for a translator."""
    return [row for wording in wordings.declared() for row in wording.rows(locale) if row.is_to_do]


class LanguageView(AdminView):
    """A view for one language: the one in its address, or else the first of the user's."""

    header_icon = "wagtail-localize-language"

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return self.code in self.codes

    @cached_property
    def codes(self) -> list[str]:
        return list(translators.languages_of(self.request.user))

    @cached_property
    def code(self) -> str:
        return self.kwargs.get("code") or next(iter(self.codes), "")

    @cached_property
    def locale(self) -> Locale:
        found = Locale.objects.filter(language_code=self.code).first()
        if found is None:
            raise Http404
        return found

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        source = settings.LANGUAGE_TABLE[settings.LANGUAGE_CODE]
        target = settings.LANGUAGE_TABLE[self.code]
        here = {"source": source, "target": target, "code": self.code}
        return super().get_context_data(**(kwargs | here))


class WordingsView(LanguageView, TemplateView):
    """All texts that are not pages, by the object that they belong to; those that wait for a translator come first."""

    template_name = "users/wordings.html"
    page_title = TITLE

    def get_page_subtitle(self) -> str:
        return names.language_name(self.code)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        groups = [(wording, wording.rows(self.locale)) for wording in wordings.declared()]
        others = [(code, names.language_name(code)) for code in self.codes if code != self.code]
        return super().get_context_data(groups=[each for each in groups if each[1]], others=others, **kwargs)


class WordingView(LanguageView, AdminFormView):
    """The texts of one row: the source, and a field for each in the language of the translator."""

    template_name = "users/wording.html"
    page_title = TITLE

    @cached_property
    def wording(self) -> Wording:
        found = next((each for each in wordings.declared() if each.key == self.kwargs["key"]), None)
        if found is None:
            raise Http404
        return found

    @cached_property
    def row(self) -> WordingRow:
        source = self.wording.source(self.kwargs["pk"])
        if source is None:
            raise Http404
        return self.wording.row(source, self.locale)

    def get_page_subtitle(self) -> str:
        return self.row.title

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield reverse("wordings", args=[self.code]), names.labelled(TITLE, names.language_name(self.code))

    def get_form(self, form_class: type[forms.BaseForm] | None = None) -> forms.Form:
        """Return a form with a field for each source text, as the model defines it."""
        form = forms.Form(self.request.POST or None)
        language = settings.LANGUAGE_TABLE[self.code]
        newest = self.row.newest
        words = kept.unsaved_words(self.row, self.locale)
        for name, label, text in self.row.words():
            field = self.wording.model._meta.get_field(name).formfield(label=label)
            field.help_text = ""
            field.required = field.required and bool(text)
            field.initial = words.get(name) or getattr(newest, name, "")
            field.widget.attrs |= {"lang": language.code, "dir": language.direction}
            field.source_text = text
            field.difference = self.row.difference(name, text)
            if text or field.initial:
                form.fields[name] = field
        form.fields["seen"] = forms.CharField(widget=forms.HiddenInput, required=False, initial=self.row.state_of_words)
        return form

    def form_valid(self, form: forms.Form) -> HttpResponse:
        submit = "submit_for_review" in self.request.POST
        seen = form.cleaned_data.pop("seen")
        if seen and seen != self.row.state_of_words:
            data = self.request.POST.copy()
            data["seen"] = self.row.state_of_words
            form.data = data
            text = gettext(
                "Not saved yet: meanwhile another user has changed the original, "
                "or this translation. Yours is below. Compare it and save again."
            )
            form.add_error(None, text)
            return self.form_invalid(form)
        words = dict.fromkeys(self.wording.fields, "") | form.cleaned_data
        try:
            self.wording.save(
                source=self.row.source, locale=self.locale, words=words, by=self.request.user, submit=submit
            )
        except ValidationError as error:
            for field, problems in error.message_dict.items():
                form.add_error(field if field in form.fields else None, problems)
            return self.form_invalid(form)
        kept.forget_words(self.row, self.locale)
        text = gettext("Saved as a draft. Only you see it yet.")
        if submit and self.wording.is_reviewed:
            text = gettext("Saved and submitted: a reviewer decides whether it is shown.")
        elif submit or not self.wording.has_drafts:
            text = gettext("Saved. The public will see it shortly.")
        messages.success(self.request, text)
        return HttpResponseRedirect(reverse("wordings", args=[self.code]))

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        past = self.wording.past(self.row, self.locale)
        return super().get_context_data(row=self.row, wording=self.wording, past=past, **kwargs)


urlpatterns = [
    path("words/", WordingsView.as_view(), name="wordings"),
    path("words/<slug:code>/", WordingsView.as_view(), name="wordings"),
    path("words/<slug:code>/<slug:key>/<int:pk>/", WordingView.as_view(), name="wording"),
]
