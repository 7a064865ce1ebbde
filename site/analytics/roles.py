"""Roles that see in the admin how often pages are shown.

No role may change these numbers.
"""

from analytics.report import PERMISSION
from core.admin.roles import ADMINISTRATOR, Grant

# The roles whose pages and materials are counted.
GRANTS = tuple(
    Grant(to=name, permissions=(PERMISSION,)) for name in (ADMINISTRATOR, "Campaign editor", "Listing approver")
)
