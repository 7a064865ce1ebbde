"""Unpublishing a page: in which of its languages, and why.

Every button that would hide a page from the public leads here first: unpublish, delete, move, mirror another language,
stop a translation.
A page for people in need is unpublished only with a reason and the consent of a second person.
For any other page that is public in several languages the editor chooses the languages, since an error in one is seldom
right in the others.
"""

from collections.abc import Container, Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.admin import messages
from wagtail.log_actions import log
from wagtail.models import DraftStateMixin, Page, PageLogEntry
from wagtail_localize.models import Translation
from wagtail_localize.views.convert import convert_to_alias

from core.admin.unpublishing import requests as unpublish_requests
from core.admin.views import AdminFormView
from core.languages import names
from core.languages.lazy import StrOrPromise
from core.models import BasePage
from core.publishing import account_changes, approval, references

ACTION, EXPIRY = "core.unpublish", "core.expire"
UNPUBLISH, DELETE, MOVE, MIRROR, EXPIRE = "unpublish", "delete", "move", "mirror", "expire"
# The view to continue with after the page is unpublished, by the action requested.
NEXT = {
    DELETE: "wagtailadmin_pages:delete",
    MOVE: "wagtailadmin_pages:move",
    MIRROR: "wagtail_localize:convert_to_alias",
}


def live_versions(page: BasePage) -> list[BasePage]:
    """Return the public versions of the page in its languages, its own first."""
    found = page.get_translations(inclusive=True).filter(live=True, alias_of=None).select_related("locale")
    return sorted(found.specific(), key=lambda each: (each.pk != page.pk, each.locale.language_code))


def must_ask(page: Any) -> bool:
    """Return whether unpublishing this page first takes a form for its languages or a reason."""
    if not isinstance(page, BasePage) or not page.live:
        return False
    return page.is_sensitive or len(live_versions(page)) > 1 or bool(references.named_as(page))


def is_kept(page: Any, named: Container[UUID] | None = None) -> bool:
    """Return whether unpublishing a page takes a reason: it is for people in need, or the settings of the site name it.

    `named`: the keys of such pages, if the caller has them.
    """
    if not isinstance(page, BasePage):
        return False
    return page.is_sensitive or page.translation_key in (references.required_pages() if named is None else named)


def kept_below(page: Page) -> list[Page]:
    """Return the public pages below this one whose unpublishing takes a reason."""
    below = page.get_descendants().live().specific(defer=True)
    named = references.required_pages()
    return [each for each in below if is_kept(each, named)]


def unpublish_url(page: Page, what: str) -> str:
    return f"{reverse('unpublish_page', args=[page.pk])}?{urlencode({'then': what})}"


class UnpublishForm(forms.Form):
    """The languages in which to unpublish a page, and the reason."""

    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What is wrong in one language is seldom right in the others. Untick what stays public."),
    )
    below = forms.BooleanField(label=_("The pages below it as well"), required=False)
    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea({"rows": 3}),
        max_length=1000,
        help_text=_("It is kept in the history, and the others who work on this page read it."),
    )

    def __init__(self, *args: Any, page: BasePage, versions: Sequence[BasePage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(each.pk), version_name(each)) for each in versions]
        languages: Any = self.fields["languages"]
        languages.choices = choices
        languages.initial = [pk for pk, _name in choices]
        self.fields["reason"].required = is_kept(page)
        # Each required page needs a separate reason.
        if not page.get_descendants().live().exists() or kept_below(page):
            del self.fields["below"]


def listed(pages: Sequence[Page]) -> str:
    return str(get_text_list([version_name(page) for page in pages], gettext("and")))


def version_name(page: Page) -> str:
    return names.labelled(names.language_name(page.locale.language_code), page.title)


