import re
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import models
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from core.background.locks import snapshot
from core.blocks import Prose
from core.languages import tree
from core.models import BasePage, StartPage
from network.digests.models import DigestIndexPage
from network.digests.worksheets import WorksheetIndexPage
from network.directory import listing
from network.events.models import EventIndexPage
from network.groups.models import GroupIndexPage
from network.members.models import Member
from network.open_data import linked_data
from network.opportunities import board
from network.opportunities.models import Opportunity
from network.practices import registry as practices
from network.practices.models import Practice
from network.vocabulary import models as categories
from network.vocabulary.details import DetailAudience

SLUG = "network"
# Path of the registry of practices, below the directory.
PRACTICES = "practices/"
# Path of the members' needs and offers.
OPPORTUNITIES = "opportunities/"
# The index pages of the network's other parts, in the order in which the directory lists them.
ROOMS = (EventIndexPage, GroupIndexPage, DigestIndexPage, WorksheetIndexPage)
# Path of a member's page below the directory.
MEMBER = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/")


class DirectoryPage(RoutablePageMixin, BasePage):
    """The directory of the network in one language.

    It has an introduction, filters, a list, and a page for each member who wants one.
    The page without a query string is prerendered; filtered views are rendered on request.
    """

    answers_query = True
    parent_page_types = ["home.HomePage"]
    subpage_types = ["home.StandardPage"]
    max_count_per_parent = 1
    start_page = StartPage("network", "Network")

    introduction = models.TextField(
        _("introduction"), blank=True, help_text=_("Two or three sentences, above the filter.")
    )
    body = StreamField(
        Prose(), blank=True, help_text=_("Below the list: who can join, what is public, how joining works.")
    )

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("introduction"),
        FieldPanel("body", heading=_("Text")),
    ]
    # No slug: other parts of the site rely on this URL.
    promote_panels = [
        MultiFieldPanel([FieldPanel("seo_title"), FieldPanel("search_description")], heading=_("For search engines")),
        MultiFieldPanel([FieldPanel("show_in_menus")], heading=_("For menus")),
    ]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    class Meta:
        verbose_name = _("directory of the network")
        verbose_name_plural = _("directories of the network")

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        self.slug = SLUG
        super().full_clean(*args, **kwargs)

    def prerendered_paths(self) -> list[str]:
        members = Member.objects.with_page().values_list("uuid", flat=True)
        return ["", *(f"{uuid}/" for uuid in members), *self.sitemap_paths()[1:]]

    def prerendered_paths_among(self, asked: Collection[str]) -> list[str]:
        uuids = [found[1] for path in asked if (found := MEMBER.fullmatch(path))]
        shown = Member.objects.with_page().filter(uuid__in=uuids).values_list("uuid", flat=True)
        has_others = any(path.startswith((PRACTICES, OPPORTUNITIES)) for path in asked)
        others = self.sitemap_paths() if has_others else [""]
        paths = [others[0], *(f"{uuid}/" for uuid in (shown if uuids else [])), *others[1:]]
        return [path for path in paths if path in asked]

    def sitemap_paths(self) -> list[str]:
        """Return its own path and the paths of practices and opportunities.

        Members have separate sitemap parts (`network.routes`).
        """
        practices = Practice.objects.public().filter(texts__isnull=False).distinct()
        return [
            "",
            PRACTICES,
            *(f"{PRACTICES}{uuid}/" for uuid in practices.values_list("uuid", flat=True)),
            OPPORTUNITIES,
            *(f"{OPPORTUNITIES}{uuid}/" for uuid in Opportunity.objects.public().values_list("uuid", flat=True)),
        ]

    @property
    def rooms(self) -> list[Page]:
        """Return the public pages of `ROOMS` in this language.

        One query.
        """
        order = {room._meta.model_name: place for place, room in enumerate(ROOMS)}
        found = tree.public_pages().type(*ROOMS).filter(locale=self.locale_id).select_related("content_type")
        return sorted(found, key=lambda page: order[page.content_type.model])

    @path("")
    def index_route(self, request: HttpRequest, *args: object, **kwargs: object) -> TemplateResponse:
        """List the members that match the query string."""
        with snapshot():  # so that the view is consistent while categories are merged
            answer = listing.look_up(request.GET)
        context = self.get_context(request) | {"directory": answer, "kept_query": answer.query}
        return TemplateResponse(request, self.get_template(request), context, status=answer.status)

    @path("<uuid:uuid>/")
    def member_route(self, request: HttpRequest, uuid: UUID) -> TemplateResponse:
        """Show one member, limited to what they made public."""
        member = get_object_or_404(Member.objects.with_page(), uuid=uuid)
        entry = listing.entry(member, categories.vocabulary(translation.get_language()), {})
        context = self.get_context(request) | {
            "entry": entry,
            "profile": entry.profile,
            "kept_query": listing.kept_query(request.GET),
            "title": entry.profile.title,
            "description": entry.profile.description,
            "linked_data": linked_data.member(entry.profile, translation.get_language()),
        }
        return TemplateResponse(request, "network/directory/profile.html", context)

    @path("practices/")
    def practices_route(self, request: HttpRequest) -> TemplateResponse:
        """List all practices.

        The filters are implemented in a style sheet.
        """
        context = self.get_context(request) | {
            "title": _("Practices and evidence"),
            "description": _(
                "Practices that prevent child sexual abuse: for whom, at what cost, "
                "and how well it is known that they work."
            ),
            "registry": practices.registry(translation.get_language()),
            "feed": f"/{translation.get_language()}/feeds/practices.atom",
            "table": "/open-data/practices.csv",
        }
        return TemplateResponse(request, "network/practices/practices.html", context)

    @path("practices/<uuid:uuid>/")
    def practice_route(self, request: HttpRequest, uuid: UUID) -> TemplateResponse:
        """Show one practice, in plain language first and then for professionals."""
        view = practices.find(uuid, translation.get_language())
        if view is None:
            raise Http404
        context = self.get_context(request) | {
            "view": view,
            "steps": [(_("Practices and evidence"), PRACTICES)],
            "title": view.text.title,
            "description": view.description,
        }
        return TemplateResponse(request, "network/practices/practice.html", context)

    @path("opportunities/")
    def opportunities_route(self, request: HttpRequest) -> TemplateResponse:
        """List the public needs and offers.

        The filters are implemented in a style sheet.
        """
        context = self.get_context(request) | {
            "title": _("Needs and offers"),
            "description": _(
                "What members of the network look for and offer: evaluation, data, a site for a study, "
                "a partner, an answer."
            ),
            "board": board.board(DetailAudience.EVERYBODY),
            "feed": f"/{translation.get_language()}/feeds/opportunities.atom",
        }
        return TemplateResponse(request, "network/opportunities/opportunities.html", context)

    @path("opportunities/<uuid:uuid>/")
    def opportunity_route(self, request: HttpRequest, uuid: UUID) -> TemplateResponse:
        """Show one public need or offer."""
        reading = board.find(uuid, DetailAudience.EVERYBODY)
        if reading is None:
            raise Http404
        context = self.get_context(request) | {
            "reading": reading,
            "steps": [(_("Needs and offers"), OPPORTUNITIES)],
            "title": reading.opportunity.title,
            "description": reading.description,
            "linked_data": linked_data.opportunity(reading, translation.get_language()),
        }
        return TemplateResponse(request, "network/opportunities/opportunity.html", context)
