"""Services that retire, merge and create categories."""

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
    """Two categories cannot be merged: different groups, the same category, or one is retired, merged or gone."""


@transaction.atomic
def retire(*, category: Category, by: User) -> None:
    """Retire a category: it can no longer be chosen, and stays with the members who have it."""
    _set_retired(category, retired=True)
    log(category, "network.retire_category", user=by)


@transaction.atomic
def bring_back(*, category: Category, by: User) -> None:
    """Undo `retire`."""
    _set_retired(category, retired=False)
    log(category, "network.bring_back_category", user=by)


@transaction.atomic
def merge(*, category: Category, into: Category, by: User) -> int:
    """Replace `category` by `into` wherever codes are stored, and return the number of rows that had it.

    Raises NotMergeableError.

    Visitors see all of the change or nothing.
    One statement changes each column, however many rows there are.
    URLs with the old code still work.
    """
    categories.wait_to_merge()
    old, new = (Category.objects.filter(pk=each.pk, replaced_by="").first() for each in (category, into))
    if old is None or new is None or not old.can_become(new):
        raise NotMergeableError
    group = Category.objects.filter(group=old.group)
    group.filter(replaced_by=old.code).update(replaced_by=new.code)
    group.filter(code=old.code).update(replaced_by=new.code)
    changed = sum(column.replace(old.code, new.code) for column in categories.columns(old.group))
    old.save()  # invalidates the pages that show it
    log(old, "network.merge_category", user=by, data={"into": new.code, "rows": changed})
    return changed


def _set_retired(category: Category, *, retired: bool) -> None:
    Category.objects.coded(category.group, category.code).update(retired=retired)
    category.save()  # invalidates the pages that show it


def with_current_codes(work: Mapping[str, Any]) -> dict[str, Any]:
    """Return a member's choices, for their profile or an opportunity, with merged categories replaced.

    Blocks merges until the transaction ends.
    """
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
    """Create the initial templates in the site's languages, and return a sentence about it.

    Does nothing if there are templates.
    """
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
    """Create the initial categories in the site's languages, and return a sentence about it.

    Existing names are left alone, because an editor may have changed them.
    After a language was added, existing categories get their names in it.
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
    """Return the initial data of a new site from `data/`."""
    with (STARTER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)
