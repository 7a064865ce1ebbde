"""Terms in the admin: the list, its table, and reports of public words to avoid, allowed exceptions and dead links."""

from collections.abc import Iterable, Iterator
from typing import Any

import django_filters
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.admin.widgets.button import Button
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.action_menu import ActionMenuItem

from campaigns import tables
from campaigns.languages import language_choices
from campaigns.models import AllowedException, LinkedAddress, Term
from campaigns.tables import list_url
from campaigns.terms import confirming, exchange, public_texts
from campaigns.terms.checker import words_url
from campaigns.terms.deciding import words_url_of
from campaigns.terms.public_texts import words_to_avoid
from core.admin.views import AdminView, RecordViewSet
from core.languages import names, tree
from core.languages.lazy import StrOrPromise

ENTER = "wagtailadmin.access_admin"


class ReadByStaff(ModelPermissionPolicy):
    """Read access for all users of the admin; changes need a permission."""

    def user_has_permission(self, user: AbstractUser | AnonymousUser, action: str) -> bool:
        if action == "view":
            return bool(user.has_perm(ENTER))
        return bool(super().user_has_permission(user, action))

    def user_has_any_permission(self, user: AbstractUser | AnonymousUser, actions: Iterable[str]) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)


TERMS, KEPT, READ = ReadByStaff(Term), ReadByStaff(AllowedException), ReadByStaff(LinkedAddress)


class TermFilterSet(WagtailFilterSet):
    language = django_filters.ChoiceFilter(label=_("Language"), choices=language_choices)
    level = django_filters.ChoiceFilter(label=_("Level"), choices=Term.Level.choices)
    confidence = django_filters.ChoiceFilter(label=_("Confidence"), choices=Term.Confidence.choices)
    says = django_filters.CharFilter(label=_("Contains"), method="saying")

    class Meta:
        model = Term
        fields: list[str] = []

    def saying(self, terms: QuerySet[Term], name: str, value: str) -> QuerySet[Term]:
        fields = ("word", "forms", "instead", "concept", "why")
        found = Q()
        for each in fields:
            found |= Q(**{f"{each}__icontains": value.replace("\0", "")})
        return terms.filter(found)


class TermIndexView(tables.TableIndexView):
    export_url_name = "export_terms"
    import_url_name = "import_terms"

    def may_import(self) -> bool:
        return TERMS.user_has_permission(self.request.user, "change")

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        more = super().header_more_buttons
        if confirming.languages_of(self.request.user):
            url = reverse("unconfirmed_terms")
            more.append(Button(confirming.TITLE, url=url, icon_name="openquote", priority=92))
        return more


class TermViewSet(RecordViewSet):
    model = Term
    icon = "openquote"
    index_view_class = TermIndexView
    filterset_class = TermFilterSet
    inspect_view_enabled = True
    inspect_view_fields = (
        "language", "level", "word", "forms", "instead", "why", "concept", "source_url", "quote", "confidence",
        "confirmed_by", "confirmed_at",
    )  # fmt: skip
    list_per_page = 50
    list_display = [
        "__str__",
        Column("get_language_display", label=_("Language"), sort_key="language"),
        Column("get_level_display", label=_("Level"), sort_key="level"),
        Column("instead", label=_("Instead"), accessor=lambda term: " / ".join(term.replacements)),
        Column("concept", label=_("What it means"), sort_key="concept"),
        DateColumn("changed_at", label=_("Changed"), sort_key="changed_at"),
    ]


class ExportTermsView(View):
    """Export of the filtered list, as a table that can be imported again."""

    def get(self, request: HttpRequest) -> StreamingHttpResponse:
        if not TERMS.user_has_permission(request.user, "view"):
            raise PermissionDenied
        chosen = TermFilterSet(request.GET, queryset=Term.objects.all(), request=request)
        return tables.export("terms.csv", exchange.table(chosen.qs))


class ImportTermsView(tables.ImportTableView):
    template_name = "campaigns/admin/terms/import.html"
    model = Term

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return TERMS.user_has_permission(user, "change") and TERMS.user_has_permission(user, "add")

    def read(self, text: str) -> tables.ImportPlan:
        return exchange.read(text)

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if "starter" in request.POST:
            text = exchange.of_this_version()
            return self.show(self.read(text), text)
        return super().post(request, *args, **kwargs)

    def saved(self, number: int) -> str:
        return ngettext("%(n)d term saved.", "%(n)d terms saved.", number) % {"n": number}


SHOWN = 50


class KeptFilterSet(WagtailFilterSet):
    language = django_filters.ChoiceFilter(label=_("Language"), choices=language_choices)
    found = django_filters.CharFilter(label=_("Contains"), lookup_expr="icontains")

    class Meta:
        model = AllowedException
        fields: list[str] = []


