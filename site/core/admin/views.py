"""Base classes of views: of the admin, of work in progress, of choosers, and of rate-limited forms."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, View
from wagtail.admin import messages
from wagtail.admin.panels import TabbedInterface
from wagtail.admin.views import generic
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.chooser import ModelLookupMixin
from wagtail.admin.widgets.button import BaseButton
from wagtail.models import DraftStateMixin
from wagtail.permissions import policy_registry
from wagtail.snippets.views import chooser
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet

from core.admin.features import WITHOUT_DRAFTS, Missing, MissingFeaturesPanel
from core.http.limits import Limit, RequestRejectedError, check_proof, consume, proof_challenge
from core.languages.lazy import StrOrPromise


class AdminView(WagtailAdminTemplateMixin):
    """An admin view with Wagtail's layout.

    List before a generic view of Django's.

    It needs `page_title`, `header_icon`, `template_name` and `permission`.
    `get_page_subtitle()` names the object of the view, if there is one; `trail()` returns the views above it, for the
    breadcrumbs.
    """

    permission: str = ""  # "app.codename". Without one, access is denied.

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        """Return whether a user may see the view.

        Override it if the check needs more than one permission.
        """
        return bool(self.permission) and user.has_perm(self.permission)

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not self.allows(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def trail(self) -> Iterable[tuple[str, StrOrPromise]]:
        """Return the URL and title of each view between the start page and this one."""
        return ()

    def get_breadcrumbs_items(self) -> list[dict[str, object]]:
        above = [{"url": url, "label": label} for url, label in self.trail()]
        here = {"url": "", "label": self.get_page_title(), "sublabel": self.get_page_subtitle()}
        return [*self.breadcrumbs_items, *above, here]


class AdminFormView(AdminView, FormView):  # type: ignore[type-arg]  # Django's own has no argument
    """An admin view with a form. Wagtail's templates load the scripts and styles of its fields as `media`."""

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        context = super().get_context_data(**kwargs)
        return {"media": context["form"].media, **context}

    def form_invalid(self, form: Any) -> HttpResponse:
        say_refused(self.request)
        return super().form_invalid(form)


def say_refused(request: HttpRequest) -> None:
    """Add an error message at the top of a page: the invalid field may be several screens below."""
    messages.error(request, _("Nothing has been changed yet. Further down it says what is missing or wrong."))


def form_token(request: HttpRequest) -> HttpResponse:
    """Return the token for forms of this session: after signing in again, that of an open form is no longer valid."""
    return JsonResponse({"token": get_token(request)})


# Seconds after which the screen reloads itself.
RELOADED = 2
# Time without progress after which the screen warns that the worker may have stopped.
STALLED_AFTER = dt.timedelta(minutes=2)


class RunningView(AdminView, TemplateView):
    """The progress of a task.

    While it runs, the screen reloads itself, without a script.

    Subclasses define `is_running` and `last_change`, the time of the last progress (None if unknown).
    Their templates include `core/while_running.html`.
    """

    @property
    def is_running(self) -> bool:
        raise NotImplementedError

    @property
    def last_change(self) -> dt.datetime | None:
        return None

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        answer = super().get(request, *args, **kwargs)
        if self.is_running:
            answer["Refresh"] = str(RELOADED)
        return answer

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        is_stalled = (
            self.is_running and self.last_change is not None and self.last_change < timezone.now() - STALLED_AFTER
        )
        return super().get_context_data(**{"is_stalled": is_stalled, "seconds": RELOADED, **kwargs})


class PublishedOnly(ModelLookupMixin, View):
    """Mixin for the views of a chooser: only people who work on a model find its unpublished objects.

    Others find what is published, such as translators of a page who choose a material, and nothing of models without
    a draft.
    """

    def get_object_list(self) -> QuerySet[Any]:
        objects = self.model_class.objects.all()
        policy = policy_registry.get_by_type(self.model_class)
        if policy.user_has_any_permission(self.request.user, ["add", "change", "delete", "publish", "view"]):
            return objects
        return objects.filter(live=True) if issubclass(self.model_class, DraftStateMixin) else objects.none()

    def get_object(self, pk: str) -> Model:
        found: Model = self.get_object_list().get(pk=pk)
        return found

    def get_objects(self, pks: list[str]) -> QuerySet[Any]:
        return self.get_object_list().filter(pk__in=pks)


