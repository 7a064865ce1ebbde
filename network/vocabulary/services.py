"""What the vocabulary of the network goes through."""

import tomllib
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from wagtail.log_actions import log
from wagtail.models import Locale

from network.models import Category, ReviewTemplate
from network.vocabulary import models as categories
from network.vocabulary.details import DETAILS, CategoryGroup
from users.models import User


class NotMergeableError(Exception):
    """Two categories that are not of one group, are the same, or of which one is retired, was merged, or is no longer there."""


@transaction.atomic
def retire(*, category: Category, by: User) -> None:
    """Let nobody choose a category any more. It stays with those who have it."""
    _set_retired(category, retired=True)
    log(category, "network.retire_category", user=by)


@transaction.atomic
def bring_back(*, category: Category, by: User) -> None:
    """Undo `retire`."""
    _set_retired(category, retired=False)
    log(category, "network.bring_back_category", user=by)


@transaction.atomic
def merge(*, category: Category, into: Category, by: User) -> int:
    """Put `into` in the place of `category` wherever codes are stored, and return how many rows had it. Raises NotMergeableError.

    Readers see all of it or nothing. One statement changes each column, however many rows there are; addresses with the old code go on working.
    """
    categories.wait_to_merge()
    old, new = (Category.objects.filter(pk=each.pk, replaced_by="").first() for each in (category, into))
    if old is None or new is None or not old.can_become(new):
        raise NotMergeableError
    group = Category.objects.filter(group=old.group)
    group.filter(replaced_by=old.code).update(replaced_by=new.code)
    group.filter(code=old.code).update(replaced_by=new.code)
    changed = sum(column.replace(old.code, new.code) for column in categories.columns(old.group))
    old.save()  # so that what shows it is rendered again
    log(old, "network.merge_category", user=by, data={"into": new.code, "rows": changed})
    return changed


def _set_retired(category: Category, *, retired: bool) -> None:
    Category.objects.coded(category.group, category.code).update(retired=retired)
    category.save()  # so that what shows it is rendered again


def with_current_codes(work: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a member has chosen, in their profile or for an opportunity, with categories that were merged meanwhile replaced. From here on nobody merges."""
    current = dict(work)
    categories.hold_still()
    vocabulary = categories.vocabulary(settings.LANGUAGE_CODE)
    for rule in DETAILS:
        if rule.has_categories and rule.detail in current:
            current[rule.detail] = vocabulary.current(rule.facet, current[rule.detail])
    return current


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
