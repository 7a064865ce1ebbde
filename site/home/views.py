"""Views of the public site that are not pages."""

from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps import views as sitemap_views
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import gettext
from wagtail.models import get_page_models
from wagtail.query import PageQuerySet

from core import memo, sitemaps
from core.assets import generated_files
from core.http import errors, is_private_site, public_url
from core.languages import names, tree
from core.models import SiteSettings
from core.postgresql.limits import statement_limit
from core.publishing import routes, sharing
from core.publishing.navigation import Navigation, with_default
from home import sitemap
from home.search import MAX_QUERY_LENGTH, STATEMENT_LIMIT, Search, search_path

# The type of the extension in Python's table, and so in the renderer and in every web server.
ICON_TYPE = "image/vnd.microsoft.icon"


def choose_language(request: HttpRequest) -> HttpResponse:
    """Render the root of the site: a choice of languages by their own names.

    It does not redirect by the browser's language.
    """
    if not routes.may_render(request):
        raise Http404
    with translation.override(settings.LANGUAGE_CODE):
        public = tree.public_codes()
        around = Navigation.for_request(request, None)
        links = [link for link in around.language_links if link.code in public]
        alternates = with_default({link.code: f"/{link.code}/" for link in links}, is_home=True)
        languages = [
            (link, around.described(link.code), around.chosen_link_in("after_harm", link.code))
            for link in sorted(links, key=lambda link: names.sort_key(link.autonym))
        ]
        return render(request, "home/choose_language.html", {"languages": languages, "alternates": alternates})


def not_found(request: HttpRequest, code: str = settings.LANGUAGE_CODE, *, sensitive: bool = False) -> HttpResponse:
    """Render the 404 page with the menu and the languages.

    It is prerendered, and sent with status 404.

    For a sensitive address, the language links lead to the sensitive part of the site and there is no menu, as on every
    page there.
    """
    if not routes.may_render(request) or code not in settings.INTERFACE_LANGUAGES:
        raise Http404
    public = tree.public_codes()
    with translation.override(code):
        around = Navigation(request, None)
        links = [
            replace(link, state="current" if link.code == code else "translated")
            for link in around.language_links
            if link.code in public
        ]
        if sensitive:
            own = {page.locale.language_code: tree.page_path(page) for page in sensitive_top_pages()}
            links = [replace(link, url=around.href(own[link.code])) if link.code in own else link for link in links]
        has_menu = code in public and not sensitive
        page = errors.page(
            404,
            language=code,
            sensitive=sensitive,
            languages=links,
            menu=around.menu if has_menu else [],
            search=search_path(code) if has_menu else "",
            apart=around.after_harm,
        )
    return HttpResponse(page.content)


def sensitive_top_pages() -> PageQuerySet:
    """Return the top page of the sensitive part of the site in each public language."""
    kinds = [model for model in get_page_models() if getattr(model, "is_sensitive", False)]
    return tree.public_pages().filter(depth=tree.HOME_DEPTH + 1).type(*kinds).select_related("locale")


def find(request: HttpRequest) -> HttpResponse:
    """Render the public search.

    It is prerendered without a query.
    """
    code = translation.get_language()
    if not routes.may_render(request, answers_query=True) or not tree.is_public(code):
        raise Http404
    search = Search(query=request.GET.get("q", ""), code=code)
    with statement_limit(STATEMENT_LIMIT), memo.batch():
        return search_results(request, search)


def search_results(request: HttpRequest, search: Search) -> HttpResponse:
    context = {
        "title": gettext("Search"),
        "description": gettext(
            "Search all pages of this site: campaigns, news, the network, and ways to find support."
        ),
        "search": search,
        "longest": MAX_QUERY_LENGTH,
        "page_obj": search.page(request.GET.get("page")) if search.words else None,
        "rest": urlencode({"q": search.query}),
    }
    if search.query:
        context["title"] = gettext("Search: %(query)s") % {"query": search.query}
    return render(request, "home/search.html", context)


