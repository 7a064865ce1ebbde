from __future__ import annotations

from wagtail.snippets.views.snippets import SnippetViewSet

from network.models import Expertise


class ExpertiseViewSet(SnippetViewSet):
    model = Expertise
    icon = "tag"
    list_display = ["name", "code", "locale"]
    ordering = ["code"]
