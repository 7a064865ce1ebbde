"""The views of the addresses that name a country or a listing.

Only the renderer may request them.
"""

from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Substr
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from wagtail.models import Page

from core.http import public_url
from core.languages import names, tree
from core.memo import per_batch
from core.models import SiteSettings
from core.publishing import routes
from core.publishing.navigation import Navigation
from core.publishing.sharing import shortened
from helpline.finder.content import crisis
from helpline.finder.content.filters.choices import controls
from helpline.finder.content.listing import groups, rows
from helpline.finder.content.listing.reading import active_language
from helpline.finder.content.listing.state import checked
from helpline.finder.pages import FinderPage, chosen_pages
from helpline.finder.sharing import addresses, handouts, linked_data, lookups
from helpline.scan.models import ListedSite


def country(request: HttpRequest, country: str) -> HttpResponse:
    """Show everything in the finder that concerns one country."""
    finder = finder_or_404(request)
    place = place_or_404(country)
    title = gettext("Support: %(country)s") % {"country": place.name}
    description = gettext(
        "Services that listen (%(country)s): their numbers, hours and languages, and what they tell others."
    ) % {"country": place.name}
    alternates = [
        alternate
        for alternate in Navigation.for_request(request, finder).alternates
        if alternate.code not in place.waits_in
    ]
    context = {
        **base_context(finder),
        "place": place,
        "title": title,
        "description": description,
        "canonical": public_url(addresses.country_path(active_language(), country)),
        "alternates": alternates,
        "linked_data": linked_data.country(place, title=title, description=description),
        "handout": addresses.handout_path(active_language(), country),
        "embedding": addresses.embedding_path(active_language()),
        "groups": groups_html(place),
    }
    return render(request, "helpline/sharing/country.html", context)


def country_handout(request: HttpRequest, country: str, code: str) -> HttpResponse:
    finder_or_404(request, code)
    return pdf(handouts.typeset_country(place_or_404(country), site=site_name(request)))


def lines(request: HttpRequest, country: str) -> HttpResponse:
    """Show the lines of one country for people who were harmed, without programmes and without links to the finder."""
    finder = finder_or_404(request)
    found, today = lookups.lines_of([country]), timezone.localdate()
    shown = crisis.without_missing_children(found)
    harmed = [
        (kind, lines)
        for kind in crisis.FOR_HARMED
        for lines in crisis.by_country(shown, (kind,), today, ListedSite.objects.disclosing().urls(), within={country})
    ]
    if not harmed:
        raise Http404
    name = names.country_name(country)
    urgent = crisis.by_country(found, crisis.URGENT, today, within={country})
    context = {
        **base_context(finder),
        "title": gettext("Numbers: %(country)s") % {"country": name},
        "description": gettext("People who listen and support: %(country)s.") % {"country": name},
        "country": name,
        "harmed": harmed,
        "urgent": urgent,
        "other": crisis.without_first(urgent, urgent),
        "canonical": public_url(addresses.lines_path(active_language(), country)),
        "alternates": Navigation.for_request(request, finder).alternates,
    }
    return render(request, "helpline/sharing/lines.html", context)


