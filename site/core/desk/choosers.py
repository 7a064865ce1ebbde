"""The windows in which editors choose a record for a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wagtail.snippets.views.chooser import SnippetChooserViewSet

if TYPE_CHECKING:
    from django.urls import URLPattern


class ChooserViewSet(SnippetChooserViewSet):
    """Nothing is made while choosing, so the address for it is left out: without a form, Wagtail's view breaks."""

    def get_urlpatterns(self) -> list[URLPattern]:
        return [pattern for pattern in super().get_urlpatterns() if pattern.name != "create"]
