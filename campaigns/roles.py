"""Who works on campaigns, news and materials, and on the pages that belong to no app."""

from django.utils.translation import gettext_lazy as _

from core.desk.roles import (
    ADMINISTRATOR,
    ENTER,
    EVERYWHERE,
    PUBLISH,
    TRANSLATOR,
    UPLOAD,
    DeskRole,
    Grant,
    Review,
)

CAMPAIGN_EDITOR = "Campaign editor"

INDEXES = ("campaigns.CampaignIndexPage", "campaigns.NewsIndexPage")

ROLES = (
    DeskRole(
        name=CAMPAIGN_EDITOR,
        label=_("Campaign editor"),
        permissions=(ENTER, "campaigns.*", "wagtail_localize.submit_translation"),
        pages=tuple((page, PUBLISH) for page in (*INDEXES, "home.StandardPage")),
        collections=UPLOAD,
    ),
)
GRANTS = (
    Grant(to=ADMINISTRATOR, permissions=("campaigns.*",)),
    Grant(to=TRANSLATOR, pages=tuple((page, ("publish_page",)) for page in INDEXES)),
)
REVIEWS = (Review(name="Review", by=(CAMPAIGN_EDITOR,), pages=EVERYWHERE),)
