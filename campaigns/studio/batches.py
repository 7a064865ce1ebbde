"""A batch in the worker draws the changed outputs of a design, shows progress, and can be cancelled at any time.

Outputs drawn before the batch was cancelled, or its worker died, are kept.
The files are added to the material together at the end, so that readers never see half of a change.
All writes to the tables of the studio are in this module.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import transaction
from django.tasks import task
from django.utils import timezone
from django.utils.text import slugify

from campaigns.models import Design, Material, MaterialFile, RetiredOutput, StudioBatch, StudioOutput
from campaigns.studio import drawing
from campaigns.studio.drawing import Drawn
from campaigns.studio.formats import PROFILE
from campaigns.studio.variants import ToDraw, of_variant, to_draw
from core import memo
from core.background import locks, stopping
from core.models import UploadedDocument
from core.uploads import first_pages
from core.uploads.cleaning import CleanFile
from helpline import directory

Stage = StudioBatch.Stage
State = StudioOutput.State


# --- Actions of users ---


@transaction.atomic
def start(design: Design, *, by: Any = None, numbers_only: bool = False) -> StudioBatch:
    """Return the queued batch of a design or a new one, which the caller enqueues."""
    waiting = StudioBatch.objects.filter(design=design, stage=Stage.QUEUED, numbers_only=numbers_only).first()
    if waiting is None:  # keep only the newest of the finished batches
        StudioBatch.objects.filter(design=design).exclude(stage__in=StudioBatch.RUNNING).delete()
    return waiting or StudioBatch.objects.create(design=design, by=by, numbers_only=numbers_only)


def cancel(batch: StudioBatch) -> bool:
    """Cancel a batch. Return False if it is too late."""
    return locks.move_stage(batch, StudioBatch.RUNNING, Stage.CANCELLED)


# --- Work of the worker ---


def run(batch: StudioBatch) -> None:
    """Draw changed outputs. If a worker dies while drawing, the next one draws the rest."""
    if not locks.move_stage(batch, StudioBatch.RUNNING, Stage.DRAWING):
        return
    try:
        for done, total in redraw(batch.design, numbers_only=batch.numbers_only, go_on=lambda: _is_wanted(batch)):
            if not locks.move_stage(batch, [Stage.DRAWING], Stage.DRAWING, done=done, total=total):
                break
    except stopping.ShutdownRequestedError:
        raise
    except Exception:
        locks.move_stage(batch, StudioBatch.RUNNING, Stage.FAILED)
        raise
    locks.move_stage(batch, [Stage.DRAWING], Stage.DONE)


def _is_wanted(batch: StudioBatch) -> bool:
    stopping.check()
    return StudioBatch.objects.filter(pk=batch.pk, stage=Stage.DRAWING).exists()


def redraw(design: Design, *, numbers_only: bool = False, go_on: Any = lambda: True) -> Iterator[tuple[int, int]]:
    """Draw the changed outputs of a design and add them to its material. Yield (number drawn, total)."""
    planned = to_draw(design)
    known = {key_of(row): row for row in design.outputs.select_related("document")}
    waiting = [output for output in planned if not is_current(known.get(output.variant.key), output)]
    if numbers_only:
        waiting = [output for output in waiting if has_another_number(known.get(output.variant.key), output)]
    stop = threading.Event()
    yield 0, len(waiting)
    try:
        for number, drawn in enumerate(drawing.draw(waiting, day=timezone.localdate(), stop=stop), start=1):
            row = keep(drawn)
            if row.document is not None:
                # Draw it before the output is offered.
                # Otherwise the scheduler would draw it later, and pages with the output would be rendered twice.
                first_pages.draw(row.document, drawn.picture)
            yield number, len(waiting)
            if not go_on():
                stop.set()
    finally:
        hand_over(design, known.keys() if numbers_only else {output.variant.key for output in planned})


def key_of(row: StudioOutput) -> tuple[str, str, str, int | None]:
    return (row.format, row.language, row.country, row.partner_key)


def is_current(row: StudioOutput | None, output: ToDraw) -> bool:
    """Return True if an output is up to date, or still cannot be drawn for the same reason. Timeouts are retried."""
    if row is None or row.digest != output.digest:
        return False
    return row.state in {State.UNFIT, State.LETTERS} or row.document_id is not None


def has_another_number(row: StudioOutput | None, output: ToDraw) -> bool:
    return row is not None and row.state == State.DRAWN and row.number != output.number


def outdated(design: Design) -> list[tuple[StudioOutput, str | None]]:
    """Return the drawn outputs of a design with an outdated number, each with the number that it should have.

    None: their country was removed from the design, so that their number is no longer followed.
    Those that were recalled are included until they are drawn again.
    """
    programmes = {each.country: each.programme for each in design.countries.all()}
    numbers = directory.numbers_of(set(programmes.values()))
    found: list[tuple[StudioOutput, str | None]] = []
    drawn = design.outputs.filter(state=State.DRAWN).exclude(country="")
    for row in drawn.select_related("document", "design__material"):
        if row.country in programmes:
            by_language = numbers.get(programmes[row.country], {})
            now = by_language.get(row.language) or by_language.get("")
            number = now.dialled_in(row.country) if now else ""
            if row.number != number:
                found.append((row, number))
        elif row.number and row.document is not None:
            found.append((row, None))
    return found


@transaction.atomic
def recall(outputs: Iterable[tuple[StudioOutput, str | None]]) -> None:
    """Withdraw the files of outputs with an outdated number, before they are drawn again with the one given here."""
    with memo.batch():  # each file asks for the same pages
        for row, number in outputs:
            retire(row, number=number)


@transaction.atomic
def keep(drawn: Drawn) -> StudioOutput:
    """Store the result of drawing an output and retire the previous file, unless another batch was faster."""
    output = drawn.output
    design = Design.objects.select_for_update().get(pk=output.variant.design.pk)
    chosen, language, country, partner = output.variant.key
    row = design.outputs.filter(format=chosen, language=language, country=country, partner_key=partner).first()
    if row is not None and is_current(row, output):
        return row
    row = row or of_variant(output.variant)
    if row.document_id is not None:
        retire(row, number=output.number)
    row.state, row.problems, row.digest, row.number = (
        drawn.state,
        drawn.problems,
        output.digest,
        output.number,
    )
    row.partner_name = output.variant.partner_name
    row.document, row.code, row.drawn_on = None, "", None
    if drawn.state == State.DRAWN:
        row.code, row.drawn_on = output.code, timezone.localdate()
        row.document = UploadedDocument(
            title=output.variant.text.headline, file=CleanFile(drawn.content, name=file_name(row, output))
        )
        row.document.save()
    row.save()
    return row


def file_name(row: StudioOutput, output: ToDraw) -> str:
    parts = [
        slugify(output.variant.design.material.name)[:40].strip("-") or "output",
        row.format,
        row.language,
        row.country,
        slugify(row.partner_name)[:20],
        row.code.lower(),
        # Print shops ask for both.
        "pdfx4" if PROFILE.name in output.files else "",
        "rgb" if output.variant.row.bleed else "",
    ]
    return f"{'-'.join(part for part in parts if part)}.{output.variant.row.extension}"


def retire(row: StudioOutput, *, number: str | None) -> None:
    """Record that an output is outdated, and why, and delete its file.

    `number` is that of its replacement; None: it is no longer planned.
    """
    document = row.document
    if document is None or row.drawn_on is None:
        return
    material = row.design.material
    RetiredOutput.objects.update_or_create(
        path=document.url,
        defaults={
            "campaign_key": material.campaign_key,
            "output": row,
            "title": row.title_in(row.language),
            "language": row.language,
            "code": row.code,
            "why": _why(row, number),
            "drawn_on": row.drawn_on,
        },
    )
    document.delete()


def _why(row: StudioOutput, number: str | None) -> RetiredOutput.Why:
    if number is None:
        return RetiredOutput.Why.DROPPED
    # Without a number, an output cannot have an outdated one.
    if not row.number or number == row.number:
        return RetiredOutput.Why.CONTENT
    return RetiredOutput.Why.NUMBER if number else RetiredOutput.Why.CLOSED


@transaction.atomic
def hand_over(design: Design, planned: Iterable[tuple[Any, ...]]) -> None:
    """Add the drawn outputs to their material, and remove those that are no longer planned.

    A number that was withdrawn while they were drawn is not published: the scheduler has those drawn again.
    They are added to the newest version, which is published unless it is an unpublished draft.
    """
    material = Material.objects.select_for_update().get(pk=design.material_id)
    wanted = set(planned)
    for row in design.outputs.select_related("document", "design__material"):
        if key_of(row) not in wanted:
            retire(row, number=None)
            row.delete()
    recall(outdated(design))
    rows = [*design.outputs.filter(document__isnull=False).select_related("document")]
    alternatives = dict(design.texts.values_list("language", "alt_text"))
    stored = {file.document_id: file for file in MaterialFile.objects.filter(material=material)}
    has_draft = material.has_unpublished_changes
    newest = material.get_latest_revision_as_object()
    before = {(file.pk, file.country, file.alt_text) for file in newest.files.all()}
    files = ours(rows, alternatives, stored, material)
    drawn = {file.document_id for file in files}
    there = UploadedDocument.objects.in_bulk([file.document_id for file in newest.files.all()])
    others = [file for file in newest.files.all() if file.document_id in there and file.document_id not in drawn]
    if before == {(file.pk, file.country, file.alt_text) for file in [*others, *files]}:
        return
    newest.files = [*others, *files]
    revision = newest.save_revision(log_action=True)
    if not has_draft:
        revision.publish(skip_permission_checks=True)


def ours(
    rows: Sequence[StudioOutput],
    alternatives: dict[str, str],
    stored: dict[int, MaterialFile],
    material: Material,
) -> list[MaterialFile]:
    """Return saved files for these outputs, reusing stored rows."""
    files = []
    for row in rows:
        key: Any = row.document_id
        file = stored.get(key) or MaterialFile(material=material, document=row.document)
        file.language, file.country = row.language, row.country
        # The text alternative is required; the title of the document is the headline.
        file.alt_text = alternatives.get(row.language) or str(row.document)
        file.save()
        files.append(file)
    return files


# Low priority: rendering pages comes first.
@task(priority=-10)
def draw_batch(key: int) -> None:
    """Draw the outputs of a design in the background."""
    if batch := StudioBatch.objects.select_related("design__material").filter(pk=key).first():
        run(batch)
