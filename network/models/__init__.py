from network.models.categories import Category
from network.models.members import ListingChange, Member
from network.models.proofs import Proof
from network.models.review import ProposedWords, ReviewEntry, ReviewTemplate
from network.models.settings import NetworkSettings
from network.public.pages import DirectoryPage

__all__ = [
    "Category",
    "DirectoryPage",
    "ListingChange",
    "Member",
    "NetworkSettings",
    "Proof",
    "ProposedWords",
    "ReviewEntry",
    "ReviewTemplate",
]
