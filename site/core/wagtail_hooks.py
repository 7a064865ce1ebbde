"""Hooks for Wagtail: where pages are served, and warnings to editors about content hidden from the public."""

import uuid
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import F, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.action_menu import ActionMenuItem
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.log_actions import LogActionRegistry, LogFormatter
from wagtail.models import BaseLogEntry, Page
from wagtail.rich_text.feature_registry import FeatureRegistry
from wagtail.rich_text.pages import PageLinkHandler
from wagtail_localize.models import Translation

from core.admin import exit_addresses, search, unpublish_requests, unpublishing
from core.admin.views import form_token, may_upload
from core.http import is_private_site, public_url
from core.http.access import may_work_here
from core.languages import tree
from core.languages.exchange import admin as exchange
from core.languages.submission import MachineTranslateView, SubmitView, UpdateTranslations, blockers
from core.models import BasePage, Picture
from core.publishing import redirects, routes
from core.publishing.navigation import known_pages

# Before wagtail-localize, which replaces Wagtail's own edit view for translations.
FIRST = -10
AFTER_WAGTAIL = 10
FORM_KEY_LASTS = 24 * 60 * 60  # seconds; twice as long as a session


@hooks.register("before_serve_page")
def serve_on_its_site(
    page: Page, request: HttpRequest, args: Sequence[object], kwargs: Mapping[str, object]
) -> HttpResponse | None:
    """Serve what is prerendered on the public site, and what is not public on the private site."""
    if is_private_site(request):
        return on_private_site(page, request)
    if routes.is_prerendering(request):
        return None  # the renderer has already checked all this
    answers = isinstance(page, BasePage) and page.answers_query
    if not routes.may_render(request, answers_query=answers):
        raise Http404("This page has not been rendered.")
    if not is_public(page) or (isinstance(page, BasePage) and page.render_blockers()):
        raise Http404("The public may not see this page.")
    return None


def on_private_site(page: Page, request: HttpRequest) -> HttpResponse | None:
    if is_public(page):
        return HttpResponseRedirect(public_url(request.get_full_path()))
    if tree.is_public(page.locale.language_code):
        return None  # restricted: Wagtail checks the user
    # A language in preparation, or a retired one, is only for people who can sign in to the admin.
    if not may_work_here(request):
        raise Http404("The public does not see this language.")
    return None


def is_public(page: Page) -> bool:
    return tree.public_pages().filter(pk=page.pk).exists()


class PageLink(PageLinkHandler):
    """A link to a page's translation, or to its fallback language; plain text if neither is public.

    Wagtail's handler takes four queries per text and more per link, and links to pages that the public may not see.
    """

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict[str, Any]]) -> list[str]:
        code = translation.get_language() or settings.LANGUAGE_CODE
        ids = [int(attrs["id"]) if str(attrs.get("id")).isdecimal() else 0 for attrs in attrs_list]
        known = known_pages(None)
        if known.keys.keys() >= set(ids):
            return [cls.tag(known.translations.get(known.keys[pk], {}), code) for pk in ids]
        asked = Page.objects.filter(pk__in=ids)
        found = list(
            tree.public_pages(also_in=code)
            .filter(translation_key__in=asked.values("translation_key"))
            .annotate(code=F("locale__language_code"))
            .only("url_path", "translation_key")
        )
        keys = {page.pk: page.translation_key for page in found if page.pk in ids}
        if found and set(ids) - keys.keys():
            # The linked page is not public, but its translation may be.
            keys = dict(asked.values_list("pk", "translation_key"))
        pages: dict[uuid.UUID, dict[str, Page]] = {}
        for page in found:
            pages.setdefault(page.translation_key, {})[page.code] = page
        return [cls.tag(pages.get(keys[pk], {}) if pk in keys else {}, code) for pk in ids]

    @staticmethod
    def tag(pages: dict[str, Page], code: str) -> str:
        """Return the opening tag, with `hreflang` if the link leads to another language.

        `pages`: the page, by language.
        """
        for other in tree.fallbacks(code):
            if page := pages.get(other):
                url = tree.page_path(page, other)
                return (
                    format_html('<a href="{}">', url)
                    if other == code
                    else format_html('<a href="{}" hreflang="{}">', url, other)
                )
        return "<a>"


@hooks.register("register_rich_text_features", order=AFTER_WAGTAIL)
def link_to_what_is_public(features: FeatureRegistry) -> None:
    features.register_link_type(PageLink)


