from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, PageChooserPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index
from wagtail.url_routing import RouteResult

from core.blocks import Prose
from core.memo import per_batch
from core.models import BasePage, StartPage
from core.publishing import printing
from helpline.finder import queries
from helpline.finder.blocks import Guide, Routes
from helpline.finder.content.coverage import week_of
from helpline.finder.content.finder import MOST_BYTES, MOST_LISTINGS, Finder, TooHeavy, Ways, weight
from helpline.finder.content.gap_map import GapMap
from helpline.records.programmes import Programme
from helpline.records.settings import HelplineSettings
from helpline.records.support_lines import SupportLine
from helpline.scan.models import ListedSite

if TYPE_CHECKING:
    import datetime as dt

    from django.http import HttpRequest


class HelpPage(BasePage):
    """What the finder and its guides have in common: the exit, the crisis lines, and when they may go before the public."""

    is_sensitive = True

    class Meta:
        abstract = True

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context(request, *args, **kwargs),
            "more_about_traces": self.more_about_traces(),
        }

    def more_about_traces(self) -> list[Page]:
        """The pages about what stays on a device and about how to check this site, as far as there are any in this language."""
        return [page for page in about_traces(self.locale_id) if page.pk != self.pk]

    def lines(self) -> list[SupportLine]:
        return list(shown_lines())

    def reasons_not_to_print(self) -> list[str]:
        """Why the public must not see this page yet, as sentences for editors; none where it may be printed.

        A help page waits until its language has crisis lines: for every country with a listing that answers in this language there is
        an approved emergency number and an approved crisis line; where no listing answers in it, there is one of each anywhere.
        The demonstration shows lines that nobody has checked, under its banner.
        """
        language = self.locale.language_code
        missing = queries.missing_crisis_lines(language=language)
        return [
            *super().reasons_not_to_print(),
            *(
                gettext("No approved support line of the kind “%(kind)s” for %(country)s.")
                % {"kind": kind.label, "country": country or gettext("any country")}
                for country, kind in missing
            ),
        ]


# --- The same for many pages -------------------------------------------------------------------------------------------------


@per_batch
def about_traces(locale: int) -> list[Page]:
    """The page about what stays on a device, and then the one about how to check this site. One query."""
    safety = FinderPage.objects.filter(locale=locale).values("safety_page")
    check = CheckPage.objects.filter(locale=locale).values("pk")
    found = Page.objects.live().filter(Q(pk__in=safety) | Q(pk__in=check), locale=locale)
    return list(
        found.annotate(is_check=Exists(CheckPage.objects.filter(pk=OuterRef("pk")))).order_by(
            "is_check", "path"
        )
    )


@per_batch
def shown_lines() -> tuple[SupportLine, ...]:
    return tuple(SupportLine.objects.shown())


@per_batch
def ways_to_call(language: str, today: dt.date) -> Ways:
    """What can be called, in the active language."""
    return Ways.of(shown_lines(), today=today)


@per_batch
def finder_at(path: str) -> FinderPage | None:
    """The finder at a place in the tree of pages."""
    return FinderPage.objects.filter(path=path).select_related("danger_page").first()


@per_batch
def shows_coverage() -> bool:
    return HelplineSettings.objects.filter(site__is_default_site=True, shows_coverage=True).exists()


@per_batch
def number_of_listings() -> int:
    return Programme.objects.shown().count()


# --- Pages -------------------------------------------------------------------------------------------------------------------


