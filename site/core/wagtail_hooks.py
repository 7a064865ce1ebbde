"""At which door pages are served, and warnings to editors about what the public may not see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.translation import gettext
from wagtail import hooks
from wagtail.admin import messages
from wagtail_localize.models import Translation

from core.doors import at_desk, public_url
from core.languages import tree
from core.languages.handing_in import HandInView
from core.languages.update_translations import UpdateTranslations, reasons_against
from core.models import BasePage
from core.publishing import printing
from core.rich_text import PageLink

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from wagtail.models import Page
    from wagtail.rich_text.feature_registry import FeatureRegistry

# Before wagtail-localize, which replaces Wagtail's own edit view for translations.
FIRST = -10
AFTER_WAGTAIL = 10


@hooks.register("before_serve_page")
def serve_at_its_door(page: Page, request: HttpRequest, args: Any, kwargs: Any) -> HttpResponse | None:
    """Serve what is printed at the public door, and what is not public at the desk."""
    if at_desk(request):
        return at_the_desk(page, request)
    if printing.is_print(request):
        return None  # the press has already checked all this
    answers = isinstance(page, BasePage) and page.answers_query
    if not printing.may_render(request, answers_query=answers):
        raise Http404("This page has not been printed.")
    if not is_public(page) or (isinstance(page, BasePage) and page.reasons_not_to_print()):
        raise Http404("The public may not see this page.")
    return None


def at_the_desk(page: Page, request: HttpRequest) -> HttpResponse | None:
    if is_public(page):
        return HttpResponseRedirect(public_url(request.get_full_path()))
    if tree.is_public(page.locale.language_code):
        return None  # restricted: Wagtail checks the user
    # A language in preparation, or a retired one, is only for people who can sign in to the admin.
    user = getattr(request, "user", None)
    if user is None or not user.has_perm("wagtailadmin.access_admin"):
        raise Http404("The public does not see this language.")
    return None


def is_public(page: Page) -> bool:
    return tree.public_pages().filter(pk=page.pk).exists()


@hooks.register("register_rich_text_features", order=AFTER_WAGTAIL)
def link_to_what_is_public(features: FeatureRegistry) -> None:
    features.register_link_type(PageLink)


# --- Translations that may not be published -------------------------------------------------------------------------------


@hooks.register("before_edit_page", order=FIRST)
def refuse_or_explain(request: HttpRequest, page: Page) -> HttpResponse | None:
    """On a page's edit screen, say why the public does not see it, and refuse to publish an incomplete translation."""
    if not isinstance(page, BasePage):
        return None
    if request.method == "POST":
        if request.POST.get("action") != "publish":
            return None
        reasons = reasons_in_translation(page)
        if not reasons and page.needs_second_person:
            reasons = [gettext("A second person decides about this page: hand it in.")]
        if reasons:
            messages.error(request, refusal(reasons))
            return HttpResponseRedirect(request.path)
        return None
    live = type(page).objects.filter(pk=page.pk, live=True).first()
    if live is not None and (reasons := live.reasons_not_to_print()):
        messages.warning(
            request,
            gettext("The public does not see this page. %(reasons)s") % {"reasons": " ".join(reasons)},
        )
    return None


@hooks.register("before_publish_page")
def refuse_untranslated(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Refuse Wagtail's own publishing as well, for instance of a page whose translation was stopped half-way."""
    if isinstance(page, BasePage) and (reasons := page.untranslated()):
        messages.error(request, refusal(reasons))
        return HttpResponseRedirect(request.path)
    return None


def reasons_in_translation(page: BasePage) -> list[str]:
    """Return why a page's translation, in its current state, may not be published."""
    translation = Translation.objects.filter(
        source__object_id=page.translation_key, target_locale=page.locale_id, enabled=True
    ).first()
    return reasons_against(translation) if translation else []


def refusal(reasons: list[str]) -> str:
    return gettext("Not published. The public still sees the previous version. %(reasons)s") % {
        "reasons": " ".join(reasons)
    }


# --- The look of the admin --------------------------------------------------------------------------------------------


@hooks.register("insert_global_admin_css")
def insert_stylesheet() -> str:
    """Make the admin look like the rest of the desk."""
    return format_html('<link rel="stylesheet" href="{}">', static("css/admin.css"))


@hooks.register("register_admin_urls", order=FIRST)
def register_urls() -> list[URLPattern]:
    """Add our views of translations. Some replace wagtail-localize's own, at the same addresses."""
    return [
        path(
            "localize/update/<int:translation_source_id>/",
            UpdateTranslations.as_view(),
            name="update_translations",
        ),
        path("translations/<int:pk>/hand-in/", HandInView.as_view(), name="hand_in_translation"),
    ]
