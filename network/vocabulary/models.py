"""Categories that members choose from: roles, fields of work, settings, methods, groups of people.

One record for each, edited in the admin.

Members, and all other rows with categories, store codes.
`named()` and `vocabulary()` return the names of codes; `columns()` lists the columns that contain codes, for merging
and deleting.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel
from wagtail.models import DraftStateMixin, RevisionMixin, TranslatableMixin
from wagtail_localize.fields import SynchronizedField

from core.background.locks import wait_for_lock
from core.languages import names
from core.memo import per_batch
from network.members.querysets import facet
from network.vocabulary.details import CategoryGroup

LOCK = "network categories"


class CategoryQuerySet(models.QuerySet["Category"]):
    def coded(self, group: str, code: str) -> Self:
        """Return a category in all its languages."""
        return self.filter(group=group, code=code)

    def current(self) -> Self:
        """Return the categories that were not merged into another."""
        return self.filter(replaced_by="")

    def in_languages(self, *codes: str) -> Self:
        """Return what visitors with these languages see, and merged categories, which old URLs may still contain."""
        seen = models.Q(live=True) | ~models.Q(replaced_by="")
        return self.filter(seen, locale__language_code__in=codes)


def wait_to_merge() -> None:
    """Take the exclusive lock until the transaction ends.

    It waits for transactions that store codes, and blocks new ones.
    """
    wait_for_lock(LOCK)


def hold_still() -> None:
    """Take the shared lock until the transaction ends: wait for a merge, and block new ones.

    Call this before locking any row for which codes are stored.
    """
    wait_for_lock(LOCK, shared=True)


class CategoryForm(WagtailAdminModelForm):
    """A category in the admin.

    Its group and code cannot be changed after creation.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in ("group", "code"):
                if name in self.fields:
                    self.fields[name].disabled = True


class Category(TranslatableMixin, DraftStateMixin, RevisionMixin, models.Model):
    """A choice in a list, in one language: the code is the same in each, the name is translated.

    A code never changes.
    Whether a category is retired or was merged into another is the same in all its languages; only
    `network.vocabulary.services` changes it.
    """

    group = models.CharField(_("group"), max_length=20, choices=CategoryGroup)
    code = models.SlugField(
        _("code"),
        max_length=40,
        help_text=_("Used in addresses, and the same in every language. It cannot be changed later."),
    )
    name = models.CharField(_("name"), max_length=80)
    retired = models.BooleanField(_("retired"), default=False, editable=False)
    # The code of the category that it was merged into, which is never replaced itself.
    replaced_by = models.CharField(_("merged into"), max_length=40, blank=True, editable=False)

    base_form_class = CategoryForm
    panels = [FieldPanel("name"), FieldPanel("group"), FieldPanel("code")]

    # Members refer to the code.
    override_translatable_fields = [SynchronizedField("group"), SynchronizedField("code")]

    objects = CategoryQuerySet.as_manager()

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [
            models.UniqueConstraint(fields=["locale", "group", "code"], name="one_category_for_each_code_and_language")
        ]

    def __str__(self) -> str:
        return self.name

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save only the texts.

        The state comes from the database, so that publishing an old draft does not restore an old state.
        """
        hold_still()
        state = Category.objects.filter(translation_key=self.translation_key).values(*STATE).first()
        for name, value in (state or {}).items():
            setattr(self, name, value)
        super().save(*args, **kwargs)

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete one translation; after the last one, remove the code from all rows."""
        wait_to_merge()  # prevents a merge into the category being deleted
        gone = super().delete(*args, **kwargs)
        if not Category.objects.coded(self.group, self.code).exists():
            for column in columns(self.group):
                column.remove(self.code)
        return gone

    def clean(self) -> None:
        """Reject a second category with the same code.

        Translations share a translation key.
        """
        super().clean()
        others = Category.objects.coded(self.group, self.code).exclude(translation_key=self.translation_key)
        if others.exists():
            raise ValidationError({"code": _("There is a category with this code in this group.")})

    def can_become(self, other: Category) -> bool:
        """Return whether it can be merged into another category."""
        is_other = self.group == other.group and self.code != other.code
        return is_other and not (self.replaced_by or other.replaced_by or other.retired)


# Fields that are the same in every language of a category.
STATE = ("group", "code", "retired", "replaced_by")


