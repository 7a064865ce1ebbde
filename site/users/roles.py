"""The roles in the admin, as the apps declare them (`core.admin.roles`).

`sync` turns them into groups and is idempotent.

A role is a group of that name with the declared permissions: manual changes to these groups are undone.
Groups with other names are left alone.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from fnmatch import fnmatchcase
from importlib import import_module
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupCollectionPermission,
    GroupPagePermission,
    Locale,
    Page,
    Workflow,
    WorkflowContentType,
    WorkflowPage,
    WorkflowTask,
    get_page_models,
)

from core.admin.roles import (
    ADMINISTRATOR,
    ENTER,
    EVERYWHERE,
    PUBLISH,
    TRANSLATOR,
    UPLOAD,
    AdminRole,
    Grant,
    Review,
)
from core.languages import names
from core.models import BasePage, LanguageState
from core.scheduler import Job

ROLES = (
    AdminRole(
        name=ADMINISTRATOR,
        label=gettext_lazy("Administrator"),
        permissions=(
            ENTER,
            "users.add_user", "users.change_user", "users.view_user",
            "core.*_sitesettings", "core.*_exitaddress", "core.*_settingproposal", "core.*_languagestate",
            "wagtailcore.*_locale", "wagtailcore.*_workflow", "wagtailcore.*_task",
            "wagtail_localize.submit_translation",
            "wagtailredirects.*",
        ),
        pages=((EVERYWHERE, (*PUBLISH, "bulk_delete_page")),),
        collections=(
            *UPLOAD, "wagtailimages.delete_image", "wagtaildocs.delete_document",
            "wagtailcore.add_collection", "wagtailcore.change_collection", "wagtailcore.delete_collection",
        ),
    ),
)  # fmt: skip
# Wagtail's defaults: its groups are deleted if empty, its workflow becomes the one for all pages.
STOCK_GROUPS = ("Moderators", "Editors")
STOCK_WORKFLOW = "Moderators approval"


def declared[T](name: str, kind: type[T]) -> list[T]:
    """Return the entries of type `kind` under a name in the `roles.py` of every installed app, this one included."""
    found: list[T] = []
    for config in apps.get_app_configs():
        if config.module is not None and module_has_submodule(config.module, "roles"):
            entries = getattr(import_module(f"{config.name}.roles"), name, ())
            found += [entry for entry in entries if isinstance(entry, kind)]
    return found


def translator(language: str) -> AdminRole:
    """Return the role that translates pages into one language (a code).

    Translators publish complete translations, as far as the apps grant it.
    They can edit nothing in another language, least of all in the source language.
    """
    return AdminRole(
        name=TRANSLATOR.format(language=names.language_name(language, "en")),
        label=gettext_lazy("Translator"),
        permissions=(ENTER,),
        language=language,
        collections=("wagtailimages.choose_image", "wagtaildocs.choose_document"),
    )


def with_grants(role: AdminRole, grants: Iterable[Grant]) -> AdminRole:
    name = TRANSLATOR if role.language else role.name
    added = [grant for grant in grants if grant.to == name]
    return replace(
        role,
        permissions=(*role.permissions, *(each for grant in added for each in grant.permissions)),
        pages=(*role.pages, *(each for grant in added for each in grant.pages)),
    )


def all_roles() -> Iterator[AdminRole]:
    """Yield every role, including a translator for each target language that is not retired."""
    grants = declared("GRANTS", Grant)
    for role in declared("ROLES", AdminRole):
        yield with_grants(role, grants)
    source = Locale.get_default().language_code
    for locale in Locale.objects.exclude(language_state__state=LanguageState.State.RETIRED):
        if locale.language_code != source:
            yield with_grants(translator(locale.language_code), grants)


def labels() -> dict[str, str]:
    return {
        role.name: _("Translator: %(language)s") % {"language": names.language_name(role.language)}
        if role.language
        else str(role.label)
        for role in all_roles()
    }


@dataclass(slots=True)
class SyncOutcome:
    """Changes that `sync` made, and those that it could not make, as sentences.

    The cause of the latter is a name in an app that does not exist.
    """

    changes: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


@transaction.atomic
def sync() -> SyncOutcome:
    """Create or update the groups of the roles with their permissions, and the review workflows."""
    outcome = SyncOutcome()
    known = {_name(permission): permission for permission in Permission.objects.select_related("content_type")}
    for role in all_roles():
        group, made = Group.objects.get_or_create(name=role.name)
        if made:
            outcome.changes.append(_("%(role)s: created") % {"role": role.name})
        _sync_permissions(role, group, known, outcome)
        _sync_pages(role, group, known, outcome)
        _sync_collections(role, group, known, outcome)
    for review in declared("REVIEWS", Review):
        _sync_review(review, outcome)
    for group in Group.objects.filter(name__in=STOCK_GROUPS, user=None).order_by("name"):
        group.delete()
        outcome.changes.append(_("%(role)s: deleted, because it had no members") % {"role": group.name})
    return outcome


# Below, `known` maps names to all permissions.


def _sync_permissions(role: AdminRole, group: Group, known: dict[str, Permission], outcome: SyncOutcome) -> None:
    wanted: set[Permission] = set()
    for pattern in role.permissions:
        found = [permission for name, permission in known.items() if fnmatchcase(name, pattern)]
        if not found:
            outcome.missing.append(
                _("%(role)s: there is no permission %(name)s") % {"role": role.name, "name": pattern}
            )
        wanted.update(found)
    wanted = {
        permission
        for permission in wanted
        if not any(fnmatchcase(_name(permission), pattern) for pattern in role.withheld)
    }
    present = set(group.permissions.select_related("content_type"))
    group.permissions.add(*(wanted - present))
    group.permissions.remove(*(present - wanted))
    _report(
        role,
        [_name(permission) for permission in wanted - present],
        [_name(p) for p in present - wanted],
        outcome,
    )


def _sync_pages(role: AdminRole, group: Group, known: dict[str, Permission], outcome: SyncOutcome) -> None:
    wanted: set[tuple[int, int]] = set()
    for where, names_ in role.pages:
        try:
            pages = _topmost(where, role.language)
        except LookupError:
            outcome.missing.append(_("%(role)s: there is no page type %(name)s") % {"role": role.name, "name": where})
            continue
        wanted.update((page, known[f"wagtailcore.{name}"].pk) for page in pages for name in names_)
    present = {(row.page_id, row.permission_id): row for row in GroupPagePermission.objects.filter(group=group)}
    for page, permission in wanted - present.keys():
        GroupPagePermission.objects.create(group=group, page_id=page, permission_id=permission)
    for key in present.keys() - wanted:
        present[key].delete()
    codename_of = {permission.pk: permission.codename for permission in known.values()}
    given = [f"{codename_of[permission]} ({page})" for page, permission in wanted - present.keys()]
    taken = [f"{codename_of[permission]} ({page})" for page, permission in present.keys() - wanted]
    _report(role, given, taken, outcome)


def _sync_collections(role: AdminRole, group: Group, known: dict[str, Permission], outcome: SyncOutcome) -> None:
    root = Collection.get_first_root_node()
    wanted = {known[name].pk for name in role.collections}
    rows = GroupCollectionPermission.objects.filter(group=group)
    present = {row.permission_id: row for row in rows.filter(collection=root)}
    for permission in wanted - present.keys():
        GroupCollectionPermission.objects.create(group=group, collection=root, permission_id=permission)
    for key in present.keys() - wanted:
        present[key].delete()
    elsewhere = rows.exclude(collection=root)
    elsewhere.delete()
    name_of = {permission.pk: name for name, permission in known.items()}
    _report(
        role,
        [name_of[pk] for pk in wanted - present.keys()],
        [name_of[pk] for pk in present.keys() - wanted],
        outcome,
    )


def _sync_review(review: Review, outcome: SyncOutcome) -> None:
    try:
        step: Any = apps.get_model(review.task)
        models = [apps.get_model(model) for model in review.records]
        pages = _topmost(review.pages, None) if review.pages else []
    except LookupError as error:
        outcome.missing.append(_("%(role)s: not found: %(name)s") % {"role": review.name, "name": error})
        return
    workflow = Workflow.objects.filter(name=review.name).first() or _create_workflow(review, outcome)
    _sync_step(workflow, step, review, outcome)
    for page in set(pages) - set(WorkflowPage.objects.filter(page__in=pages).values_list("page_id", flat=True)):
        WorkflowPage.objects.create(workflow=workflow, page_id=page)
        outcome.changes.append(_("%(role)s: assigned to page %(page)s") % {"role": review.name, "page": page})
    for model in models:
        content_type = ContentType.objects.get_for_model(model, for_concrete_model=False)
        _row, made = WorkflowContentType.objects.get_or_create(
            content_type=content_type, defaults={"workflow": workflow}
        )
        if made:
            outcome.changes.append(
                _("%(role)s: assigned to %(listings)s")
                % {"role": review.name, "listings": model._meta.verbose_name_plural}
            )


def _create_workflow(review: Review, outcome: SyncOutcome) -> Workflow:
    """Create a workflow, or rename Wagtail's own if it is for all pages."""
    outcome.changes.append(_("%(role)s: created") % {"role": review.name})
    stock = Workflow.objects.filter(name=STOCK_WORKFLOW).first() if review.pages == EVERYWHERE else None
    if stock is None:
        return Workflow.objects.create(name=review.name)
    GroupApprovalTask.objects.filter(name=STOCK_WORKFLOW, workflow_tasks__workflow=stock).update(name=review.name)
    stock.name = review.name
    stock.save()
    return stock


