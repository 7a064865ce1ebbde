"""Data of the launch plan of a campaign. The number of queries does not depend on the number of languages."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, TextChoices
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, ngettext, pgettext_lazy
from wagtail.models import Page, PageLogEntry, Revision

from campaigns.launches import mail
from campaigns.launches.models import CalledOff, called_off
from campaigns.materials.files import FILM
from campaigns.models import (
    CampaignPage,
    Design,
    Launch,
    LaunchContact,
    LaunchedPage,
    Material,
    MaterialFile,
    PreviewLink,
    StudioOutput,
    ToolkitPage,
)
from campaigns.terms.checker import words_url
from core.languages import names
from core.languages.lazy import StrOrPromise
from translating.models import PAGES, Cell, CellState


class Readiness(TextChoices):
    """Readiness of a language for the launch, the best first."""

    PUBLIC = "public", pgettext_lazy("readiness of a language", "public")
    READY = "ready", pgettext_lazy("readiness of a language", "ready")
    INCOMPLETE = "incomplete", pgettext_lazy("readiness of a language", "goes out, something is missing")
    HELD = "held", pgettext_lazy("readiness of a language", "would be held back")
    CALLED_OFF = "called_off", pgettext_lazy("readiness of a language", "called off")
    UNPUBLISHED = (
        "unpublished",
        pgettext_lazy("readiness of a language", "whole, not published for the go-live time"),
    )
    IN_WORK = "in_work", pgettext_lazy("readiness of a language", "in work")
    MISSING = "missing", pgettext_lazy("readiness of a language", "missing")
    NOT_WANTED = "not_wanted", pgettext_lazy("readiness of a language", "not wanted")


ICONS = {
    Readiness.PUBLIC: "view",
    Readiness.READY: "check",
    Readiness.INCOMPLETE: "warning",
    Readiness.HELD: "warning",
    Readiness.CALLED_OFF: "cross",
    Readiness.UNPUBLISHED: "draft",
    Readiness.IN_WORK: "edit",
    Readiness.MISSING: "circle-plus",
    Readiness.NOT_WANTED: "cross",
}


@dataclass(frozen=True, slots=True)
class Gap:
    """A missing item, and the screen on which to add it."""

    text: str
    url: str = ""


@dataclass(slots=True)
class LanguagePlan:
    """Readiness of a campaign in one language."""

    code: str
    page: CampaignPage | None
    state: Readiness = Readiness.MISSING
    gaps: list[Gap] = field(default_factory=list)
    # Downloads that exist already, as sentences.
    has: list[str] = field(default_factory=list)
    outcome: LaunchedPage | None = None
    # Pages that go live at the go-live time and can be called off: the campaign page and its toolkits.
    waiting: list[CampaignPage | ToolkitPage] = field(default_factory=list)
    called_off: CalledOff | None = None

    @property
    def name(self) -> str:
        return names.language_name(self.code)

    @property
    def label(self) -> StrOrPromise:
        return self.state.label

    @property
    def icon(self) -> str:
        return ICONS[self.state]

    @property
    def edit_url(self) -> str:
        return _edit(self.page) if self.page else ""


@dataclass(frozen=True, slots=True)
class ScheduleChange:
    """A change of the go-live time: set, moved or cancelled."""

    at: dt.datetime
    by: str
    go_live_at: dt.datetime | None
    before: dt.datetime | None


def _edit(page: Page) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


class LaunchPlan:
    """The plan of one campaign, by its original page."""

    def __init__(self, original: CampaignPage) -> None:
        self.original = original
        self.key = original.translation_key

    # --- The go-live time ---

    @cached_property
    def go_live_at(self) -> dt.datetime | None:
        return CampaignPage.objects.go_live_times([self.key])[self.key]

    @property
    def is_ahead(self) -> bool:
        return self.go_live_at is not None and self.go_live_at > timezone.now()

    @cached_property
    def changes(self) -> list[ScheduleChange]:
        """Changes of the go-live time in Wagtail's log, the newest first."""
        entries = (
            PageLogEntry.objects.filter(page=self.original.pk, revision__isnull=False)
            .order_by("timestamp", "pk")
            .select_related("user")
            .only("timestamp", "user", "revision_id")
        )
        said = dict(
            Revision.objects.filter(pk__in=[entry.revision_id for entry in entries]).values_list(
                "pk", "content__embargo"
            )
        )
        found: list[ScheduleChange] = []
        before = None
        for entry in entries:
            text = said.get(entry.revision_id)
            go_live_at = parse_datetime(text) if text else None
            if go_live_at != before:
                by = str(entry.user) if entry.user else ""
                found.append(ScheduleChange(entry.timestamp, by, go_live_at, before))
                before = go_live_at
        return found[::-1]

    # --- Readiness ---

    @cached_property
    def pages(self) -> dict[str, CampaignPage]:
        found = CampaignPage.objects.filter(translation_key=self.key).select_related("locale").defer("body")
        return {page.locale.language_code: page for page in found}

    @cached_property
    def toolkits(self) -> dict[str, list[ToolkitPage]]:
        keys = ToolkitPage.objects.child_of(self.original).values("translation_key")
        found: dict[str, list[ToolkitPage]] = defaultdict(list)
        toolkits = ToolkitPage.objects.filter(translation_key__in=keys).select_related("locale").defer("body")
        for toolkit in toolkits.order_by("path"):
            found[toolkit.locale.language_code].append(toolkit)
        return found

    @property
    def every_page(self) -> list[CampaignPage | ToolkitPage]:
        """The pages of the campaign and of its toolkits, in all languages."""
        return [*self.pages.values(), *(each for some in self.toolkits.values() for each in some)]

    @cached_property
    def scheduled(self) -> set[int]:
        """The primary keys of the pages that wait for the go-live time."""
        found = Revision.objects.page_revisions().filter(
            object_id__in=[str(page.pk) for page in self.every_page], approved_go_live_at__isnull=False
        )
        return {int(pk) for pk in found.values_list("object_id", flat=True)}

    @cached_property
    def called_off(self) -> dict[int, CalledOff]:
        """Pages taken out of the launch and not published since, by primary key."""
        return called_off([page.pk for page in self.every_page])

    @cached_property
    def cells(self) -> dict[str, list[Cell]]:
        """Translation status of the page, its toolkits and the texts of its materials, by language."""
        found: dict[str, list[Cell]] = defaultdict(list)
        for cell in Cell.objects.with_subjects().filter(subject__path__startswith=self.original.path):
            found[cell.locale.language_code].append(cell)
        return found

    @cached_property
    def materials(self) -> list[Material]:
        return [*Material.objects.filter(campaign_key=self.key, live=True).order_by("name")]

    @cached_property
    def files(self) -> dict[str, list[MaterialFile]]:
        found: dict[str, list[MaterialFile]] = defaultdict(list)
        files = MaterialFile.objects.filter(material__in=self.materials)
        for file in files.select_related("material", "document"):
            found[file.language].append(file)
        return found

    @cached_property
    def outputs(self) -> dict[str, Counter[tuple[int, str]]]:
        """The number of outputs by design and state, by language."""
        rows = (
            StudioOutput.objects.filter(design__material__campaign_key=self.key)
            .values_list("language", "design", "state")
            .annotate(Count("pk"))
            .order_by()
        )
        found: dict[str, Counter[tuple[int, str]]] = defaultdict(Counter)
        for language, design, state, count in rows:
            found[language][design, state] += count
        return found

    @cached_property
    def designs(self) -> dict[int, Design]:
        designs = Design.objects.filter(material__campaign_key=self.key).select_related("material")
        return {design.pk: design for design in designs}

    @cached_property
    def launch(self) -> Launch | None:
        """The record of this go-live time: results of the preflight check, and later the outcome."""
        return (
            Launch.objects.filter(campaign_key=self.key, go_live_at=self.go_live_at).first()
            if self.go_live_at
            else None
        )

    @cached_property
    def happened(self) -> Launch | None:
        return Launch.objects.filter(campaign_key=self.key, staff_notified_at__isnull=False).first()

    @cached_property
    def outcomes(self) -> dict[int, LaunchedPage]:
        """The preflight result or the outcome of each page, by primary key."""
        of = self.launch or self.happened
        return {each.page_id: each for each in of.pages.all()} if of else {}

    @cached_property
    def languages(self) -> list[LanguagePlan]:
        """Every language of the campaign or wanted for it, in the order of the settings."""
        codes = {*self.pages, *self.cells}
        return [self.plan_of(code) for code in settings.LANGUAGE_TABLE if code in codes]

    def plan_of(self, code: str) -> LanguagePlan:
        page = self.pages.get(code)
        plan = LanguagePlan(code, page, outcome=self.outcomes.get(page.pk) if page else None)
        cell = self.cell_of(code, self.key)
        plan.state = self.state_of(page, cell)
        if plan.state == Readiness.NOT_WANTED:
            return plan
        plan.gaps += self.gaps_of_page(page, cell, plan.state)
        if page is not None:
            plan.gaps += self.gaps_of_words(page)
            plan.gaps += self.gaps_of_toolkits(code)
        plan.gaps += self.gaps_of_materials(code)
        plan.has = list(self.existing_items(code))
        plan.waiting = [each for each in (page, *self.toolkits[code]) if each and each.pk in self.scheduled]
        plan.called_off = self.called_off.get(page.pk) if page and not page.is_open else None
        if plan.state == Readiness.READY and plan.gaps:
            held = plan.outcome is not None and bool(plan.outcome.reasons)
            plan.state = Readiness.HELD if held else Readiness.INCOMPLETE
        return plan

    def cell_of(self, code: str, key: UUID) -> Cell | None:
        """Return the translation status of a page in a language, by its translation key."""
        return next((each for each in self.cells[code] if each.subject.key == str(key)), None)

    def state_of(self, page: CampaignPage | None, cell: Cell | None) -> Readiness:
        """Return the readiness of the page itself."""
        if page is not None and page.is_open:
            return Readiness.PUBLIC
        if cell is not None and cell.state == CellState.NOT_WANTED:
            return Readiness.NOT_WANTED
        if page is None or (cell is not None and cell.state == CellState.MISSING):
            return Readiness.MISSING
        if page.pk in self.scheduled:
            return Readiness.READY
        if page.pk in self.called_off:
            return Readiness.CALLED_OFF
        if cell is not None and cell.state in (CellState.IN_WORK, CellState.STALE, CellState.MACHINE):
            return Readiness.IN_WORK
        return Readiness.UNPUBLISHED

    def gaps_of_page(self, page: CampaignPage | None, cell: Cell | None, state: Readiness) -> Iterator[Gap]:
        url = reverse("translation_cell", args=[cell.pk]) if cell is not None else ""
        if state == Readiness.MISSING:
            yield Gap(gettext("The page has not been sent to translators."), url)
            return
        if state == Readiness.CALLED_OFF and page is not None:
            again = gettext("Publish it, and it goes out after all.")
            yield Gap(f"{self.called_off[page.pk].sentence} {again}", _edit(page))
        if cell is not None and cell.left:
            done = {"done": cell.done, "total": cell.total}
            text = (
                gettext("The source has changed: %(done)d of %(total)d texts are up to date.")
                if cell.state == CellState.STALE or cell.changed
                else gettext("Page: %(done)d of %(total)d texts are translated.")
            )
            yield Gap(text % done, url)
        elif cell is not None and cell.waits:
            yield Gap(gettext("Submitted, waiting for a decision."), url)
        elif state == Readiness.UNPUBLISHED and page is not None:
            yield Gap(
                gettext("Complete, but not published. Once published, it goes live at the go-live time."),
                _edit(page),
            )

    def gaps_of_words(self, page: CampaignPage) -> Iterator[Gap]:
        outcome = self.outcomes.get(page.pk)
        if outcome is not None and outcome.reasons and outcome.published_at is None and not page.is_open:
            yield Gap(outcome.reason, words_url(page))

    def gaps_of_toolkits(self, code: str) -> Iterator[Gap]:
        theirs = {toolkit.translation_key: toolkit for toolkit in self.toolkits[code]}
        for source in self.toolkits[self.original.locale.language_code]:
            toolkit = theirs.get(source.translation_key)
            title = {"title": source.title}
            if toolkit is None:
                cell = self.cell_of(code, source.translation_key)
                if cell is not None and cell.state == CellState.NOT_WANTED:
                    continue
                url = reverse("translation_cell", args=[cell.pk]) if cell else ""
                yield Gap(gettext("Toolkit “%(title)s”: missing.") % title, url)
            elif not toolkit.live and toolkit.pk in self.called_off:
                yield Gap(gettext("Toolkit “%(title)s”: called off.") % title, _edit(toolkit))
            elif not toolkit.live and toolkit.pk not in self.scheduled:
                yield Gap(gettext("Toolkit “%(title)s”: not published.") % title, _edit(toolkit))

    def gaps_of_materials(self, code: str) -> Iterator[Gap]:
        files = self.files[code]
        with_files = {file.material_id for file in files}
        without = [material for material in self.materials if material.pk not in with_files]
        if without and self.materials:
            text = ngettext("%(count)d material has no file.", "%(count)d materials have no file.", len(without))
            query = urlencode({"campaign_key": self.key, "missing": code})
            url = f"{reverse('wagtailsnippets_campaigns_material:list')}?{query}"
            yield Gap(text % {"count": len(without)}, url)
        for file in files:
            if file.extension == FILM and file.captions_id is None:
                url = reverse("wagtailsnippets_campaigns_material:edit", args=[file.material_id])
                yield Gap(gettext("The film “%(name)s” has no captions.") % {"name": file.material.name}, url)
        todo = [
            cell
            for cell in self.cells[code]
            if cell.subject.kind != PAGES and cell.state in (CellState.MISSING, CellState.STALE)
        ]
        for cell in todo:
            url = reverse("translation_cell", args=[cell.pk])
            yield Gap(gettext("Words of “%(title)s”: not translated.") % {"title": cell.subject.title}, url)
        yield from self.gaps_of_outputs(code)

    def gaps_of_outputs(self, code: str) -> Iterator[Gap]:
        for (design, state), count in sorted(self.outputs[code].items()):
            if state != StudioOutput.State.DRAWN:
                says = {
                    "name": str(self.designs[design]),
                    "count": count,
                    "state": StudioOutput.State(state).label,
                }
                text = ngettext(
                    "Outputs of “%(name)s”: %(count)d is not drawn (%(state)s).",
                    "Outputs of “%(name)s”: %(count)d are not drawn (%(state)s).",
                    count,
                )
                yield Gap(text % says, reverse("studio", args=[design]))

    def existing_items(self, code: str) -> Iterator[str]:
        if self.materials:
            with_files = {file.material_id for file in self.files[code]}
            says = {"count": len(with_files), "total": len(self.materials)}
            yield gettext("Files for %(count)d of %(total)d materials.") % says
        counts = self.outputs[code]
        if total := sum(counts.values()):
            drawn = sum(count for (_design, state), count in counts.items() if state == StudioOutput.State.DRAWN)
            yield gettext("%(count)d of %(total)d outputs are drawn.") % {"count": drawn, "total": total}

    @property
    def ready_count(self) -> int:
        good = (Readiness.PUBLIC, Readiness.READY, Readiness.INCOMPLETE)
        return sum(plan.state in good for plan in self.languages)

    @property
    def wanted_count(self) -> int:
        return sum(plan.state != Readiness.NOT_WANTED for plan in self.languages)

    # --- People ---

    @cached_property
    def staff(self) -> list[Any]:
        return mail.staff_of(self.key)

    @cached_property
    def contacts(self) -> list[LaunchContact]:
        return [*LaunchContact.objects.filter(campaign_key=self.key).for_showing()]

    @cached_property
    def links(self) -> list[PreviewLink]:
        return [*PreviewLink.objects.filter(campaign_key=self.key).select_related("made_by")]


