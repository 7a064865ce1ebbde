from __future__ import annotations

from django.tasks import task

from campaigns.models import StudioBatch
from campaigns.studio import batches


# Printing goes first: nobody who looks for help waits for a poster.
@task(priority=-10)
def draw_batch(key: int) -> None:
    """Draw the sheets of a design in the background."""
    if batch := StudioBatch.objects.select_related("design__material").filter(pk=key).first():
        batches.run(batch)
