"""Verifications of a member's affiliation, only for the member and the team."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self
from uuid import uuid4

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.outgoing.internet import FetchProblem
from network.members.models import Member
from network.members.querysets import UNCONFIRMED_KEPT

# The page exists, and does not link to the profile.
NO_LINK = "no_link"
# Interval for reading a page again that does not link to the profile yet.
READ_AGAIN_AFTER = timedelta(days=1)


class VerificationQuerySet(models.QuerySet["Verification"]):
    def open(self) -> Self:
        """Return the unconfirmed verifications."""
        return self.filter(confirmed_at=None)

    def asked_of(self, member: Member) -> Self:
        """Return the nominations that others have requested from this member."""
        wanted = self.open().filter(kind="nomination", what=member.email).exclude(member=member)
        return wanted.filter(member__state__in=member.KNOWN).select_related("member")

    def to_read(self) -> Self:
        """Return the pages to check for a link: immediately, and then once a day until it is found."""
        due = models.Q(read_at=None) | models.Q(read_at__lte=timezone.now() - READ_AGAIN_AFTER)
        return self.open().filter(due, kind="link")

    def expired(self) -> Self:
        """Return the verifications that were not confirmed in time."""
        return self.open().filter(asked_at__lte=timezone.now() - UNCONFIRMED_KEPT)


class Verification(models.Model):
    """A confirmation that a member has requested from a third party.

    It is valid from `confirmed_at` on.

    Reviewers take it into account; it has no effect by itself.
    """

    wagtail_reference_index_ignore = True

    class Kind(models.TextChoices):
        ADDRESS = "address", pgettext_lazy("verification of affiliation", "Address at an institution")
        LINK = "link", pgettext_lazy("verification of affiliation", "Link from a page")
        NOMINATION = "nomination", pgettext_lazy("verification of affiliation", "Nomination")

    # Number of verifications of a kind that is complete.
    ENOUGH = {Kind.ADDRESS: 1, Kind.LINK: 1, Kind.NOMINATION: 2}

    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="verifications")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    # The domain of the address, the URL of the page, or, until the answer, the address of the requested nominator.
    what = models.CharField(_("what"), max_length=500, blank=True)
    nominator = models.ForeignKey(
        Member,
        null=True,
        on_delete=models.CASCADE,
        related_name="nominations",
        verbose_name=_("nominated by"),
    )
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    # When the page was last read, and why the link was not found: a FetchProblem or NO_LINK.
    read_at = models.DateTimeField(_("read at"), null=True)
    problem = models.CharField(_("problem"), max_length=20, blank=True)
    # Part of the mailed link.
    link_key = models.UUIDField(default=uuid4, editable=False)

    objects = VerificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("verification of affiliation")
        verbose_name_plural = _("verifications of affiliation")
        ordering = ("asked_at", "pk")
        constraints = [models.UniqueConstraint(fields=["member", "nominator"], name="one_nomination_by_each_member")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.asked_at:%Y-%m-%d})"

    @property
    def why_not(self) -> str:
        """Return why the page has not confirmed the link, or "" if it has, or has not been read yet."""
        if self.problem == NO_LINK:
            return str(_("The page does not link to the profile."))
        return str(FetchProblem(self.problem).label) if self.problem else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationState:
    """Progress of one kind of verification."""

    kind: Verification.Kind
    confirmed: list[Verification]
    open: list[Verification]

    @property
    def missing(self) -> int:
        """Return the number of verifications still needed."""
        return max(0, Verification.ENOUGH[self.kind] - len(self.confirmed))


def states(member: Member) -> list[VerificationState]:
    """Return each kind of verification with its progress.

    One query.
    A nomination counts while the nominator is listed.
    """
    found = list(member.verifications.select_related("nominator"))

    def counts(verification: Verification) -> bool:
        if verification.kind == Verification.Kind.NOMINATION:
            return verification.nominator is not None and verification.nominator.state == Member.State.LISTED
        return verification.confirmed_at is not None

    return [
        VerificationState(
            kind=kind,
            confirmed=[verification for verification in found if verification.kind == kind and counts(verification)],
            open=[
                verification
                for verification in found
                if verification.kind == kind and verification.confirmed_at is None
            ],
        )
        for kind in Verification.Kind
    ]
