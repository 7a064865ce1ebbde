"""The roles at the desk, as one table. `sync` makes groups of it, again and again with the same result.

A role is a group of that name. What it may do is this table's: what was changed by hand on these groups is put back. Groups with
other names are left alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
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
)

from core.languages import names
from core.models import LanguageState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django_stubs_ext import StrOrPromise

ADMINISTRATOR = "Administrator"
CAMPAIGN_EDITOR = "Campaign editor"
LISTING_DRAFTER = "Listing drafter"
LISTING_APPROVER = "Listing approver"
NETWORK_MANAGER = "Network manager"
TRANSLATOR = "Translator: {language}"

ENTER = "wagtailadmin.access_admin"
EVERYWHERE = "wagtailcore.Page"  # the root of all trees
WRITE = ("add_page", "change_page")
PUBLISH = (*WRITE, "publish_page", "lock_page", "unlock_page")


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What somebody may do at the desk."""

    name: str  # of the group
    label: StrOrPromise
    # "app.codename"; `*` stands for anything. Each must exist.
    permissions: tuple[str, ...]
    # What may be done in which part of the page tree: the type of its topmost page, and Wagtail's permissions.
    pages: tuple[tuple[str, tuple[str, ...]], ...] = ()
    # The language of that part, where a role is for one language.
    language: str | None = None
    # In the collections of pictures and files, all of them.
    collections: tuple[str, ...] = ()


FILES = (
    "wagtailimages.add_image", "wagtailimages.change_image", "wagtailimages.choose_image",
    "wagtaildocs.add_document", "wagtaildocs.change_document", "wagtaildocs.choose_document",
)  # fmt: skip

ROLES = (
    Role(
        name=ADMINISTRATOR,
        label=gettext_lazy("Administrator"),
        permissions=(
            ENTER,
            "users.add_user", "users.change_user", "users.view_user",
            "core.*_sitesettings", "core.*_languagestate",
            "wagtailcore.*_locale", "wagtailcore.*_workflow", "wagtailcore.*_task",
            "wagtail_localize.submit_translation",
            "wagtailredirects.*",
            "helpline.*", "campaigns.*", "network.*",
        ),
        pages=((EVERYWHERE, (*PUBLISH, "bulk_delete_page")),),
        collections=(
            *FILES, "wagtailimages.delete_image", "wagtaildocs.delete_document",
            "wagtailcore.add_collection", "wagtailcore.change_collection", "wagtailcore.delete_collection",
        ),
    ),
    Role(
        name=CAMPAIGN_EDITOR,
        label=gettext_lazy("Campaign editor"),
        permissions=(ENTER, "campaigns.*", "wagtail_localize.submit_translation"),
        pages=(
            ("campaigns.CampaignIndexPage", PUBLISH),
            ("campaigns.NewsIndexPage", PUBLISH),
            ("home.StandardPage", PUBLISH),
        ),
        collections=FILES,
    ),
    Role(
        name=LISTING_DRAFTER,
        label=gettext_lazy("Listing drafter"),
        permissions=(ENTER, "helpline.add_*", "helpline.change_*", "helpline.view_*"),
        pages=(("helpline.FinderPage", WRITE),),
    ),
    Role(
        name=LISTING_APPROVER,
        label=gettext_lazy("Listing approver"),
        permissions=(ENTER, "helpline.add_*", "helpline.change_*", "helpline.view_*", "helpline.publish_*"),
        pages=(("helpline.FinderPage", PUBLISH),),
    ),
    Role(
        name=NETWORK_MANAGER,
        label=gettext_lazy("Network manager"),
        permissions=(ENTER, "network.*"),
        pages=(("network.DirectoryPage", PUBLISH),),
    ),
)  # fmt: skip


# Who decides on pages that others submit: name, the roles that may, and the topmost pages that it is for.
REVIEWS = (
    ("Review", (ADMINISTRATOR, CAMPAIGN_EDITOR), EVERYWHERE),
    ("Review of help pages", (ADMINISTRATOR, LISTING_APPROVER), "helpline.FinderPage"),
    ("Review of the network", (ADMINISTRATOR, NETWORK_MANAGER), "network.DirectoryPage"),
)
# Who approves what others have written of listings: a workflow with a step of the helpline's own, for all records of these models.
LISTING_APPROVAL = "Two people"
LISTING_TASK = "helpline.TwoPeopleTask"
LISTINGS = ("helpline.Programme", "helpline.ProgrammeText", "helpline.SupportLine")
# What Wagtail brings: its groups go when nobody is in them, its workflow becomes the first of ours.
STOCK_GROUPS = ("Moderators", "Editors")
STOCK_WORKFLOW = "Moderators approval"


