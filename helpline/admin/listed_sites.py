"""Admin views of listed websites: a report on all of them, and a page for each."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import django_filters
from django import forms
from django.conf import settings
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import Panel
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.permission_policies import ModelPermissionPolicy

from core.admin.todo import Lane, ToDoLine
from core.admin.views import AdminFormView
from core.languages.lazy import StrOrPromise
from helpline.admin.permissions import edit_url
from helpline.scan import rules, schedule, services
from helpline.scan.models import DOWN_AFTER, Judgement, ListedSite, ListedSiteQuerySet
from helpline.scan.report import hints_of, listings_of, standings_of
from helpline.vocabulary.wording import host

POLICY = ModelPermissionPolicy(ListedSite)
TO_JUDGE, TELLING, DOWN, UNSEEN = "to-judge", "telling", "down", "unseen"
OFF = _("The privacy scan is switched off on this site. No website is scanned, and these results are not updated.")


class SiteFilterSet(WagtailFilterSet):
    grade = django_filters.MultipleChoiceFilter(
        label=_("Grade"), choices=[(grade, grade) for grade in "ABCDEF"], widget=forms.CheckboxSelectMultiple
    )
    state = django_filters.ChoiceFilter(
        label=_("What to do"),
        choices=[
            (TO_JUDGE, _("serious, and not judged yet")),
            (TELLING, _("notice shown to the public")),
            (DOWN, _("does not answer")),
            (UNSEEN, _("never seen")),
        ],
        method="by_state",
    )
    url = django_filters.CharFilter(label=_("Address contains"), lookup_expr="icontains")

    class Meta:
        model = ListedSite
        fields: list[str] = []

    def by_state(self, sites: ListedSiteQuerySet, name: str, value: str) -> ListedSiteQuerySet:
        match value:
            case "to-judge":
                return sites.to_judge()
            case "telling":
                return sites.disclosing()
            case "down":
                return sites.down()
            case _:
                return sites.filter(graded_at=None)


class FindingColumn(Column):
    """Column for the worst finding, or the reason why there is none."""

    cell_template_name = "helpline/admin/site_finding.html"


class ListingsColumn(Column):
    cell_template_name = "helpline/admin/site_listings.html"


class SitesView(ReportView):
    """Report on every listed website, worst grade first."""

    template_name = "helpline/admin/sites.html"
    page_title = _("Listed websites")
    header_icon = "globe"
    index_url_name = "listed_sites:list"
    index_results_url_name = "listed_sites:results"
    model = ListedSite
    permission_policy = POLICY
    any_permission_required = {"view", "change"}
    filterset_class = SiteFilterSet
    default_ordering = "-grade"
    list_export: list[str] = []
    columns = [
        TitleColumn("url", label=_("Website"), get_url=lambda site: site_url(site), sort_key="url"),
        Column("grade", label=_("Grade"), sort_key="grade"),
        FindingColumn("finding", label=_("Worst finding")),
        ListingsColumn("listings", label=_("Listings")),
        DateColumn("graded_at", label=_("Seen on"), sort_key="graded_at"),
    ]

    def get_queryset(self) -> QuerySet[ListedSite]:
        self.queryset = ListedSite.objects.all()
        return super().get_queryset()

    def order_queryset(self, queryset: QuerySet[ListedSite]) -> QuerySet[ListedSite]:
        return super().order_queryset(queryset).order_by(*([self.ordering] if self.ordering else []), "url")

    def decorate_paginated_queryset(self, sites: Iterable[ListedSite]) -> list[ListedSite]:
        sites = list(sites)
        standings, listings = standings_of(sites), listings_of(sites)
        for site in sites:
            counting = [one.finding for one in standings[site.pk] if one.counts]
            site.worst = counting[0] if counting else None  # type: ignore[attr-defined]
            site.listings = listings[site.url]  # type: ignore[attr-defined]
        return sites

    def get_context_data(self, *args: object, **kwargs: object) -> dict[str, object]:
        switched_off = "" if settings.SCAN_LISTED_SITES else OFF
        return {**super().get_context_data(*args, **kwargs), "switched_off": switched_off}


class JudgementForm(forms.Form):
    """Verdict on a finding.

    The reason is required, as others will read it in a year.
    """

    rule = forms.ChoiceField(label=_("Finding"))
    verdict = forms.ChoiceField(
        label=_("What to do with it"), widget=forms.RadioSelect, choices=Judgement.Verdict.choices
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("Colleagues can read it. The public and the website cannot."),
    )

    def __init__(self, *args: Any, found: Iterable[rules.ScanRule], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = list(found)
        others = [rule for rule in rules.RULES if rule not in found]
        self.fields["rule"].choices = [  # type: ignore[attr-defined]
            (_("Found"), [(rule.code, rule.message) for rule in found]),
            (_("Not found (to always show it)"), [(rule.code, rule.message) for rule in others]),
        ]


class SiteView(AdminFormView):
    """One website: its grade with the reasons, requests to its operator, and past verdicts."""

    template_name = "helpline/admin/site.html"
    form_class = JudgementForm
    page_title = _("Listed website")
    header_icon = "globe"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.site = get_object_or_404(ListedSite, pk=kwargs["pk"])
        self.standings = standings_of([self.site])[self.site.pk]

    @property
    def may_change(self) -> bool:
        return bool(POLICY.user_has_permission(self.request.user, "change"))

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return bool(POLICY.user_has_any_permission(user, {"view", "change"}))

    def get_page_subtitle(self) -> str:
        return host(self.site.url)

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield reverse("listed_sites:list"), SitesView.page_title

    def get_form_kwargs(self) -> dict[str, object]:
        return {
            **super().get_form_kwargs(),
            "found": [standing.finding.rule for standing in self.standings],
        }

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        site = self.site
        listings = listings_of([site])[site.url]
        hints = hints_of(listings)
        counting = [one.finding for one in self.standings if one.counts]
        scans = list(site.scans.all())
        final = scans[0].final_url if scans else ""
        return super().get_context_data(
            site=site,
            standings=self.standings,
            advice=counting[0].rule.advice if counting else "",
            scans=scans,
            led_elsewhere="" if final.rstrip("/") == site.url.rstrip("/") else final,
            judgements=[(rules.BY_CODE.get(said.rule), said) for said in site.judgements.select_related("by")],
            listings=[(listing, edit_url(listing), hints[listing.uuid].gone) for listing in listings],
            may_change=self.may_change,
            switched_off="" if settings.SCAN_LISTED_SITES else OFF,
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not self.may_change:
            raise PermissionDenied
        if "again" in request.POST:
            return self.scan_again()
        return super().post(request, *args, **kwargs)

    def scan_again(self) -> HttpResponse:
        try:
            schedule.request_scan(self.site)
        except schedule.ScanDisabledError:
            messages.warning(self.request, str(OFF))
        except schedule.ScanTooSoonError:
            messages.warning(
                self.request,
                gettext(
                    "This website was scanned a moment ago. Wait ten minutes before you scan it again, so as not to "
                    "burden it."
                ),
            )
        else:
            messages.success(
                self.request,
                gettext("The website will be scanned within a minute or two. Reload this page then."),
            )
        return redirect(site_url(self.site))

    def form_valid(self, form: JudgementForm) -> HttpResponse:
        services.judge(site=self.site, by=self.request.user, **form.cleaned_data)
        messages.success(self.request, gettext("Saved. If this changes what visitors see, they will see it shortly."))
        return redirect(site_url(self.site))


class SitesPanel(Panel):
    """Read-only results of the privacy scan for the websites of a listing."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "helpline/admin/sites_panel.html"

        def is_shown(self) -> bool:
            return bool(
                self.instance.pk
                and POLICY.user_has_any_permission(self.request.user, {"view", "change"})
                and super().is_shown()
            )

        def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, object]:
            # The websites on public pages, not those of a draft.
            listing = type(self.instance).objects.get(pk=self.instance.pk)
            hints = hints_of([listing])[listing.uuid]
            standings = standings_of(hints.sites)
            sites = [
                (site, site_url(site), [one.finding for one in standings[site.pk] if one.counts][:1])
                for site in hints.sites
            ]
            context: dict[str, Any] = super().get_context_data(parent_context)
            return {**context, "sites": sites, "gone": hints.gone}


def site_todos(user: AbstractUser) -> Iterator[ToDoLine]:
    """Yield the to-dos for serious findings without a verdict and for websites that do not respond.

    Uses one query.
    """
    if not POLICY.user_has_permission(user, "change"):
        return
    found = ListedSite.objects.aggregate(
        judge=Count("pk", filter=Q(to_judge=True)), down=Count("pk", filter=Q(failures__gte=DOWN_AFTER))
    )
    address = reverse("listed_sites:list")
    if found["down"]:
        title = gettext("Listed websites that do not answer")
        url = f"{address}?state={DOWN}"
        yield ToDoLine(title=title, count=found["down"], url=url, lane=Lane.FAILED)
    if found["judge"]:
        title = gettext("Listed websites with a serious finding from the privacy scan")
        yield ToDoLine(title=title, count=found["judge"], url=f"{address}?state={TO_JUDGE}")


def site_url(site: ListedSite) -> str:
    return reverse("listed_sites:site", args=[site.pk])


urls = [
    path("", SitesView.as_view(), name="list"),
    path("results/", SitesView.as_view(results_only=True), name="results"),
    path("<int:pk>/", SiteView.as_view(), name="site"),
]
