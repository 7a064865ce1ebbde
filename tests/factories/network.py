"""Members and what belongs to them: private and unconfirmed unless a trait says otherwise."""

import datetime as dt
from typing import Any

import factory
from django.utils import timezone
from wagtail.models import Locale

from core.models import OutgoingMail
from network.institutions.services import keep_institutions
from network.joining.services import CONSENT_VERSION
from network.mail import Letter
from network.members.services import open_account
from network.models import (
    Category,
    Conversation,
    DigestEmailSubscription,
    DigestIndexPage,
    DigestPage,
    DirectoryPage,
    Event,
    EventIndexPage,
    EventPage,
    EvidenceCriterion,
    EvidenceReview,
    GroupIndexPage,
    GroupMembership,
    GroupPage,
    Inbox,
    InboxShare,
    Institution,
    Match,
    Member,
    MemberBlock,
    Message,
    Opportunity,
    Practice,
    PracticeMember,
    PracticeText,
    ProposedTexts,
    Publication,
    Registration,
    ReviewEntry,
    ReviewTemplate,
    Verification,
    WorksheetIndexPage,
    WorksheetPage,
)
from network.opportunities.models import OpportunityKind, OpportunitySubject
from network.practices.evidence import EVIDENCE_LASTS
from network.vocabulary.details import CategoryGroup, Detail
from tests.factories.core import PageFactory


class DirectoryPageFactory(PageFactory):
    class Meta:
        model = DirectoryPage

    title = "Network"
    slug = "network"


WORK = {
    "citation": "Doe, J. (2020). “A study.” Journal of Studies.",
    "doi": "10.1000/182",
    "year": 2020,
    "country": "se",
    "design": "trial",
    "participants": 1600,
    "open_access": True,
}


class DigestIndexPageFactory(PageFactory):
    class Meta:
        model = DigestIndexPage

    title = "Research digests"
    slug = "digests"


class DigestPageFactory(PageFactory):
    """A digest that a practitioner has reviewed."""

    class Meta:
        model = DigestPage

    title = factory.Sequence(lambda n: f"Does it help? {n}")
    introduction = "It helps some people. Nobody knows how long."
    certainty = "low"
    certainty_why = "One small trial."
    concerns = "People who answer helplines"
    areas = factory.LazyFunction(lambda: ["helplines"])
    actions = factory.LazyFunction(lambda: [{"type": "step", "value": "Say what is passed on, and to whom."}])
    works = factory.LazyFunction(lambda: [{"type": "work", "value": dict(WORK)}])
    written_by = "Ada Author"
    written_on = dt.date(2026, 1, 15)
    due_on = dt.date(2028, 1, 15)
    reviewer_role = "Helpline manager"
    reviewed_on = dt.date(2026, 2, 1)
    review_fits = "The first step is what we do."
    review_does_not_fit = "We have no time for the second."


class WorksheetIndexPageFactory(PageFactory):
    class Meta:
        model = WorksheetIndexPage

    title = "Worksheets"
    slug = "worksheets"


class WorksheetPageFactory(PageFactory):
    class Meta:
        model = WorksheetPage

    introduction = "Fill it in together."
    audience = "Teams"
    minutes = 45
    body = factory.LazyFunction(
        lambda: [
            {"type": "heading", "value": "Before you begin"},
            {"type": "text", "value": "Take your time.\nSit together."},
            {"type": "step", "value": {"title": "Name the aim", "text": "In one sentence.", "lines": 4}},
            {
                "type": "question",
                "value": {
                    "question": "Who took part?",
                    "why": "To compare.",
                    "good_answer": "Numbers.",
                    "lines": 2,
                },
            },
            {
                "type": "clause",
                "value": {
                    "title": "Who publishes",
                    "text": "Tick one.",
                    "choices": ["Both", "One"],
                    "lines": 0,
                },
            },
        ]
    )


class EventIndexPageFactory(PageFactory):
    class Meta:
        model = EventIndexPage

    title = "Events"
    slug = "events"


class EventPageFactory(PageFactory):
    """An event in ten days, for two hours, in Berlin, with unlimited places."""

    class Meta:
        model = EventPage

    title = factory.Sequence(lambda n: f"Event {n}")
    introduction = "We talk about what helps."
    starts_at = factory.LazyFunction(lambda: in_days(10))
    ends_at = factory.LazyAttribute(lambda page: page.starts_at + dt.timedelta(hours=2))
    time_zone = "Europe/Berlin"
    place = "Online"
    joining_details = "https://meet.example.org/room"
    hours = 2
    programme = factory.LazyFunction(
        lambda: [
            {
                "type": "session",
                "value": {
                    "day": None,
                    "begins": "10:00",
                    "ends": "11:00",
                    "title": "Welcome",
                    "speaker": "Ada",
                },
            }
        ]
    )


