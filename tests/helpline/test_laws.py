"""The law of a country answers what a listing does not say itself: under the country's name, in every language, after two people."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.template.loader import render_to_string
from django.utils import translation

from helpline.finder.sharing import places

pytestmark = pytest.mark.django_db


def test_tmp(languages, settings):
    settings.DEMO = True
    call_command("import_laws", verbosity=0)
    call_command("import_programmes", verbosity=0)
    call_command("import_support_lines", verbosity=0)
    for l in ("en", "de"):
        with translation.override(l):
            p = places.place("de")
            print(render_to_string("helpline/laws.html", {"laws": p.laws, "link": True}))
            print(render_to_string("helpline/finder_row.html", {"row": p.rows[0]}))