def translator(language: str) -> Role:
    """Somebody who translates pages into one language (a code).

    What is translated whole they publish, but for help pages: those are published by the people who answer for them. Nothing in
    another language is open to them, the source least of all.
    """
    return Role(
        name=TRANSLATOR.format(language=names.language_name(language, "en")),
        label=gettext_lazy("Translator"),
        permissions=(ENTER,),
        pages=(
            ("home.HomePage", ("change_page",)),
            ("campaigns.CampaignIndexPage", ("publish_page",)),
            ("campaigns.NewsIndexPage", ("publish_page",)),
            ("home.StandardPage", ("publish_page",)),
            ("network.DirectoryPage", ("publish_page",)),
        ),
        language=language,
        collections=("wagtailimages.choose_image", "wagtaildocs.choose_document"),
    )


def all_roles() -> Iterator[Role]:
    """Every role there is, with a translator for each language that is translated into and not retired."""
    yield from ROLES
    source = Locale.get_default().language_code
    for locale in Locale.objects.exclude(language_state__state=LanguageState.State.RETIRED):
        if locale.language_code != source:
            yield translator(locale.language_code)


def labels() -> dict[str, str]:
    """What the roles are called in the active language, by their names."""
    return {
        role.name: _("Translator: %(language)s") % {"language": names.language_name(role.language)}
        if role.language
        else str(role.label)
        for role in all_roles()
    }


def languages_of(group_names: Iterable[str]) -> set[str]:
    """The languages that somebody in these groups translates into."""
    names = set(group_names)
    return {role.language for role in all_roles() if role.language and role.name in names}


@dataclass(slots=True)
class Outcome:
    """What `sync` did, in sentences, and what it could not do because the table names something that does not exist."""

    changes: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


@transaction.atomic
def sync() -> Outcome:
    """Make groups of the table, with their permissions, and the workflows of review and approval."""
    outcome = Outcome()
    known = {
        _name(permission): permission for permission in Permission.objects.select_related("content_type")
    }
    for role in all_roles():
        group, made = Group.objects.get_or_create(name=role.name)
        if made:
            outcome.changes.append(_("%(role)s: made") % {"role": role.name})
        _sync_permissions(role, group, known, outcome)
        _sync_pages(role, group, known, outcome)
        _sync_collections(role, group, known, outcome)
    for name, role_names, where in REVIEWS:
        _sync_review(name, role_names, where, outcome)
    _sync_listing_approval(outcome)
    for group in Group.objects.filter(name__in=STOCK_GROUPS, user=None):
        group.delete()
        outcome.changes.append(_("%(role)s: removed, nobody was in it") % {"role": group.name})
    return outcome


# In what follows, `known` are all permissions by their names.


def _sync_permissions(role: Role, group: Group, known: dict[str, Permission], outcome: Outcome) -> None:
    wanted: set[Permission] = set()
    for pattern in role.permissions:
        found = [permission for name, permission in known.items() if fnmatchcase(name, pattern)]
        if not found:
            outcome.missing.append(
                _("%(role)s: there is no permission %(name)s") % {"role": role.name, "name": pattern}
            )
        wanted.update(found)
    present = set(group.permissions.select_related("content_type"))
    group.permissions.add(*(wanted - present))
    group.permissions.remove(*(present - wanted))
    _report(
        role,
        [_name(permission) for permission in wanted - present],
        [_name(p) for p in present - wanted],
        outcome,
    )


def _sync_pages(role: Role, group: Group, known: dict[str, Permission], outcome: Outcome) -> None:
    wanted: set[tuple[int, int]] = set()
    for where, names_ in role.pages:
        pages = _topmost(where, role.language)
        if pages is None:
            outcome.missing.append(
                _("%(role)s: there is no page type %(name)s") % {"role": role.name, "name": where}
            )
            continue
        wanted.update((page, known[f"wagtailcore.{name}"].pk) for page in pages for name in names_)
    present = {
        (row.page_id, row.permission_id): row for row in GroupPagePermission.objects.filter(group=group)
    }
    for page, permission in wanted - present.keys():
        GroupPagePermission.objects.create(group=group, page_id=page, permission_id=permission)
    for key in present.keys() - wanted:
        present[key].delete()
    codename_of = {permission.pk: permission.codename for permission in known.values()}
    given = [f"{codename_of[permission]} ({page})" for page, permission in wanted - present.keys()]
    taken = [f"{codename_of[permission]} ({page})" for page, permission in present.keys() - wanted]
    _report(role, given, taken, outcome)


