"""Partners in the admin: their records, activities, links and certificates, and their reports of use."""

from collections.abc import Iterator

from django import forms
from django.contrib.auth.models import AbstractUser
from django.db.models import Count, Min, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import translation
from django.utils.functional import cached_property
from django.utils.text import format_lazy
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    MultiFieldPanel,
    ObjectList,
    TabbedInterface,
)
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, TitleColumn
from wagtail.snippets.views.snippets import CreateView

from campaigns.models import Activity, Partner, UsageReport
from campaigns.panels import InLanguagePanel
from campaigns.partners import certificates, services
from campaigns.partners.models import TERMS
from campaigns.partners.views import certificate_response
from campaigns.stories.choices import CampaignFilterSet, campaign_field, with_campaign
from core.admin.todo import Rank, ToDo, Waiting
from core.admin.views import AdminView, RecordViewSet, say_refused
from core.languages.lazy import StrOrPromise

PERMISSION = "campaigns.change_partner"

PARTNER_FORM = TabbedInterface(
    [
        ObjectList(
            [
                FieldPanel("name"),
                FieldPanel("kind"),
                FieldRowPanel([FieldPanel("country"), FieldPanel("language")]),
                FieldPanel("website"),
                FieldPanel("logo"),
                FieldPanel("is_public"),
                MultiFieldPanel(
                    [FieldPanel("contact_name"), FieldPanel("contact_email")],
                    heading=_("Contact, for editors only"),
                ),
            ],
            heading=_("Facts"),
        ),
        ObjectList(
            [
                InLanguagePanel(
                    "texts",
                    heading=_("Words"),
                    label=_("language"),
                    help_text=_("Who they are and what they do here, once for each language that you have a text for."),
                )
            ],
            heading=_("Words"),
        ),
    ]
)


class ActivityForm(WagtailAdminModelForm):
    campaign_key = campaign_field(required=False)


ACTIVITY_FORM = TabbedInterface(
    [
        ObjectList(
            [
                FieldPanel("partner"),
                FieldPanel("campaign_key"),
                FieldRowPanel([FieldPanel("starts"), FieldPanel("ends")]),
                FieldRowPanel([FieldPanel("country"), FieldPanel("place")]),
                FieldPanel("link"),
                FieldPanel("is_public"),
            ],
            heading=_("Facts"),
        ),
        ObjectList([InLanguagePanel("texts", heading=_("Words"), label=_("language"), min_num=1)], heading=_("Words")),
    ],
    base_form_class=ActivityForm,
)


class UsageReportForm(WagtailAdminModelForm):
    """Form of a report of use, submitted by a partner or entered by an editor."""

    campaign_key = campaign_field()


USAGE_FORM = ObjectList(
    [
        FieldPanel("state"),
        FieldPanel("partner"),
        FieldPanel("campaign_key"),
        FieldRowPanel([FieldPanel("material"), FieldPanel("material_language")]),
        FieldRowPanel([FieldPanel("country"), FieldPanel("used_on")]),
        FieldRowPanel([FieldPanel("copies"), FieldPanel("people")]),
        FieldPanel("text"),
        FieldPanel("language"),
    ],
    base_form_class=UsageReportForm,
)


class PartnerViewSet(RecordViewSet):
    model = Partner
    icon = "group"
    edit_handler = PARTNER_FORM
    ordering = "name"
    list_filter = ["kind", "country", "is_public"]
    list_display = [
        TitleColumn("name", label=_("Name"), get_url=lambda partner: reverse("partner", args=[partner.pk])),
        Column("get_kind_display", label=_("Kind"), sort_key="kind"),
        Column("country_name", label=_("Country"), sort_key="country"),
        BooleanColumn("is_public", label=_("Shown in public")),
        Column("activity_count", label=_("Activities")),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Partner]:
        return Partner.objects.annotate(activity_count=Count("activities"))


class ActivityFilterSet(CampaignFilterSet):
    class Meta:
        model = Activity
        fields = ["campaign_key", "partner", "country", "is_public"]


class ActivityCreateView(CreateView):
    """Preselect the partner that the editor came from."""

    def get_initial_form_instance(self) -> Activity:
        activity: Activity = super().get_initial_form_instance() or Activity()
        asked = self.request.GET.get("partner", "")
        activity.partner_id = int(asked) if asked.isdecimal() and len(asked) < 10 else None
        return activity


class ActivityViewSet(RecordViewSet):
    model = Activity
    icon = "calendar-alt"
    edit_handler = ACTIVITY_FORM
    add_view_class = ActivityCreateView
    filterset_class = ActivityFilterSet
    list_per_page = 50
    ordering = "-starts"
    list_display = [
        "__str__",
        Column("partner", label=_("Partner"), sort_key="partner__name"),
        Column("campaign_title", label=_("Campaign"), sort_key="campaign_title"),
        Column("country_name", label=_("Country"), sort_key="country"),
        Column("starts", label=_("First day"), sort_key="starts"),
        BooleanColumn("is_public", label=_("Shown in public")),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Activity]:
        return with_campaign(Activity.objects.select_related("partner").prefetch_related("texts"))


