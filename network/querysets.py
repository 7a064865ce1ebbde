from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.search import SearchQuery
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from wagtail.query import PageQuerySet

from core.languages import tree
from core.models import OutgoingMail
from core.search.lexemes import beginning_with, exactly

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date, datetime
    from uuid import UUID

# How long requests are kept. The link in the first mail lasts as long as an unconfirmed request.
UNCONFIRMED_KEPT = timedelta(days=7)
DECLINED_KEPT = timedelta(days=30)
# After this, a member is reminded of a question, once; and after that, the team of a question that nobody answers.
REMIND_AFTER = timedelta(days=7)
UNANSWERED_AFTER = timedelta(days=14)
# A member is asked once a year whether the profile is still right, and reminded twice. Then it is paused, and erased a year later.
STILL_RIGHT_AFTER = timedelta(days=365)
STILL_RIGHT_AGAIN = timedelta(days=14)
STILL_RIGHT_LETTERS = 3
LAPSED_KEPT = timedelta(days=365)
# How often a page is read that does not link to the profile yet.
READ_AGAIN_AFTER = timedelta(days=1)
STILL_RIGHT_KINDS = ("network.still_right", "network.lapsed")
# What an audience (`vocabulary.DetailAudience`) can find is in columns of its own; the end of their names.
FOUND_BY = {"everybody": "", "members": "_for_members"}
# The owner of a practice is asked once a year whether it is still right. A record that nobody has confirmed for two years is archived.
CONFIRM_AFTER = timedelta(days=365)
ARCHIVE_AFTER = timedelta(days=730)
ASK_AGAIN_AFTER = timedelta(days=330)
# How long evidence counts after it was weighed, and how long before its end the owner is told.
# Conversations are deleted so long after their last message; one that was erased while the team reads it, so long after that.
CONVERSATION_KEPT = timedelta(days=365)
ERASED_KEPT = timedelta(days=30)
# Nobody is told again of what waits before they have looked, or this time has passed.
TOLD_AGAIN_AFTER = timedelta(days=7)
EVIDENCE_LASTS = timedelta(days=1096)  # three years, one of which may have a day more
TELL_BEFORE = timedelta(days=90)
# A need or an offer is open for a year at most. Its owner is asked before it ends; a year after the end it is forgotten.
OPEN_AT_MOST = timedelta(days=365)
ASK_BEFORE_END = timedelta(days=14)
POSTING_KEPT = timedelta(days=365)
# How often a member is proposed at most, and in which time.
PROPOSED_AT_MOST = 5
PROPOSED_WITHIN = timedelta(days=7)
# When who has taken up a proposal is asked what came of it, and how often there is a letter about what is new.
ASK_OUTCOME_AFTER = timedelta(days=30)
LETTER_EVERY = timedelta(days=7)
# What is kept after an event: of guests and of those who were not there; and of members who were, for their certificates.
REGISTRATION_KEPT = timedelta(days=30)
ATTENDANCE_KEPT = timedelta(days=365)
REMIND_BEFORE_EVENT = timedelta(days=1)


def facet(group: str, code: str) -> str:
    """Return a code as it is stored among the facets of a member: `country:de`."""
    return f"{group}:{code}"


