"""The terminology checker among Wagtail's content checks, in the preview beside the editor.

The editor of a translation has no preview, so there the same rules are listed below the texts, and updated on saving.

The server checks the previewed draft; the script in the preview only finds the elements with these texts.
The editor takes names and explanations of the checks from its own page, so both declare a rule for each term.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import CharField, Exists, Model, OuterRef, Q
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from wagtail import blocks
from wagtail.admin.userbar import ContentCheckerItem
from wagtail.fields import StreamField
from wagtail.models import Page, Revision

from campaigns.models import Term
from campaigns.terms import addresses, checker, markup
from campaigns.terms.checker import words_url
from campaigns.terms.passages import language_of, leaves, passages, stored
from core.languages import names, tree
from core.languages.submission import as_translated
from core.models import BasePage

# Prefix of these rules, to tell them from axe's own.
PREFIX = "waymark-"
TEXTS = "h1, h2, h3, h4, p, li, dt, dd, th, td, summary, figcaption, label, a, img[alt]"
WHOLE = "h1"
ANCHORS = "main a[href^='#']"


@dataclass(slots=True, kw_only=True)
class Rule:
    """A check of the content.

    `found` are the texts with the problem, to find their elements; `whole` is true if the page as a whole has it;
    `places` lets the browser check whether the targets of links within the page exist.
    """

    name: str
    title: str
    explanation: str
    selector: str = TEXTS
    impact: str = "moderate"
    found: list[str] = field(default_factory=list)
    whole: bool = False
    places: bool = False

    @property
    def id(self) -> str:
        return PREFIX + self.name


class WordsChecker(ContentCheckerItem):
    """Wagtail's content checker with the rules of this page."""

    class Media:
        js = ("campaigns/words.js",)

    def __init__(self, *, in_editor: bool, page: Model) -> None:
        super().__init__(in_editor=in_editor)
        self.rules = list(rules_for(page)) if isinstance(page, BasePage) else []

    def get_axe_run_only(self, request: HttpRequest) -> list[str]:
        return [*super().get_axe_run_only(request), "image-alt", *(rule.id for rule in self.rules)]

    def get_axe_custom_rules(self, request: HttpRequest) -> list[dict[str, object]]:
        own = [
            {
                "id": rule.id,
                "impact": rule.impact,
                "selector": WHOLE if rule.whole else rule.selector,
                "tags": ["best-practice"],
                "any": [rule.id],
                "enabled": True,
            }
            for rule in self.rules
        ]
        return [*super().get_axe_custom_rules(request), *own]

    def get_axe_custom_checks(self, request: HttpRequest) -> list[dict[str, object]]:
        own = [
            {
                "id": rule.id,
                "options": {"found": rule.found, "whole": rule.whole, "places": rule.places, "texts": TEXTS},
            }
            for rule in self.rules
        ]
        return [*super().get_axe_custom_checks(request), *own]

    def get_axe_messages(self, request: HttpRequest) -> dict[str, object]:
        own = {rule.id: {"error_name": rule.title, "help_text": rule.explanation} for rule in self.rules}
        missing = {
            "error_name": gettext("A picture has no text alternative"),
            "help_text": gettext("Say what it shows, or mark it as decoration."),
        }
        return {**super().get_axe_messages(request), "image-alt": missing, **own}


def put_in(request: HttpRequest, items: list[Any], page: Model) -> None:
    """Replace Wagtail's checker by this one, in the editor and in the preview."""
    # In a preview, no user is signed in and no language is active: the editor provides the texts then.
    with translation.override(translation.get_language() or settings.LANGUAGE_CODE):
        items[:] = [
            WordsChecker(in_editor=item.in_editor, page=page) if isinstance(item, ContentCheckerItem) else item
            for item in items
        ]


def beside_translation(request: HttpRequest, page: Model) -> str:
    """Return the problems in the saved texts of a translation, as HTML; empty if `page` is not a translation."""
    texts = checker.translation_of(page) if isinstance(page, BasePage) else None
    if texts is None:
        return ""
    said = [rule for rule in rules_for(as_translated(texts)) if rule.found]
    saving = reverse("wagtail_localize:edit_string_translation", args=[texts.pk, 0])
    context = {
        "rules": said,
        "words": words_url(page),
        "language": settings.LANGUAGE_TABLE[texts.target_locale.language_code],
        "texts": saving.partition("strings/")[0],
    }
    return render_to_string("campaigns/admin/terms/checks.html", context, request=request)


