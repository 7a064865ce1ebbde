"""The page of a partner, its certificates, and the form in which it tells how it used the materials."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from campaigns.models import Activity, CampaignPage, UsageReport
from campaigns.partners import certificates, services, tokens
from campaigns.partners.activities import ActivityList
from campaigns.partners.forms import UsageForm
from core import links
from core.desk import opened
from core.desk.limited import LimitedFormView
from core.doors.limits import Limit, Refusal, client_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.forms import Form
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from campaigns.models import PartnerLink

    type View = Callable[..., HttpResponseBase]

FROM_ADDRESS = Limit(name="usage-from", times=20, seconds=60 * 60)
BY_LINK = Limit(name="usage-by", times=20, seconds=60 * 60)
# Steps of the form, each named in a hidden field: a button that a script presses has no name.
PREVIEW, SEND = "preview", "send"


class Full(Refusal):
    """An editor has to read first."""

    status = 503
    sentence = gettext_lazy(
        "Many of your reports are still waiting to be read, so we cannot take another one now. Nothing was sent; please try again in a few days."
    )


def answering(view: View) -> View:
    """Answer what is wrong with a link in words, whatever the view is."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except links.NotOpen:
            return problem(
                request,
                _("Please open the link again"),
                _(
                    "For your privacy, a link stays open for two hours, and only in the browser in which you opened it."
                ),
            )
        except links.Broken:
            return problem(
                request,
                _("This link is not complete"),
                _("Please copy the whole link, to the last letter, into the address bar."),
                status=404,
            )
        except links.Expired:
            return problem(
                request,
                _("This link no longer works"),
                _(
                    "It has ended, or the people behind this site have revoked it. Please ask them for a new one."
                ),
            )

    return answered


def problem(request: HttpRequest, title: str, text: str, *, status: int = 410) -> HttpResponse:
    context = {"title": title, "text": text}
    return TemplateResponse(request, "campaigns/partner_area/problem.html", context, status=status)


def opened_link(request: HttpRequest, key: str) -> PartnerLink:
    """Return the link that is open in this browser. Raises links.BadLink."""
    return tokens.read_partner(opened.token(request, key))


@require_safe
@answering
def overview(request: HttpRequest, key: str) -> HttpResponse:
    """Show a partner all its activities, also those that are on no public page, its certificates and what it has handed in."""
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
        "reports": UsageReport.objects.filter(partner=partner).order_by("-handed_in_at")[:20],
    }
    return TemplateResponse(request, "campaigns/partner_area/overview.html", context)


@require_safe
@answering
def certificate(request: HttpRequest, key: str, campaign: Any) -> HttpResponse:
    partner = opened_link(request, key).partner
    return certificate_response(partner, campaign)


def certificate_response(partner: Any, campaign: Any) -> HttpResponse:
    """Answer with the certificate of a partner. Raises Http404 if it supports no such campaign."""
    found = certificates.of_partner(partner, language=partner.language, only=campaign)
    if not found:
        raise Http404
    response = HttpResponse(certificates.pdf(found[0]), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{found[0].file_name}"'
    return response


class UsageView(LimitedFormView):
    """Tell how materials were used: write, see it as an editor will, send."""

    template_name = "campaigns/partner_area/used.html"
    form_class = UsageForm
    prefix = "used"
    title = gettext_lazy("How we used it")
    needs_proof = True
    done = "partners:thanks"
    link: PartnerLink

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return answering(super().dispatch)(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        self.link = opened_link(self.request, self.kwargs["key"])
        return {**super().get_form_kwargs(), "partner": self.link.partner}

    def form_valid(self, form: Form) -> HttpResponse:
        step = self.request.POST.get("step")
        if step == SEND:
            try:
                return super().form_valid(form)
            except services.TooManyWaiting:
                return self.refuse(form, Full())
        return self.render_to_response(self.get_context_data(form=form, is_preview=step == PREVIEW))

    def limits(self, form: Form) -> Iterator[tuple[Limit, str]]:
        yield FROM_ADDRESS, client_address(self.request)
        yield BY_LINK, str(self.link.pk)

    def process(self, form: Form) -> None:
        services.hand_in(
            partner=self.link.partner,
            key=form.cleaned_data["key"],
            language=translation.get_language(),
            **cast("UsageForm", form).told,
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("form", self.get_form())
        return super().get_context_data(partner=self.link.partner, key=self.kwargs["key"], **kwargs)


@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "campaigns/partner_area/thanks.html", {"title": _("Thank you")})
