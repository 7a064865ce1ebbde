"""Roles for campaigns, news and materials, and for pages that belong to no other app."""

from django.utils.translation import gettext_lazy as _

from core.admin.roles import (
    ADMINISTRATOR,
    ENTER,
    EVERYWHERE,
    PROPOSE,
    PUBLISH,
    TRANSLATOR,
    UPLOAD,
    AdminRole,
    Grant,
    Review,
)

CAMPAIGN_EDITOR = "Campaign editor"

ROLES = (
    AdminRole(
        name=CAMPAIGN_EDITOR,
        label=_("Campaign editor"),
        permissions=(ENTER, *PROPOSE, "campaigns.*", "wagtail_localize.submit_translation"),
        pages=(("campaigns.*", PUBLISH), ("home.StandardPage", PUBLISH)),
        collections=UPLOAD,
    ),
)
GRANTS = (
    Grant(to=ADMINISTRATOR, permissions=("campaigns.*",)),
    # Listing approvers are responsible for the texts of help pages, so they can edit the list of terms.
    Grant(to="Listing approver", permissions=("campaigns.add_term", "campaigns.change_term")),
    Grant(to=TRANSLATOR, pages=(("campaigns.*", ("publish_page",)),)),
)
REVIEWS = (Review(name="Review", by=(CAMPAIGN_EDITOR,), pages=EVERYWHERE),)
