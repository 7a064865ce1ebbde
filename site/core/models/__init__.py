from core.models.images import Picture, Rendition
from core.models.languages import LanguageState
from core.models.pages import BasePage
from core.models.settings import SiteSettings

__all__ = ["BasePage", "LanguageState", "Picture", "Rendition", "SiteSettings"]