def _sync_collections(role: Role, group: Group, known: dict[str, Permission], outcome: Outcome) -> None:
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


def _sync_review(name: str, role_names: tuple[str, ...], where: str, outcome: Outcome) -> None:
    pages = _topmost(where, None)
    if pages is None:
        outcome.missing.append(_("%(role)s: there is no page type %(name)s") % {"role": name, "name": where})
        return
    workflow = Workflow.objects.filter(name=name).first()
    if workflow is None:
        workflow = Workflow.objects.filter(name=STOCK_WORKFLOW).first() if where == EVERYWHERE else None
        if workflow is not None:
            GroupApprovalTask.objects.filter(name=STOCK_WORKFLOW, workflow_tasks__workflow=workflow).update(
                name=name
            )
            workflow.name = name
            workflow.save()
        else:
            workflow = Workflow.objects.create(name=name)
        outcome.changes.append(_("%(role)s: made") % {"role": name})
    _sync_step(workflow, GroupApprovalTask, name, role_names, outcome)
    for page in set(pages) - set(
        WorkflowPage.objects.filter(page__in=pages).values_list("page_id", flat=True)
    ):
        WorkflowPage.objects.create(workflow=workflow, page_id=page)
        outcome.changes.append(_("%(role)s: for page %(page)s") % {"role": name, "page": page})


def _sync_listing_approval(outcome: Outcome) -> None:
    """The workflow for listings. Whoever changed a listing cannot pass its step: that is the helpline's rule, not this table's."""
    name = LISTING_APPROVAL
    try:
        step, models = apps.get_model(LISTING_TASK), [apps.get_model(model) for model in LISTINGS]
    except LookupError as error:
        outcome.missing.append(
            _("%(role)s: there is no such thing: %(name)s") % {"role": name, "name": error}
        )
        return
    workflow = Workflow.objects.filter(name=name).first()
    if workflow is None:
        workflow = Workflow.objects.create(name=name)
        outcome.changes.append(_("%(role)s: made") % {"role": name})
    _sync_step(workflow, step, name, (ADMINISTRATOR, LISTING_APPROVER), outcome)
    for model in models:
        content_type = ContentType.objects.get_for_model(model, for_concrete_model=False)
        _row, made = WorkflowContentType.objects.get_or_create(
            content_type=content_type, defaults={"workflow": workflow}
        )
        if made:
            outcome.changes.append(
                _("%(role)s: for %(listings)s") % {"role": name, "listings": model._meta.verbose_name_plural}
            )


def _sync_step(
    workflow: Workflow, step: Any, name: str, role_names: tuple[str, ...], outcome: Outcome
) -> None:
    task = step.objects.filter(name=name).first() or step.objects.create(name=name)
    WorkflowTask.objects.get_or_create(workflow=workflow, task=task.task_ptr, defaults={"sort_order": 0})
    groups = set(Group.objects.filter(name__in=role_names))
    if set(task.groups.all()) != groups:
        task.groups.set(groups)
        outcome.changes.append(
            _("%(role)s: decided on by %(names)s") % {"role": name, "names": ", ".join(role_names)}
        )


def _topmost(where: str, language: str | None) -> list[int] | None:
    """The topmost pages of a part of the tree, in one language or in all; None where there is no such type."""
    if where == EVERYWHERE:
        return [Page.objects.get(depth=1).pk]
    try:
        pages = apps.get_model(where)._default_manager.all()
    except LookupError:
        return None
    if language is not None:
        pages = pages.filter(locale__language_code=language)
    return list(pages.values_list("pk", flat=True))


def _name(permission: Permission) -> str:
    return f"{permission.content_type.app_label}.{permission.codename}"


def _report(role: Role, given: Iterable[str], taken: Iterable[str], outcome: Outcome) -> None:
    outcome.changes += [
        _("%(role)s: may %(what)s") % {"role": role.name, "what": what} for what in sorted(given)
    ]
    outcome.changes += [
        _("%(role)s: may no longer %(what)s") % {"role": role.name, "what": what} for what in sorted(taken)
    ]
