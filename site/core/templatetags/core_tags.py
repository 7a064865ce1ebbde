"""Built-in tags: every template has them without `{% load %}`."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.template import Context
from django.template.base import Node, NodeList, Parser, Token
from django.utils import translation
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from wagtail.models import Page

from core import blocks as texts
from core import http
from core.admin import forms
from core.assets.icons import icon
from core.languages import bidi, names
from core.publishing import sharing, size_classes
from core.publishing.navigation import Alternate, LanguageLink, Link, Navigation, Step
from core.publishing.routes import HELP, OPEN_DATA, path_of

register = template.Library()


@register.filter
def breakable(address: str) -> SafeString:
    """Let a long address continue on the next line at its @ and its dots, where it can still be read as one."""
    return mark_safe(re.sub(r"(?=[@.])", "<wbr>", conditional_escape(address)))  # noqa: S308  (escaped)


def navigation_for(context: Context, page: Page | None = None) -> Navigation:
    """Return the navigation for `page`, or for the page being shown, if the template has one."""
    page = page or context.get("page")
    return Navigation.for_request(context.get("request"), page if isinstance(page, Page) else None)


@register.simple_tag(takes_context=True)
def language_links(context: Context, page: Page | None = None) -> list[LanguageLink]:
    """Return one link for each language on offer: `code autonym direction url state title`.

    `state` is `current`, `translated` (this page exists there) or `elsewhere` (the link leads to the nearest page
    above; `title` names it).

    A page that answers a query passes in `kept_query` the query for the other languages: URL-encoded, and only the
    parameters that the page itself recognises.
    """
    links = navigation_for(context, page).language_links
    if not (query := context.get("kept_query")):
        return links
    return [link if link.state == "elsewhere" else replace(link, url=f"{link.url}?{query}") for link in links]


@register.filter
def translated(links: list[LanguageLink]) -> list[LanguageLink]:
    """Return those of the language links that lead to the page itself in another language."""
    return [link for link in links if link.state == "translated"]


@register.simple_tag(takes_context=True)
def menu_pages(context: Context) -> list[Link]:
    """Return the menu entries: `title url is_current`, and `is_section` for the section that the page is in."""
    return navigation_for(context).menu


@register.simple_tag(takes_context=True)
def breadcrumb(context: Context, page: Page | None = None) -> list[Step]:
    """Return the path from home to the page above this one, as pairs of (title, url).

    A view of a page may add `steps` to its context, as pairs of a title and a path below the page.
    """
    navigation = navigation_for(context, page)
    steps = [Step(str(title), navigation.breadcrumb[-1].url + below) for title, below in context.get("steps") or ()]
    return [*navigation.breadcrumb, *steps]


@register.simple_tag(takes_context=True)
def footer_pages(context: Context) -> list[Link]:
    """Return the footer links of every page: `title url is_current`, and `language` if it is not the reader's."""
    return navigation_for(context).footer


@register.simple_tag(takes_context=True)
def help_url(context: Context) -> str:
    """Return the address of the finder in the language of the page; empty if this site has none."""
    return _site_link(HELP, context)


@register.simple_tag(takes_context=True)
def open_data_url(context: Context) -> str:
    """Return the address of the open data page in the language of the page; empty if this site has none."""
    return _site_link(OPEN_DATA, context)


def _site_link(name: str, context: Context) -> str:
    path = path_of(name, translation.get_language())
    return http.public_address(path, seen_from=context.get("request")) if path else ""


@register.simple_tag(takes_context=True)
def after_harm_page(context: Context) -> Link | None:
    """Return the link to the page for people who were harmed, shown on every page; None if none is chosen."""
    return navigation_for(context).after_harm


@register.simple_tag(takes_context=True)
def sizes_are_kept(context: Context) -> bool:
    """Return whether the size of no help page tells which page it is (`core.publishing.size_classes`)."""
    request = context.get("request")
    return request is not None and size_classes.are_kept(request)


@register.simple_tag(takes_context=True)
def contact_page(context: Context) -> Link | None:
    """Return the link to the page with the operator's contact details; None if the operator has chosen none."""
    return navigation_for(context).chosen_link("contact")


@register.simple_tag(takes_context=True)
def hreflang(context: Context, page: Page | None = None) -> list[Alternate]:
    """Return the page's addresses in all its languages, `code` and `url`, with `x-default`."""
    return navigation_for(context, page).alternates


