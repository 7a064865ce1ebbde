"""Roles that edit the home page and plain pages, and promote pages in the search."""

from django.apps import apps
from django.utils.translation import gettext_lazy as _

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

GRANTS = (
    Grant(to=TRANSLATOR, pages=(("home.HomePage", ("change_page",)), ("home.StandardPage", ("publish_page",)))),
    Grant(to=ADMINISTRATOR, permissions=("home.*_promotedpage",)),
)
PAGE_EDITOR = "Page editor"
# With campaigns installed, their editors maintain plain pages, too.
if not apps.is_installed("campaigns"):
    ROLES = (
        AdminRole(
            name=PAGE_EDITOR,
            label=_("Page editor"),
            permissions=(ENTER, "wagtail_localize.submit_translation"),
            pages=(("home.StandardPage", PUBLISH),),
            collections=UPLOAD,
        ),
    )
    REVIEWS = (Review(name="Review", by=(PAGE_EDITOR,), pages=EVERYWHERE),)
