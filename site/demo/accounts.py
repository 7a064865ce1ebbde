"""Who signs in at the demonstration's desk. All of them are invented, and all have the same password, printed by `make demo`."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from users.models import User

PASSWORD = "waymark-demo"  # noqa: S105  (of the demonstration, where everybody may know it)


class Account(NamedTuple):
    email: str
    first_name: str
    last_name: str
    groups: tuple[str, ...]  # as `manage.py roles` names them


ACCOUNTS = (
    Account("admin@example.org", "Ada", "Administrator", ("Administrator",)),
    Account("editor@example.org", "Emil", "Editor", ("Campaign editor",)),
    Account("german@example.org", "Greta", "German", ("Translator: German",)),
    Account("french@example.org", "Félix", "French", ("Translator: French",)),
    Account("arabic@example.org", "Amal", "Arabic", ("Translator: Arabic",)),
    Account("drafter@example.org", "Dana", "Drafter", ("Listing drafter",)),
    Account("approver@example.org", "Arun", "Approver", ("Listing approver",)),
    Account("network@example.org", "Nadia", "Network", ("Network manager",)),
)


def create() -> None:
    """Make the accounts, or put their groups and password back. Raises Group.DoesNotExist before `manage.py roles` has run."""
    from allauth.account.models import EmailAddress

    password = make_password(PASSWORD)  # it takes its time, so once for all of them
    for account in ACCOUNTS:
        user = User.objects.filter(email=account.email).first() or User(email=account.email)
        user.first_name, user.last_name = account.first_name, account.last_name
        user.password = password
        user.save()
        user.groups.set([Group.objects.get(name=name) for name in account.groups])
        EmailAddress.objects.update_or_create(
            user=user, email=user.email, defaults={"verified": True, "primary": True}
        )