def in_days(days: int) -> dt.datetime:
    return timezone.now().replace(microsecond=0) + dt.timedelta(days=days)


class EventFactory(factory.django.DjangoModelFactory[Event]):
    """An event in ten days, for two hours.

    Traits: `over` (it was a day ago).
    """

    class Meta:
        model = Event

    class Params:
        over = factory.Trait(starts_at=factory.LazyFunction(lambda: in_days(-1)))

    uuid = factory.Faker("uuid4", cast_to=None)
    starts_at = factory.LazyFunction(lambda: in_days(10))
    ends_at = factory.LazyAttribute(lambda event: event.starts_at + dt.timedelta(hours=2))
    time_zone = "Europe/Berlin"


class RegistrationFactory(factory.django.DjangoModelFactory[Registration]):
    """A guest with a place."""

    class Meta:
        model = Registration

    event = factory.SubFactory(EventFactory)
    name = factory.Sequence(lambda n: f"Guest {n}")
    email = factory.Sequence(lambda n: f"guest-{n}@example.org")
    language = "en"
    state = Registration.State.PLACE
    number = factory.Sequence(lambda n: n + 1)


class GroupIndexPageFactory(PageFactory):
    class Meta:
        model = GroupIndexPage

    title = "Groups"
    slug = "groups"


class GroupPageFactory(PageFactory):
    class Meta:
        model = GroupPage

    title = factory.Sequence(lambda n: f"Group {n}")
    purpose = "Writes a guide together."
    minutes = factory.LazyFunction(
        lambda: [
            {
                "type": "entry",
                "value": {
                    "date": "2026-11-02",
                    "title": "Second meeting",
                    "text": "We agreed.",
                    "file": None,
                },
            }
        ]
    )


class GroupMembershipFactory(factory.django.DjangoModelFactory[GroupMembership]):
    """A listed member who is in a group.

    Trait: `asking`.
    """

    class Meta:
        model = GroupMembership

    class Params:
        asking = factory.Trait(admitted_at=None)

    group_key = factory.Faker("uuid4", cast_to=None)
    member = factory.SubFactory("tests.factories.network.MemberFactory", listed=True)
    admitted_at = factory.LazyFunction(timezone.now)


class CategoryFactory(factory.django.DjangoModelFactory[Category]):
    """A field of work."""

    class Meta:
        model = Category

    group = CategoryGroup.FIELD
    code = factory.Sequence(lambda n: f"field-{n}")
    name = factory.Sequence(lambda n: f"Field {n}")
    locale = factory.LazyFunction(Locale.get_default)


class MemberFactory(factory.django.DjangoModelFactory[Member]):
    """A person who requested to join.

    Traits: `awaiting_review`, `listed` (shows everything), `paused`, `declined`.
    """

    class Meta:
        model = Member

    class Params:
        awaiting_review = factory.Trait(state=Member.State.IN_REVIEW, confirmed_at=factory.LazyFunction(timezone.now))
        listed = factory.Trait(
            state=Member.State.LISTED, shown=factory.LazyFunction(lambda: list(Detail.values)), has_page=True
        )
        paused = factory.Trait(
            state=Member.State.PAUSED, shown=factory.LazyFunction(lambda: list(Detail.values)), has_page=True
        )
        declined = factory.Trait(state=Member.State.DECLINED, decided_at=factory.LazyFunction(timezone.now))

    email = factory.Sequence(lambda n: f"member-{n}@example.org")
    language = "en"
    name = factory.Sequence(lambda n: f"Member {n}")
    roles = factory.LazyFunction(lambda: ["researcher"])
    country = "de"
    languages = factory.LazyFunction(lambda: ["de", "en"])
    about = "Works on prevention."
    consent_version = CONSENT_VERSION

    @factory.lazy_attribute
    def expertise(self) -> list[str]:
        return []

    @classmethod
    def _adjust_kwargs(cls, **kwargs: Any) -> dict[str, Any]:
        """Accept `expertise` as codes or as rows."""
        kwargs["expertise"] = [getattr(one, "code", one) for one in kwargs["expertise"]]
        return kwargs


def with_account(member: Member) -> Member:
    """Give a listed member an account, as they do themselves."""
    open_account(member=member)
    member.refresh_from_db()
    return member