def _sync_step(workflow: Workflow, step: Any, review: Review, outcome: SyncOutcome) -> None:
    task = step.objects.filter(name=review.name).first() or step.objects.create(name=review.name)
    WorkflowTask.objects.get_or_create(workflow=workflow, task=task.task_ptr, defaults={"sort_order": 0})
    deciding = (ADMINISTRATOR, *review.by)
    groups = set(Group.objects.filter(name__in=deciding))
    if set(task.groups.all()) != groups:
        task.groups.set(groups)
        outcome.changes.append(
            _("%(role)s: reviewed by %(names)s") % {"role": review.name, "names": ", ".join(deciding)}
        )


def _topmost(where: str, language: str | None) -> list[int]:
    """Return the topmost pages of a part of the tree, in one language or in all.

    Raises LookupError if there is no such type.
    """
    if where == EVERYWHERE:
        return [Page.objects.get(depth=1).pk]
    found: list[int] = []
    for model in page_types(where):
        pages = model._default_manager.all()
        if language is not None:
            pages = pages.filter(locale__language_code=language)
        found += pages.values_list("pk", flat=True)
    return found


def page_types(where: str) -> list[type[Page]]:
    """Return the types of topmost pages that a role names: one, or all of an app (`app.*`).

    Raises LookupError if there is none.
    """
    app, _dot, name = where.partition(".")
    if name != "*":
        return [apps.get_model(where)]
    found = [model for model in below_home() if model._meta.app_label == app]
    if not found:
        raise LookupError(f"The app {app} has no page type that is allowed below a home page.")
    return found


def below_home() -> list[type[Page]]:
    """Return the page types that are allowed directly below a home page."""
    return [
        model
        for model in get_page_models()
        if issubclass(model, BasePage)
        and any(getattr(parent, "is_home", False) for parent in model.allowed_parent_page_models())
    ]


def _name(permission: Permission) -> str:
    return f"{permission.content_type.app_label}.{permission.codename}"


def _report(role: AdminRole, given: Iterable[str], taken: Iterable[str], outcome: SyncOutcome) -> None:
    outcome.changes += [_("%(role)s: may %(what)s") % {"role": role.name, "what": what} for what in sorted(given)]
    outcome.changes += [
        _("%(role)s: may no longer %(what)s") % {"role": role.name, "what": what} for what in sorted(taken)
    ]


def keep_roles() -> None:
    """Sync the roles with new ones, such as translators for a new language or editors for a new page tree.

    Raises LookupError if a role names something that does not exist.
    """
    if missing := sync().missing:
        raise LookupError("; ".join(missing))


JOBS = [Job(name="keep-roles", title=gettext_lazy("Roles"), every=timedelta(minutes=5), run=keep_roles)]