class UnpublishPageView(AdminFormView):
    """A form for the languages in which to unpublish a page, and the reason."""

    template_name = "core/unpublish.html"
    form_class = UnpublishForm
    page_title = _("Unpublish")
    header_icon = "download"

    def setup(self, request: HttpRequest, *args: object, **kwargs: object) -> None:
        super().setup(request, *args, **kwargs)
        page = get_object_or_404(Page, pk=kwargs["pk"]).specific
        if not isinstance(page, BasePage):
            raise Http404("This page has no languages.")
        self.page = page

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return bool(self.page.permissions_for_user(user).can_unpublish())

    def get_page_subtitle(self) -> str:
        return version_name(self.page)

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield reverse("wagtailadmin_pages:edit", args=[self.page.pk]), self.page.get_admin_display_title()

    @property
    def then(self) -> str:
        return self.request.GET.get("then", UNPUBLISH)

    @cached_property
    def versions(self) -> tuple[list[BasePage], list[BasePage]]:
        """Return the versions that this user may unpublish, and those that only others may."""
        mine: list[BasePage] = []
        others: list[BasePage] = []
        for page in live_versions(self.page):
            may = page.permissions_for_user(self.request.user).can_unpublish()
            (mine if may else others).append(page)
        return mine, others

    @cached_property
    def open_requests(self) -> dict[int, PageLogEntry]:
        """Undecided requests, by the primary key of the version."""
        pages = [page for page in self.versions[0] if page.needs_second_person]
        return unpublish_requests.open_requests(pages) if pages else {}

    @property
    def of_others(self) -> dict[int, PageLogEntry]:
        """The requests that this user decides."""
        by, changes = self.request.user.pk, account_changes.recent()
        return {
            pk: each
            for pk, each in self.open_requests.items()
            if approval.may_approve(by, [each.user_id], changes=changes)
        }

    def get_initial(self) -> dict[str, object]:
        said = next((each.data["reason"] for each in self.of_others.values()), "")
        return {**super().get_initial(), **({"reason": said} if said else {})}

    def get_form_kwargs(self) -> dict[str, object]:
        return {**super().get_form_kwargs(), "page": self.page, "versions": self.versions[0]}

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        others = [version_name(page) for page in self.versions[1]]
        asked = [
            (version_name(page), self.open_requests[page.pk])
            for page in self.versions[0]
            if page.pk in self.open_requests
        ]
        return super().get_context_data(
            page=self.page,
            others=others,
            asked=asked,
            decides=bool(self.of_others),
            named=references.named_as(self.page),
            expires=self.expires,
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return self.keep() if "keep" in request.POST else super().post(request, *args, **kwargs)

    def keep(self) -> HttpResponse:
        """Reject requests to unpublish: the pages stay on the site."""
        reason = str(self.request.POST.get("reason", "")).strip()[:1000]
        pages = [page for page in self.versions[0] if page.pk in self.open_requests]
        for page in pages:
            unpublish_requests.keep(page, by=self.request.user, reason=reason)
        if pages:
            messages.success(self.request, gettext("Stays on the site: %(pages)s.") % {"pages": listed(pages)})
        return redirect("wagtailadmin_explore", self.page.get_parent().pk)

    @property
    def expires(self) -> bool:
        """Return whether the page is unpublished at a scheduled time, not now."""
        return self.then == EXPIRE and self.page.expire_at is not None

    def form_valid(self, form: UnpublishForm) -> HttpResponse:
        chosen = set(form.cleaned_data["languages"])
        pages = [page for page in self.versions[0] if str(page.pk) in chosen]
        reason = form.cleaned_data["reason"].strip()
        if self.expires:
            return self.expire(pages, reason)
        going = [page for page in pages if not page.needs_second_person or page.pk in self.of_others]
        unpublish(going, by=self.request.user, reason=reason, below=form.cleaned_data.get("below", False))
        self.ask([page for page in pages if page not in going], reason)
        if going:
            messages.success(self.request, gettext("Unpublished: %(pages)s.") % {"pages": listed(going)})
        if self.then in NEXT and self.page in going:
            return redirect(NEXT[self.then], self.page.pk)
        return redirect("wagtailadmin_explore", self.page.get_parent().pk)

    def ask(self, pages: Sequence[BasePage], reason: str) -> None:
        """Request the consent of a second person for pages that need it.

        Each request sends one notification.
        """
        new = [page for page in pages if page.pk not in self.open_requests]
        for page in new:
            unpublish_requests.ask(page, by=self.request.user, reason=reason)
        if pages:
            text = gettext(
                "Still public until a second person agrees: %(pages)s. Those who may were notified, with your reason."
            )
            messages.warning(self.request, text % {"pages": listed(pages)})

    def expire(self, pages: list[BasePage], reason: str) -> HttpResponse:
        at = self.page.expire_at
        for page in self.versions[0]:
            set_expiry(page, at if page in pages else None, by=self.request.user, reason=reason)
        messages.success(
            self.request,
            gettext("Unpublished at the time that was set: %(pages)s.") % {"pages": listed(pages)},
        )
        return redirect("wagtailadmin_explore", self.page.get_parent().pk)


@transaction.atomic
def set_expiry(page: BasePage, at: datetime | None, *, by: Any, reason: str) -> None:
    """Set or remove the expiry time of a page, in its live version and in its newest draft."""
    if page.expire_at == at and not reason:
        return
    page.expire_at = at
    page.save(update_fields=["expire_at"], clean=False)
    if (newest := page.latest_revision) is not None:
        newest.content["expire_at"] = at.isoformat() if at else None
        newest.save(update_fields=["content"])
    if at is not None:
        log(instance=page, action=EXPIRY, user=by, data={"reason": reason})


@transaction.atomic
def unpublish(pages: Sequence[BasePage], *, by: Any, reason: str, below: bool = False) -> None:
    """Unpublish pages, and keep the reason in the history of each."""
    for page in pages:
        log(instance=page, action=ACTION, user=by, data={"reason": reason})
        action = UnpublishPageAction(page, user=by, include_descendants=below)
        action.execute(skip_permission_checks=True)


# --- The buttons that lead here ---------------------------------------------------------------------------------------


def ask_before_moving(request: HttpRequest, page: Page, _destination: Page) -> HttpResponse | None:
    """Require unpublishing before moving a page for people in need.

    Other pages stay public when they are moved.
    """
    page = page.specific
    return ask(request, page, MOVE) if getattr(page, "is_sensitive", False) else refuse_for_below(request, page)


def ask_after_publishing(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Lead to the form for the other languages of a page that was published with an expiry time."""
    page = page.specific
    if not isinstance(page, BasePage) or not page.live or page.expire_at is None:
        return None
    others = [each for each in live_versions(page) if each.pk != page.pk and each.expire_at != page.expire_at]
    return HttpResponseRedirect(unpublish_url(page, EXPIRE)) if others or is_kept(page) else None


def ask(request: HttpRequest, page: Page, what: str) -> HttpResponse | None:
    page = page.specific
    if not must_ask(page):
        return refuse_for_below(request, page) if what == DELETE else None
    if not page.permissions_for_user(request.user).can_publish():
        raise PermissionDenied
    return HttpResponseRedirect(unpublish_url(page, what))


def refuse_for_below(request: HttpRequest, page: Page) -> HttpResponse | None:
    if not (found := kept_below(page)):
        return None
    text = gettext(
        "Nothing was changed: below this page there are public required pages. "
        "Unpublish them first, each with a reason: %(pages)s."
    )
    messages.error(request, text % {"pages": names.joined(version_name(each) for each in found)})
    return redirect("wagtailadmin_explore", page.pk)


def refuse_in_bulk(request: HttpRequest, action_type: str, objects: Sequence[Any], action: Any) -> HttpResponse | None:
    """Refuse bulk actions that unpublish or publish pages for people in need."""
    if action.model is not Page:
        return None
    pages = [each.specific for each in objects]
    found: list[Page] = []
    if action_type in {UNPUBLISH, DELETE, MOVE}:
        text = gettext("Nothing was changed. Required pages are unpublished one by one, each with a reason: %(pages)s.")
        for page in pages:
            found += [page] if page.live and is_kept(page) else []
            found += kept_below(page)
    elif action_type == "publish":
        text = gettext("Nothing was changed. A second person decides about each of these pages: %(pages)s.")
        found = [page for page in pages if getattr(page, "needs_second_person", False)]
    if not found:
        return None
    messages.error(request, text % {"pages": names.joined(version_name(page) for page in found)})
    return redirect(action.next_url or "wagtailadmin_explore_root")


def warn_of_other_languages(request: HttpRequest, action_type: str, objects: Sequence[Any], action: Any) -> None:
    """Warn about languages that are still public after a bulk action unpublished pages."""
    if action.model is not Page or action_type not in {UNPUBLISH, DELETE}:
        return
    keys = {page.translation_key for page in objects}
    still = Page.objects.live().filter(translation_key__in=keys, alias_of=None).select_related("locale")
    if still:
        text = gettext("Still public in other languages: %(pages)s.")
        messages.warning(request, text % {"pages": names.joined(version_name(page) for page in still)})


# --- wagtail-localize's buttons, which check no permission to publish ---------------------------------------------


def mirror_source(request: HttpRequest, page_id: int) -> HttpResponse:
    """Replace a translation by a mirror of its source, which is not public.

    It takes the permission to publish.
    """
    page = get_object_or_404(Page, pk=page_id).specific
    if not page.permissions_for_user(request.user).can_publish():
        raise PermissionDenied
    if page.live and getattr(page, "is_sensitive", False):
        return HttpResponseRedirect(unpublish_url(page, MIRROR))
    answer: HttpResponse = convert_to_alias(request, page_id)
    return answer


class StopForm(forms.Form):
    """The reason why a translation no longer follows its source."""

    reason = UnpublishForm.base_fields["reason"]


class StopView(AdminFormView):
    """Stop a translation: the page stays as it is, and no longer follows changes of its source."""

    template_name = "core/unpublish.html"
    form_class = StopForm
    page_title = _("Stop the translation")
    header_icon = "cross"

    def setup(self, request: HttpRequest, *args: object, **kwargs: object) -> None:
        super().setup(request, *args, **kwargs)
        self.translation = get_object_or_404(Translation, pk=kwargs["translation_id"])
        self.page = self.translation.get_target_instance()

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        if not isinstance(self.page, Page):
            right = "publish" if isinstance(self.page, DraftStateMixin) else "change"
            return bool(user.has_perm(f"{self.page._meta.app_label}.{right}_{self.page._meta.model_name}"))
        return bool(self.page.permissions_for_user(user).can_publish())

    def get_page_subtitle(self) -> str:
        return str(self.page)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(page=self.page, stops=True, **kwargs)

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        # wagtail-localize's own button sends no fields: the response is the form that takes the reason.
        return super().post(request, *args, **kwargs) if "reason" in request.POST else self.get(request)

    @transaction.atomic
    def form_valid(self, form: StopForm) -> HttpResponse:
        reason = form.cleaned_data["reason"].strip()
        log(
            instance=self.page,
            action="core.stop_translation",
            user=self.request.user,
            data={"reason": reason},
        )
        self.translation.enabled = False
        self.translation.save(update_fields=["enabled"])
        messages.success(self.request, gettext("Stopped. The page stays as it is, and no longer follows its source."))
        return redirect(reverse("wagtailadmin_home"))
