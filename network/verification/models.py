"""What shows that a member belongs to the field. For the member and the team alone."""

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

# The page is there, and does not link to the profile.
NO_LINK = "no_link"
# How often a page is read that does not link to the profile yet.
READ_AGAIN_AFTER = timedelta(days=1)


class VerificationQuerySet(models.QuerySet["Verification"]):
    def open(self) -> Self:
        """Verifications that nobody has confirmed yet."""
        return self.filter(confirmed_at=None)

    def asked_of(self, member: Member) -> Self:
        """Nominations that others have asked this member for."""
        wanted = self.open().filter(kind="nomination", what=member.email).exclude(member=member)
        return wanted.filter(member__state__in=member.KNOWN).select_related("member")

    def to_read(self) -> Self:
        """Pages to read for a link: at once, and then once a day while it is not there."""
        due = models.Q(read_at=None) | models.Q(read_at__lte=timezone.now() - READ_AGAIN_AFTER)
        return self.open().filter(due, kind="link")

    def expired(self) -> Self:
        """Verifications that nobody has confirmed in time."""
        return self.open().filter(asked_at__lte=timezone.now() - UNCONFIRMED_KEPT)


class Verification(models.Model):
    """Something that a member has asked somebody else to say of them. It counts from `confirmed_at` on.

    A reviewer weighs it: nothing follows from it by itself.
    """

    wagtail_reference_index_ignore = True

    class Kind(models.TextChoices):
        ADDRESS = "address", pgettext_lazy("verification of affiliation", "Address at an institution")
        LINK = "link", pgettext_lazy("verification of affiliation", "Link from a page")
        NOMINATION = "nomination", pgettext_lazy("verification of affiliation", "Nomination")

    # So many of a kind make it complete.
    ENOUGH = {Kind.ADDRESS: 1, Kind.LINK: 1, Kind.NOMINATION: 2}

    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="verifications")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    # The domain of the address; the address of the page; whom the member has asked, until they have answered.
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
    # When the page was read last, and why it did not show the link: a FetchProblem or NO_LINK.
    read_at = models.DateTimeField(_("read at"), null=True)
    problem = models.CharField(_("problem"), max_length=20, blank=True)
    # Part of the mailed link.
    link_key = models.UUIDField(default=uuid4, editable=False)

    objects = VerificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("verification of affiliation")
        verbose_name_plural = _("verifications of affiliation")
        ordering = ("asked_at", "pk")
        constraints = [
            models.UniqueConstraint(fields=["member", "nominator"], name="one_nomination_by_each_member")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.asked_at:%Y-%m-%d})"

    @property
    def why_not(self) -> str:
        """Why the page has not confirmed anything, or "" if it has, or nobody has read it yet."""
        if self.problem == NO_LINK:
            return str(_("The page does not link to the profile."))
        return str(FetchProblem(self.problem).label) if self.problem else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationState:
    """How far one kind of verification is."""

    kind: Verification.Kind
    confirmed: list[Verification]
    open: list[Verification]

    @property
    def missing(self) -> int:
        """How many more it takes."""
        return max(0, Verification.ENOUGH[self.kind] - len(self.confirmed))


def states(member: Member) -> list[VerificationState]:
    """Return each kind of verification with what is there. One query. A nomination counts while whoever gave it is listed."""
    found = list(member.verifications.select_related("nominator"))

    def counts(verification: Verification) -> bool:
        if verification.kind == Verification.Kind.NOMINATION:
            return verification.nominator is not None and verification.nominator.state == Member.State.LISTED
        return verification.confirmed_at is not None

    return [
        VerificationState(
            kind=kind,
            confirmed=[
                verification for verification in found if verification.kind == kind and counts(verification)
            ],
            open=[
                verification
                for verification in found
                if verification.kind == kind and verification.confirmed_at is None
            ],
        )
        for kind in Verification.Kind
    ]
