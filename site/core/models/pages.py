import logging
import uuid
from collections.abc import Collection
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import CommentPanel, FieldPanel, MultiFieldPanel, Panel, PublishingPanel
from wagtail.models import Page, PageViewRestriction, Revision
from wagtail.search.index import BaseField, SearchField
from wagtail_localize.fields import SynchronizedField

from core.admin.features import NO_USERBAR, Feature, Missing, MissingFeaturesPanel
from core.languages import tree
from core.languages.names import TIMES_IN
from core.publishing import publication_checks, safety
from core.publishing.safety import SafetyClass
from core.search.folding import FoldedField

log = logging.getLogger(__name__)


class StartPage(NamedTuple):
    """A page that a new site starts with: its path below the home page, and its title in the source language."""

    path: str
    title: str


class BasePage(Page):
    """The base of every page.

    Kept small: further concerns are mixins in the apps that need them.
    """

    # Whether the visit alone reveals something about the visitor.
    # Such pages have the exit and the crisis lines, search shows only their title, and their text is never published as
    # an unreviewed machine translation.
    is_sensitive = False
    # Whether publishing takes the decision of a second person.
    needs_second_person = False
    # What may be published as a translation of this page type.
    # A sensitive page is always SafetyClass.SENSITIVE.
    safety_class = SafetyClass.ORDINARY
    # Whether the page is rendered on request if there is a query (search).
    answers_query = False
    is_home = False
    # The type of the page in the menu that pages of this type, directly below the home page, belong to (`app.Model`).
    section = ""
    # The page of this type that `manage.py set_up` creates on an empty site.
    start_page: StartPage | None = None
    # Entry pages come first when the whole site is rendered.
    is_rendered_first = False
    live: bool
    # Set by the home page while routing to this page: the translation keys of the pages above it, from home down, and
    # whether it or one of them is restricted.
    keys_above: list[uuid.UUID] | None = None
    is_restricted: bool | None = None

    missing_features: Missing = {Feature.USERBAR: NO_USERBAR}
    settings_panels: list[Panel] = [PublishingPanel(help_text=TIMES_IN), CommentPanel(), MissingFeaturesPanel()]
    promote_panels = [
        MultiFieldPanel(
            [FieldPanel("slug"), FieldPanel("seo_title"), FieldPanel("search_description")],
            heading=_("For search engines"),
        ),
        MultiFieldPanel([FieldPanel("show_in_menus")], heading=_("For menus")),
    ]

    # The slug stays the same in every language, so that links survive a switch of language.
    # Menus are the same, too.
    override_translatable_fields = [SynchronizedField("slug")]

    class Meta:
        abstract = True

    @cached_property
    def language(self) -> str:
        return self.locale.language_code

    @property
    def path_at_public(self) -> str:
        """Its path on the public site.

        Needs no database query but for the language.
        """
        return tree.page_path(self, self.language)

    @property
    def card_path(self) -> str:
        """The address of the page's own sharing card; empty if the card of its section is used."""
        return ""

    @classmethod
    def get_search_fields(cls) -> list[BaseField]:
        """Return the declared fields, with full-text fields replaced by ones that match with and without accents."""
        return [
            FoldedField(field.field_name, boost=field.boost, **field.kwargs) if type(field) is SearchField else field
            for field in super().get_search_fields()
        ]

    def prerendered_paths(self) -> list[str]:
        """Return the paths to render, relative to the page's own address: `""` is the page itself."""
        return [""]

    def prerendered_paths_among(self, asked: Collection[str]) -> list[str]:
        """Return those of these relative paths that are rendered.

        A page with very many can look them up instead of listing all.
        """
        return [path for path in self.prerendered_paths() if path.lstrip("/") in asked]

    def sitemap_paths(self) -> list[str]:
        """Return the relative paths that the sitemap lists with the pages.

        A page with very many lists them in a separate part of the sitemap.
        """
        return self.prerendered_paths()

    def decide_url(self) -> str:
        """Return the address in the admin where a second person decides about this page; empty if there is none."""
        return ""

    def untranslated(self) -> list[str]:
        """Return why the text of this page may not be published in its language, as sentences; empty if it may."""
        return safety.blockers(self, SafetyClass.SENSITIVE if self.is_sensitive else self.safety_class)

    def publication_blockers(self) -> list[str]:
        """Return why this version may not become public, as sentences for staff; empty if it may."""
        return [*self.untranslated(), *publication_checks.blockers(self)]

    def render_blockers(self) -> list[str]:
        """Return why the public may not see this page although it is live, as sentences for staff.

        Extend it.
        """
        return self.untranslated()

    def get_view_restrictions(self) -> QuerySet[PageViewRestriction]:
        """Return the restrictions on this page and above it.

        Wagtail calls this twice: make no query if the renderer or routing found none.
        """
        if self.is_restricted is False:
            return PageViewRestriction.objects.none()
        return super().get_view_restrictions()

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        if self.safety_class is SafetyClass.MACHINE_TRANSLATABLE:
            # The page must carry this label: see core/machine_translated.html.
            context["machine_translated"] = safety.translation_state(self).machine_translated > 0
        return context

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the page, but never as a live alias of one in another language, which would show the wrong language.

        Wagtail creates such live aliases for the ancestors of a page that is submitted for translation.
        """
        if self.live and self.alias_of_id and self.alias_of.locale_id != self.locale_id:
            self.live = False
            self.has_unpublished_changes = True
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "live", "has_unpublished_changes"}
        super().save(*args, **kwargs)

    def publish(self, revision: Revision, *args: Any, **kwargs: Any) -> None:
        """Publish a revision, unless its text may not be published.

        If it may not, the live version stays, and the revision remains a draft.

        wagtail-localize publishes source text where a translation is missing, and has already overwritten the live page
        by now.
        """
        reasons = revision.as_object().publication_blockers()
        if not reasons:
            # In one step: Wagtail writes the page, then what follows from it, and the renderer would render after each.
            with transaction.atomic():
                super().publish(revision, *args, **kwargs)
            return
        log.warning("Not published: page %s in %s. %s", self.pk, self.locale.language_code, " ".join(reasons))
        if self.live and self.live_revision_id:
            before = self.live_revision.as_object()
            before.live_revision_id = self.live_revision_id
            before.last_published_at = self.last_published_at
            before.has_unpublished_changes = True
            before.save(clean=False)
