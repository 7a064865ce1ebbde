"""Categories in the admin: their use, and merging, retiring and bringing them back."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets.button import BaseButton, Button
from wagtail.log_actions import LogFormatter
from wagtail.models import ModelLogEntry
from wagtail.snippets.views.snippets import EditView

from core.admin.features import WITHOUT_LOCK, Feature, Missing
from core.admin.views import AdminView, RecordViewSet, TranslatedIndexView
from core.languages.lazy import StrOrPromise
from network.models import Category
from network.vocabulary import services
from network.vocabulary.models import columns, vocabulary
from users.models import User

PERMISSION = "network.change_category"


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryUse:
    """Number of rows of a kind with a category, and how many of them have the other one, too."""

    kind: str
    rows: int
    both: int = 0


def uses(category: Category, into: Category | None = None) -> Iterator[CategoryUse]:
    """Yield the number of rows with a category, column by column.

    Two queries for each at most.
    """
    for column in columns(category.group):
        held = column.holding(category.code)
        yield CategoryUse(
            kind=capfirst(str(column.model._meta.verbose_name_plural)),
            rows=held.count(),
            both=column.also_holding(held, into.code).count() if into else 0,
        )


class MergeForm(forms.Form):
    """Target of a merge: any category of the same group that can be chosen."""

    into = forms.ChoiceField(
        label=_("Merge into"),
        error_messages={"invalid_choice": _("There is no such category any more. Please choose another one.")},
    )

    def __init__(self, *args: Any, category: Category, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["into"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (for the type checker)
        offered = vocabulary(get_language()).offered(category.group)
        others = [(code, name) for code, name in offered.items() if code != category.code]
        field.choices = [("", _("Please choose")), *others]
        self.category = category

    @property
    def chosen(self) -> Category | None:
        """Return the category to merge into, once the form is valid."""
        return Category.objects.coded(self.category.group, self.cleaned_data["into"]).first()


class CategoryStateView(AdminView, TemplateView):
    """Use of a category, and the actions on it.

    The effects of a merge are shown before it is done.
    """

    template_name = "network/vocabulary/admin/category.html"
    page_title = _("Merge or retire")
    header_icon = "tag"
    permission = PERMISSION

    @cached_property
    def category(self) -> Category:
        return get_object_or_404(Category.objects.select_related("locale"), pk=self.kwargs["pk"])

    @property
    def by(self) -> User:
        # All views of the admin require sign-in.
        return cast("User", self.request.user)

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield list_url(), capfirst(str(Category._meta.verbose_name_plural))

    def get_page_subtitle(self) -> str:
        return str(self.category)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        given = {"into": self.request.GET["into"]} if "into" in self.request.GET else None
        form = MergeForm(given, category=self.category)
        into = form.chosen if form.is_bound and form.is_valid() else None
        return super().get_context_data(
            **{
                "category": self.category,
                "merged_into": self.name_of(self.category.replaced_by),
                "form": form,
                "into": into,
                "into_name": self.name_of(into.code) if into else "",
                "uses": list(uses(self.category, into)),
                **kwargs,
            }
        )

    def name_of(self, code: str) -> str:
        return vocabulary(get_language()).names[self.category.group].get(code, code)

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        match request.POST.get("action"):
            case "merge":
                return self.merge(request)
            case "retire":
                services.retire(category=self.category, by=self.by)
                messages.success(request, _("Retired. It can no longer be chosen; members who have it keep it."))
            case "bring_back":
                services.bring_back(category=self.category, by=self.by)
                messages.success(request, _("Brought back. It can be chosen again."))
            case _:
                messages.error(request, gettext("There is no such action."))
        return redirect(request.path)

    def merge(self, request: HttpRequest) -> HttpResponse:
        form = MergeForm(request.POST, category=self.category)
        try:
            into = form.chosen if form.is_valid() else None
            if into is None:
                raise services.NotMergeableError
            changed = services.merge(category=self.category, into=into, by=self.by)
        except services.NotMergeableError:
            messages.error(
                request,
                gettext("Nothing was merged: one of the two has been merged, retired or deleted meanwhile."),
            )
            return redirect(request.path)
        messages.success(
            request,
            ngettext(
                "Merged. %(count)d entry was changed; public pages follow within minutes.",
                "Merged. %(count)d entries were changed; public pages follow within minutes.",
                changed,
            )
            % {"count": changed},
        )
        return redirect(list_url())


class StateColumn(Column):
    """State of a category: retired, or merged into another."""

    def get_value(self, instance: Category) -> str:
        if instance.replaced_by:
            return gettext("merged into %(code)s") % {"code": instance.replaced_by}
        return gettext("retired") if instance.retired else ""


class CategoryEditView(EditView):
    @property
    def header_more_buttons(self) -> list[Button]:
        return [*super().header_more_buttons, *state_buttons(self.object, self.request.user)]


class CategoryIndexView(TranslatedIndexView):
    def get_list_more_buttons(self, instance: Category) -> list[BaseButton]:
        return [*super().get_list_more_buttons(instance), *state_buttons(instance, self.request.user)]


class CategoryViewSet(RecordViewSet):
    model = Category
    missing_features: Missing = {
        **WITHOUT_LOCK,
        **dict.fromkeys(
            (Feature.SCHEDULE, Feature.WORKFLOW),
            _("Everyone who writes categories may publish them, by hand."),
        ),
    }
    index_view_class = CategoryIndexView
    edit_view_class = CategoryEditView
    icon = "tag"
    list_display = [
        "name",
        Column("get_group_display", label=_("Group"), sort_key="group"),
        "code",
        StateColumn("state", label=_("State")),
        "locale",
    ]
    list_filter = ["group", "retired"]
    list_per_page = 50
    ordering = ["group", "code"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return Category.objects.select_related("locale")

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("merge/<int:pk>/", CategoryStateView.as_view(), name="merge"),
        ]


def list_url() -> str:
    return reverse(Category.snippet_viewset.get_url_name("list"))


def state_buttons(category: Category, user: User) -> Iterator[Button]:
    """Link each category in the list, and its form, to the page for merging and retiring."""
    if user.has_perm(PERMISSION):
        url = reverse(category.snippet_viewset.get_url_name("merge"), args=[category.pk])
        yield Button(CategoryStateView.page_title, url=url, icon_name="tag", priority=15)


class Merged(LogFormatter):
    """History entry about a merge, with the target."""

    label = _("Merge a category")

    def format_message(self, log_entry: ModelLogEntry) -> str:
        return gettext("Merged into %(code)s; entries changed: %(count)s") % {
            "code": log_entry.data.get("into", ""),
            "count": log_entry.data.get("rows", ""),
        }
