"""Recall of outputs with an outdated number: they are drawn again, and their old code becomes out of date."""

from functools import partial
from uuid import UUID

from django.db import transaction

from campaigns.models import Design, RetiredOutput, StudioBatch
from campaigns.studio import batches
from core.http.errors import Replaced
from helpline import directory


def programme_changed(programme: UUID) -> None:
    """Redraw the outputs with the number of a programme as soon as its change is committed."""
    for design in Design.objects.filter(countries__programme=programme).distinct():
        if has_outdated_number(design):
            transaction.on_commit(partial(redraw, design))


def designs_to_recall() -> list[Design]:
    """Return the designs with an outdated number on an output, including those outdated by the passing of time."""
    numbered = Design.objects.filter(countries__isnull=False, outputs__document__isnull=False).distinct()
    waiting = StudioBatch.objects.filter(stage__in=StudioBatch.RUNNING).values("design")
    return [design for design in numbered.exclude(pk__in=waiting) if has_outdated_number(design)]


def has_outdated_number(design: Design) -> bool:
    programmes = {each.country: each.programme for each in design.countries.all()}
    numbers = directory.numbers_of(set(programmes.values()))
    drawn = design.outputs.exclude(country="").filter(document__isnull=False)
    for language, country, number in drawn.values_list("language", "country", "number").distinct():
        found = numbers.get(programmes[country], {}) if country in programmes else {}
        now = found.get(language) or found.get("")
        if number != (now.dialled_in(country) if now else ""):
            return True
    return False


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