class FinderPage(HelpPage):
    """The finder: one neutral address and title per language, holding every listing. It asks nothing and sends nothing."""

    is_printed_first = True
    parent_page_types = ["home.HomePage"]
    subpage_types = ["helpline.GuidePage", "helpline.CheckPage"]
    max_count_per_parent = 1
    start_page = StartPage("help", "Find support")
    SLUG = "help"
    # The address below the finder that says where and when somebody answers, where the operator wants it.
    COVERAGE = "coverage"

    introduction = models.TextField(
        _("introduction"), blank=True, help_text=_("One or two short sentences: the first screen is small.")
    )
    routes = StreamField(
        Routes(),
        verbose_name=_("routes"),
        blank=True,
        help_text=_(
            "What somebody reads when they say who they are. The label is what they say of themselves."
        ),
    )
    danger_page = models.ForeignKey(
        Page,
        verbose_name=_("page for when a child is in danger now"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Linked above everything else, on the guides too."),
    )
    survivor_page = models.ForeignKey(
        Page,
        verbose_name=_("page for people who were harmed"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("They are led there, and never into the list."),
    )
    safety_page = models.ForeignKey(
        Page,
        verbose_name=_("page about traces on the device"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    printed_for = models.DateField(
        _("printed for"),
        null=True,
        editable=False,
        help_text=_("The day whose opening hours the public page was last asked to show. Kept by the clock."),
    )
    body = StreamField(
        Prose(), blank=True, help_text=_("What these services are. Folded in above the list, open on paper.")
    )

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("introduction"),
        FieldPanel("routes"),
        MultiFieldPanel(
            [
                PageChooserPanel("danger_page"),
                PageChooserPanel("survivor_page"),
                PageChooserPanel("safety_page"),
            ],
            heading=_("Other ways"),
        ),
        FieldPanel("body"),
    ]
    # The address is fixed.
    promote_panels = [
        MultiFieldPanel(
            [FieldPanel("seo_title"), FieldPanel("search_description")], heading=_("For search engines")
        ),
        MultiFieldPanel([FieldPanel("show_in_menus")], heading=_("For menus")),
    ]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    class Meta:
        verbose_name = _("finder page")
        verbose_name_plural = _("finder pages")

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        self.slug = self.SLUG
        super().full_clean(*args, **kwargs)

    def printed_paths(self) -> list[str]:
        return ["", f"{self.COVERAGE}/"] if self.shows_coverage() else [""]

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        if path_components == [self.COVERAGE] and self.live and self.shows_coverage():
            return RouteResult(self, kwargs={"coverage": True})
        return super().route(request, path_components)

    @staticmethod
    def shows_coverage() -> bool:
        return shows_coverage()

    def serve_coverage(self, request: HttpRequest) -> TemplateResponse:
        """Where and when somebody answers who speaks the language of this page."""
        today = timezone.localdate()
        found = queries.of_this_week(today=today)
        context = super().get_context(request) | {
            "map": GapMap.of(found, self.locale.language_code),
            "week": week_of(today),
        }
        return TemplateResponse(request, "helpline/coverage.html", context)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        language = self.locale.language_code
        finder = Finder.of(
            programmes=queries.programmes(language=language),
            lines=self.lines(),
            own_words={block.value["audience"]: block.value["label"] for block in self.routes},
            today=timezone.localdate(),
            telling=ListedSite.objects.telling().addresses(),
        )
        chosen = Page.objects.in_bulk([key for key in (self.danger_page_id, self.survivor_page_id) if key])
        return {
            **super().get_context(request, *args, **kwargs),
            "finder": finder,
            "danger_page": chosen.get(self.danger_page_id),
            "survivor_page": chosen.get(self.survivor_page_id),
            "shows_coverage": self.shows_coverage(),
        }

    def serve(self, request: HttpRequest, *args: Any, coverage: bool = False, **kwargs: Any) -> Any:
        """The finder. Printed, it must not be larger than an old phone on a slow line can take."""
        if coverage:
            return self.serve_coverage(request)
        response = super().serve(request, *args, **kwargs)
        if printing.is_print(request) and (size := weight(response.render().content)) > MOST_BYTES:
            raise TooHeavy(
                gettext(
                    "The finder weighs %(size)d kB compressed, and may weigh %(most)d kB: take listings off the list."
                )
                % {"size": size // 1000, "most": MOST_BYTES // 1000}
            )
        return response

    def reasons_not_to_print(self) -> list[str]:
        reasons = super().reasons_not_to_print()
        listings = number_of_listings()
        if listings > MOST_LISTINGS:
            text = gettext(
                "The finder holds %(most)d listings at most, and there are %(number)d: take some off the list."
            )
            reasons.append(text % {"most": MOST_LISTINGS, "number": listings})
        return reasons


class GuidePage(HelpPage):
    """A longer text for somebody who looks for help. Its title and address stay in the history: they are neutral."""

    parent_page_types = ["helpline.FinderPage"]
    subpage_types: list[str] = []

    introduction = models.TextField(_("introduction"), blank=True, help_text=_("Two or three sentences."))
    body = StreamField(Guide(), blank=True)

    content_panels = [*BasePage.content_panels, FieldPanel("introduction"), FieldPanel("body")]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    # Addresses that are no pages (helpline/finder/sharing/urls.py), and the finder's own.
    TAKEN = re.compile(rf"[a-z]{{2}}|listing|sheets|{FinderPage.COVERAGE}")

    class Meta:
        verbose_name = _("guide page")
        verbose_name_plural = _("guide pages")

    def clean(self) -> None:
        super().clean()
        if self.TAKEN.fullmatch(self.slug):
            raise ValidationError({"slug": gettext("This address belongs to the finder: choose another.")})

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        finder = finder_at(self.path[: -self.steplen])
        return {
            **super().get_context(request, *args, **kwargs),
            "ways": ways_to_call(self.locale.language_code, timezone.localdate()),
            "finder_page": finder,
            "danger_page": finder.danger_page if finder and finder.danger_page_id != self.pk else None,
        }


class CheckPage(HelpPage):
    """What this site does and does not do, how it is tested, and how to look for oneself.

    It speaks of the software, so its words are the software's (`helpline/check_page.html`) and change with it; an operator adds what holds
    for their own servers.
    """

    parent_page_types = ["helpline.FinderPage"]
    subpage_types: list[str] = []
    max_count_per_parent = 1
    start_page = StartPage("help/how-these-pages-work", "How these pages work")

    introduction = models.TextField(_("introduction"), blank=True, help_text=_("Two or three sentences."))
    body = StreamField(
        Prose(), blank=True, help_text=_("What holds for your own servers. Shown above the site's own text.")
    )

    content_panels = [*BasePage.content_panels, FieldPanel("introduction"), FieldPanel("body")]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    class Meta:
        verbose_name = _("page about how to check this site")
        verbose_name_plural = _("pages about how to check this site")
