from network.models.fields import Field
from network.models.letters import Letter
from network.models.members import Member
from network.models.pages import DirectoryPage
from network.models.settings import NetworkSettings

__all__ = ["DirectoryPage", "Field", "Letter", "Member", "NetworkSettings"]
