"""System checks of roles."""

from collections.abc import Iterable, Iterator

from django.core.checks import CheckMessage, Error, register
from wagtail.models import Page

from core.admin.roles import ADMINISTRATOR, EVERYWHERE, AdminRole, Grant
from users import roles


@register()
def check_pages_have_editors(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    declared: list[AdminRole | Grant] = [
        *roles.declared("ROLES", AdminRole),
        *roles.declared("GRANTS", Grant),
    ]
    yield from without_editors(roles.below_home(), declared)


def without_editors(page_types: Iterable[type[Page]], declared: Iterable[AdminRole | Grant]) -> Iterator[CheckMessage]:
    edited: set[type[Page]] = set()
    for role in declared:
        if isinstance(role, AdminRole) and role.name == ADMINISTRATOR:
            continue
        for where, permissions in role.pages:
            if where != EVERYWHERE and "change_page" in permissions:
                try:
                    edited.update(roles.page_types(where))
                except LookupError:
                    continue  # `manage.py roles` reports it
    for model in page_types:
        if model not in edited:
            yield Error(
                "Only administrators may edit pages of this type.",
                hint="Add it to the `pages` of a role in the roles.py of its app.",
                obj=model,
                id="users.E001",
            )
