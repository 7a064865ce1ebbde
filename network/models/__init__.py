from network.models.expertise import Expertise
from network.models.members import Member
from network.models.review import ProposedWords, ReviewEntry, ReviewTemplate
from network.models.settings import NetworkSettings
from network.public.pages import DirectoryPage

__all__ = [
    "DirectoryPage",
    "Expertise",
    "Member",
    "NetworkSettings",
    "ProposedWords",
    "ReviewEntry",
    "ReviewTemplate",
]
