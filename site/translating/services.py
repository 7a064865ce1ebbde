"""Sends pages to translators and publishes complete translations: one subject in one language at a time."""

import logging
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils import translation as languages
from django.utils.translation import gettext
from wagtail.models import Locale, Page
from wagtail.users.models import UserProfile
from wagtail_localize.models import Translation, TranslationSource
from wagtail_localize.operations import TranslationCreator

from core.background import stopping
from core.background.worker import UNAVAILABLE
from core.languages import submission
from core.languages.submission import as_translated, blockers, has_same_texts
from core.publishing.publication_checks import Blocker
from translating import states
from translating.models import (
    PAGES,
    Cell,
    CellState,
    DueDate,
    NotWanted,
    Subject,
    TranslationRun,
    TranslationStep,
)

log = logging.getLogger(__name__)
SEND = "wagtail_localize.submit_translation"


class PreconditionError(Exception):
    """A step was skipped.

    The message has the reasons, as sentences for staff. `blockers` are those that can be resolved at an address.
    """

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.blockers = [reason for reason in reasons if isinstance(reason, Blocker)]


def source_of(subject: Subject) -> Any:
    """Return the page in the source language.

    Raises PreconditionError if it was deleted, or if the subject is no page.
    """
    page = Page.objects.filter(pk=subject.source_pk).first() if subject.kind == PAGES else None
    if page is None:
        raise PreconditionError(gettext("There is no such page any more."))
    return page.specific


def translation_in(subject: Subject, locale: Locale) -> tuple[Translation, Any]:
    """Return the translation of a page and its page in that language.

    Raises PreconditionError if there is none.
    """
    translation = (
        Translation.objects.filter(source__object_id=subject.key, target_locale=locale, enabled=True)
        .select_related("source", "target_locale")
        .first()
        if subject.kind == PAGES
        else None
    )
    page = Page.objects.filter(translation_key=subject.key, locale=locale).first() if translation else None
    if translation is None or page is None:
        raise PreconditionError(gettext("It has not been sent to translators yet."))
    return translation, page.specific


@transaction.atomic
def send(subject: Subject, locale: Locale, by: Any) -> None:
    """Send a page to the translators of a language.

    Does nothing if it was sent before.
    Raises PreconditionError.

    The public site does not change: the page in that language is a draft until it is translated.
    """
    if not by.has_perm(SEND):
        raise PreconditionError(gettext("You may not send pages to translators."))
    page = source_of(subject)
    present = Page.objects.filter(translation_key=subject.key, locale=locale, alias_of=None)
    if present.exists():
        return
    source, _made = TranslationSource.get_or_create_from_instance(page)
    creator = TranslationCreator(by, [locale])
    for segment in source.relatedobjectsegment_set.select_related("object"):
        related = segment.object.get_instance_or_none(page.locale)
        if related is not None and not segment.object.has_translation(locale):
            creator.create_translations(related, include_related_objects=False)
    translation, _made = Translation.objects.update_or_create(
        source=source, target_locale=locale, defaults={"enabled": True}
    )
    translation.save_target(user=by, publish=False)
    NotWanted.objects.filter(kind=subject.kind, key=subject.key, locale=locale).delete()


@transaction.atomic
def publish(subject: Subject, locale: Locale, by: Any) -> str:
    """Publish a translation now, or at the time that was set.

    Returns a sentence about what is still to happen.

    Raises PreconditionError if it is not complete, or if the decision is another user's.
    """
    translation, page = translation_in(subject, locale)
    if page.needs_second_person:
        raise PreconditionError(gettext("A second person decides about this page: submit it."))
    if not page.permissions_for_user(by).can_publish():
        raise PreconditionError(gettext("You may not publish this page."))
    if reasons := blockers(translation):
        raise PreconditionError(*reasons)
    now = as_translated(translation)
    if page.live and has_same_texts(now, page):
        return ""
    try:
        revision = now.save_revision(user=by, log_action=True)
    except ValidationError as error:
        raise PreconditionError(" ".join(error.messages)) from error
    return publish_revision(revision, by)


def publish_revision(revision: Any, by: Any) -> str:
    """Publish a revision now, or at the time that was set.

    Returns a sentence about what is still to happen, or "".
    """
    revision.publish(user=by)
    return gettext("It is published at the time that was set.") if revision.approved_go_live_at else ""


def submit(subject: Subject, locale: Locale, by: Any) -> None:
    """Submit a translation for a second person's decision.

    Raises PreconditionError.
    """
    translation, page = translation_in(subject, locale)
    workflow = page.get_workflow()
    if workflow is None or not submission.may_submit(page, by):
        raise PreconditionError(gettext("You may not submit this page."))
    if reasons := blockers(translation):
        raise PreconditionError(*reasons)
    try:
        submission.submit(translation=translation, page=page, by=by, workflow=workflow)
    except ValidationError as error:
        raise PreconditionError(" ".join(error.messages)) from error


