"""Actions on cells: on one, on those of a row, on all that are ticked.

The admin itself sends and publishes; the other actions are below.

`run` takes the request and the cells, a queryset of those that the user may see, and returns the response: a file, a
form, or a redirect.
It must check itself what the user may do with them.
The buttons are below the table, for ticked cells, and on the page of each cell.
Code that writes texts without Django's signals (`bulk_create`, `update`) calls `states.note(kind, key)` afterwards.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import format_lazy
from django.utils.translation import gettext, gettext_lazy
from wagtail.admin import messages

from core.languages.exchange.admin import may_translate
from core.languages.exchange.documents import PAGE, SourceInLanguage
from core.languages.exchange.exporting import FORMATS, MOST_CELLS, export
from core.languages.lazy import StrOrPromise
from translating.admin import todo
from translating.models import Cell, CellQuerySet


def anybody(user: AbstractUser | AnonymousUser) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class CellAction:
    """A button for cells.

    `name` is its value in the form, `allows` whether a user has it at all.
    """

    name: str
    label: StrOrPromise
    run: Callable[[HttpRequest, CellQuerySet], HttpResponse]
    icon: str = "tasks"
    allows: Callable[[Any], bool] = anybody


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLink:
    """A link above the table, to something that needs no cells.

    `url` is the name of a view.
    """

    label: StrOrPromise
    url: str
    icon: str = "link"
    allows: Callable[[Any], bool] = anybody


# --- Files for other translation programs ---------------------------------------------------------


def source_of(cell: Cell) -> SourceInLanguage:
    key = PAGE if cell.subject.is_page else cell.subject.kind
    return SourceInLanguage(key=key, pk=cell.subject.source_pk, language=cell.locale.language_code)


def download(request: HttpRequest, cells: CellQuerySet, *, file_format: str) -> HttpResponse:
    """Return a file of the texts of these cells; if there is none, redirect back with the reason."""
    chosen = list(cells.with_subjects()[: MOST_CELLS + 1])
    if len(chosen) > MOST_CELLS:
        text = gettext("Nothing was downloaded: tick at most %(count)d at a time.")
        messages.warning(request, text % {"count": MOST_CELLS})
        return redirect(request.get_full_path())
    file = export(map(source_of, chosen), file_format=file_format, user=request.user)
    if file is None:
        text = gettext("Nothing was downloaded: tick what was sent to you. What is missing is sent first.")
        messages.warning(request, text)
        return redirect(request.get_full_path())
    return file.response()


ACTIONS = [
    CellAction(
        name=f"download_{name}",
        # Translators: the name of a file format.
        label=format_lazy(gettext_lazy("Download {format}"), format=label),
        icon="download",
        run=partial(download, file_format=name),
        allows=may_translate,
    )
    for name, label in FORMATS.items()
]
LINKS = (
    TableLink(
        label=gettext_lazy("Translate, text by text"),
        url="translate",
        icon="edit",
        allows=todo.translates,
    ),
    TableLink(
        label=gettext_lazy("Words to translate"),
        url="wordings",
        icon="wagtail-localize-language",
        allows=todo.translates,
    ),
    TableLink(
        label=gettext_lazy("Upload translations"),
        url="upload_translations",
        icon="upload",
        allows=may_translate,
    ),
)


def actions_for(user: AbstractUser | AnonymousUser) -> list[CellAction]:
    return [action for action in ACTIONS if action.allows(user)]


def links_for(user: AbstractUser | AnonymousUser) -> list[TableLink]:
    return [link for link in LINKS if link.allows(user)]
