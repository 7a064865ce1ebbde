"""The web addresses that public texts link to, and whether they lead anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.outgoing.problems import FetchProblem

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

# So often in a row nobody answered before a link is called dead: a website may be away for a day.
DEAD_AFTER = 2
# What a visitor of the link would see, too. Websites that refuse programs may well answer people.
DEAD = tuple(problem.value for problem in FetchProblem if problem.is_down)


class LinkedAddressQuerySet(models.QuerySet["LinkedAddress"]):
    def due(self, now: dt.datetime) -> Self:
        return self.filter(due_at__lte=now).order_by("due_at", "pk")

    def dead(self) -> Self:
        return self.filter(failures__gte=DEAD_AFTER, problem__in=DEAD)

    def with_urls(self, urls: Iterable[str]) -> Self:
        return self.filter(url__in=set(urls))


class LinkedAddress(models.Model):
    """A web address that public pages link to, as the worker found it last. Written in `campaigns.terms.addresses` only."""

    url = models.CharField(_("web address"), max_length=2000, unique=True)
    # [{"page": primary key, "title": title}], at most a few.
    places = models.JSONField(_("linked from"), default=list, blank=True)
    tried_at = models.DateTimeField(_("last tried"), null=True, blank=True)
    problem = models.CharField(_("problem"), max_length=20, choices=FetchProblem, blank=True)
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0)
    due_at = models.DateTimeField(_("next check"), default=timezone.now, db_index=True)

    objects = LinkedAddressQuerySet.as_manager()

    # It refers to no published content.
    wagtail_reference_index_ignore = True

    if TYPE_CHECKING:
        get_problem_display: Any

    class Meta:
        verbose_name = _("linked web address")
        verbose_name_plural = _("linked web addresses")
        default_permissions = ()
        ordering = ("url",)

    def __str__(self) -> str:
        return self.url
