"""Questions about languages: which are public, where an address leads in another, what stands in for a missing one.

Every page tree of a language hangs below the home page of that language, at depth 2, and its addresses begin with the code of
the language. So the address of a page follows from its `url_path` and its language, without a query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.utils.encoding import escape_uri_path
from wagtail.models import Page, PageViewRestriction

from core.memo import per_batch
from core.models.languages import LanguageState

if TYPE_CHECKING:
    from wagtail.query import PageQuerySet

HOME_DEPTH = 2
STEPLEN = Page.steplen


@per_batch
def public_codes() -> list[str]:
    """The languages that the public sees, in the order of `config/languages.py`."""
    public = set(LanguageState.objects.public().codes())
    return [code for code in settings.LANGUAGE_TABLE if code in public]


@per_batch
def is_public(code: str) -> bool:
    """Whether the public sees a language. Any string may be asked for."""
    return (
        code in settings.LANGUAGE_TABLE
        and LanguageState.objects.public().filter(locale__language_code=code).exists()
    )


def fallbacks(code: str) -> list[str]:
    """The languages to try in turn for a reader of `code`: it itself, the one its readers are likely to know, the source."""
    language = settings.LANGUAGE_TABLE.get(code)
    chain = [code, *([language.fallback] if language else []), settings.LANGUAGE_CODE]
    return list(dict.fromkeys(chain))


def page_path(page: Page, code: str | None = None) -> str:
    """The path of a page at the public door, such as `/de/about/`. `code` saves a query where the language is known."""
    return f"/{code or page.locale.language_code}/{escape_uri_path(page.url_path.split('/', 2)[2])}"


def restricted() -> Exists:
    """For a page queryset: whether the page, or one above it, is only for some people."""
    above = PageViewRestriction.objects.alias(
        shown=ExpressionWrapper(OuterRef("path"), output_field=CharField())
    ).filter(Q(shown__startswith=F("page__path")) | Q(shown__startswith=F("page__aliases__path")))
    return Exists(above)


def public_pages(*, also_in: str | None = None) -> PageQuerySet:
    """The pages that anybody may read: live, in a public language, without a restriction on them or above.

    `also_in` names a language to count as public, for an editor who looks at it before it is.
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
    """The tree path of the home page that a page hangs below."""
    return page.path[: HOME_DEPTH * STEPLEN]


def paths_above(page: Page) -> list[str]:
    """The tree paths of the pages above a page, from its home page down, without itself."""
    return [page.path[: depth * STEPLEN] for depth in range(HOME_DEPTH, len(page.path) // STEPLEN)]
