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
from campaigns.models.materials import Material
from campaigns.models.stories import CampaignPage, NewsPage
from campaigns.models.terms import KeptWord, Term
from campaigns.models.themes import Theme

__all__ = [
    "CampaignIndexPage",
    "CampaignPage",
    "Design",
    "DesignCountry",
    "DesignPartner",
    "DesignText",
    "KeptWord",
    "Material",
    "MaterialFile",
    "MaterialText",
    "NewsIndexPage",
    "NewsPage",
    "RetiredSheet",
    "StudioBatch",
    "StudioSheet",
    "Term",
    "Theme",
]
