from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import quote
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.widgets.button import Button
from wagtail.snippets.models import register_snippet

from core import waiting
from helpline.desk.viewsets import ListingDesk
from helpline.desk.waiting import lines
from helpline.models import Programme, SupportLine
from helpline.models.pages import HelpPage
from helpline.neutral import telling_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest
    from wagtail.models import Page

register_snippet(ListingDesk)
waiting.register(lines)


@hooks.register("register_snippet_listing_buttons")
def at_once(listing: Any, user: Any, next_url: str | None = None) -> Iterator[Button]:
    """Hide, close, warn, confirm: beside every listing in the list."""
    if isinstance(listing, Programme | SupportLine) and user.has_perm(
        f"helpline.change_{listing._meta.model_name}"
    ):
        url = reverse(listing.snippet_viewset.now_url_name, args=(quote(listing.pk),))
        yield Button(_("At once: confirm, warn, close, hide"), url=url, icon_name="warning", priority=15)


@hooks.register("after_create_page")
@hooks.register("after_edit_page")
def warn_of_telling_titles(request: HttpRequest, page: Page) -> None:
    """Title and address of a help page stay in the browser's history: an editor learns when they are not neutral."""
    if not isinstance(page, HelpPage):
        return
    telling = list(dict.fromkeys(telling_words(f"{page.title} {page.seo_title} {page.slug}")))
    if telling:
        text = gettext(
            "The title or the address of this page tells others what it is about: %(words)s. They stay in the history of the browser. "
            "Choose neutral ones."
        )
        messages.warning(request, text % {"words": ", ".join(telling)})