class UsageReportFilterSet(CampaignFilterSet):
    class Meta:
        model = UsageReport
        fields = ["state", "campaign_key", "partner", "country"]


class UsageReportCreateView(CreateView):
    """Suggest the editor's own language for a report that an editor enters."""

    def get_initial_form_instance(self) -> UsageReport:
        report: UsageReport = super().get_initial_form_instance() or UsageReport()
        report.language = translation.get_language()
        return report


class UsageReportViewSet(RecordViewSet):
    model = UsageReport
    icon = "clipboard-list"
    edit_handler = USAGE_FORM
    add_view_class = UsageReportCreateView
    filterset_class = UsageReportFilterSet
    list_per_page = 50
    ordering = "-submitted_at"
    list_display = [
        "__str__",
        Column("campaign_title", label=_("Campaign"), sort_key="campaign_title"),
        Column("country_name", label=_("Country"), sort_key="country"),
        Column("get_state_display", label=_("State"), sort_key="state"),
        DateColumn("submitted_at", label=_("Submitted on")),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[UsageReport]:
        return with_campaign(UsageReport.objects.select_related("partner"))


# --- One partner ---


class PartnerLinkForm(forms.Form):
    """Form for the lifetime of a new link."""

    days = forms.TypedChoiceField(
        label=_("It works for"),
        choices=[(days, format_lazy(_("{days} days"), days=days)) for days in TERMS],
        coerce=int,
        initial=TERMS[1],
    )


class PartnerView(AdminView, TemplateView):
    """The page of a partner: its links, certificates, activities and reports."""

    template_name = "campaigns/admin/partners/partner.html"
    page_title = pgettext_lazy("organisation", "Partner")
    header_icon = "group"
    permission = PERMISSION
    # Shown once, to the user who made it: the token is not stored.
    new_link = ""

    @cached_property
    def partner(self) -> Partner:
        return get_object_or_404(Partner.objects.for_showing(), pk=self.kwargs["pk"])

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield reverse(Partner.snippet_viewset.get_url_name("list")), _("Partners")

    def get_page_subtitle(self) -> str:
        return str(self.partner)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        partner, language = self.partner, translation.get_language()
        return {
            **super().get_context_data(**kwargs),
            "partner": partner,
            "card": partner.shown_in(language),
            "edit_url": reverse(Partner.snippet_viewset.get_url_name("edit"), args=[partner.pk]),
            "add_activity_url": f"{reverse(Activity.snippet_viewset.get_url_name('add'))}?partner={partner.pk}",
            "activities": partner.activities.prefetch_related("texts")[:50],
            "activity_url": Activity.snippet_viewset.get_url_name("edit"),
            "certificates": certificates.of_partner(partner, language=language),
            "reports": partner.usage_reports.all()[:50],
            "report_url": UsageReport.snippet_viewset.get_url_name("edit"),
            "links": partner.links.select_related("made_by")[:20],
            "form": kwargs.get("form") or PartnerLinkForm(),
            "new_link": self.new_link,
        }

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if "revoke" in request.POST:
            return self.revoke(request.POST["revoke"])
        form = PartnerLinkForm(request.POST)
        if not form.is_valid():
            say_refused(request)
            return self.render_to_response(self.get_context_data(form=form))
        token = services.make_partner_link(partner=self.partner, days=form.cleaned_data["days"], by=request.user)
        with translation.override(self.partner.language):
            self.new_link = request.build_absolute_uri(reverse("partners:open", args=[token]))
        return self.render_to_response(self.get_context_data())

    def revoke(self, key: str) -> HttpResponse:
        link = self.partner.links.filter(pk=key).first() if key.isdecimal() and len(key) < 15 else None
        if link is None:
            messages.error(self.request, gettext("This link is not there any more."))
        else:
            services.revoke_partner_link(link=link, by=self.request.user)
            messages.success(self.request, gettext("Revoked. The link no longer shows anything."))
        return redirect(self.request.path)


class CertificateView(PartnerView):
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return certificate_response(self.partner, self.kwargs["campaign"])


# --- To do ---


def reports_for(user: AbstractUser) -> Waiting:
    if not user.has_perm("campaigns.change_usagereport"):
        return Waiting(0)
    found = UsageReport.objects.waiting().order_by()
    return Waiting(**found.aggregate(count=Count("pk"), since=Min("submitted_at")))


REPORTS = ToDo(
    title=_("Partners told how they used materials"),
    count=reports_for,
    url=lambda: f"{reverse(UsageReport.snippet_viewset.get_url_name('list'))}?state=waiting",
    rank=Rank.PERSON,
    action=pgettext_lazy("what to do with what is waiting", "Review"),
)
