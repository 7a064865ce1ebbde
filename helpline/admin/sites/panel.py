from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wagtail.admin.panels import Panel

from helpline.admin.sites.views import POLICY, site_url
from helpline.scan.report import hints_of, standings_of

if TYPE_CHECKING:
    from collections.abc import Mapping


class SitesPanel(Panel):
    """Read-only results of the privacy scan for the websites of a listing."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "helpline/admin/sites_panel.html"

        def is_shown(self) -> bool:
            return bool(
                self.instance.pk
                and POLICY.user_has_any_permission(self.request.user, {"view", "change"})
                and super().is_shown()
            )

        def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
            # The websites that the public is led to, not those of a draft.
            listing = type(self.instance).objects.get(pk=self.instance.pk)
            hints = hints_of([listing])[listing.uuid]
            standings = standings_of(hints.sites)
            sites = [
                (site, site_url(site), [one.finding for one in standings[site.pk] if one.counts][:1])
                for site in hints.sites
            ]
            context: dict[str, Any] = super().get_context_data(parent_context)
            return {**context, "sites": sites, "gone": hints.gone}
