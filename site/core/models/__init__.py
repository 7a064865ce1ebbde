from core.models.background import JobRun, OutgoingMail
from core.models.files import Picture, Rendition, UploadedDocument
from core.models.languages import LanguageState
from core.models.pages import BasePage, StartPage
from core.models.settings import ApprovedSettings, ExitAddress, SettingProposal, SiteSettings
from core.models.translations import ImportedDocument, KeptText, MachineAttempt, TranslationImport

__all__ = [
    "ApprovedSettings",
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
    "SettingProposal",
    "SiteSettings",
    "StartPage",
    "TranslationImport",
    "UploadedDocument",
]
