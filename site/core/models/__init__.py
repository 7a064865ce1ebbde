from core.models.clock import JobRun
from core.models.documents import UploadedDocument
from core.models.images import Picture, Rendition
from core.models.languages import LanguageState
from core.models.mail import OutgoingMail
from core.models.pages import BasePage, StartPage
from core.models.settings import SiteSettings

__all__ = [
    "BasePage",
    "JobRun",
    "LanguageState",
    "OutgoingMail",
    "Picture",
    "Rendition",
    "SiteSettings",
    "StartPage",
    "UploadedDocument",
]
