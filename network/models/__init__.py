from network.models.categories import Category
from network.models.digests import DigestIndexPage, DigestPage, DigestReview
from network.models.erasures import Erasure
from network.models.evidence import EvidenceAssessment, EvidenceCriterion, EvidenceReview
from network.models.members import ListingChange, Member
from network.models.practices import Practice, PracticeMember, PracticeText
from network.models.proofs import Proof
from network.models.review import ProposedWords, ReviewEntry, ReviewTemplate
from network.models.settings import NetworkSettings
from network.models.worksheets import WorksheetIndexPage, WorksheetPage
from network.public.pages import DirectoryPage

__all__ = [
    "Category",
    "DigestIndexPage",
    "DigestPage",
    "DigestReview",
    "DirectoryPage",
    "Erasure",
    "EvidenceAssessment",
    "EvidenceCriterion",
    "EvidenceReview",
    "ListingChange",
    "Member",
    "NetworkSettings",
    "Practice",
    "PracticeMember",
    "PracticeText",
    "Proof",
    "ProposedWords",
    "ReviewEntry",
    "ReviewTemplate",
    "WorksheetIndexPage",
    "WorksheetPage",
]
