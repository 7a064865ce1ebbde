"""Needs and offers of members as records, their matches, and the outcomes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from network.members.models import Member, codes
from network.vocabulary.details import CategoryGroup

# A need or an offer is open for a year at most.
# Its owner gets a reminder before it ends; a year after the end it is deleted.
OPEN_AT_MOST = timedelta(days=365)
ASK_BEFORE_END = timedelta(days=14)
OPPORTUNITY_KEPT = timedelta(days=365)
# Maximum number of matches of a member, and the time in which they are counted.
MATCHED_AT_MOST = 5
MATCHED_WITHIN = timedelta(days=7)
# Time after which the member who has taken up a match is asked for the outcome, and the interval of digest emails.
ASK_OUTCOME_AFTER = timedelta(days=30)
DIGEST_EMAIL_EVERY = timedelta(days=7)


class OpportunityKind(models.TextChoices):
    """Direction of an opportunity: need or offer."""

    NEED = "need", pgettext_lazy("an opportunity of a member", "Need")
    OFFER = "offer", pgettext_lazy("an opportunity of a member", "Offer")


class OpportunitySubject(models.TextChoices):
    """Subject of a need or an offer."""

    EVALUATION = "evaluation", pgettext_lazy("what is wanted or offered", "Evaluation")
    DATA = "data", pgettext_lazy("what is wanted or offered", "Data")
    SITE = "site", pgettext_lazy("what is wanted or offered", "A site for a study")
    PARTNER = "partner", pgettext_lazy("what is wanted or offered", "A partner")
    ANSWER = "answer", pgettext_lazy("what is wanted or offered", "An answer")


class MatchOutcome(models.TextChoices):
    """Outcome of a contact between matched members."""

    NONE = "none", pgettext_lazy("what came of it", "Nothing")
    CONTACT = "contact", pgettext_lazy("what came of it", "We were in contact")
    COLLABORATION = "collaboration", pgettext_lazy("what came of it", "We work together")
    RESULT = "result", pgettext_lazy("what came of it", "There is a result")


# The columns that hold categories, and their groups.
CATEGORIES: Mapping[str, CategoryGroup] = {
    "expertise": CategoryGroup.FIELD,
    "populations": CategoryGroup.POPULATION,
    "methods": CategoryGroup.METHOD,
    "work_settings": CategoryGroup.SETTING,
}


class OpportunityQuerySet(models.QuerySet["Opportunity"]):
    """Queryset of needs and offers of members."""

    def open(self) -> Self:
        """Return the opportunities that members see: neither closed nor over, of members whom they see as well."""
        return self.filter(closed_at=None, until__gte=timezone.localdate(), owner__in=Member.objects.listed("members"))

    def public(self) -> Self:
        """Return the open opportunities that are public: their owner wants it, and a reviewer has read them."""
        return self.open().filter(is_for_everybody=True, read_at__isnull=False)

    def to_read(self) -> Self:
        """Return the opportunities to review before they become public, oldest first."""
        return self.open().filter(is_for_everybody=True, read_at=None).order_by("created_at", "pk")

    def not_of(self, members: Collection[int]) -> Self:
        return self.exclude(owner__in=members)

    def new_since(self, moment: datetime) -> Self:
        return self.filter(created_at__gt=moment)

    def for_showing(self) -> Self:
        return self.select_related("owner")

    def to_end(self) -> Self:
        """Return the opportunities that are over and whose pages do not say so yet."""
        return self.filter(closed_at=None, until__lt=timezone.localdate())

    def to_remind(self) -> Self:
        """Return the opportunities that end soon and whose owner has had no reminder."""
        return self.open().filter(reminded_at=None, until__lte=timezone.localdate() + ASK_BEFORE_END)

    def to_forget(self) -> Self:
        """Return the opportunities that were closed long ago.

        Their matches are deleted with them; the outcomes stay as numbers.
        """
        return self.filter(closed_at__lte=timezone.now() - OPPORTUNITY_KEPT)


class MatchQuerySet(models.QuerySet["Match"]):
    """Queryset of matches of members with opportunities."""

    def recent(self) -> Self:
        """Return the matches that count towards a member's limit."""
        return self.filter(matched_at__gt=timezone.now() - MATCHED_WITHIN)

    def at_limit(self, opportunity: Opportunity) -> set[int]:
        """Return the members at their limit of matches, except those already matched with this opportunity.

        One query.
        """
        counted = self.recent().values("member").annotate(times=models.Count("pk"))
        full = counted.filter(times__gte=MATCHED_AT_MOST).values_list("member", flat=True)
        known = self.filter(opportunity=opportunity, matched_at__isnull=False)
        return set(full.exclude(member__in=known.values("member")))

    def last_times(self, opportunity: Opportunity) -> dict[int, datetime]:
        """Return when each member was last matched with another opportunity, by primary key.

        Members who never were are left out.
        One query.
        """
        others = self.exclude(opportunity=opportunity).filter(matched_at__isnull=False)
        return dict(others.values_list("member").annotate(last=models.Max("matched_at")).order_by())

    def taken_up(self) -> Self:
        return self.filter(taken_up_at__isnull=False)

    def unanswered(self) -> Self:
        """Return the contacts without an outcome."""
        return self.taken_up().filter(answered_at=None)

    def to_ask(self) -> Self:
        """Return the contacts that are old enough to ask for the outcome, and have had no request."""
        return self.unanswered().filter(asked_at=None, taken_up_at__lte=timezone.now() - ASK_OUTCOME_AFTER)