def listing(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one listing, for professionals and old links.

    A delisted one only says so.
    """
    context = {**base_context(finder_or_404(request)), "title": gettext("Service information")}
    today = timezone.localdate()
    if (programme := lookups.programme(uuid)) is not None:
        where = programme.countries
        context |= {
            "row": lookups.row(programme, lookups.locations_of(programme)),
            "handout": addresses.handout_path(active_language(), uuid),
        }
    elif (line := lookups.support_line(uuid)) is not None:
        where = line.countries
        shown = crisis.shown_line(line, today)
        context |= {
            "line": line,
            "lines": crisis.CountryLines(
                " ".join(where), names.joined(map(names.country_name, where)), (shown,) if shown else ()
            ),
            "checked": checked(line.checked_on),
        }
    elif lookups.is_known(uuid):
        where = []
    else:
        raise Http404
    urgent = crisis.by_country(lookups.lines_of(where), crisis.URGENT, today, within=where)
    context |= {"urgent": urgent, "other": crisis.without_first(urgent, urgent)}
    return render(request, "helpline/sharing/listing.html", context)


def programme_handout(request: HttpRequest, uuid: str, code: str) -> HttpResponse:
    finder_or_404(request, code)
    programme = lookups.programme(UUID(uuid))
    if programme is None:
        raise Http404
    return pdf(handouts.typeset_programme(programme, site=site_name(request)))


def embed(request: HttpRequest, country: str) -> HttpResponse:
    """Show the list of one country, to be embedded in a partner's page."""
    finder = finder_or_404(request)
    place = place_or_404(country)
    found = groups_html(place)
    context = {
        "place": place,
        "groups": found,
        "counted": groups.number_of_services(sum(len(some) for group, some in found if not group.is_in_doubt)),
        "title": gettext("Support: %(country)s") % {"country": place.name},
        "choices": choices_html(finder, active_language()),
        "help": public_url(tree.page_path(finder)),
    }
    return render(request, "helpline/sharing/embed.html", context)


def embedding(request: HttpRequest) -> HttpResponse:
    """Explain to partners how to embed the list of a country."""
    finder = finder_or_404(request)
    found = addresses.countries_to_show()
    named = [
        (names.country_name(code), addresses.embed_path(active_language(), code))
        for code, waits in found.items()
        if active_language() not in waits
    ]
    context = {
        "finder": finder,
        "back": tree.page_path(finder),
        "title": gettext("Show the list on your own page"),
        "description": shortened(
            gettext(
                "You can show the services of a country inside one of your own pages. The list is always up to "
                "date, and it works "
                "without scripts and without cookies."
            )
        ),
        "countries": sorted(named, key=lambda pair: names.sort_key(pair[0])),
    }
    return render(request, "helpline/sharing/embedding.html", context)


def finder_or_404(request: HttpRequest, code: str = "") -> FinderPage:
    """Return the finder in the language of the address, which all these addresses depend on.

    Raises Http404 if it is not public, if the request is not from the renderer, or if `code`, the language in a file
    name, is another.
    """
    if not routes.may_render(request) or code not in {"", active_language()}:
        raise Http404
    found = public_finder(active_language())
    if found is None:
        raise Http404
    return found


@per_batch
def public_finder(code: str) -> FinderPage | None:
    """Return the finder of a language, if the public has one, with the page about traces on the device."""
    public = tree.public_pages().filter(locale__language_code=code).values("pk")
    home = Page.objects.filter(path=Substr(OuterRef("path"), 1, tree.HOME_DEPTH * tree.STEPLEN))
    found: FinderPage | None = (
        FinderPage.objects.filter(pk__in=public)
        .select_related("locale", "safety_page__locale")
        .annotate(home_key=Subquery(home.values("translation_key")))
        .first()
    )
    if found is not None:
        found.keys_above = [found.home_key]
    return found


@per_batch
def row_html(row: rows.ListingRow, language: str) -> SafeString:
    """Render a listing as in the finder, in the active language, with a link to its own page.

    The result is memoised, as a listing that works anywhere is on the pages of all countries.
    """
    address = addresses.listing_path(language, row.programme.uuid)
    return render_to_string("helpline/finder_row.html", {"row": row, "address": address})


def groups_html(place: lookups.Place) -> list[tuple[groups.ShownGroup, list[tuple[rows.ListingRow, SafeString]]]]:
    """Return the groups of listings of a country, each with its rows and their HTML."""
    return [
        (group, [(row, row_html(row, active_language())) for row in group.rows]) for group in groups.grouped(place.rows)
    ]


@per_batch
def choices_html(finder: FinderPage, language: str) -> SafeString:
    """Render the controls that filter a list, in the active language."""
    own_words = {block.value["audience"]: block.value["label"] for block in finder.routes}
    return render_to_string("helpline/finder_choices.html", {"controls": controls(own_words)})


def base_context(finder: FinderPage) -> dict[str, object]:
    """Return the context of all these pages: the finder, its address, and that of the page about traces."""
    return {"page": finder, "back": tree.page_path(finder), "safety": safety_path(finder)}


@per_batch
def safety_path(finder: FinderPage) -> str:
    """Return the path of the page about traces on the device, in the language of the finder, or an empty string."""
    return next((link.path for link in chosen_pages([finder.safety_page], finder).values()), "")


def place_or_404(country: str) -> lookups.Place:
    found = lookups.place(country)
    if found is None or active_language() in found.waits_in:
        raise Http404
    return found


def site_name(request: HttpRequest) -> str:
    name: str = SiteSettings.for_request(request).name
    return name


def pdf(content: bytes) -> HttpResponse:
    return HttpResponse(content, content_type="application/pdf")