class AllowedExceptionsView(ReportView):
    page_title = _("Allowed exceptions")
    header_icon = "openquote"
    index_url_name = "allowed_exceptions:list"
    index_results_url_name = "allowed_exceptions:results"
    model = AllowedException
    permission_policy = KEPT
    any_permission_required = {"view"}
    filterset_class = KeptFilterSet
    default_ordering = "-at"
    columns = [
        TitleColumn("title", label=_("Where"), get_url=words_url_of, sort_key="title"),
        Column("found", label=_("Word"), sort_key="found"),
        Column("text", label=_("Text")),
        Column("reason", label=_("Reason")),
        Column("by", label=_("By")),
        DateColumn("at", label=_("When"), sort_key="at"),
    ]
    list_export = ["title", "language", "found", "text", "reason", "by", "at"]
    export_headings = {
        "title": _("Where"),
        "language": _("Language"),
        "found": _("Word"),
        "text": _("Text"),
        "reason": _("Reason"),
        "by": _("By"),
        "at": _("When"),
    }

    def get_queryset(self) -> QuerySet[AllowedException]:
        self.queryset = AllowedException.objects.select_related("by", "content_type")
        return super().get_queryset()

    def order_queryset(self, queryset: QuerySet[AllowedException]) -> QuerySet[AllowedException]:
        return super().order_queryset(queryset).order_by(*([self.ordering] if self.ordering else []), "-pk")


class PublicWordsView(AdminView, TemplateView):
    """Public words to avoid in one language. A term may have been added after the text was published."""

    template_name = "campaigns/admin/terms/public.html"
    page_title = _("Words to avoid that are public")
    header_icon = "openquote"
    permission = ENTER

    @cached_property
    def language(self) -> str:
        """The requested language, or else the first public one."""
        codes = tree.public_codes()
        asked = self.request.GET.get("language", "")
        return asked if asked in codes else next(iter(codes), "")

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        found = words_to_avoid(self.language) if self.language else []
        paginator = Paginator(found, SHOWN)
        shown = paginator.get_page(self.request.GET.get("p"))
        return super().get_context_data(
            **kwargs,
            language=self.language,
            languages=[(code, names.language_name(code)) for code in tree.public_codes()],
            open_count=sum(1 for each in found if each.kept is None),
            exception_count=sum(1 for each in found if each.kept is not None),
            shown=shown,
            rows=[(each, words_url(each.thing)) for each in shown],
        )


class PlacesColumn(Column):
    """The pages that link to an address, each with a link to its form."""

    cell_template_name = "campaigns/admin/terms/places.html"

    def get_value(self, instance: LinkedAddress) -> list[tuple[str, str]]:
        return [(reverse("wagtailadmin_pages:edit", args=[each["page"]]), each["title"]) for each in instance.places]


class DeadLinksView(ReportView):
    """The addresses on public pages whose last two checks failed."""

    page_title = _("Links that lead nowhere")
    header_icon = "link"
    index_url_name = "dead_links:list"
    index_results_url_name = "dead_links:results"
    model = LinkedAddress
    permission_policy = READ
    any_permission_required = {"view"}
    default_ordering = "url"
    columns = [
        Column("url", label=_("Web address"), sort_key="url"),
        Column("get_problem_display", label=_("Problem"), sort_key="problem"),
        DateColumn("tried_at", label=_("Last tried"), sort_key="tried_at"),
        PlacesColumn("places", label=_("Linked from")),
    ]
    list_export = ["url", "get_problem_display", "tried_at"]
    export_headings = {
        "url": _("Web address"),
        "get_problem_display": _("Problem"),
        "tried_at": _("Last tried"),
    }

    def get_queryset(self) -> QuerySet[LinkedAddress]:
        self.queryset = LinkedAddress.objects.dead()
        return super().get_queryset()


class FormsFoundView(AdminView, TemplateView):
    """Words in public texts that may be unlisted forms of the term, each with an occurrence."""

    template_name = "campaigns/admin/terms/forms.html"
    page_title = _("Forms in the texts of this site")
    header_icon = "openquote"

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
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
        yield list_url(Term), capfirst(str(Term._meta.verbose_name_plural))
        yield self.edit_url, str(self.term)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(
            **kwargs, term=self.term, proposed=public_texts.proposals(self.term), edit_url=self.edit_url
        )

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        chosen = [form.strip()[:300] for form in request.POST.getlist("form") if form.strip()]
        try:
            number = public_texts.accept(self.term, chosen[: public_texts.MOST])
        except ValidationError as problem:
            messages.error(request, " ".join(problem.messages))
            return HttpResponseRedirect(request.path)
        messages.success(request, ngettext("%(n)d form added.", "%(n)d forms added.", number) % {"n": number})
        return HttpResponseRedirect(self.edit_url)


class FormsFoundItem(ActionMenuItem):
    """Link from the form of a term to its forms in public texts."""

    name = "action-forms-found"
    label = _("Forms in the texts of this site")
    icon_name = "openquote"
    order = 61

    def get_url(self, parent_context: dict[str, Any]) -> str:
        return reverse("forms_found", args=[parent_context["instance"].pk])


def add_to_menu(items: list[ActionMenuItem], request: HttpRequest, context: dict[str, Any]) -> None:
    instance = context.get("instance")
    if context["view"] == "edit" and isinstance(instance, Term) and instance.level != Term.Level.USE:
        items.append(FormsFoundItem())
