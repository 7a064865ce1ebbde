"""The finder as it is rendered, with the starter data in four languages, for the journeys through it."""

import datetime as dt
import functools
import mimetypes
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.test import Client, override_settings
from playwright.sync_api import Page as BrowserPage
from wagtail.models import Locale, Page, Site

from core.http.headers import public_headers
from core.models import LanguageState, SiteSettings
from helpline.finder.content.listing.rows import grouped
from helpline.models import FinderPage, Programme
from helpline.vocabulary.codes import Alert
from tests.factories.core import HomePageFactory
from tests.factories.helpline import FinderPageFactory, GuidePageFactory
from tests.factories.users import PASSWORD
from tests.helpline.finder.matching import choice, matches
from tests.support.browser import Opener
from tests.support.publishing import publish_page
from tests.support.server import SiteServer, collected_static

ROUTES = [
    (
        "route",
        {"audience": code, "label": label, "text": f"Text for {label}.", "steps": ["First.", "Second."]},
    )
    for code, label in [("self_thoughts", "My thoughts"), ("young_person", "Under 18")]
]
# The guides for two situations, by the codes of these.
GUIDES = {"images": "stopping", "investigation": "the-days-after"}
INTRODUCTION = "You can talk to someone. Most services are free, many are anonymous, and you decide how much you say."
TITLES = {"de": "Hilfe finden", "fr": "Trouver du soutien", "ar": "البحث عن دعم"}
LANGUAGES = ("en", *TITLES)
# A Wednesday that is not a public holiday.
RENDERED = dt.datetime(2026, 11, 25, 6, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Finder:
    """The prerendered pages by their paths, the static files, and the listings to compare with."""

    pages: dict[str, str]
    static: Path
    programmes: list[Programme]

    def expected(self, **chosen: str) -> set[str]:
        """Return the listings that match what is chosen, by their identifiers."""
        return {str(one.uuid)[:8] for one in self.programmes if matches(one, choice(**chosen))}

    def answers(self, **chosen: str) -> set[str]:
        """Return those that count: listings in doubt do not."""
        in_doubt = {str(one.uuid)[:8] for one in self.programmes if one.alert == Alert.IN_DOUBT}
        return self.expected(**chosen) - in_doubt


@pytest.fixture(scope="session")
def finder(django_db_setup, django_db_blocker) -> Finder:
    """The home page and the finder with the starter data, in four languages, as rendered at RENDERED."""
    static = collected_static()
    storages = {**settings.STORAGES, "staticfiles": {"BACKEND": "core.assets.storage.StaticStorage"}}
    given = {"DEMO": True, "RENDER_ON_REQUEST": True, "STATIC_ROOT": static, "STORAGES": storages}
    with django_db_blocker.unblock(), override_settings(**given), transaction.atomic():
        call_command("import_listings", "programmes", verbosity=0)
        call_command("import_listings", "support-lines", verbosity=0)
        call_command("import_listings", "laws", verbosity=0)
        call_command("import_listings", "law-texts", verbosity=0)
        locales = {code: Locale.objects.get_or_create(language_code=code)[0] for code in LANGUAGES}
        for locale in locales.values():
            LanguageState.objects.update_or_create(locale=locale, defaults={"state": LanguageState.State.PUBLIC})
        call_command("import_listings", "programme-texts", verbosity=0)
        Page.objects.filter(depth__gt=1).delete()
        home = HomePageFactory(parent=Page.objects.get(depth=1), locale=locales["en"])
        site = {"hostname": settings.PUBLIC_HOST, "port": int(os.environ["PORT"]), "root_page": home}
        shown, _ = Site.objects.update_or_create(is_default_site=True, defaults=site)
        SiteSettings.objects.update_or_create(site=shown, defaults={"after_harm": home})
        beside = {"danger_page": home}
        finder = FinderPageFactory(parent=home, routes=ROUTES, introduction=INTRODUCTION, **beside)
        GuidePageFactory(parent=finder, title="First steps", slug="first-steps")
        add_guides(finder)
        for code, title in TITLES.items():
            translated = home.copy_for_translation(locales[code])
            publish_page(translated)
            finder = FinderPageFactory(parent=translated, locale=locales[code], title=title, **beside)
            GuidePageFactory(parent=finder, locale=locales[code], title="first-steps", slug="first-steps")
            add_guides(finder)
        reader = Client(headers={"host": settings.PUBLIC_HOST})
        with time_machine.travel(RENDERED, tick=False):
            pages = {
                path: reader.get(path).text
                for code in locales
                for path in (f"/{code}/", f"/{code}/help/", f"/{code}/help/first-steps/")
            }
        # The locations of a programme are read in its row.
        shown = Programme.objects.shown().prefetch_related("contact_points", "texts")
        programmes = [programme for programme, _places in grouped(shown)]
        transaction.set_rollback(True)
    return Finder(pages, static, programmes)


def add_guides(finder: FinderPage) -> None:
    """Add the guides for two situations, with the routes that lead to them."""
    for code, slug in GUIDES.items():
        guide = GuidePageFactory(parent=finder, locale=finder.locale, title=slug, slug=slug)
        value = {"audience": code, "label": code, "text": f"Text for {code}.", "steps": ["First."], "guide": guide}
        finder.routes.append(("route", value))
    publish_page(finder)


@pytest.fixture
def show(finder, open_page):
    """Return a function that opens the finder in a language, in Chromium by default.

    `swap` changes the style sheet on its way; `now` is the time on the device, by default that of the rendering;
    scripts wait in `held`, as functions, until they are called.
    """

    def show(language="en", *, path="help/", opener=open_page, swap=(), styles=True, now=None, held=None, **options):
        page = opener(**options)
        if now is not None:
            page.clock.install(time=now)
        else:
            page.clock.set_fixed_time(RENDERED)  # a page that is older than some days says so

        def answer(route):
            asked = urlsplit(route.request.url).path
            if asked in finder.pages:
                body, kind = finder.pages[asked], "text/html; charset=utf-8"
            elif asked.endswith(".css") and not styles:
                return route.abort()
            else:
                body = (finder.static / asked.removeprefix("/static/")).read_bytes()
                kind = mimetypes.guess_type(asked)[0]
                for old, new in swap if asked.endswith(".css") else ():
                    body = body.replace(old, new)
            fulfill = functools.partial(
                route.fulfill, body=body, headers=dict(public_headers(asked)), content_type=kind
            )
            return held.append(fulfill) if held is not None and asked.endswith(".js") else fulfill()

        page.route(f"{settings.PUBLIC_URL}/**", answer)
        page.goto(f"{settings.PUBLIC_URL}/{language}/{path}", wait_until="load" if held is None else "commit")
        return page

    return show


def choose(page: BrowserPage, facet: str, code: str) -> None:
    """Choose as a person does: from the list, or with the button."""
    group = page.locator(f'[data-facet="{facet}"]')
    if facet not in {"country", "audience"}:
        for closed in page.locator(".finder-more > details:not([open]) > summary:visible").all():
            closed.click()
    if facet in {"country", "audience", "language", "order"}:
        codes = group.locator("option").evaluate_all("all => all.map((each) => each.dataset.code)")
        group.select_option(index=codes.index(code))
    else:
        group.locator(f'label:has([data-code="{code}"])').click()


def open_admin(open_page: Opener, site: SiteServer, email: str) -> BrowserPage:
    """Open the admin with a user signed in whom the factory has given a password."""
    page = open_page(f"{site.private_url}/account/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/admin/**")
    return page
