from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, PageChooserPanel
from wagtail.fields import StreamField
from wagtail.models import Page, PageManager
from wagtail.query import PageQuerySet
from wagtail.search import index
from wagtail.url_routing import RouteResult
from wagtail_localize.models import StringTranslation

from core.blocks import Prose
from core.languages import names, tree
from core.memo import per_batch
from core.models import BasePage, SiteSettings, StartPage
from core.publishing import navigation
from core.publishing.routes import is_prerendering
from helpline.approval.mixins import ApprovedQuerySet, SecondPerson
from helpline.finder import queries
from helpline.finder.blocks import Guide, Routes
from helpline.finder.content import crisis
from helpline.finder.content.coverage.answers import week_of
from helpline.finder.content.coverage.coverage_map import CoverageMap
from helpline.finder.content.finder import MAX_BYTES, MAX_LISTINGS, Finder, FinderTooLargeError, Ways, weight
from helpline.finder.reviewed import WordsReviewed
from helpline.records.support_lines import SupportLine
from helpline.scan.models import ListedSite


class HelpPageQuerySet(ApprovedQuerySet, PageQuerySet):
    """Help pages, whose public words no bulk statement changes."""


class HelpPage(SecondPerson, WordsReviewed, BasePage):
    """Base of the finder and its guides: the exit, the crisis lines, and the conditions for publishing.

    The author of a page cannot publish it alone (`helpline.approval.rule`), in any language.
    """

    is_sensitive = True
    needs_second_person = True
    # A help page is public, or it is unpublished with a reason.
    # There is no third state in which it could disappear.
    private_page_options: list[str] = []
    override_translatable_fields = [*BasePage.override_translatable_fields, *WordsReviewed.SYNCHRONISED]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    objects = PageManager.from_queryset(HelpPageQuerySet)()  # type: ignore[django-manager-missing]  # not typed

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        if self.expire_at:
            raise ValidationError({"expire_at": gettext("A help page does not expire. Unpublish it, and say why.")})

    def is_blank(self) -> bool:
        start = self.start_page
        written = (self.introduction, self.body, self.search_description, self.seo_title)
        return start is not None and self.title == start.title and not any(written)

    def visibility_blockers(self) -> Iterator[str]:
        yield from self.publication_blockers()

    def other_authors(self, since: dt.datetime | None) -> set[int | None]:
        """Return those who translated a text of the newest revision.

        The user who submits a translation saves the texts of all of them.
        """
        if self.latest_revision is None:
            return set()
        texts = StringTranslation.objects.filter(
            context__object_id=self.translation_key,
            locale=self.locale_id,
            updated_at__lte=self.latest_revision.created_at,
        )
        if since is not None:
            texts = texts.filter(updated_at__gt=since)
        return set(texts.values_list("last_translated_by", flat=True).distinct())

    @staticmethod
    def in_language(key: uuid.UUID, locale: int) -> HelpPage | None:
        """Return a help page by its translation key, or None if the page with that key is of another type."""
        page = Page.objects.filter(translation_key=key, locale=locale).first()
        page = page.specific if page is not None else None
        return page if isinstance(page, HelpPage) else None

    def decide_url(self) -> str:
        return reverse("help_pages:review", args=(self.pk,))

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        return {
            **super().get_context(request, *args, **kwargs),
            "more_about_traces": self.more_about_traces(),
            "source_language": self.translated_from(),
        }

    def translated_from(self) -> str:
        """Return the name of the language that this page is a translation from, or an empty string for a source."""
        source = settings.LANGUAGE_CODE
        return "" if self.locale.language_code == source else names.language_name(source)

    def more_about_traces(self) -> list[Page]:
        """Return the pages in this language about traces on the device and checking this site, except this one."""
        return [page for page in about_traces(self.locale_id) if page.pk != self.pk]

    def lines(self) -> list[SupportLine]:
        return list(queries.shown_lines())

    def ways(self, *, for_harmed: bool = False) -> Ways:
        return queries.ways_to_call(self.locale.language_code, timezone.localdate(), for_harmed=for_harmed)

    def render_blockers(self) -> list[str]:
        """Return the blockers of this page, as sentences for editors, or none if it may be rendered.

        A help page is not rendered until its language has crisis lines that can be called, with a number and a check
        that is not long overdue.
        It needs an emergency number and a crisis line for every country with a listing that answers in this language
        or, if no listing does, one of each in any country.
        The demonstration counts lines that have not been checked, under its banner.
        """
        missing = queries.missing_lines(self.locale.language_code)
        return [
            *super().render_blockers(),
            *(
                gettext("No approved support line of the kind “%(kind)s” that can be called in %(country)s.")
                % {
                    "kind": kind.label,
                    "country": names.country_name(country) if country else gettext("any country"),
                }
                for country, kind in missing
            ),
        ]


# --- Shared by many pages -------------------------------------------------------------------------