class MemberQuerySet(models.QuerySet[Any]):
    """`listed()` and the methods after it see only what members show: to everybody, unless `to` says "members"."""

    def known(self) -> Self:
        """Members, listed or paused, and requests in review: an address belongs to one of these at most."""
        return self.filter(state__in=self.model.KNOWN)

    def awaiting_review(self) -> Self:
        """Requests to review, oldest first."""
        return self.filter(state=self.model.State.IN_REVIEW).order_by("confirmed_at")

    def answerable(self) -> Self:
        """Members and requests whose page of their own can be opened with a mailed link."""
        return self.filter(state__in=self.model.ANSWERABLE)

    def with_turns(self) -> Self:
        """Annotate whose turn it is: `is_asked` (a question is open), `wants_opinion`, and `has_proposal` (new words to read)."""
        entries = self.model._meta.get_field("review").related_model
        proposals = self.model._meta.get_field("proposals").related_model
        own = models.OuterRef("pk")
        return self.annotate(
            is_asked=models.Exists(entries.objects.filter(member=own).unanswered()),
            wants_opinion=models.Exists(entries.objects.filter(member=own).opinions_wanted()),
            has_proposal=models.Exists(proposals.objects.filter(member=own).waiting()),
        )

    def acting_for(self, member: Any) -> Self:
        """The sides for which a member reads and writes messages: themselves, and listed organisations whose inbox they share."""
        shared = models.Q(inbox_shares__colleague=member, inbox_shares__accepted_at__isnull=False)
        return self.filter(
            models.Q(pk=member.pk) | (shared & models.Q(state=self.model.State.LISTED))
        ).distinct()

    def reading_for(self, side: Any) -> Self:
        """The listed members who read what a side gets."""
        shared = models.Q(shared_inboxes__organisation=side, shared_inboxes__accepted_at__isnull=False)
        return self.filter(models.Q(pk=side.pk) | shared, state=self.model.State.LISTED).distinct()

    def taking_messages(self) -> Self:
        """Listed members who have not asked to be left alone for now."""
        return self.filter(state=self.model.State.LISTED).exclude(inbox__takes_messages=False)

    def for_team(self) -> Self:
        """Requests that wait for the team, not for the answer to a question."""
        return self.awaiting_review().with_turns().filter(is_asked=False)

    def overdue(self) -> Self:
        """Requests to delete: not confirmed in time, or declined long enough ago."""
        now = timezone.now()
        return self.filter(
            models.Q(state=self.model.State.UNCONFIRMED, created_at__lte=now - UNCONFIRMED_KEPT)
            | models.Q(state=self.model.State.DECLINED, decided_at__lte=now - DECLINED_KEPT)
        )

    def to_ask_whether_right(self) -> Self:
        """Members who have to be asked whether their profile is still right, reminded, or paused because they have not answered.

        Not while a letter waits: nobody is reminded of what the mail server has not taken, or paused because of it.
        """
        now = timezone.now()
        waiting = OutgoingMail.objects.waiting().filter(
            kind__in=STILL_RIGHT_KINDS,
            content_type=ContentType.objects.get_for_model(self.model),
            object_id=models.OuterRef("pk"),
        )
        due = models.Q(still_right_letters=0, still_right_at__lte=now - STILL_RIGHT_AFTER) | models.Q(
            still_right_letters__gt=0, asked_whether_right_at__lte=now - STILL_RIGHT_AGAIN
        )
        return self.settled().filter(due, ~models.Exists(waiting), lapsed_at=None)

    def lapsed(self) -> Self:
        """Members whose profile was paused so long ago that it is erased: nobody has said that it is still right."""
        return self.settled().filter(lapsed_at__lte=timezone.now() - LAPSED_KEPT)

    def settled(self) -> Self:
        """Members who have been let in, listed or paused."""
        return self.filter(state__in=[self.model.State.LISTED, self.model.State.PAUSED])

    def listed(self, to: str = "everybody") -> Self:
        """Listed members who show at least one detail."""
        listed = self.filter(state=self.model.State.LISTED)
        return listed.exclude(shown=[], shown_to_members=[]) if to == "members" else listed.exclude(shown=[])

    def with_page(self) -> Self:
        """Members with their own page (`Member.has_public_page`)."""
        return self.listed().filter(has_page=True, shown__contains=["name"])

    def speaking(self, code: str) -> Self:
        return self.with_facets({"language": code})

    def with_facets(self, chosen: Mapping[str, str], to: str = "everybody") -> Self:
        """Members who show every chosen code; `chosen` is group → code."""
        if not chosen:
            return self
        codes = [facet(group, code) for group, code in chosen.items()]
        return self.filter(**{f"facets{FOUND_BY[to]}__contains": codes})

    def matching(
        self, words: Iterable[str], named: Mapping[str, Collection[str]], to: str = "everybody"
    ) -> Self:
        """Members who show every word.

        `words` are folded (`core.search.folding.words`); `named` maps a word to the facets whose name in the reader's language begins with it,
        so that "Allemagne" finds members in Germany.
        """
        found = self
        for word in words:
            query = SearchQuery(beginning_with(word), search_type="raw", config="simple")
            condition = models.Q(**{f"words{FOUND_BY[to]}": query})
            if facets := named.get(word):
                condition |= models.Q(**{f"facets{FOUND_BY[to]}__overlap": list(facets)})
            found = found.filter(condition)
        return found

    def in_order(self, to: str = "everybody") -> Self:
        return self.order_by(f"order_key{FOUND_BY[to]}", "uuid")

    def places(self, to: str = "everybody") -> list[tuple[str, UUID, int, list[str]]]:
        """Return (order key, UUID, primary key, facets) of each member. One query."""
        # As one text, which is faster to read than an array when there are 100,000.
        facets = models.Func(
            models.F(f"facets{FOUND_BY[to]}"),
            models.Value(" "),
            function="array_to_string",
            output_field=models.TextField(),
        )
        rows = (
            self.order_by()
            .annotate(text=facets)
            .values_list(f"order_key{FOUND_BY[to]}", "uuid", "pk", "text")
        )
        return [(order_key, uuid, key, text.split()) for order_key, uuid, key, text in rows]

    def shown_words(self, to: str = "everybody") -> set[str]:
        """Return every word that members show, folded. One query."""
        lexemes = models.Func(
            models.Func(f"words{FOUND_BY[to]}", function="tsvector_to_array"),
            function="unnest",
            output_field=models.TextField(),
        )
        found = self.order_by().annotate(lexeme=lexemes).values_list("lexeme", flat=True)
        return set(found.distinct())

    def saying(self, word: str, to: str = "everybody") -> Self:
        """Members who show exactly this folded word, and not only one that begins with it."""
        query = SearchQuery(exactly(word), search_type="raw", config="simple")
        return self.filter(**{f"words{FOUND_BY[to]}": query})


