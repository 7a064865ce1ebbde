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
from network.models.evidence import EvidenceAssessment, EvidenceCriterion, EvidenceReview
from network.models.members import ListingChange, Member
from network.models.postings import LetterSubscription, Posting, Proposal, RecordedOutcome
from network.models.practices import Practice, PracticeMember, PracticeText
from network.models.proofs import Proof
from network.models.review import ProposedWords, ReviewEntry, ReviewTemplate
from network.models.settings import NetworkSettings
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
    "EvidenceAssessment",
    "EvidenceCriterion",
    "EvidenceReview",
    "Inbox",
    "InboxShare",
    "LetterSubscription",
    "ListingChange",
    "Member",
    "MemberBlock",
    "Message",
    "NetworkSettings",
    "Posting",
    "Practice",
    "PracticeMember",
    "PracticeText",
    "Proof",
    "Proposal",
    "ProposedWords",
    "RecordedOutcome",
    "ReviewEntry",
    "ReviewTemplate",
    "WorksheetIndexPage",
    "WorksheetPage",
]
