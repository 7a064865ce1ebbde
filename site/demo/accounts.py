"""The demonstration's accounts in the admin: all invented, and all with the same password, which `make demo` prints."""

from typing import NamedTuple

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from users.models import User

PASSWORD = "waymark-demo"  # noqa: S105  (of the demonstration, where it is public)


class Account(NamedTuple):
    email: str
    first_name: str
    last_name: str
    groups: tuple[str, ...]  # names of groups, as `manage.py roles` creates them


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
    """Create the accounts, or reset their groups and password.

    Raises Group.DoesNotExist before `manage.py roles` has run.
    """
    from allauth.account.models import EmailAddress

    password = make_password(PASSWORD)  # slow, so once for all accounts
    for account in ACCOUNTS:
        user = User.objects.filter(email=account.email).first() or User(email=account.email)
        user.first_name, user.last_name = account.first_name, account.last_name
        user.password = password
        user.save()
        user.groups.set([Group.objects.get(name=name) for name in account.groups])
        EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
