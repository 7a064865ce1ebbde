"""The texts of one page, or of one row of a wording, in one language: stored, exported, or refused for a reason."""

from __future__ import annotations

import enum
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from html import escape
from typing import Any

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.models import Locale, Page
from wagtail.permissions import page_permission_policy
from wagtail_localize.models import StringSegment, StringTranslation, Translation

from core.languages import translators, wordings
from core.languages.wordings import Wording, WordingRow


class RefusedBecause(models.TextChoices):
    """The reason why a text of a file was refused."""

    GONE = "gone", _("This page or text is not here, or is not translated any more.")
    NOT_YOURS = "not-yours", _("Your roles do not include translating this into that language.")
    LANGUAGE = "language", _("The file says that it is in another language.")
    UNKNOWN = "unknown", _("There is no such text here.")
    SOURCE = "source", _("The source has changed since the file was made.")
    MARKUP = "markup", _("It has markup that no text here may have.")
    TAG_LOST = "tag-lost", _("A link, a line break or an emphasis of the source is missing.")
    TAG_ADDED = "tag-added", _("It has a link, a line break or an emphasis that the source does not have.")
    UNFINISHED = "unfinished", _("It is marked as unfinished or uncertain.")
    NEWER = "newer", _("It was changed in the admin after the file was made.")
    PERSON = "person", _("A person has translated it: what a machine has written does not replace that.")
    NO_MACHINE = "no-machine", _("A machine has written it: only people translate this.")
    PLURAL = "plural", _("It has plural forms. Texts here have none.")
    TWICE = "twice", _("The file has two different translations of it.")
    INVALID = "invalid", _("The field does not take it.")


class TranslationFileError(Exception):
    """A file of which no text can be read.

    `problem` holds the reason.
    """

    class Problem(models.TextChoices):
        NOT_XLIFF = "not-xliff", _("The file is damaged, or is not XLIFF 1.2.")
        NOT_PO = "not-po", _("The file is damaged, or is not a PO file in UTF-8.")
        OTHER = "other", _("Only XLIFF 1.2, PO, and a ZIP archive of these can be read.")
        ENTITIES = "entities", _("The file declares entities (DOCTYPE). XLIFF needs none, so it is not read.")
        TOO_LARGE = "too-large", _("The archive is larger than 40 MB when it is unpacked.")
        TOO_MANY = "too-many", _("The file has more than 20,000 texts. Send it in parts.")

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


# The key of a cell that is a page.
# The others are those of the registered wordings.
PAGE = "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInLanguage:
    """A source in one language: a page (`key` is PAGE, `pk` that of the source page), or a row of a wording."""

    key: str
    pk: int
    language: str

    def __str__(self) -> str:
        """Return the cell as forms and addresses name it: `page:32:de`, `materials:7:fr`."""
        return f"{self.key}:{self.pk}:{self.language}"

    @classmethod
    def parse(cls, text: str) -> SourceInLanguage:
        """Parse the output of `__str__`.

        Raises ValueError.
        """
        key, pk, language = text.split(":")
        if not (pk.isascii() and pk.isdigit() and len(pk) < 10):
            raise ValueError(text)
        return cls(key=key, pk=int(pk), language=language)


class Writer(enum.Enum):
    """The author of a translation, as recorded in the file."""

    PERSON = "person"
    MACHINE = "machine"
    # A person who was unsure or not finished.
    UNSURE = "unsure"


@dataclass(slots=True, kw_only=True)
class Unit:
    """One text.

    `source` and `target` are HTML; `source` may be missing in an uploaded file.
    """

    path: str
    key: str
    target: str
    source: str = ""
    writer: Writer = Writer.PERSON
    # The reason why the text cannot be imported, independently of the stored texts: one of `RefusedBecause`.
    problem: str = ""
    # The primary keys by which wagtail-localize finds it: context and string.
    segment: tuple[int, int] | None = None
    changed_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Document:
    """The texts of one page or row.

    `original` names it in a file: `page/<uuid of the translation>`, `materials/7/fr`.
    """

    original: str
    source_language: str
    target_language: str
    title: str = ""
    url: str = ""
    exported_at: datetime | None = None
    units: list[Unit] = field(default_factory=list)
    # The Translation or the WordingRow that the texts belong to.
    of: Any = None


def key_of(source: str) -> str:
    """Return a digest of a source text: a translation belongs to this exact text only."""
    return blake2b(source.encode(), digest_size=6).hexdigest()


def documents(cells: Iterable[SourceInLanguage], user: AbstractUser | AnonymousUser) -> list[Document]:
    """Return the documents of those cells that the user may translate, in their order.

    A fixed number of queries per language.
    """
    wanted = list(dict.fromkeys(cells))
    found = dict(_pages([cell for cell in wanted if cell.key == PAGE], user))
    found |= dict(_words([cell for cell in wanted if cell.key != PAGE], user))
    return [found[cell] for cell in wanted if cell in found]


