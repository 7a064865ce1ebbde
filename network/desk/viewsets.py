from __future__ import annotations

from wagtail.snippets.views.snippets import SnippetViewSet

from network.models import Field


class FieldViewSet(SnippetViewSet):
    model = Field
    icon = "tag"
    list_display = ["name", "code", "locale"]
    ordering = ["code"]
