"""The launch plan of a campaign, and the list of launches ahead."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets import Button
from wagtail.models import Page

from campaigns.launches import services
from campaigns.launches.plan import LaunchPlan, coming_launches
from campaigns.launches.services import LONGEST_PREVIEW
from campaigns.models import CampaignPage, Launch, LaunchContact, Partner, PreviewLink
from core.admin.menus import AllowedMenuItem
from core.admin.todo import Rank, ToDo, Waiting
from core.admin.views import AdminView, say_refused
from core.http import private_url
from core.languages import names, translators
from core.languages.lazy import StrOrPromise
from translating.rights import Rights

USUAL = dt.timedelta(days=7)


class ScheduleForm(forms.Form):
    """The go-live time of a campaign, in the time zone of the admin."""

    prefix = "schedule"

    go_live_at = forms.DateTimeField(
        label=_("Not public before"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )

    def clean_go_live_at(self) -> dt.datetime:
        go_live_at: dt.datetime = self.cleaned_data["go_live_at"]
        if go_live_at <= timezone.now():
            raise forms.ValidationError(gettext("Choose a time that is still to come."))
        return go_live_at


BY_HAND = ("name", "email", "language")


class PartnerChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django's own has no argument
    """The partners with a contact person, by their names in the language of the admin."""

    def label_from_instance(self, obj: Partner) -> str:
        name: str = obj.name_in(translation.get_language())
        return name


class ContactForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's own has no argument
    """An external contact to notify when the campaign is public."""

    prefix = "contact"

    class Meta:
        model = LaunchContact
        fields = ["partner", "name", "email", "language"]

    def __init__(self, *args: Any, campaign_key: uuid.UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.campaign_key = campaign_key
        self.listed = LaunchContact.objects.filter(campaign_key=campaign_key)
        fields: Any = self.fields
        fields["partner"] = PartnerChoice(
            queryset=Partner.objects.with_address().prefetch_related("texts"),
            required=False,
            label=capfirst(pgettext("organisation", "partner")),
            empty_label=gettext("Another person, entered below"),
            help_text=LaunchContact._meta.get_field("partner").help_text,
        )

    def clean(self) -> dict[str, object]:
        """Require name, address and language of contacts that are not partners with a record."""
        cleaned: dict[str, Any] = super().clean() or {}
        partner = cleaned.get("partner")
        if partner is not None:
            cleaned |= dict.fromkeys(BY_HAND, "")
            for name in BY_HAND:
                self.errors.pop(name, None)
            if self.is_told(partner.contact_email):
                self.add_error("partner", gettext("This address is on the list already."))
            return cleaned
        for name in BY_HAND:
            if not cleaned.get(name) and name not in self.errors and "partner" not in self.errors:
                self.add_error(name, gettext("Enter this, or choose a partner."))
        if cleaned.get("email") and self.is_told(cleaned["email"]):
            self.add_error("email", gettext("This address is on the list already."))
        return cleaned

    def is_told(self, email: str) -> bool:
        known = self.listed.filter(Q(email__iexact=email) | Q(partner__contact_email__iexact=email))
        return bool(known.exists())


class PreviewLinkForm(forms.Form):
    """The recipient, last day and languages of a preview link."""

    prefix = "preview"

    name = forms.CharField(
        label=_("Recipient"),
        max_length=200,
        help_text=_("A person or an organisation. Only staff see it."),
    )
    until = forms.DateField(
        label=_("Until the end of"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("A month ahead at most."),
    )
    languages = forms.MultipleChoiceField(label=_("Languages"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, codes: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["languages"].choices = [(code, names.language_name(code)) for code in codes]
        today = timezone.localdate()
        fields["until"].initial = today + USUAL
        fields["until"].widget.attrs |= {
            "min": today.isoformat(),
            "max": (today + LONGEST_PREVIEW - dt.timedelta(days=1)).isoformat(),
        }

    def clean_until(self) -> dt.datetime:
        """Return the end of the day, in the time zone of the admin."""
        day: dt.date = self.cleaned_data["until"]
        today = timezone.localdate()
        if day < today:
            raise forms.ValidationError(gettext("Choose a day that is not over."))
        if day >= today + LONGEST_PREVIEW:
            raise forms.ValidationError(gettext("A link works for 30 days at most."))
        return timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min))


TITLE = _("Launch plan")
LIST_TITLE = _("Launches")
ICON = "date"
ENTER = "wagtailadmin.access_admin"


def may_read(user: Any, page: CampaignPage | None = None) -> bool:
    """Return whether a user may read launch plans: editors of the campaign, and translators into any language."""
    if not user.has_perm(ENTER):
        return False
    rights = Rights(user)
    edits = rights.may("change", page) if page is not None else user.has_perm("campaigns.change_material")
    return bool(edits or translators.languages_of(user))


class LaunchesView(AdminView, TemplateView):
    """The launches ahead and those of the last weeks."""

    template_name = "campaigns/admin/launches.html"
    page_title = LIST_TITLE
    header_icon = ICON

    def allows(self, user: Any) -> bool:
        return may_read(user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(launches=coming_launches(), zone=settings.TIME_ZONE, **kwargs)


class LaunchPlanView(AdminView, TemplateView):
    """The plan of one campaign. Users who may publish it name contacts and make previews; others have read access."""

    template_name = "campaigns/admin/launch_plan.html"
    page_title = TITLE
    header_icon = ICON

    @cached_property
    def original(self) -> CampaignPage:
        asked = get_object_or_404(CampaignPage, pk=self.kwargs["pk"])
        first = CampaignPage.objects.filter(translation_key=asked.translation_key).order_by("pk").first()
        if first is None:
            raise Http404
        return first

    @cached_property
    def plan(self) -> LaunchPlan:
        return LaunchPlan(self.original)

    def allows(self, user: Any) -> bool:
        return may_read(user, self.original)

    @cached_property
    def may_change(self) -> bool:
        return Rights(self.request.user).may("publish", self.original)

    def get_page_subtitle(self) -> str:
        return self.original.draft_title or self.original.title

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield reverse("launches"), LIST_TITLE

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        key = self.original.translation_key
        context = {
            "plan": self.plan,
            "original": self.original,
            "may_change": self.may_change,
            "zone": settings.TIME_ZONE,
            "differs_here": timezone.get_current_timezone_name() != settings.TIME_ZONE,
            "here": timezone.get_current_timezone_name(),
            "site_zone": ZoneInfo(settings.TIME_ZONE),
            "kept_days": services.PARTNERS_KEPT.days,
        }
        if self.may_change:
            context |= {
                "schedule_form": ScheduleForm(initial={"go_live_at": self.plan.go_live_at}),
                "contact_form": ContactForm(campaign_key=key),
                "preview_form": PreviewLinkForm(codes=self.plan.pages),
            }
        return super().get_context_data(**{**context, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.may_change:
            raise PermissionDenied
        do = {
            "schedule_launch": self.schedule_launch,
            "call_off": self.call_off,
            "tell": self.tell,
            "do_not_tell": self.do_not_tell,
            "make_link": self.make_link,
            "revoke": self.revoke,
        }.get(request.POST.get("do", ""))
        return do() if do else HttpResponseRedirect(request.path)

    def schedule_launch(self) -> HttpResponse:
        form = ScheduleForm(self.request.POST)
        if form.is_valid():
            try:
                services.schedule_launch(
                    original=self.original, go_live_at=form.cleaned_data["go_live_at"], by=self.request.user
                )
            except services.NewerDraftError:
                form.add_error(
                    "go_live_at",
                    gettext("The page has a newer draft. Publish it first, or cancel its scheduled publishing."),
                )
            else:
                messages.success(
                    self.request, gettext("The go-live time is set. All that waits for it has moved along.")
                )
                return HttpResponseRedirect(self.request.path)
        say_refused(self.request)
        return self.render_to_response(self.get_context_data(schedule_form=form))

    def call_off(self) -> HttpResponse:
        """Take one page, of the campaign or of its toolkits, out of the launch. Raise Http404 for any other page."""
        number = self.chosen()
        page = next((each for each in self.plan.every_page if each.pk == number), None)
        if page is None:
            raise Http404
        if not Rights(self.request.user).may("publish", page):
            raise PermissionDenied
        title = page.draft_title or page.title
        says = {"title": title, "language": names.language_name(page.locale.language_code)}
        try:
            done = services.call_off(page=page, by=self.request.user)
        except services.NewerDraftError:
            text = gettext(
                "“%(title)s” (%(language)s) has a newer draft with another go-live time, and the others would not go "
                "out at theirs. Set the time in the draft first."
            )
            messages.error(self.request, text % says)
            return HttpResponseRedirect(self.request.path)
        if done:
            text = gettext("“%(title)s” (%(language)s) is called off. The others go out at the go-live time.")
            messages.success(self.request, text % says)
        else:
            messages.warning(
                self.request, gettext("“%(title)s” (%(language)s) did not wait for the go-live time.") % says
            )
        return HttpResponseRedirect(self.request.path)

    def tell(self) -> HttpResponse:
        form = ContactForm(self.request.POST, campaign_key=self.original.translation_key)
        if not form.is_valid():
            say_refused(self.request)
            return self.render_to_response(self.get_context_data(contact_form=form))
        form.save()
        messages.success(self.request, gettext("Added. They get one letter when the campaign is public."))
        return HttpResponseRedirect(self.request.path)

    def do_not_tell(self) -> HttpResponse:
        number = self.chosen()
        LaunchContact.objects.filter(campaign_key=self.original.translation_key, pk=number).delete()
        messages.success(self.request, gettext("Removed from the list."))
        return HttpResponseRedirect(self.request.path)

    def make_link(self) -> HttpResponse:
        """Make a preview link and show it once: its token is not stored."""
        form = PreviewLinkForm(self.request.POST, codes=self.plan.pages)
        if not form.is_valid():
            say_refused(self.request)
            return self.render_to_response(self.get_context_data(preview_form=form))
        token = services.make_preview_link(
            campaign_key=self.original.translation_key,
            name=form.cleaned_data["name"],
            languages=form.cleaned_data["languages"],
            until=form.cleaned_data["until"],
            by=self.request.user,
        )
        made = private_url("previews:open", token)
        return self.render_to_response(self.get_context_data(made=made, made_for=form.cleaned_data["name"]))

    def revoke(self) -> HttpResponse:
        links = PreviewLink.objects.filter(campaign_key=self.original.translation_key)
        get_object_or_404(links, pk=self.chosen()).revoke()
        messages.success(self.request, gettext("Revoked. The link no longer shows anything."))
        return HttpResponseRedirect(self.request.path)

    def chosen(self) -> int:
        """Return the primary key sent with a button. Raise Http404 if it is not a number."""
        text = self.request.POST.get("row", "")
        if not text.isdecimal() or len(text) > 18:
            raise Http404
        return int(text)


def button(page: Page, user: Any, next_url: str | None = None, view_name: str = "") -> Iterator[Button]:
    if isinstance(page.specific_deferred, CampaignPage) and may_read(user, page):
        yield Button(TITLE, reverse("launch_plan", args=[page.pk]), icon_name=ICON, priority=35)


def menu_item() -> MenuItem:
    return AllowedMenuItem(LIST_TITLE, reverse("launches"), name="launches", icon_name=ICON, order=0, allows=may_read)


def held_back(user: Any) -> Waiting:
    """Count the upcoming launches for which the preflight check has found pages that would be held back."""
    if not user.has_perm("campaigns.change_material"):
        return Waiting(0)
    ahead = Launch.objects.filter(go_live_at__gt=timezone.now(), staff_notified_at=None)
    return Waiting(ahead.exclude(pages__reasons={}).filter(pages__isnull=False).distinct().count())


LAUNCHES_HELD = ToDo(
    title=_("Launches ahead of which a page would be held back"),
    count=held_back,
    url="launches",
    urgent=True,
    rank=Rank.LAUNCH,
)