@hooks.register("construct_image_chooser_queryset")
def without_first_pages(pictures: QuerySet[Picture], request: HttpRequest) -> QuerySet[Picture]:
    """Offer no picture that was drawn from a file: it is deleted with the file."""
    return pictures.filter(first_page_of=None)


# --- Translations that may not be published -----------------------------------------------------------------------


@hooks.register("before_edit_page", order=FIRST)
def refuse_or_explain(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Explain on a page's edit screen why it is not public, and refuse to publish incomplete translations."""
    if not isinstance(page, BasePage):
        return None
    if request.method == "POST":
        if request.POST.get("action") != "publish":
            return None
        reasons = reasons_in_translation(page)
        if not reasons and page.needs_second_person:
            reasons = [gettext("A second person decides about this page: submit it.")]
        if reasons:
            messages.error(request, refusal(reasons))
            return HttpResponseRedirect(request.path)
        return None
    live = type(page).objects.filter(pk=page.pk, live=True).first()
    if live is not None and (reasons := live.render_blockers()):
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
    return blockers(translation) if translation else []


def refusal(reasons: list[str]) -> str:
    return gettext("Not published. The public still sees the previous version. %(reasons)s") % {
        "reasons": " ".join(reasons)
    }


# --- Exit addresses ------------------------------------------------------------------------------------------------


@hooks.register("register_admin_viewset")
def exit_address_viewset() -> exit_addresses.ExitAddressViewSet:
    return exit_addresses.ExitAddressViewSet("exit_addresses")


# --- Unpublishing a page ---------------------------------------------------------------------------------------------

hooks.register("before_unpublish_page", partial(unpublishing.ask, what=unpublishing.UNPUBLISH))
hooks.register("before_delete_page", partial(unpublishing.ask, what=unpublishing.DELETE))
hooks.register("before_move_page", unpublishing.ask_before_moving)
hooks.register("after_publish_page", unpublishing.ask_after_publishing)
hooks.register("before_bulk_action", unpublishing.refuse_in_bulk)
hooks.register("after_bulk_action", unpublishing.warn_of_other_languages)


@hooks.register("construct_page_action_menu")
def ask_from_the_menu(items: list[ActionMenuItem], request: HttpRequest, context: dict[str, Any]) -> None:
    """Link the form's menu to the form for languages and reason, and offer no mirror without the right to publish."""
    page = context.get("page")
    tester = context.get("user_page_permissions_tester")
    if context["view"] != "edit" or not isinstance(page, BasePage) or tester is None:
        return
    if not tester.can_publish():
        items[:] = [item for item in items if item.name != "localize-convert-to-alias"]
    for item in [item for item in items if item.name == "action-unpublish"]:
        items[items.index(item)] = UnpublishWithReasonMenuItem(order=item.order)


class UnpublishWithReasonMenuItem(ActionMenuItem):
    """Wagtail's button, with the address of the form for languages and reason."""

    name = "action-unpublish-translations"
    label = unpublishing.UnpublishPageView.page_title
    icon_name = "download"

    def get_url(self, parent_context: Any) -> str:
        return unpublishing.unpublish_url(parent_context["page"], unpublishing.UNPUBLISH)


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    actions.register_action(unpublishing.ACTION)(UnpublishedWithReason)
    actions.register_action(unpublish_requests.ASK)(UnpublishRequested)
    actions.register_action(unpublish_requests.KEEP)(KeptOnSite)
    actions.register_action(unpublishing.EXPIRY)(Expires)
    actions.register_action("core.stop_translation")(TranslationStopped)
    actions.register_action(exit_addresses.APPROVE)(ExitAddressApproved)


class UnpublishedWithReason(LogFormatter):
    """Log entry of an unpublished page, with the reason."""

    label = unpublishing.UnpublishPageView.page_title
    message = gettext_lazy("Unpublished")

    def format_comment(self, log_entry: BaseLogEntry) -> str:
        return str(log_entry.data.get("reason", ""))


class UnpublishRequested(UnpublishedWithReason):
    """Log entry of a request to unpublish a page that needs two people, with the reason."""

    label = gettext_lazy("Request unpublishing")
    message = gettext_lazy("Unpublish request: a second person decides")


class KeptOnSite(UnpublishedWithReason):
    """Log entry of a rejected request to unpublish a page, with the reason."""

    label = gettext_lazy("Keep on the site")
    message = gettext_lazy("It stays on the site")


class Expires(UnpublishedWithReason):
    """Log entry of a scheduled expiry of a page, with the reason."""

    message = gettext_lazy("Unpublished at the time that was set")


class ExitAddressApproved(LogFormatter):
    label = gettext_lazy("Approve")
    message = gettext_lazy("Approved as the second person")


class TranslationStopped(UnpublishedWithReason):
    """Log entry of a stopped translation, with the reason."""

    label = unpublishing.StopView.page_title
    message = gettext_lazy("The translation was stopped")


# --- A new object whose form is sent again ----------------------------------------------------------------------------


def form_key(request: HttpRequest) -> str:
    """Return the key of the opened form, which `saving.js` has made; empty without a script."""
    key = request.POST.get("form_key", "")
    return f"form:{request.user.pk}:{key}" if key else ""


@hooks.register("before_create_page")
@hooks.register("before_create_snippet")
def save_what_was_created(request: HttpRequest, *of_what: object) -> HttpResponse | None:
    """Send a form that has already created its object to that object, if the response with the address was lost."""
    key = form_key(request)
    url = cache.get(key) if key else None
    return HttpResponseRedirect(url, preserve_request=True) if url else None


@hooks.register("after_create_page")
@hooks.register("after_create_snippet")
def remember_what_was_created(request: HttpRequest, created: Model) -> None:
    if key := form_key(request):
        cache.set(key, AdminURLFinder(request.user).get_edit_url(created), FORM_KEY_LASTS)


# --- The look of the admin --------------------------------------------------------------------------------------------


@hooks.register("insert_global_admin_css")
def insert_stylesheet() -> str:
    """Make the admin look like the rest of the private site."""
    return format_html('<link rel="stylesheet" href="{}">', static("css/admin.css"))


@hooks.register("insert_editor_js")
def insert_saving() -> str:
    """Let *Save* wait for the autosave under way, and keep the entries if the session or the connection has ended."""
    return format_html(
        '<script src="{}" data-token-url="{}" data-sign-in-url="{}" data-sign-in="{}" data-signed-out="{}" '
        'data-offline="{}"></script>',
        static("js/saving.js"),
        reverse("form_token"),
        reverse("account_login"),
        gettext("Sign in in a new tab"),
        gettext("Not saved: you have been signed out. What you typed is still here. Sign in, then save again here."),
        gettext("Not saved: the site cannot be reached. What you typed is still here. Save again in a moment."),
    )


@hooks.register("register_admin_urls", order=FIRST)
def register_urls() -> list[URLPattern]:
    """Add the search of the admin, and our views of translations.

    Some replace wagtail-localize's own, or Wagtail's, at the same addresses.
    """
    return [
        *redirects.urlpatterns,
        path("form-token/", form_token, name="form_token"),
        path(
            "localize/update/<int:translation_source_id>/",
            UpdateTranslations.as_view(),
            name="update_translations",
        ),
        path("localize/page/<int:page_id>/convert_to_alias/", unpublishing.mirror_source, name="mirror_source"),
        path(
            "localize/translate/<int:translation_id>/disable/",
            unpublishing.StopView.as_view(),
            name="stop_translation",
        ),
        path(
            "pages/<int:pk>/unpublish-translations/",
            unpublishing.UnpublishPageView.as_view(),
            name="unpublish_page",
        ),
        *exchange_urls(),
        path("translations/<int:pk>/submit/", SubmitView.as_view(), name="submit_translation"),
        path("search/", search.AdminSearchView.as_view(), name="admin_search"),
        path("may-upload/", may_upload, name="may_upload"),
    ]


def exchange_urls() -> list[URLPattern]:
    return [
        path(
            "translations/download/",
            exchange.DownloadTranslationsView.as_view(),
            name="download_translations",
        ),
        path("translations/upload/", exchange.UploadTranslationsView.as_view(), name="upload_translations"),
        path(
            "translations/upload/<int:pk>/",
            exchange.TranslationsUploadView.as_view(),
            name="translations_upload",
        ),
        path(
            "localize/translate/<int:translation_id>/pofile/download/",
            exchange.DownloadPOView.as_view(),
            name="download_po",
        ),
        path(
            "localize/translate/<int:translation_id>/pofile/upload/",
            exchange.UploadPOView.as_view(),
            name="upload_po",
        ),
        path(
            "localize/translate/<int:translation_id>/machine_translate/",
            MachineTranslateView.as_view(),
            name="machine_translate",
        ),
    ]


# --- One search of the admin --------------------------------------------------------------------------------------

hooks.register("register_admin_search_area", search.AdminSearchArea)
