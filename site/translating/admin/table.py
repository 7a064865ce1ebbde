"""The table: pages, themes and texts by languages.

Each cell has one state and one action.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Page as PageOfRows
from django.core.paginator import Paginator
from django.db.models import Case, Min, Q, QuerySet, Sum, When
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy
from wagtail.models import Locale, Page, Revision

from core.languages import names, wordings
from core.languages.lazy import StrOrPromise
from core.models import BasePage
from core.models.languages import LanguageState
from translating.models import PAGES, Cell, CellQuerySet, CellState, Subject
from translating.rights import Rights

ROWS = 50
SECTION_DEPTH = 3
SORTS = {
    "place": ("unplaced", "path", "beside", "title", "pk"),
    "due": ("soonest", "unplaced", "path", "beside", "title", "pk"),
    "words": ("-to_do", "unplaced", "path", "beside", "title", "pk"),
}
ICONS = {
    CellState.MISSING: "circle-plus",
    CellState.IN_WORK: "edit",
    CellState.MACHINE: "cogs",
    CellState.DOUBTFUL: "help",
    CellState.WHOLE: "draft",
    CellState.STALE: "warning",
    CellState.PUBLIC: "check",
    CellState.NOT_WANTED: "cross",
}


@dataclass(frozen=True, slots=True)
class Doing:
    """Action for a cell: an address, or the name of a button."""

    label: StrOrPromise
    url: str = ""
    verb: str = ""


SEND = pgettext_lazy("what to do with a translation", "Send")
COMPARE = pgettext_lazy("what to do with a translation", "Compare")
TRANSLATE = pgettext_lazy("what to do with a translation", "Translate")
REVIEW = pgettext_lazy("what to do with a translation", "Review")
PUBLISH = pgettext_lazy("what to do with a translation", "Publish")
SUBMIT = pgettext_lazy("what to do with a translation", "Submit for review")
DECIDE = pgettext_lazy("what to do with a translation", "Decide")
OPEN = pgettext_lazy("what to do with a translation", "Open")


def doing(cell: Cell, page: BasePage | None, rights: Rights) -> Doing | None:
    """Return the one action that suits a cell and its user; None if there is none.

    Makes no query.
    """
    if cell.state == CellState.NOT_WANTED:
        return None
    if cell.subject.kind != PAGES:
        return doing_with_words(cell, rights)
    if page is None:
        return Doing(SEND, verb="send") if rights.may_send else None
    may_edit, may_publish = rights.may("change", page), rights.may("publish", page)
    if cell.waits:
        url = page.decide_url() or reverse("wagtailadmin_pages:edit", args=[page.pk])
        return Doing(DECIDE if may_publish else OPEN, url=url) if may_edit else None
    if cell.state == CellState.WHOLE and may_publish and not page.needs_second_person:
        return Doing(PUBLISH, verb="publish")
    return doing_with_texts(cell, page, decides=may_publish) if may_edit else None


def doing_with_texts(cell: Cell, page: BasePage, *, decides: bool) -> Doing:
    """Return what a user who may edit a page does with its texts; `decides` if it is this user who removes doubts."""
    if cell.translation_pk is None or cell.state == CellState.PUBLIC:
        url = reverse("wagtailadmin_pages:edit", args=[page.pk])
        return Doing(OPEN if cell.state == CellState.PUBLIC else TRANSLATE, url=url)
    if cell.state == CellState.WHOLE or (cell.state == CellState.DOUBTFUL and not decides):
        return Doing(SUBMIT, verb="submit")
    if cell.state == CellState.DOUBTFUL:
        return Doing(REVIEW, url=queue_url(cell, show="doubtful"))
    label = REVIEW if cell.state == CellState.MACHINE else COMPARE if cell.changed else TRANSLATE
    return Doing(label, url=queue_url(cell))


def queue_url(cell: Cell, show: str = "") -> str:
    """Return the address at which the texts of one page are translated into one language."""
    query = {"translation": cell.translation_pk} | ({"show": show} if show else {})
    return f"{reverse('translate', args=[cell.locale.language_code])}?{urlencode(query)}"


def doing_with_words(cell: Cell, rights: Rights) -> Doing | None:
    code = cell.locale.language_code
    if code not in rights.writes:
        return None
    url = reverse("wording", args=[code, cell.subject.kind, cell.subject.source_pk])
    done = cell.waits or cell.state == CellState.PUBLIC
    return Doing(OPEN if done else COMPARE if cell.state == CellState.STALE else TRANSLATE, url=url)


@dataclass(slots=True)
class ShownCell:
    cell: Cell
    doing: Doing | None
    code: str
    language: str

    @property
    def icon(self) -> str:
        return ICONS[CellState(self.cell.state)]

    @property
    def label(self) -> str:
        """The state in words, with the number of texts."""
        cell = self.cell
        if cell.waits:
            doubtful = gettext("submitted, doubtful: %(count)d") if cell.doubtful else gettext("submitted")
            return doubtful % {"count": cell.doubtful}
        if cell.state == CellState.DOUBTFUL:
            return gettext("doubtful: %(count)d") % {"count": cell.doubtful}
        if cell.state == CellState.IN_WORK:
            return gettext("in work, %(done)d of %(total)d") % {"done": cell.done, "total": cell.total}
        if cell.state == CellState.STALE:
            return gettext("out of date: %(count)d") % {"count": cell.left}
        return str(CellState(cell.state).label)


@dataclass(slots=True)
class ShownRow:
    subject: Subject
    kind: StrOrPromise
    url: str
    cells: list[ShownCell] = field(default_factory=list)
    may_publish_source: bool = False

    @property
    def due(self) -> Any:
        days = [each.cell.due for each in self.cells if each.cell.due and each.cell.words_left]
        return min(days, default=None)


@dataclass(slots=True)
class LanguageColumn:
    """A language, with the number of its texts to translate that match the filter."""

    code: str
    name: str
    state: str
    words_left: int = 0
    due: Any = None


class TableFilter(forms.Form):
    q = forms.CharField(label=gettext_lazy("Title"), required=False)
    language = forms.MultipleChoiceField(
        label=gettext_lazy("Languages"), required=False, widget=forms.CheckboxSelectMultiple
    )
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    section = forms.ChoiceField(label=gettext_lazy("Where"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    sort = forms.ChoiceField(
        label=gettext_lazy("Sorted by"),
        required=False,
        choices=[
            ("", gettext_lazy("place on the site")),
            ("due", gettext_lazy("due date")),
            ("words", gettext_lazy("words left")),
        ],
    )

    def __init__(self, data: Mapping[str, str], rights: Rights) -> None:
        super().__init__(data)
        everything = [("", gettext("all"))]
        fields: Any = self.fields
        fields["language"].choices = [(code, names.language_name(code)) for code in rights.languages]
        fields["state"].choices = [*everything, ("to_do", gettext("something to do")), *CellState.choices]
        kinds = [(each.key, each.title) for each in wordings.declared() if each.key in rights.kinds]
        fields["kind"].choices = [*everything, (PAGES, gettext("Pages")), *kinds]
        fields["section"].choices = [*everything, *sections(rights)]

    def value(self, name: str) -> Any:
        """Chosen value; empty if the value is not a choice."""
        return getattr(self, "cleaned_data", {}).get(name) or ""


def sections(rights: Rights) -> list[tuple[str, str]]:
    """Return the parts of the site and the pages that texts belong to, such as campaigns, by their tree path."""
    known = Subject.objects.filter(rights.subjects(), kind=PAGES).distinct()
    groups = Subject.objects.exclude(kind=PAGES).exclude(path="").values("path")
    found = [
        (path, title, len(path) // Page.steplen)
        for path, title in known.filter(Q(path__in=groups) | Q(path__regex=rf"^.{{{SECTION_DEPTH * Page.steplen}}}$"))
        .order_by("path")
        .values_list("path", "title")
    ]
    return [(path, f"{'- ' * (depth - SECTION_DEPTH)}{title}") for path, title, depth in found]


NOTHING_LEFT = (CellState.PUBLIC, CellState.NOT_WANTED)


class TranslationTable:
    """The table as a user sees it, filtered.

    The number of queries does not depend on the number of rows.
    """

    def __init__(self, rights: Rights, data: Mapping[str, str]) -> None:
        self.rights = rights
        self.form = TableFilter(data, rights)
        self.form.is_valid()
        self.number = data.get("p", 1)
        chosen = self.form.value("language")
        self.languages: dict[str, Locale] = {
            code: locale for code, locale in rights.languages.items() if not chosen or code in chosen
        }

    def subjects(self) -> QuerySet[Subject]:
        """Return what matches the filter, in its order."""
        # A page first, then what belongs to it, as in the tree; then subjects without a place there.
        found = Subject.objects.filter(self.rights.subjects()).annotate(
            unplaced=Case(When(path="", then=1), default=0), beside=Case(When(kind=PAGES, then=0), default=1)
        )
        if words := self.form.value("q"):
            found = found.filter(title__icontains=words)
        if kind := self.form.value("kind"):
            found = found.filter(kind=kind)
        if section := self.form.value("section"):
            found = found.filter(path__startswith=section)
        here = Q(cells__locale__in=self.languages.values())
        if state := self.form.value("state"):
            cells = Cell.objects.filter(locale__in=self.languages.values())
            cells = cells.exclude(state__in=NOTHING_LEFT) if state == "to_do" else cells.filter(state=state)
            found = found.filter(pk__in=cells.values("subject"))
        sort = self.form.value("sort") or "place"
        if sort == "due":
            found = found.annotate(soonest=Min("cells__due", filter=here & ~Q(cells__state__in=NOTHING_LEFT)))
        elif sort == "words":
            found = found.annotate(to_do=Sum("cells__words_left", filter=here))
        order = SORTS[sort]
        return found.order_by(*order).distinct()

    def cells(self, subjects: Any) -> CellQuerySet:
        return Cell.objects.with_subjects().filter(subject__in=subjects, locale__in=self.languages.values())

    def page(self) -> PageOfRows[Subject]:
        return Paginator(self.subjects(), ROWS).get_page(self.number)

    def columns(self) -> list[LanguageColumn]:
        left = {
            code: (words, due)
            for code, words, due in Cell.objects.filter(
                locale__in=self.languages.values(), subject__in=self.subjects().order_by().values("pk")
            )
            .exclude(state=CellState.NOT_WANTED)
            .values_list("locale__language_code")
            .annotate(left_words=Sum("words_left"), soonest=Min("due", filter=Q(words_left__gt=0)))
        }
        return [
            LanguageColumn(
                code,
                names.language_name(code),
                state_of(locale),
                *left.get(code, (0, None)),
            )
            for code, locale in self.languages.items()
        ]

    def rows(self, subjects: Iterable[Subject]) -> list[ShownRow]:
        shown = list(subjects)
        cells = {(each.subject_id, each.locale.language_code): each for each in self.cells(shown)}
        wanted = {each.page_pk for each in cells.values() if each.page_pk}
        wanted |= {each.source_pk for each in shown if each.kind == PAGES}
        pages = {page.pk: page for page in Page.objects.filter(pk__in=wanted).specific(defer=True)}
        titles = {each.key: each.title for each in wordings.declared()}
        scheduled = scheduled_pages([each.source_pk for each in shown if each.kind == PAGES])
        rows = []
        for subject in shown:
            page = pages.get(subject.source_pk) if subject.kind == PAGES else None
            row = ShownRow(
                subject=subject,
                kind=page.get_verbose_name() if page is not None else titles.get(subject.kind, ""),
                url=reverse("wagtailadmin_pages:edit", args=[page.pk])
                if page is not None and self.rights.may("change", page)
                else "",
                may_publish_source=subject.has_draft
                and not subject.needs_second_person
                and subject.source_pk not in scheduled
                and self.rights.may("publish", page),
            )
            for code in self.languages:
                cell = cells.get((subject.pk, code))
                if cell is not None:
                    cell.subject = subject
                    todo = doing(cell, pages.get(cell.page_pk or 0), self.rights)
                    row.cells.append(ShownCell(cell, todo, code, names.language_name(code)))
            rows.append(row)
        return rows

    def chosen(self, data: QueryDict) -> CellQuerySet:
        """Return the cells that were ticked: one by one, by the row, or all that matches the filter."""
        if "all" in data:
            return self.cells(self.subjects().order_by().values("pk"))
        ticked = Q(pk__in=numbers(data.getlist("cell"))) | Q(subject__in=numbers(data.getlist("row")))
        mine = Subject.objects.filter(self.rights.subjects()).values("pk")
        return self.cells(mine).filter(ticked)


def scheduled_pages(keys: Iterable[int]) -> set[int]:
    """Return those of these pages that are published at a time that was set."""
    waiting = Revision.page_revisions.filter(object_id__in=map(str, keys), approved_go_live_at__isnull=False)
    return {int(key) for key in waiting.values_list("object_id", flat=True)}


def numbers(texts: Iterable[str]) -> list[int]:
    return [int(text) for text in texts if text.isdecimal() and len(text) < 19]


def state_of(locale: Locale) -> str:
    """Return the label of a language's state; empty if it is public."""
    state = getattr(locale, "language_state", None)
    if state is None or state.state == LanguageState.State.PUBLIC:
        return "" if state is not None else str(LanguageState.State.PREPARATION.label)
    return str(state.get_state_display())
