from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.postgres.search import SearchQuery
from django.db import models
from django.utils import timezone
from wagtail.query import PageQuerySet

from core.languages import tree
from core.search.lexemes import beginning_with, exactly

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from uuid import UUID

# How long requests are kept. The link in the first mail lasts as long as an unconfirmed request.
UNCONFIRMED_KEPT = timedelta(days=7)
DECLINED_KEPT = timedelta(days=30)
# After this, a member is reminded of a question, once; and after that, the team of a question that nobody answers.
REMIND_AFTER = timedelta(days=7)
UNANSWERED_AFTER = timedelta(days=14)
# How often a page is read that does not link to the profile yet.
READ_AGAIN_AFTER = timedelta(days=1)
# What an audience (`vocabulary.DetailAudience`) can find is in columns of its own; the end of their names.
FOUND_BY = {"everybody": "", "members": "_for_members"}
# The owner of a practice is asked once a year whether it is still right. A record that nobody has confirmed for two years is archived.
CONFIRM_AFTER = timedelta(days=365)
ARCHIVE_AFTER = timedelta(days=730)
ASK_AGAIN_AFTER = timedelta(days=330)
# How long evidence counts after it was weighed, and how long before its end the owner is told.
EVIDENCE_LASTS = timedelta(days=1096)  # three years, one of which may have a day more
TELL_BEFORE = timedelta(days=90)


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
