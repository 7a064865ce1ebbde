"""Grants: translators edit the home page of their language and publish the standard pages."""

from core.desk.roles import TRANSLATOR, Grant

GRANTS = (
    Grant(
        to=TRANSLATOR, pages=(("home.HomePage", ("change_page",)), ("home.StandardPage", ("publish_page",)))
    ),
)
