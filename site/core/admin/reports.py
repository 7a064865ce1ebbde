"""Reports for administrators: files that need attention, and the last runs of the scheduler."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Model, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.models import ReferenceIndex
from wagtail.permissions import policy_registry

from core import scheduler
from core.admin.views import AdminView
from core.models import JobRun, Picture, UploadedDocument

type Kept = Picture | UploadedDocument

# The number of files listed of each kind.
# The others are counted.
MOST = 100


def to_see() -> Iterator[dict[str, object]]:
    """Yield the groups of files that need attention, each with the reason, the most important first.

    A fixed number of queries.
    """
    documents = UploadedDocument.objects.order_by("title", "pk")
    # Uploaded pictures, without the first pages of files.
    pictures = Picture.objects.filter(first_page_of=None).order_by("title", "pk")
    yield listed(
        gettext("Pictures without a credit"),
        gettext("Name who made them, as they want to be named. The credit is shown wherever the picture is."),
        pictures.filter(credit=""),
    )
    yield listed(
        gettext("Pictures and files that are there twice"),
        gettext("Each has the same content as another. Keep one, and choose it wherever the other is used."),
        twice(pictures),
        twice(documents),
    )
    yield listed(
        gettext("Pictures and files that nothing uses"),
        gettext("No page, material or setting refers to them. A draft may, so look at it before you delete one."),
        unused(pictures),
        unused(documents),
    )


def twice(files: QuerySet[Any]) -> QuerySet[Any]:
    hashes = files.exclude(file_hash="").order_by().values("file_hash").annotate(number=Count("pk"))
    return files.filter(file_hash__in=hashes.filter(number__gt=1).values("file_hash")).order_by("file_hash", "pk")


def unused(files: QuerySet[Any]) -> QuerySet[Any]:
    model: type[Model] = files.model
    used = ReferenceIndex.objects.filter(to_content_type=ContentType.objects.get_for_model(model))
    return files.exclude(pk__in=[int(key) for key in used.values_list("to_object_id", flat=True).distinct()])


def listed(title: str, advice: str, *groups: QuerySet[Any]) -> dict[str, object]:
    """Return the first few files, each with its title and address in the admin, and the number of all."""
    found = [(file.title, edit_url(file)) for files in groups for file in files[:MOST]][:MOST]
    return {"title": title, "advice": advice, "files": found, "count": sum(files.count() for files in groups)}


def edit_url(file: Kept) -> str:
    return reverse("wagtailimages:edit" if isinstance(file, Picture) else "wagtaildocs:edit", args=[file.pk])


def may_see(user: AbstractUser | AnonymousUser) -> bool:
    """Return whether a user may add or change files.

    Wagtail grants that by folder, so no single permission shows it.
    """
    policy = policy_registry.get_by_type(UploadedDocument)
    allowed: bool = policy.user_has_any_permission(user, ["add", "change"])
    return allowed


class FilesReportView(AdminView, TemplateView):
    template_name = "core/files_report.html"
    page_title = _("Pictures and files to look at")
    header_icon = "doc-full-inverse"

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return may_see(user)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(parts=[*to_see()], **kwargs)


PERMISSION = "core.change_sitesettings"


class ScheduledJobsReportView(AdminView, TemplateView):
    template_name = "core/scheduled_jobs_report.html"
    page_title = _("Scheduled jobs")
    header_icon = "history"
    permission = PERMISSION

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        runs = {run.name: run for run in JobRun.objects.all()}
        late = {job.name for job in scheduler.late()}
        rows = [{"job": job, "run": runs.get(job.name), "late": job.name in late} for job in scheduler.declared()]
        return super().get_context_data(rows=rows, is_stopped=scheduler.is_stopped(), **kwargs)
