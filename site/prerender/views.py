"""The admin's report on prerendered pages, and documents and pictures where they are not prerendered."""

from pathlib import Path
from typing import Any

import django_filters
from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.urls import path, re_path
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.images import get_image_model
from wagtail.models import Page

from core.admin.todo import Lane, ToDo
from core.http import is_private_site, public_url
from core.http.access import may_work_here
from core.models import Picture
from prerender import addresses, invalidation
from prerender.models import Kind, PendingChange, PendingPath, PrerenderedPath, PrerenderedPathQuerySet
from prerender.rendering.renderer import quoted


def document(request: HttpRequest, document_id: int, document_filename: str) -> FileResponse:
    """Serve a public document in development.

    Prerendered ones never get here, and in production unrendered ones are a 404.
    """
    found = addresses.public_documents().filter(pk=document_id).first() if settings.RENDER_ON_REQUEST else None
    if found is None or found.filename != document_filename:
        raise Http404("There is no such document, or it is not public.")
    return FileResponse(Path(found.file.path).open("rb"), as_attachment=True, filename=found.filename)


def picture(request: HttpRequest, name: str) -> FileResponse:
    """Serve a rendition on the private site, to those who may see its picture.

    The public site has its own prerendered copies.

    Pages that development renders on request show it on the public site, too.
    """
    if not is_private_site(request) and not settings.RENDER_ON_REQUEST:
        raise Http404("Only what is prerendered is public.")
    found = get_image_model().get_rendition_model().objects.filter(file=f"images/{name}").first()
    if found is None or (is_private_site(request) and not may_see(request, found.image)):
        raise Http404("There is no such picture, or you may not see it.")
    return FileResponse(Path(found.file.path).open("rb"))


def may_see(request: HttpRequest, picture: Picture) -> bool:
    """Return whether a user of the private site may see a picture.

    All staff may, and readers of a restricted page that shows it.
    """
    if may_work_here(request):
        return True
    shown_on, _rows = invalidation.referrers(picture)
    for page in Page.objects.live().filter(pk__in=shown_on):
        restrictions = list(page.get_view_restrictions())
        # Without a restriction, the page is on the public site, and so is its picture.
        if restrictions and all(restriction.accept_request(request) for restriction in restrictions):
            return True
    return False


class PrerenderedPathFilterSet(WagtailFilterSet):
    path = django_filters.CharFilter(label=_("Address contains"), lookup_expr="contains")
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Kind)
    refused = django_filters.BooleanFilter(label=_("Refused"), method="only_refused")

    class Meta:
        model = PrerenderedPath
        fields = ["path", "kind", "refused"]

    def only_refused(self, prerendered: PrerenderedPathQuerySet, name: str, value: bool) -> QuerySet[PrerenderedPath]:
        return prerendered.refused() if value else prerendered.filter(refused="")


class BytesColumn(NumberColumn):
    def get_value(self, instance: PrerenderedPath) -> str:
        return "" if getattr(instance, self.accessor) is None else super().get_value(instance)


def address_to_open(prerendered: PrerenderedPath) -> str | None:
    """Return the public URL; None for an error page, which has none."""
    return None if prerendered.kind == Kind.ERROR else public_url(quoted(prerendered.path))


class PrerenderedPagesView(ReportView):
    """Every prerendered address: when it was last prerendered, its size, and why it was refused."""

    page_title = _("Public pages")
    header_icon = "print"
    index_url_name = "prerender:report"
    index_results_url_name = "prerender:report_results"
    model = PrerenderedPath
    filterset_class = PrerenderedPathFilterSet
    default_ordering = "path"
    columns = [
        TitleColumn("path", label=_("Address"), get_url=address_to_open, sort_key="path"),
        Column("kind_name", label=_("Kind")),
        DateColumn("rendered_at", label=_("Last updated"), sort_key="rendered_at"),
        BytesColumn("size", label=_("Bytes"), sort_key="size"),
        BytesColumn("compressed", label=_("With Brotli"), sort_key="compressed"),
        Column("refused", label=_("Refused because")),
    ]
    list_export = ["path", "kind_name", "rendered_at", "size", "compressed", "refused"]
    export_headings = {
        "path": _("Address"),
        "kind_name": _("Kind"),
        "rendered_at": _("Last updated"),
        "size": _("Bytes"),
        "compressed": _("With Brotli"),
        "refused": _("Refused because"),
    }

    def get_queryset(self) -> QuerySet[PrerenderedPath]:
        self.queryset = PrerenderedPath.objects.all()
        return super().get_queryset()

    def get_context_data(self, *args: object, **kwargs: object) -> dict[str, object]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        waiting = PendingChange.objects.count() + PendingPath.objects.count()
        if waiting:
            context["page_subtitle"] = _("Changes waiting to be published: %(count)s") % {"count": waiting}
        return context


def refused_for(user: AbstractUser) -> int:
    return PrerenderedPath.objects.refused().count() if user.has_perm("core.change_sitesettings") else 0


REFUSED = ToDo(
    title=_("Pages that could not be updated"),
    count=refused_for,
    url="prerender:report",
    lane=Lane.FAILED,
)
PICTURE = r"^media/images/(?P<name>[\w.-]+)$"

urlpatterns = [
    path("documents/<int:document_id>/<str:document_filename>", document, name="wagtaildocs_serve"),
    re_path(PICTURE, picture),
]
private_urlpatterns = [re_path(PICTURE, picture, name="picture")]
