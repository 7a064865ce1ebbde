from __future__ import annotations

from django.tasks import task

from translating.models import TranslationRun


# Printing goes first, and so does mail.
@task(priority=-20)
def carry_out(key: int) -> None:
    """Do what somebody asked for with many translations."""
    from translating import services

    if run := TranslationRun.objects.filter(pk=key).select_related("by").first():
        services.carry_out(run)
