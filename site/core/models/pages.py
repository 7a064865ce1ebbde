from __future__ import annotations

import logging
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Page, PageViewRestriction
from wagtail.search.index import SearchField
from wagtail_localize.fields import SynchronizedField

from core.publishing import safety
from core.publishing.safety import SafetyClass
from core.search.folding import FoldedField

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from wagtail.models import Revision
    from wagtail.search.index import BaseField

log = logging.getLogger(__name__)


class StartPage(NamedTuple):
    """The page of a type that a new site begins with: its path below the home page, and its title in the source language."""

    path: str
    title: str


class BasePage(Page):
    """What every page of this site has in common. Kept small: a mixin for each further concern, in the app that needs it."""

    # Whether the visit alone says something about the visitor. Such pages carry the exit and the crisis lines, search shows nothing of them but
    # the title, and their text never goes out as unreviewed machine translation.
    is_sensitive = False
    # What may go out as a translation of this type of page. A sensitive page is always SafetyClass.SENSITIVE.
    safety_class = SafetyClass.ORDINARY
    # Pages that answer a query (search) are rendered on request when there is one.
    answers_query = False
    is_home = False
    # What `manage.py set_up` makes of this type on an empty site.
    start_page: StartPage | None = None
    # Where readers begin: when the whole site is printed, these pages come first.
    is_printed_first = False
    live: bool
    # What the home page found on the way to this page: the translation keys of the pages above it, from home down, and
    # whether it or one of them is only for some people.
    keys_above: list[uuid.UUID] | None = None
    is_restricted: bool | None = None

    promote_panels = [
        MultiFieldPanel(
            [FieldPanel("slug"), FieldPanel("seo_title"), FieldPanel("search_description")],
            heading=_("For search engines"),
        ),
        MultiFieldPanel([FieldPanel("show_in_menus")], heading=_("For menus")),
    ]

    # The address stays the same in every language, so that a link survives the switch of language. Menus are alike, too.
    override_translatable_fields = [SynchronizedField("slug")]

    class Meta:
        abstract = True

    @classmethod
    def get_search_fields(cls) -> list[BaseField]:
        """The fields as declared; what is searched in is found with accents and without."""
        return [
            FoldedField(field.field_name, boost=field.boost, **field.kwargs)
            if type(field) is SearchField
            else field
            for field in super().get_search_fields()
        ]

    def printed_paths(self) -> list[str]:
        """The paths below this page that are printed, from the page's own address on: `""` is the page itself."""
        return [""]

    def untranslated(self) -> list[str]:
        """Why the words of this page may not go out in its language, for the people at the desk. Empty where they may."""
        return safety.reasons_against(self, SafetyClass.SENSITIVE if self.is_sensitive else self.safety_class)

    def reasons_not_to_print(self) -> list[str]:
        """Why the public may not see this page although it is live, in sentences for the people at the desk. Extend it."""
        return self.untranslated()

    def get_view_restrictions(self) -> QuerySet[PageViewRestriction]:
        """The restrictions on this page and above it. Wagtail asks twice, whatever the press or the way here has found out."""
        if self.is_restricted is False:
            return PageViewRestriction.objects.none()
        return super().get_view_restrictions()

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        if self.safety_class is SafetyClass.MACHINE_TRANSLATABLE:
            # The page has to say so: see core/machine_translated.html.
            context["machine_translated"] = safety.translation_state(self).machine_translated > 0
        return context

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A page that mirrors one in another language is never live: it would show that language under this one's address.

        Wagtail makes such mirrors, live, of the ancestors of a page that is sent for translation.
        """
        if self.live and self.alias_of_id and self.alias_of.locale_id != self.locale_id:
            self.live = False
            self.has_unpublished_changes = True
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "live", "has_unpublished_changes"}
        super().save(*args, **kwargs)

    def publish(self, revision: Revision, *args: Any, **kwargs: Any) -> None:
        """Publish a revision, unless its words may not go out: then what was live stays, and the revision remains a draft.

        wagtail-localize publishes source text where a translation is missing, and has written it over the live page by now.
        """
        reasons = revision.as_object().untranslated()
        if not reasons:
            super().publish(revision, *args, **kwargs)
            return
        log.warning("Not published: page %s in %s. %s", self.pk, self.locale.language_code, " ".join(reasons))
        if self.live and self.live_revision_id:
            before = self.live_revision.as_object()
            before.live_revision_id = self.live_revision_id
            before.last_published_at = self.last_published_at
            before.has_unpublished_changes = True
            before.save(clean=False)
