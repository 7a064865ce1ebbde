from network.models.categories import Category
from network.models.digests import DigestIndexPage, DigestPage, DigestReview
from network.models.evidence import EvidenceAssessment, EvidenceCriterion, EvidenceReview
from network.models.institutions import Institution
from network.models.members import ListingChange, Member
from network.models.practices import Practice, PracticeMember, PracticeText
from network.models.proofs import Proof
from network.models.review import ProposedWords, ReviewEntry, ReviewTemplate
from network.models.settings import NetworkSettings
from network.models.works import PublishedWork
from network.models.worksheets import WorksheetIndexPage, WorksheetPage
from network.public.pages import DirectoryPage

__all__ = [
    "Category",
    "DigestIndexPage",
    "DigestPage",
    "DigestReview",
    "DirectoryPage",
    "EvidenceAssessment",
    "EvidenceCriterion",
    "EvidenceReview",
    "Institution",
    "ListingChange",
    "Member",
    "NetworkSettings",
    "Practice",
    "PracticeMember",
    "PracticeText",
    "Proof",
    "ProposedWords",
    "PublishedWork",
    "ReviewEntry",
    "ReviewTemplate",
    "WorksheetIndexPage",
    "WorksheetPage",
]
