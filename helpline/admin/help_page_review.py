"""Review of a help page by a second person: its changes, in the words of the page, beside the source."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.action_menu import ActionMenuItem
from wagtail.models import Page

from core.http import private_url
from core.languages import names
from core.languages.changes import beside
from core.languages.lazy import StrOrPromise
from helpline.admin.review import LABEL, ReviewView
from helpline.approval.authorship import Value
from helpline.approval.rule import NotApprovedError, ensure_approved, is_approved, last_approved
from helpline.approval.versions import changed_fields, content_of, digest
from helpline.finder.pages import HelpPage

# The editor gives each paragraph a key when it is first saved.
# Keys are not shown to readers.
# In a text of blocks, the key is in JSON.
PARAGRAPH_KEY = re.compile(r''' data-block-key=\\?"[^"\\]*\\?"''')

# Menu items for decisions, which are made on the page with the changes.
DECIDING = frozenset({"approve", "reject", "action-publish"})


class HelpPageReviewView(ReviewView):
    """The review page of a help page, in any language."""

    template_name = "helpline/admin/review_help_page.html"
    not_in_your_role = _(
        "Your role can write help pages but not approve them. Someone whose role can approve them has to decide."
    )

    def find(self, pk: int) -> HelpPage:
        page = Page.objects.filter(pk=pk).select_related("latest_revision").first()
        page = page.specific if page is not None else None
        if not isinstance(page, HelpPage):
            raise Http404("There is no help page with this number.")
        return page

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return bool(self.object.permissions_for_user(user).can_edit())

    @property
    def may_publish(self) -> bool:
        return bool(self.object.permissions_for_user(self.request.user).can_publish())

    def get_page_subtitle(self) -> str:
        return f"{self.newest.title} ({names.language_name(self.object.locale.language_code)})"

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield self.list_url, gettext("Help pages")
        yield self.edit_url, self.newest.title

    @property
    def list_url(self) -> str:
        return reverse("help_pages:list")

    @property
    def edit_url(self) -> str:
        return reverse("wagtailadmin_pages:edit", args=(self.object.pk,))

    @property
    def address(self) -> str:
        return private_url("help_pages:review", self.object.pk)

    @cached_property
    def approved(self) -> HelpPage | None:
        return last_approved(self.object)

    @cached_property
    def comparison(self) -> Any:
        """Return Wagtail's comparisons of the fields that differ from what was last approved.

        Wagtail regards a text of blocks as changed if it was loaded differently, so its contents are compared first.
        """
        before = self.approved or type(self.object)(locale=self.object.locale)
        differing = changed_fields(content_of(before), content_of(self.newest))
        changed = {name for name, (old, new) in differing if said(old) != said(new)}
        panel = self.object.get_edit_handler().get_bound_panel(instance=self.object, request=self.request, form=None)
        found = [compare(before, self.newest) for compare in panel.get_comparison()]
        return [each for each in found if each.field.name in changed and each.has_changed()]

    @cached_property
    def waits(self) -> bool:
        if self.revision is None:
            return False
        shown = self.object.live_revision if self.object.live else None
        if shown is None or not is_approved(self.object, shown):
            return True
        return digest(self.revision) != digest(shown)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        texts = beside(self.newest, self.approved)
        return super().get_context_data(
            **kwargs, texts=texts, language=names.language_name(self.object.locale.language_code)
        )


def said(value: Value) -> Value:
    """Return the content of a field without data that only the editor needs."""
    return PARAGRAPH_KEY.sub("", value) if isinstance(value, str) else value


class DecideMenuItem(ActionMenuItem):
    """Link from a page's form to its review page."""

    name = "action-decide"
    label = LABEL
    icon_name = "clipboard-list"
    order = 55

    def get_url(self, parent_context: Mapping[str, Any]) -> str:
        return str(parent_context["page"].decide_url())


def arrange_page_menu(items: list[ActionMenuItem], request: HttpRequest, context: Mapping[str, Any]) -> None:
    """Keep only an author's actions in the menu: help pages are not published from the form."""
    page, parent = context.get("page"), context.get("parent_page")
    is_help = isinstance(page, HelpPage) or (
        context["view"] == "create" and isinstance(getattr(parent, "specific", None), HelpPage)
    )
    if not is_help:
        return
    items[:] = [item for item in items if item.name not in DECIDING]
    if context["view"] == "edit":
        items.append(DecideMenuItem())
        items.sort(key=lambda item: item.order)


def ask_second_person(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Keep the changes as a draft if the publication was not approved, say why, and redirect to the review page."""
    if not isinstance(page, HelpPage):
        return None
    try:
        ensure_approved(listing=page, revision=page.get_latest_revision(), by=request.user)
    except NotApprovedError:
        messages.warning(
            request,
            gettext(
                "Saved as a draft, but not published. Help pages take two people: one writes, another compares and "
                "decides on this page."
            ),
        )
        return redirect(page.decide_url())
    return None
