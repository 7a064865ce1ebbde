from network.models.blocking import MemberBlock
from network.models.categories import Category
from network.models.conversations import (
    Conversation,
    ConversationReport,
    Inbox,
    InboxShare,
    Message,
)
from network.models.digests import DigestIndexPage, DigestPage, DigestReview
from network.models.erasures import Erasure
from network.models.events import Event, EventIndexPage, EventPage, Registration
from network.models.evidence import EvidenceAssessment, EvidenceCriterion, EvidenceReview
from network.models.groups import GroupIndexPage, GroupMembership, GroupPage
from network.models.institutions import Institution
from network.models.members import ListingChange, Member, MemberWords
from network.models.postings import LetterSubscription, Posting, Proposal, RecordedOutcome
from network.models.practices import Practice, PracticeMember, PracticeText
from network.models.proofs import Proof
from network.models.review import ProposedWords, ReviewEntry, ReviewTemplate
from network.models.settings import NetworkSettings
from network.models.works import PublishedWork
from network.models.worksheets import WorksheetIndexPage, WorksheetPage
from network.public.pages import DirectoryPage

__all__ = [
    "Category",
    "Conversation",
    "ConversationReport",
    "DigestIndexPage",
    "DigestPage",
    "DigestReview",
    "DirectoryPage",
    "Erasure",
    "Event",
    "EventIndexPage",
    "EventPage",
    "EvidenceAssessment",
    "EvidenceCriterion",
    "EvidenceReview",
    "GroupIndexPage",
    "GroupMembership",
    "GroupPage",
    "Inbox",
    "InboxShare",
    "Institution",
    "LetterSubscription",
    "ListingChange",
    "Member",
    "MemberBlock",
    "MemberWords",
    "Message",
    "NetworkSettings",
    "Posting",
    "Practice",
    "PracticeMember",
    "PracticeText",
    "Proof",
    "Proposal",
    "ProposedWords",
    "PublishedWork",
    "RecordedOutcome",
    "Registration",
    "ReviewEntry",
    "ReviewTemplate",
    "WorksheetIndexPage",
    "WorksheetPage",
]
