"""Grants: translators edit the home page of their language and publish the standard pages; administrators promote pages in the search."""

from core.desk.roles import ADMINISTRATOR, TRANSLATOR, Grant

GRANTS = (
    Grant(
        to=TRANSLATOR, pages=(("home.HomePage", ("change_page",)), ("home.StandardPage", ("publish_page",)))
    ),
    Grant(to=ADMINISTRATOR, permissions=("home.*_promotedpage",)),
)
