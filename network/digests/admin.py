"""Review of a digest by a practitioner, recorded by a user who has not written in it."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.action_menu import ActionMenuItem
from wagtail.admin.widgets import AdminDateInput
from wagtail.models import Page

from core.admin.forms import LinesField
from core.admin.views import AdminFormView
from core.languages.lazy import StrOrPromise
from core.publishing.approval import SecondPersonRequiredError
from network.digests import services
from network.models import DigestPage

TITLE = _("Review from practice")


class PracticeReviewForm(forms.Form):
    """Feedback of a practitioner on a digest."""

    reviewer_name = forms.CharField(
        label=_("Name"),
        max_length=200,
        required=False,
        help_text=_("Only if they agreed to be named in public."),
    )
    reviewer_role = forms.CharField(
        label=_("Role"), max_length=200, help_text=_("What they do, in the words that they agreed to.")
    )
    reviewed_on = forms.DateField(label=_("Reviewed on"), widget=AdminDateInput)
    review_fits = LinesField(label=_("What fits practice"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    review_does_not_fit = LinesField(
        label=_("What does not fit"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    # Not a number: any value but the newest revision's counts as outdated.
    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, written_by: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.written_by = written_by

    def clean_reviewer_name(self) -> str:
        name = str(self.cleaned_data["reviewer_name"]).strip()
        if name and name.casefold() in self.written_by.casefold():
            raise forms.ValidationError(gettext("Another person than the author reviews a digest."))
        return name

    def clean_reviewed_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["reviewed_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(gettext("This date is in the future."))
        return day


class DigestReviewView(AdminFormView):
    """Show the newest version of a digest, and record a practitioner's review of it."""

    template_name = "network/digests/admin/digest_review.html"
    form_class = PracticeReviewForm
    page_title = TITLE
    header_icon = "clipboard-list"

    @cached_property
    def digest(self) -> DigestPage:
        return get_object_or_404(
            DigestPage, translation_key=self.kwargs["key"], locale__language_code=settings.LANGUAGE_CODE
        )

    @cached_property
    def draft(self) -> DigestPage:
        return self.digest.get_latest_revision_as_object()

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return bool(self.digest.permissions_for_user(user).can_edit())

    def get_page_subtitle(self) -> str:
        return self.draft.title

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield self.edit_url, self.draft.title

    @property
    def edit_url(self) -> str:
        return reverse("wagtailadmin_pages:edit", args=[self.digest.pk])

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "written_by": self.draft.written_by}

    def get_initial(self) -> dict[str, Any]:
        before = {name: getattr(self.draft, name) for name in DigestPage.REVIEW}
        return {**before, "version": self.digest.latest_revision_id}

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        is_author = self.request.user.pk in self.digest.authors_since_review()
        return super().get_context_data(**kwargs, digest=self.draft, is_author=is_author)

    def form_valid(self, form: PracticeReviewForm) -> HttpResponse:
        said = dict(form.cleaned_data)
        version = said.pop("version")
        try:
            services.record_review(digest=self.digest, version=version, review=said, by=self.request.user)  # type: ignore[arg-type]
        except SecondPersonRequiredError as refusal:
            return self.refused(form, str(refusal))
        except services.DigestChangedError:
            return self.refused(
                form,
                gettext(
                    "The digest has been changed meanwhile. Nothing was recorded. "
                    "Open this page again and read the new version."
                ),
            )
        messages.success(self.request, gettext("Review recorded. The digest can be published as it is now."))
        return HttpResponseRedirect(self.edit_url)

    def refused(self, form: PracticeReviewForm, reason: str) -> HttpResponse:
        """Render the form again with the submitted values and the reason for the refusal."""
        form.add_error(None, reason)
        return self.form_invalid(form)


class ReviewMenuItem(ActionMenuItem):
    """Link from a digest's form to the form for its review."""

    name = "action-practice-review"
    label = TITLE
    icon_name = "clipboard-list"
    order = 55

    def get_url(self, parent_context: Mapping[str, Any]) -> str:
        return review_url(parent_context["page"].translation_key)


def review_url(key: UUID) -> str:
    return reverse("digest_review", args=[key])


def add_to_menu(items: list[ActionMenuItem], request: HttpRequest, context: Mapping[str, Any]) -> None:
    page = context.get("page")
    if context["view"] == "edit" and isinstance(page, DigestPage) and page.is_source:
        items.append(ReviewMenuItem())
        items.sort(key=lambda item: item.order)


def ask_before_publishing(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Keep a digest without a review from practice as a draft, and redirect to the form that records one."""
    if not isinstance(page, DigestPage):
        return None
    newest = page.get_latest_revision_as_object()
    reasons = newest.reasons_of_review()
    if not reasons:
        return None
    text = gettext("Not published. What you have written is kept as a draft. %(reasons)s")
    messages.error(request, text % {"reasons": " ".join(reasons)})
    if page.is_source:
        return HttpResponseRedirect(review_url(page.translation_key))
    return HttpResponseRedirect(reverse("wagtailadmin_pages:edit", args=[page.pk]))