@per_batch
def about_traces(locale: int) -> list[Page]:
    """Return the page about traces on the device, and then the one about checking this site.

    Uses one query.
    """
    safety = FinderPage.objects.filter(locale=locale).values("safety_page__translation_key")
    check = CheckPage.objects.filter(locale=locale).values("pk")
    found = Page.objects.live().filter(Q(translation_key__in=safety) | Q(pk__in=check), locale=locale)
    return list(
        found.annotate(is_check=Exists(CheckPage.objects.filter(pk=OuterRef("pk")))).order_by("is_check", "path")
    )


@per_batch
def finder_at(path: str) -> FinderPage | None:
    """Return the finder at a path in the page tree."""
    return FinderPage.objects.filter(path=path).select_related("danger_page").first()


class ChosenPage(NamedTuple):
    """Linked page that an editor has chosen, in the language of the reader."""

    title: str
    path: str


def chosen_pages(chosen: Iterable[Page | None], page: Page) -> dict[int, ChosenPage]:
    """Map the primary key of each chosen page to its public version in the language of `page`.

    If there is none, map it to the page itself.
    A translation keeps the pages chosen for its source.
    Without this function, its readers would be sent to pages in the source language.
    Uses one query, and none on the source.
    """
    code = page.locale.language_code
    pages = [each for each in chosen if each is not None and each.live]
    foreign = [each for each in pages if each.locale_id != page.locale_id]
    found = navigation.in_language(foreign, code) if foreign else {}
    links = {}
    for each in pages:
        own = each if each.locale_id == page.locale_id else found.get(each.translation_key)
        links[each.pk] = ChosenPage(
            (own or each).title, tree.page_path(own, code) if own is not None else tree.page_path(each)
        )
    return links


# --- Pages ----------------------------------------------------------------------------------------