def site_map(request: HttpRequest) -> HttpResponse:
    """The sitemap index."""
    if not routes.may_render(request):
        raise Http404
    # Django's index needs only the name and length of each part.
    return sitemap_views.index(
        request,
        dict.fromkeys(sitemap.part_names(), Sitemap),
        sitemap_url_name="home:sitemap-part",
    )


def site_map_part(request: HttpRequest, section: str) -> HttpResponse:
    if not routes.may_render(request):
        raise Http404
    try:
        part = sitemap.part(int(section)) if section.isdecimal() else sitemap.named_part(section)
    except (LookupError, ValueError):  # the latter for a number with thousands of digits
        raise Http404 from None
    response = sitemap_views.sitemap(request, {section: part}, template_name="home/sitemap.xml").render()
    if len(response.content) > sitemap.LARGEST:
        raise sitemap.TooLongError(f"{len(response.content)} bytes in {sitemaps.part_path(section)}")
    return response


def robots(request: HttpRequest) -> HttpResponse:
    """robots.txt: nothing on the private site; everything on the public site except URLs with a query string."""
    lines = ["User-agent: *"]
    lines += (
        ["Disallow: /"] if is_private_site(request) else ["Disallow: /*?", "", f"Sitemap: {public_url('/sitemap.xml')}"]
    )
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def security(request: HttpRequest) -> HttpResponse:
    """security.txt: where to report a vulnerability (RFC 9116)."""
    path = "/.well-known/security.txt"
    # Within a year, as the RFC recommends, and the same all month: the file is prerendered with each version of the
    # software.
    until = timezone.localdate().replace(day=1) + timedelta(days=335)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {until:%Y-%m-%dT00:00:00Z}",
        f"Preferred-Languages: {', '.join(settings.INTERFACE_LANGUAGES)}",
        f"Canonical: {public_url(path)}",
        f"Canonical: {settings.PRIVATE_URL}{path}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def card(request: HttpRequest, code: str, slug: str = "") -> HttpResponse:
    """Render the picture of a page for link previews."""
    wanted = Q(depth=tree.HOME_DEPTH + 1, slug=slug) if slug else Q(depth=tree.HOME_DEPTH)
    page = next(sharing.pages_with_cards(wanted & Q(locale__language_code=code)), None)
    if not routes.may_render(request) or page is None:
        raise Http404
    name = SiteSettings.for_request(request).name
    return HttpResponse(sharing.drawn_card(page, site=name), content_type="image/png")


def favicon(request: HttpRequest) -> HttpResponse:
    """The icon of the site: a neutral one for every page, help pages included."""
    return HttpResponse(
        (generated_files.icons_folder() / generated_files.FAVICON.name).read_bytes(), content_type=ICON_TYPE
    )


def touch_icon(request: HttpRequest) -> HttpResponse:
    """The icon of the site on a home screen, as neutral."""
    return HttpResponse(
        (generated_files.icons_folder() / generated_files.TOUCH.name).read_bytes(), content_type="image/png"
    )


def manifest(request: HttpRequest, code: str) -> HttpResponse:
    """Render the web app manifest: name and look of the site on a home screen.

    It opens in the browser: there is nothing to install.
    """
    if not routes.may_render(request) or not tree.is_public(code):
        raise Http404
    name = SiteSettings.for_request(request).name
    return JsonResponse(
        {
            "name": name,
            "short_name": name,
            "lang": code,
            "dir": settings.LANGUAGE_TABLE[code].direction,
            "start_url": f"/{code}/",
            "scope": "/",
            "display": "browser",
            "background_color": "#fcfdfc",
            "theme_color": "#103c3f",
            "icons": [
                {
                    "src": static(icon.name),
                    "sizes": f"{icon.width}x{icon.width}",
                    "type": "image/png",
                    "purpose": "maskable" if icon.fills else "any",
                }
                for icon in (generated_files.SMALL, generated_files.LARGE, generated_files.MASKABLE)
            ],
        },
        content_type="application/manifest+json",
        json_dumps_params={"ensure_ascii": False},
    )
