from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from wagtail.admin.panels import Panel


class MaterialsPanel(Panel):
    """Lists a campaign's materials with links to them: they belong to all of its languages, and are not part of the page."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "campaigns/admin/materials_panel.html"

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            page = self.instance
            query = f"?{urlencode({'campaign_key': page.translation_key})}"
            context["can_add"] = page.pk is not None
            context["materials"] = page.materials if page.pk else []
            context["listing_url"] = reverse("wagtailsnippets_campaigns_material:list") + query
            context["add_url"] = reverse("wagtailsnippets_campaigns_material:add") + query
            return context
