"""Import of a file at the desk: a preview of what would change, then a confirmation.

Between the two steps the file is kept in Wagtail's store for unfinished uploads, which no web server serves, for the person who uploaded it.
It is deleted once imported, and after a day in any case. Everything is imported as a draft, whatever the file says.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.models import UploadedFile

from core.desk.views import DeskView
from helpline.desk.import_preview import preview_rows, summary
from helpline.exchange.csv.columns import PROGRAMMES, SUPPORT_LINES
from helpline.exchange.csv.tables import LARGEST_FILE, BadTable
from helpline.exchange.hsds.reading import import_documents
from helpline.exchange.imports import ImportOutcome, import_table
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.http import HttpRequest, HttpResponse

    from helpline.exchange.imports import PlannedImport

CSV_PROGRAMMES, CSV_LINES, HSDS = "programmes", "support-lines", "hsds"
KINDS = {
    CSV_PROGRAMMES: _("Programmes, as a CSV table"),
    CSV_LINES: _("Support lines, as a CSV table"),
    HSDS: _("Programmes, as HSDS (Open Referral JSON)"),
}
MODELS: dict[str, type[Programme | SupportLine]] = {
    CSV_PROGRAMMES: Programme,
    CSV_LINES: SupportLine,
    HSDS: Programme,
}
ROWS_SHOWN = 500  # rows in the preview
UPLOADS_KEPT = dt.timedelta(days=1)


def import_file(kind: str, data: bytes, *, dry_run: bool) -> list[PlannedImport]:
    """Import a file, or with `dry_run` return what would change. Raises BadTable."""
    if kind == HSDS:
        return import_documents([("", data)], dry_run=dry_run)
    return import_table(PROGRAMMES if kind == CSV_PROGRAMMES else SUPPORT_LINES, data, dry_run=dry_run)


def kinds_for(user: Any) -> dict[str, Any]:
    """Return the kinds of file that a user may import: those of records that they may add."""
    return {
        kind: label
        for kind, label in KINDS.items()
        if user.has_perm(f"helpline.add_{MODELS[kind]._meta.model_name}")
    }


class ImportForm(forms.Form):
    kind = forms.ChoiceField(label=_("What the file contains"))
    file = forms.FileField(label=_("File"), help_text=_("At most 20 MB."))

    def __init__(self, *args: Any, for_user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = list(kinds_for(for_user).items())  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(gettext("The file is larger than 20 MB."))
        return file


class ImportView(DeskView, FormView):  # type: ignore[type-arg]  # Django's own has no argument
    """Choose a file, preview what would change, and confirm."""

    template_name = "helpline/desk/import.html"
    form_class = ImportForm
    page_title = _("Import listings")
    header_icon = "upload"

    def allows(self, user: Any) -> bool:
        return bool(kinds_for(user))

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "for_user": self.request.user}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.confirm() if "upload" in request.POST else super().post(request, *args, **kwargs)

    def form_valid(self, form: ImportForm) -> HttpResponse:
        kind, data = form.cleaned_data["kind"], form.cleaned_data["file"].read()
        try:
            changes = import_file(kind, data, dry_run=True)
        except BadTable as bad:
            return self.refused(form, bad)
        writes = any(change.outcome in {ImportOutcome.NEW, ImportOutcome.CHANGED} for change in changes)
        found = list(preview_rows(changes, MODELS[kind]))
        return self.render_to_response(
            self.get_context_data(
                form=form,
                kind=kind,
                summary=summary(changes),
                rows=found[:ROWS_SHOWN],
                more=max(0, len(found) - ROWS_SHOWN),
                upload=keep_upload(kind, data, self.request.user) if writes else None,
            )
        )

    def refused(self, form: ImportForm, bad: BadTable) -> HttpResponse:
        """Show the problems above the form; nothing was written."""
        for problem in bad.problems[:50]:
            form.add_error(None, str(problem))
        return self.form_invalid(form)

    def confirm(self) -> HttpResponse:
        kind = self.request.POST.get("kind", "")
        if kind not in kinds_for(self.request.user):
            raise PermissionDenied
        upload = find_upload(kind, self.request.POST["upload"], self.request.user)
        if upload is None:
            messages.error(self.request, gettext("This file is no longer available. Choose it again."))
            return redirect(self.request.path)
        with upload.file.open("rb") as file:
            data = file.read()
        try:
            changes = import_file(kind, data, dry_run=False)
        except BadTable as bad:
            messages.error(
                self.request, gettext("Nothing was imported. %(reason)s") % {"reason": bad.problems[0]}
            )
            return redirect(self.request.path)
        delete_upload(upload)
        messages.success(
            self.request, gettext("Imported: %(summary)s.") % {"summary": ", ".join(summary(changes))}
        )
        return redirect(reverse(MODELS[kind].snippet_viewset.get_url_name("list")))


# --- The file between the two steps ------------------------------------------------------------------------------------------------


def keep_upload(kind: str, data: bytes, user: Any) -> UploadedFile:
    delete_uploads(uploads_of(kind).filter(uploaded_by_user=user))  # one at a time per person
    upload = UploadedFile(for_content_type=content_type_of(kind), uploaded_by_user=user)
    upload.file.save(f"listings-{kind}", ContentFile(data))
    upload.save()
    return upload


def find_upload(kind: str, key: str, user: Any) -> UploadedFile | None:
    """Return the file that this person uploaded, if it is still there."""
    if not key.isdecimal() or len(key) > 18:
        return None
    found = uploads_of(kind).filter(pk=key, uploaded_by_user=user).first()
    return found if found is not None and default_storage.exists(found.file.name) else None


def uploads_of(kind: str) -> Any:
    return UploadedFile.objects.filter(
        for_content_type=content_type_of(kind), file__contains=f"listings-{kind}"
    )


def content_type_of(kind: str) -> ContentType:
    return ContentType.objects.get_for_model(MODELS[kind])


def delete_upload(upload: UploadedFile) -> None:
    upload.file.delete(save=False)
    upload.delete()


def delete_uploads(some: Iterable[UploadedFile]) -> None:
    for upload in some:
        delete_upload(upload)


def expired_uploads() -> Iterator[UploadedFile]:
    """Yield the uploads that were not confirmed within a day, and those whose file is gone."""
    for kind in KINDS:
        for upload in uploads_of(kind):
            name = upload.file.name
            if (
                not default_storage.exists(name)
                or default_storage.get_modified_time(name) < timezone.now() - UPLOADS_KEPT
            ):
                yield upload
