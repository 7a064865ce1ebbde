from campaigns.models.designs import (
    Design,
    DesignCountry,
    DesignPartner,
    DesignText,
    RetiredSheet,
    StudioBatch,
    StudioSheet,
)
from campaigns.models.files import MaterialFile, MaterialText
from campaigns.models.indexes import CampaignIndexPage, NewsIndexPage
from campaigns.models.library import MaterialIndexPage
from campaigns.models.links import LinkedAddress
from campaigns.models.materials import Material
from campaigns.models.stories import CampaignPage, NewsPage
from campaigns.models.terms import KeptWord, Term
from campaigns.models.themes import Theme
from campaigns.models.toolkits import ToolkitPage

__all__ = [
    "CampaignIndexPage",
    "CampaignPage",
    "Design",
    "DesignCountry",
    "DesignPartner",
    "DesignText",
    "KeptWord",
    "LinkedAddress",
    "Material",
    "MaterialFile",
    "MaterialIndexPage",
    "MaterialText",
    "NewsIndexPage",
    "NewsPage",
    "RetiredSheet",
    "StudioBatch",
    "StudioSheet",
    "Term",
    "Theme",
    "ToolkitPage",
]
