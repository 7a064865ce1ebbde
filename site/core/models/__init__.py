from core.models.documents import File
from core.models.images import Picture, Rendition
from core.models.languages import LanguageState
from core.models.pages import BasePage
from core.models.settings import SiteSettings

__all__ = ["BasePage", "File", "LanguageState", "Picture", "Rendition", "SiteSettings"]
