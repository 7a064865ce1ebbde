"""Translators write the home page of their language, and publish the plain pages."""

from core.desk.roles import TRANSLATOR, Grant

GRANTS = (
    Grant(
        to=TRANSLATOR, pages=(("home.HomePage", ("change_page",)), ("home.StandardPage", ("publish_page",)))
    ),
)