class MemberBlockQuerySet(models.QuerySet[Any]):
    """Blocks of members. Whoever asks here must not show the answer to the one who was blocked."""

    def between(self, one: Any, other: Any) -> Self:
        """Blocks between two members, whoever has set them."""
        return self.filter(
            models.Q(blocker=one, blocked=other) | models.Q(blocker=other, blocked=one),
        )

    def others_of(self, member: Any) -> set[int]:
        """Return the keys of all members who have blocked a member, or whom that member has blocked. One query."""
        pairs = self.filter(models.Q(blocker=member) | models.Q(blocked=member))
        return {key for pair in pairs.values_list("blocker", "blocked") for key in pair} - {member.pk}


class ConversationQuerySet(models.QuerySet[Any]):
    def of(self, sides: Iterable[Any]) -> Self:
        """Conversations that these sides see, the newest first.

        Annotates `side_id` (which of them), `seen_at` (the last message that this side sees) and `is_unread`. What was withheld from a side
        is not there for it, and a conversation of nothing else is not there either.
        """
        keys = [side.pk for side in sides]
        messages = self.model._meta.get_field("messages").related_model.objects
        side = models.OuterRef("side_id")
        mine = models.Q(starter__in=keys)
        read = models.Case(
            models.When(mine, then=models.F("starter_read_at")), default=models.F("recipient_read_at")
        )
        never = models.Value(datetime(1900, 1, 1, tzinfo=UTC), models.DateTimeField())
        found = self.filter(mine | models.Q(recipient__in=keys), erased_at=None).annotate(
            side_id=models.Case(
                models.When(mine, then=models.F("starter_id")), default=models.F("recipient_id")
            ),
            read_at=Coalesce(read, never),
        )
        own = messages.filter(conversation=models.OuterRef("pk"))
        seen = own.filter(models.Q(is_withheld=False) | models.Q(sender=side))
        unread = own.filter(is_withheld=False, written_at__gt=models.OuterRef("read_at")).exclude(sender=side)
        return (
            found.annotate(
                seen_at=models.Subquery(seen.order_by("-written_at").values("written_at")[:1]),
                is_unread=models.Exists(unread),
            )
            .exclude(seen_at=None)
            .order_by("-seen_at", "pk")
        )

    def expired(self) -> Self:
        """Conversations to delete."""
        now = timezone.now()
        return self.filter(
            models.Q(last_message_at__lte=now - CONVERSATION_KEPT)
            | models.Q(erased_at__lte=now - ERASED_KEPT)
        )


