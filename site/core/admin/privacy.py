"""View restrictions of a page, set for all of its languages together.

A private page is seldom public in another language.
"""

from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.pages import PageViewRestrictionForm
from wagtail.admin.modal_workflow import render_modal_workflow
from wagtail.admin.views.page_privacy import SetPrivacyView
from wagtail.models import Page, PageViewRestriction

from core.admin.unpublishing.views import version_name
from core.publishing import references


class RestrictionForm(PageViewRestrictionForm):
    """Wagtail's form, with the other languages of the page, all ticked."""

    languages = forms.MultipleChoiceField(label=_("Also in"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: object, page: Page, versions: list[Page], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.page = page
        choices = [(str(each.pk), version_name(each)) for each in versions]
        languages: Any = self.fields["languages"]
        languages.choices = choices
        languages.initial = [pk for pk, _name in choices]
        if not choices:
            del self.fields["languages"]

    def clean_restriction_type(self) -> str:
        kind: str = self.cleaned_data["restriction_type"]
        if kind != PageViewRestriction.NONE and (names := references.named_as(self.page)):
            text = gettext("The settings of the site name this page: %(names)s. Every page links to it.")
            raise forms.ValidationError(text % {"names": ", ".join(names)})
        return kind


class PrivacyView(SetPrivacyView):
    form_class = RestrictionForm

    def get_form_kwargs(self) -> dict[str, object]:
        user = self.request.user
        others = self.page.get_translations().filter(alias_of=None).select_related("locale")
        versions = [each for each in others if each.permissions_for_user(user).can_set_view_restrictions()]
        self.versions = versions
        return {**super().get_form_kwargs(), "page": self.page, "versions": versions}

    @transaction.atomic
    def form_valid(self, form: RestrictionForm) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        chosen = set(form.cleaned_data.get("languages", ()))
        for version in self.versions:
            if str(version.pk) in chosen:
                self.restrict(version, form)
        return answer

    def restrict(self, version: Page, form: RestrictionForm) -> None:
        """Make a page in another language as private as this one, or as public."""
        present = version.view_restrictions.first()
        if form.cleaned_data["restriction_type"] == PageViewRestriction.NONE:
            if present is not None:
                present.delete(user=self.request.user)
            return
        restriction = present or PageViewRestriction(page=version)
        restriction.restriction_type = form.cleaned_data["restriction_type"]
        restriction.password = form.cleaned_data.get("password") or ""
        restriction.save(user=self.request.user)
        restriction.groups.set(form.cleaned_data["groups"])

    def render_to_response(self, context: dict[str, object], **response_kwargs: object) -> HttpResponse:
        if not self.page.private_page_options:
            answer: HttpResponse = super().render_to_response(context, **response_kwargs)
            return answer
        shown: HttpResponse = render_modal_workflow(
            self.request,
            "core/set_privacy.html",
            template_vars=context,
            json_data={"step": "set_privacy"},
            **response_kwargs,
        )
        return shown