class RecordedOutcomeQuerySet(models.QuerySet["RecordedOutcome"]):
    def by_month(self) -> list[tuple[date, str, int]]:
        """Return (first day of the month, outcome, number) in order, without zeros.

        Callers have to suppress small numbers.
        """
        counted = self.values_list("month", "outcome").annotate(times=models.Count("pk"))
        return list(counted.order_by("month", "outcome"))


class SubscriptionQuerySet(models.QuerySet["DigestEmailSubscription"]):
    def due(self) -> Self:
        """Return the subscriptions of listed members whose last digest email is a week old."""
        return self.filter(written_at__lte=timezone.now() - DIGEST_EMAIL_EVERY, member__state=Member.State.LISTED)


class Opportunity(models.Model):
    """A need or an offer of a member, open until a day that they choose.

    Signed-in members see it immediately.
    It is public once its owner wants that, and a reviewer has read its texts.
    """

    wagtail_reference_index_ignore = True
    code_columns = CATEGORIES

    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    owner = models.ForeignKey(Member, verbose_name=_("owner"), on_delete=models.CASCADE, related_name="opportunities")
    kind = models.CharField(_("kind"), max_length=20, choices=OpportunityKind)
    subject = models.CharField(_("what it is about"), max_length=20, choices=OpportunitySubject)
    language = models.CharField(_("language"), max_length=20)
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("text"), max_length=1500)
    languages = codes(_("languages"))
    country = models.CharField(_("country"), max_length=2, blank=True)
    expertise = codes(_("fields of work"))
    populations = codes(_("groups of people"))
    methods = codes(_("methods"))
    work_settings = codes(_("where"))
    until = models.DateField(_("open until"))
    is_for_everybody = models.BooleanField(_("for everybody"), default=False)
    # A new one for every change of the texts, so that a reviewer cannot release a version that they have not read.
    words_key = models.UUIDField(default=uuid4, editable=False)
    read_at = models.DateTimeField(_("read at"), null=True, editable=False)
    created_at = models.DateTimeField(_("posted at"), default=timezone.now, editable=False)
    reminded_at = models.DateTimeField(_("owner reminded at"), null=True, editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, editable=False)
    outcome = models.CharField(_("what came of it"), max_length=20, choices=MatchOutcome, blank=True, editable=False)
    outgoing_mail = GenericRelation("core.OutgoingMail", for_concrete_model=False)

    objects = OpportunityQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("a need or an offer", "opportunity")
        verbose_name_plural = pgettext_lazy("needs and offers", "opportunities")
        ordering = ("-created_at", "-pk")
        default_permissions = ()
        indexes = [
            models.Index(fields=["kind", "until"], condition=models.Q(closed_at=None), name="opportunities_not_closed")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.closed_at is None and self.until >= timezone.localdate()

    @property
    def waits_for_reader(self) -> bool:
        """Return whether it has to be reviewed before it becomes public."""
        return self.is_for_everybody and self.read_at is None

    @property
    def direction(self) -> str:
        return settings.LANGUAGE_TABLE[self.language].direction


class Match(models.Model):
    """A match of a member with an opportunity, or a member's reply to one, and the state of their contact.

    The number of matches per member and week is limited, so each is stored with its time.
    A match that is shown again is the same one.
    """

    wagtail_reference_index_ignore = True

    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    opportunity = models.ForeignKey(Opportunity, on_delete=models.CASCADE, related_name="matches")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="matches")
    # None if the rules did not match them: they have found the opportunity themselves.
    matched_at = models.DateTimeField(_("matched at"), null=True, default=timezone.now)
    # The member who said that they would write to the other, and is asked for the outcome.
    taken_up_by = models.ForeignKey(Member, null=True, on_delete=models.CASCADE, related_name="taken_up")
    taken_up_at = models.DateTimeField(_("taken up at"), null=True)
    asked_at = models.DateTimeField(_("asked at"), null=True)
    answered_at = models.DateTimeField(_("answered at"), null=True)
    outgoing_mail = GenericRelation("core.OutgoingMail", for_concrete_model=False)

    objects = MatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["opportunity", "member"], name="one_match_of_a_member_for_each_opportunity")
        ]
        indexes = [models.Index(fields=["member", "matched_at"], name="matches_of_a_member")]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def other(self) -> Member:
        """Return the other member of the contact, seen from the one who took it up."""
        return self.opportunity.owner if self.taken_up_by_id == self.member_id else self.member


class RecordedOutcome(models.Model):
    """An outcome of a match, for the team's figures.

    It refers to no member, and stays when members leave.
    """

    wagtail_reference_index_ignore = True

    outcome = models.CharField(_("what came of it"), max_length=20, choices=MatchOutcome)
    # The first day of the month.
    month = models.DateField(_("month"))

    objects = RecordedOutcomeQuerySet.as_manager()

    class Meta:
        verbose_name = _("recorded outcome")
        verbose_name_plural = _("recorded outcomes")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.outcome} ({self.month:%Y-%m})"


class DigestEmailSubscription(models.Model):
    """A member's subscription of the weekly digest email.

    Unsubscribing deletes the row.
    """

    wagtail_reference_index_ignore = True

    # Part of the links in digest emails, which allow nothing but unsubscribing.
    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="digest_email_subscription")
    since = models.DateTimeField(_("since"), default=timezone.now)
    # Time up to which new opportunities have been considered for this member.
    written_at = models.DateTimeField(_("last digest email at"), default=timezone.now)
    outgoing_mail = GenericRelation("core.OutgoingMail", for_concrete_model=False)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscription of the weekly digest email")
        verbose_name_plural = _("subscriptions of the weekly digest email")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.uuid)
