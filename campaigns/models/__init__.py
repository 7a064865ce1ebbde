from campaigns.models.activities import Activity, ActivityText, UsageReport
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
from campaigns.models.launches import Launch, LaunchContact, LaunchedPage, PreviewLink
from campaigns.models.library import MaterialIndexPage
from campaigns.models.links import LinkedAddress
from campaigns.models.materials import Material
from campaigns.models.partners import Partner, PartnerLink, PartnerText
from campaigns.models.results import CampaignResult
from campaigns.models.settings import CampaignSettings
from campaigns.models.stories import CampaignPage, NewsPage
from campaigns.models.terms import KeptWord, Term
from campaigns.models.themes import Theme
from campaigns.models.toolkits import ToolkitPage

__all__ = [
    "Activity",
    "ActivityText",
    "CampaignIndexPage",
    "CampaignPage",
    "CampaignResult",
    "CampaignSettings",
    "Design",
    "DesignCountry",
    "DesignPartner",
    "DesignText",
    "KeptWord",
    "Launch",
    "LaunchContact",
    "LaunchedPage",
    "LinkedAddress",
    "Material",
    "MaterialFile",
    "MaterialIndexPage",
    "MaterialText",
    "NewsIndexPage",
    "NewsPage",
    "Partner",
    "PartnerLink",
    "PartnerText",
    "PreviewLink",
    "RetiredSheet",
    "StudioBatch",
    "StudioSheet",
    "Term",
    "Theme",
    "ToolkitPage",
    "UsageReport",
]
