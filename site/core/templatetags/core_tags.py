"""Tags that every template has without loading them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.template.base import Node
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from wagtail.models import Page

from core import choices, doors
from core.languages import bidi
from core.publishing.navigation import Navigation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.template.base import NodeList, Parser, Token
    from django.template.context import Context

    from core.publishing.navigation import Alternate, LanguageLink, Link, Step

register = template.Library()


@register.simple_tag(name="desk_url")
def desk_url(name: str, *args: Any, **kwargs: Any) -> str:
    """The absolute address of a named view of the desk, from a page at either door."""
    return doors.desk_url(name, *args, **kwargs)


@register.filter(name="left_to_right")
def left_to_right(text: str) -> str:
    """A number or an address among words of any direction, where no element can be put around it."""
    return bidi.left_to_right(text)


def navigation_for(context: Mapping[str, Any], page: Any = None) -> Navigation:
    """The navigation of `page`, or of the page that is being shown; of none where a template has none."""
    page = page or context.get("page")
    return Navigation.for_request(context.get("request"), page if isinstance(page, Page) else None)


@register.simple_tag(takes_context=True)
def language_links(context: Mapping[str, Any], page: Any = None) -> list[LanguageLink]:
    """One link for each language on offer: `code autonym direction url state title`.

    `state` is `current`, `translated` (this page is there) or `elsewhere` (the nearest page above it is; `title` says which).

    A page that answers a query names in `kept_query` what of it the other languages are to be asked as well: encoded, and nothing but
    what the page itself has understood.
    """
    links = navigation_for(context, page).language_links
    if not (query := context.get("kept_query")):
        return links
    return [link if link.state == "elsewhere" else replace(link, url=f"{link.url}?{query}") for link in links]


@register.simple_tag(takes_context=True)
def menu_pages(context: Mapping[str, Any]) -> list[Link]:
    """The entries of the menu: `title url is_current`, and `is_section` for the part of the site that the page is in."""
    return navigation_for(context).menu


@register.simple_tag(takes_context=True)
def breadcrumb(context: Mapping[str, Any], page: Any = None) -> list[Step]:
    """The way from home to the page above this one, as pairs of (title, url)."""
    return navigation_for(context, page).breadcrumb


@register.simple_tag(takes_context=True)
def footer_pages(context: Mapping[str, Any]) -> list[Link]:
    """What the operator shows on every page: `title url is_current`, and `language` where it is not in the reader's."""
    return navigation_for(context).footer


@register.simple_tag(takes_context=True)
def hreflang(context: Mapping[str, Any], page: Any = None) -> list[Alternate]:
    """The addresses of the page in every language that has it, `code` and `url`, with `x-default`."""
    return navigation_for(context, page).alternates


@register.simple_tag(takes_context=True)
def home_url(context: Mapping[str, Any]) -> str:
    """The home page in the language of the page."""
    return doors.public_address(f"/{translation.get_language()}/", seen_from=context.get("request"))


register.simple_tag(choices.options, name="choice_options")
register.simple_tag(choices.inputs, name="choice_inputs")


# What could end the element early or open another one, as Django's `json_script` escapes it.
ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@register.simple_tag(name="json_ld")
def json_ld(thing: dict[str, Any]) -> SafeString:
    """A block of linked data. It is data, not script: browsers do not run it, whatever the policy says."""
    text = json.dumps(thing, cls=DjangoJSONEncoder, ensure_ascii=False).translate(ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308  (escaped above)


# White space at the beginning of a line, and empty lines; but where white space is what somebody wrote, it stays.
INDENT = re.compile(r"(<(pre|textarea)\b.*?</\2>)|\n\s+", re.DOTALL)


class ChangedNode(Node):
    """The rendered content of a block tag, changed as a whole.

    Not `simple_block_tag`: its node hides the nodes inside it, so Django finds no `{% block %}` there and `block.super` is empty.
    """

    def __init__(self, nodelist: NodeList, change: Callable[[str], str]) -> None:
        self.nodelist = nodelist
        self.change = change

    def render(self, context: Context) -> SafeString:
        return mark_safe(self.change(self.nodelist.render(context)))  # noqa: S308  (rendered by templates, escaped there)


def parse_until(end: str, parser: Parser, change: Callable[[str], str]) -> ChangedNode:
    nodelist = parser.parse((end,))
    parser.delete_first_token()
    return ChangedNode(nodelist, change)


@register.tag
def without_indent(parser: Parser, token: Token) -> ChangedNode:
    """The page without the indentation of its templates: 200 bytes less of the 14 kB that a first view may take."""
    return parse_until(
        "endwithout_indent", parser, lambda html: INDENT.sub(lambda match: match[1] or "\n", html)
    )


@register.tag
def numbers_in_order(parser: Parser, token: Token) -> ChangedNode:
    """The page with every phone number in it read as it is dialled, whoever wrote it (`core.languages.bidi`)."""
    return parse_until("endnumbers_in_order", parser, bidi.isolate_numbers)