class MessageQuerySet(models.QuerySet[Any]):
    def seen_by(self, side: Any) -> Self:
        """Messages that a side of the conversation sees."""
        return self.filter(models.Q(is_withheld=False) | models.Q(sender=side))


class InboxQuerySet(models.QuerySet[Any]):
    def to_be_told(self) -> Self:
        """Inboxes whose members may be told that something waits: they have looked since the last time, or it is long ago."""
        return self.filter(
            models.Q(notice_sent_at=None)
            | models.Q(opened_at__gte=models.F("notice_sent_at"))
            | models.Q(notice_sent_at__lte=timezone.now() - TOLD_AGAIN_AFTER)
        )

    def due(self) -> Self:
        """Inboxes with a notice to send, in an order that says nothing."""
        return self.filter(notice_due_at__lte=timezone.now()).order_by("?")


class InboxShareQuerySet(models.QuerySet[Any]):
    def of_either(self, member: Any) -> Self:
        """Shares of which a member is one end or the other."""
        return self.filter(models.Q(organisation=member) | models.Q(colleague=member))

    def accepted(self) -> Self:
        return self.filter(accepted_at__isnull=False)

    def asked_of(self, member: Any) -> Self:
        """Invitations that wait for a member's answer, but those of organisations that they have blocked."""
        blocked = models.Exists(
            member.blocks_made.filter(blocked=models.OuterRef("organisation")),
        )
        listed = member.State.LISTED
        return self.filter(~blocked, colleague=member, accepted_at=None, organisation__state=listed)


class ConversationReportQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        """Reports that the team has not decided about."""
        return self.filter(decided_at=None)


class InstitutionQuerySet(models.QuerySet[Any]):
    def active(self) -> Self:
        return self.filter(status="active")

    def matching(self, words: Iterable[str]) -> Self:
        """Institutions with every word, in any of their names or in their city. `words` are folded (`core.search.folding.words`)."""
        found = self
        for word in words:
            query = SearchQuery(beginning_with(word), search_type="raw", config="simple")
            found = found.filter(words=query)
        return found

    def names_of(self, ror: str) -> dict[str, str]:
        """Return code of a language → name of an institution, or {} if the table does not have it. One query."""
        found: dict[str, str] | None = self.filter(ror=ror).values_list("names", flat=True).first()
        return found or {}


class CategoryQuerySet(models.QuerySet[Any]):
    def coded(self, group: str, code: str) -> Self:
        """A category in all its languages."""
        return self.filter(group=group, code=code)

    def current(self) -> Self:
        """What was not merged into something else."""
        return self.filter(replaced_by="")

    def in_languages(self, *codes: str) -> Self:
        """What readers of these languages see, and what was merged: it is looked up however old an address is."""
        seen = models.Q(live=True) | ~models.Q(replaced_by="")
        return self.filter(seen, locale__language_code__in=codes)


class ErasureQuerySet(models.QuerySet[Any]):
    def in_order(self) -> Self:
        return self.order_by("erased_at", "pk")

    def expired(self) -> Self:
        """Erasures so old that no backup holds what they are about."""
        return self.filter(erased_at__lt=timezone.now() - settings.BACKUPS_KEPT)


class ListingChangeQuerySet(models.QuerySet[Any]):
    def since(self, key: int) -> list[tuple[int, UUID, int]]:
        """Return (key, stamp, member) of the change with this key, if it is still there, and of all later ones. One query."""
        return list(self.filter(pk__gte=key).order_by("pk").values_list("pk", "stamp", "member"))

    def newest(self) -> tuple[int, UUID] | None:
        return self.order_by("-pk").values_list("pk", "stamp").first()


class ProposedWordsQuerySet(models.QuerySet[Any]):
    def waiting(self) -> Self:
        """Words that nobody has decided about."""
        return self.filter(declined_at=None)

    def of_members(self) -> Self:
        """Words of those who have been let in. What belongs to a request waits with it."""
        known = self.model._meta.get_field("member").related_model
        return self.filter(member__state__in=[known.State.LISTED, known.State.PAUSED])

    def expired(self) -> Self:
        """Words that were declined long enough ago to be deleted."""
        return self.filter(declined_at__lte=timezone.now() - DECLINED_KEPT)


class ProofQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        """Proofs that nobody has confirmed yet."""
        return self.filter(confirmed_at=None)

    def asked_of(self, member: Any) -> Self:
        """Nominations that others have asked this member for."""
        wanted = self.open().filter(kind="nomination", what=member.email).exclude(member=member)
        return wanted.filter(member__state__in=member.KNOWN).select_related("member")

    def to_read(self) -> Self:
        """Pages to read for a link: at once, and then once a day while it is not there."""
        due = models.Q(read_at=None) | models.Q(read_at__lte=timezone.now() - READ_AGAIN_AFTER)
        return self.open().filter(due, kind="link")

    def expired(self) -> Self:
        """Proofs that nobody has confirmed in time."""
        return self.open().filter(asked_at__lte=timezone.now() - UNCONFIRMED_KEPT)


class ReviewEntryQuerySet(models.QuerySet[Any]):
    def unanswered(self) -> Self:
        return self.filter(kind=self.model.Kind.QUESTION, closed_at=None)

    def opinions_wanted(self) -> Self:
        return self.filter(kind=self.model.Kind.OPINION_WANTED, closed_at=None)

    def open(self) -> Self:
        return self.unanswered() | self.opinions_wanted()

    def for_member(self) -> Self:
        """What the member may read on their own page."""
        return self.filter(kind__in=self.model.FOR_MEMBER)

    def to_remind(self) -> Self:
        """Questions of which the member has to be reminded."""
        return self.unanswered().filter(
            reminded_at=None,
            written_at__lte=timezone.now() - REMIND_AFTER,
            member__state__in=self.model._meta.get_field("member").related_model.KNOWN,
        )

    def given_up_on(self) -> Self:
        """Questions that nobody has answered for so long that the team has to decide without."""
        return self.unanswered().filter(written_at__lte=timezone.now() - UNANSWERED_AFTER)


class PracticeQuerySet(models.QuerySet[Any]):
    def public(self) -> Self:
        """Practices on the site, archived ones too: they stay readable."""
        return self.filter(live=True)

    def current(self) -> Self:
        return self.public().filter(archived_at=None)

    def for_showing(self) -> Self:
        return self.prefetch_related("texts", "people__member", "reviews").select_related("owner")

    def to_approve(self) -> Self:
        """Practices with a version that is not public."""
        return self.filter(has_unpublished_changes=True)

    def to_remind(self) -> Self:
        """Practices whose owner has to be asked whether they are still right: after a year, and once more before they are archived."""
        now = timezone.now()
        return self.current().filter(
            models.Q(reminded_at=None) | models.Q(reminded_at__lte=now - ASK_AGAIN_AFTER),
            confirmed_on__lte=timezone.localdate() - CONFIRM_AFTER,
            owner__isnull=False,
        )

    def to_archive(self) -> Self:
        return self.current().filter(confirmed_on__lte=timezone.localdate() - ARCHIVE_AFTER)

    def owned_by(self, member: Any) -> Self:
        return self.public().filter(owner=member)


class EvidenceCriterionQuerySet(models.QuerySet[Any]):
    def named(self, language: str) -> dict[str, Any]:
        """Return code → criterion in `language`, or in the source language until translated; in order. One query."""
        rows = self.filter(locale__language_code__in={language, settings.LANGUAGE_CODE}).select_related(
            "locale"
        )
        # The reader's own language comes last and so wins.
        found = {row.code: row for row in sorted(rows, key=lambda row: row.locale.language_code == language)}
        return dict(sorted(found.items(), key=lambda item: (item[1].order, item[0])))


class EvidenceReviewQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        return self.filter(label="")

    def decided(self) -> Self:
        return self.exclude(label="")

    def waiting_for(self, user: Any) -> Self:
        """Open reviews that a user can still take part in: others were asked, and they have neither written nor declared a conflict."""
        return self.open().exclude(assessments__reviewer=user)

    def with_proposed_answer(self) -> Self:
        """Labels that their owner wants to answer, which somebody has to read first."""
        return self.decided().exclude(proposed_answer="")

    def to_expire(self) -> Self:
        """Labels that have expired and whose pages do not say so yet."""
        return self.decided().filter(expires_on__lte=timezone.localdate(), expiry_noted=False)

    def to_announce(self) -> Self:
        """Labels of whose end the owner has to be told, once."""
        today = timezone.localdate()
        return self.decided().filter(
            reminded_at=None,
            expires_on__gt=today,
            expires_on__lte=today + TELL_BEFORE,
            practice__owner__isnull=False,
            practice__live=True,
        )


