"""Declarations of who may do what in the admin, in an app's `roles.py`.

    ROLES = (AdminRole(name="Listing drafter", …),)       roles that the app brings
    GRANTS = (Grant(to=ADMINISTRATOR, …),)               permissions that it adds to other roles
    REVIEWS = (Review(name="Review of help pages", …),)  review workflows

All three are optional.
`manage.py roles` collects them from every installed app and creates the groups and workflows.
"""

from dataclasses import dataclass

from core.languages.lazy import StrOrPromise

# The roles that every site has.
# There is a translator for each language.
ADMINISTRATOR = "Administrator"
TRANSLATOR = "Translator: {language}"

ENTER = "wagtailadmin.access_admin"
EVERYWHERE = "wagtailcore.Page"  # the root of all trees
WRITE = ("add_page", "change_page")
PUBLISH = (*WRITE, "publish_page", "lock_page", "unlock_page")
# Another person approves: core.admin.proposals.
PROPOSE = ("core.add_settingproposal", "core.view_settingproposal")
UPLOAD = (
    "wagtailimages.add_image", "wagtailimages.change_image", "wagtailimages.choose_image",
    "wagtaildocs.add_document", "wagtaildocs.change_document", "wagtaildocs.choose_document",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminRole:
    """A group of the admin, with its permissions."""

    name: str  # of the group
    label: StrOrPromise
    # "app.codename"; `*` is a wildcard.
    # Each must exist.
    permissions: tuple[str, ...]
    # Exceptions from a wildcard in `permissions`.
    withheld: tuple[str, ...] = ()
    # Wagtail's page permissions, by section of the tree.
    # A section is named for the type of its topmost page; "app.*" covers all sections whose topmost page is of that
    # app, now and later.
    pages: tuple[tuple[str, tuple[str, ...]], ...] = ()
    # The language of these sections, if the role is for one language.
    language: str | None = None
    # Permissions in all collections of pictures and files.
    collections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Permissions that an app adds to another role, by its name."""

    to: str
    permissions: tuple[str, ...] = ()
    pages: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A review workflow with one task.

    Administrators may decide in all of them.
    """

    name: str
    by: tuple[str, ...]  # names of roles
    # Its scope: the pages from each page of this type down, or rows of these models.
    pages: str = ""
    records: tuple[str, ...] = ()
    # The task model, if the app has its own.
    task: str = "wagtailcore.GroupApprovalTask"
