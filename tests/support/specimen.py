"""One page with every component on it: what the design system's own tests look at."""

import datetime as dt
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.template import engines
from django.test import RequestFactory
from django.utils import translation
from django.utils.safestring import mark_safe
from wagtail.models import Page

from core.assets.icons import ICONS
from core.blocks import HeadingLink
from core.http import SiteKind
from network.members.profiles import HUES
from tests.support.palette import PAIRS

WORDS = {
    "en": {
        "title": "What happens when you make contact",
        "lead": "You can talk to someone. Most services are free, many are anonymous, and you decide how much you say.",
        "heading": "Before you call",
        "paragraph": (
            "They are run by health services, charities and universities. You do not need a diagnosis, and you do not "
            "need the right words."
        ),
        "short": "Open today",
        "link": "Read the first steps",
    },
    "ar": {
        "title": "ماذا يحدث عندما تتواصل معنا",
        "lead": "يمكنك التحدث إلى شخص ما. معظم الخدمات مجانية، وكثير منها لا يسأل عن اسمك، وأنت تقرر كم تقول.",
        "heading": "قبل أن تتصل",
        "paragraph": "تديرها خدمات صحية وجمعيات خيرية وجامعات. لا تحتاج إلى تشخيص، ولا تحتاج إلى الكلمات الصحيحة.",
        "short": "مفتوح اليوم",
        "link": "اقرأ الخطوات الأولى",
    },
}  # fmt: skip


class SpecimenForm(forms.Form):
    """A form with a field of each kind.

    The specimen shows it with errors in all fields.
    """

    name = forms.CharField(label="Name", help_text="As you want to be called.")
    email = forms.EmailField(label="E-mail")
    language = forms.ChoiceField(label="Language", choices=[("en", "English"), ("ar", "العربية")])
    fields_of_work = forms.MultipleChoiceField(
        label="Fields",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("a", "Care"), ("b", "Law")],
    )
    contact = forms.ChoiceField(
        label="Contact",
        widget=forms.RadioSelect,
        choices=[("m", "By mail"), ("p", "By phone")],
        help_text="Choose one.",
    )
    about = forms.CharField(label="About you", required=False, widget=forms.Textarea)
    agree = forms.BooleanField(label="I agree that this is shown to members.")


def line(**facts: str) -> dict[str, str]:
    """Return an invented crisis line, with an unassigned number."""
    return {
        "name": "Listening line", "tel": "+35200000000", "phone_display": "00 00 00 00", "country": "Luxembourg",
        "hours": "every day, 11:00 to 23:00", "url": "https://line.example/", **facts,
    }  # fmt: skip


def specimen(page: Page, *, help_page: bool = False, layout: str = "layouts/page.html", **extra: Any) -> str:
    """Return the HTML of a page with every component, in the language of `page` and with its navigation."""
    code = page.locale.language_code
    request = RequestFactory().get(f"/{code}/", headers={"host": settings.PUBLIC_HOST})
    request.site_kind = SiteKind.PUBLIC
    words = WORDS.get(code, WORDS["en"])
    items = [{"title": words["heading"], "html": mark_safe(f"<p>{words['paragraph']}</p>")} for _ in range(3)]  # noqa: S308
    page.is_sensitive, page.is_home = help_page, not help_page
    context = {
        "layout": layout,
        "page": page,
        "words": words,
        "items": items,
        "facts": [(words["heading"], words["paragraph"]), (words["link"], words["short"])],
        "headings": [HeadingLink("h-one", words["heading"]), HeadingLink("h-two", words["link"])],
        "head": [words["heading"], words["short"], words["link"], words["heading"]],
        "rows": [[words["link"], "1", "2", words["short"]], [words["short"], "30", "400", words["link"]]],
        "pairs": PAIRS,
        "icons": ICONS,
        "hues": HUES,
        "day": dt.date(2026, 11, 18),
        "page_obj": Paginator(list(range(100)), 10).page(3),
        "form": SpecimenForm({"email": "x"}),
        "crisis_lines": [line(), line(name=words["heading"], hours="", url="")],
        **extra,
    }
    template = engines["django"].from_string(Path(__file__).with_suffix(".html").read_text())
    with translation.override(code):
        return template.render(context, request)