class DigestQuerySet(PageQuerySet):
    """Research digests."""

    def listed(self) -> Self:
        """Digests that lists may show: live and unrestricted."""
        return self.live().exclude(tree.restricted())

    def due(self) -> Self:
        """Public digests in the source language that somebody has to look at again. Their translations follow them."""
        return self.live().filter(
            due_on__lte=timezone.localdate(), locale__language_code=settings.LANGUAGE_CODE
        )


class PostingQuerySet(models.QuerySet[Any]):
    """Needs and offers of members."""

    def open(self) -> Self:
        """Postings that members see: neither closed nor over, of members whom they see as well."""
        member = self.model._meta.get_field("owner").related_model
        return self.filter(
            closed_at=None, until__gte=timezone.localdate(), owner__in=member.objects.listed("members")
        )

    def public(self) -> Self:
        """Open postings that everybody sees: their owner wants it, and a person has read them."""
        return self.open().filter(is_for_everybody=True, read_at__isnull=False)

    def to_read(self) -> Self:
        """Postings that a person has to read before everybody sees them, oldest first."""
        return self.open().filter(is_for_everybody=True, read_at=None).order_by("created_at", "pk")

    def not_of(self, members: Collection[int]) -> Self:
        return self.exclude(owner__in=members)

    def new_since(self, moment: datetime) -> Self:
        return self.filter(created_at__gt=moment)

    def for_showing(self) -> Self:
        return self.select_related("owner")

    def to_end(self) -> Self:
        """Postings that are over and whose pages do not say so yet."""
        return self.filter(closed_at=None, until__lt=timezone.localdate())

    def to_remind(self) -> Self:
        """Postings of whose end the owner has to be told, once."""
        return self.open().filter(reminded_at=None, until__lte=timezone.localdate() + ASK_BEFORE_END)

    def to_forget(self) -> Self:
        return self.filter(closed_at__lte=timezone.now() - POSTING_KEPT)


class ProposalQuerySet(models.QuerySet[Any]):
    """Who was proposed for which posting."""

    def recent(self) -> Self:
        """Proposals that count against those who may be proposed."""
        return self.filter(proposed_at__gt=timezone.now() - PROPOSED_WITHIN)

    def at_limit(self, posting: Any) -> set[int]:
        """Return the members who may not be proposed for one more posting. Who has been proposed for this one already may. One query."""
        counted = self.recent().values("member").annotate(times=models.Count("pk"))
        full = counted.filter(times__gte=PROPOSED_AT_MOST).values_list("member", flat=True)
        known = self.filter(posting=posting, proposed_at__isnull=False)
        return set(full.exclude(member__in=known.values("member")))

    def last_times(self, posting: Any) -> dict[int, datetime]:
        """Return when each member was last proposed for another posting: by primary key, without those who never were. One query."""
        others = self.exclude(posting=posting).filter(proposed_at__isnull=False)
        return dict(others.values_list("member").annotate(last=models.Max("proposed_at")).order_by())

    def taken_up(self) -> Self:
        return self.filter(taken_up_at__isnull=False)

    def unanswered(self) -> Self:
        """Contacts of which nobody has said what came of them."""
        return self.taken_up().filter(answered_at=None)

    def to_ask(self) -> Self:
        """Contacts after which it is time to ask, once, what came of them."""
        return self.unanswered().filter(asked_at=None, taken_up_at__lte=timezone.now() - ASK_OUTCOME_AFTER)


class RecordedOutcomeQuerySet(models.QuerySet[Any]):
    def by_month(self) -> list[tuple[date, str, int]]:
        """Return (first day of the month, outcome, how often) in order, without what never was. Small numbers are for the caller to suppress."""
        counted = self.values_list("month", "outcome").annotate(times=models.Count("pk"))
        return list(counted.order_by("month", "outcome"))