class MemberBlockFactory(factory.django.DjangoModelFactory[MemberBlock]):
    """A block of one listed member by another."""

    class Meta:
        model = MemberBlock

    blocker = factory.SubFactory(MemberFactory, listed=True)
    blocked = factory.SubFactory(MemberFactory, listed=True)


class ConversationFactory(factory.django.DjangoModelFactory[Conversation]):
    """A conversation of two listed members; the first has written `text`."""

    class Meta:
        model = Conversation
        skip_postgeneration_save = True

    starter = factory.SubFactory(MemberFactory, listed=True)
    recipient = factory.SubFactory(MemberFactory, listed=True)
    subject = "A question"

    @factory.post_generation
    def text(self, create: bool, text: str | None, **kwargs: Any) -> None:
        Message.objects.create(
            conversation=self, sender=self.starter, author=self.starter, text=text or "Good morning."
        )


class ProposedTextsFactory(factory.django.DjangoModelFactory[ProposedTexts]):
    """Profile texts of a listed member, in English."""

    class Meta:
        model = ProposedTexts

    member = factory.SubFactory(MemberFactory, listed=True, confirmed_at=factory.LazyFunction(timezone.now))
    language = "en"
    texts = factory.LazyFunction(lambda: {"name": "Ana Lima", "about": "Studies what helps."})


class VerificationFactory(factory.django.DjangoModelFactory[Verification]):
    """An address at an institution that a listed member has not confirmed."""

    class Meta:
        model = Verification

    member = factory.SubFactory(MemberFactory, listed=True, confirmed_at=factory.LazyFunction(timezone.now))
    kind = Verification.Kind.ADDRESS
    what = "institute.example"


class PublicationFactory(factory.django.DjangoModelFactory[Publication]):
    """An article of a listed member."""

    class Meta:
        model = Publication

    class Params:
        title = factory.Sequence(lambda n: f"A study of {n}")
        doi = ""
        year = 2020

    member = factory.SubFactory(MemberFactory, listed=True, confirmed_at=factory.LazyFunction(timezone.now))

    @factory.lazy_attribute
    def item(self) -> dict[str, Any]:
        item: dict[str, Any] = {
            "type": "article-journal",
            "title": self.title,
            "author": [{"family": "Lima", "given": "Ana"}],
            "issued": {"date-parts": [[self.year]]},
            "container-title": "Journal of Studies",
        }
        return item | ({"DOI": self.doi} if self.doi else {})

    @classmethod
    def _after_postgeneration(cls, instance: Any, create: bool, results: Any = None) -> None:
        """Derive the search text of the member, as `services.add_publications` does."""
        if create:
            instance.member.save()


class InstitutionFactory(factory.django.DjangoModelFactory[Institution]):
    """An institution of ROR, with a name in two languages."""

    class Meta:
        model = Institution

    ror = "https://ror.org/05gq02987"
    name = "Brown University"
    names = factory.LazyFunction(lambda: {"en": "Brown University", "de": "Brown-Universität"})
    city = "Providence"
    country = "us"

    @classmethod
    def _create(cls, model_class: type[Institution], *args: Any, **kwargs: Any) -> Institution:
        keep_institutions(institutions=[model_class(*args, **kwargs)])
        return Institution.objects.get(ror=kwargs["ror"])


class ReviewEntryFactory(factory.django.DjangoModelFactory[ReviewEntry]):
    """An unanswered question to a person who requested to join."""

    class Meta:
        model = ReviewEntry

    member = factory.SubFactory(MemberFactory, awaiting_review=True, confirmed_at=factory.LazyFunction(timezone.now))
    kind = ReviewEntry.Kind.QUESTION
    text = "Where do you work?"


class ReviewTemplateFactory(factory.django.DjangoModelFactory[ReviewTemplate]):
    class Meta:
        model = ReviewTemplate

    use = ReviewTemplate.Use.QUESTION
    title = factory.Sequence(lambda n: f"Template {n}")
    text = factory.Sequence(lambda n: f"Text {n} of a template.")
    locale = factory.LazyFunction(Locale.get_default)


class LetterFactory(factory.django.DjangoModelFactory[OutgoingMail]):
    """A letter to a member, in the outbox."""

    class Meta:
        model = OutgoingMail

    kind = Letter.WELCOME
    about = factory.SubFactory(MemberFactory, listed=True)


