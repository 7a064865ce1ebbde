from core.models.background import JobRun, OutgoingMail
from core.models.files import Picture, Rendition, UploadedDocument
from core.models.languages import LanguageState
from core.models.pages import BasePage, StartPage
from core.models.settings import ExitAddress, SiteSettings
from core.models.translations import ImportedDocument, KeptText, MachineAttempt, TranslationImport

__all__ = [
    "BasePage",
    "ExitAddress",
    "ImportedDocument",
    "JobRun",
    "KeptText",
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
