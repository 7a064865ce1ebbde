"""Languages and the page tree: which languages are public, the fallbacks of a language, and the path of a page.

All pages of a language are below its home page, which is at depth 2, and their paths begin with the language code.
So the path of a page follows from its `url_path` and its language, without a query.
"""

from django.conf import settings
from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.utils.encoding import escape_uri_path
from wagtail.models import Page, PageViewRestriction
from wagtail.query import PageQuerySet

from core.memo import per_batch
from core.models.languages import LanguageState

HOME_DEPTH = 2
STEPLEN = Page.steplen


@per_batch
def public_codes() -> list[str]:
    """Return the public languages, in the order of `config/languages.py`."""
    public = set(LanguageState.objects.public().codes())
    return [code for code in settings.LANGUAGE_TABLE if code in public]


@per_batch
def is_public(code: str) -> bool:
    """Return whether a language is public.

    `code` may be any string.
    """
    return (
        code in settings.LANGUAGE_TABLE and LanguageState.objects.public().filter(locale__language_code=code).exists()
    )


def fallbacks(code: str) -> list[str]:
    """Return the languages to try for a reader of `code`: this one, its configured fallback, the source language."""
    language = settings.LANGUAGE_TABLE.get(code)
    chain = [code, *([language.fallback] if language else []), settings.LANGUAGE_CODE]
    return list(dict.fromkeys(chain))


def page_path(page: Page, code: str | None = None) -> str:
    """Return the path of a page on the public site, such as `/de/about/`.

    Passing `code` saves a query.
    """
    return f"/{code or page.locale.language_code}/{escape_uri_path(page.url_path.split('/', 2)[2])}"


def restricted() -> Exists:
    """Return an expression for page querysets: whether the page, or one above it, has a view restriction."""
    above = PageViewRestriction.objects.alias(
        shown=ExpressionWrapper(OuterRef("path"), output_field=CharField())
    ).filter(Q(shown__startswith=F("page__path")) | Q(shown__startswith=F("page__aliases__path")))
    return Exists(above)


def public_pages(*, also_in: str | None = None) -> PageQuerySet:
    """Return the public pages: live, in a public language, without a view restriction on them or above.

    `also_in` is a language to count as public, for editors who preview it before it is.
    """
    return _public_pages(also_in).all()


@per_batch
def _public_pages(also_in: str | None) -> PageQuerySet:
    languages = Q(locale__language_state__state=LanguageState.State.PUBLIC)
    if also_in:
        languages |= Q(locale__language_code=also_in)
    return (
        Page.objects.live()
        .filter(depth__gte=HOME_DEPTH)
        .filter(languages, locale__language_code__in=settings.LANGUAGE_TABLE)
        .exclude(restricted())
    )


def home_path(page: Page) -> str:
    """Return the tree path of the home page above a page."""
    return page.path[: HOME_DEPTH * STEPLEN]


def paths_above(page: Page) -> list[str]:
    """Return the tree paths of the pages above a page, from its home page down."""
    return [page.path[: depth * STEPLEN] for depth in range(HOME_DEPTH, len(page.path) // STEPLEN)]