def document_named(original: str, user: AbstractUser | AnonymousUser) -> Document | None:
    """Return the document that a file names, if it exists and the user may translate it.

    Raises LookupError if it does not exist.
    """
    key, _slash, rest = original.partition("/")
    if key == PAGE:
        translation = Translation.objects.filter(uuid=_uuid(rest), enabled=True).first()
        source = translation.source.get_source_instance() if translation else None
        if translation is None or not isinstance(source, Page):
            raise LookupError(original)
        cell = SourceInLanguage(key=PAGE, pk=source.pk, language=translation.target_locale.language_code)
    else:
        try:
            cell = SourceInLanguage.parse(original.replace("/", ":"))
        except ValueError:
            raise LookupError(original) from None
        wording = next((each for each in wordings.declared() if each.key == cell.key), None)
        known = Locale.objects.filter(language_code=cell.language).exclude(pk=Locale.get_default().pk)
        if wording is None or wording.source(cell.pk) is None or not known.exists():
            raise LookupError(original)
    return next(iter(documents([cell], user)), None)


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise LookupError(text) from None


# --- Pages ----------------------------------------------------------------------------------------------------------


def _pages(
    cells: list[SourceInLanguage], user: AbstractUser | AnonymousUser
) -> Iterator[tuple[SourceInLanguage, Document]]:
    if not cells:
        return
    keys = dict(Page.objects.filter(pk__in={cell.pk for cell in cells}).values_list("pk", "translation_key"))
    mine = page_permission_policy.instances_user_has_any_permission_for(user, {"change"}).filter(
        translation_key__in=keys.values(), locale__language_code__in={cell.language for cell in cells}
    )
    targets = {(page.translation_key, page.locale_id): page for page in mine.select_related("locale")}
    found = Translation.objects.filter(source__object_id__in=keys.values(), enabled=True)
    translations = {
        (each.source.object_id, each.target_locale.language_code): each
        for each in found.select_related("source__locale", "source__object", "target_locale")
    }
    documents = {}
    for cell in cells:
        translation = translations.get((keys.get(cell.pk), cell.language))
        target = translation and targets.get((keys[cell.pk], translation.target_locale_id))
        if translation is not None and target is not None:
            documents[cell] = Document(
                original=f"{PAGE}/{translation.uuid}",
                source_language=translation.source.locale.language_code,
                target_language=cell.language,
                title=translation.source.object_repr,
                url=reverse("wagtailadmin_pages:edit", args=[target.pk]),
                of=translation,
            )
    _fill_pages(list(documents.values()))
    yield from documents.items()


def _fill_pages(documents: list[Document]) -> None:
    sources = {document.of.source_id for document in documents}
    segments: dict[int, list[Any]] = {}
    for segment in (
        StringSegment.objects.filter(source__in=sources).select_related("string", "context").order_by("order")
    ):
        segments.setdefault(segment.source_id, []).append(segment)
    done = {
        (each.context_id, each.translation_of_id, each.locale_id): each
        for each in StringTranslation.objects.filter(
            context__object_id__in={document.of.source.object_id for document in documents},
            locale__in={document.of.target_locale_id for document in documents},
        )
    }
    for document in documents:
        there: dict[tuple[int, int], Unit] = {}
        for segment in segments.get(document.of.source_id, []):
            place = (segment.context_id, segment.string_id)
            said = done.get((*place, document.of.target_locale_id))
            is_machine = said is not None and said.translation_type == said.TRANSLATION_TYPE_MACHINE
            there[place] = Unit(
                path=segment.context.path,
                key=key_of(segment.string.data),
                source=segment.string.data,
                target=said.data if said else "",
                writer=Writer.MACHINE if is_machine else Writer.PERSON,
                segment=place,
                changed_at=said.updated_at if said else None,
            )
        document.units = list(there.values())


# --- Wordings -----------------------------------------------------------------------------------------------------


def _words(
    cells: list[SourceInLanguage], user: AbstractUser | AnonymousUser
) -> Iterator[tuple[SourceInLanguage, Document]]:
    languages = translators.languages_of(user)
    asked: dict[tuple[str, str], dict[int, SourceInLanguage]] = {}
    for cell in cells:
        if cell.language in languages:
            asked.setdefault((cell.key, cell.language), {})[cell.pk] = cell
    by_key = {each.key: each for each in wordings.declared()}
    for (key, language), by_pk in asked.items():
        if key not in by_key:
            continue
        for row in by_key[key].rows(languages[language]):
            if row.source.pk in by_pk:
                yield by_pk[row.source.pk], _document(by_key[key], row, language)


def _document(wording: Wording, row: WordingRow, language: str) -> Document:
    newest = row.newest
    there = [(name, text, getattr(newest, name, "") or "") for name, _label, text in row.words()]
    return Document(
        original=f"{wording.key}/{row.source.pk}/{language}",
        source_language=Locale.get_default().language_code,
        target_language=language,
        title=row.title,
        url=reverse("wording", args=[language, wording.key, row.source.pk]),
        of=row,
        units=[
            Unit(
                path=name,
                key=key_of(escape(text, quote=False)),
                source=escape(text, quote=False),
                target=escape(said, quote=False),
            )
            for name, text, said in there
            if text
        ],
    )
