"""Changes that a page needs on a mirror.

A plain web server sends none of our headers, answers no query, and keeps no second copy of an address from search
engines.
So the page itself has its content security policy, the address of its original, and a notice that it is a copy; and its
forms lead to the original site.
The rest of a page, and every other file, stays as it was rendered.
"""

import re
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation

from core.http import errors, headers
from prerender.rendering.renderer import quoted
from prerender.store.files import NOT_FOUND, PAGE

# The first line of each head (templates/layouts/base.html): a policy holds for what comes after it.
CHARSET = b'<meta charset="utf-8">'
LANGUAGE = re.compile(rb'<html lang="([\w-]+)"')
# Forms that send a query to a server, and links to results for a query.
# Everything else on a prerendered page works without a server.
FORM = re.compile(rb'<form\b(?=[^>]*\bmethod="get")[^>]*>')
ACTION = re.compile(rb'\baction="[^"]*"')
QUERY = re.compile(rb'\bhref="((?:/(?!/)[^"?#]*)?)(\?[^"]*)"')
# Directives that browsers ignore in a page, and complain about.
ONLY_IN_HEADERS = ("frame-ancestors", "sandbox")
ERRORS = "errors/"
# The page with the age of a mirror.
AGE = "mirror.html"


class NotAPageError(ValueError):
    """A prerendered page that is not built as ours are, so that the changes for a mirror cannot be made."""


def mirrored(name: str, body: bytes) -> bytes:
    """Return a page as it is on a mirror.

    Raises NotAPageError.

    `name` is the name of its file.
    """
    language = LANGUAGE.search(body)
    if CHARSET not in body or language is None or b"</body>" not in body:
        raise NotAPageError(name)
    code, original = errors.interface_language(language[1].decode()), address_of_original(name)
    context = {"original": original, "host": urlsplit(settings.PUBLIC_URL).netloc, "age": f"/{AGE}#{code}"}
    with translation.override(code):
        body = FORM.sub(lambda form: leading(form[0], original, context), body)
        body = QUERY.sub(lambda link: b'href="%s%s"' % (origin_of(link[1], original), link[2]), body)
        body = body.replace(CHARSET, CHARSET + head(name, body), 1)
        return with_notice(body, render_to_string("prerender/mirror_notice.html", context).strip().encode())


def address_of_original(name: str) -> str:
    """Return the address of a page on the original site; for an error page, that of the home page in its language."""
    if name.startswith(ERRORS):
        return f"{settings.PUBLIC_URL}/{name.split('/')[1]}/"
    return settings.PUBLIC_URL + quoted("/" + name.removesuffix(PAGE).removesuffix(NOT_FOUND))


def leading(form: bytes, original: str, context: dict[str, str]) -> bytes:
    """Return the start tag of a form that leads to the original site, with a notice that it does."""
    told = render_to_string("prerender/mirror_form.html", context).strip().encode()
    action = ACTION.search(form)
    if action is None:
        return told + form[:-1] + f' action="{original}">'.encode()
    return told + form.replace(b'action="', f'action="{settings.PUBLIC_URL}'.encode(), 1)


def origin_of(path: bytes, original: str) -> bytes:
    return settings.PUBLIC_URL.encode() + path if path else original.encode()


def head(name: str, body: bytes) -> bytes:
    """Return what the head of a page needs on a mirror, as no header has it."""
    said = f'<meta http-equiv="Content-Security-Policy" content="{policy(name)}">'
    if b'name="referrer"' not in body:
        said += '<meta name="referrer" content="no-referrer">'
    if b'rel="canonical"' not in body and not name.startswith(ERRORS) and name != NOT_FOUND:
        said += f'<link rel="canonical" href="{address_of_original(name)}">'
    return said.encode()


def policy(name: str) -> str:
    """Return the content security policy of the public site, as far as a `meta` element can have it.

    Forms may lead to the original site.
    """
    said = headers.public_headers("/" + name.removesuffix(PAGE))["Content-Security-Policy"].split("; ")
    kept = [each for each in said if not each.startswith(ONLY_IN_HEADERS)]
    return "; ".join(kept).replace("form-action 'self'", f"form-action {settings.PUBLIC_URL}")


def with_notice(body: bytes, notice: bytes) -> bytes:
    """Return a page with the notice at the end of its footer, or in a footer added for it."""
    before, footer, after = body.rpartition(b"</footer>")
    if footer:
        return before + notice + footer + after
    before, end, after = body.rpartition(b"</body>")
    return before + b'<footer class="site-footer band">' + notice + b"</footer>" + end + after


def age_page(as_of: datetime, languages: list[str]) -> bytes:
    """Return the page that explains in each language what a mirror is, and since when it may be out of date."""
    host = urlsplit(settings.PUBLIC_URL).netloc
    said = []
    for code in languages:
        context = {"as_of": as_of, "host": host, "original": f"{settings.PUBLIC_URL}/{code}/"}
        with translation.override(code), timezone.override("UTC"):
            context["language"] = settings.LANGUAGE_TABLE[code]
            said.append(render_to_string("prerender/mirror_age.html", context))
    with translation.override(settings.LANGUAGE_CODE):
        context = {"said": said, "host": host, "policy": policy(PAGE)}
        context["language"] = settings.LANGUAGE_TABLE[settings.LANGUAGE_CODE]
        return render_to_string("prerender/mirror.html", context).encode()