class ChooseView(PublishedOnly, chooser.ChooseView):
    pass


class ChooseResultsView(PublishedOnly, chooser.ChooseResultsView):
    pass


class ChosenView(PublishedOnly, chooser.SnippetChosenView):
    pass


class ChosenMultipleView(PublishedOnly, chooser.SnippetChosenMultipleView):
    pass


class TranslatedIndexView(IndexView):
    """List of records whose texts are translated under *Words to translate*.

    Without the buttons that other apps add to each row: those of wagtail-localize start a second way of translating,
    after three queries for each row.
    """

    def get_list_buttons(self, instance: Model) -> list[BaseButton]:
        return generic.IndexView.get_list_buttons(self, instance)


class ChooserViewSet(chooser.SnippetChooserViewSet):
    """Chooser without a form to create objects, and without drafts of others.

    The address of the form is left out, because Wagtail's view breaks without one.
    """

    choose_view_class = ChooseView
    choose_results_view_class = ChooseResultsView
    chosen_view_class = ChosenView
    chosen_multiple_view_class = ChosenMultipleView

    def get_urlpatterns(self) -> list[URLPattern]:
        return [pattern for pattern in super().get_urlpatterns() if pattern.name != "create"]


class RecordViewSet(SnippetViewSet):
    """The admin of a record: what is no page, and that people write in forms."""

    chooser_viewset_class = ChooserViewSet
    missing_features: Missing = WITHOUT_DRAFTS

    def get_edit_handler(self) -> Any:
        """Return Wagtail's form, which ends with the features that it lacks."""
        handler = super().get_edit_handler()
        last = handler.children[-1] if isinstance(handler, TabbedInterface) else handler
        last.children.append(MissingFeaturesPanel().bind_to_model(self.model))
        return handler


# Seconds after which another try can succeed, by the status of a refusal.
RETRY_AFTER = {429: "3600", 503: "60"}


class LimitedFormView(FormView):  # type: ignore[type-arg]  # Django's own has no argument
    """A rate-limited form.

    A refused visitor keeps their input, and sees why.

    It needs `title`, `template_name`, `form_class`, `limits()`, `process()`, and in `done` the URL name of the
    thank-you page.
    With `needs_proof`, the visitor's browser first solves a proof of work (`core.http.limits`).
    """

    http_method_names = ["get", "head", "post"]
    title: StrOrPromise = ""
    done = ""
    needs_proof = False

    def limits(self, form: forms.Form) -> Iterable[tuple[Limit, str]]:
        """Return the limits that sending this form counts against, each with its key."""
        raise NotImplementedError

    def process(self, form: forms.Form) -> None:
        """Process the valid form."""
        raise NotImplementedError

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            if self.needs_proof:
                check_proof(self.request.POST.get("proof", ""))
            for limit, key in self.limits(form):
                consume(limit, key)
        except RequestRejectedError as refusal:
            return self.refuse(form, refusal)
        self.process(form)
        return redirect(self.done)

    def refuse(self, form: forms.Form, refusal: RequestRejectedError) -> HttpResponse:
        form.add_error(None, str(refusal.sentence))
        response = self.render_to_response(self.get_context_data(form=form), status=refusal.status)
        if refusal.status in RETRY_AFTER:
            response["Retry-After"] = RETRY_AFTER[refusal.status]
        return response

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        if self.needs_proof:
            kwargs["challenge"] = proof_challenge()
        return super().get_context_data(title=self.title, **kwargs)


def may_upload(request: HttpRequest) -> HttpResponse:
    """Return 204 to a session that may work in the admin; all others are refused before this is called.

    nginx requests it before it reads a large body (docs/operators/nginx.conf).
    """
    return HttpResponse(status=204)
