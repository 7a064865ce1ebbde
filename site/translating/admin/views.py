"""The table of translations in the admin, the page of one cell, and the progress of an action on many."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.models import Page

from core.admin.views import AdminFormView, AdminView, RunningView
from core.languages import names
from core.languages.lazy import StrOrPromise
from translating import actions, services, tasks
from translating.admin.table import ShownCell, TranslationTable, doing
from translating.models import PAGES, Cell, CellQuerySet, NotWanted, Subject, TranslationRun, TranslationStep
from translating.rights import Rights
from translating.services import Action, PreconditionError

TITLE = gettext_lazy("Translations")
ICON = "wagtail-localize-language"
STEPS_SHOWN = 200


class TranslationAdminView(AdminView):
    """Base of all views of the table: users who see a language may view it."""

    header_icon = ICON

    @cached_property
    def rights(self) -> Rights:
        return Rights(self.request.user)

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return bool(user.has_perm("wagtailadmin.access_admin") and self.rights.languages)

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield reverse("translation_table"), TITLE

    def carry_out(self, what: str, cell: Cell) -> bool:
        """Send, publish or submit a cell, and say what was done. Returns whether it was."""
        done = {
            "send": gettext("Sent to the translators: %(title)s (%(language)s)."),
            "publish": gettext("Published: %(title)s (%(language)s)."),
            "submit": gettext("Submitted: %(title)s (%(language)s). A reviewer decides."),
        }
        if what not in done:
            raise Http404
        say = {"title": cell.subject.title, "language": names.language_name(cell.locale.language_code)}
        try:
            still_to_come = getattr(services, what)(cell.subject, cell.locale, self.request.user)
        except PreconditionError as reason:
            text = gettext("Not done. %(reason)s") % {"reason": reason}
            messages.error(self.request, text, buttons=reason.remedies)
            return False
        said = "%(title)s (%(language)s): %(note)s" if still_to_come else done[what]
        messages.success(self.request, said % {**say, "note": still_to_come})
        return True

    def back(self) -> str:
        """The address that a form names, if it is on this site; otherwise the table."""
        url = self.request.POST.get("next", "")
        ours = url_has_allowed_host_and_scheme(url, {self.request.get_host()})
        return url if url and ours else reverse("translation_table")


class TranslationTableView(TranslationAdminView, TemplateView):
    """Pages, themes and texts by languages, with actions on the ticked ones."""

    template_name = "translating/table.html"
    page_title = TITLE

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        return iter(())

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        table = TranslationTable(self.rights, self.request.GET)
        page = table.page()
        query = self.request.GET.copy()
        query.pop("p", None)
        context = {
            "form": table.form,
            "columns": table.columns(),
            "rows": table.rows(page),
            "shown": page,
            "query": query.urlencode(),
            "is_filtered": any(query.values()),
            "may_send": self.rights.may_send,
            "publishes": self.rights.may_send or self.rights.edits_sources or bool(self.rights.writes),
            "actions": actions.actions_for(self.request.user),
            "links": actions.links_for(self.request.user),
        }
        return super().get_context_data(**{**context, **kwargs})

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Run the action of the pressed button: on its cell, on its row, or on all that are ticked."""
        what, _dash, number = request.POST.get("do", "").partition("-")
        if number:
            return self.do_one(what, number)
        table = TranslationTable(self.rights, request.GET)
        chosen = table.chosen(request.POST)
        registered = next((each for each in actions.actions_for(request.user) if each.name == what), None)
        if registered is not None:
            return registered.run(request, chosen)
        if what not in (Action.SEND, Action.PUBLISH):
            raise Http404
        return self.do_many(what, chosen)

    def do_many(self, what: str, chosen: CellQuerySet) -> HttpResponse:
        if what == Action.SEND and not self.rights.may_send:
            raise PermissionDenied
        cells = services.affected(what, chosen)
        if not cells:
            messages.warning(
                self.request,
                gettext("Nothing was done: tick what is missing to send it, or what is whole to publish it."),
            )
            return redirect(self.request.get_full_path())
        return redirect("translation_run", tasks.begin(what, cells, self.request.user).pk)

    def do_one(self, what: str, number: str) -> HttpResponse:
        """Run an action on one cell immediately, or on one row in the worker."""
        user = self.request.user
        visible = Subject.objects.filter(self.rights.subjects()).values("pk")
        key = int(number) if number.isdecimal() and len(number) < 19 else 0
        if what == Action.PUBLISH_ALL:
            subject = get_object_or_404(Subject, pk__in=visible.filter(pk=key))
            cells = Cell.objects.with_subjects().filter(subject=subject, locale__in=self.rights.languages.values())
            return redirect("translation_run", tasks.begin(what, cells, user, sources=[subject]).pk)
        cell = get_object_or_404(
            Cell.objects.with_subjects(),
            pk=key,
            subject__in=visible,
            locale__in=self.rights.languages.values(),
        )
        self.carry_out(what, cell)
        return redirect(self.back())


