"""How an app says, in its `roles.py`, who may do what at the desk.

    ROLES = (DeskRole(name="Listing drafter", …),)       roles that the app brings
    GRANTS = (Grant(to=ADMINISTRATOR, …),)               what it adds to roles of others
    REVIEWS = (Review(name="Review of help pages", …),)  who decides on what others submit

All three are optional. `manage.py roles` collects them from every installed app and makes groups and workflows of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# The roles that every site has. There is a translator for each language.
ADMINISTRATOR = "Administrator"
TRANSLATOR = "Translator: {language}"

ENTER = "wagtailadmin.access_admin"
EVERYWHERE = "wagtailcore.Page"  # the root of all trees
WRITE = ("add_page", "change_page")
PUBLISH = (*WRITE, "publish_page", "lock_page", "unlock_page")
UPLOAD = (
    "wagtailimages.add_image", "wagtailimages.change_image", "wagtailimages.choose_image",
    "wagtaildocs.add_document", "wagtaildocs.change_document", "wagtaildocs.choose_document",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRole:
    """What someone may do at the desk."""

    name: str  # of the group
    label: StrOrPromise
    # "app.codename"; `*` stands for anything. Each must exist.
    permissions: tuple[str, ...]
    # What `permissions` would give by a `*`, and the role does not have.
    withheld: tuple[str, ...] = ()
    # What may be done in which parts of the page tree, with Wagtail's permissions. A part is named for the type of its topmost page;
    # "app.*" are all parts whose topmost page is of that app, today and later.
    pages: tuple[tuple[str, tuple[str, ...]], ...] = ()
    # The language of that part, where a role is for one language.
    language: str | None = None
    # In the collections of pictures and files, all of them.
    collections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What an app adds to a role that is not its own, by the name of the role."""

    to: str
    permissions: tuple[str, ...] = ()
    pages: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Who decides on what others submit: a workflow with one step. Administrators may decide on all of them."""

    name: str
    by: tuple[str, ...]  # names of roles
    # What it is for: pages below every page of this type, or rows of these models.
    pages: str = ""
    records: tuple[str, ...] = ()
    # The kind of step, where the app has one of its own.
    task: str = "wagtailcore.GroupApprovalTask"
