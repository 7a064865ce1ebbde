from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.outgoing.internet import FetchProblem
from helpline.scan import rules

# An older scan does not describe the present website.
FRESH = dt.timedelta(days=60)
# Failures in a row after which the site is reported as down.
DOWN_AFTER = 3


class ListedSiteQuerySet(models.QuerySet["ListedSite"]):
    def due(self, now: dt.datetime) -> Self:
        return self.filter(due_at__lte=now).order_by("due_at", "pk")

    def disclosing(self) -> Self:
        """Return sites that disclose their visitors to others.

        A notice is shown beside links to them.
        """
        return self.filter(tells_others=True)

    def urls(self) -> frozenset[str]:
        return frozenset(self.values_list("url", flat=True))

    def outdated(self, now: dt.datetime) -> Self:
        """Return sites whose grade comes from a scan that is now too old."""
        return self.filter(graded_at__lte=now - FRESH).exclude(grade="")

    def to_judge(self) -> Self:
        """Return sites with a serious finding that is still to be judged."""
        return self.filter(to_judge=True)

    def down(self) -> Self:
        """Return sites that have repeatedly failed to respond, so that links to them are dead."""
        return self.filter(failures__gte=DOWN_AFTER)

    def with_urls(self, urls: Iterable[str]) -> Self:
        return self.filter(url__in=set(urls))


class ListedSite(models.Model):
    """Web address that listings link to, with the results of the privacy scan.

    Several listings can share one.
    It is not part of a listing: a scan changes no fact, makes no revision and needs no approval.
    It is written only in `helpline.scan.services`, which calls `save()` when its public data change, as that
    invalidates pages.
    """

    url = models.CharField(_("web address"), max_length=500, unique=True)
    grade = models.CharField(_("grade"), max_length=1, blank=True)
    graded_at = models.DateTimeField(_("seen on"), null=True, blank=True)
    tells_others = models.BooleanField(_("discloses visits"), default=False)
    to_judge = models.BooleanField(_("to be judged"), default=False)
    # Identifiers of listings with a number that was once on the page and was missing at the last scan.
    missed = models.JSONField(_("missing numbers"), default=list, blank=True)
    tried_at = models.DateTimeField(_("last tried"), null=True, blank=True)
    problem = models.CharField(_("problem"), max_length=20, choices=FetchProblem, blank=True)
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
    """Findings of one visit to a website, or the reason for its failure.

    The last `KEPT` scans of a site are kept.
    """

    KEPT = 12

    site = models.ForeignKey(ListedSite, on_delete=models.CASCADE, related_name="scans")
    at = models.DateTimeField(_("at"), default=timezone.now)
    grade = models.CharField(_("grade"), max_length=1, blank=True)
    # [{"code": rule code from `helpline.scan.rules`, "facts": [what was found]}]
    findings = models.JSONField(_("findings"), default=list, blank=True)
    # The final address, and the numbers on the page as digits.
    final_url = models.CharField(_("leads to"), max_length=2000, blank=True)
    numbers = models.JSONField(_("numbers"), default=list, blank=True)
    problem = models.CharField(_("problem"), max_length=20, choices=FetchProblem, blank=True)
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
        return rules.parse_findings(self.findings)


class Judgement(models.Model):
    """Decision on a finding, with its author, date and reason.

    Append-only; the newest for a rule counts.
    """

    class Verdict(models.TextChoices):
        SEEN = "seen", _("Confirm: show it as long as the scan finds it")
        PINNED = "pinned", _("Always show it, whether the scan finds it or not")
        IGNORED = "ignored", _("Ignore it until something else is found")
        LIFTED = "lifted", _("Withdraw the earlier judgement")

    site = models.ForeignKey(ListedSite, on_delete=models.CASCADE, related_name="judgements")
    rule = models.CharField(_("rule"), max_length=30)
    verdict = models.CharField(_("what to do with it"), max_length=10, choices=Verdict)
    # The findings at the time.
    # Ignoring the rule covers only these.
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
        """Return whether the judgement covers everything in this finding."""
        return self.rule == finding.rule.code and set(finding.facts) <= set(self.facts)
