"""Actions on the screen of a translation: submit it for review, publish it, translate the gaps by machine.

Users who may not publish a translation submit it for review, as authors of other pages do.
The replacement of wagtail-localize's view for updating translations publishes only complete ones.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext, gettext_lazy
from django.views.generic import View
from wagtail.admin import messages
from wagtail.coreutils import find_available_slug
from wagtail.models import Page, Revision, Workflow
from wagtail_localize.fields import get_translatable_fields
from wagtail_localize.models import Translation
from wagtail_localize.views.update_translations import UpdateTranslationsView

from core.languages import machine
from core.languages.changes import changed_texts
from core.models import BasePage
from core.publishing import publication_checks


class UpdateTranslations(UpdateTranslationsView):
    """Publish the complete translations.

    The others keep their public version, and a message lists them.
    """

    def get_form(self) -> Form:
        form: Form = super().get_form()
        field = form.fields["publish_translations"]
        field.help_text = gettext_lazy(
            "Publishes the translations that are complete. The others stay as they are until they are translated."
        )
        if getattr(self.object.specific_content_type.model_class(), "needs_second_person", False):
            field.disabled = True
            field.help_text = gettext_lazy(
                "A second person decides about each translation of this page, when it is submitted."
            )
        return form

    def form_valid(self, form: Form) -> HttpResponse:
        wants_machine = form.cleaned_data.pop("use_machine_translation", False)
        response: HttpResponse = super().form_valid(form)
        if wants_machine:
            for translation in self.object.translations.filter(enabled=True):
                if machine.provider_for(translation) is not None:
                    machine.ask(translation, by=self.request.user)
        if form.cleaned_data["publish_translations"]:
            for translation in self.object.translations.filter(enabled=True).select_related("target_locale", "source"):
                if reasons := blockers(translation):
                    buttons = publication_checks.remedies(translation.get_target_instance())
                    messages.warning(self.request, self.explanation(translation, reasons), buttons=buttons)
        return response

    @staticmethod
    def explanation(translation: Translation, reasons: list[str]) -> str:
        return gettext("Not published in %(language)s. The public still sees the previous version. %(reasons)s") % {
            "language": translation.target_locale,
            "reasons": " ".join(reasons),
        }


def blockers(translation: Translation) -> list[str]:
    """Return the reasons why a translation may not be published as it is; empty if it may, or is no page."""
    found: Any = translation.source.get_ephemeral_translated_instance(translation.target_locale, fallback=True)
    return found.publication_blockers() if isinstance(found, BasePage) else []


class MachineTranslateView(View):
    """Replacement for wagtail-localize's own view, which calls the provider while the browser waits."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, translation_id: int) -> HttpResponse:
        translation = get_object_or_404(Translation, pk=translation_id, enabled=True)
        page = translation.get_target_instance()
        if not isinstance(page, Page) or machine.provider_for(translation) is None:
            raise Http404("No machine translates this.")
        if not page.permissions_for_user(request.user).can_edit():
            raise PermissionDenied
        machine.ask(translation, by=request.user)
        messages.success(request, gettext("Asked. This page says when the texts are there, or what went wrong."))
        return redirect("wagtailadmin_pages:edit", page.pk)


# Hooks that report faults of a translation as saved, on the screens where it is edited.
# Each takes the request and the page, and returns HTML, or nothing.
CHECKS = "checks_of_a_translation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """The actions open to a user for a finished translation on its screen.

    `reviewers` is the name of the review.
    """

    may: bool
    reviewers: str
    waits: bool
    decide_url: str
    changed: int  # texts whose source has changed since they were translated


def submission_of(translation: Translation, page: Any, user: AbstractUser | AnonymousUser) -> Submission:
    """Return the actions open to `user` for the translation `page`."""
    if not isinstance(page, BasePage):
        return Submission(may=False, reviewers="", waits=False, decide_url="", changed=0)
    workflow = page.get_workflow()
    return Submission(
        may=workflow is not None and may_submit(page, user),
        reviewers=workflow.name if workflow is not None else "",
        waits=bool(page.workflow_in_progress),
        decide_url=page.decide_url(),
        changed=sum(1 for text in changed_texts(translation) if text.before),
    )


def may_submit(page: BasePage, user: AbstractUser | AnonymousUser) -> bool:
    """Return whether `user` may edit this page and cannot publish it directly."""
    permissions = page.permissions_for_user(user)
    return bool(permissions.can_edit() and (page.needs_second_person or not permissions.can_publish()))


def as_translated(translation: Translation) -> Page:
    """Return the page with the current texts, unsaved: the database row is the public version."""
    page: Page = translation.source.get_ephemeral_translated_instance(translation.target_locale, fallback=True)
    page.slug = find_available_slug(page.get_parent(), page.slug, ignore_page_id=page.pk)
    return page


def has_same_texts(page: Page, other: Page) -> bool:
    """Return whether two versions of a page agree in every field that is translated or taken over from the source."""
    one, two = page.serializable_data(), other.serializable_data()
    names = [field.field_name for field in get_translatable_fields(type(page))]
    return all(one.get(name) == two.get(name) for name in names)


@transaction.atomic
def submit(*, translation: Translation, page: BasePage, by: Any, workflow: Workflow) -> Revision:
    """Save the texts as they are now as a draft of `by`, and start the review.

    What is public stays as it is.

    Raises ValidationError if the page does not take a text.
    """
    revision: Revision = as_translated(translation).save_revision(user=by, log_action=True)
    page = type(page).objects.get(pk=page.pk)
    if page.workflow_in_progress:
        page.current_workflow_state.cancel(user=by)
    workflow.start(page, by)
    return revision


class SubmitView(View):
    """The button on the screen of a translation."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        translation = get_object_or_404(Translation, pk=pk, enabled=True)
        page = translation.get_target_instance()
        if not isinstance(page, BasePage):
            raise Http404("Only pages are submitted.")
        if not may_submit(page, request.user):
            raise PermissionDenied
        workflow = page.get_workflow()
        back = redirect("wagtailadmin_pages:edit", page.pk)
        reasons = list(blockers(translation))
        if page.live and not reasons and has_same_texts(as_translated(translation), page):
            reasons.append(gettext("Nothing has changed since it was published."))
        if workflow is None:
            reasons.append(gettext("This part of the site has no reviewers."))
        if reasons:
            text = gettext("Not submitted. What you have translated is kept. %(reasons)s")
            messages.error(request, text % {"reasons": " ".join(reasons)}, buttons=publication_checks.remedies(page))
            return back
        try:
            submit(translation=translation, page=page, by=request.user, workflow=workflow)
        except ValidationError as error:
            text = gettext("Not submitted. What you have translated is kept. %(reasons)s")
            messages.error(request, text % {"reasons": " ".join(error.messages)})
            return back
        messages.success(
            request,
            gettext(
                "Submitted. Another person now compares it with the source and decides. "
                "The public sees the previous version until then."
            ),
        )
        return back
