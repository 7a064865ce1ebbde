"""The page that proposes forms of a term from the site's own public texts. Nothing is added before somebody has ticked it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.snippets.action_menu import ActionMenuItem

from campaigns.models import Term
from campaigns.terms import proposals
from campaigns.terms.admin.permissions import TERMS
from campaigns.terms.admin.viewset import list_url
from core.desk.views import DeskView
from core.languages import names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse
    from django_stubs_ext import StrOrPromise


class FormsFoundView(DeskView, TemplateView):
    """The words in public texts that begin as a form of the term does, each with a place where it stands."""

    template_name = "campaigns/admin/terms/forms.html"
    page_title = _("Forms in the texts of this site")
    header_icon = "openquote"

    def allows(self, user: Any) -> bool:
        return TERMS.user_has_permission(user, "change")

    @cached_property
    def term(self) -> Term:
        return get_object_or_404(Term, pk=self.kwargs["pk"])

    @property
    def edit_url(self) -> str:
        term: Any = self.term
        return reverse(term.snippet_viewset.get_url_name("edit"), args=[term.pk])

    def get_page_subtitle(self) -> str:
        return f"{self.term} ({names.language_name(self.term.language)})"

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield list_url(), capfirst(str(Term._meta.verbose_name_plural))
        yield self.edit_url, str(self.term)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **kwargs, term=self.term, proposed=proposals.proposals(self.term), edit_url=self.edit_url
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        chosen = [form.strip()[:300] for form in request.POST.getlist("form") if form.strip()]
        try:
            number = proposals.accept(self.term, chosen[: proposals.MOST])
        except ValidationError as problem:
            messages.error(request, " ".join(problem.messages))
            return HttpResponseRedirect(request.path)
        messages.success(request, ngettext("%(n)d form added.", "%(n)d forms added.", number) % {"n": number})
        return HttpResponseRedirect(self.edit_url)


class FormsFoundItem(ActionMenuItem):
    """Link from the form of a term to the forms that the site's texts have of it."""

    name = "action-forms-found"
    label = _("Forms in the texts of this site")
    icon_name = "openquote"
    order = 61

    def get_url(self, parent_context: Any) -> str:
        return reverse("forms_found", args=[parent_context["instance"].pk])


def add_to_menu(items: list[Any], request: HttpRequest, context: dict[str, Any]) -> None:
    instance = context.get("instance")
    if context["view"] == "edit" and isinstance(instance, Term) and instance.level != Term.Level.USE:
        items.append(FormsFoundItem())
