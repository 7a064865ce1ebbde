from core.models.clock import JobRun
from core.models.documents import UploadedDocument
from core.models.exchange import ImportedDocument, TranslationImport
from core.models.images import Picture, Rendition
from core.models.languages import LanguageState
from core.models.machine_translation import MachineAttempt
from core.models.mail import OutgoingMail
from core.models.pages import BasePage, StartPage
from core.models.settings import SiteSettings

__all__ = [
    "BasePage",
    "ImportedDocument",
    "JobRun",
    "LanguageState",
    "MachineAttempt",
    "OutgoingMail",
    "Picture",
    "Rendition",
    "SiteSettings",
    "StartPage",
    "TranslationImport",
    "UploadedDocument",
]