@transaction.atomic
def publish_source(subject: Subject, by: Any) -> str:
    """Publish the newest draft of a page in the source language, as `publish` does.

    Raises PreconditionError.
    """
    page = source_of(subject)
    if page.needs_second_person:
        raise PreconditionError(gettext("A second person decides about this page: submit it."))
    if not page.permissions_for_user(by).can_publish():
        raise PreconditionError(gettext("You may not publish this page."))
    if page.live and not page.has_unpublished_changes:
        return ""
    return publish_revision(page.latest_revision or page.save_revision(user=by), by)


# --- Batches --------------------------------------------------------------------------------------

Action = TranslationRun.Action
# Time for which the report of a run can be viewed.
KEPT = timedelta(days=30)
# Cells to which an action applies: the other ticked cells are skipped.
ABOUT = {
    Action.SEND: (CellState.MISSING, CellState.NOT_WANTED),
    Action.PUBLISH: (CellState.WHOLE,),
    Action.PUBLISH_ALL: (CellState.WHOLE,),
}


def affected(action: str, cells: Iterable[Cell]) -> list[Cell]:
    """Return the cells to which an action applies."""
    found = [cell for cell in cells if cell.subject.kind == PAGES and cell.state in ABOUT[Action(action)]]
    return [cell for cell in found if cell.state != CellState.NOT_WANTED]


@transaction.atomic
def start(action: str, cells: Iterable[Cell], by: Any, *, sources: Iterable[Subject] = ()) -> TranslationRun:
    """Store an action on many cells, the sources first.

    `tasks.begin` has the worker do it.
    """
    TranslationRun.objects.filter(made_at__lt=timezone.now() - KEPT).delete()
    run = TranslationRun.objects.create(action=action, by=by)
    steps = [TranslationStep(run=run, subject=subject) for subject in sources]
    ordered = sorted(affected(action, cells), key=lambda cell: (cell.subject.path, cell.locale_id))
    steps += [TranslationStep(run=run, subject=cell.subject, locale=cell.locale) for cell in ordered]
    TranslationStep.objects.bulk_create(steps)
    return run


def carry_out(run: TranslationRun) -> None:
    """Do the steps that are left.

    Each is marked in the transaction that does it, so none is done twice.

    Raises ShutdownRequestedError if this process is to stop; the next worker continues.
    """
    language = UserProfile.get_for_user(run.by).get_preferred_language() if run.by else None
    waiting = run.steps.filter(outcome=TranslationStep.Outcome.WAITING)
    with languages.override(language) if language else languages.override("en"):
        for step in waiting.select_related("subject", "locale"):
            stopping.check()
            carry_out_step(run, step)


def carry_out_step(run: TranslationRun, step: TranslationStep) -> None:
    mine = TranslationStep.objects.filter(pk=step.pk, outcome=TranslationStep.Outcome.WAITING)
    try:
        with transaction.atomic():
            if not mine.update(outcome=TranslationStep.Outcome.DONE):
                return
            if still_to_come := do(run, step):
                TranslationStep.objects.filter(pk=step.pk).update(note=still_to_come)
    except PreconditionError as reason:
        mine.update(outcome=TranslationStep.Outcome.LEFT, note=str(reason))
    except UNAVAILABLE:
        raise  # the step is rolled back, and the next worker does it
    except Exception:
        log.exception("A translation could not be handled: %s", step.subject_id)
        mine.update(
            outcome=TranslationStep.Outcome.LEFT,
            note=gettext("Something went wrong. Those who run the server can see what."),
        )


def cancel(run: TranslationRun) -> int:
    """Skip the steps that have not been done yet.

    Returns how many those were.
    """
    return run.steps.filter(outcome=TranslationStep.Outcome.WAITING).update(
        outcome=TranslationStep.Outcome.LEFT, note=gettext("Cancelled")
    )


def do(run: TranslationRun, step: TranslationStep) -> str:
    """Do one step.

    Returns a sentence about what is still to happen.
    Raises PreconditionError.
    """
    if run.by is None or not run.by.is_active:
        raise PreconditionError(gettext("Who asked for it has left."))
    if step.locale is None:
        return publish_source(step.subject, run.by)
    if run.action == Action.SEND:
        send(step.subject, step.locale, run.by)
        return ""
    return publish(step.subject, step.locale, run.by)


# --- Decisions ------------------------------------------------------------------------------------


@transaction.atomic
def do_not_want(cell: Cell, *, reason: str, by: Any) -> None:
    """Mark a subject as not wanted in a language, with the reason."""
    NotWanted.objects.update_or_create(
        kind=cell.subject.kind,
        key=cell.subject.key,
        locale=cell.locale,
        defaults={"reason": reason, "by": by},
    )
    states.note(cell.subject.kind, cell.subject.key)


@transaction.atomic
def want_again(cell: Cell) -> None:
    NotWanted.objects.filter(kind=cell.subject.kind, key=cell.subject.key, locale=cell.locale).delete()
    states.note(cell.subject.kind, cell.subject.key)


@transaction.atomic
def set_due(subject: Subject, locales: Iterable[Locale], day: date | None) -> None:
    """Set the due date of a page and all that belongs to it in these languages; None removes it."""
    for locale in locales:
        here = DueDate.objects.filter(page_key=subject.key, locale=locale)
        if day is None:
            here.delete()
        else:
            DueDate.objects.update_or_create(page_key=subject.key, locale=locale, defaults={"day": day})
    states.write_due(subject.path)
