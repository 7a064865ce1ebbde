"""The page of a partner, its certificates, and its form for reports of use."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, cast
from uuid import UUID, uuid4

from django import forms
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from campaigns.models import Activity, CampaignPage, Material, Partner, PartnerLink, UsageReport
from campaigns.partners import certificates, services
from campaigns.partners.activities import ActivityList
from core import links
from core.admin.forms import LinesField
from core.admin.views import LimitedFormView
from core.http.limits import Limit, RequestRejectedError, client_address
from core.languages import names
from core.languages.lazy import StrOrPromise

type View = Callable[..., HttpResponseBase]

# Label of the empty choice of optional fields.
NOTHING = "---------"


def material_choices(language: str) -> list[tuple[str, Any]]:
    """Return the public materials of the public campaigns as choices, by the title of the campaign."""
    titles = CampaignPage.objects.public().titles_in(language)
    materials = Material.objects.filter(live=True, campaign_key__in=titles).prefetch_related("texts")
    found: dict[str, list[tuple[str, str]]] = {}
    for material in materials:
        found.setdefault(titles[material.campaign_key][0], []).append((str(material.pk), material.title_in(language)))
    return [
        ("", NOTHING),
        *((title, sorted(rows, key=lambda row: names.sort_key(row[1]))) for title, rows in sorted(found.items())),
    ]


class UsageForm(forms.ModelForm[UsageReport]):
    """Form for a report of use for one campaign."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)
    campaign_key = forms.TypedChoiceField(label=_("Campaign"), coerce=UUID)
    material = forms.TypedChoiceField(
        label=_("Material"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=_("Leave it empty if you used several."),
    )
    text = LinesField(
        label=_("How you used it"),
        max_length=1500,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=UsageReport._meta.get_field("text").help_text,
    )

    class Meta:
        model = UsageReport
        fields = (
            "campaign_key",
            "material",
            "material_language",
            "country",
            "used_on",
            "copies",
            "people",
            "text",
        )
        widgets = {"used_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, partner: Partner, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = translation.get_language()
        titles = CampaignPage.objects.public().titles_in(language)
        ordered = sorted(
            ((str(key), title) for key, (title, _path) in titles.items()),
            key=lambda pair: names.sort_key(pair[1]),
        )
        self.choice_field("campaign_key").choices = [("", gettext("Please choose")), *ordered]
        self.choice_field("material").choices = material_choices(language)
        # Django's own label of the empty choice is translated to few languages.
        for name, nothing in (("country", gettext("Please choose")), ("material_language", NOTHING)):
            field = self.choice_field(name)
            field.choices = [("", nothing), *(choice for choice in field.choices if choice[0])]
        self.fields["country"].initial = partner.country

    def choice_field(self, name: str) -> Any:
        return self.fields[name]

    def clean_material(self) -> Material | None:
        key = self.cleaned_data["material"]
        return Material.objects.filter(pk=key).first() if key else None

    def clean_key(self) -> UUID:
        return self.cleaned_data["key"] or uuid4()

    @property
    def told(self) -> dict[str, object]:
        """The data of a valid form, without its key."""
        return {name: value for name, value in self.cleaned_data.items() if name != "key"}

    @property
    def spoken(self) -> list[tuple[str, str]]:
        """The data of a valid form for the preview, as (label, text)."""
        report = self.instance
        choices = dict(self.choice_field("campaign_key").choices)
        material = self.cleaned_data["material"]
        language = translation.get_language()
        rows = [
            (gettext("Campaign"), choices.get(str(report.campaign_key), "")),
            (gettext("Material"), material.title_in(language) if material else ""),
            (
                gettext("Language of the material"),
                names.language_name(report.material_language) if report.material_language else "",
            ),
            (gettext("Country"), report.country_name),
            (gettext("Day"), report.used_on),
            (gettext("Copies"), report.copies),
            (gettext("People reached"), report.people),
        ]
        return [(label, said) for label, said in rows if said not in {"", None}]


FROM_ADDRESS = Limit(name="usage-from", times=20, seconds=60 * 60)
BY_LINK = Limit(name="usage-by", times=20, seconds=60 * 60)
# Steps of the form, each named in a hidden field: a form submitted by a script has no button name.
PREVIEW, SEND = "preview", "send"


class TooManyReportsError(RequestRejectedError):
    """No more reports until an editor has reviewed some."""

    status = 503
    sentence = _(
        "Many of your reports are still waiting to be read, so we cannot take another one now. "
        "Nothing was sent; please try again in a few days."
    )


# Responses to problems with a link: a title, advice, and the status.
PROBLEMS: dict[type[links.InvalidLinkError], tuple[StrOrPromise, StrOrPromise, int]] = {
    links.LinkNotOpenError: (
        _("Please open the link again"),
        _("For your privacy, a link stays open for two hours, and only in the browser in which you opened it."),
        410,
    ),
    links.MalformedLinkError: (
        _("This link is not complete"),
        _("Please copy the whole link, to the last letter, into the address bar."),
        404,
    ),
    links.ExpiredLinkError: (
        _("This link no longer works"),
        _("It has ended, or the people behind this site have revoked it. Please ask them for a new one."),
        410,
    ),
}


def answering(view: View) -> View:
    """Decorate a view so that it responds to invalid links with an explanation."""

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except links.InvalidLinkError as problem:
            title, text, status = PROBLEMS[type(problem)]
            context = {"title": title, "text": text}
            return TemplateResponse(request, "campaigns/partner_area/problem.html", context, status=status)

    return answered


def opened_link(request: HttpRequest, key: str) -> PartnerLink:
    """Return the link that is open in this browser. Raise links.InvalidLinkError."""
    return PartnerLink.read(links.opened_token(request, key))


@require_safe
@answering
def overview(request: HttpRequest, key: str) -> HttpResponse:
    """Show a partner its activities, including those on no public page, its certificates and its reports."""
    link = opened_link(request, key)
    partner, language = link.partner, translation.get_language()
    public = CampaignPage.objects.public()
    activities = ActivityList(
        Activity.objects.filter(partner=partner).for_showing(),
        language=language,
        campaigns=public.titles_in(language),
    )
    context = {
        "title": partner.name_in(language),
        "card": partner.shown_in(language),
        "link": link,
        "key": key,
        "activities": activities,
        "certificates": certificates.of_partner(partner, language=language),
        "reports": UsageReport.objects.filter(partner=partner).order_by("-submitted_at")[:20],
    }
    return TemplateResponse(request, "campaigns/partner_area/overview.html", context)


@require_safe
@answering
def certificate(request: HttpRequest, key: str, campaign: UUID) -> HttpResponse:
    partner = opened_link(request, key).partner
    return certificate_response(partner, campaign)


def certificate_response(partner: Partner, campaign: UUID) -> HttpResponse:
    """Return the certificate of a partner as a response. Raise Http404 if the partner does not support the campaign."""
    found = certificates.of_partner(partner, language=partner.language, only=campaign)
    if not found:
        raise Http404
    response = HttpResponse(certificates.pdf(found[0]), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{found[0].file_name}"'
    return response


class UsageView(LimitedFormView):
    """Report how materials were used: write, preview, send."""

    template_name = "campaigns/partner_area/used.html"
    form_class = UsageForm
    prefix = "used"
    title = _("How we used it")
    needs_proof = True
    done = "partners:thanks"
    link: PartnerLink

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        return answering(super().dispatch)(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, object]:
        self.link = opened_link(self.request, self.kwargs["key"])
        return {**super().get_form_kwargs(), "partner": self.link.partner}

    def form_valid(self, form: Form) -> HttpResponse:
        step = self.request.POST.get("step")
        if step == SEND:
            try:
                return super().form_valid(form)
            except services.TooManyPendingReportsError:
                return self.refuse(form, TooManyReportsError())
        return self.render_to_response(self.get_context_data(form=form, is_preview=step == PREVIEW))

    def limits(self, form: Form) -> Iterator[tuple[Limit, str]]:
        yield FROM_ADDRESS, client_address(self.request)
        yield BY_LINK, str(self.link.pk)

    def process(self, form: Form) -> None:
        services.submit(
            partner=self.link.partner,
            key=form.cleaned_data["key"],
            language=translation.get_language(),
            **cast("UsageForm", form).told,
        )

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        kwargs.setdefault("form", self.get_form())
        return super().get_context_data(partner=self.link.partner, key=self.kwargs["key"], **kwargs)


@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "campaigns/partner_area/thanks.html", {"title": gettext("Thank you")})
