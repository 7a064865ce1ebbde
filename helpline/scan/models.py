from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpline.scan import rules
from helpline.scan.problems import ScanProblem

if TYPE_CHECKING:
    from collections.abc import Iterable

# A scan that is older says nothing of the website as it is today.
FRESH = dt.timedelta(days=60)
# Failures in a row after which somebody is told.
DOWN_AFTER = 3


class ListedSiteQuerySet(models.QuerySet["ListedSite"]):
    def due(self, now: dt.datetime) -> Self:
        return self.filter(due_at__lte=now).order_by("due_at", "pk")

    def telling(self) -> Self:
        """Those whose visitors become known to others: a notice stands beside their links."""
        return self.filter(tells_others=True)

    def addresses(self) -> frozenset[str]:
        return frozenset(self.values_list("url", flat=True))

    def outdated(self, now: dt.datetime) -> Self:
        """Those whose grade comes from a scan that is too old by now."""
        return self.filter(graded_at__lte=now - FRESH).exclude(grade="")

    def to_judge(self) -> Self:
        """Those with a serious finding that nobody has looked at."""
        return self.filter(to_judge=True)

    def down(self) -> Self:
        """Those that did not answer again and again: their links lead nowhere."""
        return self.filter(failures__gte=DOWN_AFTER)

    def led_to_by(self, addresses: Iterable[str]) -> Self:
        return self.filter(url__in=set(addresses))


class ListedSite(models.Model):
    """One web address that listings lead to, and what the privacy scan knows of it. Several listings can lead to the same.

    It is no part of a listing: a scan changes no fact, makes no revision and needs nobody's approval. Written in
    `helpline.scan.services` only, which saves a row when what visitors see of it changes: the press listens to that.
    """

    url = models.CharField(_("web address"), max_length=500, unique=True)
    grade = models.CharField(_("grade"), max_length=1, blank=True)
    graded_at = models.DateTimeField(_("seen on"), null=True, blank=True)
    tells_others = models.BooleanField(_("tells others"), default=False)
    to_judge = models.BooleanField(_("to be judged"), default=False)
    # The identifiers of listings with a number that once stood on the page, and did not any more at the last scan.
    missed = models.JSONField(_("missed numbers"), default=list, blank=True)
    tried_at = models.DateTimeField(_("last tried"), null=True, blank=True)
    problem = models.CharField(_("problem"), max_length=20, choices=ScanProblem, blank=True)
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0)
    due_at = models.DateTimeField(_("next scan"), default=timezone.now, db_index=True)

    objects = ListedSiteQuerySet.as_manager()

    if TYPE_CHECKING:
        scans: Any
        judgements: Any

    class Meta:
        verbose_name = _("listed website")
        verbose_name_plural = _("listed websites")
        default_permissions = ("change", "view")
        ordering = ("url",)

    def __str__(self) -> str:
        return self.url


class Scan(models.Model):
    """What one look at a website found, or why there was nothing to see. The last few are kept."""

    KEPT = 12

    site = models.ForeignKey(ListedSite, on_delete=models.CASCADE, related_name="scans")
    at = models.DateTimeField(_("at"), default=timezone.now)
    grade = models.CharField(_("grade"), max_length=1, blank=True)
    # [{"code": a rule of `helpline.scan.rules`, "facts": [what was found]}]
    findings = models.JSONField(_("findings"), default=list, blank=True)
    # Where the address led to, and the numbers on the page, as digits.
    final_url = models.CharField(_("leads to"), max_length=2000, blank=True)
    numbers = models.JSONField(_("numbers"), default=list, blank=True)
    problem = models.CharField(_("problem"), max_length=20, choices=ScanProblem, blank=True)
    detail = models.CharField(_("detail"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("scan")
        verbose_name_plural = _("scans")
        default_permissions = ()
        ordering = ("-at", "-pk")
        indexes = [models.Index(fields=("site", "-at"), name="scans_of_a_site")]

    def __str__(self) -> str:
        return f"{self.site_id}: {self.grade or self.problem}"

    def found(self) -> list[rules.Finding]:
        return rules.read(self.findings)


class Judgement(models.Model):
    """What somebody made of a finding: who, when and why. Only ever added to; the newest for a rule counts."""

    class Verdict(models.TextChoices):
        SEEN = "seen", _("It is so: show it as long as it is found")
        PINNED = "pinned", _("Show it always, whether the scan finds it or not")
        IGNORED = "ignored", _("Ignore it until something else is found")
        LIFTED = "lifted", _("Take back what was said before")

    site = models.ForeignKey(ListedSite, on_delete=models.CASCADE, related_name="judgements")
    rule = models.CharField(_("rule"), max_length=30)
    verdict = models.CharField(_("what to do with it"), max_length=10, choices=Verdict)
    # What was found then. Ignoring it covers nothing more.
    facts = models.JSONField(_("found"), default=list, blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("judgement")
        verbose_name_plural = _("judgements")
        default_permissions = ()
        ordering = ("-at", "-pk")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="a_judgement_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.get_verdict_display()}"

    def covers(self, finding: rules.Finding) -> bool:
        """Whether it was given about as much as is found now."""
        return self.rule == finding.rule.code and set(finding.facts) <= set(self.facts)
