"""Recall of outputs with an outdated number: their files are withdrawn, and they are drawn again.

Their old code becomes out of date.
"""

from functools import partial
from uuid import UUID

from django.db import transaction

from campaigns.models import Design, RetiredOutput, StudioBatch, StudioOutput
from campaigns.studio import batches
from core.http.errors import Replaced


def programme_changed(programme: UUID) -> None:
    """Recall the outputs with an outdated number of a programme, within the transaction of its change."""
    for design in Design.objects.filter(countries__programme=programme).distinct():
        recall_outdated(design)


@transaction.atomic
def recall_outdated(design: Design) -> None:
    """Withdraw the outputs of a design with an outdated number, and queue their drawing for after the commit."""
    if outdated := batches.outdated(design):
        batches.recall(outdated)
        transaction.on_commit(partial(redraw, design))


def designs_to_recall() -> list[Design]:
    """Return the designs with an outdated number on an output, including those outdated by the passing of time.

    Those whose files are withdrawn, and that a batch is about to draw again, are left out.
    """
    numbered = Design.objects.filter(outputs__country__gt="", outputs__state=StudioOutput.State.DRAWN).distinct()
    waiting = set(StudioBatch.objects.filter(stage__in=StudioBatch.RUNNING).values_list("design", flat=True))
    return [
        design
        for design in numbered
        if any(row.document_id or design.pk not in waiting for row, _number in batches.outdated(design))
    ]


def redraw(design: Design) -> None:
    batches.draw_batch.enqueue(batches.start(design, numbers_only=True).pk)


def replaced(path: str) -> Replaced | None:
    """Return the replacement of an output by its old address."""
    found = (
        RetiredOutput.objects.filter(path=path).select_related("output__document", "output__design__material").first()
    )
    if found is None:
        return None
    output = found.output
    is_shown = output is not None and output.document is not None and output.design.material.live
    return Replaced(
        language=found.language,
        title=f"{found.title} ({found.code})",
        now=output.document.url if is_shown and output is not None and output.document is not None else "",
    )
