from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import transaction
from django.tasks import task

from translating import services, states
from translating.models import Cell, Subject, TranslationRun


@transaction.atomic
def begin(action: str, cells: Iterable[Cell], by: Any, *, sources: Iterable[Subject] = ()) -> TranslationRun:
    """Have the worker run an action on many cells, the sources first."""
    run = services.start(action, cells, by, sources=sources)
    transaction.on_commit(partial(carry_out.enqueue, run.pk), robust=True)
    return run


# Rendering goes first, and so does mail.
@task(priority=-20)
def carry_out(key: int) -> None:
    """Carry out an action on many translations."""
    if run := TranslationRun.objects.filter(pk=key).select_related("by").first():
        services.carry_out(run)


@task(priority=-20)
def write_noted() -> None:
    """Write the states of all subjects that have changed."""
    states.write_noted()
