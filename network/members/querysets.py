from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.search import SearchQuery
from django.db import models
from django.db.models.aggregates import BitOr
from django.utils import timezone

from core.models import OutgoingMail
from core.search.folding import beginning_with, exactly

# Retention of requests.
# The link in the first mail is valid as long as an unconfirmed request is kept.
UNCONFIRMED_KEPT = timedelta(days=7)
DECLINED_KEPT = timedelta(days=30)
# Members get a reconfirmation request once a year and two reminders.
# After that the profile is paused, and erased a year later.
RECONFIRM_AFTER = timedelta(days=365)
RECONFIRM_REMINDER_AFTER = timedelta(days=14)
RECONFIRMATION_LETTERS = 3
LAPSED_KEPT = timedelta(days=365)
RECONFIRMATION_KINDS = ("network.reconfirmation", "network.lapsed")
# Suffix of the search columns of each audience (`vocabulary.DetailAudience`).
FOUND_BY = {"everybody": "", "members": "_for_members"}
# Primary keys found by a search are returned as bits, this many in one number.
KEYS_IN_PART = 64


def facet(group: str, code: str) -> str:
    """Return a code in the format of a member's facets: `country:de`."""
    return f"{group}:{code}"


class MemberQuerySet(models.QuerySet[Any]):
    """Queryset of members.

    `listed()` and the methods after it see only what members show to the public, or to members if `to` is "members".
    """

    def known(self) -> Self:
        """Return members, listed or paused, and requests in review.

        An address belongs to at most one of these.
        """
        return self.filter(state__in=self.model.KNOWN)

    def awaiting_review(self) -> Self:
        """Return the requests to review, oldest first."""
        return self.filter(state=self.model.State.IN_REVIEW).order_by("confirmed_at")

    def answerable(self) -> Self:
        """Return the members and requests whose own page opens with a mailed link."""
        return self.filter(state__in=self.model.ANSWERABLE)

    def with_turns(self) -> Self:
        """Annotate what each member waits for.

        `is_asked`: a question is open; `wants_opinion`: a second opinion is; `has_proposal`: new profile texts wait for
        review.
        """
        entries = self.model._meta.get_field("review").related_model
        proposals = self.model._meta.get_field("proposals").related_model
        own = models.OuterRef("pk")
        return self.annotate(
            is_asked=models.Exists(entries.objects.filter(member=own).unanswered()),
            wants_opinion=models.Exists(entries.objects.filter(member=own).opinions_wanted()),
            has_proposal=models.Exists(proposals.objects.filter(member=own).waiting()),
        )

    def acting_for(self, member: Any) -> Self:
        """Return the participants for which a member reads and writes messages.

        These are the member and the listed organisations whose inbox they share.
        """
        shared = models.Q(inbox_shares__colleague=member, inbox_shares__accepted_at__isnull=False)
        return self.filter(models.Q(pk=member.pk) | (shared & models.Q(state=self.model.State.LISTED))).distinct()

    def reading_for(self, participant: Any) -> Self:
        """Return the listed members who read a participant's messages."""
        shared = models.Q(shared_inboxes__organisation=participant, shared_inboxes__accepted_at__isnull=False)
        return self.filter(models.Q(pk=participant.pk) | shared, state=self.model.State.LISTED).distinct()

    def taking_messages(self) -> Self:
        """Return the listed members who accept messages."""
        return self.filter(state=self.model.State.LISTED).exclude(inbox__takes_messages=False)

    def for_team(self) -> Self:
        """Return the requests that wait for the team, not for the answer to a question."""
        return self.awaiting_review().with_turns().filter(is_asked=False)

    def overdue(self) -> Self:
        """Return the requests to delete: not confirmed in time, or declined long enough ago."""
        now = timezone.now()
        return self.filter(
            models.Q(state=self.model.State.UNCONFIRMED, created_at__lte=now - UNCONFIRMED_KEPT)
            | models.Q(state=self.model.State.DECLINED, decided_at__lte=now - DECLINED_KEPT)
        )

    def due_for_reconfirmation(self) -> Self:
        """Return the members due for a reconfirmation request, a reminder, or a pause because they have not answered.

        Members with a queued letter are left out, so that an undelivered letter leads to no reminder and no pause.
        """
        now = timezone.now()
        waiting = OutgoingMail.objects.waiting().filter(
            kind__in=RECONFIRMATION_KINDS,
            content_type=ContentType.objects.get_for_model(self.model),
            object_id=models.OuterRef("pk"),
        )
        due = models.Q(reconfirmation_letters=0, reconfirmed_at__lte=now - RECONFIRM_AFTER) | models.Q(
            reconfirmation_letters__gt=0, reconfirmation_asked_at__lte=now - RECONFIRM_REMINDER_AFTER
        )
        return self.settled().filter(due, ~models.Exists(waiting), lapsed_at=None)

    def lapsed(self) -> Self:
        """Return the members to erase: paused too long ago for lack of reconfirmation."""
        return self.settled().filter(lapsed_at__lte=timezone.now() - LAPSED_KEPT)

    def settled(self) -> Self:
        """Return the members who have been accepted, listed or paused."""
        return self.filter(state__in=[self.model.State.LISTED, self.model.State.PAUSED])

    def listed(self, to: str = "everybody") -> Self:
        """Return the listed members who show at least one detail."""
        listed = self.filter(state=self.model.State.LISTED)
        return listed.exclude(shown=[], shown_to_members=[]) if to == "members" else listed.exclude(shown=[])

    def with_page(self) -> Self:
        """Return the members with a public page (`Member.has_public_page`)."""
        return self.listed().filter(has_page=True, shown__contains=["name"])

    def speaking(self, code: str) -> Self:
        return self.with_facets({"language": code})

    def with_facets(self, chosen: Mapping[str, str], to: str = "everybody") -> Self:
        """Return the members who show every chosen code; `chosen` is group → code."""
        if not chosen:
            return self
        codes = [facet(group, code) for group, code in chosen.items()]
        return self.filter(**{f"facets{FOUND_BY[to]}__contains": codes})

    def keys_saying(self, words: Iterable[str], to: str = "everybody") -> dict[int, int]:
        """Return the primary keys of members whose words begin with each of the given ones, listed or not.

        One query.
        `words` are folded (`core.search.folding.words`).
        The result maps part → bits: bit n of part p stands for the key 64 p + n.
        As rows or as an array, a hundred thousand keys take longer to read than to find.
        """
        query = SearchQuery(" & ".join(map(beginning_with, words)), search_type="raw", config="simple")
        of_part = models.Func(
            "pk",
            template=f"1::bigint << mod(%(expressions)s, {KEYS_IN_PART})::integer",
            output_field=models.BigIntegerField(),
        )
        part = models.Func("pk", template=f"%(expressions)s / {KEYS_IN_PART}", output_field=models.BigIntegerField())
        found = self._with_words(query, to).order_by().values_list(part)
        return dict(found.annotate(bits=BitOr(of_part)))

    def _with_words(self, query: SearchQuery, to: str) -> models.QuerySet[Any]:
        """Return the keys of the members whose words match, from the table with the index."""
        words = self.model._meta.get_field("indexed").related_model.objects
        return words.filter(**{f"words{FOUND_BY[to]}": query}).values("pk")

    def in_order(self, to: str = "everybody") -> Self:
        return self.order_by(f"order_key{FOUND_BY[to]}", "uuid")

    def without_words(self) -> Self:
        """Defer the search vectors: they are longer than all other columns, and no page shows them."""
        return self.defer(*(f"words{suffix}" for suffix in FOUND_BY.values()))

    def places(self, to: str = "everybody") -> list[tuple[str, UUID, int, list[str]]]:
        """Return (order key, UUID, primary key, facets) of each member.

        One query.
        """
        # As one text, which is faster to read than an array for 100,000 members.
        facets = models.Func(
            models.F(f"facets{FOUND_BY[to]}"),
            models.Value(" "),
            function="array_to_string",
            output_field=models.TextField(),
        )
        rows = self.order_by().annotate(text=facets).values_list(f"order_key{FOUND_BY[to]}", "uuid", "pk", "text")
        return [(order_key, uuid, key, text.split()) for order_key, uuid, key, text in rows]

    def shown_words(self, to: str = "everybody") -> set[str]:
        """Return every word that members show, folded.

        One query.
        """
        lexemes = models.Func(
            models.Func(f"words{FOUND_BY[to]}", function="tsvector_to_array"),
            function="unnest",
            output_field=models.TextField(),
        )
        found = self.order_by().annotate(lexeme=lexemes).values_list("lexeme", flat=True)
        return set(found.distinct())

    def saying(self, word: str, to: str = "everybody") -> Self:
        """Return the members who show exactly this folded word, not only one that begins with it."""
        query = SearchQuery(exactly(word), search_type="raw", config="simple")
        return self.filter(pk__in=self._with_words(query, to))


class ListingChangeQuerySet(models.QuerySet[Any]):
    def since(self, key: int) -> list[tuple[int, UUID, int]]:
        """Return (key, stamp, member) of the change with this key, if it still exists, and of all later ones.

        One query.
        """
        return list(self.filter(pk__gte=key).order_by("pk").values_list("pk", "stamp", "member"))

    def newest(self) -> tuple[int, UUID] | None:
        return self.order_by("-pk").values_list("pk", "stamp").first()
