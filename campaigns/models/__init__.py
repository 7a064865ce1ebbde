from campaigns.launches.models import Launch, LaunchContact, LaunchedPage, PreviewLink
from campaigns.materials.files import MaterialFile, MaterialText
from campaigns.materials.library import MaterialIndexPage
from campaigns.materials.models import Material, Theme
from campaigns.partners.activities import Activity, ActivityText, UsageReport
from campaigns.partners.models import CampaignSettings, Partner, PartnerLink, PartnerText
from campaigns.results.models import CampaignResult
from campaigns.stories.indexes import CampaignIndexPage, NewsIndexPage
from campaigns.stories.models import CampaignPage, NewsPage
from campaigns.stories.toolkits import ToolkitPage
from campaigns.studio.models import (
    Design,
    DesignCountry,
    DesignPartner,
    DesignText,
    RetiredOutput,
    StudioBatch,
    StudioOutput,
)
from campaigns.terms.models import AllowedException, LinkedAddress, Term

__all__ = [
    "Activity",
    "ActivityText",
    "AllowedException",
    "CampaignIndexPage",
    "CampaignPage",
    "CampaignResult",
    "CampaignSettings",
    "Design",
    "DesignCountry",
    "DesignPartner",
    "DesignText",
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
    "RetiredOutput",
    "StudioBatch",
    "StudioOutput",
    "Term",
    "Theme",
    "ToolkitPage",
    "UsageReport",
]
