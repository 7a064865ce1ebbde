"""What a new site starts with."""

from __future__ import annotations

import tomllib
import uuid
from pathlib import Path
from typing import Any

from django.db import transaction
from wagtail.models import Locale

from network.models import Category, ReviewTemplate
from network.vocabulary.details import CategoryGroup

STARTER = Path(__file__).parent.parent / "data"


@transaction.atomic
def seed_review_templates() -> str:
    """Write the first templates in the languages that the site has, and say so. Templates that somebody may have edited are left alone."""
    if ReviewTemplate.objects.exists():
        return ""
    locales = {locale.language_code: locale for locale in Locale.objects.all()}
    made = ReviewTemplate.objects.bulk_create(
        ReviewTemplate(locale=locales[language], use=template["use"], translation_key=key, **words)
        for template in starter("review_templates")["templates"]
        for key in [uuid.uuid4()]
        for language, words in template.items()
        if language in locales
    )
    return f"{len(made)} templates for the review of members were added."


@transaction.atomic
def seed_categories() -> str:
    """Write the first categories in the languages that the site has, and say so.

    Categories that somebody may have edited are left alone; one that is not there in a language that was added later gets its name in it.
    """
    is_new = not Category.objects.exclude(group=CategoryGroup.FIELD).exists()
    there = {(row.group, row.code): row.translation_key for row in Category.objects.all()}
    named = set(Category.objects.values_list("group", "code", "locale__language_code"))
    locales = {locale.language_code: locale for locale in Locale.objects.all()}
    made = []
    for group, first in starter("categories").items():
        for code, words in first.items():
            if not is_new and (group, code) not in there:
                continue
            key = there.get((group, code)) or uuid.uuid4()
            made += [
                Category(group=group, code=code, name=name, locale=locales[language], translation_key=key)
                for language, name in words.items()
                if language in locales and (group, code, language) not in named
            ]
    Category.objects.bulk_create(made)
    return f"{len(made)} names of categories were added." if made else ""


def starter(name: str) -> dict[str, Any]:
    """Return what a new site starts with, as it stands in `data/`."""
    with (STARTER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)