# --- Names of codes -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """All categories in one language: group → code → name, sorted by name, without merged ones."""

    names: Mapping[str, dict[str, str]]
    # Group → codes that can no longer be chosen.
    retired: Mapping[str, frozenset[str]]
    # Group → old code → the code that replaces it.
    replaced: Mapping[str, dict[str, str]]

    def offered(self, group: str, chosen: Iterable[str] = ()) -> dict[str, str]:
        """Return the choices: categories that are not retired, and those chosen before."""
        hidden = self.retired[group] - {*chosen}
        return {code: name for code, name in self.names[group].items() if code not in hidden}

    def current(self, group: str, codes: Iterable[str]) -> list[str]:
        """Return codes with merged ones replaced, each once and in their order."""
        return list(dict.fromkeys(self.replaced[group].get(code, code) for code in codes))

    def labels(self, group: str, codes: Iterable[str]) -> tuple[str, ...]:
        """Return the names of codes, sorted, without unknown codes."""
        chosen = set(codes)
        return tuple(name for code, name in self.names[group].items() if code in chosen)


@per_batch
def vocabulary(language: str) -> Vocabulary:
    """Return all categories in `language`, or in the source language if not translated.

    One query.
    """
    rows = Category.objects.in_languages(language, settings.LANGUAGE_CODE).values_list(
        "group", "code", "name", "retired", "replaced_by", "locale__language_code"
    )
    named: dict[str, dict[str, str]] = {group: {} for group in CategoryGroup.values}
    retired: dict[str, set[str]] = {group: set() for group in CategoryGroup.values}
    replaced: dict[str, dict[str, str]] = {group: {} for group in CategoryGroup.values}
    # The requested language comes last and so overrides the source language.
    for group, code, name, is_retired, new, _language in sorted(rows, key=lambda row: row[-1] == language):
        if new:
            replaced[group][code] = new
        else:
            named[group][code] = name
            if is_retired:
                retired[group].add(code)
    return Vocabulary(
        names={
            group: dict(sorted(found.items(), key=lambda item: names.sort_key(item[1])))
            for group, found in named.items()
        },
        retired={group: frozenset(found) for group, found in retired.items()},
        replaced=replaced,
    )


def named(group: str, language: str) -> dict[str, str]:
    """Return code → name in `language`, sorted by name, of a facet's group: categories, or `country` or `language`.

    One query at most.
    """
    if group == "country":
        return dict(names.countries(language))
    if group == "language":
        found = [(code, names.language_name(code, language)) for code, _autonym in settings.LANGUAGES]
        return dict(sorted(found, key=lambda item: names.sort_key(item[1])))
    return vocabulary(language).names[group]


# --- Columns with codes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeColumn:
    """A column that holds a list of codes of one group.

    Merging and deleting change all its rows with one statement.
    """

    model: type[models.Model]
    column: str
    group: str
    # The columns that are derived from it and contain the codes with their group, `field:schools`.
    facets: tuple[str, ...] = ()

    def holding(self, code: str) -> models.QuerySet[Any]:
        """Return the rows that have a code."""
        return self.model._default_manager.filter(**{f"{self.column}__contains": [code]})

    def also_holding(self, rows: models.QuerySet[Any], code: str) -> models.QuerySet[Any]:
        """Return those of these rows that have another code, too."""
        return rows.filter(**{f"{self.column}__contains": [code]})

    def replace(self, old: str, new: str) -> int:
        """Replace `old` by `new`, or remove `old` where both are present.

        Return the number of rows that had it.
        """
        changed = {self.column: _replaced(self.column, old, new)}
        for facets in self.facets:
            changed[facets] = _replaced(facets, facet(self.group, old), facet(self.group, new))
        return self.holding(old).update(**changed)

    def remove(self, code: str) -> int:
        """Remove a code from every row that has it.

        Return their number.
        """
        changed = {self.column: _without(self.column, code)}
        for facets in self.facets:
            changed[facets] = _without(facets, facet(self.group, code))
        return self.holding(code).update(**changed)


CODES: ArrayField[Any, Any] = ArrayField(models.CharField())


def _without(column: str, value: str) -> models.Func:
    return models.Func(models.F(column), models.Value(value), function="array_remove", output_field=CODES)


def _replaced(column: str, old: str, new: str) -> Combinable:
    return models.Case(
        models.When(**{f"{column}__contains": [new]}, then=_without(column, old)),
        default=models.Func(
            models.F(column),
            models.Value(old),
            models.Value(new),
            function="array_replace",
            output_field=CODES,
        ),
    )


def columns(group: str) -> Iterator[CodeColumn]:
    """Yield the columns with the codes of a group.

    Models declare them as `code_columns` (column → group) and `facet_columns`.
    """
    for model in apps.get_app_config("network").get_models():
        for column, stored in getattr(model, "code_columns", {}).items():
            if stored == group:
                yield CodeColumn(model=model, column=column, group=group, facets=getattr(model, "facet_columns", ()))
