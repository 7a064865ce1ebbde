"""The chooser of pages, which names no drafts to people who do not see them in the explorer.

That includes the new title of a public page.
Wagtail's hook filters the list and the search, but not the page above the list and the pages that were chosen, so these
two views are replaced at their addresses.
"""

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views import chooser
from wagtail.models import Page
from wagtail.permissions import page_permission_policy


def visible(pages: QuerySet[Page], request: HttpRequest) -> QuerySet[Page]:
    """Leave out what the public does not see, unless the user sees it in the explorer."""
    own = page_permission_policy.explorable_instances(request.user).values("pk")
    return pages.filter(pk__in=Page.objects.filter(Q(pk__in=own) | Q(live=True, draft_title=F("title"))).values("pk"))


class BrowseView(chooser.BrowseView):
    """Wagtail's list, from the root instead of from a draft of others."""

    parent_page: Page

    def get_object_list(self) -> QuerySet[Page]:
        if not visible(Page.objects.filter(pk=self.parent_page.pk), self.request).exists():
            self.parent_page = Page.get_first_root_node()
        pages: QuerySet[Page] = super().get_object_list()
        return pages


class ChosenPagesView(chooser.ChosenMultipleView):
    def get(self, request: HttpRequest) -> HttpResponse:
        asked = [pk for pk in request.GET.getlist("id") if pk.isdecimal()]
        given = request.GET.copy()
        given.setlist("id", list(visible(Page.objects.filter(pk__in=asked), request).values_list("pk", flat=True)))
        request.GET = given  # type: ignore[assignment]  # Wagtail's view reads it there
        response: HttpResponse = super().get(request)
        return response


urlpatterns: list[URLPattern] = [
    path("", require_admin_access(BrowseView.as_view())),
    path("<int:parent_page_id>/", require_admin_access(BrowseView.as_view())),
    path("chosen-multiple/", require_admin_access(ChosenPagesView.as_view())),
]
