from network.digests.models import DigestIndexPage, DigestPage, DigestReview
from network.digests.worksheets import WorksheetIndexPage, WorksheetPage
from network.directory.pages import DirectoryPage
from network.events.models import Event, EventIndexPage, EventPage, Registration
from network.groups.models import GroupIndexPage, GroupMembership, GroupPage
from network.institutions.models import Institution
from network.members.models import ListingChange, Member, MemberWords, NetworkSettings
from network.messages.models import Conversation, ConversationReport, Inbox, InboxShare, MemberBlock, Message
from network.opportunities.models import DigestEmailSubscription, Match, Opportunity, RecordedOutcome
from network.personal_data.models import Erasure
from network.practices.evidence import EvidenceAssessment, EvidenceCriterion, EvidenceReview
from network.practices.models import Practice, PracticeMember, PracticeText
from network.publications.models import Publication
from network.review.models import ProposedTexts, ReviewEntry, ReviewTemplate
from network.verification.models import Verification
from network.vocabulary.models import Category

__all__ = [
    "Category",
    "Conversation",
    "ConversationReport",
    "DigestEmailSubscription",
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
    "ListingChange",
    "Match",
    "Member",
    "MemberBlock",
    "MemberWords",
    "Message",
    "NetworkSettings",
    "Opportunity",
    "Practice",
    "PracticeMember",
    "PracticeText",
    "ProposedTexts",
    "Publication",
    "RecordedOutcome",
    "Registration",
    "ReviewEntry",
    "ReviewTemplate",
    "Verification",
    "WorksheetIndexPage",
    "WorksheetPage",
]
