from collections.abc import Iterator

from django.conf import settings
from django.contrib.admin.utils import quote
from django.contrib.auth.models import AbstractUser
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets.button import Button
from wagtail.models import Page
from wagtail.snippets.models import register_snippet
from wagtail_localize.models import Translation

from core.admin.menus import AllowedMenuItem
from core.languages import names
from helpline.admin import history, listed_sites
from helpline.admin.coverage_map import CoverageMapView, may_see
from helpline.admin.help_page_review import HelpPageReviewView, arrange_page_menu, ask_second_person
from helpline.admin.help_pages import HelpPagesView, has_pages
from helpline.admin.imports import ImportStateView, ImportView
from helpline.admin.review import arrange_menu, explain_refusal
from helpline.admin.review_queue.views import ReviewQueueViewSet
from helpline.admin.viewsets import ListingAdmin
from helpline.approval.rule import NotApprovedError
from helpline.finder.pages import HelpPage
from helpline.records.laws import CountryLaw
from helpline.records.listings import Listing
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.records.texts import ApprovedText
from helpline.vocabulary.wording import revealing_words

register_snippet(ListingAdmin)

hooks.register("register_log_actions", history.register)


hooks.register("construct_snippet_action_menu", arrange_menu)
hooks.register("construct_page_action_menu", arrange_page_menu)
hooks.register("before_publish_page", ask_second_person)


@hooks.register("register_admin_urls")
def admin_urls() -> list[URLPattern | URLResolver]:
    help_pages = [
        path("", HelpPagesView.as_view(), name="list"),
        path("<int:pk>/review/", HelpPageReviewView.as_view(), name="review"),
    ]
    return [
        path("help-pages/", include((help_pages, "help_pages"))),
        path("listed-sites/", include((listed_sites.urls, "listed_sites"))),
        path("listings/import/", ImportView.as_view(), name="import-listings"),
        path("listings/import/<int:pk>/", ImportStateView.as_view(), name="import-state"),
        path("reports/coverage/", CoverageMapView.as_view(), name="helpline_coverage"),
    ]


@hooks.register("register_reports_menu_item")
def help_pages_menu_item() -> MenuItem:
    return AllowedMenuItem(
        HelpPagesView.page_title,
        reverse("help_pages:list"),
        allows=has_pages,
        name="help-pages",
        icon_name="doc-full",
        order=150,
    )


@hooks.register("before_edit_snippet", order=-1)
def publish_a_translation(request: HttpRequest, instance: Model) -> HttpResponse | None:
    """Save a translation as a draft, and tell the translator why.

    wagtail-localize publishes without a user, which is refused.
    """
    if (
        not isinstance(instance, ApprovedText)
        or request.method != "POST"
        or request.POST.get("action") != "publish"
        or not request.user.has_perm(f"helpline.publish_{instance._meta.model_name}")
    ):
        return None
    translation = Translation.objects.filter(
        source__object_id=instance.translation_key, target_locale_id=instance.locale_id, enabled=True
    ).first()
    if translation is None:
        return None
    try:
        translation.save_target(user=request.user, publish=True)
    except NotApprovedError:
        return explain_refusal(request, instance, NotApprovedError(gettext("A second person must approve it first.")))
    return None


@hooks.register("register_reports_menu_item")
def register_sites_menu_item() -> MenuItem:
    return AllowedMenuItem(
        listed_sites.SitesView.page_title,
        reverse("listed_sites:list"),
        allows=lambda user: listed_sites.POLICY.user_has_any_permission(user, {"view", "change"}),
        name="listed-sites",
        icon_name="globe",
        order=1200,
    )


hooks.register("register_admin_viewset", ReviewQueueViewSet)


@hooks.register("register_snippet_listing_buttons")
def add_listing_buttons(listing: Model, user: AbstractUser, next_url: str | None = None) -> Iterator[Button]:
    """Add buttons to each listing in the list: for immediate actions and, for services, for the yearly letter."""
    if not isinstance(listing, Listing) or not user.has_perm(f"helpline.change_{listing._meta.model_name}"):
        return
    url = reverse(listing.snippet_viewset.get_url_name("now"), args=(quote(listing.pk),))
    at_once = _("Immediately: confirm, warn, close, hide")
    if isinstance(listing, CountryLaw):
        at_once = _("Immediately: confirm, hide")
    yield Button(at_once, url=url, icon_name="warning", priority=15)
    if isinstance(listing, Programme | SupportLine):
        asks = reverse("helpline_work:operator", args=(listing._meta.model_name, quote(listing.pk)))
        yield Button(_("Yearly letter to the operator"), url=asks, icon_name="mail", priority=16)


@hooks.register("register_reports_menu_item")
def coverage_map_menu_item() -> MenuItem:
    return AllowedMenuItem(
        CoverageMapView.page_title,
        reverse("helpline_coverage"),
        allows=may_see,
        name="coverage",
        icon_name="globe",
        order=700,
    )


@hooks.register("after_create_page")
@hooks.register("after_edit_page")
def warn_about_revealing_titles(request: HttpRequest, page: Page) -> None:
    """Warn an editor when the title, the URL or the description of a help page reveals its topic.

    They stay in the browser's history.
    """
    if not isinstance(page, HelpPage):
        return
    if page.locale.language_code not in settings.INTERFACE_LANGUAGES:
        text = gettext(
            "There is no list yet of words in %(language)s that would give this page away. Make sure that the title "
            "and the address are "
            "neutral."
        )
        messages.warning(request, text % {"language": names.language_name(page.locale.language_code)})
    shown = f"{page.title} {page.seo_title} {page.slug} {page.search_description}"
    if revealing := list(dict.fromkeys(revealing_words(shown))):
        text = gettext(
            "The title, the address or the description of this page gives away what it is about: %(words)s. All of "
            "them may stay in the "
            "browser history. Choose neutral words."
        )
        messages.warning(request, text % {"words": ", ".join(revealing)})
