"""Import of a file in the admin: the worker reads it, a page previews the changes, and the user confirms or cancels.

Everything is imported as a draft, regardless of what the file says.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from core.admin.views import AdminFormView, RunningView
from core.languages.bidi import left_to_right
from core.languages.lazy import StrOrPromise
from core.languages.names import joined, language_name
from helpline.approval.authorship import Value
from helpline.exchange.csv.tables import LARGEST_FILE
from helpline.exchange.imports import background
from helpline.exchange.imports.background import Stage
from helpline.exchange.imports.drafts import ImportOutcome, PlannedImport
from helpline.exchange.imports.kinds import HSDS, MODELS
from helpline.exchange.models import ListingImport
from helpline.governance.review.comparison import hours_in_words, value_in_words
from helpline.records.programmes import ContactPoint
from helpline.vocabulary.codes import Channel

OUTCOME_LABELS = {
    ImportOutcome.NEW: _("New draft"),
    ImportOutcome.CHANGED: _("Draft changed"),
    ImportOutcome.CONFLICT: _("Left unchanged: a person has edited or checked it"),
}


@dataclass(frozen=True, slots=True)
class ImportRow:
    """Outcome for one listing, as a row of the preview."""

    name: str
    reference: str
    what: StrOrPromise
    differences: list[tuple[str, str, str]]


def preview_rows(changes: Iterable[PlannedImport], model: type[Any]) -> Iterator[ImportRow]:
    for change in changes:
        if change.outcome in OUTCOME_LABELS:
            differences = [
                (
                    field_label(difference.field, model),
                    in_words(difference.field, difference.before, model),
                    in_words(difference.field, difference.after, model),
                )
                for difference in change.differences
            ]
            yield ImportRow(
                change.name or change.reference, change.reference, OUTCOME_LABELS[change.outcome], differences
            )


def field_label(field: str, model: type[Any]) -> str:
    """Return the label that the forms of the admin give a field."""
    if field.startswith("contact_points["):
        number, _dot, name = field.removeprefix("contact_points[").partition("].")
        label = capfirst(str(ContactPoint._meta.get_field(name).verbose_name))  # type: ignore[union-attr]
        return gettext("Contact point %(number)s: %(field)s") % {"number": number, "field": label}
    if field == "contact_points":
        return gettext("Contact points")
    return capfirst(str(model._meta.get_field(field).verbose_name))


def in_words(field: str, value: Value, model: type[Any]) -> str:
    """Return a value of a field, as `FieldChange` names it, in words."""
    if field == "contact_points":
        return "\n".join(contact_in_words(point) for point in value or ())
    if field.startswith("contact_points["):
        model, field = ContactPoint, field.partition("].")[2]
    return value_in_words(model, model._meta.get_field(field), value)


def contact_in_words(point: Mapping[str, Any]) -> str:
    """Return a contact point as one line.

    Example: “Phone +49 30 1234 · in German and English · Monday to Friday 9:00 to 17:00”.
    """
    known = {name: value for name, value in point.items() if value and value != "unknown"}
    channel = known.get("channel", "")
    leads = [known[name] for name in ("number", "email", "url") if name in known]
    parts = [
        " ".join(
            [
                str(Channel(channel).label) if channel in Channel.values else gettext("Contact"),
                *map(left_to_right, leads),
            ]
        )
    ]
    if "address" in known:
        parts.append(known["address"])
    if "languages" in known:
        spoken = joined(language_name(code) for code in known["languages"])
        # Translators: the languages in which a contact point answers: “in German and French”.
        parts.append(gettext("in %(languages)s") % {"languages": spoken})
    if "opening_hours" in known:
        parts.append(hours_in_words(known["opening_hours"]))
    return " · ".join(parts)


def summary(counts: Mapping[str, int]) -> list[str]:
    """Return the number of listings for each outcome, as `background.outcome` counts them."""
    new, changed, conflict, same = (
        counts.get(each.value, 0)
        for each in (ImportOutcome.NEW, ImportOutcome.CHANGED, ImportOutcome.CONFLICT, ImportOutcome.SAME)
    )
    return [
        ngettext("%(n)s new draft", "%(n)s new drafts", new) % {"n": new},
        ngettext("%(n)s draft changed", "%(n)s drafts changed", changed) % {"n": changed},
        ngettext("%(n)s conflict", "%(n)s conflicts", conflict) % {"n": conflict},
        ngettext("%(n)s unchanged", "%(n)s unchanged", same) % {"n": same},
    ]


KINDS = {
    "programmes": _("Programmes, as a table (CSV or Excel)"),
    "programme-texts": _("Texts of programmes, as a table (CSV or Excel)"),
    "support-lines": _("Support lines, as a table (CSV or Excel)"),
    "laws": _("Laws of countries, as a table (CSV or Excel)"),
    "law-texts": _("Texts of laws, as a table (CSV or Excel)"),
    HSDS: _("Programmes, as HSDS (Open Referral JSON)"),
}


def kinds_for(user: AbstractUser | AnonymousUser) -> dict[str, StrOrPromise]:
    """Return the kinds of file that a user may import: those of records that they may add."""
    return {
        kind: label for kind, label in KINDS.items() if user.has_perm(f"helpline.add_{MODELS[kind]._meta.model_name}")
    }


class ImportForm(forms.Form):
    kind = forms.ChoiceField(label=_("What the file contains"))
    file = forms.FileField(label=_("File"), help_text=_("At most 20 MB, and at most 2,000 listings or texts."))

    def __init__(self, *args: Any, for_user: AbstractUser | AnonymousUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = list(kinds_for(for_user).items())  # type: ignore[attr-defined]

    def clean_file(self) -> bytes:
        """Return the content of the file.

        Raises ValidationError if the file is too large.
        The worker reports all other problems, as the file is not parsed here.
        """
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(gettext("The file is larger than 20 MB."))
        data: bytes = file.read()
        return data


class ImportView(AdminFormView):
    """Upload a file, which is kept for the worker to read."""

    template_name = "helpline/admin/import.html"
    form_class = ImportForm
    page_title = _("Import listings")
    header_icon = "upload"

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return bool(kinds_for(user))

    def get_form_kwargs(self) -> dict[str, object]:
        return {**super().get_form_kwargs(), "for_user": self.request.user}

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        earlier = ListingImport.objects.filter(by_id=self.request.user.pk, stage__in=ListingImport.CANCELLABLE).first()
        return {**super().get_context_data(**kwargs), "earlier": earlier}

    def form_valid(self, form: ImportForm) -> HttpResponse:
        job = background.start(kind=form.cleaned_data["kind"], data=form.cleaned_data["file"], by=self.request.user)
        background.read_import.enqueue(job.pk)
        return redirect("import-state", job.pk)


class ImportStateView(RunningView):
    """Progress of an import, a preview of its changes, and the decision."""

    template_name = "helpline/admin/import_state.html"
    page_title = _("Import listings")
    header_icon = "upload"

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return bool(kinds_for(user))

    @cached_property
    def job(self) -> ListingImport:
        return get_object_or_404(ListingImport, pk=self.kwargs["pk"], by=self.request.user)

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield reverse("import-listings"), self.page_title

    def get_page_subtitle(self) -> str:
        return str(KINDS.get(self.job.kind, ""))

    @property
    def is_running(self) -> bool:
        return self.job.is_running

    @property
    def last_change(self) -> dt.datetime:
        return self.job.changed_at

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        job = self.job
        model: Any = MODELS[job.kind]
        considered = sum(job.counts.values()) - job.counts.get(ImportOutcome.SAME.value, 0)
        return {
            **super().get_context_data(**kwargs),
            "job": job,
            "summary": summary(job.counts),
            "rows": list(preview_rows(background.changes_of(job), model)) if job.stage == Stage.READ else [],
            "more": max(0, considered - len(job.changes)),
            "list_url": reverse(model.snippet_viewset.get_url_name("list")),
        }

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if "cancel" in request.POST:
            if not background.cancel(self.job):
                messages.warning(request, gettext("It was too late to cancel this import."))
        elif self.job.kind not in kinds_for(request.user):
            raise PermissionDenied
        elif background.confirm(self.job):
            background.save_import.enqueue(self.job.pk)
        else:
            messages.warning(request, gettext("This cannot be imported any more. Choose the file again."))
        return redirect(request.path)
