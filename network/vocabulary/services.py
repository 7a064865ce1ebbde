"""What the vocabulary of the network goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from wagtail.log_actions import log

from network.models import Category
from network.vocabulary import models as categories
from network.vocabulary.details import DETAILS
from users.models import User

if TYPE_CHECKING:
    from collections.abc import Mapping


class NotMergeable(Exception):  # noqa: N818  (what they are)
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
    """Put `into` in the place of `category` wherever codes are stored, and return how many rows had it. Raises NotMergeable.

    Readers see all of it or nothing. One statement changes each column, however many rows there are; addresses with the old code go on working.
    """
    categories.wait_to_merge()
    old, new = (Category.objects.filter(pk=each.pk, replaced_by="").first() for each in (category, into))
    if old is None or new is None or not old.can_become(new):
        raise NotMergeable
    group = Category.objects.filter(group=old.group)
    group.filter(replaced_by=old.code).update(replaced_by=new.code)
    group.filter(code=old.code).update(replaced_by=new.code)
    changed = sum(column.replace(old.code, new.code) for column in categories.columns(old.group))
    old.save()  # so that what shows it is printed again
    log(old, "network.merge_category", user=by, data={"into": new.code, "rows": changed})
    return changed


def _set_retired(category: Category, *, retired: bool) -> None:
    Category.objects.coded(category.group, category.code).update(retired=retired)
    category.save()  # so that what shows it is printed again


def with_current_codes(work: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a member has chosen with categories that were merged meanwhile replaced. From here on nobody merges."""
    current = dict(work)
    categories.hold_still()
    vocabulary = categories.vocabulary(settings.LANGUAGE_CODE)
    for rule in DETAILS:
        if rule.has_categories and rule.detail in current:
            current[rule.detail] = vocabulary.current(rule.facet, current[rule.detail])
    return current
