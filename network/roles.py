"""Admin roles that review requests to join and edit the directory pages."""

from django.utils.translation import gettext_lazy as _

from core.admin.roles import ADMINISTRATOR, ENTER, PROPOSE, PUBLISH, TRANSLATOR, AdminRole, Grant, Review

NETWORK_MANAGER = "Network manager"

ROLES = (
    AdminRole(
        name=NETWORK_MANAGER,
        label=_("Network manager"),
        permissions=(ENTER, *PROPOSE, "network.*"),
        pages=(("network.*", PUBLISH),),
    ),
)
GRANTS = (
    Grant(to=ADMINISTRATOR, permissions=("network.*",)),
    Grant(to=TRANSLATOR, pages=(("network.*", ("publish_page",)),)),
)
REVIEWS = (Review(name="Review of the network", by=(NETWORK_MANAGER,), pages="network.DirectoryPage"),)