class FinderPage(HelpPage):
    """The finder: one page per language, with a neutral address and title, that holds every listing.

    It sends no data of visitors.
    """

    is_rendered_first = True
    parent_page_types = ["home.HomePage"]
    subpage_types = ["helpline.GuidePage", "helpline.CheckPage"]
    max_count_per_parent = 1
    start_page = StartPage("help", "Find support")
    SLUG = "help"
    # The address below the finder of the coverage map, if the operator has turned it on.
    COVERAGE = "coverage"

    introduction = models.TextField(
        _("introduction"),
        blank=True,
        help_text=_("One or two short sentences, shown before the text below."),
    )
    routes = StreamField(
        Routes(),
        verbose_name=_("routes"),
        blank=True,
        help_text=_("What people read when they say who they are. The label is how they describe themselves."),
    )
    danger_page = models.ForeignKey(
        Page,
        verbose_name=_("page for when a child is in danger now"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Linked above everything else, also on the guides."),
    )
    safety_page = models.ForeignKey(
        Page,
        verbose_name=_("page about traces on the device"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    rendered_for = models.DateField(
        _("updated for"),
        null=True,
        editable=False,
        help_text=_("The day whose opening hours the page was last queued to be updated with. Set by the scheduler."),
    )
    body = StreamField(
        Prose(),
        blank=True,
        help_text=_("What these services are. Collapsed below the list on screen, shown in full on paper."),
    )

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("introduction"),
        FieldPanel("routes"),
        MultiFieldPanel(
            [
                PageChooserPanel("danger_page"),
                PageChooserPanel("safety_page"),
            ],
            heading=_("Other ways"),
        ),
        FieldPanel("body"),
        WordsReviewed.REVIEW_PANEL,
    ]
    # The address is fixed.
    promote_panels = [
        MultiFieldPanel([FieldPanel("seo_title"), FieldPanel("search_description")], heading=_("For search engines")),
        MultiFieldPanel([FieldPanel("show_in_menus")], heading=_("For menus")),
    ]

    class Meta:
        verbose_name = _("finder page")
        verbose_name_plural = _("finder pages")

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        self.slug = self.SLUG
        super().full_clean(*args, **kwargs)

    def prerendered_paths(self) -> list[str]:
        return ["", f"{self.COVERAGE}/"] if queries.shows_coverage() else [""]

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        if path_components == [self.COVERAGE] and self.live and queries.shows_coverage():
            return RouteResult(self, kwargs={"coverage": True})
        return super().route(request, path_components)

    def serve_coverage(self, request: HttpRequest) -> TemplateResponse:
        """Show the coverage map."""
        today = timezone.localdate()
        found = queries.coverage_of_week(today=today)
        context = super().get_context(request) | {
            "description": gettext("For each country: in which languages and at which hours services answer."),
            "map": CoverageMap.of(found),
            "ways": self.ways(),
            "week": week_of(today),
        }
        return TemplateResponse(request, "helpline/coverage.html", context)

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        language = self.locale.language_code
        finder = Finder.of(
            programmes=queries.programmes(language=language),
            lines=self.lines(),
            own_words={block.value["audience"]: block.value["label"] for block in self.routes},
            today=timezone.localdate(),
            disclosing=ListedSite.objects.disclosing().urls(),
            by_law=queries.laws(language, timezone.localdate()),
        )
        return {
            **super().get_context(request, *args, **kwargs),
            "finder": finder,
            **self.links(),
            "shows_coverage": queries.shows_coverage(),
        }

    def links(self) -> dict[str, object]:
        """Return the routes with their longer guides, and the page for when a child is in danger.

        All are in the language of this page.
        """
        guides = [block.value["guide"] for block in self.routes]
        found = chosen_pages([self.danger_page, *guides], self)
        return {
            "danger_page": found.get(self.danger_page.pk) if self.danger_page else None,
            "routes": [
                {"value": block.value, "guide": found.get(guide.pk) if guide else None}
                for block, guide in zip(self.routes, guides, strict=True)
            ],
        }

    def serve(self, request: HttpRequest, *args: object, coverage: bool = False, **kwargs: object) -> Any:
        """Serve the finder.

        When prerendering, raises FinderTooLargeError if it is too large for an old phone on a slow line.
        """
        if coverage:
            return self.serve_coverage(request)
        response = super().serve(request, *args, **kwargs)
        if is_prerendering(request) and (size := weight(response.render().content)) > MAX_BYTES:
            raise FinderTooLargeError(
                gettext(
                    "The finder is %(size)d kB compressed, but the limit is %(most)d kB. Take some listings off the "
                    "list."
                )
                % {"size": size // 1000, "most": MAX_BYTES // 1000}
            )
        return response

    def render_blockers(self) -> list[str]:
        reasons = super().render_blockers()
        listings = queries.number_of_listings()
        if listings > MAX_LISTINGS:
            text = gettext(
                "The finder can hold up to %(most)d listings, but there are %(number)d. Take some off the list."
            )
            reasons.append(text % {"most": MAX_LISTINGS, "number": listings})
        return reasons


class TextPage(HelpPage):
    """Text below the finder, with numbers to call."""

    parent_page_types = ["helpline.FinderPage"]
    subpage_types: list[str] = []

    introduction = models.TextField(_("introduction"), blank=True, help_text=_("Two or three sentences."))

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("introduction"),
        FieldPanel("body"),
        WordsReviewed.REVIEW_PANEL,
    ]

    class Meta:
        abstract = True

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        return {**super().get_context(request, *args, **kwargs), "ways": self.ways()}


class GuidePage(TextPage):
    """Longer text for people who look for help.

    Its title and address stay in the browser history, so they are neutral.
    """

    body = StreamField(Guide(), blank=True)

    # Addresses that are not pages (helpline/urls/public.py), and the finder's own.
    TAKEN = re.compile(rf"[a-z]{{2}}|lines|listing|handouts|{FinderPage.COVERAGE}")

    class Meta:
        verbose_name = _("guide page")
        verbose_name_plural = _("guide pages")

    def clean(self) -> None:
        super().clean()
        if self.TAKEN.fullmatch(self.slug):
            raise ValidationError({"slug": gettext("The finder uses this address. Choose another.")})

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        finder = finder_at(self.path[: -self.steplen])
        danger = finder.danger_page if finder is not None else None
        is_danger = danger is not None and danger.translation_key == self.translation_key
        is_for_harmed = self.is_for_harmed(request)
        return {
            **super().get_context(request, *args, **kwargs),
            "finder_page": finder,
            "ways": self.ways(for_harmed=is_for_harmed),
            "is_for_harmed": is_for_harmed,
            "is_danger": is_danger,
            "is_calm": not is_danger and not is_for_harmed,
            "with_page": self.countries_for_harmed() if is_for_harmed else (),
            "danger_page": None if danger is None or is_danger else chosen_pages([danger], self).get(danger.pk),
        }

    def is_for_harmed(self, request: HttpRequest) -> bool:
        """Return whether this is the page for people who were harmed."""
        chosen = SiteSettings.for_request(request).after_harm
        return chosen is not None and chosen.translation_key == self.translation_key

    def countries_for_harmed(self) -> set[str]:
        """Return the codes of the countries with lines for people who were harmed, each of which has a page."""
        return {group.country for group in crisis.for_harmed(self.lines(), timezone.localdate())}


class CheckPage(TextPage):
    """Page about what this site does and does not do, how it is tested, and how visitors can check it.

    It describes the software, so its text is part of the software (`helpline/check_page.html`) and changes with it.
    Operators add what applies to their own servers.
    """

    max_count_per_parent = 1
    start_page = StartPage("help/how-these-pages-work", "How these pages work")

    body = StreamField(
        Prose(), blank=True, help_text=_("What applies to your own servers. Shown above the built-in text.")
    )

    class Meta:
        verbose_name = _("page about how to check this site")
        verbose_name_plural = _("pages about how to check this site")

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        return {**super().get_context(request, *args, **kwargs), "pages_are_counted": settings.ANALYTICS}
