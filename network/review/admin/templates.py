from __future__ import annotations

from wagtail.snippets.views.snippets import SnippetViewSet

from core.desk.choosers import ChooserViewSet
from network.models import ReviewTemplate


class ReviewTemplateViewSet(SnippetViewSet):
    model = ReviewTemplate
    chooser_viewset_class = ChooserViewSet
    icon = "edit"
    list_display = ["title", "use", "locale"]
    list_filter = ["use"]
    ordering = ["use", "title"]