@register.simple_tag(takes_context=True)
def home_url(context: Context) -> str:
    """Return the address of the home page in the active language."""
    return http.public_address(f"/{translation.get_language()}/", seen_from=context.get("request"))


@register.simple_tag(takes_context=True)
def description(context: Context) -> str:
    """Return the description of the current page for search engines: that of its view, or else of the page itself."""
    given: str | None = context.get("description")
    return sharing.description(context.get("page")) if given is None else given


@register.simple_tag(takes_context=True)
def share_card(context: Context) -> Link | None:
    """Return the picture for shared links to a page, `title url`: that of its view, or else of the page.

    None without a home page.
    """
    given: Link | None = context.get("card")
    return given or navigation_for(context).card


@register.filter(name="public_url")
def public_url(path: str) -> str:
    """Return the absolute URL of a path on the public site."""
    return path if path.startswith("http") else http.public_url(path)


register.simple_tag(http.private_url, name="private_url")
register.simple_tag(texts.minutes, name="reading_minutes")
register.filter("left_to_right", bidi.left_to_right)
register.filter("in_a_sentence", names.joined)
register.filter("open_graph_locale", sharing.open_graph_locale)
register.simple_tag(icon, name="symbol")  # Wagtail has an `icon` tag, too
register.simple_tag(forms.options, name="choice_options")
register.simple_tag(forms.inputs, name="choice_inputs")


@register.simple_block_tag(takes_context=True)
def labelled(context: Context, content: SafeString, label: Any, *, isolate: bool = False) -> SafeString:
    """Put a label and a colon, as the reader's language writes it, before a value (`core.languages.names`).

    `{% labelled _("Website") %}<a href="…">…</a>{% endlabelled %}`; `isolate=True` for a label in any language.
    """
    label = conditional_escape(label) if context.autoescape else label
    label = format_html("<bdi>{}</bdi>", label) if isolate else label
    return mark_safe(names.labelled(label, content))  # noqa: S308  (escaped above, and by the template)


@register.simple_tag(takes_context=True, name="contents")
def contents(context: Context, text: Any) -> list[texts.HeadingLink]:
    """Return the headings of a long text, `anchor title`; none if it is short."""
    return texts.contents(text, telling=not getattr(context.get("page"), "is_sensitive", False))


# Characters that could close the element or open another one, escaped as in Django's `json_script`.
ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@register.simple_tag(name="json_ld")
def json_ld(thing: dict[str, Any]) -> SafeString:
    """Return a block of linked data.

    Browsers never run it as a script, under any policy.
    """
    text = json.dumps(thing, cls=DjangoJSONEncoder, ensure_ascii=False).translate(ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308  (escaped above)


# Indentation and empty lines, except inside elements whose white space is content.
INDENT = re.compile(r"(<(pre|textarea)\b.*?</\2>)|\n\s+", re.DOTALL)


class ChangedNode(Node):
    """The content of a block tag, passed through a function after rendering.

    Not `simple_block_tag`: its node hides the nodes inside it, so Django finds no `{% block %}` there and `block.super`
    is empty.
    """

    def __init__(self, nodelist: NodeList, change: Callable[[str], str]) -> None:
        self.nodelist = nodelist
        self.change = change

    def render(self, context: Context) -> SafeString:
        # Rendered by templates, and escaped there.
        return mark_safe(self.change(self.nodelist.render(context)))  # noqa: S308


def parse_until(end: str, parser: Parser, change: Callable[[str], str]) -> ChangedNode:
    nodelist = parser.parse((end,))
    parser.delete_first_token()
    return ChangedNode(nodelist, change)


@register.tag
def without_indent(parser: Parser, token: Token) -> ChangedNode:
    """Remove the indentation of templates from the page: saves 200 bytes of the 14 kB that a first view may take."""
    return parse_until("endwithout_indent", parser, lambda html: INDENT.sub(lambda match: match[1] or "\n", html))


@register.tag
def numbers_in_order(parser: Parser, token: Token) -> ChangedNode:
    """Keep all phone numbers on the page in dialling order, regardless of their source (`core.languages.bidi`)."""
    return parse_until("endnumbers_in_order", parser, bidi.isolate_numbers)