def rules_for(page: BasePage) -> Iterator[Rule]:
    yield from term_rules(page)
    yield Rule(
        name="dead-link",
        title=gettext("A link leads nowhere"),
        explanation=gettext("The page that it leads to is not public, or is gone."),
        found=dead_links(page),
    )
    yield Rule(
        name="dead-address",
        title=gettext("A web address does not answer"),
        explanation=gettext(
            "When this site last asked, twice in a row, nothing was there. Open it, and change or remove the link."
        ),
        found=dead_addresses(page),
    )
    yield Rule(
        name="dead-anchor",
        title=gettext("A link leads to no place on this page"),
        explanation=gettext("Nothing on the page has the name after the #."),
        selector=ANCHORS,
        places=True,
    )
    missing = missing_languages(page)
    yield Rule(
        name="translation",
        title=gettext("Not translated into every language"),
        explanation=gettext("Missing: %(languages)s.") % {"languages": names.joined(missing)} if missing else "",
        whole=bool(missing),
    )


def term_rules(page: BasePage) -> Iterator[Rule]:
    """Yield a rule for each term of the page's language, with the texts that contain it."""
    said: dict[int, list[str]] = {}
    for each in checker.findings(page):
        if not each.kept:
            said.setdefault(each.term.pk, []).append(" ".join(each.line.text.split()))
    for term in checker.word_list(language_of(page)).terms.values():
        if term.level == Term.Level.ALLOW:
            continue
        avoid = term.holds
        title = gettext("A word to avoid: %(word)s") if avoid else gettext("A word to think about: %(word)s")
        instead = term.replacements
        advice = gettext("Instead: %(instead)s.") % {"instead": " / ".join(instead)} if instead else ""
        yield Rule(
            name=f"term-{term.pk}",
            title=title % {"word": term.word},
            explanation=" ".join(filter(None, (advice, term.why))),
            impact="serious" if avoid else "minor",
            found=said.get(term.pk, []),
        )


# --- Links and languages ---


def dead_links(page: Model) -> list[str]:
    """Return the texts of links to pages that are not public, in rich text and blocks. One query, no requests."""
    linked: dict[int, list[str]] = {}
    for passage in passages(page):
        if passage.is_html:
            for pk, text in markup.page_links(passage.text):
                linked.setdefault(pk, []).append(text)
    for pk in chosen_pages(page):
        linked.setdefault(pk, [])
    if not linked:
        return []
    code = language_of(page)
    keys = dict(Page.objects.filter(pk__in=linked).values_list("pk", "translation_key"))
    public = set(
        tree.public_pages(also_in=code)
        .filter(translation_key__in=keys.values())
        .values_list("translation_key", flat=True)
    )
    dead = [pk for pk in linked if keys.get(pk) not in public]
    titles = dict(Page.objects.filter(pk__in=dead).values_list("pk", "title"))
    return [text for pk in dead for text in (linked[pk] or [titles.get(pk, "")]) if text]


def dead_addresses(page: Model) -> list[str]:
    """Return the texts of links to web addresses that were dead at their last check. One query, no requests."""
    linked = [link for each in passages(page) if each.is_html for link in markup.web_links(each.text) if link[1]]
    dead = addresses.dead_among([url for url, _text in linked])
    return [text for url, text in linked if url in dead]


def chosen_pages(page: Model) -> Iterable[int]:
    for each in type(page)._meta.concrete_fields:
        if isinstance(each, StreamField):
            for block, raw in leaves(each.stream_block, stored(each, getattr(page, each.name))):
                if isinstance(block, blocks.PageChooserBlock) and isinstance(raw, int):
                    yield raw


def missing_languages(page: BasePage) -> list[str]:
    """Return the public languages in which this page is neither public nor scheduled. One query or two."""
    if not page.pk:
        return []
    waits = Revision.objects.filter(
        base_content_type=page.get_base_content_type(),
        object_id=Cast(OuterRef("pk"), CharField()),
        approved_go_live_at__isnull=False,
    )
    there = set(
        page.get_translations(inclusive=True)
        .filter(Q(live=True) | Exists(waits), alias_of=None)
        .values_list("locale__language_code", flat=True)
    ) | {language_of(page)}
    return [names.language_name(code) for code in tree.public_codes() if code not in there]