class CellForm(forms.Form):
    """Due date of a subject in a language, and whether it is wanted there."""

    due = forms.DateField(
        label=gettext_lazy("Due"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("It also holds for the pages below it, and for what belongs to them."),
    )
    everywhere = forms.BooleanField(label=gettext_lazy("In all languages"), required=False)
    not_wanted = forms.BooleanField(label=gettext_lazy("Not wanted in this language"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("All users of the table can read it."),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("not_wanted") and not data.get("reason", "").strip():
            self.add_error("reason", gettext("Enter why it is not wanted in this language."))
        return data


class CellView(TranslationAdminView, AdminFormView):
    """One cell: its state, its due date, and its actions."""

    template_name = "translating/cell.html"
    form_class = CellForm

    @cached_property
    def cell(self) -> Cell:
        visible = Subject.objects.filter(self.rights.subjects()).values("pk")
        return get_object_or_404(
            Cell.objects.with_subjects(),
            pk=self.kwargs["pk"],
            subject__in=visible,
            locale__in=self.rights.languages.values(),
        )

    @property
    def may_decide(self) -> bool:
        """Return whether this user sets due dates and what is wanted: users who send subjects to translators do."""
        return self.rights.may_send

    @cached_property
    def not_wanted(self) -> NotWanted | None:
        cell = self.cell
        return (
            NotWanted.objects.filter(kind=cell.subject.kind, key=cell.subject.key, locale=cell.locale)
            .select_related("by")
            .first()
        )

    def get_page_title(self) -> str:
        return names.language_name(self.cell.locale.language_code)

    def get_page_subtitle(self) -> str:
        return self.cell.subject.title

    def get_initial(self) -> dict[str, object]:
        said = self.not_wanted
        return {
            "due": self.cell.due,
            "not_wanted": said is not None,
            "reason": said.reason if said is not None else "",
        }

    def get_form(self, form_class: type[forms.BaseForm] | None = None) -> forms.Form:
        form = super().get_form(form_class)
        if self.cell.subject.kind != PAGES:
            del form.fields["due"], form.fields["everywhere"]
        if self.cell.is_public:
            del form.fields["not_wanted"], form.fields["reason"]
        return form

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        cell = self.cell
        code = cell.locale.language_code
        page = Page.objects.filter(pk=cell.page_pk).first() if cell.page_pk else None
        shown = ShownCell(
            cell, doing(cell, page.specific if page else None, self.rights), code, names.language_name(code)
        )
        context = {
            "shown": shown,
            "cell": cell,
            "may_decide": self.may_decide,
            "not_wanted": self.not_wanted,
            "actions": actions.actions_for(self.request.user),
        }
        return super().get_context_data(**{**context, **kwargs})

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not self.may_decide:
            raise PermissionDenied
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        cell, data = self.cell, form.cleaned_data
        if "due" in data:
            languages = self.rights.languages.values() if data["everywhere"] else [cell.locale]
            # A date from a page above does not become this page's own until a user changes it.
            if data["everywhere"] or data["due"] != cell.due:
                services.set_due(cell.subject, languages, data["due"])
        if data.get("not_wanted"):
            services.do_not_want(cell, reason=data["reason"].strip(), by=self.request.user)
        elif self.not_wanted is not None and "not_wanted" in data:
            services.want_again(cell)
        messages.success(self.request, gettext("Saved."))
        return redirect("translation_table")


def with_languages(steps: Iterable[TranslationStep]) -> list[tuple[TranslationStep, str, str]]:
    """Return each step with the name of its language, which the source has not, and the address of the page's form."""
    steps = list(steps)
    found = Page.objects.filter(translation_key__in=[step.subject.key for step in steps if step.subject.kind == PAGES])
    keys = {(str(key), locale): pk for pk, key, locale in found.values_list("pk", "translation_key", "locale")}
    shown = []
    for step in steps:
        pk = keys.get((step.subject.key, step.locale_id)) if step.locale else step.subject.source_pk
        language = names.language_name(step.locale.language_code) if step.locale else ""
        shown.append((step, language, reverse("wagtailadmin_pages:edit", args=[pk]) if pk else ""))
    return shown


class TranslationRunView(TranslationAdminView, RunningView):
    """Progress of an action on many translations."""

    template_name = "translating/run.html"

    @cached_property
    def run(self) -> TranslationRun:
        return get_object_or_404(TranslationRun, pk=self.kwargs["pk"], by=self.request.user)

    @cached_property
    def counts(self) -> dict[str, int]:
        return dict(self.run.steps.values_list("outcome").annotate(Count("pk")).order_by())

    def get_page_title(self) -> str:
        return str(self.run.get_action_display())

    @property
    def is_running(self) -> bool:
        return bool(self.counts.get("waiting"))

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        noted = self.run.steps.exclude(note="").select_related("subject", "locale")
        total = sum(self.counts.values())
        waiting = self.counts.get("waiting", 0)
        context = {
            "total": total,
            "finished": total - waiting,
            "waiting": waiting,
            "done": self.counts.get("done", 0),
            "left": self.counts.get("left", 0),
            "steps": with_languages(noted.filter(outcome="left")[:STEPS_SHOWN]),
            "later": with_languages(noted.filter(outcome="done")[:STEPS_SHOWN]),
        }
        return super().get_context_data(**{**context, **kwargs})

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        count = services.cancel(self.run)
        text = ngettext("Cancelled: %(count)d was left.", "Cancelled: %(count)d were left.", count)
        messages.success(request, text % {"count": count})
        return redirect(request.path)
