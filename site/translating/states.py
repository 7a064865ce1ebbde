"""Works out the state of each subject in each language, and stores it.

`core.publishing.safety` decides for one page whether its text may be published, with three queries.
Here the same comparison is made for many pages in all languages, with a number of queries that does not depend on how
many there are.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from wagtail.models import Locale, Page, WorkflowState
from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationSource

from core.background import stopping
from core.background.locks import wait_for_lock
from core.languages import translators, tree, wordings
from core.languages.kept import text_key
from core.languages.submission import as_translated, has_same_texts
from core.languages.wordings import Wording, WordingRow, WordingState
from core.models import BasePage, KeptText
from core.publishing import safety
from core.publishing.safety import MACHINE_MAY_TRANSLATE, SafetyClass, Text
from core.scheduler import Job
from translating.models import PAGES, Cell, CellState, DueDate, NotWanted, StaleSubject, Subject

LOCK = "states of translations"
# Number of subjects that are worked out in one step.
BATCH = 50
# The kind of a note about all subjects.
EVERYTHING = "*"
# Fields of existing subjects and cells that are updated.
OF_SUBJECT = ("source_pk", "title", "path", "words", "live", "has_draft", "needs_second_person")
OF_CELL = (
    "state", "total", "left", "machine", "doubtful", "words_left", "changed", "stale_since", "waits_since",
    "is_public", "waits", "page_pk", "translation_pk", "due",
)  # fmt: skip


# --- Stale subjects -------------------------------------------------------------------------------


def note(kind: str, key: object) -> None:
    """Have the cells of a subject written again after the commit."""
    StaleSubject.objects.create(kind=kind, key=str(key))
    transaction.on_commit(partial(write_noted, (kind, str(key))), robust=True)


def note_all() -> None:
    """Note that every cell is to be written again.

    `tasks.write_noted` does it: that takes too long for a request.
    """
    StaleSubject.objects.create(kind=EVERYTHING)


@transaction.atomic
def expand_all() -> None:
    """Replace a note about everything by one about each subject, so that a stopped process keeps its work."""
    everything = StaleSubject.objects.filter(kind=EVERYTHING)
    if not (noted := list(everything.values_list("pk", flat=True))):
        return
    subjects = [StaleSubject(kind=kind, key=key) for kind, keys in all_keys() for key in keys]
    StaleSubject.objects.bulk_create(subjects, batch_size=1000)
    everything.filter(pk__in=noted).delete()


def write_noted(only: tuple[str, str] | None = None) -> None:
    """Write the cells of subjects that have changed since, or only those of one subject.

    Other processes may do the same.
    """
    # A note about everything that comes after the last was replaced stays for the next run.
    noted = StaleSubject.objects.exclude(kind=EVERYTHING)
    if only is not None:
        noted = noted.filter(kind=only[0], key=only[1])
    else:
        expand_all()
    by_kind: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for pk, kind, key in noted.values_list("pk", "kind", "key"):
        by_kind[kind][key].append(pk)
    for kind, keys in by_kind.items():
        for part in parts(sorted(keys)):
            stopping.check()
            write(kind, part)
            StaleSubject.objects.filter(pk__in=[pk for key in part for pk in keys[key]]).delete()


JOB = Job(name="translation-states", title=_("States of translations"), every=timedelta(seconds=15), run=write_noted)


def parts(keys: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]


def write(kind: str, keys: Collection[str]) -> None:
    if kind == PAGES:
        write_pages(keys)
    elif (wording := next((each for each in wordings.declared() if each.key == kind), None)) is not None:
        write_wordings(wording, keys)


def all_keys() -> Iterator[tuple[str, list[str]]]:
    sources = Page.objects.filter(locale=Locale.get_default(), depth__gte=tree.HOME_DEPTH, alias_of=None).order_by(
        "path"
    )
    yield PAGES, [str(key) for key in sources.values_list("translation_key", flat=True)]
    for wording in wordings.declared():
        yield wording.key, [str(wording.key_of(row)) for row in wording.all_sources()]


def rebuild() -> Iterator[int]:
    """Rebuild every cell, and delete those without a subject.

    Yields how many subjects each step has written.
    """
    for kind, keys in all_keys():
        Subject.objects.filter(kind=kind).exclude(key__in=keys).delete()
        for part in parts(keys):
            write(kind, part)
            yield len(part)
    known = [PAGES, *(each.key for each in wordings.declared())]
    Subject.objects.exclude(kind__in=known).delete()


# --- Pages ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Segment:
    """A text of a source: its place and its content."""

    path: str
    place: int  # its context
    string: int
    data: str

    @property
    def words(self) -> int:
        return len(safety.plain(self.data).split())


@dataclass(slots=True)
class Entered:
    """Translations entered for one page in one language."""

    # By context and string.
    words: dict[tuple[int, int], str] = field(default_factory=dict)
    by_people: set[Text] = field(default_factory=set)
    by_machines: set[Text] = field(default_factory=set)

    def add(self, *, path: str, place: int, string: int, data: str, machine: bool) -> None:
        self.words[place, string] = data
        (self.by_machines if machine else self.by_people).add((path, safety.plain(data)))


@transaction.atomic
def write_pages(keys: Collection[str]) -> None:
    wait_for_lock(LOCK)
    targets = translators.targets()
    versions = Page.objects.filter(translation_key__in=keys, depth__gte=tree.HOME_DEPTH).specific()
    pages = {(str(page.translation_key), page.locale_id): page for page in versions if not is_mirror(page)}
    default = Locale.get_default().pk
    sources = {key: pages[key, default] for key in keys if (key, default) in pages}
    Subject.objects.filter(kind=PAGES, key__in=set(keys) - sources.keys()).delete()
    if not sources:
        return
    work = PagesAtWork(sources)
    subjects = store_subjects(
        Subject(
            kind=PAGES,
            key=key,
            source_pk=page.pk,
            title=page.title[:255],
            path=page.path,
            words=work.words(key),
            live=page.live,
            has_draft=page.has_unpublished_changes or not page.live,
            needs_second_person=bool(getattr(page, "needs_second_person", False)),
        )
        for key, page in sources.items()
    )
    due = due_days()
    cells = []
    for key, subject in subjects.items():
        for locale in targets.values():
            cell = work.cell(key, locale, pages.get((key, locale.pk)))
            cell.subject, cell.locale = subject, locale
            cell.due = day_of(due, subject.path, locale.pk)
            cells.append(cell)
    store_cells(PAGES, cells)


def is_mirror(page: Page) -> bool:
    return page.alias_of_id is not None


class PagesAtWork:
    """Data to work out the states of some pages, in seven queries."""

    def __init__(self, sources: dict[str, object]) -> None:
        self.pages = sources
        self.sources = {
            str(source.object_id): source
            for source in TranslationSource.objects.filter(object_id__in=sources, locale=Locale.get_default()).defer(
                "content_json"
            )
        }
        self.translations = {
            (str(translation.source.object_id), translation.target_locale_id): translation
            for translation in Translation.objects.filter(source__in=self.sources.values()).select_related("source")
        }
        self.segments: dict[str, list[Segment]] = defaultdict(list)
        found = StringSegment.objects.filter(source__in=self.sources.values()).order_by("order")
        for key, path, place, string, data in found.values_list(
            "source__object_id", "context__path", "context_id", "string_id", "string__data"
        ):
            self.segments[str(key)].append(Segment(path, place, string, data))
        self.entered: dict[tuple[str, int], Entered] = defaultdict(Entered)
        entered = StringTranslation.objects.filter(context__object_id__in=sources, has_error=False)
        for key, locale, path, place, string, data, kind in entered.values_list(
            "context__object_id", "locale_id", "context__path", "context_id", "translation_of_id", "data",
            "translation_type",
        ):  # fmt: skip
            machine = kind == StringTranslation.TRANSLATION_TYPE_MACHINE
            self.entered[str(key), locale].add(path=path, place=place, string=string, data=data, machine=machine)
        self.kept = texts_kept(PAGES, sources)
        in_review = WorkflowState.objects.active().filter(base_content_type=ContentType.objects.get_for_model(Page))
        self.waiting = set(in_review.values_list("object_id", flat=True))

    def words(self, key: str) -> int:
        if self.segments[key]:
            return sum(segment.words for segment in self.segments[key])
        return sum(len(text.split()) for _path, text in safety.texts(self.pages[key]))

    def cell(self, key: str, locale: Locale, page: BasePage | None) -> Cell:
        """Return the state of a page in a language.

        `page` is the one in that language, None if there is none but a mirror.
        """
        translation = self.translations.get((key, locale.pk))
        cell = Cell(translation_pk=translation.pk if translation is not None and translation.enabled else None)
        if page is None:
            cell.words_left = self.words(key)
            return cell
        cell.page_pk = page.pk
        cell.waits = str(page.pk) in self.waiting
        if translation is None:
            cell.is_public = page.live
            cell.state = CellState.PUBLIC if page.live else CellState.WHOLE
            return cell
        entered = self.entered[key, locale.pk]
        segments = self.segments[key]
        source = {(each.path, safety.plain(each.data)) for each in segments}
        now = [(each.path, safety.plain(entered.words.get((each.place, each.string), each.data))) for each in segments]
        expected = safety.compare(now, by_people=entered.by_people, by_machines=entered.by_machines, source=source)
        left = [each for each in segments if (each.place, each.string) not in entered.words]
        cell.total, cell.left, cell.machine = (
            len(segments),
            expected.untranslated,
            expected.machine_translated,
        )
        cell.words_left = sum(each.words for each in left) if cell.left else 0
        cell.changed = changed(left, segments, entered)
        # What is kept of a page is doubtful: its words are stored.
        doubts = self.kept[key, locale.pk]
        cell.doubtful = sum(text_key(each.path, each.data) in doubts for each in segments) if doubts else 0
        shown = list(safety.texts(page)) if page.live else []
        cell.is_public = page.live and may_be_read(page, shown, entered, source)
        cell.state = state_of(cell, page, translation, is_new=Counter(shown) != Counter(now))
        if cell.left or cell.machine:
            cell.waits_since = max(translation.created_at, translation.source.last_updated_at)
        if cell.state == CellState.STALE:
            cell.stale_since = translation.source.last_updated_at
        return cell


def changed(left: Iterable[Segment], segments: Iterable[Segment], entered: Entered) -> int:
    """Count the texts left whose place has the translation of an earlier text."""
    current = {(each.place, each.string) for each in segments}
    earlier = Counter(place for place, string in entered.words if (place, string) not in current)
    return sum(min(number, earlier[place]) for place, number in Counter(each.place for each in left).items())


def may_be_read(page: BasePage, shown: list[Text], entered: Entered, source: set[Text]) -> bool:
    """Return whether the text of a page is safe, as `BasePage.untranslated` decides it."""
    found = safety.compare(shown, by_people=entered.by_people, by_machines=entered.by_machines, source=source)
    return not found.untranslated and (not found.machine_translated or machine_may_translate(page))


def machine_may_translate(page: BasePage) -> bool:
    kind = SafetyClass.SENSITIVE if page.is_sensitive else page.safety_class
    return kind in MACHINE_MAY_TRANSLATE


def state_of(cell: Cell, page: BasePage, translation: Translation, *, is_new: bool) -> CellState:
    """Return the state of a page.

    `is_new`: its translation differs from the published text.
    """
    if cell.left:
        return CellState.STALE if page.live else CellState.IN_WORK
    if cell.machine and (page.live or not machine_may_translate(page)):
        return CellState.MACHINE
    if cell.doubtful:
        return CellState.DOUBTFUL
    if not page.live or (translation.enabled and (is_new or differs(page, translation))):
        return CellState.WHOLE
    return CellState.PUBLIC


def differs(page: BasePage, translation: Translation) -> bool:
    """Return whether a public page differs from its translation in more than texts: pictures, dates, links.

    Only compared if the source is newer.
    """
    published = page.last_published_at
    if published is not None and published >= translation.source.last_updated_at:
        return False
    return not has_same_texts(as_translated(translation), page)


# --- Texts that are not pages ---------------------------------------------------------------------


OF_WORDING = {
    WordingState.MISSING: CellState.MISSING,
    WordingState.CHANGED: CellState.STALE,
    WordingState.DRAFT: CellState.IN_WORK,
    WordingState.WAITING: CellState.WHOLE,
    WordingState.DONE: CellState.PUBLIC,
}


@transaction.atomic
def write_wordings(wording: Wording, keys: Collection[str]) -> None:
    wait_for_lock(LOCK)
    targets = translators.targets()
    sources = {str(wording.key_of(row)): row for row in wording.all_sources() if str(wording.key_of(row)) in keys}
    Subject.objects.filter(kind=wording.key, key__in=set(keys) - sources.keys()).delete()
    if not sources:
        return
    # One subject takes a few queries a language; many take no more than that for all of them.
    by_locale = {
        locale.pk: {
            str(wording.key_of(row.source)): row
            for row in (
                wording.rows(locale)
                if len(sources) > 1
                else [wording.row(source, locale) for source in sources.values()]
            )
        }
        for locale in targets.values()
    }
    belongs_to = {key: wording.page_key(source) for key, source in sources.items()}
    paths = dict(
        Page.objects.filter(
            translation_key__in={each for each in belongs_to.values() if each}, locale=Locale.get_default()
        ).values_list("translation_key", "path")
    )
    # The source texts are the same for each language, and reading a draft is slow.
    any_row = by_locale[next(iter(targets.values())).pk] if targets else {}
    texts = {key: texts_of_row(row) for key, row in any_row.items() if key in sources}
    subjects = store_subjects(
        Subject(
            kind=wording.key,
            key=key,
            source_pk=source.pk,
            title=(any_row[key].title if key in any_row else str(source))[:255],
            path=paths.get(belongs_to[key], ""),
            words=words_in(texts.get(key, {}).values()),
            live=True,
            has_draft=False,
            needs_second_person=wording.is_reviewed,
        )
        for key, source in sources.items()
    )
    due = due_days()
    kept = texts_kept(wording.key, sources)
    cells = []
    for locale in targets.values():
        for key, subject in subjects.items():
            cell = cell_of_row(by_locale[locale.pk][key], texts[key], kept[key, locale.pk])
            cell.subject, cell.locale = subject, locale
            cell.due = day_of(due, subject.path, locale.pk)
            cells.append(cell)
    store_cells(wording.key, cells)


def texts_kept(kind: str, keys: Collection[str]) -> dict[tuple[str, int], dict[str, KeptText]]:
    """Return the texts of some subjects that are doubtful, or not saved in their record, by subject and language."""
    found: dict[tuple[str, int], dict[str, KeptText]] = defaultdict(dict)
    for each in KeptText.objects.filter(kind=kind, key__in=keys):
        found[each.key, each.locale_id][each.text] = each
    return found


def texts_of_row(row: WordingRow) -> dict[str, str]:
    """Return the source texts of a row by field."""
    return {name: text for name, _label, text in row.words() if text}


def words_in(texts: Iterable[str]) -> int:
    return sum(len(text.split()) for text in texts)


def cell_of_row(row: WordingRow, texts: Mapping[str, str], kept: Mapping[str, KeptText]) -> Cell:
    state = row.state
    keys = {name: text_key(name, text) for name, text in texts.items()} if kept else {}
    here = {name: kept[key] for name, key in keys.items() if key in kept}
    left = {}
    if state in (WordingState.MISSING, WordingState.CHANGED):
        left = {name: text for name, text in texts.items() if name not in here or not here[name].words}
    is_begun = state == WordingState.MISSING and len(left) < len(texts)
    doubtful = sum(each.is_doubtful for each in here.values())
    shown = CellState.IN_WORK if is_begun else OF_WORDING[state]
    return Cell(
        state=CellState.DOUBTFUL if doubtful and shown == CellState.PUBLIC else shown,
        total=len(texts),
        left=len(left),
        doubtful=doubtful,
        words_left=words_in(left.values()),
        changed=len(left) if state == WordingState.CHANGED else 0,
        is_public=row.translation is not None and bool(getattr(row.translation, "live", True)),
        waits=row.is_waiting,
        stale_since=row.changed_at if state == WordingState.CHANGED else None,
        waits_since=row.changed_at if state == WordingState.CHANGED else None,
    )


# --- Users' decisions -----------------------------------------------------------------------------


def due_days() -> list[tuple[str, int, dt.date]]:
    """Return the tree path, the language and the day of each due date, those of pages further down last."""
    dates = list(DueDate.objects.all())
    if not dates:
        return []
    paths = dict(
        Page.objects.filter(
            translation_key__in={each.page_key for each in dates}, locale=Locale.get_default()
        ).values_list("translation_key", "path")
    )
    return sorted((paths[each.page_key], each.locale_id, each.day) for each in dates if each.page_key in paths)


def day_of(due: Iterable[tuple[str, int, dt.date]], path: str, locale: int) -> dt.date | None:
    """Return the due date for a path: the nearest above it."""
    found = None
    for above, language, day in due:
        if language == locale and path.startswith(above):
            found = day
    return found


# --- Storing --------------------------------------------------------------------------------------


def store_subjects(found: Iterable[Subject]) -> dict[str, Subject]:
    """Write subjects, and return them by key as they are stored."""
    subjects = list(found)
    Subject.objects.bulk_create(
        subjects, update_conflicts=True, unique_fields=["kind", "key"], update_fields=OF_SUBJECT
    )
    stored = Subject.objects.filter(kind=subjects[0].kind, key__in=[each.key for each in subjects])
    return {each.key: each for each in stored}


def store_cells(kind: str, cells: list[Cell]) -> None:
    """Write cells.

    Keeps the time since when a cell is out of date, and the mark that it is not wanted.
    """
    keys = {cell.subject.key for cell in cells}
    stale = Cell.objects.filter(subject__kind=kind, subject__key__in=keys, state=CellState.STALE)
    since = {(key, locale): at for key, locale, at in stale.values_list("subject__key", "locale_id", "stale_since")}
    unwanted = set(NotWanted.objects.filter(kind=kind, key__in=keys).values_list("key", "locale_id"))
    for cell in cells:
        here = (cell.subject.key, cell.locale_id)
        if cell.state == CellState.STALE:
            cell.stale_since = since.get(here) or cell.stale_since
        if here in unwanted and not cell.is_public:
            cell.state = CellState.NOT_WANTED
    Cell.objects.bulk_create(cells, update_conflicts=True, unique_fields=["subject", "locale"], update_fields=OF_CELL)
    Cell.objects.filter(subject__kind=kind, subject__key__in=keys).exclude(
        locale__in={cell.locale_id for cell in cells}
    ).delete()


@transaction.atomic
def write_due(path: str) -> None:
    """Write the due dates of all subjects at a tree path or below it."""
    wait_for_lock(LOCK)
    below = Cell.objects.filter(subject__path__startswith=path)
    due = due_days()
    cells = list(below.select_related("subject").only("due", "locale_id", "subject__path"))
    for cell in cells:
        cell.due = day_of(due, cell.subject.path, cell.locale_id)
    Cell.objects.bulk_update(cells, ["due"], batch_size=500)
