from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from wagtail.admin.panels import Panel


class MaterialsPanel(Panel):
    """Which materials a campaign has, and the way to them: they belong to all of its languages and are no part of the page."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "campaigns/admin/materials_panel.html"

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            from campaigns.models import Material

            context: dict[str, Any] = super().get_context_data(parent_context)
            options = Material._meta
            base = f"wagtailsnippets_{options.app_label}_{options.model_name}"
            key = self.instance.translation_key if self.instance.pk else None
            query = f"?{urlencode({'campaign_key': key})}"
            context["materials"] = Material.objects.of(key) if key else []
            context["listing_url"] = reverse(f"{base}:list") + query
            context["add_url"] = reverse(f"{base}:add") + query
            context["can_add"] = key is not None
            return context