class PracticeFactory(factory.django.DjangoModelFactory[Practice]):
    """A public practice in English, confirmed today.

    `languages` of its words: `spoken=["en", "de"]`.
    """

    class Meta:
        model = Practice
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Practice {n}")
    populations = factory.LazyFunction(lambda: ["adults"])
    levels = factory.LazyFunction(lambda: ["secondary"])
    modes = factory.LazyFunction(lambda: ["phone"])
    countries = factory.LazyFunction(lambda: ["de"])
    confirmed_on = factory.LazyFunction(timezone.localdate)

    @factory.post_generation
    def spoken(self, create: bool, languages: list[str] | None, **kwargs: Any) -> None:
        for language in languages or ["en"]:
            PracticeText.objects.create(
                practice=self,
                language=language,
                title=f"{self.name} ({language})",
                summary="Somebody listens.",
            )


class EvidenceReviewFactory(factory.django.DjangoModelFactory[EvidenceReview]):
    """An open review.

    Trait: `decided` (the rating “promising”, weighed today).
    """

    class Meta:
        model = EvidenceReview

    class Params:
        decided = factory.Trait(
            rating="promising",
            decided_on=factory.LazyFunction(timezone.localdate),
            expires_on=factory.LazyFunction(lambda: timezone.localdate() + EVIDENCE_LASTS),
        )

    practice = factory.SubFactory(PracticeFactory)
    outcome = "offending"
    studies = 2


class EvidenceCriterionFactory(factory.django.DjangoModelFactory[EvidenceCriterion]):
    class Meta:
        model = EvidenceCriterion

    code = factory.Sequence(lambda n: f"criterion-{n}")
    name = factory.Sequence(lambda n: f"Criterion {n}")
    locale = factory.LazyFunction(Locale.get_default)


class OpportunityFactory(factory.django.DjangoModelFactory[Opportunity]):
    """An open need of a listed member, for members alone.

    Trait: `public` (reviewed, and visible to everyone).
    """

    class Meta:
        model = Opportunity

    class Params:
        public = factory.Trait(is_for_everybody=True, read_at=factory.LazyFunction(timezone.now))

    owner = factory.SubFactory(MemberFactory, listed=True)
    kind = OpportunityKind.NEED
    subject = OpportunitySubject.EVALUATION
    language = "en"
    title = factory.Sequence(lambda n: f"Opportunity {n}")
    text = "Somebody to evaluate what we do."
    languages = factory.LazyFunction(lambda: ["en"])
    populations = factory.LazyFunction(lambda: ["adults"])
    until = factory.LazyFunction(lambda: timezone.localdate() + dt.timedelta(days=90))


class MatchFactory(factory.django.DjangoModelFactory[Match]):
    """A match of a listed member with an opportunity, made just now."""

    class Meta:
        model = Match

    opportunity = factory.SubFactory(OpportunityFactory)
    member = factory.SubFactory(MemberFactory, listed=True)


class DigestEmailSubscriptionFactory(factory.django.DjangoModelFactory[DigestEmailSubscription]):
    class Meta:
        model = DigestEmailSubscription

    member = factory.SubFactory(MemberFactory, listed=True)


def with_everything(member: Member) -> Member:
    """Give a listed member a row of each relation that a member can have (`network.personal_data.relations`)."""
    now = timezone.now()
    organisation = MemberFactory(listed=True, kind=Member.Kind.ORGANISATION)
    PublicationFactory(member=member)
    VerificationFactory(member=member)
    VerificationFactory(kind=Verification.Kind.NOMINATION, what=member.email, nominator=member, confirmed_at=now)
    Inbox.objects.get_or_create(member=member)
    InboxShare.objects.create(organisation=member, colleague=organisation, accepted_at=now)
    InboxShare.objects.create(organisation=organisation, colleague=member, accepted_at=now)
    ConversationFactory(starter=member).reports.create(reporter=member, text="They write too much.")
    ConversationFactory(recipient=member)
    written = ConversationFactory(starter=organisation)
    written.messages.create(sender=organisation, author=member, text="On behalf of us all.")
    MemberBlockFactory(blocker=member)
    MemberBlockFactory(blocked=member)
    ProposedTextsFactory(member=member)
    ReviewEntryFactory(member=member)
    OpportunityFactory(owner=member)
    MatchFactory(member=member)
    MatchFactory(taken_up_by=member, taken_up_at=now)
    DigestEmailSubscriptionFactory(member=member)
    RegistrationFactory(member=member)
    GroupMembershipFactory(member=member)
    practice = PracticeFactory(owner=member)
    PracticeMember.objects.create(practice=practice, member=member, part=PracticeMember.Part.RUNS)
    EvidenceReviewFactory(practice=practice, answer="We have changed that.")
    return member
