"""Admin views for files of translations: download, upload, and the outcome for each text."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from wagtail.admin import messages
from wagtail.models import Page
from wagtail.permissions import page_permission_policy
from wagtail_localize.models import Translation

from core.admin.views import AdminFormView, RunningView
from core.languages import names, translators
from core.languages.exchange.documents import PAGE, RefusedBecause, SourceInLanguage, TranslationFileError
from core.languages.exchange.exporting import MOST_CELLS, export
from core.languages.exchange.importing import LARGEST_FILE, cancel, start_import
from core.languages.lazy import StrOrPromise
from core.models.translations import ImportedDocument, TranslationImport

UPLOAD = _("Upload translations")
# The largest number of pages and rows whose texts the outcome of an upload lists.
DOCUMENTS_SHOWN = 100
ENDINGS = (".xlf", ".xliff", ".po", ".zip")


def may_translate(user: AbstractUser | AnonymousUser) -> bool:
    """Return whether a user may translate any text."""
    return bool(translators.languages_of(user)) or page_permission_policy.user_has_any_permission(user, {"change"})


class DownloadTranslationsView(View):
    """The texts of one or more cells (`?cell=page:32:de&cell=…&format=xliff`), for those who may translate them."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            cells = [SourceInLanguage.parse(text) for text in request.GET.getlist("cell")]
            if not cells or len(cells) > MOST_CELLS:
                raise ValueError(len(cells))
            file = export(cells, file_format=request.GET.get("format", "xliff"), user=request.user)
        except (ValueError, KeyError):
            raise Http404("There is no such selection of texts.") from None
        if file is None:
            raise PermissionDenied
        return file.response()


class DownloadPOView(View):
    """Replacement for wagtail-localize's download of a translation's PO file."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, translation_id: int) -> HttpResponse:
        file = export([cell_of(translation_id)], file_format="po", user=request.user)
        if file is None:
            raise PermissionDenied
        return file.response()


def cell_of(translation_id: int) -> SourceInLanguage:
    """Return the cell of wagtail-localize's translation.

    Raises Http404.
    """
    translation = get_object_or_404(
        Translation.objects.select_related("source", "target_locale"), pk=translation_id, enabled=True
    )
    page = translation.source.get_source_instance()
    if not isinstance(page, Page):
        raise Http404("This is not the translation of a page.")
    return SourceInLanguage(key=PAGE, pk=page.pk, language=translation.target_locale.language_code)


class TranslationsForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_("XLIFF 1.2 (.xlf), PO (.po), or several of them in a ZIP archive. At most 20 MB."),
    )

    def clean_file(self) -> Any:
        """Reject files that are too large or of another type.

        The worker finds all other errors: nothing is parsed here.
        """
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(gettext("The file is larger than 20 MB."))
        if not file.name.lower().endswith(ENDINGS):
            raise forms.ValidationError(TranslationFileError.Problem.OTHER.label)
        return file


class UploadTranslationsView(AdminFormView):
    """Form to upload a file of translations for the worker."""

    template_name = "core/upload_translations.html"
    form_class = TranslationsForm
    page_title = UPLOAD
    header_icon = "upload"

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return may_translate(user)

    def form_valid(self, form: TranslationsForm) -> HttpResponse:
        job = start_import(file=form.cleaned_data["file"], by=self.request.user)
        return redirect("translations_upload", job.pk)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        mine = TranslationImport.objects.filter(by_id=self.request.user.pk)[:10]
        return super().get_context_data(**(kwargs | {"earlier": mine}))


class UploadPOView(UploadTranslationsView):
    """Replacement for wagtail-localize's upload of a translation's PO file.

    The file itself names its page and language.
    """

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: object, **kwargs: Any) -> HttpResponse:
        cell_of(kwargs["translation_id"])
        return super().post(request, *args, **kwargs)


class TranslationsUploadView(RunningView):
    """The result of an upload for each text of its file."""

    template_name = "core/translations_upload.html"
    page_title = UPLOAD
    header_icon = "upload"

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return may_translate(user)

    @cached_property
    def job(self) -> TranslationImport:
        return get_object_or_404(TranslationImport, pk=self.kwargs["pk"], by=self.request.user)

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield reverse("upload_translations"), UPLOAD

    def get_page_subtitle(self) -> str:
        return self.job.name

    @property
    def is_running(self) -> bool:
        return self.job.is_running

    @property
    def last_change(self) -> dt.datetime:
        return self.job.changed_at

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        job = self.job
        changed = job.documents.exclude(taken=0, refused=0)
        documents = [outcome_of(document) for document in changed[:DOCUMENTS_SHOWN]]
        counts = job.documents.aggregate(
            taken=Sum("taken"),
            refused=Sum("refused"),
            same=Sum("same"),
            empty=Sum("empty"),
            documents=Count("pk"),
        )
        every = counts.pop("documents")
        context = {
            "job": job,
            "problem": TranslationFileError.Problem(job.problem).label if job.problem else "",
            "documents": documents,
            "more": changed.count() - len(documents),
            "unchanged": every - len(documents),
            "source_language": settings.LANGUAGE_CODE,
            "counts": {name: intcomma(value or 0) for name, value in counts.items()},
        }
        return super().get_context_data(**(kwargs | context))

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not cancel(self.job):
            messages.warning(request, gettext("It was too late to cancel this import."))
        return redirect(request.path)


def outcome_of(document: ImportedDocument) -> dict[str, object]:
    """Return the outcome of an import for the texts of a page, with the reasons as text."""
    reasons = {**dict(RefusedBecause.choices), **dict(TranslationFileError.Problem.choices)}
    units = [{**unit, "reason": reasons.get(unit["because"], unit["because"])} for unit in document.units]
    return {
        "title": document.title,
        "url": document.url,
        "language": document.language,
        "language_name": names.language_name(document.language) if document.language else "",
        "taken": document.taken,
        "more": document.taken + document.refused - len(units),
        "accepted": [unit for unit in units if not unit["because"]],
        "refused": [unit for unit in units if unit["because"]],
    }
