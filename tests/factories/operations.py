"""Rows of the operators."""

import factory
from django.utils import timezone

from operations.models import BackupOutcome, OpenAlert


class OpenAlertFactory(factory.django.DjangoModelFactory[OpenAlert]):
    class Meta:
        model = OpenAlert

    metric = "waymark_prerender_oldest_seconds"
    since = factory.LazyFunction(timezone.now)


class BackupOutcomeFactory(factory.django.DjangoModelFactory[BackupOutcome]):
    class Meta:
        model = BackupOutcome

    at = factory.LazyFunction(timezone.now)
