"""The screen on which translators work: all texts of one language, one below the other, by keyboard alone if they like.

Without scripts, each text is a form with its buttons; `translate.js` saves a text when it is left, and adds the keys.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.models import Locale, Page

from core.languages import names
from core.languages.submission import may_submit
from translating import queue, states
from translating.admin.table import Doing, TableFilter, TranslationTable, doing, numbers, queue_url
from translating.admin.views import TranslationAdminView
from translating.models import PAGES, Cell, CellQuerySet, CellState
from translating.queue import ConflictError, QueuedText
from translating.rights import Rights

SHOW = {
    "": gettext_lazy("to translate"),
    "doubtful": gettext_lazy("marked as doubtful"),
    "all": gettext_lazy("all"),
}
VERBS = ("publish", "submit")


@dataclass(slots=True, kw_only=True)
class TextGroup:
    """The texts of one page or record on this screen; `finish` is what is done once all of them are translated."""

    cell: Cell
    url: str
    texts: list[QueuedText] = field(default_factory=list)
    total: int = 0
    finish: Doing | None = None
    # The page, if it is alone on the screen: for its checks, and to save the last text and publish or submit at once.
    page: Any = None
    decide: Doing | None = None


class QueueFilter(TableFilter):
    """The filter of the table, for one language, and which texts are shown."""

    show = forms.ChoiceField(label=gettext_lazy("Texts"), required=False, choices=list(SHOW.items()))
    field_order = ("show", "q", "section", "kind", "sort")

    def __init__(self, data: Any, rights: Rights) -> None:
        super().__init__(data, rights)
        del self.fields["language"], self.fields["state"]


class TranslateView(TranslationAdminView, TemplateView):
    """The queue of a language: the texts of the pages and records that the filter leaves, in the order of the table."""

    template_name = "translating/translate.html"
    page_title = gettext_lazy("Translate")

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return super().allows(user) and self.code in self.rights.languages

    @cached_property
    def code(self) -> str:
        """The language of the address, or the first of the user's own."""
        return self.kwargs.get("code") or next(iter([*self.rights.writes, *self.rights.languages]), "")

    @cached_property
    def locale(self) -> Locale:
        return self.rights.languages[self.code]

    def get_page_subtitle(self) -> str:
        return names.language_name(self.code)

    @cached_property
    def form(self) -> QueueFilter:
        form = QueueFilter(self.request.GET, self.rights)
        form.is_valid()
        return form

    @property
    def is_alone(self) -> bool:
        """Whether the queue has the texts of one page only."""
        return "translation" in self.request.GET

    @property
    def show(self) -> str:
        return str(self.form.value("show"))

    # --- Cells -----------------------------------------------------------------------------------------------------

    @cached_property
    def cells(self) -> list[Cell]:
        """The cells of the filter that this user may translate, in its order. Five queries."""
        query = self.request.GET.copy()
        query.setlist("language", [self.code])
        subjects = TranslationTable(self.rights, query).subjects()
        found = Cell.objects.with_subjects().filter(locale=self.locale).exclude(state=CellState.NOT_WANTED)
        if self.is_alone:
            chosen = numbers([self.request.GET["translation"]])
            found = found.filter(translation_pk__in=chosen, subject__in=subjects.order_by().values("pk"))
            return self.mine(found)
        place = {pk: number for number, pk in enumerate(subjects.values_list("pk", flat=True))}
        return sorted(self.mine(found.filter(subject__in=place)), key=lambda cell: place[cell.subject_id])

    def mine(self, found: Iterable[Cell]) -> list[Cell]:
        """Return the cells that were sent, are not submitted, and are this user's to translate."""
        cells = [cell for cell in found if not cell.waits]
        known = {cell.page_pk for cell in cells if cell.page_pk}
        pages = Page.objects.only("pk", "path").in_bulk(known)
        writes = self.code in self.rights.writes
        return [
            cell
            for cell in cells
            if (
                cell.translation_pk and self.rights.may("change", pages.get(cell.page_pk or 0))
                if cell.subject.kind == PAGES
                else writes and cell.subject.kind in self.rights.kinds
            )
        ]

    def progress(self) -> dict[str, int]:
        """Return how many texts of the queue there are, and how many are translated, as they are now."""
        mine = Cell.objects.filter(pk__in=[cell.pk for cell in self.cells])
        now = mine.aggregate(total=Sum("total"), left=Sum("left"))
        total = now["total"] or 0
        return {"total": total, "done": total - (now["left"] or 0)}

    # --- Texts of this screen --------------------------------------------------------------------------------------

    def groups(self) -> tuple[list[TextGroup], str]:
        """Return the texts of this screen by page or record, and where the next screen begins ("" after the last)."""
        first, number = position(self.request.GET.get("from", ""))
        place = next((place for place, cell in enumerate(self.cells) if cell.pk == first), 0)
        waiting = [cell for cell in self.cells[place:] if queue.has_texts(cell, self.show)]
        if self.is_alone:
            waiting = self.cells
        # A cell has as many texts as it says, or a few less after a change: its numbers are those of a moment ago.
        taken, expected = [], 0
        for cell in waiting:
            if expected >= queue.LENGTH + number:
                break
            taken.append(cell)
            expected += self.expected(cell)
        texts = queue.load(taken, self.locale)
        pages = Page.objects.specific(defer=True).in_bulk([cell.page_pk for cell in taken if cell.page_pk])
        groups: list[TextGroup] = []
        left = queue.LENGTH
        for cell in taken:
            known = texts.get(cell.pk, [])
            after = number if cell.pk == first else 0
            shown = [text for text in known if text.is_shown(self.show) and text.number > after]
            if left <= 0:
                return groups, f"{cell.pk}-0"
            groups.append(self.group(cell, pages.get(cell.page_pk or 0), known, shown[:left]))
            if len(shown) > left:
                return groups, f"{cell.pk}-{shown[left - 1].number}"
            left -= len(shown)
        following = waiting[len(taken) :]
        return groups, f"{following[0].pk}-0" if following else ""

    def expected(self, cell: Cell) -> int:
        return {"": cell.left or cell.machine, "doubtful": cell.doubtful}.get(self.show, cell.total)

    def group(self, cell: Cell, page: Any, known: list[QueuedText], shown: list[QueuedText]) -> TextGroup:
        url = (
            reverse("wagtailadmin_pages:edit", args=[cell.page_pk])
            if cell.subject.is_page
            else queue.finish_url(cell, self.code)
        )
        finish = self.finish(cell, page) if not any(text.is_missing for text in known) else None
        return TextGroup(
            cell=cell,
            url=url,
            texts=shown,
            total=len(known),
            finish=finish,
            page=page if self.is_alone else None,
            decide=self.decide(page) if self.is_alone and shown else None,
        )

    def decide(self, page: Any) -> Doing | None:
        """Return how this user makes a translation public, or has it made."""
        if not page.needs_second_person and page.permissions_for_user(self.request.user).can_publish():
            return Doing(gettext("Save and publish"), verb="publish")
        if may_submit(page, self.request.user):
            return Doing(gettext("Save and submit for review"), verb="submit")
        return None

    def after(self, cell: Cell) -> str:
        """Return the queue of the next outdated translation of the same page, or else that of this language."""
        others = stale_cells(cell.subject.key, self.rights).exclude(pk=cell.pk)
        following = others.first()
        return queue_url(following) if following is not None else reverse("translate", args=[self.code])

    def finish(self, cell: Cell, page: Any) -> Doing | None:
        """Return what is next for a cell whose texts are all translated."""
        if cell.subject.is_page:
            found = doing(cell, page, self.rights)
            return found if found is not None and found.verb in VERBS and self.is_alone else None
        if cell.state in (CellState.MISSING, CellState.STALE, CellState.IN_WORK):
            return Doing(gettext("Check and save"), url=queue.finish_url(cell, self.code))
        return None

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        groups, following = self.groups()
        queue.add_help([text for group in groups for text in group.texts], Locale.get_default(), self.locale)
        table = settings.LANGUAGE_TABLE
        context = {
            "form": self.form,
            "is_filtered": any(self.request.GET.get(name) for name in self.form.fields),
            "is_alone": self.is_alone,
            "groups": groups,
            "next_url": self.address(following) if following else "",
            "first_url": self.address("") if self.request.GET.get("from") else "",
            **self.progress_said(),
            "source": table[settings.LANGUAGE_CODE],
            "target": table[self.code],
            "code": self.code,
            "others": [(code, names.language_name(code)) for code in self.rights.languages if code != self.code],
        }
        return super().get_context_data(**{**context, **kwargs})

    def address(self, beginning: str) -> str:
        query = self.request.GET.copy()
        query.pop("from", None)
        if beginning:
            query["from"] = beginning
        return f"{reverse('translate', args=[self.code])}?{query.urlencode()}"

    # --- Saving ----------------------------------------------------------------------------------------------------

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Save one text. The script gets JSON, a form the same screen again, where the next text is the first."""
        if (what := request.POST.get("finish")) in VERBS:
            return self.finish_page(str(what))
        text = self.text(request.POST.get("text", ""))
        words = request.POST.get("take") or request.POST.get("words", "")
        try:
            problem = queue.save(
                text,
                locale=self.locale,
                words=words,
                is_doubtful="doubtful" in request.POST,
                seen=request.POST.get("seen", ""),
                by=request.user,
            )
        except ConflictError:
            return self.refuse(text)
        problem = problem and gettext("Saved, but it cannot be used yet: %(problem)s") % {"problem": problem}
        if not request.accepts("text/html"):
            return JsonResponse(
                {
                    "said": problem or (gettext("Saved") if words.strip() else gettext("Not translated")),
                    "problem": bool(problem),
                    "seen": queue.fingerprint(words),
                    **self.progress_said(),
                }
            )
        if problem:
            messages.error(request, problem)
        elif (what := request.POST.get("decide")) in VERBS:
            return self.finish_page(str(what))
        else:
            messages.success(request, gettext("Saved."))
        return redirect(f"{request.get_full_path()}#text-{text.id}")

    def finish_page(self, what: str) -> HttpResponse:
        """Publish or submit the page that is alone on the screen, and go on to its next outdated translation."""
        found = self.cells if self.is_alone else []
        if len(found) != 1:
            raise Http404
        [cell] = found
        left = sum(text.is_missing for text in queue.load([cell], self.locale)[cell.pk])
        if left:
            text = ngettext(
                "Saved, and not published: %(count)d text is left.",
                "Saved, and not published: %(count)d texts are left.",
                left,
            )
            messages.warning(self.request, text % {"count": left})
        return redirect(self.after(cell) if not left and self.carry_out(what, cell) else self.request.get_full_path())

    def progress_said(self) -> dict[str, object]:
        """Return the progress of the queue, with its label."""
        now = self.progress()
        label = ngettext(
            "%(done)d of %(total)d text translated", "%(done)d of %(total)d texts translated", now["total"]
        )
        return {**now, "progress": label % now}

    def refuse(self, text: QueuedText) -> HttpResponse:
        said = gettext("Not saved: another user has translated it meanwhile: “%(words)s”. Save again to replace that.")
        said %= {"words": text.stored}
        if not self.request.accepts("text/html"):
            return JsonResponse({"said": said, "problem": True, "seen": text.seen}, status=409)
        messages.error(self.request, said)
        return redirect(self.request.get_full_path())

    def text(self, name: str) -> QueuedText:
        """Return the text that a form names. Raises Http404, or PermissionDenied if it is not this user's."""
        cell_pk, _dash, place = name.partition("-")
        visible = Cell.objects.with_subjects().filter(locale=self.locale, pk__in=numbers([cell_pk]))
        cells = [*visible.filter(subject__in=self.visible_subjects())]
        if not self.mine(cells):
            raise PermissionDenied
        texts = queue.load(cells, self.locale)[cells[0].pk]
        found = next((text for text in texts if text.name == place), None)
        if found is None:
            raise Http404
        return found

    def visible_subjects(self) -> Any:
        return TranslationTable(self.rights, {}).subjects().order_by().values("pk")


def position(text: str) -> tuple[int, int]:
    """Return the key of a cell and the number of a text, of the beginning of a screen; zeros if it is the first."""
    cell, _dash, number = text.partition("-")
    found = numbers([cell, number])
    return (found[0], found[1]) if len(found) == 2 else (0, 0)


def stale_cells(key: object, rights: Rights) -> CellQuerySet:
    """Return the outdated translations of a page that this user may edit, in the order of the languages."""
    states.write_noted()
    cells = Cell.objects.filter(
        subject__kind=PAGES,
        subject__key=str(key),
        changed__gt=0,
        translation_pk__isnull=False,
        locale__in=rights.languages.values(),
    ).select_related("locale")
    pages = Page.objects.in_bulk([each.page_pk for each in cells if each.page_pk])
    mine = [each.pk for each in cells if rights.may("change", pages.get(each.page_pk or 0))]
    return cells.filter(pk__in=mine).order_by("locale__language_code")