class SubscriptionQuerySet(models.QuerySet[Any]):
    def due(self) -> Self:
        """Subscriptions of listed members whose last letter is a week old."""
        member = self.model._meta.get_field("member").related_model
        return self.filter(written_at__lte=timezone.now() - LETTER_EVERY, member__state=member.State.LISTED)


class EventQuerySet(models.QuerySet[Any]):
    def with_counts(self) -> Self:
        """Annotate `taken` (places that are given or offered), `waiting` and `attendance`."""
        states = self.model._meta.get_field("registrations").related_model.State
        held = models.Q(registrations__state__in=[states.PLACE, states.OFFERED])
        return self.annotate(
            taken=models.Count("registrations", filter=held),
            waiting=models.Count("registrations", filter=models.Q(registrations__state=states.WAITING)),
            attendance=models.Count("registrations", filter=models.Q(registrations__attended=True)),
        )


class EventPageQuerySet(PageQuerySet):
    """Pages of events."""

    def listed(self) -> Self:
        """Events that lists may show: live and unrestricted."""
        return self.live().exclude(tree.restricted())

    def with_facts(self) -> list[Any]:
        """Return the pages with what holds of them, soonest first. Two queries."""
        events = self.model._meta.apps.get_model("network.Event")
        pages = list(self)
        found = {
            each.uuid: each for each in events.objects.filter(uuid__in=[p.translation_key for p in pages])
        }
        for page in pages:
            page.published = found.get(page.translation_key, page)
        return sorted(pages, key=lambda page: page.published.starts_at)


class RegistrationQuerySet(models.QuerySet[Any]):
    def confirmed(self) -> Self:
        """Those who have confirmed that they want to come, in this order."""
        return self.exclude(state=self.model.State.UNCONFIRMED)

    def holding(self) -> Self:
        """Those who take up a place, because they have it or because it is offered to them."""
        return self.filter(state__in=[self.model.State.PLACE, self.model.State.OFFERED])

    def waiting(self) -> Self:
        return self.filter(state=self.model.State.WAITING).order_by("number")

    def lapsed(self) -> Self:
        """Offers that nobody has accepted in time."""
        return self.filter(state=self.model.State.OFFERED, offered_until__lte=timezone.now())

    def to_remind(self) -> Self:
        """Those who have a place at an event that begins within a day, and do not know yet that we remind them."""
        now = timezone.now()
        return self.filter(
            state=self.model.State.PLACE,
            reminded_at=None,
            event__starts_at__gt=now,
            event__starts_at__lte=now + REMIND_BEFORE_EVENT,
        ).exclude(event__state="called_off")

    def to_forget(self) -> Self:
        """Those who have not confirmed their address in time, and those of whom nothing is needed after the event."""
        now = timezone.now()
        over = models.Q(event__ends_at__lte=now - REGISTRATION_KEPT)
        kept = models.Q(attended=True, member__isnull=False)
        return self.filter(
            models.Q(state=self.model.State.UNCONFIRMED, asked_at__lte=now - UNCONFIRMED_KEPT)
            | over & ~kept
            | models.Q(event__ends_at__lte=now - ATTENDANCE_KEPT)
        )


class GroupPageQuerySet(PageQuerySet):
    """Pages of groups."""

    def in_language(self, language: str) -> list[Any]:
        """Return the live page of each group in a language or its fallbacks, by title. One query."""
        order = {code: place for place, code in enumerate(tree.fallbacks(language))}
        found: dict[Any, Any] = {}
        pages = self.live().select_related("locale")
        for page in sorted(pages, key=lambda page: order.get(page.locale.language_code, len(order))):
            found.setdefault(page.translation_key, page)
        return sorted(found.values(), key=lambda page: page.title)


class GroupMembershipQuerySet(models.QuerySet[Any]):
    def admitted(self) -> Self:
        return self.exclude(admitted_at=None)

    def asking(self) -> Self:
        """Those who wait for the chair or the team to admit them."""
        return self.filter(admitted_at=None, member__state="listed")

    def chairs(self) -> Self:
        """Those who lead a group, while they are listed."""
        return self.admitted().filter(is_chair=True, member__state="listed")