@dataclass(frozen=True, slots=True)
class ComingLaunch:
    page: CampaignPage
    go_live_at: dt.datetime
    waiting: int  # languages that wait for the go-live time
    total: int  # languages that the page exists in

    @property
    def is_over(self) -> bool:
        return self.go_live_at <= timezone.now()


# How long a past launch stays in the list.
SHOWN = dt.timedelta(days=30)


def coming_launches() -> list[ComingLaunch]:
    """Return the upcoming launches, the next one first, then those of the last 30 days. A few queries."""
    since = timezone.now() - SHOWN
    times = {
        key: go_live_at
        for key, go_live_at in CampaignPage.objects.go_live_times().items()
        if go_live_at and go_live_at >= since
    }
    originals = CampaignPage.objects.originals().filter(translation_key__in=times).defer("body")
    waiting = CampaignPage.objects.scheduled_revisions().values_list("object_id", flat=True)
    counts = {
        row["translation_key"]: (row["waits"], row["total"])
        for row in CampaignPage.objects.filter(translation_key__in=times)
        .values("translation_key")
        .annotate(waits=Count("pk", filter=Q(pk__in=[int(pk) for pk in waiting])), total=Count("pk"))
        .order_by()
    }
    found = [
        ComingLaunch(page, times[page.translation_key] or since, *counts[page.translation_key]) for page in originals
    ]
    ahead = sorted((each for each in found if not each.is_over), key=lambda each: each.go_live_at)
    return ahead + sorted((each for each in found if each.is_over), key=lambda each: each.go_live_at, reverse=True)
